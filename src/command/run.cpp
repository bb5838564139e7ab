// spinode run: a case from its start to its end.
#include <fmt/format.h>
#include <omp.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>

#include "coarsening_text.hpp"
#include "command.hpp"
#include "spinode/case.hpp"
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
  bool quiet = false, overwrite = false;
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
    const double seconds = elapsed(), interval = terminal_ ? 0.2 : 10;
    if (seconds - shown_ < interval) return;
    shown_ = seconds;
    const double done = now.time / case_->time.end;
    const std::string text =
        fmt::format("step {}  t = {}  dt = {}  {:.1f} %  {} left  energy {:.8g}  x {:.4g} to {:.4g}", now.step,
                    units::pretty(now.time, case_->unit("s")), units::pretty(now.dt, case_->unit("s"), 3), 100 * done,
                    units::pretty(seconds * (1 - done) / done, "s", 3), now.energy_total(), now.x_min, now.x_max);
    if (terminal_)
      fmt::print("\r\033[K{}", text);
    else
      fmt::print("{}\n", text);
    std::fflush(stdout);
  }

  void operator()(const SchemeSwitch& change) {
    if (quiet_) return;
    fmt::print("{}step {}  t = {}  scheme {}: {}\n", terminal_ ? "\r\033[K" : "", change.step,
               units::pretty(change.time, case_->unit("s")), name(change.to), change.reason);
    std::fflush(stdout);
  }

  void operator()(const FinishedStep& step) {
    if (quiet_) return;
    fmt::print("{}step {} of the protocol, {}, ended by {} at t = {}: {}, thickness {}, {}\n",
               terminal_ ? "\r\033[K" : "", step.number + 1, step_mode_names[static_cast<std::size_t>(step.mode)],
               step_end_names[static_cast<std::size_t>(step.end)], units::pretty(step.time, case_->unit("s")),
               charge_text(step.delivered, *case_), units::pretty(step.thickness, case_->unit("m")),
               units::pretty(step.potential, case_->unit("V")));
    std::fflush(stdout);
  }

  void end_line() const {
    if (terminal_ && shown_ > 0) fmt::print("\n");
  }

  double elapsed() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  const Case* case_;
  bool quiet_, terminal_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double shown_ = 0;
};

void print_closing(const Case& config, const RunSummary& summary, const Results& results, double seconds) {
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
  fmt::print("results in {}: open {} in ParaView\n", results.folder().string(), results.index_file().string());
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
  Results results(folder, config, arguments.overwrite);
  Progress progress(config, arguments.quiet);
  try {
    const RunSummary summary = simulate(config, model, results,
                                        {.step = [&](const Measures& now) { progress(now); },
                                         .scheme_change = [&](const SchemeSwitch& change) { progress(change); },
                                         .protocol_step = [&](const FinishedStep& step) { progress(step); }});
    progress.end_line();
    if (!arguments.quiet) print_closing(config, summary, results, progress.elapsed());
  } catch (...) {
    progress.end_line();
    throw;
  }
}

}  // namespace

void add_run(CLI::App& app) {
  const auto arguments = std::make_shared<RunArguments>();
  CLI::App* const command = app.add_subcommand("run", "run a case");
  arguments->add_to(*command);
  command->add_option("--output", arguments->output, "folder for the results (results/<case>)");
  command->add_option_function<int>(
      "--threads", [arguments](int n) { arguments->overrides.push_back("threads=" + std::to_string(n)); },
      "OpenMP threads (all cores)");
  command->add_flag("--quiet", arguments->quiet, "print errors only");
  command->add_flag("--overwrite", arguments->overwrite, "replace the results of an earlier run");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace spinode::command
