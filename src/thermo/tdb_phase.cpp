#include "tdb_phase.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "../nearest.hpp"
#include "spinode/error.hpp"
#include "tdb_expression.hpp"
#include "tdb_text.hpp"

namespace spinode::tdb {
namespace {

using Sublattices = std::vector<std::vector<std::string>>;

ConfigError fault(const Database& database, std::size_t line, const Phase& phase, const std::string& what) {
  return ConfigError(fmt::format("{}: phase {}: {}", database.at(line), shown(phase.name), what));
}

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<double> sites_of(const Database& database, const Phase& phase) {
  std::string_view rest = phase.text;
  take_word(rest);
  std::vector<double> numbers;
  bool good = true;
  for (std::string_view word = take_word(rest); good && !word.empty(); word = take_word(rest)) {
    const std::optional<double> number = take_number(word);
    good = number && word.empty() && *number > 0 && std::isfinite(*number);
    if (good) numbers.push_back(*number);
  }
  if (!good || numbers.size() < 2 || numbers[0] != static_cast<double>(numbers.size() - 1))
    throw fault(database, phase.line, phase,
                fmt::format("{}: expected type codes, the number of sublattices, and the sites of each, above 0",
                            cited(phase.text)));
  numbers.erase(numbers.begin());
  return numbers;
}

// ":LI,NA% : VA :", or ":L :LI,NA :" for LIQUID:L.
Sublattices sublattices_of(const Database& database, const Phase& phase, const Statement& statement,
                           std::size_t expected) {
  std::vector<std::string_view> parts = split(statement.text, ':');
  bool good = parts.front().empty() && parts.size() > 1;
  parts.erase(parts.begin());
  if (good && parts.back().empty()) parts.pop_back();
  if (good && parts.size() == expected + 1 && parts.front().size() == 1) parts.erase(parts.begin());
  Sublattices sublattices;
  for (std::string_view part : parts) {
    sublattices.emplace_back();
    std::string names(part);
    std::replace(names.begin(), names.end(), ',', ' ');
    std::erase(names, '%');
    std::string_view rest = names;
    for (std::string_view word = take_word(rest); !word.empty(); word = take_word(rest))
      sublattices.back().emplace_back(word);
    good = good && !sublattices.back().empty();
  }
  if (!good || sublattices.size() != expected)
    throw fault(database, statement.line, phase,
                fmt::format("{}: expected \":constituents :\" for {} sublattice{}", cited(statement.text), expected,
                            expected == 1 ? "" : "s"));
  return sublattices;
}

Sublattices constituents_of(const Database& database, const Phase& phase, std::size_t expected) {
  const auto [first, last] = database.constituents.equal_range(phase.name);
  if (first == last) throw fault(database, phase.line, phase, "has no CONSTITUENT statement");
  if (std::next(first) != last)
    throw fault(
        database, std::next(first)->second.line, phase,
        fmt::format("its constituents are at line {} already: expected one CONSTITUENT statement", first->second.line));
  Sublattices sublattices = sublattices_of(database, phase, first->second, expected);
  const auto more = database.more_constituents.equal_range(phase.name);
  for (auto added = more.first; added != more.second; ++added) {
    const Sublattices extra = sublattices_of(database, phase, added->second, expected);
    for (std::size_t s = 0; s < expected; ++s)
      for (const std::string& name : extra[s])
        if (!holds(sublattices[s], name)) sublattices[s].push_back(name);
  }
  return sublattices;
}

// Whether a species can form from the two elements and vacancies: a molecule such as LI2NA of an associated liquid.
bool forms_from(const Database& database, const Pair& pair, const std::string& constituent) {
  if (pair.has(constituent) || constituent == vacancy) return true;
  if (database.elements.contains(constituent)) return false;
  const auto declared = database.species.find(constituent);
  std::string_view formula = declared == database.species.end() ? constituent : std::string_view(declared->second);
  formula = formula.substr(0, formula.find('/'));
  while (!formula.empty()) {
    std::string_view longest;
    for (std::string_view element : {std::string_view(pair.host), std::string_view(pair.solute), vacancy})
      if (formula.starts_with(element) && element.size() > longest.size()) longest = element;
    if (longest.empty()) return false;
    formula.remove_prefix(longest.size());
    formula.remove_prefix(std::min(formula.find_first_not_of("0123456789.+-"), formula.size()));
  }
  return true;
}

std::string text_of(const Sublattices& sublattices) {
  std::string text;
  for (const std::vector<std::string>& names : sublattices)
    text += fmt::format("{}{}", text.empty() ? "" : " : ", listed(names));
  return text;
}

}  // namespace

const Phase& phase_named(const Database& database, const std::string& name) {
  if (database.phases.empty())
    throw ConfigError(fmt::format("{}: no PHASE statement: expected a Thermo-Calc database", database.label));
  const Phase* found = nullptr;
  for (const Phase& phase : database.phases) {
    if (phase.name != name) continue;
    if (found)
      throw fault(database, phase.line, phase,
                  fmt::format("is defined at line {} already: expected one PHASE statement", found->line));
    found = &phase;
  }
  if (found) return *found;
  constexpr std::size_t compared = 32;
  std::vector<std::pair<std::size_t, std::string>> others;
  for (const Phase& phase : database.phases)
    others.emplace_back(edit_distance(name.substr(0, compared), phase.name.substr(0, compared)), phase.name);
  std::stable_sort(others.begin(), others.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> names;
  for (const auto& [distance, other] : others) names.push_back(other);
  throw ConfigError(fmt::format("{}: phase {}: expected one of {}", database.label, cited(name), listed(names)));
}

void refuse_other_models(const Database& database, const Phase& phase) {
  if (!phase.kind.empty() && phase.kind != "L")
    throw fault(database, phase.line, phase,
                fmt::format("is of the kind :{}: expected a plain solution, no kind or :L", shown(phase.kind)));
  std::string_view rest = phase.text;
  const std::string_view codes = take_word(rest);
  for (const Statement& type : database.types) {
    std::string definition(type.text);
    std::replace(definition.begin(), definition.end(), ',', ' ');
    std::string_view words = definition;
    const std::string_view code = take_word(words);
    const bool is_used = !code.empty() && codes.find(code) != codes.npos;
    std::string_view word = take_word(words);
    if (word == "SEQ" || word == "RND") {
      if (is_used && trimmed(words) != "*")
        throw fault(database, type.line, phase,
                    fmt::format("its parameters are in another file, {}: expected them in this one", cited(words)));
      continue;
    }
    while (!word.empty() && word != "GES") word = take_word(words);
    const bool amends = abbreviates(take_word(words), "AMEND_PHASE_DESCRIPTION");
    const std::string_view amended = take_word(words), property = take_word(words);
    const bool is_named = std::any_of(database.phases.begin(), database.phases.end(),
                                      [&](const Phase& other) { return amends && other.name == amended; });
    if (is_named ? amended != phase.name : !is_used) continue;
    const auto is = [&](std::string_view full) { return property.size() >= 3 && abbreviates(property, full); };
    const bool changes_nothing = is("MAGNETIC_ORDERING") || is("MAJOR_CONSTITUENT") || is("TERNARY_EXTRAPOLATION") ||
                                 property == "C_S" || is("COMPOSITION_SETS") ||
                                 (is("EXCESS_MODEL") && take_word(words).starts_with("REDLICH"));
    if (amends && changes_nothing) continue;
    const bool orders = is("DIS_PART") || is("DISORDERED_PART") || is("DISORDER_PART");
    throw fault(database, type.line, phase,
                orders ? fmt::format("has a disordered part, {}: expected a phase without order", cited(type.text))
                       : fmt::format("{}: spinode does not know what this makes of its energy", cited(type.text)));
  }
}

Mixture mixture_of(const Database& database, const Phase& phase, const Pair& pair) {
  const std::vector<double> sites = sites_of(database, phase);
  const Sublattices all = constituents_of(database, phase, sites.size());
  const auto where = std::find_if(
      all.begin(), all.end(), [&](const auto& names) { return holds(names, pair.host) && holds(names, pair.solute); });
  if (where == all.end())
    throw fault(database, phase.line, phase,
                fmt::format("{} and {} are not on one sublattice: it has {}", shown(pair.host), shown(pair.solute),
                            text_of(all)));
  Mixture mixture{static_cast<std::size_t>(where - all.begin()), 0, std::vector<std::string>(all.size())};
  mixture.sites = sites[mixture.sublattice];
  for (std::size_t s = 0; s < all.size(); ++s) {
    std::vector<std::string> possible;
    for (const std::string& name : all[s])
      if (forms_from(database, pair, name) && !(s == mixture.sublattice && pair.has(name))) possible.push_back(name);
    const auto refuse = [&](const std::string& what) {
      return fault(database, phase.line, phase, fmt::format("sublattice {} {}", s + 1, what));
    };
    if (s == mixture.sublattice) {
      if (!possible.empty())
        throw refuse(fmt::format("can hold {} beside {} and {}: expected the two alone", listed(possible), pair.host,
                                 pair.solute));
      continue;
    }
    const std::vector<std::string>& candidates = possible.empty() ? all[s] : possible;
    if (candidates.size() != 1 || (!possible.empty() && possible[0] != vacancy))
      throw refuse(fmt::format("can hold {}: expected one constituent, neither of the two", listed(candidates)));
    mixture.fixed[s] = candidates[0];
  }
  return mixture;
}

}  // namespace spinode::tdb
