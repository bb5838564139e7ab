// spinode run and spinode resume: a case from its start, or from the last checkpoint, to its end.
#include <fmt/format.h>
#include <omp.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <memory>
#include <optional>
#include <utility>

#include "coarsening_text.hpp"
#include "command.hpp"
#include "spinode/case.hpp"
#include "spinode/error.hpp"
#include "spinode/needs.hpp"
#include "spinode/report.hpp"
#include "spinode/simulation.hpp"
#include "spinode/units.hpp"
#include "spinode/version.hpp"

namespace spinode::command {
namespace {

namespace fs = std::filesystem;

struct RunArguments : CaseArguments {
  fs::path output;  // results/<case> when empty
  bool quiet = false, overwrite = false, resume = false, profile = false;

  Existing existing() const { return resume ? Existing::resume : overwrite ? Existing::overwrite : Existing::refuse; }
};

/// Takes signals for a run: the first SIGINT or SIGTERM asks it to stop, the second stops the process; the same one
/// again within a second counts once, for schedulers signal every process of a job, and a parent passes it on. SIGUSR1
/// asks for a snapshot, SIGUSR2 for a checkpoint.
class SignalWatch {
 public:
  explicit SignalWatch(Requests& requests) {
    requests_ = &requests;
    struct sigaction action = {};
    action.sa_handler = handle;
    action.sa_flags = SA_RESTART;
    for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &action, &before_[i]);
  }
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;
  ~SignalWatch() {
    for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &before_[i], nullptr);
    requests_ = nullptr;
  }

  /// The signal that asked for the stop; 0 when none did.
  static int stopped_by() { return stopped_by_; }

 private:
  static constexpr std::array signals{SIGINT, SIGTERM, SIGUSR1, SIGUSR2};

  static void handle(int signal) {
    if (signal == SIGUSR1) {
      requests_->snapshot = true;
    } else if (signal == SIGUSR2) {
      requests_->checkpoint = true;
    } else if (!requests_->stop.exchange(true)) {
      stopped_by_ = signal;
      stopped_at_ = now();
    } else if (signal != stopped_by_ || now() - stopped_at_ > 1) {
      ::signal(signal, SIG_DFL);
      ::raise(signal);
    }
  }

  static double now() {
    timespec time;
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  }

  static inline Requests* requests_ = nullptr;
  static inline volatile std::sig_atomic_t stopped_by_ = 0;
  static inline double stopped_at_ = 0;  // s
  std::array<struct sigaction, signals.size()> before_{};
};

/// A charge per area [C/m2] as a reader has it; round-off about nothing is nothing.
std::string charge_text(double charge, const Case& config) {
  const double value = charge / charge_unit(config);
  return fmt::format("{:.6g}{}", std::abs(value) < 1e-12 ? 0 : value, config.system.dimensionless ? "" : " mAh/cm2");
}

/// One live line on a terminal, plain lines at intervals elsewhere.
class Progress {
 public:
  Progress(const Case& config, bool quiet) : case_(&config), quiet_(quiet), terminal_(isatty(STDOUT_FILENO) != 0) {}

  void operator()(const Measures& now) {
    if (quiet_) return;
    const double done = now.time / case_->time.end, seconds = elapsed(), interval = terminal_ ? 0.2 : 10;
    if (!first_) first_ = {seconds, done};
    if (seconds - shown_ < interval) return;
    shown_ = seconds;
    const double left = (seconds - first_->first) * (1 - done) / (done - first_->second);
    const std::string text =
        fmt::format("step {}  t = {}  dt = {}  {:.1f} %  {} left  energy {:.8g}  x {:.4g} to {:.4g}", now.step,
                    units::pretty(now.time, case_->unit("s")), units::pretty(now.dt, case_->unit("s"), 3), 100 * done,
                    units::pretty(left, "s", 3), now.energy_total(), now.x_min, now.x_max);
    if (terminal_)
      fmt::print("\r\033[K{}", text);
    else
      fmt::print("{}\n", text);
    std::fflush(stdout);
  }

  void operator()(const SchemeSwitch& change) {
    line(fmt::format("step {}  t = {}  scheme {}: {}", change.step, units::pretty(change.time, case_->unit("s")),
                     name(change.to), change.reason()));
  }

  void checkpoint(const Measures& now) {
    line(fmt::format("step {}  t = {}  checkpoint", now.step, units::pretty(now.time, case_->unit("s"))));
  }

  /// Those that no choice of the step size explains; rejections.csv has them all.
  void operator()(const RejectedStep& step) {
    if (step.reason == Rejection::not_finite || step.reason == Rejection::amount)
      line(fmt::format("step {}  t = {}  dt = {} rejected: {}", step.step + 1,
                       units::pretty(step.time, case_->unit("s")), units::pretty(step.dt, case_->unit("s"), 3),
                       name(step.reason)));
  }

  void operator()(const FinishedStep& step) {
    line(fmt::format("step {} of the protocol, {}, ended by {} at t = {}: {}, thickness {}, {}", step.number + 1,
                     step_mode_names[static_cast<std::size_t>(step.mode)],
                     step_end_names[static_cast<std::size_t>(step.end)], units::pretty(step.time, case_->unit("s")),
                     charge_text(step.delivered, *case_), units::pretty(step.thickness, case_->unit("m")),
                     units::pretty(step.potential, case_->unit("V"))));
  }

  void end_line() const {
    if (terminal_ && shown_ > 0) fmt::print("\n");
  }

  double elapsed() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  /// A line that stays, in the place of the live one.
  void line(const std::string& text) const {
    if (quiet_) return;
    fmt::print("{}{}\n", terminal_ ? "\r\033[K" : "", text);
    std::fflush(stdout);
  }

  const Case* case_;
  bool quiet_, terminal_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double shown_ = 0;
  std::optional<std::pair<double, double>> first_;  // elapsed time [s] and share of the run at the first step
};

void print_closing(const Case& config, const RunSummary& summary, const Results& results, double seconds,
                   bool profile) {
  std::int64_t rejected = 0;
  std::string reasons;
  for (std::size_t i = 0; i < rejection_names.size(); ++i) {
    rejected += summary.counts.rejected[i];
    if (summary.counts.rejected[i] > 0)
      reasons += fmt::format("{}{} {}", reasons.empty() ? ": " : ", ", summary.counts.rejected[i], rejection_names[i]);
  }
  fmt::print("done in {}: {} steps, {} rejected{}; x {:.4g} to {:.4g}, energy {:.8g}, length {}\n",
             units::pretty(seconds, "s", 3), summary.counts.accepted, rejected, reasons, summary.last.x_min,
             summary.last.x_max, summary.last.energy_total(), units::pretty(summary.last.length, config.unit("m")));
  if (summary.work.newton > 0)
    fmt::print("{} Newton and {} Krylov iterations, {} transforms\n", summary.work.newton, summary.work.krylov,
               summary.work.transforms);
  if (summary.coarsening.law) fmt::print("{}", coarsening_text(summary.coarsening, config.system.dimensionless));
  if (const ElectrodeMeasures& last = summary.last.electrode; config.electrode)
    fmt::print("{} of {} passed, imbalance {:.2g}; {:.4g} % of {} left, x {:.4g} at the separator\n",
               charge_text(last.delivered, config), charge_text(last.requested, config), last.imbalance,
               100 * last.host_left, config.system.host, last.x_face);
  if (summary.counts.largest_excursion > 0)
    fmt::print("x lay outside 0 to 1 by up to {:.3g}\n", summary.counts.largest_excursion);
  if (summary.counts.largest_extension > 0)
    fmt::print("the logarithm was continued below x = {:.3g} in up to {:.3g} % of the cells\n", config.time.log_cutoff,
               100 * summary.counts.largest_extension);
  if (profile) {
    double total = 0;
    for (const auto& [part, taken] : summary.profile()) total += taken;
    std::string line;
    for (const auto& [part, taken] : summary.profile())
      if (taken > 0)
        line += fmt::format("{}{} {} ({:.1f} %)", line.empty() ? "" : ", ", part, units::pretty(taken, "s", 3),
                            100 * taken / total);
    fmt::print("{}\n", line);
  }
  fmt::print("results in {}: open {} in ParaView\n", results.folder().string(),
             results.snapshots().index_file().string());
}

void run(const RunArguments& arguments) {
  const Case config = Case::load(arguments.file, arguments.overrides);
  if (config.run.threads > 0) omp_set_num_threads(config.run.threads);
  require_memory(config);
  const Model model(config);
  // Reads an initial state from its file, so that a fault there shows before a folder is made.
  const std::string head = describe_physics(config, model);
  const fs::path folder = arguments.output.empty() ? fs::path("results") / config.system.name : arguments.output;
  if (!arguments.quiet) {
    const int threads = omp_get_max_threads();
    fmt::print("spinode {}, {} thread{}, {}\n{}", version(), threads, threads == 1 ? "" : "s",
               config.run.single_precision ? "float" : "double", head);
    for (const std::string& shortage : shortages(config, folder)) fmt::print("warning: {}\n", shortage);
    std::fflush(stdout);
  }
  Results results(folder, config, arguments.existing());
  for (const std::string& note : results.notes()) fmt::print(stderr, "{}\n", note);
  Progress progress(config, arguments.quiet);
  Requests requests;
  const SignalWatch watch(requests);
  RunSummary summary;
  try {
    summary = simulate(config, model, results,
                       {.step = [&](const Measures& now) { progress(now); },
                        .scheme_change = [&](const SchemeSwitch& change) { progress(change); },
                        .protocol_step = [&](const FinishedStep& step) { progress(step); },
                        .rejection = [&](const RejectedStep& step) { progress(step); },
                        .checkpoint = [&](const Measures& now) { progress.checkpoint(now); }},
                       requests);
  } catch (...) {
    progress.end_line();
    throw;
  }
  progress.end_line();
  const auto time = [&](double value) { return units::pretty(value, config.unit("s")); };
  if (summary.ending == Ending::stopped)
    throw Stopped(SignalWatch::stopped_by(),
                  fmt::format("{} stopped after step {}, at t = {}; spinode resume {} goes on", config.system.name,
                              summary.last.step, time(summary.last.time), folder.string()));
  if (arguments.quiet) return;
  if (summary.ending == Ending::ended_before)
    fmt::print("{}: the run has ended, at t = {}\n", folder.string(), time(summary.last.time));
  else
    print_closing(config, summary, results, progress.elapsed(), arguments.profile);
}

void add_run_options(CLI::App& command, RunArguments& arguments) {
  command.add_option_function<int>(
      "--threads", [&arguments](int n) { arguments.overrides.push_back("threads=" + std::to_string(n)); },
      "OpenMP threads (all cores)");
  command.add_flag("--quiet", arguments.quiet, "print errors only");
  command.add_flag("--profile", arguments.profile, "print what the time went into");
}

}  // namespace

void add_run(CLI::App& app) {
  const auto arguments = std::make_shared<RunArguments>();
  CLI::App* const command = app.add_subcommand("run", "run a case");
  arguments->add_to(*command);
  command->add_option("--output", arguments->output, "folder for the results (results/<case>)");
  add_run_options(*command, *arguments);
  CLI::Option* const resume = command->add_flag("--resume", arguments->resume,
                                                "go on from the last checkpoint; a run that has none starts anew");
  command->add_flag("--overwrite", arguments->overwrite, "replace the results of an earlier run")->excludes(resume);
  command->callback([arguments] { run(*arguments); });
}

void add_resume(CLI::App& app) {
  const auto arguments = std::make_shared<RunArguments>();
  arguments->resume = true;
  CLI::App* const command = app.add_subcommand("resume", "go on with a run from its last checkpoint");
  command->add_option("folder", arguments->output, "folder of its results")->required();
  command->add_option("overrides", arguments->overrides, "key=value of time.end, output or threads");
  add_run_options(*command, *arguments);
  command->callback([arguments] {
    arguments->file = arguments->output / "resolved.toml";
    run(*arguments);
  });
}

}  // namespace spinode::command
