// The physics of a case in SI: what its numbers imply, and the code units in which it is computed.
#pragma once

#include <optional>
#include <vector>

#include "spinode/cahn_hilliard.hpp"
#include "spinode/case.hpp"
#include "spinode/elasticity/coherency.hpp"
#include "spinode/stepper/step_control.hpp"
#include "spinode/thermo/interface.hpp"
#include "spinode/thermo/phase_diagram.hpp"

namespace spinode {

/// SI value of one code unit. Energies per volume are in units of energy/V_m.
struct CodeUnits {
  double energy = 1;  // J/mol
  double length = 1;  // m
  double time = 1;    // s
};

class Model {
 public:
  /// Throws ConfigError when kappa is to follow from an interface that does not exist.
  explicit Model(const Case& config);

  double RT() const { return RT_; }
  double V_m() const { return V_m_; }
  double kappa() const { return kappa_; }
  /// How much wider interfaces are than with the system's own kappa, when it states one: lengths and interfacial
  /// energies scale with this factor, times with its square.
  std::optional<double> widening() const { return widening_; }
  const FreeEnergy& chemical() const { return chemical_; }
  /// G + V_m Y x^2 along the softest direction; empty without elasticity.
  const std::optional<FreeEnergy>& coherent() const { return coherent_; }
  const std::optional<SoftestDirection>& softest() const { return softest_; }
  /// Mobility [m2 mol/(J s)] at composition x.
  double mobility(double x) const;

  const CodeUnits& units() const { return units_; }
  /// The equation on a grid whose lengths are in code units.
  CahnHilliardParameters equation() const;
  StepSettings steps() const;
  /// J (per m2 in 1D, per m in 2D) of a box of this size [m^d] for an energy per volume in code units.
  double energy_in_SI(double density, double box) const { return density * units_.energy / V_m_ * box; }

 private:
  TimeSettings time_;
  double RT_, V_m_, kappa_ = 1;
  std::optional<double> widening_;
  FreeEnergy chemical_;
  std::optional<FreeEnergy> coherent_;
  std::optional<SoftestDirection> softest_;
  std::optional<CoherencyModulus> coherency_;
  Mobility mobility_;
  CodeUnits units_;
};

}  // namespace spinode
