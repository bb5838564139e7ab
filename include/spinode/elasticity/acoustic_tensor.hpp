// The acoustic tensor C_ijlm n_j n_l of a direction, (Omega^-1)_im of Khachaturyan (1983), and its inverse.
#pragma once

#include <Eigen/Core>
#include <cstddef>

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
    Eigen::Matrix<double, 6, 1> omega;
    inverse(n.data(), n[1], n[2], 1, omega.data(), 1);
    return omega;
  }
  /// The same for a row of directions that differ in their first component: component c of direction m at omega[c
  /// stride + m]. Where n = 0 what it leaves is no number.
  void inverse(const double* first, double second, double third, std::size_t count, double* omega,
               std::size_t stride) const {
#pragma omp simd
    for (std::size_t m = 0; m < count; ++m) {
      const double n[3] = {first[m], second, third};
      const double nn[6] = {n[0] * n[0], n[1] * n[1], n[2] * n[2], n[1] * n[2], n[0] * n[2], n[0] * n[1]};
      double A[6];
#pragma GCC unroll 6
      for (int row = 0; row < 6; ++row) {
        A[row] = 0;
#pragma GCC unroll 6
        for (int column = 0; column < 6; ++column) A[row] += map_(row, column) * nn[column];
      }
      const double c11 = A[1] * A[2] - A[3] * A[3], c22 = A[0] * A[2] - A[4] * A[4], c33 = A[0] * A[1] - A[5] * A[5],
                   c23 = A[4] * A[5] - A[0] * A[3], c13 = A[3] * A[5] - A[1] * A[4], c12 = A[3] * A[4] - A[2] * A[5];
      const double scale = 1 / (A[0] * c11 + A[5] * c12 + A[4] * c13);
      omega[m] = scale * c11;
      omega[stride + m] = scale * c22;
      omega[2 * stride + m] = scale * c33;
      omega[3 * stride + m] = scale * c23;
      omega[4 * stride + m] = scale * c13;
      omega[5 * stride + m] = scale * c12;
    }
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
