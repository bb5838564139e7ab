// Stiffness of isotropic and cubic solids: C11 = lambda + 2 mu, C12 = lambda, C44 = mu when isotropic (Nye 1957).
#include "spinode/elasticity/stiffness.hpp"

#include <Eigen/Cholesky>

namespace spinode {

Stiffness Stiffness::isotropic(double E, double nu) {
  const double shear = E / (2 * (1 + nu));
  const double lame = E * nu / ((1 + nu) * (1 - 2 * nu));
  return cubic(lame + 2 * shear, lame, shear);
}

Stiffness Stiffness::cubic(double C11, double C12, double C44) {
  Stiffness stiffness{Matrix6::Zero()};
  stiffness.voigt.topLeftCorner<3, 3>().setConstant(C12);
  stiffness.voigt.diagonal() << C11, C11, C11, C44, C44, C44;
  return stiffness;
}

Stiffness Stiffness::turned(const Eigen::Matrix3d& map) const {
  // C' = N C N^T with N the map of the six stress components (Bond 1943).
  Matrix6 N;
  for (int row = 0; row < 6; ++row)
    for (int column = 0; column < 6; ++column) {
      const auto [i, j] = pairs[row];
      const auto [k, l] = pairs[column];
      N(row, column) = map(i, k) * map(j, l) + (k == l ? 0 : map(i, l) * map(j, k));
    }
  return {N * voigt * N.transpose()};
}

bool Stiffness::mirrored(int axis) const {
  constexpr double round_off = 1e-9;
  Eigen::Matrix3d mirror = Eigen::Matrix3d::Identity();
  mirror(axis, axis) = -1;
  return turned(mirror).voigt.isApprox(voigt, round_off);
}

bool Stiffness::positive_definite() const { return voigt.llt().info() == Eigen::Success; }

}  // namespace spinode
