// A fit of the law of coarsening as JSON files hold it.
#pragma once

#include <toml++/toml.h>

#include <cstdint>

#include "spinode/measure/coarsening.hpp"

namespace spinode {

inline toml::table coarsening_table(const CoarseningFit& fit) {
  if (!fit.law) return toml::table{{"reason", fit.reason}};
  const CoarseningLaw& law = *fit.law;
  return toml::table{{"from", law.window.from},
                     {"to", law.window.to},
                     {"n", law.n},
                     {"n_error", law.n_error},
                     {"exponent", law.exponent},
                     {"exponent_error", law.exponent_error},
                     {"K", law.K},
                     {"L0", law.L0},
                     {"points", static_cast<std::int64_t>(law.points)}};
}

}  // namespace spinode
