// Energy of a coherent composition wave of direction n (Khachaturyan 1983), F_el/V = 1/2 sum_k B(n) |x_k|^2:
// B(n) = chi^2 [delta_ij C_ijkl delta_kl - n_i s_ij Omega_jm(n) s_ml n_l], s_ij = C_ijkl delta_kl,
// (Omega^-1)_im = C_ijlm n_j n_l.
#pragma once

#include <Eigen/Core>

#include "spinode/elasticity/stiffness.hpp"

namespace spinode {

/// B(n) [Pa] of a positive definite stiffness, with what does not depend on n worked out once.
class CoherencyModulus {
 public:
  /// chi: linear strain per unit of x, alike in all directions.
  CoherencyModulus(const Stiffness& stiffness, double chi);

  /// B along n, which need not have unit length but must not vanish.
  double operator()(const Eigen::Vector3d& n) const {
    const Eigen::Vector3d force = stress_ * n;
    Eigen::Matrix<double, 6, 1> nn;
    nn << n[0] * n[0], n[1] * n[1], n[2] * n[2], n[1] * n[2], n[0] * n[2], n[0] * n[1];
    const Eigen::Matrix<double, 6, 1> A = acoustic_ * nn;

    // Cofactors of the acoustic tensor, A_11 A_22 A_33 A_23 A_13 A_12, for its inverse.
    const double c11 = A[1] * A[2] - A[3] * A[3], c22 = A[0] * A[2] - A[4] * A[4], c33 = A[0] * A[1] - A[5] * A[5];
    const double c23 = A[4] * A[5] - A[0] * A[3], c13 = A[3] * A[5] - A[1] * A[4], c12 = A[3] * A[4] - A[2] * A[5];
    const double determinant = A[0] * c11 + A[5] * c12 + A[4] * c13;
    const auto& f = force;
    const double relaxed = c11 * f[0] * f[0] + c22 * f[1] * f[1] + c33 * f[2] * f[2] +
                           2 * (c23 * f[1] * f[2] + c13 * f[0] * f[2] + c12 * f[0] * f[1]);
    return clamped_ - relaxed / determinant;
  }

 private:
  Eigen::Matrix3d stress_;                // chi s_ij [Pa]
  Eigen::Matrix<double, 6, 6> acoustic_;  // from the products n_j n_l to (Omega^-1)_im, both in Voigt's order [Pa]
  double clamped_;                        // chi^2 delta_ij C_ijkl delta_kl [Pa]
};

struct SoftestDirection {
  Eigen::Vector3d direction;  // of unit length
  double B;                   // [Pa]
};

/// The direction of least B among those of a 1D (x), 2D (x-y) or 3D computation; the first scanned among equals.
SoftestDirection softest_direction(const Stiffness& stiffness, double chi, int dimensions);

}  // namespace spinode
