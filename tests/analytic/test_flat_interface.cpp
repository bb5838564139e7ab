// A flat interface that a run relaxes to has the energy and the phases of the quadrature (Cahn & Hilliard 1958).
#include <catch2/catch.hpp>

#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

namespace {

struct Relaxed {
  FlatInterface expected;
  MiscibilityGap gap;
  double energy, x_low, x_high;  // J/m2; x deep in either phase, as the mean log-odds of the cells there
};

/// One interface between two no-flux walls, from a blurred step.
Relaxed relax(const Case& config, double time) {
  Experiment experiment(config);
  const FreeEnergy G = experiment.model.energy(config.temperature.at(0));
  const MiscibilityGap gap = miscibility_gaps(G).at(0);
  const double V_m = experiment.model.V_m(), L = config.grid.axis(0).length;
  const FlatInterface interface = flat_interface(G, gap, experiment.model.kappa(), V_m);
  experiment.start([&](const auto& r) {
    const double blend = 0.5 * (1 + std::tanh((r[0] - L / 2) / interface.width));
    return gap.x_alpha * 1.2 + (gap.x_beta - 1.2 * gap.x_alpha - 0.2 * gap.one_minus_x_beta) * blend;
  });
  experiment.run(time);
  const Field<double> x = experiment.field();
  // The excess over the common tangent. Coherency costs energy of the variance alone: add the mean's, as G does.
  const StateReport& report = experiment.stepper.report();
  const double mean = x.array().mean(), per_mole = experiment.model.units().energy;
  const double uniform_elastic = G.G(mean) - experiment.model.chemical(config.temperature.at(0)).G(mean);
  const double density = report.energy() * per_mole + uniform_elastic - gap.omega - gap.mu * mean;
  // In the deep quench mu rings from cell to cell about its value, and x with it, by a factor; its mean is exact.
  const auto phase = [&](std::size_t first) {
    double y = 0;
    for (std::size_t i = first; i < first + 8; ++i) y += logit(x[i]) / 8;
    return logistic(y);
  };
  return {interface, gap, density / V_m * L, phase(x.size() / 8), phase(x.size() - 8 - x.size() / 8)};
}

void check(const Relaxed& found) {
  INFO(fmt::format("energy {:.6g} against {:.6g}; phases {:.6g}, {:.6g} against {:.6g}, {:.6g}", found.energy,
                   found.expected.energy, found.x_low, found.x_high, found.gap.x_alpha, found.gap.x_beta));
  CHECK(found.energy == Approx(found.expected.energy).epsilon(5e-3));
  CHECK(found.x_low == Approx(found.gap.x_alpha).epsilon(5e-3));
  CHECK(found.x_high == Approx(found.gap.x_beta).epsilon(5e-3));
}

}  // namespace

TEST_CASE("flat interface of coherent Li-Na at 298 K", "[analytic]") {
  const std::string mobility = GENERATE("degenerate", "constant");
  std::vector<std::string> rest{"domain.length=[\"5.5 nm\"]", "domain.cells=[64]", "domain.boundary=[\"no_flux\"]",
                                "elasticity.model=isotropic", "mobility.model=" + mobility};
  if (mobility == "constant") rest.push_back("mobility.x0=0.25");
  check(relax(li_na(rest), 4e-3));
}

TEST_CASE("flat interface of chemical Li-Na at 298 K, its hardest case", "[analytic]") {
  // Cells of a quarter of the length of physics, and wells at 2.9e-5 and 0.997. Small steps: larger ones, though within
  // the tolerance, push x below 0 in the Li-rich phase now and then, and its mean above the binodal.
  check(relax(li_na({"domain.length=[\"5.5 nm\"]", "domain.cells=[64]", "domain.boundary=[\"no_flux\"]",
                     "time.step=\"50 ns\""}),
              2e-3));
}

TEST_CASE("flat interface of a double well", "[analytic]") {
  const Relaxed found =
      relax(double_well_case({"domain.length=[60]", "domain.cells=[60]", "domain.boundary=[\"no_flux\"]"}), 1e4);
  check(found);
  // sigma = sqrt(2 kappa W) (beta - alpha)^3 / 6.
  CHECK(found.energy == Approx(std::sqrt(2 * 2 * 5.0) * std::pow(0.4, 3) / 6).epsilon(5e-3));
}
