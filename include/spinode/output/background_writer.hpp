// Writing beside the run: one job at a time, on a thread of its own.
#pragma once

#include <functional>
#include <future>

namespace spinode {

/// One that goes waits for its job, and nobody hears of a failure.
class BackgroundWriter {
 public:
  /// Begins a job once the one before is over. Throws as wait() does, and then the new job is not begun.
  void start(std::function<void()> job);
  /// Waits until the job is over and what it held is freed. Throws, once, what the job threw.
  void wait();

 private:
  std::future<void> job_;  // of std::async: its destructor waits
};

}  // namespace spinode
