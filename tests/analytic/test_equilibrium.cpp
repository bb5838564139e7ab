// Equilibrium of an alloy of varying moduli: against the spectral energy where they do not vary, its own derivative,
// prescribed averages, and what the tolerance promises.
#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>
#include <complex>
#include <numbers>

#include "hooke.hpp"
#include "spinode/elasticity/coherency.hpp"
#include "spinode/spectral_potential.hpp"
#include "support.hpp"

using namespace spinode;
using namespace spinode::test;
using Eigen::Vector3d;
using std::numbers::pi;

namespace {

/// Strain, stress and energies of a solve; `energy` is what equilibrium minimises.
struct Solved {
  Field<double> potential;
  Balance balance;
  double energy;

  Solved(Equilibrium& equilibrium, const Field<double>& x, const CreepStep& creep = {})
      : potential(equilibrium.grid()),
        balance(equilibrium.solve(x, creep, &potential)),
        energy(balance.energy + balance.load) {
    CHECK(balance.converged);
  }
};

/// Lithium, and a solute of its moduli over a factor.
Alloy softened(double contrast) { return {.solute = 1 / contrast * lithium}; }

/// Amplitudes of div sigma, over the wavenumber, against those of sigma,
/// root mean square, in a periodic box of odd numbers of cells.
double relative_force(const Grid& grid, const TensorField& stress) {
  std::vector<Spectrum<double>> hat;
  for (const Field<double>& component : stress) hat.push_back(amplitudes(grid, component));
  double force = 0, whole = 0;
  for (std::size_t m = 1; m < grid.mode_count(); ++m) {
    const std::array<std::size_t, 3> mode = grid.mode(m);
    Vector3d k;
    for (int a = 0; a < 3; ++a) k[a] = a < grid.dimension() ? grid.wavenumber(a, mode[a]) : 0;
    Eigen::Matrix3cd s;
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j) {
        const int c = Stiffness::pair(i, j);
        s(i, j) = std::complex(hat[c][2 * m], hat[c][2 * m + 1]) / (i == j ? 1 : std::sqrt(2));
      }
    const double times = mode[0] == 0 ? 1 : 2;
    force += times * (s * k.normalized()).squaredNorm();
    whole += times * s.squaredNorm();
  }
  return std::sqrt(force / whole);
}

}  // namespace

TEST_CASE("where moduli do not vary, energy and potential are those of the spectral sum") {
  for (const Grid& grid : boxes({9, 7, 5})) {
    const Field<double> x = noise(grid), other = noise(grid, 6);
    for (const Eigen::Matrix3d& to_grid : crystals(grid)) {
      const Alloy alloy{.solute = lithium, .to_grid = to_grid};
      CAPTURE(grid.dimension(), walled(grid), to_grid.diagonal().transpose());
      AverageState average;
      average.x_reference = 0.3;
      const Medium medium = alloy.medium();
      Equilibrium equilibrium(grid, medium, average, 1e-13, Planning::estimate);
      const CoherencyModulus B(medium.stiffness(0), medium.chi);
      const SpectralPotential<double> spectral(grid, 0, [&](const std::array<double, 3>& k) {
        return B({k[0], k[1], k[2]});
      });
      Spectrum<double> x_hat = amplitudes(grid, x), mu_hat(grid);
      const double wanted = spectral.energies(x_hat).elastic;
      spectral.apply(x_hat, mu_hat);
      Field<double> mu(grid);
      Transform<double>(grid, Planning::estimate).inverse(mu_hat, mu);

      for (const Field<double>* start : {&x, &other}) {
        Solved(equilibrium, *start);
        const Solved solved(equilibrium, x);
        CHECK(solved.balance.energy == Approx(wanted).epsilon(1e-13));
        CHECK(largest_difference(solved.potential, mu) < 1e-13 * lithium.C11);
        CHECK(solved.balance.iterations == (start == &x ? 0 : 1));  // the reference medium is the medium
      }

      AverageState clamped = average;
      clamped.stress_given.fill(false);
      Equilibrium held(grid, medium, clamped, 1e-13, Planning::estimate);
      const double swelling = alloy.chi * (x.array().mean() - 0.3), three_K = lithium.C11 + 2 * lithium.C12;
      CHECK(Solved(held, x).balance.energy == Approx(wanted + 1.5 * three_K * swelling * swelling).epsilon(1e-13));
    }
  }
}

TEST_CASE("the potential is the derivative of the energy by x, whatever the contrast, the box and its load") {
  for (const double contrast : {1.0, 10.0, 1000.0})
    for (const Grid& grid : boxes({6, 5, 4})) {
      Alloy alloy = contrast > 1 ? softened(contrast) : Alloy{};
      alloy.to_grid = crystals(grid).back();
      Field<double> x = noise(grid, 5, 0.02, 0.98), direction = noise(grid, 6, -1, 1);
      // Beyond the pure metals moduli stay as they are; the misfit does not.
      x[1] = -0.04;
      x[2] = 1.03;
      const TensorField crept{noise(grid, 11, -0.02, 0.02), noise(grid, 12, -0.02, 0.02), noise(grid, 13, -0.02, 0.02),
                              noise(grid, 14, -0.02, 0.02), noise(grid, 15, -0.02, 0.02), noise(grid, 16, -0.02, 0.02)};
      for (const TensorField* before : {static_cast<const TensorField*>(nullptr), &crept})
        for (const AverageState& average : averages(grid, 0.4)) {
          if ((before != nullptr) != (contrast == 10)) continue;
          CAPTURE(contrast, grid.dimension(), walled(grid), average.stress_given, before != nullptr);
          Equilibrium equilibrium(grid, alloy.medium(), average, 1e-10, Planning::estimate);
          const CreepStep creep{.before = before};
          const Solved here(equilibrium, x, creep);
          const auto energy = [&](double way) {
            Field<double> moved = copy(grid, x);
            moved.array() += way * direction.array();
            return Solved(equilibrium, moved, creep).energy;
          };
          constexpr double h = 2e-4;
          const double slope = (8 * (energy(h) - energy(-h)) - energy(2 * h) + energy(-2 * h)) / (12 * h);
          const double wanted = (here.potential.array() * direction.array()).mean();
          const double size = std::sqrt(here.potential.array().square().mean());
          CHECK(std::abs(slope - wanted) < 1e-7 * size);
        }
    }
}

TEST_CASE("the potential of a cell is the derivative of the energy by its own x") {
  const Grid grid({{3, 5, Boundary::no_flux}, {2, 6, Boundary::periodic}});
  Alloy alloy;
  alloy.to_grid = crystals(grid).back();
  Field<double> x = noise(grid, 5, 0.02, 0.98);
  for (const AverageState& average : averages(grid, 0.4)) {
    Equilibrium equilibrium(grid, alloy.medium(), average, 1e-10, Planning::estimate);
    const Solved here(equilibrium, x);
    for (std::size_t i = 0; i < x.size(); ++i) {
      constexpr double h = 1e-3;
      const double before = x[i];
      const auto energy = [&](double way) {
        x[i] = before + way;
        return Solved(equilibrium, x).energy;
      };
      const double slope = (8 * (energy(h) - energy(-h)) - energy(2 * h) + energy(-2 * h)) / (12 * h);
      x[i] = before;
      CHECK(slope * static_cast<double>(x.size()) ==
            Approx(here.potential[i]).epsilon(1e-7).margin(1e-8 * lithium.C11));
    }
  }
}

TEST_CASE("a solute a thousand times as soft, cell by cell at random, is balanced within the tolerance") {
  for (const Grid& grid :
       {Grid({{1, 15, Boundary::periodic}}), Grid({{1, 15, Boundary::periodic}, {1.2, 17, Boundary::periodic}}),
        Grid({{1, 7, Boundary::periodic}, {1.2, 7, Boundary::periodic}, {0.9, 9, Boundary::periodic}})})
    for (const double contrast : {2.0, 1e3}) {
      Alloy alloy = softened(contrast);
      alloy.to_grid = crystals(grid).back();
      Field<double> x = noise(grid);
      x.array() = x.array().round();
      for (const double tolerance : {1e-5, 1e-8}) {
        CAPTURE(grid.dimension(), contrast, tolerance);
        Equilibrium equilibrium(grid, alloy.medium(), averages(grid, 0.5).at(2), tolerance, Planning::estimate);
        const Solved solved(equilibrium, x);
        CHECK(relative_force(grid, equilibrium.stress()) < 5 * tolerance);
        // Conjugate gradients shrink an error by 2 exp(-2 n/sqrt(contrast)), and a residual with it.
        CHECK(solved.balance.iterations <= std::sqrt(contrast) / 2 * std::log(2 * std::sqrt(contrast) / tolerance));
      }
    }
}

TEST_CASE("a box with walls is the half of a periodic one that its mirror image completes, whatever the moduli") {
  for (const Grid& half : boxes({10, 9, 8})) {
    Alloy alloy;
    alloy.to_grid = crystals(half).back();
    // Smooth: a wave of one cell along a no-flux axis has no displacement across it, that of a periodic axis has one.
    const Field<double> x = sampled(half, [&](const Vector3d& r) {
      double value = 0.5;
      for (int a = 0; a < half.dimension(); ++a)
        value += 0.1 * std::cos((no_flux(half, a) ? 1 : 2) * pi * r[a] / half.axis(a).length) * (1 - 0.4 * value);
      return value;
    });
    std::vector<Axis> axes;
    for (int a = 0; a < half.dimension(); ++a) {
      axes.push_back(half.axis(a));
      if (no_flux(half, a)) axes.back() = {2 * axes.back().length, 2 * axes.back().cells, Boundary::periodic};
    }
    const Grid whole(axes);
    Field<double> mirrored(whole);
    const auto in_half = [&](std::size_t i) {
      std::array<std::size_t, 3> index = index_of(whole, i);
      for (int a = 0; a < 3; ++a)
        if (index[a] >= half.cells(a)) index[a] = whole.cells(a) - 1 - index[a];
      return index[0] + half.cells(0) * (index[1] + half.cells(1) * index[2]);
    };
    for (std::size_t i = 0; i < mirrored.size(); ++i) mirrored[i] = x[in_half(i)];
    const AverageState average = averages(half, 0.4).at(2);
    CAPTURE(half.dimension(), walled(half));
    Equilibrium in_part(half, alloy.medium(), average, 1e-12, Planning::estimate),
        in_all(whole, alloy.medium(), average, 1e-12, Planning::estimate);
    const Solved part(in_part, x), all(in_all, mirrored);
    double worst = 0;
    for (std::size_t i = 0; i < half.size(); ++i) {
      const std::array<std::size_t, 3> index = index_of(half, i);
      const std::size_t j = index[0] + whole.cells(0) * (index[1] + whole.cells(1) * index[2]);
      worst = std::max({worst, (at(in_part.stress(), i) - at(in_all.stress(), j)).norm(),
                        std::abs(part.potential[i] - all.potential[j])});
    }
    CHECK(part.energy == Approx(all.energy).epsilon(1e-12));
    CHECK(worst < 1e-10 * largest(in_all.stress()));
  }
}

TEST_CASE("every choice of average strains and stresses is kept to 1e-8, at the default tolerance") {
  const double tolerance = MechanicsParameters{}.tolerance;
  for (const Grid& grid : boxes({7, 6, 5})) {
    const Field<double> x = noise(grid);
    Alloy alloy;
    alloy.to_grid = crystals(grid).back();
    std::mt19937 generator(3);
    std::uniform_real_distribution<double> uniform(-1, 1);
    for (unsigned mask = 0; mask < 64; ++mask) {
      AverageState average;
      average.x_reference = 0.2;
      bool again = false;  // at walls nothing depends on what is given
      for (int c = 0; c < 6; ++c) {
        average.stress_given[c] = mask >> c & 1;
        again = again || (sheared_at_wall(grid, c) && average.stress_given[c] != average.stress_given[0]);
        (average.stress_given[c] ? average.stress[c] : average.strain[c]) =
            sheared_at_wall(grid, c) ? 0 : uniform(generator) * (average.stress_given[c] ? 5e8 : 0.05);
      }
      if (again) continue;
      CAPTURE(grid.dimension(), walled(grid), mask);
      Equilibrium equilibrium(grid, alloy.medium(), average, tolerance, Planning::estimate);
      const Balance balance = equilibrium.solve(x);
      CHECK(balance.converged);
      const Tensor strain = mean(equilibrium.strain()), stress = mean(equilibrium.stress());
      double load = 0;
      for (int c = 0; c < 6; ++c) {
        CHECK(balance.stress[c] == Approx(stress[c]).margin(1e-14 * lithium.C11));
        if (sheared_at_wall(grid, c)) {
          CHECK(balance.strain[c] == 0);
          continue;
        }
        if (average.stress_given[c]) {
          CHECK(std::abs(stress[c] - average.stress[c]) < 1e-12 * lithium.C11);
          load -= average.stress[c] * strain[c];
        } else {
          CHECK(std::abs(strain[c] - average.strain[c]) < 1e-14);
        }
        CHECK(std::abs(balance.strain[c] - strain[c]) < 1e-14);
        CHECK(equilibrium.average_strain()[c] == balance.strain[c]);
      }
      CHECK(balance.load == Approx(load).margin(1e-3));
    }
  }
}

TEST_CASE("a stack pressure on a film that is held in its plane squeezes a uniform one by Hooke's law") {
  const Grid grid({{3, 4, Boundary::no_flux}, {3, 3, Boundary::periodic}, {3, 5, Boundary::no_flux}});
  AverageState stack;
  stack.stress_given = {false, false, true, false, false, false};
  stack.stress[2] = -5e6;
  stack.x_reference = 0.1;
  const Alloy alloy{};
  const Medium medium = alloy.medium();
  constexpr double x = 0.3;
  const Cubic m = (1 - x) * lithium + x * sodium;
  const double misfit = alloy.chi * (x - stack.x_reference);
  const double zz = misfit + (stack.stress[2] + 2 * m.C12 * misfit) / m.C11;
  const double xx = -(m.C11 + m.C12) * misfit + m.C12 * (zz - misfit);

  Equilibrium equilibrium(grid, medium, stack, 1e-5, Planning::estimate);
  const Balance uniform = equilibrium.solve(sampled(grid, [](const Vector3d&) { return x; }));
  CHECK(uniform.strain[2] == Approx(zz).epsilon(1e-13));
  CHECK(uniform.stress[0] == Approx(xx).epsilon(1e-13));
  CHECK(uniform.stress[1] == Approx(xx).epsilon(1e-13));
  CHECK(uniform.stress[2] == Approx(-5e6).epsilon(1e-9));
  CHECK(uniform.load == Approx(5e6 * zz).epsilon(1e-12));
  CHECK(uniform.energy == Approx((stack.stress[2] * (zz - misfit) - 2 * xx * misfit) / 2).epsilon(1e-12));

  const Balance varied = equilibrium.solve(noise(grid));
  CHECK(varied.stress[2] == Approx(-5e6).epsilon(1e-8));
  CHECK(varied.strain.head<2>().norm() < 1e-15);
}

TEST_CASE("a uniform box of any average has the elastic strain of AverageState and of Hooke's law") {
  const Grid grid({{3, 3, Boundary::periodic}, {3, 3, Boundary::periodic}});
  constexpr double x = 0.6;
  const Alloy alloy{.to_grid = turn(0.7, {1, -2, 0.5})};
  for (const AverageState& average : averages(grid, 0.45)) {
    Equilibrium equilibrium(grid, alloy.medium(), average, 1e-9, Planning::estimate);
    const Balance balance = equilibrium.solve(sampled(grid, [](const Vector3d&) { return x; }));
    const Tensor elastic = average.uniform_strain(alloy.medium(), x);
    CHECK((balance.strain - trace_part(alloy.chi * (x - 0.45)) - elastic).norm() < 1e-14);
    CHECK((balance.stress - alloy.stiffness(x) * elastic).norm() < 1e-13 * lithium.C11);
    for (int c = 0; c < 6; ++c)
      if (average.stress_given[c])
        CHECK(balance.stress[c] == Approx(average.stress[c]).margin(1e-13 * lithium.C11));
      else
        CHECK(balance.strain[c] == Approx(average.strain[c]).margin(1e-15));
  }
}

TEST_CASE("a shear along a frictionless wall is refused") {
  const auto with = [&](Boundary boundary, int component) {
    AverageState strained, stressed;
    strained.stress_given[component] = false;
    strained.strain[component] = 0.01;
    stressed.stress[component] = 1e6;
    const Grid grid({{3, 4, boundary}, {3, 5, Boundary::periodic}});
    for (const AverageState& average : {strained, stressed})
      Equilibrium(grid, Alloy{}.medium(), average, 1e-5, Planning::estimate);
  };
  for (const int sheared : {4, 5}) {
    CHECK_THROWS_AS(with(Boundary::no_flux, sheared), std::invalid_argument);
    CHECK_NOTHROW(with(Boundary::periodic, sheared));
  }
  for (const int free : {0, 2, 3}) CHECK_NOTHROW(with(Boundary::no_flux, free));
}

TEST_CASE("a stress is not heeded where the strain is given, nor a strain where the stress is") {
  const Grid grid({{3, 5, Boundary::periodic}, {3, 4, Boundary::periodic}});
  const Field<double> x = noise(grid);
  const AverageState plain = averages(grid, 0.4).at(2);
  AverageState both = plain;
  for (int c = 0; c < 6; ++c) (plain.stress_given[c] ? both.strain[c] : both.stress[c]) = 0.7;
  both.stress *= 1e9;
  for (int c = 0; c < 6; ++c)
    if (plain.stress_given[c]) both.stress[c] = plain.stress[c];
  Equilibrium wanted(grid, Alloy{}.medium(), plain, 1e-9, Planning::estimate),
      found(grid, Alloy{}.medium(), both, 1e-9, Planning::estimate);
  const Solved by_plain(wanted, x), by_both(found, x);
  CHECK(by_both.balance.energy == Approx(by_plain.balance.energy).epsilon(1e-14));
  CHECK(by_both.balance.load == Approx(by_plain.balance.load).epsilon(1e-14));
  CHECK(both.uniform_strain(Alloy{}.medium(), 0.3).isApprox(plain.uniform_strain(Alloy{}.medium(), 0.3), 1e-14));
}

TEST_CASE("strains that cannot vary are not transformed") {
  // Forces of the start, the strain of one direction, its forces.
  const auto transforms = [](const std::vector<Axis>& axes, const Eigen::Matrix3d& to_grid) {
    const Grid grid(axes);
    Equilibrium equilibrium(grid, Alloy{.solute = lithium, .to_grid = to_grid}.medium(), {}, 1e-9, Planning::estimate);
    CHECK(equilibrium.solve(noise(grid)).iterations == 1);
    return equilibrium.transforms();
  };
  const Axis axis{1, 5, Boundary::periodic}, wall{1, 5, Boundary::no_flux};
  const Eigen::Matrix3d aligned = Eigen::Matrix3d::Identity(), turned = turn(0.7, {1, -2, 0.5});
  CHECK(transforms({axis}, aligned) == 3 * 1);
  CHECK(transforms({wall}, turn(0.4, Vector3d::UnitX())) == 3 * 1);
  CHECK(transforms({axis}, turned) == 3 * 3);
  CHECK(transforms({axis, axis}, aligned) == 3 * 3);
  CHECK(transforms({axis, wall}, aligned) == 3 * 3);
  CHECK(transforms({axis, axis}, turned) == 3 * 5);
  CHECK(transforms({axis, axis, wall}, aligned) == 3 * 6);
}

TEST_CASE("the tolerance is the square root of the energy that further iterations would release") {
  const Grid grid({{1, 9, Boundary::periodic}, {1.2, 8, Boundary::no_flux}, {0.9, 7, Boundary::periodic}});
  Field<double> x = noise(grid);
  x.array() = x.array().round();
  // The residual is weighed with the medium half way; cells may be softer by (1 + contrast)/2.
  for (const auto& [contrast, most] : {std::pair{2.0, 1.0}, {10.0, 2.0}, {1000.0, 40.0}}) {
    const Medium medium = softened(contrast).medium();
    double largest = 0;
    for (const int which : {0, 2}) {
      const AverageState average = averages(grid, 0.4).at(which);
      Equilibrium exact(grid, medium, average, 1e-9, Planning::estimate);
      const Solved best(exact, x);
      for (const double tolerance : {1e-1, 1e-2, 1e-3, 1e-5}) {
        Equilibrium equilibrium(grid, medium, average, tolerance, Planning::estimate);
        const double excess =
            (Solved(equilibrium, x).energy - best.energy) / (tolerance * tolerance * best.balance.energy);
        CAPTURE(contrast, tolerance, excess);
        CHECK(excess >= 0);
        CHECK(excess < most);
        largest = std::max(largest, excess);
      }
    }
    CHECK(largest > most / 3);
  }
}

TEST_CASE("a start from a composition near by takes fewer iterations and ends in the same place") {
  const Grid grid({{1, 9, Boundary::periodic}, {1.2, 8, Boundary::no_flux}, {0.9, 7, Boundary::periodic}});
  const Field<double> x = noise(grid);
  Field<double> near = noise(grid, 6, -1e-3, 1e-3);
  near.array() += x.array();
  Equilibrium cold(grid, Alloy{}.medium(), {}, 1e-7, Planning::estimate),
      warm(grid, Alloy{}.medium(), {}, 1e-7, Planning::estimate);
  Solved(warm, near);
  const Solved first(cold, x), second(warm, x);
  CHECK(second.balance.iterations <= first.balance.iterations - 2);
  CHECK(second.energy == Approx(first.energy).epsilon(1e-13));
  for (int c = 0; c < 6; ++c)
    CHECK(largest_difference(cold.stress()[c], warm.stress()[c]) < 1e-6 * largest(cold.stress()));
}

TEST_CASE("one and two threads find the same equilibrium") {
  const Grid grid({{1, 12, Boundary::no_flux}, {1.2, 15, Boundary::periodic}, {0.9, 30, Boundary::periodic}});
  const Field<double> x = noise(grid);
  const AverageState average = averages(grid, 0.4).at(2);
  Equilibrium alone(grid, Alloy{}.medium(), average, 1e-7, Planning::estimate),
      shared(grid, Alloy{}.medium(), average, 1e-7, Planning::estimate);
  Field<double> mu_alone(grid), mu_shared(grid);
  Balance one, two;
  with_threads(1, [&] { one = alone.solve(x, {}, &mu_alone); });
  with_threads(2, [&] { two = shared.solve(x, {}, &mu_shared); });
  CHECK(one.iterations == two.iterations);
  CHECK(one.energy == Approx(two.energy).epsilon(1e-13));
  CHECK(largest_difference(mu_alone, mu_shared) < 1e-12 * mu_alone.array().abs().maxCoeff());
  for (int c = 0; c < 6; ++c)
    CHECK(largest_difference(alone.stress()[c], shared.stress()[c]) < 1e-12 * largest(alone.stress()));
}

TEST_CASE("B of a strained alloy is the second variation of its solved energy") {
  for (const Eigen::Matrix3d& to_grid : {turn(0, Vector3d::UnitX()), turn(0.7, {1, -2, 0.5})})
    for (const std::array<int, 3> mode : {std::array{1, 0, 0}, std::array{0, 1, -1}, std::array{2, 1, 1}})
      for (const double contrast : {1.0, 10.0}) {
        Alloy alloy = contrast > 1 ? softened(contrast) : Alloy{};
        alloy.to_grid = to_grid;
        const Grid grid({{1, 7, Boundary::periodic}, {1.3, 5, Boundary::periodic}, {0.8, 5, Boundary::periodic}});
        const AverageState average = averages(grid, 0.1).at(2);
        constexpr double x0 = 0.45, h = 0.02;
        Vector3d k;
        for (int a = 0; a < 3; ++a) k[a] = 2 * pi * mode[a] / grid.axis(a).length;
        Equilibrium equilibrium(grid, alloy.medium(), average, 1e-12, Planning::estimate);
        const auto energy = [&](double amplitude) {
          return Solved(equilibrium,
                        sampled(grid, [&](const Vector3d& r) { return x0 + amplitude * std::cos(k.dot(r) + 0.3); }))
              .energy;
        };
        const double E0 = energy(0),
                     curvature =
                         (16 * (energy(h) + energy(-h)) - energy(2 * h) - energy(-2 * h) - 30 * E0) / (12 * h * h);
        const CoherencyModulus B(alloy.medium(), x0, average.uniform_strain(alloy.medium(), x0));
        CHECK(B(k) / 2 == Approx(curvature).epsilon(1e-5));
      }
}
