// The acoustic tensor C_ijlm n_j n_l of a direction, (Omega^-1)_im of Khachaturyan (1983), and its inverse.
#pragma once

#include <Eigen/Core>

#include "spinode/elasticity/stiffness.hpp"

namespace spinode {

class AcousticTensor {
 public:
  explicit AcousticTensor(const Stiffness& C) {
    for (int row = 0; row < 6; ++row)
      for (int column = 0; column < 6; ++column) {
        const auto [i, m] = Stiffness::pairs[row];
        const auto [j, l] = Stiffness::pairs[column];
        map_(row, column) = j == l ? C(i, j, l, m) : C(i, j, l, m) + C(i, l, j, m);
      }
  }

  /// The inverse for n != 0, symmetric, 11 22 33 23 13 12.
  Eigen::Matrix<double, 6, 1> inverse(const Eigen::Vector3d& n) const {
    Eigen::Matrix<double, 6, 1> nn, cofactors;
    nn << n[0] * n[0], n[1] * n[1], n[2] * n[2], n[1] * n[2], n[0] * n[2], n[0] * n[1];
    const Eigen::Matrix<double, 6, 1> A = map_ * nn;
    cofactors << A[1] * A[2] - A[3] * A[3], A[0] * A[2] - A[4] * A[4], A[0] * A[1] - A[5] * A[5],
        A[4] * A[5] - A[0] * A[3], A[3] * A[5] - A[1] * A[4], A[3] * A[4] - A[2] * A[5];
    return cofactors / (A[0] * cofactors[0] + A[5] * cofactors[5] + A[4] * cofactors[4]);
  }

  /// Omega f.
  static Eigen::Vector3d product(const Eigen::Matrix<double, 6, 1>& omega, const Eigen::Vector3d& f) {
    return {omega[0] * f[0] + omega[5] * f[1] + omega[4] * f[2], omega[5] * f[0] + omega[1] * f[1] + omega[3] * f[2],
            omega[4] * f[0] + omega[3] * f[1] + omega[2] * f[2]};
  }

  /// f Omega f.
  static double form(const Eigen::Matrix<double, 6, 1>& omega, const Eigen::Vector3d& f) {
    return omega[0] * f[0] * f[0] + omega[1] * f[1] * f[1] + omega[2] * f[2] * f[2] +
           2 * (omega[3] * f[1] * f[2] + omega[4] * f[0] * f[2] + omega[5] * f[0] * f[1]);
  }

 private:
  Eigen::Matrix<double, 6, 6> map_;  // from the products n_j n_l to the tensor, both in Voigt's order [Pa]
};

}  // namespace spinode
