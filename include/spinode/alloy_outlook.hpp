// What thermodynamics says of an alloy before it runs: stability, the wave that grows fastest, the interface.
#pragma once

#include <optional>
#include <string_view>

#include "spinode/model.hpp"
#include "spinode/thermo/stability.hpp"

namespace spinode {

struct AlloyOutlook {
  double x0;            // mean of the initial state
  Stability stability;  // of the coherent energy where there is one, else of the chemical energy
  std::optional<FastestMode> fastest;
  std::optional<FlatInterface> interface;  // of the gap around x0, or else of the first one

  /// At a temperature [K], or RT in a dimensionless case.
  static AlloyOutlook of(const Model& model, double T);
};

std::string_view name(Stability stability);

}  // namespace spinode
