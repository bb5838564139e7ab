// Time of a step over that of FFTW's own real transform forward and back (r2c + c2r, nothing else), on the same grid
// with as many threads and the same planning effort, in one process: the ratios that spinode is held to.
//   cmake --preset release -DSPINODE_BENCHMARKS=ON && cmake --build --preset release && build/release/benchmarks/speed
// The target "benchmark" runs it, and memory.py.
#include <fmt/format.h>
#include <getopt.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "cubic_box.hpp"
#include "fftw_pair.hpp"
#include "fixed_steps.hpp"
#include "spinode/model.hpp"
#include "spinode/simulation.hpp"
#include "spinode/version.hpp"

namespace {

using namespace spinode;

constexpr int least_rounds = 3, most_rounds = 60;

struct Options {
  long size = 256;
  int threads = omp_get_max_threads();
  Planning planning = Planning::measure;
  double seconds = 5;            // that one comparison takes, about
  std::vector<long> pair_alone;  // its cells; empty: the table
  bool in_float = false;
  std::string json;
};

/// What is timed, and the threads that it was made for.
struct Contender {
  int threads;
  std::function<void()> run;
};

double seconds_of(const std::function<void()>& run) {
  const auto start = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

/// Median time of each [s]. They take turns in short blocks, so that a drift of the machine reaches all of them.
std::vector<double> race(const std::vector<Contender>& contenders, double seconds) {
  constexpr double least_block = 0.02;
  std::vector<int> block;
  double round = 0;
  for (const Contender& contender : contenders) {
    omp_set_num_threads(contender.threads);
    for (int i = 0; i < 3; ++i) contender.run();  // the second order starts with steps of the first
    const double once = seconds_of(contender.run);
    block.push_back(std::max(3, static_cast<int>(least_block / once)));
    round += block.back() * once;
  }
  const int rounds = std::clamp(static_cast<int>(seconds / round), least_rounds, most_rounds);
  std::vector<std::vector<double>> times(contenders.size());
  for (int r = 0; r < rounds; ++r)
    for (std::size_t c = 0; c < contenders.size(); ++c) {
      omp_set_num_threads(contenders[c].threads);
      for (int i = 0; i < block[c]; ++i) times[c].push_back(seconds_of(contenders[c].run));
    }
  std::vector<double> medians;
  for (const std::vector<double>& of_one : times) medians.push_back(median(of_one));
  return medians;
}

template <class Real>
Contender pair(const std::vector<long>& cells, bool in_place, int threads, Planning planning) {
  omp_set_num_threads(threads);
  return {threads, [p = std::make_shared<FftwPair<Real>>(cells, in_place, planning)] { (*p)(); }};
}

template <class Real>
Contender steps(const Case& config, int threads, Planning planning) {
  omp_set_num_threads(threads);
  return {threads, [s = std::make_shared<Steps<Real>>(config, planning)] { (*s)(); }};
}

/// One row of the table: two times, and what their ratio should be.
struct Row {
  std::string measure, over;
  int threads;
  double value, reference;  // ms; factors, in a row of speed-ups
  std::optional<double> target = {};
  bool at_least = false;

  double ratio() const { return value / reference; }
  bool met() const { return at_least ? ratio() >= *target : ratio() <= *target; }
};

class Table {
 public:
  explicit Table(const Options& options) : options_(options) {
    fmt::print("{:<30} {:<18} {:>7} {:>9} {:>9} {:>7} {:>8}\n", "measure", "over", "threads", "ms", "of ms", "ratio",
               "target");
  }

  void add(const Row& row) {
    fmt::print("{:<30} {:<18} {:>7} {:>9.4g} {:>9.4g} {:>7.3f}", row.measure, row.over, row.threads, row.value,
               row.reference, row.ratio());
    if (row.target)
      fmt::print("  {} {:.2f}  {}", row.at_least ? ">=" : "<=", *row.target, row.met() ? "met" : "not met");
    fmt::print("\n");
    std::fflush(stdout);
    rows_.push_back(row);
  }

  void write() const {
    if (options_.json.empty()) return;
    auto rows = nlohmann::ordered_json::array();
    for (const Row& row : rows_) {
      nlohmann::ordered_json entry{{"measure", row.measure}, {"over", row.over},           {"threads", row.threads},
                                   {"value", row.value},     {"reference", row.reference}, {"ratio", row.ratio()}};
      if (row.target) entry.update({{"target", *row.target}, {"met", row.met()}});
      rows.push_back(entry);
    }
    std::ofstream file(options_.json);
    file << nlohmann::ordered_json{{"version", version()}, {"size", options_.size}, {"rows", rows}}.dump(2) << "\n";
    if (!file.flush()) throw std::runtime_error(fmt::format("cannot write {}", options_.json));
  }

 private:
  Options options_;
  std::vector<Row> rows_;
};

/// A step against FFTW's pair, with one thread and with all; `speed_up`: and how both gain from threads.
void against_pair(Table& table, const Options& options, const std::string& what, const Case& config,
                  const std::vector<long>& cells, double target, bool speed_up) {
  std::vector<int> counts{1};
  if (options.threads > 1) counts.push_back(options.threads);
  std::vector<Contender> contenders;
  for (const int threads : counts) {
    contenders.push_back(steps<double>(config, threads, options.planning));
    for (const bool in_place : {true, false})
      contenders.push_back(pair<double>(cells, in_place, threads, options.planning));
  }
  const std::vector<double> time = race(contenders, options.seconds);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double step = 1e3 * time[3 * i], in_place = 1e3 * time[3 * i + 1], out_of_place = 1e3 * time[3 * i + 2];
    table.add({what, "pair", counts[i], step, in_place, target});
    table.add({what, "pair out of place", counts[i], step, out_of_place});
  }
  if (speed_up && counts.size() > 1)
    table.add({what, "speed-up of pair", options.threads, time[0] / time[3], time[1] / time[4], 1.0, true});
}

template <class Real>
void pair_alone(Table& table, const Options& options) {
  const std::vector<long>& cells = options.pair_alone;
  const std::vector<double> time = race({pair<Real>(cells, true, options.threads, options.planning),
                                         pair<Real>(cells, false, options.threads, options.planning)},
                                        options.seconds);
  table.add({"pair", "pair out of place", options.threads, 1e3 * time[0], 1e3 * time[1]});
}

/// What mobility, elasticity, walls and precision make of a step, with all threads.
void variants(Table& table, const Options& options, const std::vector<long>& cells) {
  const int threads = options.threads;
  const Planning planning = options.planning;
  const auto li_na = [&](const std::string& mobility, const std::string& elasticity, const std::string& boundary) {
    return li_na_box(cells, mobility, elasticity, boundary);
  };
  const std::string none = "{ model = \"none\" }";
  const Case plain = li_na("constant", none, "periodic");
  const std::vector<double> time = race(
      {pair<double>(cells, true, threads, planning), steps<double>(plain, threads, planning),
       steps<double>(li_na("degenerate", none, "periodic"), threads, planning),
       steps<double>(li_na("constant", "{ model = \"cubic\" }", "periodic"), threads, planning),
       steps<double>(li_na("constant", none, "no_flux"), threads, planning), steps<float>(plain, threads, planning)},
      2 * options.seconds);
  const auto add = [&](const std::string& what, const std::string& over, std::size_t one, std::size_t other,
                       double target) {
    table.add({what, over, threads, 1e3 * time[one], 1e3 * time[other], target});
  };
  add("degenerate mobility", "pair", 2, 0, 1.9);
  add("cubic elasticity", "without", 3, 1, 1.05);
  add("no-flux last axis", "periodic", 4, 1, 1.3);
  add("float", "double", 5, 1, 0.6);
}

/// What a run spends on its tables and files: an eighth of the cells, tables at their default cadence, a snapshot
/// every 100 steps, as in a run of 3000 steps with those that it has by default.
void measures_and_output(Table& table, const Options& options) {
  constexpr int steps = 300;
  Case config = li_na_box(std::vector<long>(3, options.size / 2), "degenerate", "{ model = \"none\" }", "periodic",
                          "{ model = \"spheres\", fraction = 0.3, radius = \"1 nm\", edge = \"0.5 nm\","
                          "  x_host = 0.06, x_solute = 0.8 }");
  config.run.planning = options.planning;
  config.time.scheme = SchemeKind::semi_implicit;
  config.time.end = steps * *config.time.step;
  config.output.times.clear();
  for (int snapshot = 1; snapshot <= 3; ++snapshot) config.output.times.push_back(config.time.end * snapshot / 3);
  config.output.checkpoint_every = 0;
  omp_set_num_threads(options.threads);
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / fmt::format("spinode-benchmark-{}", getpid());
  RunSummary run;
  {
    Results results(folder, config, Existing::overwrite);
    Requests requests;
    run = simulate(config, Model(config), results, {}, requests);
  }
  std::filesystem::remove_all(folder);
  const double beside = 1e3 * (run.seconds_measures + run.seconds_output) / steps;
  table.add({"measures and output", "run", options.threads, beside, beside + 1e3 * run.seconds_steps / steps, 0.03});
}

void ratios(Table& table, const Options& options) {
  const std::vector<long> cells(3, options.size);
  const auto logarithmic = [](const std::vector<long>& box) {
    return li_na_box(box, "constant", "{ model = \"none\" }", "periodic");
  };
  against_pair(table, options, "order 1, polynomial", double_well_box(cells, 1), cells, 0.8, true);
  against_pair(table, options, "order 2, polynomial", double_well_box(cells, 2), cells, 1.0, true);
  against_pair(table, options, "order 2, logarithm", logarithmic(cells), cells, 1.25, true);
  variants(table, options, cells);
  for (const std::vector<long>& small : {std::vector<long>(2, 128), std::vector<long>(3, 64)})
    against_pair(table, options, fmt::format("order 2, logarithm, {}^{}", small[0], small.size()), logarithmic(small),
                 small, 1.5, false);
  measures_and_output(table, options);
}

constexpr const char* usage =
    "speed [--size 256] [--threads N] [--planning estimate|measure|patient] [--seconds 5] [--json FILE]\n"
    "speed --pair 256x256x512 [--float] ...    the transforms of FFTW alone";

Options read(int argc, char** argv) {
  const std::vector<option> known{
      {"size", required_argument, nullptr, 's'},     {"threads", required_argument, nullptr, 't'},
      {"planning", required_argument, nullptr, 'p'}, {"seconds", required_argument, nullptr, 'd'},
      {"json", required_argument, nullptr, 'j'},     {"pair", required_argument, nullptr, 'f'},
      {"float", no_argument, nullptr, 'r'},          {nullptr, 0, nullptr, 0}};
  Options options;
  const std::string efforts[] = {"estimate", "measure", "patient"};
  for (int key; (key = getopt_long(argc, argv, "", known.data(), nullptr)) != -1;) switch (key) {
      case 's':
        options.size = std::atol(optarg);
        break;
      case 't':
        options.threads = std::atoi(optarg);
        break;
      case 'p': {
        const auto effort = std::find(std::begin(efforts), std::end(efforts), std::string(optarg));
        if (effort == std::end(efforts)) throw std::invalid_argument(usage);
        options.planning = static_cast<Planning>(effort - std::begin(efforts));
        break;
      }
      case 'd':
        options.seconds = std::atof(optarg);
        break;
      case 'j':
        options.json = optarg;
        break;
      case 'f':
        for (const char* next = optarg; *next;) {
          char* end = nullptr;
          options.pair_alone.push_back(std::strtol(next, &end, 10));
          next = *end == 'x' ? end + 1 : end;
          if (options.pair_alone.back() < 1) throw std::invalid_argument(usage);
        }
        break;
      case 'r':
        options.in_float = true;
        break;
      default:
        throw std::invalid_argument(usage);
    }
  if (optind < argc || options.size < 4 || options.threads < 1) throw std::invalid_argument(usage);
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = read(argc, argv);
    Table table(options);
    if (options.pair_alone.empty())
      ratios(table, options);
    else if (options.in_float)
      pair_alone<float>(table, options);
    else
      pair_alone<double>(table, options);
    table.write();
  } catch (const std::exception& fault) {
    fmt::print(stderr, "{}\n", fault.what());
    return 1;
  }
}
