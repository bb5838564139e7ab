#include "sweep_view.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

#include "spinode/units.hpp"

namespace spinode::command {

std::string duration_text(double seconds) {
  if (seconds < 100) return fmt::format("{:.3g} s", std::max(seconds, 0.01));
  if (seconds < 100 * 60) return fmt::format("{:.3g} min", seconds / 60);
  if (seconds < 100 * 3600) return fmt::format("{:.3g} h", seconds / 3600);
  return fmt::format("{:.3g} days", seconds / 86400);
}

std::string counts_text(const StudyProgress& progress) {
  std::string text = fmt::format("{} finished", progress.finished);
  if (progress.failed > 0) text += fmt::format(", {} failed", progress.failed);
  if (!progress.running.empty()) text += fmt::format(", {} running", progress.running.size());
  if (progress.left > 0) text += fmt::format(", {} to go", progress.left);
  if (progress.seconds_left && progress.left + progress.running.size() > 0)
    text += fmt::format(", {} left", duration_text(*progress.seconds_left));
  return text;
}

SweepView::SweepView(const StudyFolder& folder, bool quiet)
    : folder_(&folder), quiet_(quiet), terminal_(isatty(STDOUT_FILENO) != 0) {}

void SweepView::ended(std::size_t i, const CaseState& state) {
  if (quiet_ || (terminal_ && state.stage != CaseStage::failed)) return;
  std::string line = fmt::format("case {} {}: {}", i + 1, name(state.stage), folder_->design().label(i));
  if (!state.failure.empty()) line += fmt::format(": {}", state.failure);
  ended_.push_back(line);
}

void SweepView::print_ended() {
  for (const std::string& line : ended_) fmt::print("{}\n", line);
  ended_.clear();
}

void SweepView::show(const StudyProgress& progress) {
  if (quiet_) return;
  if (!terminal_) {
    // The last of the lines says how the whole is.
    if (!ended_.empty()) ended_.back() += fmt::format("; {}", counts_text(progress));
    print_ended();
    std::fflush(stdout);
    return;
  }
  clear();
  print_ended();
  winsize window{};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0;
  const std::size_t width = known ? window.ws_col - 1 : 79, height = known ? window.ws_row : 24;
  std::vector<std::string> lines{counts_text(progress)};
  for (const RunningCase& run : progress.running) {
    if (lines.size() + 2 > height) break;
    // A case that is resumed says nothing of its pace, nor does one that has hardly begun.
    lines.push_back(fmt::format("  {:>5} {:>5.1f} %  {:>8}  {}", run.i + 1, 100 * run.progress,
                                duration_text(run.seconds), folder_->design().label(run.i)));
  }
  for (const std::string& line : lines) fmt::print("{}\n", line.substr(0, width));
  drawn_ = static_cast<int>(lines.size());
  std::fflush(stdout);
}

void SweepView::clear() {
  for (; drawn_ > 0; --drawn_) fmt::print("\033[A\033[2K");
}

void SweepView::close() {
  clear();
  print_ended();
  std::fflush(stdout);
}

}  // namespace spinode::command
