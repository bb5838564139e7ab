// What a case says of its electrode: the last axis of the domain, from the separator at its start to the collector.
#pragma once

#include <functional>
#include <optional>

#include "spinode/config.hpp"
#include "spinode/electrode/cycler.hpp"
#include "spinode/electrode/metal_flow.hpp"
#include "spinode/electrode/protocol.hpp"
#include "spinode/grid.hpp"

namespace spinode {

struct ElectrodeSettings {
  FlowParameters flow;
  Protocol protocol;  // current densities in A/m2 for velocities, charges in C/m2, V, s
  Depletion depletion;
  std::optional<double> exchange_current_density;  // A/m2
  double separator_resistance = 0;                 // ohm m2
  /// The longest that the protocol can take [s]; infinite where only a state ends it.
  double longest = 0;

  /// Empty without electrode.current_density or electrode.protocol. mean_composition: of the initial state, asked for
  /// when there is one; charge_density: F/V_m [C/m3].
  static std::optional<ElectrodeSettings> read(Config& config, const Grid& grid,
                                               const std::function<double()>& mean_composition, double charge_density);
};

}  // namespace spinode
