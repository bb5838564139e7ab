// Critical points by bisection in T on the set of spinodal intervals.
#include "spinode/thermo/critical_point.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "root.hpp"
#include "spinode/thermo/phase_diagram.hpp"

namespace spinode {
namespace {

using EnergyAt = std::function<FreeEnergy(double)>;

struct State {
  double T;
  std::vector<Interval> spinodals;
};

State state(const EnergyAt& G_at, double T) { return {T, spinodal_intervals(G_at(T))}; }

bool overlap(const Interval& a, const Interval& b) { return a.lower < b.upper && b.lower < a.upper; }

/// The intervals of `from` that have no counterpart in `other`.
std::vector<Interval> lone(const std::vector<Interval>& from, const std::vector<Interval>& other) {
  std::vector<Interval> result;
  for (const Interval& interval : from)
    if (std::none_of(other.begin(), other.end(), [&](const Interval& o) { return overlap(interval, o); }))
      result.push_back(interval);
  return result;
}

/// Where x(1-x) G'' is least between the ends of an interval in which it is negative: a simple root of its slope.
double lowest(const FreeEnergy& G, const Interval& interval) {
  const Polynomial slope = G.curvature().derivative(), second = slope.derivative();
  if ((slope(interval.lower) < 0) == (slope(interval.upper) < 0)) return std::midpoint(interval.lower, interval.upper);
  return find_root([&](double x) { return ValueAndSlope{slope(x), second(x)}; }, interval.lower, interval.upper);
}

void collect(const EnergyAt& G_at, const State& low, const State& high, std::vector<CriticalPoint>& found) {
  const std::vector<Interval> ending = lone(low.spinodals, high.spinodals),
                              starting = lone(high.spinodals, low.spinodals);
  if (ending.empty() && starting.empty()) return;
  const double T = std::midpoint(low.T, high.T);
  if (T > low.T && T < high.T) {
    const State middle = state(G_at, T);
    collect(G_at, low, middle, found);
    collect(G_at, middle, high, found);
    return;
  }
  const auto add = [&](const Interval& interval, const State& inside, const State& outside) {
    const double x = lowest(G_at(inside.T), interval);
    const std::vector<MiscibilityGap> gaps = miscibility_gaps(G_at(outside.T));
    const bool covered = std::any_of(gaps.begin(), gaps.end(),
                                     [x](const MiscibilityGap& gap) { return gap.x_alpha < x && x < gap.x_beta; });
    found.push_back({x, outside.T, inside.T < outside.T, !covered});
  };
  for (const Interval& interval : ending) add(interval, low, high);
  for (const Interval& interval : starting) add(interval, high, low);
}

}  // namespace

std::vector<CriticalPoint> critical_points(const EnergyAt& G_at, double T_min, double T_max, double resolution) {
  const int steps = std::max(1, static_cast<int>(std::ceil(std::log(T_max / T_min) / resolution)));
  std::vector<CriticalPoint> found;
  State low = state(G_at, T_min);
  for (int i = 1; i <= steps; ++i) {
    State high = state(G_at, T_min * std::pow(T_max / T_min, static_cast<double>(i) / steps));
    collect(G_at, low, high, found);
    low = std::move(high);
  }
  return found;
}

}  // namespace spinode
