// The elastic models that a case can choose: the moduli of coherent phases and their misfit, and the creep that relaxes
// them.
#pragma once

#include <optional>

#include "spinode/elasticity/creep.hpp"
#include "spinode/elasticity/medium.hpp"
#include "spinode/elasticity/orientation.hpp"
#include "spinode/model_list.hpp"

namespace spinode {

/// Share of the misfit that is coherent: 1 for phases that share one lattice, 0 for the chemical limit.
inline double read_coherency(Config& config) {
  return config.quantity({.name = "elasticity.coherency",
                          .bounds = fraction,
                          .fallback = 1.0,
                          .help = "share of the misfit that is coherent; dislocations relax the rest"});
}

struct NoElasticity {
  static constexpr const char* name = "none";
  static constexpr const char* help = "incoherent phases: the chemical free energy alone";

  static NoElasticity read(Config&) { return {}; }
  /// What the case is to elasticity, with the misfit `chi` of the lattices.
  std::optional<Medium> medium(double) const { return {}; }
};

struct IsotropicElasticity {
  static constexpr const char* name = "isotropic";
  static constexpr const char* help = "coherent phases, isotropic E and nu";

  Moduli host, solute;
  double coherency;

  static IsotropicElasticity read(Config& config);
  std::optional<Medium> medium(double chi) const { return Medium{host, solute, coherency * chi}; }
};

struct CubicElasticity {
  static constexpr const char* name = "cubic";
  static constexpr const char* help = "coherent phases, cubic C11, C12, C44, any orientation";

  Moduli host, solute;
  double coherency;
  Orientation orientation;

  static CubicElasticity read(Config& config);
  std::optional<Medium> medium(double chi) const { return Medium{host, solute, coherency * chi, orientation.to_grid}; }
};

using ElasticityModels = ModelList<NoElasticity, IsotropicElasticity, CubicElasticity>;

struct NoCreep {
  static constexpr const char* name = "none";
  static constexpr const char* help = "phases stay coherent";

  static NoCreep read(Config&) { return {}; }
  /// Rates at a temperature [K]; shear moduli of the two metals [Pa].
  std::optional<Creep> at(double, double, double) const { return {}; }
};

/// A viscosity, or the time in which it relaxes a shear: viscosity/(mean shear modulus of the metal).
struct Viscosity {
  std::optional<double> eta, relaxation_time;  // Pa s, s

  CreepRate rate(double shear_modulus) const {
    return CreepRate::viscous(eta ? *eta : shear_modulus * relaxation_time.value());
  }
};

struct ViscousCreep {
  static constexpr const char* name = "viscous";
  static constexpr const char* help = "d eps_p/dt = s/(2 eta), s the deviatoric stress";

  Viscosity host, solute;

  static ViscousCreep read(Config& config);
  std::optional<Creep> at(double, double host_shear, double solute_shear) const {
    return Creep{host.rate(host_shear), solute.rate(solute_shear)};
  }
};

/// Creep of one metal: rate at one stress and temperature, exponent, activation energy [J/mol].
struct PowerLaw {
  double rate, stress, exponent, Q, T;

  CreepRate at(double temperature) const;
};

struct PowerLawCreep {
  static constexpr const char* name = "power_law";
  static constexpr const char* help = "von Mises rate = rate (sigma_vm/stress)^exponent exp(Q/R (1/T_rate - 1/T))";

  PowerLaw host, solute;

  static PowerLawCreep read(Config& config);
  std::optional<Creep> at(double T, double, double) const { return Creep{host.at(T), solute.at(T)}; }
};

using CreepModels = ModelList<NoCreep, ViscousCreep, PowerLawCreep>;

}  // namespace spinode
