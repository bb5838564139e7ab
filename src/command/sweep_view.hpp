// How a study is getting on, on a terminal or in lines.
#pragma once

#include <string>

#include "spinode/study/manager.hpp"

namespace spinode::command {

/// "42 s", "3.5 min", "7 h".
std::string duration_text(double seconds);

/// "12 finished, 1 failed, 2 running, 50 to go, 3.5 min left".
std::string counts_text(const StudyProgress& progress);

/// On a terminal, a table of the running cases that is drawn over itself, and lines above it of those that failed;
/// elsewhere a line for each case that has ended.
class SweepView {
 public:
  SweepView(const StudyFolder& folder, bool quiet);
  void ended(std::size_t i, const CaseState& state);
  void show(const StudyProgress& progress);
  /// Leaves the terminal as it was.
  void close();

 private:
  void clear();
  void print_ended();

  const StudyFolder* folder_;
  bool quiet_, terminal_;
  int drawn_ = 0;  // lines
  std::vector<std::string> ended_;
};

}  // namespace spinode::command
