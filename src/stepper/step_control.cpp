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

double next_step(double dt, double error, double error_before, double tolerance, int order, double most) {
  constexpr double least = 0.3, proportional = 0.4;
  if (!(error > 0)) return most * dt;
  // Aims a little below the tolerance.
  const double exponent = 1.0 / (order + 1), aim = tolerance * std::pow(0.9, order + 1);
  double factor = std::pow(aim / error, exponent);
  if (error_before > 0)
    factor =
        std::pow(aim / error, (1 - proportional) * exponent) * std::pow(error_before / error, proportional * exponent);
  return dt * std::clamp(factor, least, most);
}

}  // namespace spinode
