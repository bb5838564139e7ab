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

bool Stiffness::positive_definite() const { return voigt.llt().info() == Eigen::Success; }

}  // namespace spinode
