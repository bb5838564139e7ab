#include "spinode/stepper/step_control.hpp"

#include <algorithm>
#include <cmath>

namespace spinode {

double next_step(double dt, double error, double tolerance, int order) {
  constexpr double safety = 0.9, least = 0.3, most = 1.8;
  const double factor = error > 0 ? safety * std::pow(tolerance / error, 1.0 / (order + 1)) : most;
  return dt * std::clamp(factor, least, most);
}

}  // namespace spinode
