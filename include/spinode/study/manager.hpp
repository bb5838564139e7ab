// Runs the cases of a study on this machine, each in a process of its own.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "spinode/study/study_folder.hpp"

namespace spinode {

/// How cases share the processor cores.
struct Slots {
  int cores = 1;             // that may be busy at a time
  int jobs = 1;              // cases at a time
  std::vector<int> threads;  // of each case of the study; 0: as the case says
  std::string note;          // why there are fewer jobs than asked for

  /// `jobs`: as asked for; as many as fit when empty. `threads`: of each case, 0 where it takes what there is.
  /// `memory`: bytes of the largest case. Never more threads than cores, nor more memory than is free. Throws
  /// ConfigError where a case wants more threads than there are cores.
  static Slots fit(std::optional<int> jobs, const std::vector<int>& threads, double memory);
};

struct RunningCase {
  std::size_t i;
  int threads;
  double progress;  // share of its time
  double seconds;   // since it was started
};

/// How a study is getting on.
struct StudyProgress {
  std::size_t finished = 0, failed = 0, left = 0;  // left: neither over nor running
  std::vector<RunningCase> running;
  double seconds = 0;  // since the start
  std::optional<double> seconds_left;
};

struct ManagerObservers {
  std::function<void(std::size_t i, const CaseState&)> ended = {};
  std::function<void(const StudyProgress&)> progress = {};  // some times a second
};

/// Runs those of the cases that are not over, by `spinode run --resume`, and waits for those that another process runs.
/// SIGINT or SIGTERM stops them with a checkpoint, a second one at once; they stop likewise when this process dies.
/// Returns the signal that ended it, or 0.
int run_cases(const StudyFolder& folder, const std::vector<std::size_t>& cases, const Slots& slots,
              const ManagerObservers& observers = {});

}  // namespace spinode
