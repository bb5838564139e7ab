// Critical points: G'' = G''' = 0, where a spinodal interval shrinks to a point as the temperature changes (Gibbs
// 1876).
#pragma once

#include <functional>
#include <vector>

#include "spinode/thermo/free_energy.hpp"

namespace spinode {

struct CriticalPoint {
  double x, T;          // T in K
  bool closes_upwards;  // the spinodal lies below T: an upper critical point
  bool stable;          // on the lower convex hull of G, not inside another miscibility gap
};

/// All critical points for T_min < T < T_max [K], from low to high T. `G_at(T)` is the free energy at T [K]. Steps of
/// `resolution` in ln T are looked at: a spinodal that comes and goes within one is missed.
std::vector<CriticalPoint> critical_points(const std::function<FreeEnergy(double)>& G_at, double T_min, double T_max,
                                           double resolution = 0.02);

}  // namespace spinode
