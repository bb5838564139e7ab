// Root of f in a bracket: Newton steps u - f/f', or halving where they leave it or shrink too slowly (Dekker 1969).
#pragma once

#include <cmath>
#include <limits>
#include <numeric>

namespace spinode {

struct ValueAndSlope {
  double value, slope;
};

/// u in [lower, upper] with f(u).value = 0 to round-off; f changes sign once in the bracket.
template <class Function>
double find_root(const Function& f, double lower, double upper) {
  constexpr int most_steps = 300;
  const bool rises = f(upper).value > 0;
  double u = std::midpoint(lower, upper);
  double last_step = upper - lower;
  for (int i = 0; i < most_steps; ++i) {
    const auto [value, slope] = f(u);
    if (value == 0) break;
    ((value > 0) == rises ? upper : lower) = u;
    double next = u - value / slope;
    const bool safe = lower <= next && next <= upper && std::abs(next - u) <= 0.5 * std::abs(last_step);
    if (!safe) next = std::midpoint(lower, upper);
    last_step = next - u;
    u = next;
    if (std::abs(last_step) <= std::numeric_limits<double>::epsilon() * std::abs(u)) break;
  }
  return u;
}

}  // namespace spinode
