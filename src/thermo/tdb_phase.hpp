// Which sublattice of a phase two elements mix on, and what refuses to be a plain Redlich-Kister solution of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tdb_database.hpp"

namespace spinode::tdb {

inline constexpr std::string_view vacancy = "VA";

/// Element symbols in capitals.
struct Pair {
  std::string host, solute;

  bool has(const std::string& constituent) const { return constituent == host || constituent == solute; }
};

/// A phase when an alloy holds the two elements and no other that it can do without.
struct Mixture {
  std::size_t sublattice;          // where the two mix
  double sites;                    // of that sublattice
  std::vector<std::string> fixed;  // the constituent of each sublattice, empty where the two mix
};

/// Throws ConfigError with the phases of the file, the nearest name first.
const Phase& phase_named(const Database& database, const std::string& name);

/// Throws ConfigError when the phase is of a kind, or amended in a way, that adds to its free energy or means other
/// parameters by the same words.
void refuse_other_models(const Database& database, const Phase& phase);

/// Throws ConfigError when the two do not mix on one sublattice, beside one constituent on each other sublattice.
Mixture mixture_of(const Database& database, const Phase& phase, const Pair& pair);

}  // namespace spinode::tdb
