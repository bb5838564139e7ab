// Li-Na without elasticity, far inside the spinodal, from noise until phases have formed: what every step must keep,
// whatever the scheme, and with no setting but the defaults.
#include <catch2/catch.hpp>

#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

namespace {

struct Quench {
  double temperature;  // K
  double x;
  std::vector<std::string> domain;
};

std::vector<std::string> keys(const Quench& quench, const std::string& mobility, const std::string& scheme) {
  std::vector<std::string> rest = quench.domain;
  rest.push_back(fmt::format("temperature=\"{} K\"", quench.temperature));
  rest.push_back(fmt::format("initial.x={}", quench.x));
  rest.push_back("mobility.model=" + mobility);
  rest.push_back("time.scheme=" + scheme);
  if (mobility == "constant") rest.push_back("mobility.x0=0.5");
  if (mobility == "darken") rest.push_back("mobility.D_host=\"3e-11 cm2/s\"");
  return rest;
}

const std::vector<std::string> one{"domain.length=[\"11 nm\"]", "domain.cells=[128]"};
const std::vector<std::string> two{"domain.length=[\"2.75 nm\", \"2.75 nm\"]", "domain.cells=[32, 32]",
                                   "domain.boundary=[\"periodic\", \"no_flux\"]"};
const std::vector<std::string> three{"domain.length=[\"1.6 nm\", \"1.5 nm\", \"1.4 nm\"]", "domain.cells=[18, 17, 16]"};

void check_run(const Quench& quench, const std::string& mobility, const std::string& scheme, double tolerance) {
  Case config = li_na(keys(quench, mobility, scheme));
  config.time.tolerance = tolerance;
  Experiment experiment(config);
  experiment.start();
  double energy = experiment.stepper.report().energy(), rise = -1, low = 1, high = 0, amount = 0;
  const double start = energy;
  experiment.run(2e-4, [&] {
    const StateReport& report = experiment.stepper.report();
    rise = std::max(rise, (report.energy() - energy) / std::abs(energy));
    energy = report.energy();
    low = std::min(low, report.cells.x_min);
    high = std::max(high, report.cells.x_max);
    amount = std::max(amount, std::abs(experiment.field().array().mean() - quench.x));
  });
  INFO(fmt::format(
      "{} K, x = {}, {} mobility, {}, {}D: {} steps, energy {:.4f} to {:.4f}, largest rise {:.1e}, x {:.2e} "
      "to 1 - {:.2e}, amount off by {:.1e}",
      quench.temperature, quench.x, mobility, scheme, config.grid.dimension(), experiment.stepper.counts().accepted,
      start, energy, rise, low, 1 - high, amount));
  CHECK(low > 0);
  CHECK(high < 1);
  CHECK(rise <= 1e-10);
  CHECK(amount <= 1e-13);
  CHECK(energy < start - 0.01);  // phases have formed
  CHECK(experiment.stepper.counts().accepted < 2000);
  CHECK(experiment.stepper.work().krylov < 60 * experiment.stepper.counts().accepted);
}

}  // namespace

TEST_CASE("in the deep quench x stays inside, the energy falls and the amount stays, from noise on", "[invariant]") {
  const std::string mobility = GENERATE("degenerate", "constant"), scheme = GENERATE("auto", "implicit");
  for (const double x : {0.06, 0.2, 0.5}) {
    check_run({298.15, x, one}, mobility, scheme, 1e-3);
    check_run({298.15, x, two}, mobility, scheme, 1e-3);
  }
  check_run({298.15, 0.3, three}, mobility, scheme, 1e-3);
}

TEST_CASE("the same holds from 250 to 370 K, by convex splitting and with unequal diffusivities", "[invariant]") {
  for (const double temperature : {250.0, 370.0}) {
    check_run({temperature, 0.2, two}, "degenerate", "auto", 1e-3);
    check_run({temperature, 0.5, two}, "constant", "auto", 1e-3);
  }
  check_run({298.15, 0.3, two}, "darken", "implicit", 1e-3);
  check_run({298.15, 0.3, two}, "degenerate", "convex_splitting", 1e-3);
  check_run({298.15, 0.3, two}, "constant", "convex_splitting", 1e-3);
}

TEST_CASE("convex splitting lowers the energy with steps of any size", "[invariant]") {
  const std::string mobility = GENERATE("degenerate", "constant");
  const double step = GENERATE(1e-7, 1e-6, 1e-5);  // the fastest wave grows by e in 1.6e-6 s
  Case config = li_na(keys({298.15, 0.3, one}, mobility, "convex_splitting"));
  config.time.step = step;
  Experiment experiment(config);
  experiment.start();
  double energy = experiment.stepper.report().energy(), rise = -1;
  experiment.run(50 * step, [&] {
    const double now = experiment.stepper.report().energy();
    rise = std::max(rise, (now - energy) / std::abs(energy));
    energy = now;
  });
  INFO(fmt::format("{}, step {} s: largest rise {:.1e}", mobility, step, rise));
  CHECK(rise <= 1e-12);
  CHECK(experiment.stepper.counts().accepted == 50);
  for (const std::int64_t rejected : experiment.stepper.counts().rejected) CHECK(rejected == 0);
}

TEST_CASE("schemes agree on where the deep quench goes", "[invariant]") {
  // At 0.4 growth times past the onset: two schemes that share nothing but the equation.
  const std::string mobility = GENERATE("degenerate", "constant");
  const auto end = [&](const std::string& scheme, double tolerance) {
    Case config = li_na(keys({298.15, 0.35, one}, mobility, scheme));
    config.time.tolerance = tolerance;
    Experiment experiment(config);
    experiment.start();
    experiment.run(9e-6);
    CHECK(experiment.field().array().maxCoeff() > 0.4);
    return experiment.field();
  };
  const Field<double> implicit = end("implicit", 1e-7), semi_implicit = end("semi_implicit", 1e-7),
                      automatic = end("auto", 1e-7);
  CHECK(rms_difference(implicit, semi_implicit) < 5e-4);
  CHECK(rms_difference(implicit, automatic) < 5e-4);
}
