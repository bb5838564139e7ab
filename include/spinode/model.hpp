// The physics of a case in SI: what its numbers imply, and the code units in which it is computed.
#pragma once

#include <optional>
#include <vector>

#include "spinode/cahn_hilliard.hpp"
#include "spinode/case.hpp"
#include "spinode/elasticity/coherency.hpp"
#include "spinode/electrode/cycler.hpp"
#include "spinode/stepper/step_control.hpp"
#include "spinode/surroundings.hpp"
#include "spinode/thermo/interface.hpp"
#include "spinode/thermo/phase_diagram.hpp"
#include "spinode/thermo/phases.hpp"

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

  /// Here and below T is a temperature [K], or RT in a dimensionless case.
  double RT(double T) const { return system_.conditions(T).RT(); }
  double V_m() const { return V_m_; }
  /// Mean composition of the initial state.
  double x_mean() const { return x_mean_; }
  double kappa() const { return kappa_; }
  /// How much wider interfaces are than with the system's own kappa, when it states one: lengths and interfacial
  /// energies scale with this factor, times with its square.
  std::optional<double> widening() const { return widening_; }
  FreeEnergy chemical(double T) const { return system_.chemical(T); }
  /// With the energy of coherent waves along the softest direction of the initial state; empty without elasticity.
  std::optional<FreeEnergy> coherent(double T) const;
  /// The coherent energy, or else the chemical one.
  FreeEnergy energy(double T) const { return softest_ ? *coherent(T) : chemical(T); }
  /// The phases of the widest miscibility gap; 0 and 1 where there is none.
  Phases phases(double T) const;
  /// What the alloy is to elasticity; empty without it.
  const std::optional<Medium>& medium() const { return medium_; }
  /// The average state, its reference composition filled in.
  const AverageState& average() const { return average_; }
  /// The softest direction of waves about the uniform initial state, in its average strain.
  const std::optional<SoftestDirection>& softest() const { return softest_; }
  /// Creep at a temperature, rates per s; empty without it.
  std::optional<Creep> creep(double T) const;
  /// D = M sites RT/(x(1-x)) of the initial mean [m2/s]: that of the tracer, where the mobility is degenerate.
  double diffusivity(double T) const;
  /// Mobility [m2 mol/(J s)] at composition x.
  double mobility(double x, double T) const;

  const CodeUnits& units() const { return units_; }
  /// The equation on a grid whose lengths are in code units, as it is at the start.
  CahnHilliardParameters equation() const;
  /// What of it changes with temperature.
  LocalLaw law(double T) const;
  /// The course of the temperature and its laws; empty when it is constant.
  std::optional<Surroundings> surroundings() const;
  /// What runs the electrode; empty without one.
  std::optional<Cycler> cycler() const;
  StepSettings steps() const;
  /// J (per m2 in 1D, per m in 2D) of a box of this size [m^d] for an energy per volume in code units.
  double energy_in_SI(double density, double box) const { return density * units_.energy / V_m_ * box; }

 private:
  Mobility mobility_at(double T) const;

  System system_;
  MobilityModels::Variant mobility_;
  Programme temperature_;
  TimeSettings time_;
  MechanicsSettings mechanics_;
  std::optional<ElectrodeSettings> electrode_;
  double charge_density_ = 1;  // C/m3 of host
  bool mechanical_;
  double V_m_, kappa_ = 1;
  std::optional<double> widening_;
  std::optional<Medium> medium_;
  AverageState average_;
  double x_mean_ = 0;
  std::optional<SoftestDirection> softest_;
  CodeUnits units_;
};

}  // namespace spinode
