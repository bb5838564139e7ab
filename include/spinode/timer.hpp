// Wall time of a scope.
#pragma once

#include <chrono>

namespace spinode {

/// Wall time since it was made.
class Stopwatch {
 public:
  /// [s]
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Adds the wall time of its life [s] to a total.
class Timer {
 public:
  explicit Timer(double& total) : total_(&total) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { *total_ += watch_.seconds(); }

 private:
  double* total_;
  Stopwatch watch_;
};

}  // namespace spinode
