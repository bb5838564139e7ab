#include "spinode/stepper/step_control.hpp"

#include <algorithm>
#include <cmath>

namespace spinode {

std::vector<std::pair<std::string, std::string>> scheme_entries() {
  return {{"auto", "semi_implicit while it keeps x inside and is the cheaper one, implicit otherwise"},
          {"semi_implicit", "BDF2/AB2 (time.order 1: Euler), two or three transforms a step; x may leave 0 to 1"},
          {"implicit", "BDF2 (time.order 1: backward Euler) with the true logarithm; x stays inside"},
          {"convex_splitting", "first order, any step size, energy never rises"}};
}

double next_step(double dt, double error, double tolerance, int order) {
  constexpr double safety = 0.9, least = 0.3, most = 1.8;
  const double factor = error > 0 ? safety * std::pow(tolerance / error, 1.0 / (order + 1)) : most;
  return dt * std::clamp(factor, least, most);
}

}  // namespace spinode
