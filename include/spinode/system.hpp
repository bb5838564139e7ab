// A material: the part of a case that thermodynamics needs, and that a file in configs/systems gives.
#pragma once

#include <optional>
#include <string>

#include "spinode/config.hpp"
#include "spinode/thermo/list.hpp"

namespace spinode {

/// Molar volume and misfit of the host lattice.
struct Lattice {
  std::optional<double> V_m;  // m3/mol
  std::optional<double> chi;  // linear strain per unit of x

  static Lattice read(Config& config);
};

struct System {
  std::string name, description, host, solute;
  bool dimensionless = false;
  double pressure = 0;  // Pa
  FreeEnergyModels::Variant free_energy;
  Lattice lattice;

  static System read(Config& config);

  /// At a temperature [K], or at RT in a dimensionless system.
  Conditions conditions(double T) const;
  FreeEnergy chemical(double T) const;
  /// Mixing sites per formula unit.
  double sites() const;
};

}  // namespace spinode
