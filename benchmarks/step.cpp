// Time of a step of each scheme beside FFTW's own forward and inverse transform on the same grid, in one process.
//   cmake --preset release -DSPINODE_BENCHMARKS=ON && cmake --build --preset release && build/release/benchmarks/step
#include <benchmark/benchmark.h>

#include <string>

#include "cubic_box.hpp"
#include "spinode/model.hpp"
#include "spinode/stepper/stepper.hpp"

namespace {

using namespace spinode;

template <class Real>
void transform_pair(benchmark::State& state, const std::string& boundary) {
  const Grid grid = cubic_box(state.range(0), "degenerate", "{model=\"none\"}", boundary).grid;
  Transform<Real> transform(grid, Planning::measure);
  Field<Real> x(grid);
  Spectrum<Real> x_hat(grid);
  for (auto _ : state) {
    transform.forward(x, x_hat);
    transform.inverse(x_hat, x);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<long>(grid.size()));
}

template <class Real>
void step(benchmark::State& state, const std::string& mobility, const std::string& elasticity,
          const std::string& boundary) {
  const Case config = cubic_box(state.range(0), mobility, elasticity, boundary);
  const Model model(config);
  CahnHilliard<Real> equation(config.grid.in_units_of(model.units().length), model.equation(), Planning::measure);
  Stepper<Real> stepper(equation, model.steps(), Planning::measure);
  Field<double> noise(config.grid);
  std::visit([&](const auto& initial) { initial.fill(config.grid, noise); }, config.initial);
  Field<Real> x(config.grid);
  std::copy(noise.data(), noise.data() + noise.size(), x.data());
  Spectrum<Real> x_hat(config.grid);
  equation.analyse(x, x_hat);
  stepper.start(x_hat);
  Clock clock;
  clock.end = clock.stop = config.time.end / model.units().time;
  for (auto _ : state) stepper.advance(clock);
  state.SetItemsProcessed(state.iterations() * static_cast<long>(config.grid.size()));
  if (stepper.counts().accepted != state.iterations())
    state.SkipWithError("steps were rejected: this is no timing of a step");
}

template <class Body>
void add(const char* name, Body body) {
  benchmark::RegisterBenchmark(name, body)->Arg(64)->Arg(96)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();
}

}  // namespace

int main(int argc, char** argv) {
  using State = benchmark::State;
  const std::string none = "{model=\"none\"}", mixed = "{model=\"cubic\", moduli=\"mixed\"}",
                    creeping =
                        "{model=\"cubic\", moduli=\"mixed\", creep={model=\"viscous\", relaxation_time=\"20 us\"}}";
  add("transforms/double/periodic", [](State& s) { transform_pair<double>(s, "periodic"); });
  add("transforms/double/no_flux", [](State& s) { transform_pair<double>(s, "no_flux"); });
  add("transforms/float/periodic", [](State& s) { transform_pair<float>(s, "periodic"); });
  add("step/double/constant", [=](State& s) { step<double>(s, "constant", none, "periodic"); });
  add("step/double/degenerate", [=](State& s) { step<double>(s, "degenerate", none, "periodic"); });
  add("step/double/degenerate/isotropic",
      [=](State& s) { step<double>(s, "degenerate", "{model=\"isotropic\"}", "periodic"); });
  add("step/double/degenerate/cubic",
      [=](State& s) { step<double>(s, "degenerate", "{model=\"cubic\"}", "periodic"); });
  add("step/double/degenerate/mixed", [=](State& s) { step<double>(s, "degenerate", mixed, "periodic"); });
  add("step/double/degenerate/creeping", [=](State& s) { step<double>(s, "degenerate", creeping, "periodic"); });
  add("step/double/degenerate/no_flux", [=](State& s) { step<double>(s, "degenerate", none, "no_flux"); });
  add("step/float/degenerate", [=](State& s) { step<float>(s, "degenerate", none, "periodic"); });
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
