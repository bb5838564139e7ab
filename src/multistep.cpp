#include "spinode/multistep.hpp"

namespace spinode {

Multistep Multistep::of(int order, int known_levels, double dt, double before, double earlier) {
  Multistep f;
  if (known_levels >= 2) {
    const double r = dt / before;
    f.prediction = {1 + r, -r, 0};
    // Backward Euler leaves dt^2/2 x'', the linear prediction dt (dt + before)/2 x'' of the other sign.
    f.error_share = dt / (2 * dt + before);
    if (order == 2) {
      f.alpha = (1 + 2 * r) / (1 + r);
      f.history = {1 + r, -r * r / (1 + r)};
      f.extrapolation = {1 + r, -r};
      // At infinite dt the mode that changes sign every step stays bounded for curvature C - S <= S/(1+2r).
      f.implicit_share = (1 + 2 * r) / (2 + 2 * r);
    }
  }
  if (order == 2 && known_levels >= 3) {
    const double r = dt / before, t0 = dt, t1 = dt + before, t2 = dt + before + earlier;
    // Quadratic through the three levels.
    f.prediction = {t1 * t2 / (before * (before + earlier)), -t0 * t2 / (before * earlier),
                    t0 * t1 / (earlier * (before + earlier))};
    const double scheme = (1 + r) * (1 + r) * dt * dt * dt / (6 * r * (1 + 2 * r)), predictor = t0 * t1 * t2 / 6;
    f.error_share = scheme / (scheme + predictor);
  }
  return f;
}

}  // namespace spinode
