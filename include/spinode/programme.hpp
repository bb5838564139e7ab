// A quantity that follows a programme in time: linear segments, constant before the first point and after the last.
#pragma once

#include <vector>

namespace spinode {

class Programme {
 public:
  struct Point {
    double time, value;
  };

  explicit Programme(double constant) : points_{{0, constant}} {}
  /// At least one point; times must not fall. Two points at the same time make a jump.
  explicit Programme(std::vector<Point> points) : points_(std::move(points)) {}

  /// The value at a time; at a jump the one before it.
  double at(double time) const;
  /// The value just after a time: another one than at() where there is a jump.
  double after(double time) const;
  /// Change per time just after a time.
  double slope_after(double time) const;
  /// The first point later than a time, or infinity: where a smooth segment ends.
  double next_corner(double time) const;

  bool constant() const { return points_.size() == 1; }
  double lowest() const;
  const std::vector<Point>& points() const { return points_; }
  /// The same programme on a clock whose unit is `unit` of this one's.
  Programme in_units_of(double unit) const;

 private:
  std::vector<Point> points_;
};

}  // namespace spinode
