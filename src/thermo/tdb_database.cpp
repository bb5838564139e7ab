#include "tdb_database.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

#include "spinode/error.hpp"
#include "tdb_expression.hpp"
#include "tdb_text.hpp"

namespace spinode::tdb {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_statement = 20000;                           // Thermo-Calc itself takes 2000 characters
constexpr double lowest_temperature = 298.15, highest_temperature = 6000;  // K, where a statement gives none

std::string read_text(const fs::path& file) {
  constexpr std::uintmax_t most = 32 << 20;
  const std::string label = shown(file.string(), std::string::npos);
  std::error_code none;
  if (!fs::exists(file, none)) throw IoError(fmt::format("{}: no such file", label));
  if (!fs::is_regular_file(file, none)) throw IoError(fmt::format("{}: expected a file", label));
  if (fs::file_size(file, none) > most) throw IoError(fmt::format("{}: larger than 32 MiB: no database is", label));
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) throw IoError(fmt::format("{}: cannot be read", label));
  return text;
}

// In capitals, with spaces in place of comment lines, control characters and carriage returns, so that lines keep their
// numbers.
void normalise(std::string& text) {
  bool line_start = true, comment = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char& c = text[i];
    if (c == '\r' && (i + 1 == text.size() || text[i + 1] != '\n')) c = '\n';
    if (c == '\n') {
      line_start = true;
      comment = false;
      continue;
    }
    if (line_start && c == '$') comment = true;
    if (comment || static_cast<unsigned char>(c) < 0x20) c = ' ';
    if (c != ' ') line_start = false;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
}

std::string_view without_kind(std::string_view phase) { return phase.substr(0, phase.find(':')); }

}  // namespace

bool abbreviates(std::string_view given, std::string_view full) {
  while (true) {
    const std::string_view part = take_until(given, "_-"), whole = take_until(full, "_-");
    if (part.empty() || !whole.starts_with(part)) return false;
    if (given.empty()) return true;
    if (full.empty()) return false;
    given.remove_prefix(1);
    full.remove_prefix(1);
  }
}

std::string Parameter::name() const { return fmt::format("{}({},{})", shown(type), shown(phase), shown(constituents)); }

Site site_of(const Parameter& parameter) {
  std::string_view rest = parameter.constituents;
  Site site{{}, "0"};
  for (std::string_view sublattice : split(take_until(rest, ";"), ':')) {
    site.sublattices.emplace_back();
    for (std::string_view constituent : split(sublattice, ',')) site.sublattices.back().emplace_back(constituent);
  }
  if (!rest.empty()) site.order = trimmed(rest.substr(1));
  return site;
}

Ranges ranges_of(std::string_view body) {
  const auto skip = [&](std::string_view what) {
    body.remove_prefix(std::min(body.find_first_not_of(what), body.size()));
  };
  constexpr std::string_view blanks_and_commas = " \t\n,";
  Ranges ranges;
  skip(blanks);
  const bool leaves_low_out = body.starts_with(',');
  skip(blanks_and_commas);
  double low = lowest_temperature;
  std::string_view after = body;
  if (const std::optional<double> number = take_number(after); number && !leaves_low_out) {
    const std::string_view next = trimmed(after);
    if (next.starts_with(';'))
      throw ExpressionError(fmt::format("{}: expected a lower temperature and an expression", cited(body)));
    if (!next.empty() && next.find_first_of("*/") != 0) {
      if (blanks_and_commas.find(after.front()) == blanks_and_commas.npos)
        throw ExpressionError(fmt::format("{}: a space is missing after the lower temperature", cited(body)));
      low = *number;
      body = after;
      skip(blanks_and_commas);
    }
  }
  while (true) {
    const std::string_view expression = take_until(body, ";");
    if (body.empty())
      throw ExpressionError(fmt::format("{}: expected a \";\" after the expression", cited(expression)));
    body.remove_prefix(1);
    skip(blanks_and_commas);
    const double high = take_number(body).value_or(highest_temperature);
    if (!(low < high) || std::isinf(high))
      throw ExpressionError(fmt::format("from {} to {} K: expected rising temperatures", low, high));
    ranges.list.push_back({low, high, trimmed(expression)});
    skip(blanks_and_commas);
    const std::string_view more = take_name(body);
    if (more == "Y") {
      low = high;
      continue;
    }
    if (more != "N" && !(more.empty() && body.empty()))
      throw ExpressionError(
          fmt::format("{}: expected Y or N after the upper temperature", cited(more.empty() ? body : more)));
    ranges.reference = shown(body);
    return ranges;
  }
}

Database::Database(const fs::path& file) : label(shown(file.string(), std::string::npos)), text_(read_text(file)) {
  normalise(text_);
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  std::string_view rest = text_;
  if (rest.starts_with(byte_order_mark)) rest.remove_prefix(byte_order_mark.size());
  std::size_t line = 1;
  const auto skip = [&](std::size_t count) {
    line += std::count(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(count), '\n');
    rest.remove_prefix(count);
  };
  while (true) {
    skip(std::min(rest.find_first_not_of(blanks), rest.size()));
    if (rest.empty()) return;
    if (rest.front() == '$') {
      skip(std::min(rest.find('\n'), rest.size()));
      continue;
    }
    const std::size_t end = rest.find('!');
    if (end == rest.npos)
      throw ConfigError(fmt::format("{}: {}: a statement without the ! that ends it", at(line), cited(rest)));
    if (end > 0) read({rest.substr(0, end), line});
    skip(end + 1);
  }
}

std::string Database::at(std::size_t line) const { return fmt::format("{}:{}", label, line); }

void Database::read(Statement statement) {
  statement.text = trimmed(statement.text);
  const std::string_view keyword = take_word(statement.text);
  const auto is = [&](std::string_view full) { return keyword.size() >= 2 && abbreviates(keyword, full); };
  const bool is_parameter = is("PARAMETER"), is_function = is("FUNCTION");
  refuse_swallowed(statement, is_parameter || is_function);
  const auto named = [&] { return std::string(take_word(statement.text)); };
  const auto refuse_length = [&] {
    if (statement.text.size() > longest_statement)
      throw ConfigError(fmt::format("{}: {}: longer than {} characters: is a ! missing?", at(statement.line),
                                    cited(statement.text), longest_statement));
  };
  if (is_parameter) {
    refuse_length();
    parameters.push_back(parameter(statement));
  } else if (is_function) {
    refuse_length();
    const std::string name = named();
    functions.emplace(name, statement);
  } else if (is("ELEMENT")) {
    elements.insert(named());
  } else if (is("SPECIES")) {
    const std::string name = named();
    species[name] = named();
  } else if (is("TYPE_DEFINITION")) {
    types.push_back(statement);
  } else if (is("PHASE")) {
    const std::string name = named();
    const std::string_view kind = std::string_view(name).substr(without_kind(name).size());
    phases.push_back({std::string(without_kind(name)), std::string(kind.substr(kind.empty() ? 0 : 1)), statement.text,
                      statement.line});
  } else if (is("CONSTITUENT") || is("ADD_CONSTITUENT")) {
    refuse_length();
    statement.text = trimmed(statement.text);
    const std::string name(trimmed(take_until(statement.text, " \t\n:")));
    (is("CONSTITUENT") ? constituents : more_constituents).emplace(name, statement);
  } else {
    std::string_view rest = trimmed(statement.text);
    if (!take_name(rest).empty() && trimmed(rest).starts_with("(") && rest.find(')') != rest.npos) {
      misspelt.push_back(parameter(statement));
      misspelt.back().type = keyword;
    }
  }
}

Parameter Database::parameter(Statement statement) const {
  std::string_view rest = trimmed(statement.text);
  const std::string_view type = trimmed(take_until(rest, "("));
  std::string_view inside = take_until(rest, ")");
  if (type.empty() || type.find_first_of(blanks) != type.npos || inside.empty() || rest.empty())
    throw ConfigError(fmt::format("{}: {}: expected a parameter such as L(LIQUID,LI,NA;0)", at(statement.line),
                                  cited(statement.text)));
  inside.remove_prefix(1);
  const std::string_view phase = trimmed(take_until(inside, ",&;"));
  inside.remove_prefix(std::min<std::size_t>(1, inside.size()));
  return {std::string(type), std::string(without_kind(phase)), inside, rest.substr(1), statement.line};
}

// Without its "!" a statement takes in the next one, which would be missing without a word.
void Database::refuse_swallowed(const Statement& statement, bool anywhere) const {
  std::string_view rest = statement.text;
  bool line_start = false;
  while (!rest.empty()) {
    const std::string_view gap = rest.substr(0, rest.find_first_not_of(blanks));
    line_start = gap.find('\n') != gap.npos;
    rest.remove_prefix(gap.size());
    const std::string_view word = take_until(rest, blanks);
    std::string_view next = rest;
    const bool is_type = line_start && word.starts_with("TYPE_D") && abbreviates(word, "TYPE_DEFINITION");
    const bool is_parameter = (line_start || anywhere) && word.size() >= 3 && abbreviates(word, "PARAMETER") &&
                              !take_name(next = trimmed(next)).empty() && trimmed(next).starts_with("(");
    if (is_type || is_parameter)
      throw ConfigError(fmt::format("{}: the statement that begins here holds {}: is a ! missing before it?",
                                    at(statement.line), cited(fmt::format("{} {}", word, trimmed(rest)))));
  }
}

}  // namespace spinode::tdb
