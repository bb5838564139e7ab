// Growth of small sinusoidal fluctuations (Cahn 1961): k_max^2 = -(G'' + V_m B)/(2 V_m kappa).
#include "spinode/thermo/stability.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "spinode/thermo/phase_diagram.hpp"

namespace spinode {

Stability classify(const FreeEnergy& G, double x0) {
  if (G.d2G(x0) < 0) return Stability::unstable;
  const std::vector<MiscibilityGap> gaps = miscibility_gaps(G);
  const bool inside = std::any_of(gaps.begin(), gaps.end(),
                                  [x0](const MiscibilityGap& gap) { return gap.x_alpha < x0 && x0 < gap.x_beta; });
  return inside ? Stability::metastable : Stability::stable;
}

std::optional<FastestMode> fastest_mode(double curvature, double kappa, double V_m, double M) {
  if (curvature >= 0) return std::nullopt;
  const double k = std::sqrt(-curvature / (2 * V_m * kappa));
  return FastestMode{k, 2 * std::numbers::pi / k, growth_rate(k, curvature, kappa, V_m, M)};
}

double growth_rate(double k, double curvature, double kappa, double V_m, double M) {
  const double k2 = k * k;
  return -M * k2 * (curvature + V_m * kappa * k2);
}

}  // namespace spinode
