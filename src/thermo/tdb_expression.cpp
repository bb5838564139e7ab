#include "tdb_expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "tdb_text.hpp"

namespace spinode::tdb {
namespace {

constexpr int highest_power = 64;
constexpr std::size_t most_terms = 128;
constexpr int deepest_parenthesis = 32;

class Parser {
 public:
  Parser(std::string_view text, const std::function<Terms(const std::string&)>& function)
      : rest_(text), function_(&function) {}

  Terms all() {
    if (at_end()) throw ExpressionError("there is no expression");
    Terms result = sum();
    if (!at_end()) throw ExpressionError(fmt::format("{}: expected an operator", cited(rest_)));
    return result;
  }

 private:
  bool at_end() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size()));
    return rest_.empty();
  }

  bool take(std::string_view symbol) {
    if (at_end() || !rest_.starts_with(symbol)) return false;
    rest_.remove_prefix(symbol.size());
    return true;
  }

  // The sign that stands here, 1 when none does.
  double sign() {
    double result = 1;
    while (true)
      if (take("-"))
        result = -result;
      else if (!take("+"))
        return result;
  }

  Terms sum() {
    Terms result = product();
    while (!at_end() && (rest_.front() == '+' || rest_.front() == '-')) result += product();
    return result;
  }

  Terms product() {
    Terms result = factor();
    while (true)
      if (take("*"))
        result = result * factor();
      else if (take("/"))
        result = result * factor().reciprocal();
      else
        return result;
  }

  Terms factor() {
    const Terms sign_of_it(sign());
    return sign_of_it * power();
  }

  Terms power() {
    const Terms base = primary();
    if (!take("**")) return base;
    const double sign_of_it = sign();
    const std::optional<double> exponent = primary().constant();
    if (!exponent || *exponent != std::trunc(*exponent) || std::abs(*exponent) > highest_power)
      throw ExpressionError(fmt::format("an exponent that is no whole number of at most {}", highest_power));
    if (take("**")) throw ExpressionError("a ** b ** c: parentheses must say which comes first");
    return base.power(static_cast<int>(sign_of_it * *exponent));
  }

  Terms primary() {
    if (at_end()) throw ExpressionError("ends where a number or a name is expected");
    if (take("(")) return inside();
    if (const std::optional<double> number = take_number(rest_)) return Terms(*number);
    const std::string_view name = take_name(rest_);
    if (name.empty()) throw ExpressionError(fmt::format("{}: expected a number or a name", cited(rest_)));
    if (name == "T") return Terms(1, {1, 0});
    if (take("(")) return call(name, inside());
    take("#");
    return (*function_)(std::string(name));
  }

  Terms inside() {
    if (++depth_ > deepest_parenthesis)
      throw ExpressionError(fmt::format("more than {} parentheses inside each other", deepest_parenthesis));
    Terms result = sum();
    if (!take(")")) throw ExpressionError("an opening parenthesis without its closing one");
    --depth_;
    return result;
  }

  Terms call(std::string_view name, const Terms& argument) {
    const std::optional<double> number = argument.constant();
    if (name == "LN" || name == "LOG") {
      if (argument == Terms(1, {1, 0})) return Terms(1, {0, 1});
      if (number && *number > 0) return Terms(std::log(*number));
      throw ExpressionError(fmt::format("{}(...): expected {}(T), or a positive number inside", name, name));
    }
    if (name != "EXP") throw ExpressionError(fmt::format("{}(...): expected LN, LOG or EXP", cited(name)));
    if (!number) throw ExpressionError("EXP(...): has T inside");
    return Terms(std::exp(*number));
  }

  std::string_view rest_;
  const std::function<Terms(const std::string&)>* function_;
  int depth_ = 0;
};

}  // namespace

void Terms::add(double c, Powers powers) {
  if (std::abs(powers.T) > highest_power || std::abs(powers.ln_T) > highest_power)
    throw ExpressionError(fmt::format("a power of T beyond {}", highest_power));
  double& sum = map_[powers];
  sum += c;
  if (!std::isfinite(sum)) throw ExpressionError("a number that a computer does not hold");
  if (sum == 0) map_.erase(powers);
  if (map_.size() > most_terms) throw ExpressionError(fmt::format("more than {} terms", most_terms));
}

Terms& Terms::operator+=(const Terms& other) {
  for (const auto& [powers, c] : other.map_) add(c, powers);
  return *this;
}

Terms Terms::operator*(const Terms& other) const {
  Terms result;
  for (const auto& [p, a] : map_)
    for (const auto& [q, b] : other.map_) result.add(a * b, {p.T + q.T, p.ln_T + q.ln_T});
  return result;
}

Terms Terms::reciprocal() const {
  if (map_.empty()) throw ExpressionError("a division by zero");
  if (map_.size() > 1) throw ExpressionError("a division by a sum in which T is");
  const auto& [powers, c] = *map_.begin();
  return Terms(1 / c, {-powers.T, -powers.ln_T});
}

Terms Terms::power(int exponent) const {
  if (exponent < 0) return reciprocal().power(-exponent);
  Terms result(1);
  for (int i = 0; i < exponent; ++i) result = result * *this;
  return result;
}

double Terms::coefficient(Powers powers) const {
  const auto found = map_.find(powers);
  return found == map_.end() ? 0 : found->second;
}

std::optional<double> Terms::constant() const {
  if (map_.empty()) return 0;
  const auto& [powers, c] = *map_.begin();
  return map_.size() == 1 && powers == Powers{0, 0} ? std::optional(c) : std::nullopt;
}

std::string text_of(const Terms::Powers& powers, double c) {
  const auto factor = [](const char* base, int power) {
    return power == 0 ? "" : power == 1 ? fmt::format(" {}", base) : fmt::format(" {}^{}", base, power);
  };
  return fmt::format("{}{}{}", c, factor("T", powers.T), factor(powers.ln_T == 1 ? "ln T" : "(ln T)", powers.ln_T));
}

std::optional<double> take_number(std::string_view& text) {
  const auto digits_end = [&](std::size_t i) { return std::min(text.find_first_not_of("0123456789", i), text.size()); };
  std::size_t end = digits_end(0), digits = end;
  if (end < text.size() && text[end] == '.') {
    digits = digits_end(end + 1) - 1;
    end = digits + 1;
  }
  if (digits == 0) return std::nullopt;
  std::string number(text.substr(0, end));
  if (end < text.size() && (text[end] == 'E' || text[end] == 'D')) {
    const std::size_t sign = end + 1, first = sign + (sign < text.size() && (text[sign] == '+' || text[sign] == '-'));
    if (const std::size_t last = digits_end(first); last > first) {
      number += fmt::format("e{}", text.substr(sign, last - sign));
      end = last;
    }
  }
  double value = 0;
  std::erase(number, '+');  // which std::from_chars does not read
  if (std::from_chars(number.data(), number.data() + number.size(), value).ec != std::errc())
    value = std::numeric_limits<double>::infinity();
  text.remove_prefix(end);
  return value;
}

Terms evaluate(std::string_view text, const std::function<Terms(const std::string&)>& function) {
  return Parser(text, function).all();
}

}  // namespace spinode::tdb
