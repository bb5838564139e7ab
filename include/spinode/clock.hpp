// The time of a run, the steps that brought it there, and the next time that a step must land on.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace spinode {

/// All times in one unit of the caller's choice.
struct Clock {
  double time = 0;
  double end = 0;
  double stop = 0;                                          // the next time to land on: an output, or the end
  double corner = std::numeric_limits<double>::infinity();  // another one: where the course of the temperature bends
  std::int64_t step = 0;
  double last_step = 0;

  bool finished() const { return time >= end; }

  /// The step to take when `wanted` is the largest allowed: the way to the stop is shared evenly over the last few
  /// steps, so that none is much smaller than its neighbours.
  double step_towards_stop(double wanted) const {
    const double left = landing() - time, steps = std::ceil(left / wanted - 1e-6);
    return steps > 4 ? wanted : left / std::fmax(1, steps);
  }

  /// The last of the steps lands on the stop itself, not within round-off of it.
  double time_after(double dt) const { return dt >= (landing() - time) * (1 - 1e-9) ? landing() : time + dt; }

  void advance(double dt) {
    time = time_after(dt);
    last_step = dt;
    ++step;
  }

 private:
  double landing() const { return std::fmin(stop, corner); }
};

}  // namespace spinode
