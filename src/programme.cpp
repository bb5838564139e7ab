#include "spinode/programme.hpp"

#include <algorithm>
#include <limits>

namespace spinode {
namespace {

using Point = Programme::Point;

double between(const Point& a, const Point& b, double time) {
  return a.value + (b.value - a.value) * ((time - a.time) / (b.time - a.time));
}

}  // namespace

double Programme::at(double time) const {
  const auto next = std::lower_bound(points_.begin(), points_.end(), time,
                                     [](const Point& point, double t) { return point.time < t; });
  if (next == points_.end()) return points_.back().value;
  if (next == points_.begin() || next->time == time) return next->value;
  return between(*(next - 1), *next, time);
}

double Programme::after(double time) const {
  const auto next = std::upper_bound(points_.begin(), points_.end(), time,
                                     [](double t, const Point& point) { return t < point.time; });
  if (next == points_.begin()) return next->value;
  if (next == points_.end()) return points_.back().value;
  return between(*(next - 1), *next, time);
}

double Programme::slope_after(double time) const {
  const auto next = std::upper_bound(points_.begin(), points_.end(), time,
                                     [](double t, const Point& point) { return t < point.time; });
  if (next == points_.begin() || next == points_.end()) return 0;
  return (next->value - (next - 1)->value) / (next->time - (next - 1)->time);
}

double Programme::next_corner(double time) const {
  const auto next = std::upper_bound(points_.begin(), points_.end(), time,
                                     [](double t, const Point& point) { return t < point.time; });
  return next == points_.end() ? std::numeric_limits<double>::infinity() : next->time;
}

double Programme::lowest() const {
  return std::min_element(points_.begin(), points_.end(),
                          [](const Point& a, const Point& b) { return a.value < b.value; })
      ->value;
}

Programme Programme::in_units_of(double unit) const {
  Programme scaled = *this;
  for (Point& point : scaled.points_) point.time /= unit;
  return scaled;
}

}  // namespace spinode
