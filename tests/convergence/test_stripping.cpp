// The order of the schemes stays what it is while metal flows and the box shrinks.
#include <fmt/ranges.h>

#include <catch2/catch.hpp>
#include <numbers>

#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

namespace {

Field<double> state_after(const std::vector<std::string>& problem, const std::string& scheme, int order, int steps) {
  std::vector<std::string> rest = problem;
  rest.push_back("time.scheme=" + scheme);
  rest.push_back(fmt::format("time.order={}", order));
  rest.push_back("time.tolerance=1e-9");
  Case config = li_na(rest);
  constexpr double end = 1e-5;
  config.time.step = end / steps;
  Experiment experiment(config);
  const int z = config.grid.dimension() - 1;
  experiment.start([&](const auto& r) {
    const double across = z > 0 ? 0.03 * std::cos(2 * std::numbers::pi * r[0] / config.grid.axis(0).length) : 0;
    return 0.3 + (0.08 + across) * std::cos(2 * std::numbers::pi * r[z] / config.grid.axis(z).length);
  });
  experiment.run(end);
  REQUIRE(experiment.stepper.counts().accepted == steps);
  return experiment.field();
}

}  // namespace

TEST_CASE("each scheme keeps its order while metal flows", "[convergence]") {
  const auto [scheme, order] = GENERATE(table<std::string, int>(
      {{"semi_implicit", 1}, {"semi_implicit", 2}, {"implicit", 1}, {"implicit", 2}, {"convex_splitting", 1}}));
  const std::vector<std::string> line{"domain.length=[\"4 nm\"]", "domain.cells=[48]", "domain.boundary=[\"no_flux\"]",
                                      "electrode.layer=\"1 nm\"", "electrode.current_density=\"3e5 A/m2\""},
      plane{"domain.length=[\"4 nm\", \"4 nm\"]",
            "domain.cells=[16, 48]",
            "domain.boundary=[\"periodic\", \"no_flux\"]",
            "electrode.layer=\"1 nm\"",
            "electrode.current_density=\"3e5 A/m2\"",
            "electrode.sink=fraction",
            "electrode.contact_noise=0.2",
            "electrode.contact_length=\"0.5 nm\""};
  const auto with = [](std::vector<std::string> keys, const std::vector<std::string>& more) {
    keys.insert(keys.end(), more.begin(), more.end());
    return keys;
  };
  const std::vector<std::vector<std::string>> problems{
      with(line, {"elasticity.model=isotropic"}),
      with(line, {"mobility.model=constant", "mobility.x0=0.25", "elasticity.model=isotropic"}),
      with(line, {"electrode.frame=window", "electrode.x_far=0.2", "elasticity.model=isotropic"}),
      with(line, {"electrode.current_density=\"-3e5 A/m2\"", "elasticity.model=isotropic"}),
      with(plane, {"elasticity.model=cubic"})};
  for (const auto& problem : problems) {
    const int base = order == 1 ? 400 : 100;
    const Field<double> coarse = state_after(problem, scheme, order, base),
                        middle = state_after(problem, scheme, order, 2 * base),
                        fine = state_after(problem, scheme, order, 4 * base);
    const double first = rms_difference(coarse, middle), second = rms_difference(middle, fine),
                 measured = std::log2(first / second);
    INFO(fmt::format("{}, {}, order {}: differences {:.3e} and {:.3e}, measured order {:.3f}", fmt::join(problem, " "),
                     scheme, order, first, second, measured));
    CHECK(first > 1e-8);
    CHECK(measured == Approx(order).margin(0.1));
  }
}
