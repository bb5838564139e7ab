// Time of each kernel with the bytes per second of the arrays that it must read and write, each once, and their share
// of what a triad over the same cells reaches (STREAM: McCalpin 1995); at the end, steps that elasticity makes dear.
//   cmake --preset release -DSPINODE_BENCHMARKS=ON && cmake --build --preset release &&
//   build/release/benchmarks/kernels
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <string>

#include "cubic_box.hpp"
#include "fftw_pair.hpp"
#include "fixed_steps.hpp"
#include "spinode/cahn_hilliard.hpp"
#include "spinode/measure/structure_factor.hpp"
#include "spinode/mobility/log_mean_flux.hpp"
#include "spinode/model.hpp"
#include "spinode/parallel.hpp"

namespace {

using namespace spinode;
using State = benchmark::State;

const std::string no_elasticity = "{ model = \"none\" }";

void triad(const Array<double>& b, const Array<double>& c, Array<double>& a) {
#pragma omp parallel for simd schedule(static)
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = b[i] + 3 * c[i];
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Bytes per second of a triad over three arrays of n^3 numbers, the best of several.
double triad_rate(long n) {
  static std::map<long, double> known;
  if (known.contains(n)) return known[n];
  const auto size = static_cast<std::size_t>(n * n * n);
  Array<double> a(size), b(size), c(size);
  double best = 0;
  for (int i = 0; i < 20; ++i) {
    const auto start = std::chrono::steady_clock::now();
    triad(b, c, a);
    benchmark::ClobberMemory();
    best = std::max(best, 3 * sizeof(double) * static_cast<double>(size) / seconds_since(start));
  }
  return known[n] = best;
}

/// Runs the kernel, and counts the bytes of `numbers` numbers in each of its calls.
template <class Real, class Kernel>
void time_kernel(State& state, std::size_t numbers, Kernel kernel) {
  const double rate = triad_rate(state.range(0));
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) kernel();
  const double bytes = static_cast<double>(state.iterations()) * static_cast<double>(numbers * sizeof(Real));
  state.counters["of_triad"] = bytes / seconds_since(start) / rate;
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

void triad_alone(State& state) {
  const auto size = static_cast<std::size_t>(state.range(0) * state.range(0) * state.range(0));
  Array<double> a(size), b(size), c(size);
  time_kernel<double>(state, 3 * size, [&] {
    triad(b, c, a);
    benchmark::ClobberMemory();
  });
}

template <class Real>
void fftw(State& state, bool in_place) {
  const std::vector<long> cells(3, state.range(0));
  FftwPair<Real> pair(cells, in_place, Planning::measure);
  const Grid grid = cubic_box(state.range(0), "constant", no_elasticity, "periodic").grid;
  time_kernel<Real>(state, 2 * (grid.size() + 2 * grid.mode_count()), [&] { pair(); });
}

/// The equation on its grid, and noise about the mean of its initial state.
template <class Real>
struct Noise {
  Model model;
  Grid grid;
  CahnHilliard<Real> equation;
  Field<Real> x;
  Spectrum<Real> x_hat;

  Noise(long n, const std::string& mobility, const std::string& boundary = "periodic")
      : Noise(cubic_box(n, mobility, no_elasticity, boundary)) {}

 private:
  explicit Noise(const Case& config)
      : model(config),
        grid(config.grid.in_units_of(model.units().length)),
        equation(grid, model.equation(), Planning::measure),
        x(grid),
        x_hat(grid) {
    Field<double> initial(grid);
    std::visit([&](const auto& state) { state.fill(config.grid, initial); }, config.initial);
    std::copy_n(initial.data(), initial.size(), x.data());
    equation.analyse(x, x_hat);
    equation.synthesise(x_hat, x);
  }
};

template <class Real>
void transforms(State& state, const std::string& boundary) {
  const Grid grid = cubic_box(state.range(0), "constant", no_elasticity, boundary).grid;
  Transform<Real> transform(grid, Planning::measure);
  Field<Real> field(grid);  // zeros, which stay what they are
  Spectrum<Real> spectrum(grid);
  time_kernel<Real>(state, 2 * (field.size() + spectrum.size()), [&] {
    transform.forward(field, spectrum);
    transform.inverse(spectrum, field);
  });
}

template <class Real>
void evaluate(State& state, const std::string& mobility) {
  Noise<Real> noise(state.range(0), mobility);
  time_kernel<Real>(state, 2 * noise.x_hat.size(), [&] {
    noise.equation.present(noise.x_hat);
    benchmark::DoNotOptimize(noise.equation.evaluate(nullptr));
  });
}

template <class Real>
void survey(State& state) {
  Noise<Real> noise(state.range(0), "constant");
  time_kernel<Real>(state, noise.x_hat.size(), [&] { benchmark::DoNotOptimize(noise.equation.survey(noise.x_hat)); });
}

template <class Real>
void spectral_potential(State& state) {
  Noise<Real> noise(state.range(0), "constant");
  Spectrum<Real> out(noise.grid);
  time_kernel<Real>(state, 2 * out.size(), [&] {
    noise.equation.linear().apply(noise.x_hat, out);
    benchmark::ClobberMemory();
  });
}

template <class Real>
void spectral_energies(State& state) {
  Noise<Real> noise(state.range(0), "constant");
  time_kernel<Real>(state, noise.x_hat.size(),
                    [&] { benchmark::DoNotOptimize(noise.equation.linear().energies(noise.x_hat)); });
}

template <class Real>
void log_mean_flux(State& state) {
  Noise<Real> noise(state.range(0), "degenerate");
  LogMeanFlux<Real> flux(noise.grid, std::get<DarkenMobility>(noise.equation.parameters().mobility),
                         noise.equation.parameters().G.ideal());
  Field<Real> y(noise.grid), w(noise.grid), out(noise.grid);
  for (std::size_t i = 0; i < y.size(); ++i) {
    y[i] = std::log(noise.x[i] / (1 - noise.x[i]));
    w[i] = noise.x[i];
  }
  time_kernel<Real>(state, 4 * y.size(), [&] {
    flux.divergence(noise.x, y, w, out);
    benchmark::ClobberMemory();
  });
}

template <class Real>
void structure(State& state) {
  Noise<Real> noise(state.range(0), "constant");
  time_kernel<Real>(state, noise.x_hat.size(),
                    [&] { benchmark::DoNotOptimize(structure_factor(noise.grid, noise.x_hat)); });
}

void step(State& state, const std::string& elasticity) {
  Steps<double> steps(cubic_box(state.range(0), "degenerate", elasticity, "periodic"), Planning::measure);
  for (auto _ : state) steps();
}

void add(const std::string& name, void (*body)(State&)) {
  benchmark::RegisterBenchmark(name.c_str(), body)->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();
}

template <class Real>
void add_all(const std::string& precision) {
  add("fftw/in_place" + precision, [](State& s) { fftw<Real>(s, true); });
  add("fftw/out_of_place" + precision, [](State& s) { fftw<Real>(s, false); });
  add("transforms/periodic" + precision, [](State& s) { transforms<Real>(s, "periodic"); });
  add("transforms/no_flux" + precision, [](State& s) { transforms<Real>(s, "no_flux"); });
  add("evaluate/constant" + precision, [](State& s) { evaluate<Real>(s, "constant"); });
  add("evaluate/degenerate" + precision, [](State& s) { evaluate<Real>(s, "degenerate"); });
  add("survey" + precision, survey<Real>);
  add("spectral_potential" + precision, spectral_potential<Real>);
  add("spectral_energies" + precision, spectral_energies<Real>);
  add("log_mean_flux" + precision, log_mean_flux<Real>);
  add("structure_factor" + precision, structure<Real>);
}

}  // namespace

int main(int argc, char** argv) {
  add("triad", triad_alone);
  add_all<double>("/double");
  add_all<float>("/float");
  add("step/cubic", [](State& s) { step(s, "{ model = \"cubic\" }"); });
  add("step/mixed", [](State& s) { step(s, "{ model = \"cubic\", moduli = \"mixed\" }"); });
  add("step/creeping", [](State& s) {
    step(s, "{ model = \"cubic\", moduli = \"mixed\", creep = { model = \"viscous\", relaxation_time = \"20 us\" } }");
  });
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
