// Effective conductivity against laminates, wires, lattices of spheres and discs, duality in 2D and a direct solution.
#include <Eigen/QR>
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "analytic/boxes.hpp"
#include "spinode/measure/effective_conductivity.hpp"
#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

namespace {

constexpr double strict = 1e-14;
constexpr auto periodic = Boundary::periodic, walls = Boundary::no_flux;

EffectiveConductivity solved(const Grid& grid, const Field<double>& sigma, int axis, double tolerance = strict) {
  return effective_conductivity(grid, sigma, axis, tolerance, Planning::estimate);
}

double value(const Grid& grid, const Field<double>& sigma, int axis) { return solved(grid, sigma, axis).value; }

Field<double> by_index(const Grid& grid, const std::function<double(const std::array<std::size_t, 3>&)>& sigma) {
  Field<double> field(grid);
  for (std::size_t i = 0; i < field.size(); ++i) field[i] = sigma(index_of(grid, i));
  return field;
}

/// log sigma uniform between 1/contrast and 1, but for a share of insulators.
Field<double> random_medium(const Grid& grid, unsigned seed, double contrast, double insulators = 0) {
  const Field<double> u = noise(grid, seed), v = noise(grid, seed + 1);
  Field<double> sigma(grid);
  for (std::size_t i = 0; i < sigma.size(); ++i) sigma[i] = v[i] < insulators ? 0 : std::pow(contrast, -u[i]);
  return sigma;
}

/// Current between electrodes of 1 V, or round a periodic box with 1 V in its seam, through the network of resistances
/// between the middles of cells: dense least squares.
double by_network(const Grid& grid, const Field<double>& sigma, int axis) {
  const auto cells = static_cast<Eigen::Index>(grid.size());
  Eigen::MatrixXd conductances = Eigen::MatrixXd::Zero(cells, cells);
  Eigen::VectorXd source = Eigen::VectorXd::Zero(cells);
  struct Contact {
    Eigen::Index low, high;  // -1: an electrode
    double conductance, volts;
  };
  std::vector<Contact> section;
  std::size_t stride = 1;
  for (int a = 0; a < grid.dimension(); stride *= grid.cells(a++)) {
    const double h = grid.axis(a).spacing(), area = grid.measure() / (static_cast<double>(grid.size()) * h);
    for (std::size_t i = 0; i < grid.size(); ++i) {
      const std::size_t n = grid.cells(a), at = index_of(grid, i)[a];
      const bool last = at + 1 == n;
      const auto here = static_cast<Eigen::Index>(i);
      const double half = sigma[i] > 0 ? h / 2 / (sigma[i] * area) : std::numeric_limits<double>::infinity();
      if (no_flux(grid, a)) {
        if (a == axis && at == 0) {
          conductances(here, here) += 1 / half;
          source[here] += 1 / half;
          section.push_back({-1, here, 1 / half, 1});
        }
        if (a == axis && last) conductances(here, here) += 1 / half;
        if (last) continue;
      }
      const std::size_t j = last ? i - at * stride : i + stride;
      const double other = sigma[j] > 0 ? h / 2 / (sigma[j] * area) : std::numeric_limits<double>::infinity();
      const double conductance = 1 / (half + other), volts = a == axis && last ? 1 : 0;
      const auto there = static_cast<Eigen::Index>(j);
      conductances(here, here) += conductance;
      conductances(there, there) += conductance;
      conductances(here, there) -= conductance;
      conductances(there, here) -= conductance;
      source[here] -= conductance * volts;
      source[there] += conductance * volts;
      if (volts > 0) section.push_back({here, there, conductance, volts});
    }
  }
  const Eigen::VectorXd potential = conductances.completeOrthogonalDecomposition().solve(source);
  double current = 0;
  for (const Contact& contact : section)
    current += contact.conductance *
               (contact.volts + (contact.low < 0 ? 0 : potential[contact.low]) - potential[contact.high]);
  const double length = grid.axis(axis).length;
  return current * length * length / grid.measure();
}

/// A 2D medium that conducts 1 at '#' and nothing elsewhere; the last string is the first plane of the second axis.
struct Picture {
  Picture(const std::vector<std::string>& rows, Boundary across, Boundary along)
      : grid({{0.8 * static_cast<double>(rows[0].size()), rows[0].size(), across},
              {0.5 * static_cast<double>(rows.size()), rows.size(), along}}),
        sigma(by_index(grid, [&](const auto& at) { return rows[rows.size() - 1 - at[1]][at[0]] == '#' ? 1.0 : 0.0; })) {
  }

  /// Conductivity of a single wire that has this many faces along the two axes, and over which the mean field of 1
  /// along the axis drops by `lengths` of the box.
  double wire(int axis, double faces_across, double faces_along, double lengths = 1) const {
    const double hx = grid.axis(0).spacing(), hz = grid.axis(1).spacing();
    const double resistance = faces_across * hx / hz + faces_along * hz / hx;
    return std::pow(lengths * grid.axis(axis).length, 2) / (resistance * grid.measure());
  }

  Grid grid;
  Field<double> sigma;
};

/// Square array of discs of conductivity sigma in a matrix of 1 (Perrins, McKenzie & McPhedran 1979).
double disc_array(double f, double sigma) {
  const double T = (1 + sigma) / (1 - sigma);
  return 1 - 2 * f /
                 (T + f - 0.305827 * std::pow(f, 4) * T / (T * T - 1.402958 * std::pow(f, 8)) -
                  0.013362 * std::pow(f, 8) / T);
}

/// Simple cubic array of spheres (Rayleigh 1892; coefficients of McPhedran & McKenzie 1978), multipoles 1, 3 and the
/// first effect of 5: less than 1e-4 off up to f = 0.3.
double sphere_array(double f, double sigma) {
  const auto T = [&](double l) { return (sigma + (l + 1) / l) / (1 - sigma); };
  return 1 - 3 * f /
                 (T(1) + f - 1.3047 * std::pow(f, 10.0 / 3) / (T(3) + 0.4054 * std::pow(f, 7.0 / 3)) -
                  0.07231 * std::pow(f, 14.0 / 3) / T(5));
}

/// What is found of an array over what the formula says of its share of cells, less 1. The grid is one quadrant or
/// octant of a cell of the lattice, with the middle of the inclusion in its corner; `cells` go along the whole lattice
/// cell, those whose middle is inside belong to the inclusion.
double error_of_array(int dimension, std::size_t cells, double fraction, double sigma) {
  const Grid grid(std::vector<Axis>(dimension, {0.5, cells / 2, walls}));
  const double radius =
      dimension == 2 ? std::sqrt(fraction / std::numbers::pi) : std::cbrt(fraction * 0.75 / std::numbers::pi);
  std::size_t inside = 0;
  const Field<double> medium = sampled(grid, [&](const Eigen::Vector3d& r) {
    inside += r.norm() < radius;
    return r.norm() < radius ? sigma : 1;
  });
  const double share = static_cast<double>(inside) / static_cast<double>(grid.size());
  const double formula = dimension == 2 ? disc_array(share, sigma) : sphere_array(share, sigma);
  return solved(grid, medium, 0, 1e-5).value / formula - 1;
}

/// Stairs in place of a curved surface cost an error of first order; what is left without it.
void check_array(int dimension, double fraction, double sigma, std::size_t coarse, std::size_t fine, double rest) {
  const double there = error_of_array(dimension, coarse, fraction, sigma),
               here = error_of_array(dimension, fine, fraction, sigma),
               ratio = static_cast<double>(fine) / static_cast<double>(coarse);
  CAPTURE(sigma, fraction, there, here);
  CHECK(std::abs(there) < 2.0 / static_cast<double>(coarse));
  CHECK(std::abs(here) < 0.01);
  CHECK(std::abs(ratio * here - there) / (ratio - 1) < rest);
}

/// Two phases with curved boundaries and no symmetry.
Field<double> waves(const Grid& grid, double inside, double outside) {
  return sampled(grid, [&](const Eigen::Vector3d& r) {
    const double turn = 2 * std::numbers::pi;
    const double level =
        std::sin(turn * r[0]) + 0.7 * std::cos(turn * (r[0] + 2 * r[1])) + 0.5 * std::sin(2 * turn * r[1] + 1);
    return level > 0.2 ? inside : outside;
  });
}

}  // namespace

TEST_CASE("a uniform medium conducts as its material, without iterations", "[conductivity]") {
  for (const Grid& grid : boxes({6, 5, 3}))
    for (int axis = 0; axis < grid.dimension(); ++axis) {
      const EffectiveConductivity result = solved(grid, by_index(grid, [](const auto&) { return 3.7; }), axis);
      CHECK(result.value == Approx(3.7).epsilon(1e-14));
      CHECK(result.iterations == 0);
    }
}

TEST_CASE("laminates conduct by the harmonic mean across and the arithmetic mean along", "[conductivity]") {
  const std::array<double, 7> layers{1, 1e-4, 0.3, 0.3, 1e-4, 0.02, 1};
  for (const Grid& grid : boxes({7, 4, 5}))
    for (int normal = 0; normal < grid.dimension(); ++normal) {
      double sum = 0, inverse = 0;
      const std::size_t n = grid.cells(normal);
      for (std::size_t i = 0; i < n; ++i) {
        sum += layers[i] / static_cast<double>(n);
        inverse += 1 / (layers[i] * static_cast<double>(n));
      }
      const Field<double> sigma = by_index(grid, [&](const auto& at) { return layers[at[normal]]; });
      for (int axis = 0; axis < grid.dimension(); ++axis) {
        CAPTURE(grid.dimension(), normal, axis, no_flux(grid, axis));
        CHECK(value(grid, sigma, axis) == Approx(axis == normal ? 1 / inverse : sum).epsilon(1e-12));
      }
    }
}

TEST_CASE("an insulating layer stops what crosses it, and nothing else", "[conductivity]") {
  for (const Grid& grid : boxes({6, 4, 5}))
    for (int normal = 0; normal < grid.dimension(); ++normal) {
      const Field<double> sigma = by_index(grid, [&](const auto& at) { return at[normal] == 2 ? 0.0 : 2.0; });
      const double share = 1 - 1 / static_cast<double>(grid.cells(normal));
      for (int axis = 0; axis < grid.dimension(); ++axis) {
        CAPTURE(grid.dimension(), normal, axis);
        if (axis == normal)
          CHECK(value(grid, sigma, axis) == 0);
        else
          CHECK(value(grid, sigma, axis) == Approx(2 * share).epsilon(1e-12));
      }
    }
}

TEST_CASE("random media conduct as the network of their resistances, solved directly", "[conductivity]") {
  unsigned seed = 0;
  for (const Grid& grid : boxes({4, 5, 3}))
    for (int axis = 0; axis < grid.dimension(); ++axis)
      for (const double insulators : {0.0, 0.25}) {
        const Field<double> sigma = random_medium(grid, seed += 2, 1e3, insulators);
        CAPTURE(grid.dimension(), axis, insulators, no_flux(grid, axis), seed);
        CHECK(value(grid, sigma, axis) == Approx(by_network(grid, sigma, axis)).epsilon(1e-9).margin(1e-12));
      }
}

TEST_CASE("a no-flux axis is half of a periodic box with the mirrored medium", "[conductivity]") {
  for (const unsigned mask : {1u, 2u, 4u, 7u}) {
    std::vector<Axis> half, whole;
    for (unsigned a = 0; a < 3; ++a) {
      const bool wall = mask >> a & 1;
      const Axis axis{1 + 0.2 * a, 5 + a, wall ? walls : periodic};
      half.push_back(axis);
      whole.push_back(wall ? Axis{2 * axis.length, 2 * axis.cells, periodic} : axis);
    }
    const Grid grid(half), doubled(whole);
    const Field<double> sigma = random_medium(grid, mask, 100, 0.1);
    const Field<double> mirrored = by_index(doubled, [&](std::array<std::size_t, 3> at) {
      for (int a = 0; a < 3; ++a)
        if (at[a] >= grid.cells(a)) at[a] = doubled.cells(a) - 1 - at[a];
      return sigma[at[0] + grid.cells(0) * (at[1] + grid.cells(1) * at[2])];
    });
    for (int axis = 0; axis < 3; ++axis) {
      CAPTURE(mask, axis);
      CHECK(value(grid, sigma, axis) == Approx(value(doubled, mirrored, axis)).epsilon(1e-10));
    }
  }
}

TEST_CASE("a wire conducts by its length, dead ends and islands not at all", "[conductivity]") {
  const Picture bare({".....#..", "...###..", "...#....", ".###....", ".#......"}, walls, walls);
  CHECK(value(bare.grid, bare.sigma, 1) == Approx(bare.wire(1, 4, 5)).epsilon(1e-12));
  const Picture dead_ends(
      {".##..#..", ".#...#.#", "####.#.#", ".....#..", "...###..", ".#.#.##.", ".###..##", ".#......"}, periodic,
      walls);
  const Picture alone({".....#..", ".....#..", ".....#..", ".....#..", "...###..", "...#....", ".###....", ".#......"},
                      periodic, walls);
  CHECK(value(dead_ends.grid, dead_ends.sigma, 1) == Approx(alone.wire(1, 4, 8)).epsilon(1e-12));
  CHECK(value(alone.grid, alone.sigma, 1) == Approx(alone.wire(1, 4, 8)).epsilon(1e-12));
}

TEST_CASE("a comb conducts as its back", "[conductivity]") {
  const Picture comb({"##......", "########", "##......", "#######.", "##......", "#####..."}, walls, periodic);
  // Teeth stick out where the back, two cells wide, is at one potential.
  CHECK(value(comb.grid, comb.sigma, 1) == Approx(0.25).epsilon(1e-12));
  CHECK(value(comb.grid, comb.sigma, 0) == Approx(by_network(comb.grid, comb.sigma, 0)).epsilon(1e-10));
}

TEST_CASE("a phase that does not lead from end to end conducts nothing, to the last digit", "[conductivity]") {
  const std::vector<std::string> shifted{"...#..", "...#..", ".###..", ".#....", ".#...."};
  const Picture walled(shifted, walls, walls), endless(shifted, periodic, periodic);
  CHECK(value(walled.grid, walled.sigma, 1) == Approx(walled.wire(1, 2, 5)).epsilon(1e-12));
  CHECK(value(endless.grid, endless.sigma, 1) == 0);
  CHECK(value(walled.grid, walled.sigma, 0) == 0);
  // Touches both ends, through the seam alone; crosses the seam and comes to nothing; touches by corners.
  for (const auto& rows : {std::vector<std::string>{"..#..", "..#..", ".....", "..#.."},
                           {".##..", ".#...", "...#.", ".###."},
                           {"..#..", ".#.#.", "#...#", ".#.#."},
                           {".....", ".....", ".....", "....."}}) {
    const Picture picture(rows, periodic, periodic);
    CAPTURE(rows[0]);
    const EffectiveConductivity result = solved(picture.grid, picture.sigma, 1);
    CHECK(result.value == 0);
    CHECK(result.iterations == 0);
  }
}

TEST_CASE("a wire that closes after two periods conducts along both axes", "[conductivity]") {
  const Picture winding(
      {"#..##..#", "...#...#", "..##..##", "..#...#.", ".##..##.", ".#...#..", "##..##..", "#...#..."}, periodic,
      periodic);
  // Two turns along z while it goes once along x.
  CHECK(value(winding.grid, winding.sigma, 1) == Approx(winding.wire(1, 8, 16, 2)).epsilon(1e-12));
  CHECK(value(winding.grid, winding.sigma, 0) == Approx(winding.wire(0, 8, 16)).epsilon(1e-12));
}

TEST_CASE("discs in a square array, against Rayleigh's series", "[conductivity]") {
  for (const double sigma : {0.0, 0.1, 10.0, 1e4})
    for (const double fraction : {0.1, 0.3, 0.5}) check_array(2, fraction, sigma, 64, 256, 0.002);
}

TEST_CASE("spheres in a simple cubic array, against Rayleigh's series", "[conductivity]") {
  for (const double sigma : {0.0, 10.0, 1e4})
    for (const double fraction : {0.1, 0.2, 0.3}) check_array(3, fraction, sigma, 32, 128, 0.002);
}

TEST_CASE("phases that change places in 2D conduct reciprocally along the other axis", "[conductivity]") {
  // Keller 1964: sigma_x(a, b) sigma_y(b, a) = a b, here but for the stairs.
  constexpr double a = 1, b = 0.05;
  double before = 0;
  for (const std::size_t n : {32, 64, 128, 256}) {
    const Grid grid({{1, n, periodic}, {1, n, periodic}});
    const double product = value(grid, waves(grid, a, b), 0) * value(grid, waves(grid, b, a), 1);
    const double error = std::abs(product / (a * b) - 1);
    CAPTURE(n, error);
    CHECK(error < 3.0 / static_cast<double>(n));
    if (before > 0) CHECK(error < 0.7 * before);
    before = error;
  }
}

TEST_CASE("a checkerboard conducts by the geometric mean", "[conductivity]") {
  // Dykhne 1971. At the corners the potential goes as r^p with tan(pi p / 4) = sqrt(b / a): the error falls as h^2p.
  constexpr double a = 1, b = 0.1;
  const double p = 4 / std::numbers::pi * std::atan(std::sqrt(b / a));
  double before = 0;
  for (const std::size_t n : {16, 32, 64, 128}) {
    const Grid grid({{1, 2 * n, periodic}, {1, 2 * n, periodic}});
    const Field<double> sigma = by_index(grid, [&](const auto& at) { return at[0] / n == at[1] / n ? a : b; });
    const double error = value(grid, sigma, 1) / std::sqrt(a * b) - 1;
    CAPTURE(n, error, before);
    if (before != 0) CHECK(error / before == Approx(std::pow(2, -2 * p)).epsilon(0.02));
    before = error;
  }
}

TEST_CASE("the value is never too low, and too high by less than the tolerance", "[conductivity]") {
  const Grid grid({{1, 24, periodic}, {1, 20, walls}, {1.5, 28, periodic}});
  for (const double contrast : {10.0, 1e4})
    for (const bool two_phases : {false, true}) {
      Field<double> sigma = random_medium(grid, 3, contrast);
      if (two_phases)
        for (std::size_t i = 0; i < sigma.size(); ++i) sigma[i] = sigma[i] * std::sqrt(contrast) > 1 ? 1 : 1 / contrast;
      for (const int axis : {0, 1}) {
        const EffectiveConductivity exact = solved(grid, sigma, axis);
        for (const double tolerance : {1e-2, 1e-4, 1e-6, 1e-8}) {
          const EffectiveConductivity rough = solved(grid, sigma, axis, tolerance);
          CAPTURE(contrast, two_phases, axis, tolerance, rough.iterations);
          CHECK(rough.value >= exact.value * (1 - 1e-13));
          CHECK(rough.value <= exact.value * (1 + tolerance));
          CHECK(rough.iterations < exact.iterations);
        }
      }
    }
}

TEST_CASE("with insulators as well the error is within the tolerance", "[conductivity]") {
  const Grid grid({{1, 24, periodic}, {1, 20, walls}, {1.5, 28, periodic}});
  for (const double contrast : {1.0, 100.0})
    for (const int axis : {0, 1}) {
      const Field<double> sigma = random_medium(grid, 8, contrast, 0.4);
      const EffectiveConductivity exact = solved(grid, sigma, axis);
      for (const double tolerance : {1e-2, 1e-4, 1e-6}) {
        const EffectiveConductivity rough = solved(grid, sigma, axis, tolerance);
        CAPTURE(contrast, axis, tolerance, exact.iterations, rough.iterations);
        CHECK(rough.value >= exact.value * (1 - 1e-13));
        CHECK(rough.value <= exact.value * (1 + tolerance));
      }
    }
}

TEST_CASE("conductivities scale, lengths do not matter", "[conductivity]") {
  const auto axes = [](double length) {
    return std::vector<Axis>{{length, 8, periodic}, {2 * length, 9, walls}, {3 * length, 7, walls}};
  };
  const Grid grid(axes(1)), small(axes(1e-9));
  const Field<double> sigma = random_medium(grid, 5, 100, 0.1);
  Field<double> scaled = copy(grid, sigma);
  scaled.array() *= 1e-18;
  for (const int axis : {0, 2})
    CHECK(value(small, scaled, axis) == Approx(1e-18 * value(grid, sigma, axis)).epsilon(1e-12));
}

TEST_CASE("the number of threads does not matter", "[conductivity]") {
  const Grid grid({{1, 32, periodic}, {1, 18, walls}, {1.5, 25, walls}});
  const Field<double> sigma = random_medium(grid, 4, 100, 0.2);
  for (int axis = 0; axis < 3; ++axis) {
    EffectiveConductivity one, three;
    with_threads(1, [&] { one = solved(grid, sigma, axis, 1e-8); });
    with_threads(3, [&] { three = solved(grid, sigma, axis, 1e-8); });
    CHECK(three.value == Approx(one.value).epsilon(1e-11));
    CHECK(three.iterations == one.iterations);
  }
}

TEST_CASE("a medium that is none is refused", "[conductivity]") {
  const Grid grid({{1, 6, periodic}, {1, 5, walls}});
  const auto with = [&](double odd) {
    return by_index(grid, [&](const auto& at) { return at[0] == 1 && at[1] == 2 ? odd : 1; });
  };
  for (const double odd : {-1e-3, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    CHECK_THROWS_AS(solved(grid, with(odd), 0), std::invalid_argument);
  for (const int axis : {-1, 2}) CHECK_THROWS_AS(solved(grid, with(1), axis), std::invalid_argument);
}

TEST_CASE("a contrast that takes too long is said, not guessed", "[conductivity]") {
  const Grid grid({{1, 16, periodic}, {1, 16, periodic}});
  for (const double insulators : {0.0, 0.2}) {
    const Field<double> sigma = random_medium(grid, 6, 1e250, insulators);
    CHECK_THROWS_AS(solved(grid, sigma, 0), NumericalError);
  }
}
