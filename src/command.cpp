#include "spinode/command.hpp"

#include <fmt/format.h>
#include <omp.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <numeric>

#include "spinode/case.hpp"
#include "spinode/error.hpp"
#include "spinode/hdf5.hpp"
#include "spinode/report.hpp"
#include "spinode/simulation.hpp"
#include "spinode/units.hpp"
#include "spinode/version.hpp"

namespace spinode::command {
namespace {

namespace fs = std::filesystem;

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
  if (summary.counts.largest_excursion > 0)
    fmt::print("x lay outside 0 to 1 by up to {:.3g}\n", summary.counts.largest_excursion);
  if (summary.counts.largest_extension > 0)
    fmt::print("the logarithm was continued below x = {:.3g} in up to {:.3g} % of the cells\n", config.time.log_cutoff,
               100 * summary.counts.largest_extension);
  fmt::print("results in {}: open {} in ParaView\n", results.folder().string(), results.index_file().string());
}

void info_snapshot(const fs::path& file) {
  const Hdf5File snapshot = Hdf5File::open(file);
  const std::string unit = snapshot.read_text("/", "time_unit");
  fmt::print("{}\n  case {}, step {}, time {}\n", file.string(), snapshot.read_text("/", "case"),
             snapshot.read_number("/", "step"), units::pretty(snapshot.read_number("/", "time"), unit));
  fmt::print("  written by spinode {} on {} at {}\n", snapshot.read_text("/", "spinode_version"),
             snapshot.read_text("/", "host"), snapshot.read_text("/", "created"));
  const std::vector<double> spacing = snapshot.read_numbers("/VTKHDF", "Spacing");
  const double dimension = snapshot.read_number("/", "dimension");
  for (const std::string& name : snapshot.datasets("/VTKHDF/PointData")) {
    const std::string dataset = "/VTKHDF/PointData/" + name;
    const std::vector<std::size_t> shape = snapshot.shape(dataset);
    const std::vector<double> values = snapshot.read(dataset);
    if (shape.size() != 3 || values.empty() || spacing.size() != 3 || !(dimension >= 1 && dimension <= 3))
      throw IoError(fmt::format("{}: dataset {} is no field of a snapshot", file.string(), dataset));
    std::string cells;
    for (int a = 0; a < dimension; ++a) cells += fmt::format("{}{}", a > 0 ? " x " : "", shape[2 - a]);
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    fmt::print("  {} [{}]: {} cells of {:.4g} {}, {:.6g} to {:.6g}, mean {:.8g}\n", name,
               snapshot.read_text(dataset, "unit"), cells, spacing[0],
               snapshot.read_text("/", "length_unit") == "1" ? "" : snapshot.read_text("/", "length_unit"), *low, *high,
               mean);
  }
}

void info_folder(const fs::path& folder) {
  std::vector<fs::path> snapshots;
  if (fs::is_directory(folder / "snapshots"))
    for (const auto& entry : fs::directory_iterator(folder / "snapshots"))
      if (entry.path().extension() == ".hdf") snapshots.push_back(entry.path());
  if (snapshots.empty()) throw IoError(fmt::format("{}: holds no snapshots", folder.string()));
  std::sort(snapshots.begin(), snapshots.end());
  const auto time_of = [](const fs::path& file) {
    const Hdf5File snapshot = Hdf5File::open(file);
    return units::pretty(snapshot.read_number("/", "time"), snapshot.read_text("/", "time_unit"));
  };
  fmt::print("{}: {} snapshot{} from {} to {}\n", folder.string(), snapshots.size(), snapshots.size() == 1 ? "" : "s",
             time_of(snapshots.front()), time_of(snapshots.back()));
  for (const char* name : {"resolved.toml", "timeseries.csv", "structure_factor.h5", "summary.json"})
    fmt::print("  {:<20} {}\n", name,
               fs::exists(folder / name) ? fmt::format("{} bytes", fs::file_size(folder / name)) : "missing");
  fmt::print("the last snapshot:\n");
  info_snapshot(snapshots.back());
}

}  // namespace

void run(const RunArguments& arguments) {
  const Case config = Case::load(arguments.file, arguments.overrides);
  if (config.run.threads > 0) omp_set_num_threads(config.run.threads);
  const Model model(config);
  // Reads an initial state from its file, so that a fault there shows before a folder is made.
  const std::string head = describe_physics(config, model);
  if (!arguments.quiet) {
    const int threads = omp_get_max_threads();
    fmt::print("spinode {}, {} thread{}, {}\n{}", version(), threads, threads == 1 ? "" : "s",
               config.run.single_precision ? "float" : "double", head);
    std::fflush(stdout);
  }
  Results results(arguments.output.empty() ? fs::path("results") / config.name : arguments.output, config,
                  arguments.overwrite);
  Progress progress(config, arguments.quiet);
  try {
    const RunSummary summary = simulate(config, model, results,
                                        {.step = [&](const Measures& now) { progress(now); },
                                         .scheme_change = [&](const SchemeSwitch& change) { progress(change); }});
    progress.end_line();
    if (!arguments.quiet) print_closing(config, summary, results, progress.elapsed());
  } catch (...) {
    progress.end_line();
    throw;
  }
}

void check(const CaseArguments& arguments) {
  const Case config = Case::load(arguments.file, arguments.overrides);
  const Model model(config);
  fmt::print("{}{}", describe_physics(config, model), describe_numbers(config, model));
}

void keys() {
  for (const Declaration& key : all_keys()) {
    std::string facts = key.type;
    if (!key.unit.empty() && key.unit != "1") facts += " in " + key.unit;
    if (!key.allowed.empty()) facts += ", " + key.allowed;
    facts += key.fallback == "required"                       ? ", required"
             : key.fallback.empty() || key.fallback == "\"\"" ? ", optional"
                                                              : ", default " + key.fallback;
    fmt::print("{:<28} {}\n{:<28}   {}\n", key.name, key.help, "", facts);
  }
}

void list() {
  const auto print = [](const char* kind, const auto& entries) {
    fmt::print("{}\n", kind);
    for (const auto& [name, help] : entries) fmt::print("  {:<16} {}\n", name, help);
  };
  print("free_energy.model", FreeEnergyModels::entries());
  print("mobility.model", MobilityModels::entries());
  print("elasticity.model", ElasticityModels::entries());
  print("initial.model", InitialModels::entries());
  print("time.scheme", scheme_entries());
}

void info(const fs::path& path) {
  if (!fs::exists(path)) throw IoError(fmt::format("{}: no such file or folder", path.string()));
  if (fs::is_directory(path))
    info_folder(path);
  else
    info_snapshot(path);
}

}  // namespace spinode::command
