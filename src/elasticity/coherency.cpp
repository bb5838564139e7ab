#include "spinode/elasticity/coherency.hpp"

#include <algorithm>
#include <cstdlib>

namespace spinode {

CoherencyModulus::CoherencyModulus(const Stiffness& C, const Tensor& stress, double clamped)
    : acoustic_(C), clamped_(clamped) {
  const Tensor s = stress.cwiseQuotient(mandel_weights());
  stress_ << s[0], s[5], s[4],  //
      s[5], s[1], s[3],         //
      s[4], s[3], s[2];
}

CoherencyModulus::CoherencyModulus(const Stiffness& C, double chi)
    : CoherencyModulus(C, chi * mandel(C).leftCols<3>().rowwise().sum(),
                       chi * chi * C.voigt.topLeftCorner<3, 3>().sum()) {}

CoherencyModulus::CoherencyModulus(const Medium& medium, double x, const Tensor& strain)
    : CoherencyModulus(medium.stiffness(x), 0) {
  // mu_el = -chi 1:C:e + (1/2) e:C':e, and C' is the same at every x.
  const Tensor misfit = medium.chi * (Tensor() << 1, 1, 1, 0, 0, 0).finished();
  const TensorMap C = mandel(medium.stiffness(x)), slope = mandel(medium.stiffness(1)) - mandel(medium.stiffness(0));
  *this = CoherencyModulus(medium.stiffness(x), C * misfit - slope * strain,
                           misfit.dot(C * misfit) - 2 * misfit.dot(slope * strain));
}

SoftestDirection softest_direction(const CoherencyModulus& B, int dimensions) {
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
