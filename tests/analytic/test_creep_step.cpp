// Creep over one step of any length, implicit in the stress: backward Euler in closed form, the law cell by cell, and
// the hydrostatic state that is left when shears have relaxed.
#include <catch2/catch.hpp>
#include <cmath>

#include "hooke.hpp"
#include "support.hpp"

using namespace spinode;
using namespace spinode::test;
using Eigen::Vector3d;

namespace {

Field<double> uniform(const Grid& grid, double value) {
  return sampled(grid, [=](const Vector3d&) { return value; });
}

TensorField uniform(const Grid& grid, const Tensor& value) {
  TensorField field = tensor_field(grid);
  for (int c = 0; c < 6; ++c) field[c].array().setConstant(value[c]);
  return field;
}

/// Strains that creep may have left: any, but for no change of volume.
TensorField crept(const Grid& grid) {
  TensorField field = tensor_field(grid);
  for (int c = 0; c < 6; ++c)
    if (!sheared_at_wall(grid, c)) field[c] = noise(grid, 20 + c, -0.02, 0.02);
  field[2].array() = -field[0].array() - field[1].array();
  return field;
}

/// Rate of strain per deviatoric stress, (3/2) rate/sigma_vm, written out.
double fluidity(const CreepRate& metal, double von_mises) {
  return 1.5 * metal.rate * std::pow(von_mises / metal.stress, metal.exponent) / von_mises;
}

Tensor deviatoric(const Tensor& stress) { return stress - trace_part(stress.head<3>().sum() / 3); }

}  // namespace

TEST_CASE("shears of a uniform viscous box decay by backward Euler, each modulus with a time of its own") {
  const Grid grid({{3, 5, Boundary::periodic}, {3, 4, Boundary::periodic}, {2, 3, Boundary::periodic}});
  const Alloy alloy;
  constexpr double x_metal = 0.3, eta_host = 3e9, eta_solute = 5e8, dt = 0.7;
  const Creep law{CreepRate::viscous(eta_host), CreepRate::viscous(eta_solute)};
  const double rate = (1 - x_metal) / (2 * eta_host) + x_metal / (2 * eta_solute);  // of strain, per stress
  const Cubic m = (1 - x_metal) * lithium + x_metal * sodium;

  AverageState sheared;
  sheared.stress_given.fill(false);
  sheared.strain << 0.01, -0.01, 0, 0.02, 0, -0.015;
  sheared.x_reference = x_metal;
  Equilibrium equilibrium(grid, alloy.medium(), sheared, 1e-5, Planning::estimate);
  const Field<double> x = uniform(grid, x_metal);
  TensorField eps_p = uniform(grid, Tensor::Zero()), after = tensor_field(grid);
  for (int step = 1; step <= 4; ++step) {
    const Balance balance = equilibrium.solve(x, {.before = &eps_p, .law = &law, .dt = dt}, nullptr, &after);
    CHECK(balance.converged);
    CHECK(balance.iterations == 0);
    for (int c = 0; c < 6; ++c) {
      const double twice = c < 3 ? m.C11 - m.C12 : 2 * m.C44;
      const double left = std::pow(1 + twice * rate * dt, -step);
      const double stress = twice * sheared.strain[c] * left;
      CHECK(balance.stress[c] == Approx(stress).epsilon(1e-13).margin(1e-6));
      CHECK(after[c].array().mean() == Approx(sheared.strain[c] * (1 - left)).epsilon(1e-12).margin(1e-16));
    }
    CHECK(balance.dissipation == Approx(rate * balance.stress.squaredNorm()).epsilon(1e-12));
    std::swap(eps_p, after);
  }
}

TEST_CASE("at the end of a step every cell obeys the law of creep and Hooke's law") {
  constexpr double tolerance = 1e-10;
  const CreepRate power{.rate = 1e-2, .stress = 1e8, .exponent = 6.5},
      other{.rate = 3e-2, .stress = 5e7, .exponent = 4};
  for (const Creep& law : {Creep{power, other}, Creep{power, CreepRate::viscous(2e9)},
                           Creep{CreepRate::viscous(2e9), CreepRate::viscous(7e9)}})
    for (const Grid& grid :
         {Grid({{1, 9, Boundary::periodic}}), Grid({{1, 7, Boundary::no_flux}, {1, 6, Boundary::periodic}}),
          Grid({{1, 5, Boundary::periodic}, {1, 3, Boundary::periodic}, {1, 5, Boundary::periodic}})})
      for (const AverageState& average : averages(grid, 0.3))
        for (const double dt : {1e-3, 1.0, 1e3}) {
          if (dt > 0.01 && !average.stress.isZero(0)) continue;  // it would flow far
          CAPTURE(law.solute.exponent, grid.dimension(), average.stress_given, dt);
          Alloy alloy;
          alloy.to_grid = crystals(grid).back();
          const Field<double> x = noise(grid);
          const TensorField before = crept(grid);
          TensorField after = tensor_field(grid);
          Field<double> potential(grid);
          Equilibrium equilibrium(grid, alloy.medium(), average, tolerance, Planning::estimate);
          const Balance balance = equilibrium.solve(x, {.before = &before, .law = &law, .dt = dt}, &potential, &after);
          CHECK(balance.converged);

          double creep = 0, hooke = 0, volume = 0, mu = 0, energy = 0, dissipation = 0, worst = 0, largest_creep = 0,
                 softening = 1;
          for (std::size_t i = 0; i < x.size(); ++i) {
            const Tensor stress = at(equilibrium.stress(), i), shear = deviatoric(stress);
            const Tensor elastic =
                at(equilibrium.strain(), i) - trace_part(alloy.chi * (x[i] - average.x_reference)) - at(after, i);
            const double equivalent = std::sqrt(1.5) * shear.norm();
            const double rate = (1 - x[i]) * fluidity(law.host, equivalent) + x[i] * fluidity(law.solute, equivalent);
            const Tensor growth = at(after, i) - at(before, i);
            creep = std::max(creep, (growth - dt * rate * shear).norm());
            largest_creep = std::max(largest_creep, growth.norm());
            softening = std::max(softening, dt * rate * lithium.C11);
            hooke = std::max(hooke, (stress - alloy.stiffness(x[i]) * elastic).norm());
            volume = std::max(volume, std::abs(after[0][i] + after[1][i] + after[2][i]));
            mu = std::max(mu, std::abs(potential[i] - elastic.dot(alloy.slope() * elastic) / 2 +
                                       alloy.chi * stress.head<3>().sum()));
            energy += elastic.dot(stress) / 2 / static_cast<double>(x.size());
            dissipation += rate * shear.squaredNorm() / static_cast<double>(x.size());
            worst = std::max(worst, equivalent);
          }
          // Where stresses are given, a last uniform strain of the size of the tolerance comes after the law.
          const bool clamped = !average.stress_given[0] && !average.stress_given[1];
          CHECK(creep < (law.linear() || clamped ? 1e-13 : 10 * tolerance) * largest_creep);
          // Creep multiplies the round-off of the pressure in the deviatoric stress.
          CHECK(hooke < 1e-15 * softening * lithium.C11);
          CHECK(volume < 1e-15 * softening);
          CHECK(mu < 1e-13 * lithium.C11);
          CHECK(balance.energy == Approx(energy).epsilon(1e-12));
          CHECK(balance.dissipation == Approx(dissipation).epsilon(1e-10));
          CHECK(balance.von_mises == Approx(worst).epsilon(1e-13));
          for (int c = 0; c < 6; ++c)
            if (average.stress_given[c] && !sheared_at_wall(grid, c))
              CHECK(std::abs(mean(equilibrium.stress())[c] - average.stress[c]) < 1e-9 * lithium.C11);
        }
}

TEST_CASE("a cell creeps by its law however steep it is and however far apart its metals are") {
  const Grid grid({{1, 3, Boundary::periodic}});
  const Alloy alloy;
  const CreepRate power{.rate = 1e-2, .stress = 1e8, .exponent = 6.5},
      steep{.rate = 3e-2, .stress = 5e7, .exponent = 20}, viscous = CreepRate::viscous(2e9);
  for (const Creep& law :
       {Creep{power, viscous}, Creep{steep, viscous}, Creep{viscous, steep}, Creep{power, steep}, Creep{steep, steep}})
    for (const double share : {0.0, 1e-3, 0.1, 0.5, 0.999, 1.0})
      for (const double shear : {0.0, 1e-3, 1e-2, 0.1})
        for (const double dt : {1e-3, 1.0, 1e3}) {
          CAPTURE(law.host.exponent, law.solute.exponent, share, shear, dt);
          AverageState average;
          average.stress_given.fill(false);
          average.strain << shear, -shear, 0, 0, 0, 2 * shear;
          average.x_reference = share;
          Equilibrium equilibrium(grid, alloy.medium(), average, 1e-5, Planning::estimate);
          TensorField after = tensor_field(grid);
          const Balance balance = equilibrium.solve(uniform(grid, share), {.law = &law, .dt = dt}, nullptr, &after);
          CHECK(balance.converged);
          const Tensor stress = deviatoric(at(equilibrium.stress(), 0));
          const double equivalent = balance.von_mises;
          const double rate =
              shear == 0 ? 0 : (1 - share) * fluidity(law.host, equivalent) + share * fluidity(law.solute, equivalent);
          CHECK((at(after, 0) - dt * rate * stress).norm() <= 2e-13 * at(after, 0).norm());
          CHECK((stress - deviatoric(alloy.stiffness(share) * (average.strain - at(after, 0)))).norm() <=
                1e-15 * lithium.C11);
        }
}

TEST_CASE("a very long step leaves one pressure and no shear stress") {
  const Grid grid({{1, 7, Boundary::periodic}, {1.1, 6, Boundary::no_flux}, {0.8, 5, Boundary::periodic}});
  const Alloy alloy;
  const Field<double> x = noise(grid);
  double misfit = 0, softness = 0;  // averages of the misfit and of 1/K
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Cubic m = (1 - x[i]) * lithium + x[i] * sodium;
    misfit += alloy.chi * (x[i] - 0.4) / static_cast<double>(x.size());
    softness += 3 / (m.C11 + 2 * m.C12) / static_cast<double>(x.size());
  }
  const Creep law{CreepRate::viscous(8.89e9), CreepRate::viscous(4.19e9)};
  for (const double dt : {1e4, 1e6, 1e8})
    for (const AverageState& average : averages(grid, 0.4)) {
      if (!average.stress.isZero(0)) continue;  // a viscous body yields to a lasting shear for ever
      Equilibrium equilibrium(grid, alloy.medium(), average, 1e-10, Planning::estimate);
      const Balance balance = equilibrium.solve(x, {.law = &law, .dt = dt});
      CHECK(balance.converged);
      const double pressure = average.stress_given[0] ? 0 : 3 * misfit / softness;
      double worst = 0;
      for (std::size_t i = 0; i < x.size(); ++i)
        worst = std::max(worst, (at(equilibrium.stress(), i) + trace_part(pressure)).norm());
      CHECK(balance.von_mises < 1e10 / dt);
      CHECK(worst < 1e10 / dt);
    }
}

TEST_CASE("a step of no length is the elastic state, also after steps that crept") {
  const Grid grid({{1, 7, Boundary::periodic}, {1.1, 6, Boundary::periodic}});
  const Alloy alloy;
  const Field<double> x = noise(grid);
  const TensorField before = crept(grid);
  const CreepRate power{.rate = 1e-2, .stress = 1e8, .exponent = 6.5};
  const Creep law{power, power};
  Equilibrium elastic(grid, alloy.medium(), {}, 1e-9, Planning::estimate),
      creeping(grid, alloy.medium(), {}, 1e-9, Planning::estimate);
  const Balance wanted = elastic.solve(x, {.before = &before});
  CHECK(wanted.dissipation == 0);
  creeping.solve(x, {.before = &before, .law = &law, .dt = 10});
  TensorField after = tensor_field(grid);
  const Balance still = creeping.solve(x, {.before = &before, .law = &law, .dt = 0}, nullptr, &after);
  CHECK(still.energy == Approx(wanted.energy).epsilon(1e-13));
  CHECK(still.dissipation > 0);
  for (int c = 0; c < 6; ++c) CHECK(largest_difference(after[c], before[c]) == 0);
  creeping.solve(x, {.before = &before, .law = &law, .dt = 10});
  const Balance lawless = creeping.solve(x, {.before = &before}, nullptr, &after);
  CHECK(lawless.energy == Approx(wanted.energy).epsilon(1e-13));
  CHECK(lawless.dissipation == 0);
  for (int c = 0; c < 6; ++c) CHECK(largest_difference(after[c], before[c]) == 0);
}
