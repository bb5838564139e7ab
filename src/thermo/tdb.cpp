#include "spinode/thermo/tdb.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <limits>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "spinode/error.hpp"
#include "tdb_database.hpp"
#include "tdb_functions.hpp"
#include "tdb_phase.hpp"
#include "tdb_text.hpp"

namespace spinode {
namespace {

using namespace tdb;

std::string capitals(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// "LI" as "Li".
std::string symbol(std::string element) {
  for (std::size_t i = 1; i < element.size(); ++i)
    element[i] = static_cast<char>(std::tolower(static_cast<unsigned char>(element[i])));
  return element;
}

bool is_excess(const Parameter& parameter) { return parameter.type == "G" || parameter.type == "L"; }

// At the pressure of the assessment: volumes, mobilities and other properties, after Thermo-Calc's names.
bool is_no_part_of_G(const std::string& type) {
  static const std::set<std::string> others{"V0", "VA", "VB", "VC", "VK",   "VS",   "MQ",   "MF",
                                            "DQ", "DF", "DV", "VT", "THCD", "ELRS", "VISC", "SIGM"};
  return others.contains(type);
}

struct Interaction {
  const Parameter* parameter;
  Value value;
  double sign;  // of (1-2x)^k against the one that is written
};

class Import {
 public:
  Import(const Database& database, Pair pair, const Phase& phase)
      : database_(&database),
        pair_(std::move(pair)),
        phase_(&phase),
        mixture_(mixture_of(database, phase, pair_)),
        functions_(database) {
    for (const Parameter& parameter : database.misspelt)
      if (parameter.phase == phase.name)
        faults_.push_back(fmt::format("{}: {}: unknown statement; did you mean PARAMETER?", database.at(parameter.line),
                                      cited(parameter.type)));
    for (const Parameter& parameter : database.parameters) read(parameter);
    constexpr std::size_t most = 24;
    if (faults_.size() > most) faults_.resize(most);
    if (!faults_.empty()) throw ConfigError(faults_);
    if (interactions_.empty()) throw no_interaction();
    for (const auto& [order, interaction] : interactions_) {
      low_ = std::max(low_, interaction.value.low);
      high_ = std::min(high_, interaction.value.high);
    }
    if (!(low_ < high_))
      throw ConfigError(fmt::format("{}: phase {}: there is no temperature at which all its L are given",
                                    database.label, shown(phase.name)));
  }

  SystemFile system() const;

 private:
  void read(const Parameter& parameter);
  void read_interaction(const Parameter& parameter, const Site& site);
  void refuse_contribution(const Parameter& parameter);
  bool is_abbreviated(const std::string& phase) const;
  bool is_met(const Parameter& parameter, const Site& site);
  ConfigError no_interaction() const;
  std::string comment() const;

  std::string phase_of_file() const {
    return fmt::format("phase {} of {}", shown(phase_->name),
                       std::filesystem::path(database_->label).filename().string());
  }

  void fault(const Parameter& parameter, const std::string& what) {
    faults_.push_back(fmt::format("{}: {}: {}", database_->at(parameter.line), parameter.name(), what));
  }

  const Database* database_;
  Pair pair_;
  const Phase* phase_;
  Mixture mixture_;
  Functions functions_;
  std::map<int, Interaction> interactions_;                          // by order
  double low_ = 0, high_ = std::numeric_limits<double>::infinity();  // K
  std::set<std::string> ignored_;                                    // types of parameters
  std::vector<std::string> faults_;
};

void Import::read(const Parameter& parameter) {
  if (is_abbreviated(parameter.phase))
    return fault(parameter, fmt::format("an abbreviated phase: expected {} in full", shown(phase_->name)));
  if (parameter.phase != phase_->name) return;
  const Site site = site_of(parameter);
  if (!is_met(parameter, site)) return;
  if (is_excess(parameter))
    read_interaction(parameter, site);
  else if (is_no_part_of_G(parameter.type))
    ignored_.insert(parameter.type);
  else
    refuse_contribution(parameter);
}

bool Import::is_abbreviated(const std::string& phase) const {
  if (phase == phase_->name || !abbreviates(phase, phase_->name)) return false;
  return std::none_of(database_->phases.begin(), database_->phases.end(),
                      [&](const Phase& other) { return other.name == phase; });
}

// Whether all that a parameter names is there when the phase holds the two elements alone.
bool Import::is_met(const Parameter& parameter, const Site& site) {
  const auto is_there = [&](const std::string& name) {
    return name == "*" || pair_.has(name) ||
           std::find(mixture_.fixed.begin(), mixture_.fixed.end(), name) != mixture_.fixed.end();
  };
  for (const std::vector<std::string>& sublattice : site.sublattices)
    if (!std::all_of(sublattice.begin(), sublattice.end(), is_there)) return false;
  if (site.sublattices.size() == mixture_.fixed.size()) return true;
  fault(parameter, fmt::format("names {} sublattices: expected {}", site.sublattices.size(), mixture_.fixed.size()));
  return false;
}

void Import::read_interaction(const Parameter& parameter, const Site& site) {
  const std::vector<std::string>& mixed = site.sublattices[mixture_.sublattice];
  const bool is_end_member = std::all_of(site.sublattices.begin(), site.sublattices.end(),
                                         [](const auto& names) { return names.size() == 1; });
  if (is_end_member) return;
  for (std::size_t s = 0; s < site.sublattices.size(); ++s)
    if (s != mixture_.sublattice && site.sublattices[s] != std::vector{mixture_.fixed[s]})
      return fault(parameter, fmt::format("expected {} alone on sublattice {}", shown(mixture_.fixed[s]), s + 1));
  if (mixed.size() != 2 || !pair_.has(mixed[0]) || !pair_.has(mixed[1]) || mixed[0] == mixed[1])
    return fault(parameter,
                 fmt::format("expected {} and {} on sublattice {}", pair_.host, pair_.solute, mixture_.sublattice + 1));
  if (site.order.size() != 1 || site.order[0] < '0' || site.order[0] > '9')
    return fault(parameter, fmt::format("order {}: expected a digit", cited(site.order)));
  const int order = site.order[0] - '0';
  if (order % 2 == 1 && mixed[1] < mixed[0])
    return fault(
        parameter,
        fmt::format("an odd order, with its elements not in alphabetical order, may mean either sign: expected {},{}",
                    mixed[1], mixed[0]));
  if (const auto other = interactions_.find(order); other != interactions_.end())
    return fault(parameter,
                 fmt::format("is given at line {} already: expected it once", other->second.parameter->line));
  const double sign = order % 2 == 1 && pair_.solute < pair_.host ? -1 : 1;
  try {
    const Value value = functions_.value(parameter.body);
    for (const auto& [powers, c] : value.terms.map())
      if (powers != Terms::Powers{0, 0} && powers != Terms::Powers{1, 0} && powers != Terms::Powers{1, 1})
        throw ExpressionError(fmt::format("holds {}: expected a + b T + c T ln T", text_of(powers, c)));
    interactions_.emplace(order, Interaction{&parameter, value, sign});
  } catch (const ExpressionError& error) {
    fault(parameter, error.what());
  }
}

// Magnetic order and the like add terms that are no polynomial of the composition, unless all of it is zero.
void Import::refuse_contribution(const Parameter& parameter) {
  try {
    if (functions_.value(parameter.body).terms == Terms()) return;
  } catch (const ExpressionError& error) {
    return fault(parameter, error.what());
  }
  static const std::set<std::string> magnetic{"TC", "BMAGN", "BMAG", "BM", "NT", "CTA", "NTA", "IBM"};
  fault(parameter, magnetic.contains(parameter.type)
                       ? "a magnetic contribution to the energy, which is no Redlich-Kister sum: expected 0"
                       : fmt::format("spinode does not know whether {} is part of the energy: expected G or L",
                                     cited(parameter.type)));
}

ConfigError Import::no_interaction() const {
  std::vector<std::string> same_phase, others;
  std::set<std::string> seen;
  for (const Parameter& parameter : database_->parameters) {
    if (!is_excess(parameter)) continue;
    for (const std::vector<std::string>& names : site_of(parameter).sublattices) {
      if (names.size() != 2) continue;
      const std::string text = fmt::format("{} {}-{}", parameter.phase, names[0], names[1]);
      if (seen.insert(text).second) (parameter.phase == phase_->name ? same_phase : others).push_back(text);
    }
  }
  same_phase.insert(same_phase.end(), others.begin(), others.end());
  return ConfigError(fmt::format("{}: phase {}: no interaction parameter of {} and {}; this file has {}",
                                 database_->label, shown(phase_->name), pair_.host, pair_.solute,
                                 same_phase.empty() ? "none at all" : listed(same_phase)));
}

std::string Import::comment() const {
  std::vector<std::string> used;
  for (const auto& [order, interaction] : interactions_)
    used.push_back(fmt::format("{} at line {}", interaction.parameter->name(), interaction.parameter->line));
  std::string text = fmt::format("{}-{}, {}, x = mole fraction of {}.\n", symbol(pair_.host), symbol(pair_.solute),
                                 phase_of_file(), symbol(pair_.solute));
  text += fmt::format("From {}.\n", fmt::join(used, ", "));
  text += fmt::format("They are given from {} to {} K.\n", low_, high_);
  for (std::size_t s = 0; s < mixture_.fixed.size(); ++s)
    if (s != mixture_.sublattice)
      text += fmt::format("Sublattice {} holds {} alone.\n", s + 1, shown(mixture_.fixed[s]));
  text += "The energies of the end members are left out: linear in x, they have no effect on the mixing.\n";
  if (!ignored_.empty()) text += fmt::format("No part of the energy and ignored: {}.\n", fmt::join(ignored_, ", "));
  return text;
}

SystemFile Import::system() const {
  const auto list = [&](Terms::Powers powers) {
    std::vector<double> values(interactions_.rbegin()->first + 1, 0.0);
    for (const auto& [order, interaction] : interactions_)
      // 0 is added so that no zero is negative.
      values[order] = interaction.sign * interaction.value.terms.coefficient(powers) + 0.0;
    return values;
  };
  const auto unless_zero = [](std::vector<double> values) {
    return std::all_of(values.begin(), values.end(), [](double c) { return c == 0; }) ? std::vector<double>{} : values;
  };
  std::set<std::string> references;
  for (const auto& [order, interaction] : interactions_)
    if (!interaction.value.reference.empty()) references.insert(interaction.value.reference);
  SystemFile system;
  system.comment = comment();
  system.host = symbol(pair_.host);
  system.solute = symbol(pair_.solute);
  system.L = list({0, 0});
  system.L_T = unless_zero(list({1, 0}));
  system.L_TlnT = unless_zero(list({1, 1}));
  system.sites = mixture_.sites;
  system.source = fmt::format("{}{}{}", phase_of_file(), references.empty() ? "" : ", ", fmt::join(references, ", "));
  system.confidence = "assessed";
  return system;
}

}  // namespace

SystemFile read_tdb(const std::filesystem::path& file, const std::string& phase, const std::string& host,
                    const std::string& solute) {
  const Database database(file);
  const Pair pair{capitals(host), capitals(solute)};
  const Phase& mixing = phase_named(database, capitals(phase));
  refuse_other_models(database, mixing);
  return Import(database, pair, mixing).system();
}

}  // namespace spinode
