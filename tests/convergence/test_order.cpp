// The measured order of each scheme is its nominal one: differences between runs of halved steps fall by 2^order.
#include <catch2/catch.hpp>
#include <numbers>

#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

namespace {

struct Problem {
  std::string name;
  std::vector<std::string> rest;
  double end;                    // s, or the case's own time
  std::string double_well = {};  // mobility of a double-well case; Li-Na when empty
};

/// State at the end of a run of fixed steps, from a smooth state well inside the spinodal.
Field<double> state_after(const Problem& problem, const std::string& scheme, int order, int steps) {
  std::vector<std::string> rest = problem.rest;
  rest.push_back("time.scheme=" + scheme);
  rest.push_back(fmt::format("time.order={}", order));
  rest.push_back("time.tolerance=1e-9");  // of Newton's method in the first steps, which know no error yet
  const bool is_li_na = problem.double_well.empty();
  Case config = is_li_na ? li_na(rest) : double_well_case(rest, problem.double_well);
  config.time.step = problem.end / steps;
  Experiment experiment(config);
  const double L = config.grid.axis(0).length;
  const double mean = is_li_na ? 0.35 : 0.5, amplitude = is_li_na ? 0.08 : 0.05;
  experiment.start([&](const auto& r) {
    return mean + amplitude * std::cos(2 * std::numbers::pi * r[0] / L) +
           amplitude / 2 * std::cos(4 * std::numbers::pi * r[0] / L);
  });
  experiment.run(problem.end);
  REQUIRE(experiment.stepper.counts().accepted == steps);
  return experiment.field();
}

}  // namespace

TEST_CASE("each scheme converges in time with its nominal order", "[convergence]") {
  const auto [scheme, order] = GENERATE(table<std::string, int>(
      {{"semi_implicit", 1}, {"semi_implicit", 2}, {"implicit", 1}, {"implicit", 2}, {"convex_splitting", 1}}));
  const std::string ramp = "temperature=[[\"0 s\", \"320 K\"], [\"10 us\", \"280 K\"]]";
  const std::vector<Problem> problems{
      {"degenerate", {"domain.length=[\"4 nm\"]", "domain.cells=[48]", "elasticity.model=isotropic"}, 1e-5},
      {"degenerate, no elasticity", {"domain.length=[\"4 nm\"]", "domain.cells=[48]"}, 2e-6},
      {"darken",
       {"domain.length=[\"4 nm\"]", "domain.cells=[48]", "elasticity.model=isotropic", "mobility.model=darken",
        "mobility.D_host=\"3e-11 cm2/s\""},
       1e-5},
      {"constant",
       {"domain.length=[\"4 nm\"]", "domain.cells=[48]", "elasticity.model=isotropic", "mobility.model=constant",
        "mobility.x0=0.25"},
       1e-5},
      {"ramp, degenerate",
       {"domain.length=[\"4 nm\"]", "domain.cells=[48]", "elasticity.model=isotropic", ramp,
        "mobility.D=\"2e-5 cm2/s\"", "mobility.Q=\"30 kJ/mol\""},
       1e-5},
      {"ramp, constant",
       {"domain.length=[\"4 nm\"]", "domain.cells=[48]", "elasticity.model=isotropic", ramp,
        "mobility.D=\"2e-5 cm2/s\"", "mobility.Q=\"30 kJ/mol\"", "mobility.model=constant", "mobility.x0=0.25"},
       1e-5},
      {"double well", {"domain.length=[50]", "domain.cells=[48]"}, 20, "{model = \"constant\", M0 = 5}"},
      {"double well, degenerate", {"domain.length=[50]", "domain.cells=[48]"}, 20, "{model = \"degenerate\", D = 20}"},
  };
  for (const Problem& problem : problems) {
    // First order needs smaller steps before its leading term rules.
    const int base = order == 1 ? 400 : 100;
    const Field<double> coarse = state_after(problem, scheme, order, base),
                        middle = state_after(problem, scheme, order, 2 * base),
                        fine = state_after(problem, scheme, order, 4 * base);
    const double first = rms_difference(coarse, middle), second = rms_difference(middle, fine),
                 measured = std::log2(first / second);
    INFO(fmt::format("{}, {}, order {}: differences {:.3e} and {:.3e}, measured order {:.3f}", problem.name, scheme,
                     order, first, second, measured));
    CHECK(first > 1e-8);
    CHECK(measured == Approx(order).margin(0.1));
  }
}

TEST_CASE("variable steps keep the second order", "[convergence]") {
  // Error control with tolerances a factor 8 apart gives steps a factor 2 and errors a factor 4 apart.
  const auto end_state = [](double tolerance) {
    Case config = li_na({"domain.length=[\"4 nm\"]", "domain.cells=[48]", "elasticity.model=isotropic"});
    config.time.tolerance = tolerance;
    Experiment experiment(config);
    experiment.start([](const auto& r) { return 0.35 + 0.08 * std::cos(2 * std::numbers::pi * r[0] / 4e-9); });
    experiment.run(2e-5);
    return experiment.field();
  };
  const Field<double> reference = end_state(1e-9);
  const double loose = rms_difference(end_state(4.096e-5), reference),
               tight = rms_difference(end_state(1e-6 / 1.5625), reference);
  INFO(fmt::format("errors {:.3e} and {:.3e}, order {:.3f}", loose, tight, std::log(loose / tight) / std::log(4.0)));
  CHECK(std::log(loose / tight) / std::log(4.0) == Approx(2).margin(0.3));
}
