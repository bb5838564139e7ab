// Isochoric creep under the deviatoric stress s: d eps_p/dt = Lambda s, Lambda = (3/2) rate(sigma_vm)/sigma_vm, the
// rate a power of the von Mises stress (Norton 1929; Odqvist 1934); an exponent of 1 is a linear viscosity, Lambda =
// 1/(2 eta).
#pragma once

#include <cmath>

namespace spinode {

/// Equivalent creep rate of a metal: rate at the given stress, growing as stress^exponent.
struct CreepRate {
  double rate = 0, stress = 1, exponent = 1;  // 1/s, Pa

  static CreepRate viscous(double viscosity) { return {.rate = 1 / (3 * viscosity)}; }
  /// Lambda [1/(Pa s)].
  double fluidity(double von_mises) const {
    return 1.5 * rate / stress * (exponent == 1 ? 1 : std::pow(von_mises / stress, exponent - 1));
  }
};

/// An alloy creeps at the rates of its metals, each weighted with its share.
struct Creep {
  CreepRate host, solute;

  bool linear() const { return host.exponent == 1 && solute.exponent == 1; }
  /// Lambda [1/(Pa s)] at a composition, 0 to 1, and a von Mises stress [Pa].
  double fluidity(double x, double von_mises) const {
    return (1 - x) * host.fluidity(von_mises) + x * solute.fluidity(von_mises);
  }
  /// d ln Lambda / d ln sigma_vm, where Lambda is not 0.
  double sensitivity(double x, double von_mises) const {
    const double of_host = (1 - x) * host.fluidity(von_mises), of_solute = x * solute.fluidity(von_mises);
    return (of_host * (host.exponent - 1) + of_solute * (solute.exponent - 1)) / (of_host + of_solute);
  }
};

}  // namespace spinode
