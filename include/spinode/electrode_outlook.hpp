// What the numbers of an electrode say before it is run: how much host it holds, how convection compares with
// diffusion, and when diffusion alone would exhaust the separator.
#pragma once

#include <optional>

#include "spinode/case.hpp"
#include "spinode/model.hpp"

namespace spinode {

struct ElectrodeOutlook {
  double capacity = 0;         // charge of the host in the electrode [C/m2]
  double current_density = 0;  // the largest one that strips [A/m2]; 0 when none does
  double velocity = 0;         // at which the electrode recedes then [m/s]
  double peclet = 0;           // velocity times thickness over the tracer's D
  double cell_peclet = 0;      // the same of one cell
  /// By the pile-up of a half-space (depletion_time.hpp) with the D of chemical diffusion at the initial composition,
  /// M G'': when the face runs out of the host, and when it reaches the spinodal [s]. Empty where nothing strips, or
  /// the alloy is unstable as it is.
  std::optional<double> depletion, spinodal;
  double x_spinodal = 0;
};

/// At the start of a case that has an electrode.
ElectrodeOutlook electrode_outlook(const Case& config, const Model& model);

}  // namespace spinode
