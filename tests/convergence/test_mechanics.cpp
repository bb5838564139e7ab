// Creep in an alloy of mixed moduli: composition and creep strain converge in time with the order of the scheme, and
// their errors follow the tolerance.
#include <catch2/catch.hpp>
#include <numbers>

#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

namespace {

using Keys = std::vector<std::string>;

struct End {
  Field<double> x;
  Eigen::ArrayXd creep;  // the six components one after the other
  std::int64_t steps;
};

/// Waves of 4 nm that are about to form phases, relaxing as they do.
End run(const Keys& keys, double time, int steps) {
  Keys all{"domain.length=[\"4 nm\"]",
           "domain.cells=[25]",
           "elasticity.model=cubic",
           "elasticity.moduli=mixed",
           "elasticity.solute.C11=\"7.4 GPa\"",
           "elasticity.solute.C12=\"6.2 GPa\"",
           "elasticity.solute.C44=\"4.2 GPa\"",
           "elasticity.tolerance=1e-9"};
  all.insert(all.end(), keys.begin(), keys.end());
  Case config = li_na(all);
  if (steps > 0) {
    config.time.step = time / steps;
    config.time.tolerance = 1e-9;  // of Newton's method in the first steps, which know no error yet
  }
  Experiment experiment(config);
  experiment.start([](const auto& r) {
    const double u = 2 * std::numbers::pi * r[0] / 4e-9;
    return 0.35 + 0.08 * std::cos(u) + 0.04 * std::cos(2 * u);
  });
  experiment.run(time);
  End end{experiment.field(), {}, experiment.stepper.counts().accepted};
  const TensorField& creep = *experiment.equation.mechanics()->creep_strain();
  end.creep.resize(6 * static_cast<Eigen::Index>(end.x.size()));
  for (int c = 0; c < 6; ++c)
    end.creep.segment(c * creep[c].array().size(), creep[c].array().size()) = creep[c].array();
  return end;
}

double creep_difference(const End& a, const End& b) { return std::sqrt((a.creep - b.creep).square().mean()); }

Keys operator+(Keys keys, const Keys& more) {
  keys.insert(keys.end(), more.begin(), more.end());
  return keys;
}

const Keys viscous{"elasticity.creep.model=viscous", "elasticity.creep.relaxation_time=\"2 us\"",
                   "elasticity.creep.solute.relaxation_time=\"0.7 us\"", "elasticity.average_stress.xy=\"150 MPa\""};
const Keys power = test::power_law("3000 s-1", "300 MPa", 3) + Keys{"elasticity.average_strain.yy=0.01"};

}  // namespace

TEST_CASE("composition and creep strain converge in time with the order of the scheme", "[convergence]") {
  const auto [scheme, order] = GENERATE(table<std::string, int>(
      {{"semi_implicit", 1}, {"semi_implicit", 2}, {"implicit", 1}, {"implicit", 2}, {"convex_splitting", 1}}));
  const std::string ramp = "temperature=[[\"0 s\", \"310 K\"], [\"4 us\", \"290 K\"]]";
  for (const auto& [name, keys] : {std::pair{"viscous, degenerate", viscous},
                                   {"power law, degenerate", power},
                                   {"viscous, constant", viscous + Keys{"mobility.model=constant", "mobility.x0=0.25"}},
                                   {"power law, ramp", power + Keys{ramp, "elasticity.creep.Q=\"60 kJ/mol\""}}}) {
    if (scheme == "convex_splitting" && name != std::string("power law, ramp")) continue;
    const int base = order == 1 ? 200 : 120;
    std::vector<End> ends;
    for (const int steps : {base, 2 * base, 4 * base}) {
      ends.push_back(run(keys + Keys{"time.scheme=" + scheme, fmt::format("time.order={}", order)}, 4e-6, steps));
      REQUIRE(ends.back().steps == steps);
    }
    const double x1 = rms_difference(ends[0].x, ends[1].x), x2 = rms_difference(ends[1].x, ends[2].x),
                 p1 = creep_difference(ends[0], ends[1]), p2 = creep_difference(ends[1], ends[2]);
    INFO(fmt::format("{}, {}, order {}: x by {:.3e} and {:.3e}, order {:.3f}; creep by {:.3e} and {:.3e}, order {:.3f}",
                     name, scheme, order, x1, x2, std::log2(x1 / x2), p1, p2, std::log2(p1 / p2)));
    CHECK(x2 > 1e-9);
    CHECK(p2 > 1e-9);
    CHECK(std::log2(x1 / x2) == Approx(order).margin(0.12));
    CHECK(std::log2(p1 / p2) == Approx(order).margin(0.12));
  }
}

TEST_CASE("the errors of composition and creep strain follow the tolerance", "[convergence]") {
  const std::string scheme = GENERATE("semi_implicit", "implicit", "auto");
  for (const auto& [name, keys] : {std::pair{"viscous", viscous}, {"power law", power}}) {
    const auto at = [&](double tolerance) {
      return run(keys + Keys{"time.scheme=" + scheme, fmt::format("time.tolerance={}", tolerance)}, 6e-6, 0);
    };
    const End reference = at(1e-8);
    std::string message = scheme + ", " + name;
    std::vector<double> of_x, of_creep;
    for (const double tolerance : {1e-3, 1e-4, 1e-5}) {
      const End end = at(tolerance);
      of_x.push_back(rms_difference(end.x, reference.x));
      of_creep.push_back(creep_difference(end, reference));
      message += fmt::format("; tolerance {:.0e}: {} steps, x off by {:.2e}, creep by {:.2e}", tolerance, end.steps,
                             of_x.back(), of_creep.back());
      CHECK(of_x.back() < 30 * tolerance);
      CHECK(of_creep.back() < 30 * tolerance);
    }
    INFO(message);
    // As the power 2/3 of the tolerance: twentyfold over two decades.
    CHECK(of_x.front() / of_x.back() > 8);
    CHECK(of_creep.front() / of_creep.back() > 8);
  }
}
