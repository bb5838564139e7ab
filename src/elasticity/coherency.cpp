#include "spinode/elasticity/coherency.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <stdexcept>

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

Polynomial coherent_energy(const Medium& medium, const Eigen::Vector3d& n, double V_m) {
  const auto curvature = [&](double x) { return V_m * CoherencyModulus(medium.stiffness(x), medium.chi)(n); };
  if (medium.homogeneous()) return {0, {0, 0, curvature(0) / 2}};
  // Chebyshev's series in u = 2x - 1, by sums over its nodes, and from it a polynomial in x - 1/2.
  constexpr int degree = 24;
  std::array<double, degree + 1> series{};
  double scale = 0;
  for (int node = 0; node <= degree; ++node) {
    const double angle = std::numbers::pi * (node + 0.5) / (degree + 1), value = curvature((1 + std::cos(angle)) / 2);
    scale = std::max(scale, std::abs(value));
    for (int m = 0; m <= degree; ++m) series[m] += (m == 0 ? 1 : 2) * value * std::cos(m * angle) / (degree + 1);
  }
  if (std::abs(series[degree]) + std::abs(series[degree - 1]) > 1e-10 * scale)
    throw std::domain_error("moduli that differ too much for a polynomial in x");
  Polynomial sum{0.5, {}}, before{0.5, {1}}, now{0.5, {0, 2}};  // T_0 and T_1
  const Polynomial twice_u{0.5, {0, 4}};
  sum = series[0] * before + series[1] * now;
  for (int m = 2; m <= degree; ++m) {
    const Polynomial next = twice_u * now + -1.0 * before;
    before = now;
    now = next;
    if (std::abs(series[m]) > 1e-16 * scale) sum = sum + series[m] * now;
  }
  for (int integral = 0; integral < 2; ++integral) {
    sum.c.insert(sum.c.begin(), 0.0);
    for (std::size_t power = 1; power < sum.c.size(); ++power) sum.c[power] /= static_cast<double>(power);
    sum.c[0] = -sum(0);
  }
  return sum;
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
