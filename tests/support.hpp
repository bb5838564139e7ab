// What the tests of runs share: a case from TOML text, and a run whose initial state is any function of position.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "spinode/case.hpp"
#include "spinode/error.hpp"
#include "spinode/model.hpp"
#include "spinode/parallel.hpp"
#include "spinode/stepper/stepper.hpp"

namespace spinode::test {

/// A folder that is removed with its contents.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "spinode-test-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A Li-Na case; `rest` adds keys or replaces the ones set here, "key=value" each.
inline Case li_na(const std::vector<std::string>& rest) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "case.toml";
  std::ofstream(file)
      << "system = \"" << SPINODE_SOURCE_DIR << "/configs/systems/li-na.toml\"\n"
      << "temperature = \"298.15 K\"\ninitial.x = 0.25\ndomain.length = [\"10 nm\"]\ndomain.cells = [64]\n"
      << "time.end = \"1 ms\"\nplanning = \"estimate\"\n";
  return Case::load(file, rest);
}

/// Power-law creep, alike in both metals and at all temperatures: keys for li_na(), whose system file has laws of its
/// own. Keys that follow replace these.
inline std::vector<std::string> power_law(const std::string& rate, const std::string& stress, double exponent) {
  std::vector<std::string> keys{"elasticity.creep.model=power_law"};
  for (const std::string metal : {"", "solute."}) {
    const auto add = [&](const std::string& key, const std::string& value) {
      keys.push_back(fmt::format("elasticity.creep.{}{}={}", metal, key, value));
    };
    add("rate", '"' + rate + '"');
    add("stress", '"' + stress + '"');
    add("exponent", fmt::format("{}", exponent));
    add("Q", "\"0 J/mol\"");
    add("temperature", "\"298.15 K\"");
  }
  return keys;
}

/// A dimensionless double well, 5 (x-0.3)^2 (0.7-x)^2 with kappa = 2: the numbers of PFHub benchmark 1 (M = 5).
inline Case double_well_case(const std::vector<std::string>& rest,
                             const std::string& mobility = "{model = \"constant\", M0 = 5}") {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "case.toml";
  std::ofstream(file) << "units = \"none\"\ninitial.x = 0.5\ndomain.length = [100]\ndomain.cells = [64]\n"
                      << "free_energy = {model = \"double_well\", W = 5, alpha = 0.3, beta = 0.7}\n"
                      << "gradient.kappa = 2\nmobility = " << mobility << "\ntime.end = 100\nplanning = \"estimate\"\n";
  return Case::load(file, rest);
}

/// A run without files. Positions and times are in the case's own units.
template <class Real = double>
class Experiment {
 public:
  using Position = std::array<double, 3>;

  explicit Experiment(const Case& given)
      : config(given),
        model(config),
        equation(config.grid.in_units_of(model.units().length), model.equation(), config.run.planning),
        stepper(equation, model.steps(), config.run.planning, model.surroundings(), model.cycler()) {}

  void start(const std::function<double(const Position&)>& x) {
    Field<Real> field(config.grid);
    for (std::size_t i = 0; i < field.size(); ++i) field[i] = static_cast<Real>(x(position(i)));
    start(std::move(field));
  }

  /// From the initial state of the case.
  void start() {
    Field<double> x(config.grid);
    std::visit([&](const auto& initial) { initial.fill(config.grid, x); }, config.initial);
    Field<Real> field(config.grid);
    std::copy(x.data(), x.data() + x.size(), field.data());
    start(std::move(field));
  }

  /// Steps to `time`, calling `observe` after each.
  void run(
      double time, const std::function<void()>& observe = [] {}) {
    clock.end = clock.stop = time / model.units().time;
    while (!clock.finished()) {
      stepper.advance(clock);
      observe();
    }
  }

  Field<Real> field() {
    Field<Real> x(config.grid);
    equation.synthesise(stepper.state(), x);
    return x;
  }

  Position position(std::size_t i) const {
    const Grid& grid = config.grid;
    const std::array<std::size_t, 3> index{i % grid.cells(0), i / grid.cells(0) % grid.cells(1),
                                           i / (grid.cells(0) * grid.cells(1))};
    Position r{};
    for (int a = 0; a < grid.dimension(); ++a) r[a] = (static_cast<double>(index[a]) + 0.5) * grid.axis(a).spacing();
    return r;
  }

  Case config;
  Model model;
  CahnHilliard<Real> equation;
  Stepper<Real> stepper;
  Clock clock;

 private:
  void start(Field<Real> field) {
    Spectrum<Real> x_hat(config.grid);
    equation.analyse(field, x_hat);
    stepper.start(std::move(x_hat));
  }
};

template <class Real>
double largest_difference(const Field<Real>& a, const Field<Real>& b) {
  return (a.array() - b.array()).abs().maxCoeff();
}

template <class Real>
double rms_difference(const Field<Real>& a, const Field<Real>& b) {
  return std::sqrt((a.array() - b.array()).square().mean());
}

/// Runs `body` with this many OpenMP threads.
inline void with_threads(int threads, const std::function<void()>& body) {
  const int before = omp_get_max_threads();
  omp_set_num_threads(threads);
  body();
  omp_set_num_threads(before);
}

}  // namespace spinode::test
