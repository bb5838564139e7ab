// What no run may change: the amount, the fall of the energy, and the result with the number of threads, axes or
// mirrors.
#include <catch2/catch.hpp>
#include <numbers>

#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

TEST_CASE("the amount stays and the energy falls", "[invariant]") {
  const std::string mobility = GENERATE("degenerate", "darken", "constant");
  const std::string elasticity = GENERATE("none", "isotropic", "cubic");
  const std::string order = GENERATE("1", "2");
  std::vector<std::string> rest{
      "domain.length=[\"6 nm\", \"6 nm\"]", "domain.cells=[48, 48]",      "domain.boundary=[\"periodic\", \"no_flux\"]",
      "elasticity.model=" + elasticity,     "mobility.model=" + mobility, "time.order=" + order};
  if (mobility == "constant") rest.push_back("mobility.x0=0.25");
  if (mobility == "darken") rest.push_back("mobility.D_host=\"3e-11 cm2/s\"");
  Case config = li_na(rest);
  config.time.tolerance = 1e-4;
  Experiment experiment(config);
  experiment.start();
  double energy = experiment.stepper.report().energy(), largest_rise = 0;
  const double start = energy;
  experiment.run(1e-4, [&] {
    const double now = experiment.stepper.report().energy();
    largest_rise = std::max(largest_rise, (now - energy) / std::abs(energy));
    energy = now;
  });
  INFO(fmt::format(
      "{} mobility, elasticity {}, order {}: {} steps, largest relative rise {:.2e}, energy {:.6f} to {:.6f}", mobility,
      elasticity, order, experiment.stepper.counts().accepted, largest_rise, start, energy));
  CHECK(largest_rise <= 1e-10);
  CHECK(energy < start - 1e-3);  // it decomposed
  CHECK(std::abs(experiment.field().array().mean() - 0.25) < 1e-13);
  CHECK(experiment.stepper.counts().largest_excursion <= config.time.band);
}

TEST_CASE("the energy of a report is that of the field", "[invariant]") {
  // By direct sums in real space: log energy, gradient by central differences of a smooth field, Bitter-Crum.
  const Case config =
      li_na({"domain.length=[\"4 nm\", \"4 nm\"]", "domain.cells=[256, 8]", "elasticity.model=isotropic"});
  Experiment experiment(config);
  const double q = 2 * std::numbers::pi / 4e-9;
  experiment.start([&](const auto& r) { return 0.3 + 0.2 * std::cos(q * r[0]); });
  double chemical = 0;
  const Field<double> x = experiment.field();
  for (std::size_t i = 0; i < x.size(); ++i)
    chemical += 8.314462618 * 298.15 * (x[i] * std::log(x[i]) + (1 - x[i]) * std::log(1 - x[i])) +
                x[i] * (1 - x[i]) * (20109.8 + 5772.6 * (1 - 2 * x[i]));
  const double RT = 8.314462618 * 298.15, V_m = experiment.model.V_m(), chi = 4.19 / 3.42 - 1;
  const StateReport& report = experiment.stepper.report();
  CHECK(report.cells.chemical * RT == Approx(chemical / static_cast<double>(x.size())).epsilon(1e-12));
  CHECK(report.gradient * RT / V_m == Approx(4.88e-11 / 2 * 0.2 * 0.2 / 2 * q * q).epsilon(1e-12));
  CHECK(report.elastic * RT / V_m == Approx(13.8e9 * chi * chi / (1 - 0.33) * 0.2 * 0.2 / 2).epsilon(1e-12));
}

TEST_CASE("one and two threads agree", "[invariant]") {
  const std::string mobility = GENERATE("degenerate", "constant"), scheme = GENERATE("semi_implicit", "implicit");
  std::vector<std::string> rest{"domain.length=[\"4 nm\", \"4 nm\", \"4 nm\"]",
                                "domain.cells=[16, 20, 24]",
                                "domain.boundary=[\"periodic\", \"periodic\", \"no_flux\"]",
                                "elasticity.model=cubic",
                                "mobility.model=" + mobility,
                                "time.scheme=" + scheme,
                                "time.tolerance=1e-3"};
  if (mobility == "constant") rest.push_back("mobility.x0=0.25");
  std::vector<Field<double>> states;
  for (int threads : {1, 2, 3})
    with_threads(threads, [&] {
      Experiment experiment(li_na(rest));
      experiment.start();
      experiment.run(6e-5);
      states.push_back(experiment.field());
    });
  INFO(mobility << ", " << scheme);
  CHECK((states[0].array() - 0.25).abs().maxCoeff() > 0.01);  // it has begun to decompose
  CHECK(largest_difference(states[0], states[1]) < 1e-11);
  CHECK(largest_difference(states[0], states[2]) < 1e-11);
}

TEST_CASE("the initial noise does not depend on the threads", "[invariant]") {
  const Grid grid({{1, 33}, {1, 17}});
  const UniformInitial initial{0.25, 0.005, 7};
  Field<double> one(grid), three(grid);
  with_threads(1, [&] { initial.fill(grid, one); });
  with_threads(3, [&] { initial.fill(grid, three); });
  CHECK(largest_difference(one, three) == 0);
  CHECK(std::abs(one.array().mean() - 0.25) < 1e-15);
  CHECK(std::sqrt((one.array() - 0.25).square().mean()) == Approx(0.005).epsilon(0.1));
  Field<double> other(grid);
  UniformInitial{0.25, 0.005, 8}.fill(grid, other);
  CHECK(largest_difference(one, other) > 1e-3);
}

TEST_CASE("a no-flux run is half of the periodic mirrored one", "[invariant]") {
  const std::string mobility = GENERATE("degenerate", "constant");
  const std::string elasticity = GENERATE("isotropic", "cubic");
  // Steps of one size: those of the controller may differ where it decides by a hair.
  std::vector<std::string> rest{"elasticity.model=" + elasticity, "mobility.model=" + mobility, "time.step=\"50 ns\""};
  if (mobility == "constant") rest.push_back("mobility.x0=0.25");
  const auto run = [&](const std::vector<std::string>& domain) {
    std::vector<std::string> keys = rest;
    keys.insert(keys.end(), domain.begin(), domain.end());
    Experiment experiment(li_na(keys));
    const double L = 4e-9;
    experiment.start([&](const auto& r) {
      const double z = r[1] < L ? r[1] : 2 * L - r[1];
      return 0.25 + 0.02 * std::cos(std::numbers::pi * z / L) * std::cos(2 * std::numbers::pi * r[0] / L) +
             0.01 * std::sin(3 * z / L);
    });
    experiment.run(1.8e-5);
    return experiment.field();
  };
  const Field<double> half = run(
      {"domain.length=[\"4 nm\", \"4 nm\"]", "domain.cells=[24, 24]", "domain.boundary=[\"periodic\", \"no_flux\"]"});
  const Field<double> whole = run({"domain.length=[\"4 nm\", \"8 nm\"]", "domain.cells=[24, 48]"});
  double difference = 0, mirror = 0;
  for (std::size_t j = 0; j < 24; ++j)
    for (std::size_t i = 0; i < 24; ++i) {
      difference = std::max(difference, std::abs(half[i + 24 * j] - whole[i + 24 * j]));
      mirror = std::max(mirror, std::abs(whole[i + 24 * j] - whole[i + 24 * (47 - j)]));
    }
  INFO(mobility << " mobility, elasticity " << elasticity);
  INFO(fmt::format("difference {:.2e}", difference));
  CHECK(difference < 1e-11);
  INFO(fmt::format("asymmetry {:.2e}", mirror));
  CHECK(mirror < 1e-11);
}

TEST_CASE("what depends on x alone is the same in one, two and three dimensions", "[invariant]") {
  const std::string mobility = GENERATE("degenerate", "constant");
  const std::string boundary = GENERATE("periodic", "no_flux");
  const auto run = [&](const std::string& length, const std::string& cells, const std::string& boundaries) {
    std::vector<std::string> rest{"domain.length=" + length,       "domain.cells=" + cells,
                                  "domain.boundary=" + boundaries, "elasticity.model=isotropic",
                                  "mobility.model=" + mobility,    "time.step=\"50 ns\""};
    if (mobility == "constant") rest.push_back("mobility.x0=0.25");
    Experiment experiment(li_na(rest));
    experiment.start([](const auto& r) {
      return 0.25 + 0.05 * std::cos(2 * std::numbers::pi * r[0] / 4e-9) +
             0.02 * std::cos(5 * std::numbers::pi * 2 * r[0] / 4e-9);
    });
    experiment.run(6e-5);
    return experiment.field();
  };
  const std::string b = "\"" + boundary + "\"";
  const Field<double> one = run("[\"4 nm\"]", "[32]", "[" + b + "]");
  const Field<double> two = run("[\"4 nm\", \"1 nm\"]", "[32, 6]", "[" + b + ", \"periodic\"]");
  const Field<double> three =
      run("[\"4 nm\", \"1 nm\", \"2 nm\"]", "[32, 4, 5]", "[" + b + ", \"no_flux\", \"periodic\"]");
  double difference = 0;
  for (std::size_t i = 0; i < two.size(); ++i) difference = std::max(difference, std::abs(two[i] - one[i % 32]));
  for (std::size_t i = 0; i < three.size(); ++i) difference = std::max(difference, std::abs(three[i] - one[i % 32]));
  INFO(mobility << " mobility, " << boundary);
  CHECK(one.array().maxCoeff() - one.array().minCoeff() > 0.2);
  INFO(fmt::format("difference {:.2e}", difference));
  CHECK(difference < 1e-11);
}

TEST_CASE("float follows double", "[invariant]") {
  const Case config = li_na({"domain.length=[\"4 nm\", \"4 nm\"]", "domain.cells=[32, 32]", "elasticity.model=cubic"});
  Experiment<double> in_double(config);
  Experiment<float> in_float(config);
  in_double.start();
  in_float.start();
  in_double.run(4e-5);
  in_float.run(4e-5);
  const Field<double> reference = in_double.field();
  const Field<float> single = in_float.field();
  const double difference = (single.array().cast<double>() - reference.array()).abs().maxCoeff();
  INFO("largest difference " << difference);
  CHECK(reference.array().maxCoeff() > 0.4);
  CHECK(difference < 2e-3);
  CHECK(5 * in_float.stepper.counts().accepted < 6 * in_double.stepper.counts().accepted);
}

TEST_CASE("a step that cannot be taken ends the run with the last good state", "[invariant]") {
  const Case config = li_na({"domain.length=[\"6 nm\"]", "domain.cells=[32]"});
  Experiment experiment(config);
  experiment.start();
  const Field<double> before = experiment.field();
  // Steps of a thousand growth times, and no leave to take smaller ones.
  StepSettings settings = experiment.model.steps();
  settings.fixed_step = 1e4;
  settings.min_step = 9e3;
  settings.band = 1e-3;
  Stepper<double> stepper(experiment.equation, settings, Planning::estimate);
  Spectrum<double> x_hat(config.grid);
  x_hat.array() = experiment.stepper.state().array();
  stepper.start(std::move(x_hat));
  Clock clock{.end = 1e6, .stop = 1e6};
  CHECK_THROWS_AS(
      [&] {
        while (!clock.finished()) stepper.advance(clock);
      }(),
      NumericalError);
  CHECK(clock.step < 100);
  Field<double> after(config.grid);
  experiment.equation.synthesise(stepper.state(), after);
  CHECK(after.array().isFinite().all());
  CHECK(after.array().minCoeff() >= -1e-3);
  CHECK(after.array().maxCoeff() <= 1 + 1e-3);
  if (clock.step == 0) CHECK(largest_difference(before, after) < 1e-14);
}

TEST_CASE("an initial state that is no composition is refused", "[invariant]") {
  Experiment experiment(li_na({"domain.length=[\"6 nm\"]", "domain.cells=[16]"}));
  CHECK_THROWS_AS(experiment.start([](const auto& r) { return r[0] < 1e-9 ? std::nan("") : 0.25; }), NumericalError);
  CHECK_THROWS_AS(experiment.start([](const auto& r) { return r[0] < 1e-9 ? 1.5 : 0.25; }), NumericalError);
}
