// Wall time of a scope.
#pragma once

#include <chrono>

namespace spinode {

/// Adds the wall time of its life [s] to a total.
class Timer {
 public:
  explicit Timer(double& total) : total_(&total) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { *total_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  double* total_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace spinode
