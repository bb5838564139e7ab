// The law of coarsening in a line.
#pragma once

#include <fmt/format.h>

#include <string>

#include "spinode/measure/coarsening.hpp"
#include "spinode/units.hpp"

namespace spinode::command {

inline std::string coarsening_text(const CoarseningFit& fit, bool dimensionless) {
  if (!fit.law) return fmt::format("no law of coarsening: {}\n", fit.reason);
  const CoarseningLaw& law = *fit.law;
  const auto time = [&](double t) { return units::pretty(t, dimensionless ? "1" : "s"); };
  return fmt::format(
      "coarsening from {} to {} ({} times): L^n - L0^n = K t with n = {:.3g} +- {:.2g}, exponent {:.3g} +- {:.2g}\n",
      time(law.window.from), time(law.window.to), law.points, law.n, law.n_error, law.exponent, law.exponent_error);
}

}  // namespace spinode::command
