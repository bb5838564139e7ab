// Time of each measure, and what one evaluation per 100 steps of the cheapest scheme adds to a run, on a structure of
// waves 12 cells long: counter "percent". The rows "default" are those that a run takes unless told otherwise.
//   cmake --preset release -DSPINODE_BENCHMARKS=ON && cmake --build --preset release &&
//   build/release/benchmarks/measures
#include <benchmark/benchmark.h>

#include <chrono>
#include <map>
#include <numbers>
#include <random>

#include "cubic_box.hpp"
#include "spinode/model.hpp"
#include "spinode/parallel.hpp"
#include "spinode/stepper/stepper.hpp"

namespace {

using namespace spinode;
using Seconds = std::chrono::duration<double>;

constexpr int steps_between = 100;

/// Two phases, x about 0.06 and 0.8, a quarter of it rich in solute.
struct Structure {
  Case config;
  Field<double> x;
  Spectrum<double> x_hat;
  Transform<double> transform;

  explicit Structure(long n)
      : config(cubic_box(n, "degenerate", "{model=\"isotropic\"}", "no_flux")),
        x(config.grid),
        x_hat(config.grid),
        transform(config.grid, Planning::measure) {
    std::mt19937 random(1);
    std::normal_distribution<double> normal;
    std::vector<std::array<double, 4>> waves(40);
    for (auto& [kx, ky, kz, phase] : waves) {
      kx = normal(random), ky = normal(random), kz = normal(random), phase = 7 * normal(random);
      const double k = 2 * std::numbers::pi / 12 / std::sqrt(kx * kx + ky * ky + kz * kz);
      kx *= k, ky *= k, kz *= k;
    }
    for_rows(config.grid.rows(), [&](Rows share) {
      for (std::size_t i = share.begin * config.grid.cells(0); i < share.end * config.grid.cells(0); ++i) {
        const double a = static_cast<double>(i % config.grid.cells(0)),
                     b = static_cast<double>(i / config.grid.cells(0) % config.grid.cells(1)),
                     c = static_cast<double>(i / config.grid.cells(0) / config.grid.cells(1));
        double sum = -3;
        for (const auto& [kx, ky, kz, phase] : waves) sum += std::cos(kx * a + ky * b + kz * c + phase);
        x[i] = 0.43 + 0.37 * std::tanh(sum / 2.5);
      }
    });
    Field<double> work(config.grid);
    std::copy_n(x.data(), x.size(), work.data());
    transform.forward(work, x_hat);
    x_hat.array() *= transform.scale();
  }
};

/// Wall time of a semi-implicit step with degenerate mobility [s].
double step_time(long n) {
  static std::map<long, double> known;
  if (known.contains(n)) return known[n];
  const Case config = cubic_box(n, "degenerate", "{model=\"isotropic\"}", "no_flux");
  const Model model(config);
  CahnHilliard<double> equation(config.grid.in_units_of(model.units().length), model.equation(), Planning::measure);
  StepSettings settings = model.steps();
  settings.scheme = SchemeKind::semi_implicit;
  Stepper<double> stepper(equation, settings, Planning::measure);
  Field<double> x(config.grid);
  std::visit([&](const auto& initial) { initial.fill(config.grid, x); }, config.initial);
  Spectrum<double> x_hat(config.grid);
  equation.analyse(x, x_hat);
  stepper.start(std::move(x_hat));
  Clock clock;
  clock.end = clock.stop = config.time.end / model.units().time;
  constexpr int steps = 30;
  for (int i = 0; i < 3; ++i) stepper.advance(clock);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < steps; ++i) stepper.advance(clock);
  return known[n] = Seconds(std::chrono::steady_clock::now() - start).count() / steps;
}

/// The measures of these names, with the transforms and S(k) that a run needs for them.
void evaluate(benchmark::State& state, const std::vector<std::string>& names) {
  Structure structure(state.range(0));
  const Case& config = structure.config;
  MeasureSettings settings = config.measures;
  settings.ionic = {1, 100};
  const double step = step_time(state.range(0));
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) {
    Spectrum<double> work(config.grid);
    std::copy_n(structure.x_hat.data(), work.size(), work.data());
    Field<double> x(config.grid);
    structure.transform.inverse(work, x);
    const StructureFactor S = structure_factor(config.grid, structure.x_hat);
    const Sample sample{config.grid, x, S, Thresholds(0.43)};
    for (const Measure& measure : measures())
      if (std::find(names.begin(), names.end(), measure.name) != names.end())
        benchmark::DoNotOptimize(measure.read(sample, settings));
  }
  const double once =
      Seconds(std::chrono::steady_clock::now() - start).count() / static_cast<double>(state.iterations());
  state.counters["percent"] = 100 * once / (steps_between * step);
  state.counters["steps"] = once / step;
}

}  // namespace

int main(int argc, char** argv) {
  const auto add = [](const std::string& name, const std::vector<std::string>& measures) {
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) { evaluate(state, measures); })
        ->Arg(64)
        ->Arg(128)
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  };
  std::vector<std::string> by_default;
  for (const Measure& measure : measures())
    if (measure.by_default) by_default.emplace_back(measure.name);
  add("default", by_default);
  for (const Measure& measure : measures()) add(measure.name, {measure.name});
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
