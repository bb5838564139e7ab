// Li-Na at 298 K without elasticity: wells at 2.9e-5 and 1 - 3.1e-3, interfaces one atom wide. Orders and errors with
// the logarithm as it is, from a state whose phases are forming.
#include <catch2/catch.hpp>
#include <numbers>

#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

namespace {

std::vector<std::string> deep_quench(const std::string& mobility) {
  std::vector<std::string> rest{"domain.length=[\"5.5 nm\"]", "domain.cells=[64]", "initial.x=0.4",
                                "mobility.model=" + mobility};
  if (mobility == "constant") rest.push_back("mobility.x0=0.5");
  return rest;
}

/// Amplitudes of a state of three waves whose phases are just about to form.
Spectrum<double> formed(const std::string& mobility) {
  Case config = li_na(deep_quench(mobility));
  config.time.scheme = SchemeKind::implicit;
  config.time.tolerance = 1e-5;
  Experiment experiment(config);
  experiment.start([&](const auto& r) {
    const double u = 2 * std::numbers::pi * r[0] / 5.5e-9;
    return 0.4 + 0.05 * std::cos(3 * u) + 0.03 * std::cos(2 * u + 0.7) + 0.02 * std::cos(u);
  });
  // Until the walls of the logarithm are met, in the middle of the fastest change.
  const auto met = [&] {
    const CellReport& cells = experiment.stepper.report().cells;
    return cells.x_min < 1e-3 && cells.x_max > 0.9;
  };
  experiment.clock.end = experiment.clock.stop = 1;
  while (!met()) experiment.stepper.advance(experiment.clock);
  INFO("walls met at " << experiment.clock.time * experiment.model.units().time << " s");
  CHECK(experiment.clock.time * experiment.model.units().time < 2e-5);
  Spectrum<double> state(config.grid);
  state.array() = experiment.stepper.state().array();
  return state;
}

struct End {
  Field<double> x;
  std::int64_t steps;
};

/// From that state on for some time [s]; the fastest wave grows by e in 1.6e-6 s.
End continued(const std::string& mobility, const Spectrum<double>& state, double duration,
              const std::function<void(Case&)>& change) {
  Case config = li_na(deep_quench(mobility));
  config.time.scheme = SchemeKind::implicit;
  change(config);
  Experiment experiment(config);
  Spectrum<double> x_hat(config.grid);
  x_hat.array() = state.array();
  experiment.stepper.start(std::move(x_hat));
  experiment.run(duration);
  return {experiment.field(), experiment.stepper.counts().accepted};
}

}  // namespace

TEST_CASE("implicit steps are of second order with the logarithm as it is", "[convergence]") {
  const std::string mobility = GENERATE("degenerate", "constant");
  const Spectrum<double> state = formed(mobility);
  std::vector<Field<double>> ends;
  for (const int steps : {40, 80, 160, 320})
    ends.push_back(continued(mobility, state, 1e-6, [&](Case& config) {
                     config.time.step = 1e-6 / steps;
                     config.time.tolerance = 1e-9;
                   }).x);
  const double first = rms_difference(ends[0], ends[1]), second = rms_difference(ends[1], ends[2]),
               third = rms_difference(ends[2], ends[3]);
  INFO(fmt::format("{}: differences {:.3e}, {:.3e}, {:.3e}, orders {:.3f} and {:.3f}", mobility, first, second, third,
                   std::log2(first / second), std::log2(second / third)));
  CHECK(std::log2(second / third) == Approx(2).margin(0.1));
  CHECK(third > 1e-9);
}

TEST_CASE("the error follows the tolerance over three decades", "[convergence]") {
  const std::string mobility = GENERATE("degenerate", "constant");
  const Spectrum<double> state = formed(mobility);
  const auto at = [&](double tolerance) {
    return continued(mobility, state, 4e-6, [&](Case& config) { config.time.tolerance = tolerance; });
  };
  const End reference = at(1e-8);
  std::vector<double> errors;
  std::string message = mobility;
  for (const double tolerance : {1e-3, 1e-4, 1e-5, 1e-6}) {
    const End end = at(tolerance);
    errors.push_back(rms_difference(end.x, reference.x));
    message += fmt::format("; tolerance {:.0e}: {} steps, error {:.2e}", tolerance, end.steps, errors.back());
    // The error of the run is at most a few times that of a step, for what is past decays.
    CHECK(errors.back() < 30 * tolerance);
    if (errors.size() > 1) CHECK(errors.back() < 0.6 * errors[errors.size() - 2]);
  }
  INFO(message);
  // Steps fall as tolerance^(1/3), errors as its power 2/3: a hundredfold over three decades.
  CHECK(errors.front() / errors.back() > 30);
}

TEST_CASE("auto takes a state that the other scheme would change implicitly from the start", "[convergence]") {
  const std::string mobility = GENERATE("degenerate", "constant");
  const bool constant = mobility == "constant";
  Case config = li_na(deep_quench(mobility));
  Experiment experiment(config);
  // Constant mobility: a logarithm that the semi-implicit scheme would continue as its tangent counts as a wall.
  const double low = constant ? 3e-5 : 1e-11;
  experiment.start([&](const auto& r) {
    const double u = 2 * std::numbers::pi * r[0] / 5.5e-9;
    return low + 0.2 * std::pow(1 - std::cos(u), 2);
  });
  CHECK(experiment.stepper.scheme() == (constant ? SchemeKind::implicit : SchemeKind::semi_implicit));
  double energy = experiment.stepper.report().energy();
  experiment.run(1e-7, [&] {
    CHECK(experiment.stepper.report().energy() <= energy * (1 + 1e-12));
    energy = experiment.stepper.report().energy();
  });
  CHECK(experiment.stepper.counts().largest_excursion == 0);
}
