#include "tdb_functions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "../nearest.hpp"
#include "tdb_text.hpp"

namespace spinode::tdb {
namespace {

constexpr std::size_t deepest_function = 32;
constexpr std::size_t longest_name = 64;

// An expression error that already names its function.
struct LocatedError : ExpressionError {
  using ExpressionError::ExpressionError;
};

ExpressionError unknown(const Database& database, const std::string& name) {
  if (name == "P") return ExpressionError("depends on the pressure P: expected temperature alone");
  std::vector<std::string> names;
  for (const auto& [function, statement] : database.functions)
    if (function.size() <= longest_name) names.push_back(function);
  const std::string near = name.size() <= longest_name ? nearest(name, names) : "";
  return ExpressionError(fmt::format("{}: no function of this file has this name{}", cited(name),
                                     near.empty() ? "" : fmt::format("; did you mean {}?", shown(near))));
}

}  // namespace

Value Functions::value(std::string_view body) {
  const Ranges ranges = ranges_of(body);
  Value value{{}, ranges.list.front().low, ranges.list.back().high, ranges.reference};
  const auto with_function = [&](const std::string& name) {
    const Value& named = function(name);
    value.low = std::max(value.low, named.low);
    value.high = std::min(value.high, named.high);
    return named.terms;
  };
  for (const Range& range : ranges.list) {
    const Terms terms = evaluate(range.expression, with_function);
    if (&range == &ranges.list.front()) value.terms = terms;
    if (terms != value.terms) {
      const Range& before = *(&range - 1);
      throw ExpressionError(fmt::format(
          "is one expression from {} to {} K and another from {} to {} K: expected one for all temperatures",
          ranges.list.front().low, before.high, range.low, range.high));
    }
  }
  if (!(value.low < value.high))
    throw ExpressionError("there is no temperature at which all the functions it names are given");
  return value;
}

const Value& Functions::function(const std::string& name) {
  if (const auto known = known_.find(name); known != known_.end()) return known->second;
  const auto [first, last] = database_->functions.equal_range(name);
  if (first == last) throw unknown(*database_, name);
  const std::size_t line = first->second.line;
  for (auto other = first; other != last; ++other)
    if (other->second.text != first->second.text)
      throw LocatedError(fmt::format("{} is defined at line {} and otherwise at line {}: expected one definition",
                                     shown(name), line, other->second.line));
  if (const auto waiting = std::find(open_.begin(), open_.end(), name); waiting != open_.end())
    throw LocatedError(fmt::format("the functions {} -> {} name each other in a circle",
                                   fmt::join(waiting, open_.end(), " -> "), name));
  if (open_.size() == deepest_function)
    throw LocatedError(fmt::format("more than {} functions inside each other", deepest_function));
  open_.push_back(name);
  try {
    const Value result = value(first->second.text);
    open_.pop_back();
    return known_.emplace(name, result).first->second;
  } catch (const LocatedError&) {
    open_.pop_back();
    throw;
  } catch (const ExpressionError& error) {
    open_.pop_back();
    throw LocatedError(fmt::format("function {} at line {}: {}", shown(name), line, error.what()));
  }
}

}  // namespace spinode::tdb
