// The multi-step formulas of the schemes, as tables of coefficients for steps of varying size (BDF2 and its
// extrapolation: Wang & Ruuth 2008).
#pragma once

#include <array>

namespace spinode {

/// alpha x+ = history . (x, x-) + dt (rate at the new time, or extrapolation . of known ones); the prediction of x+
/// from three known levels alone; and the share of (x+ - prediction) that estimates the local error (Milne's device).
struct Multistep {
  double alpha = 1;
  std::array<double, 2> history{1, 0}, extrapolation{1, 0};
  std::array<double, 3> prediction{1, 0, 0};
  double error_share = 0;
  /// Share of the explicit curvature and mobility that a semi-implicit scheme must take implicitly to be stable.
  double implicit_share = 0.5;

  /// `dt` is the new step, `before` the one that led to the present level, `earlier` the one before that.
  static Multistep of(int order, int known_levels, double dt, double before, double earlier);
};

}  // namespace spinode
