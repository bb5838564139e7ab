#include "spinode/study/manager.hpp"

#include <fmt/format.h>
#include <omp.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstring>
#include <deque>
#include <fstream>
#include <map>

#include "../output/whole_file.hpp"
#include "processes.hpp"
#include "spinode/error.hpp"
#include "spinode/room.hpp"

namespace spinode {
namespace {

namespace fs = std::filesystem;
using Wall = std::chrono::steady_clock;

double seconds_since(Wall::time_point start) { return std::chrono::duration<double>(Wall::now() - start).count(); }

/// What the log says last, for a run that ended without a summary.
std::string last_words(const fs::path& log) {
  std::ifstream in(log);
  std::string last;
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) last = line;
  constexpr std::size_t longest = 2000;
  return last.substr(0, longest);
}

class Manager {
 public:
  Manager(const StudyFolder& folder, const std::vector<std::size_t>& cases, const Slots& slots,
          const ManagerObservers& observers)
      : folder_(&folder), slots_(&slots), observers_(&observers) {
    for (const std::size_t i : cases) {
      if (folder.settled(i))
        count(folder.state(i));
      else
        waiting_.push_back(i);
    }
  }

  int operator()() {
    while (!waiting_.empty() || !running_.empty()) {
      if (stopped()) {
        if (passed_on_ < Processes::requests()) processes_.signal(passed_on_ == 0 ? SIGTERM : SIGKILL);
        passed_on_ = Processes::requests();
        if (running_.empty()) break;
      } else {
        start_what_fits();
      }
      for (const Processes::Ended& ended : processes_.wait(0.25)) end(ended);
      tell();
    }
    tell();
    return stopped() ? Processes::request() : 0;
  }

 private:
  struct Running {
    std::size_t i;
    int threads;
    Wall::time_point start;
    double end;       // of its time [s]
    double progress;  // when it was started
  };

  static bool stopped() { return Processes::requests() > 0; }

  void count(const CaseState& state) { ++(state.stage == CaseStage::failed ? progress_.failed : progress_.finished); }

  void start_what_fits() {
    int busy = 0;
    for (const auto& [process, run] : running_) busy += run.threads;
    // Those that another process runs, perhaps as it stops, have their turn again later.
    for (std::size_t tries = waiting_.size(); tries > 0 && static_cast<int>(running_.size()) < slots_->jobs; --tries) {
      const std::size_t i = waiting_.front();
      const int threads = slots_->threads[i];
      if (busy + threads > slots_->cores) return;
      waiting_.pop_front();
      const CaseState state = folder_->state(i);
      if (state.stage == CaseStage::running) {
        waiting_.push_back(i);
        continue;
      }
      if (folder_->settled(i)) {  // by another process, since it was counted as waiting
        count(state);
        continue;
      }
      fs::remove(folder_->failure_file(i));
      const double last = folder_->end_time(i);
      const double before = state.stage == CaseStage::interrupted ? folder_->progress(i, last) : 0;
      std::vector<std::string> command{
          "spinode", "run", folder_->case_file(i).string(), "--output", folder_->run_folder(i).string(), "--resume"};
      if (threads > 0) command.insert(command.end(), {"--threads", std::to_string(threads)});
      const pid_t process = processes_.start(command, folder_->log_file(i));
      running_.emplace(process, Running{i, threads, Wall::now(), last, before});
      busy += threads;
    }
  }

  std::string reason(std::size_t i, int status) const {
    if (folder_->settled(i)) return folder_->state(i).failure;
    if (WIFSIGNALED(status))
      return fmt::format("killed by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
    return fmt::format("{} (exit code {})", last_words(folder_->log_file(i)), WEXITSTATUS(status));
  }

  void end(const Processes::Ended& ended) {
    const Running run = running_.at(ended.process);
    running_.erase(ended.process);
    const int code = WIFEXITED(ended.status) ? WEXITSTATUS(ended.status) : 128 + WTERMSIG(ended.status);
    const bool asked = code == 128 + SIGTERM || code == 128 + SIGINT || (stopped() && code == 128 + SIGKILL);
    if (code != 0 && !asked) write_whole(folder_->failure_file(run.i), reason(run.i, ended.status) + "\n");
    const CaseState state = folder_->state(run.i);
    if (state.over()) {
      count(state);
      work_done_ += 1 - run.progress;
    } else {
      // Stopped: it keeps its checkpoint, and this study does not start it again.
      ++progress_.left;
    }
    if (observers_->ended) observers_->ended(run.i, state);
  }

  void tell() {
    if (!observers_->progress) return;
    progress_.running.clear();
    double under_way = 0, to_do = static_cast<double>(waiting_.size());
    for (const auto& [process, run] : running_) {
      const double now = folder_->progress(run.i, run.end);
      progress_.running.push_back({run.i, run.threads, now, seconds_since(run.start)});
      under_way += std::max(0.0, now - run.progress);
      to_do += 1 - now;
    }
    std::sort(progress_.running.begin(), progress_.running.end(),
              [](const auto& a, const auto& b) { return a.i < b.i; });
    StudyProgress now = progress_;
    now.left += waiting_.size();
    now.seconds = seconds_since(start_);
    if (const double done = work_done_ + under_way; done > 0) now.seconds_left = now.seconds / done * to_do;
    observers_->progress(now);
  }

  const StudyFolder* folder_;
  const Slots* slots_;
  const ManagerObservers* observers_;
  Processes processes_;
  std::deque<std::size_t> waiting_;
  std::map<pid_t, Running> running_;
  StudyProgress progress_;
  double work_done_ = 0;  // cases
  int passed_on_ = 0;
  Wall::time_point start_ = Wall::now();
};

}  // namespace

Slots Slots::fit(std::optional<int> jobs, const std::vector<int>& threads, double memory) {
  Slots slots;
  slots.cores = omp_get_num_procs();
  const int most = *std::max_element(threads.begin(), threads.end()), cases = static_cast<int>(threads.size());
  if (most > slots.cores)
    throw ConfigError(fmt::format("threads = {}: this machine has {} processor cores", most, slots.cores));
  // Cases that take several threads each leave room for fewer.
  const int least = std::max(1, *std::min_element(threads.begin(), threads.end()));
  slots.jobs = std::min(jobs.value_or(slots.cores / least), cases);
  if (slots.jobs > slots.cores / least) {
    slots.note = fmt::format("{} jobs would share {} cores", slots.jobs, slots.cores);
    slots.jobs = slots.cores / least;
  }
  if (const double room = std::floor(0.9 * free_memory() / std::max(memory, 1.0)); room < slots.jobs) {
    slots.jobs = std::max(1, static_cast<int>(room));
    slots.note =
        fmt::format("a case takes up to {} of memory, {} are free", byte_text(memory), byte_text(free_memory()));
  }
  for (const int own : threads) slots.threads.push_back(own > 0 ? own : slots.cores / slots.jobs);
  return slots;
}

int run_cases(const StudyFolder& folder, const std::vector<std::size_t>& cases, const Slots& slots,
              const ManagerObservers& observers) {
  return Manager(folder, cases, slots, observers)();
}

}  // namespace spinode
