#include "spinode/electrode/depletion_time.hpp"

#include <cmath>
#include <numbers>

#include "../thermo/root.hpp"

namespace spinode {

double pile_up(double T) {
  const double root = std::sqrt(T);
  return 1 + T / 2 + (1 + T / 2) * std::erf(root / 2) + root * std::exp(-T / 4) / std::sqrt(std::numbers::pi);
}

double time_to_pile_up(double x_0, double x_s, double v, double D) {
  const double ratio = x_s / x_0;
  if (!(ratio > 1)) return 0;
  // In u = sqrt(T), where the slope is finite; the pile-up lies above 1 + T/2.
  const double u = find_root(
      [&](double at) -> ValueAndSlope {
        const double slope = at * (1 + std::erf(at / 2)) + 2 * std::exp(-at * at / 4) / std::sqrt(std::numbers::pi);
        return {pile_up(at * at) - ratio, slope};
      },
      0, std::sqrt(2 * ratio));
  return u * u * D / (v * v);
}

}  // namespace spinode
