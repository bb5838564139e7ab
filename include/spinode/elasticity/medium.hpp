// What an alloy is to elasticity: moduli that are linear in x between those of the pure metals, and the misfit.
#pragma once

#include <Eigen/Core>
#include <algorithm>

#include "spinode/elasticity/stiffness.hpp"

namespace spinode {

/// Moduli of a cubic crystal [Pa]: of a change of volume, and of its two shears, C' = (C11 - C12)/2 and C44.
struct Moduli {
  double K, C_prime, C44;

  static Moduli cubic(double C11, double C12, double C44) { return {(C11 + 2 * C12) / 3, (C11 - C12) / 2, C44}; }
  /// Young's modulus E [Pa] and Poisson's ratio nu.
  static Moduli isotropic(double E, double nu) {
    const double shear = E / (2 * (1 + nu));
    return {E / (3 * (1 - 2 * nu)), shear, shear};
  }

  Stiffness stiffness() const { return Stiffness::cubic(K + 4 * C_prime / 3, K - 2 * C_prime / 3, C44); }
  /// Mean shear modulus of grains in all directions (Voigt 1889).
  double shear() const { return (2 * C_prime + 3 * C44) / 5; }
  bool operator==(const Moduli&) const = default;
};

struct Medium {
  Moduli host, solute;
  double chi = 0;                                         // linear strain per unit of x
  Eigen::Matrix3d to_grid = Eigen::Matrix3d::Identity();  // from the crystal's axes to the grid's

  bool homogeneous() const { return host == solute; }
  /// Beyond 0 and 1 the moduli are those of the pure metals.
  Moduli at(double x) const {
    const double c = std::clamp(x, 0.0, 1.0);
    return {host.K + c * (solute.K - host.K), host.C_prime + c * (solute.C_prime - host.C_prime),
            host.C44 + c * (solute.C44 - host.C44)};
  }
  /// Along the axes of the grid.
  Stiffness stiffness(double x) const { return at(x).stiffness().turned(to_grid); }
  /// Whether the crystal is its own mirror image about the plane across an axis, at every composition.
  bool mirrored(int axis) const { return stiffness(0).mirrored(axis) && stiffness(1).mirrored(axis); }
};

}  // namespace spinode
