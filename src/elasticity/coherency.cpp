// B(n) of Khachaturyan (1983), with the acoustic tensor C_ijlm n_j n_l as a linear map of the six products n_j n_l.
#include "spinode/elasticity/coherency.hpp"

#include <algorithm>
#include <cstdlib>

namespace spinode {

CoherencyModulus::CoherencyModulus(const Stiffness& C, double chi) {
  const Eigen::Matrix<double, 6, 1> s = chi * C.voigt.leftCols<3>().rowwise().sum();
  stress_ << s[0], s[5], s[4],  //
      s[5], s[1], s[3],         //
      s[4], s[3], s[2];
  clamped_ = chi * stress_.trace();
  for (int row = 0; row < 6; ++row)
    for (int column = 0; column < 6; ++column) {
      const auto [i, m] = Stiffness::pairs[row];
      const auto [j, l] = Stiffness::pairs[column];
      acoustic_(row, column) = j == l ? C(i, j, l, m) : C(i, j, l, m) + C(i, l, j, m);
    }
}

SoftestDirection softest_direction(const Stiffness& stiffness, double chi, int dimensions) {
  const CoherencyModulus B(stiffness, chi);
  constexpr double worthwhile = 1e-13;  // below it a lower B is round-off, and equals keep the first direction
  Eigen::Vector3d softest = Eigen::Vector3d::UnitX();
  double least = B(softest);
  const auto offer = [&](const Eigen::Vector3d& n) {
    const double value = B(n);
    if (!(value < least - worthwhile * std::abs(least))) return false;
    least = value;
    softest = n / n.lpNorm<Eigen::Infinity>();
    return true;
  };

  // Directions through a grid on half the surface of a cube, <100>, <110> and <111> among them, then a pattern search.
  constexpr int n_max = 12;
  const int my = dimensions > 1 ? n_max : 0, mz = dimensions > 2 ? n_max : 0;
  for (int i = n_max; i >= 0; --i)
    for (int j = -my; j <= my; ++j)
      for (int k = -mz; k <= mz; ++k)
        if (std::max({i, std::abs(j), std::abs(k)}) == n_max) offer(Eigen::Vector3d(i, j, k));
  for (double step = 0.5 / n_max; step > 1e-10;) {
    bool moved = false;
    for (int axis = 0; axis < dimensions; ++axis)
      for (double way : {step, -step}) moved = offer(softest + way * Eigen::Vector3d::Unit(axis)) || moved;
    if (!moved) step /= 2;
  }
  return {softest.normalized(), least};
}

}  // namespace spinode
