// Area, volume, topology, curvature and chords of shapes that are known: slabs, balls, cylinders, Schwarz's P surface
// and the gyroid, in boxes with walls and without.
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>
#include <vector>

#include "../../src/measure/level_set.hpp"
#include "../../src/measure/simplices.hpp"
#include "boxes.hpp"
#include "spinode/measure/chords.hpp"
#include "spinode/measure/curvature.hpp"
#include "spinode/measure/interface.hpp"
#include "support.hpp"

using namespace spinode;
using namespace spinode::test;
using Eigen::Vector3d;

namespace {

constexpr double pi = std::numbers::pi;
constexpr double infinity = std::numeric_limits<double>::infinity();

/// A field that falls from 1 to 0 across a surface at distance 0, positive outside, over a few cells.
double across(double distance, double width) { return 0.5 - 0.5 * std::tanh(distance / width); }

Grid cube(std::size_t n, Boundary boundary = Boundary::periodic, double side = 1) {
  return Grid({{side, n, boundary}, {side, n, boundary}, {side, n, boundary}});
}

double errors_ratio(double coarse, double fine, double exact) { return (coarse - exact) / (fine - exact); }

struct Surface {
  const char* name;
  double (*value)(const Vector3d&);  // of angles
  double level;
  // Of a cell of side 2 pi, by quadrature over pairs of angles (area over side squared).
  double area, euler, H, H_deviation, K, K_deviation;
};

double schwarz_p(const Vector3d& r) { return std::cos(r[0]) + std::cos(r[1]) + std::cos(r[2]); }

double gyroid(const Vector3d& r) {
  return std::sin(r[0]) * std::cos(r[1]) + std::sin(r[1]) * std::cos(r[2]) + std::sin(r[2]) * std::cos(r[0]);
}

const std::vector<Surface> surfaces{
    {"P", schwarz_p, 0, 2.3525667, -2, 0, 0.0921891, -0.2706065, 0.2290043},
    {"P off the middle", schwarz_p, 0.4, 2.2904251, -2, 0.0968874, 0.0910361, -0.2779483, 0.2854314},
    {"gyroid", gyroid, 0, 3.0916454, -4, 0, 0.0162791, -0.4118323, 0.2039705},
    {"gyroid off the middle", gyroid, 0.4, 2.9991574, -4, 0.1155491, 0.0216805, -0.4245324, 0.2162761}};

}  // namespace

TEST_CASE("a slab has two flat faces wherever they lie, along every axis, between walls and without", "[analytic]") {
  for (const Grid& grid : boxes({12, 9, 10}))
    for (int axis = 0; axis < grid.dimension(); ++axis) {
      CAPTURE(grid.dimension(), axis, no_flux(grid, 0), no_flux(grid, 1), no_flux(grid, 2));
      const double L = grid.axis(axis).length, half = 0.237 * L, middle = 0.52 * L;
      const Field<double> x =
          sampled(grid, [&](const Vector3d& r) { return half - std::abs(r[axis] - middle); });  // 0 at the faces
      const Interface found = interface(grid, x, 0);
      const double face = grid.measure() / L;
      CHECK(found.area == Approx(2 * face).epsilon(1e-12));
      CHECK(found.fraction == Approx(2 * half / L).epsilon(0.03));  // its ridge lies between cells
      // Without walls it closes to a ring or a torus along the others; mirrors make walls the same.
      CHECK(found.euler_characteristic == Approx(grid.dimension() == 1 ? 1 : 0).margin(1e-12));
      const Chords lines = chords(grid, x, 0);
      for (int a = 0; a < grid.dimension(); ++a) {
        if (a == axis) continue;
        CHECK(lines.solute[a] == infinity);
        CHECK(lines.host[a] == infinity);
      }
      CHECK(lines.solute[axis] + lines.host[axis] == Approx(L).epsilon(1e-12));
      CHECK(lines.solute[axis] == Approx(found.fraction * L).epsilon(1e-12));
    }
}

TEST_CASE("the area and the volume of a ball come with the square of the spacing", "[analytic]") {
  const double R = 0.31;
  std::vector<Interface> found;
  for (const std::size_t n : {16, 32, 64}) {
    const Grid grid({{1, n}, {1, n + 2}, {1.1, n}});
    found.push_back(interface(
        grid, sampled(grid, [&](const Vector3d& r) { return R - (r - Vector3d(0.51, 0.47, 0.5)).norm(); }), 0));
    CHECK(found.back().euler_characteristic == 1);
  }
  const double area = 4 * pi * R * R, volume = 4 * pi * R * R * R / 3 / 1.1;
  CAPTURE(found[0].area / area, found[1].area / area, found[2].area / area, found[2].fraction / volume);
  CHECK(found[2].area == Approx(area).epsilon(1e-3));
  CHECK(found[2].fraction == Approx(volume).epsilon(2e-3));
  for (std::size_t i = 0; i + 1 < found.size(); ++i) {
    CHECK(errors_ratio(found[i].area, found[i + 1].area, area) == Approx(4).epsilon(0.15));
    CHECK(errors_ratio(found[i].fraction, found[i + 1].fraction, volume) == Approx(4).epsilon(0.15));
  }
}

TEST_CASE("the area and the volume of Schwarz's P surface and the gyroid, and their Euler characteristics",
          "[analytic]") {
  for (const Surface& surface : surfaces) {
    CAPTURE(surface.name);
    std::vector<double> areas;
    for (const std::size_t n : {24, 48}) {
      const Grid grid({{1, n}, {2, 2 * n}, {1, n}});  // two cells, shifted off the grid
      const Interface found = interface(
          grid, sampled(grid, [&](const Vector3d& r) { return surface.value(2 * pi * r + Vector3d(0.1, 0.2, 0.3)); }),
          surface.level);
      areas.push_back(found.area / 2);
      CHECK(found.euler_characteristic == 2 * surface.euler);
      if (surface.level == 0) CHECK(found.fraction == Approx(0.5).epsilon(2e-3));
    }
    CAPTURE(areas[0] / surface.area, areas[1] / surface.area);
    CHECK(areas[1] == Approx(surface.area).epsilon(3e-3));
    CHECK(errors_ratio(areas[0], areas[1], surface.area) == Approx(4).epsilon(0.1));
  }
}

TEST_CASE("what the phases enclose: balls, shells, rings, and what walls cut", "[analytic]") {
  const auto euler = [](const Grid& grid, const Function& x) {
    return interface(grid, sampled(grid, x), 0).euler_characteristic;
  };
  const Vector3d middle(0.5, 0.5, 0.5);
  for (const Boundary boundary : {Boundary::periodic, Boundary::no_flux}) {
    const Grid grid = cube(30, boundary);
    CAPTURE(boundary == Boundary::periodic);
    const auto shell = [&](const Vector3d& r) { return 0.12 - std::abs((r - middle).norm() - 0.3); };
    CHECK(euler(grid, shell) == 2);  // a piece and a cavity
    const auto ring = [&](const Vector3d& r) {
      const Vector3d d = r - middle;
      return 0.1 - std::hypot(std::hypot(d[0], d[1]) - 0.28, d[2]);
    };
    CHECK(euler(grid, ring) == 0);
    CHECK(euler(grid, [&](const Vector3d& r) { return -ring(r); }) == 0);
    const auto two = [&](const Vector3d& r) {
      return std::max(0.15 - (r - Vector3d(0.25, 0.3, 0.5)).norm(), 0.12 - (r - Vector3d(0.7, 0.75, 0.4)).norm());
    };
    CHECK(euler(grid, two) == 2);
  }
  // Balls about the middle of a wall, of an edge, and a corner: a half, a quarter, an eighth, and so their areas.
  const Grid grid = cube(40, Boundary::no_flux);
  for (int axes = 1; axes <= 3; ++axes) {
    Vector3d centre = middle;
    for (int a = 0; a < axes; ++a) centre[2 - a] = a == 1 ? 1 : 0;
    const Field<double> x = sampled(grid, [&](const Vector3d& r) { return 0.3 - (r - centre).norm(); });
    const Interface found = interface(grid, x, 0);
    const double share = std::pow(0.5, axes);
    CHECK(found.euler_characteristic == share);
    CHECK(found.area == Approx(share * 4 * pi * 0.09).epsilon(2e-3));
    CHECK(found.fraction == Approx(share * 4 * pi * 0.027 / 3).epsilon(5e-3));
  }
}

TEST_CASE("a box with walls is half of one with its mirror image", "[analytic]") {
  // Waves that are even about the walls: a sponge with some tunnels. Simplices have no mirror image, so that areas
  // agree to the square of the spacing.
  const auto sponge = [](const Vector3d& r) {
    return std::cos(2 * r[0]) * std::cos(r[1] + 0.3 * std::cos(r[2])) + std::cos(3 * r[1]) * std::cos(r[2]) +
           std::cos(2 * r[2]) * std::cos(r[0]) + 0.4 * std::cos(r[0] + 0.2);
  };
  for (int axis = 0; axis < 3; ++axis) {
    const auto even = [&](Vector3d r) {
      r[axis] = std::acos(std::cos(r[axis]));
      return sponge(r);
    };
    std::vector<Axis> axes{{2 * pi, 48}, {2 * pi, 44}, {2 * pi, 46}}, doubled = axes;
    axes[axis] = {pi, axes[axis].cells / 2, Boundary::no_flux};
    const Grid half(axes), whole(doubled);
    // The first cell of a wall is half a cell from it.
    const double shift = 0.5 * whole.axis(axis).spacing();
    const Field<double> x = sampled(half, even), mirrored = sampled(whole, [&](Vector3d r) {
                                                   r[axis] += shift;
                                                   return even(r);
                                                 });
    for (const double level : {-0.7, 0.0, 0.5, 1.5}) {
      CAPTURE(axis, level);
      const Interface one = interface(half, x, level), two = interface(whole, mirrored, level);
      CHECK(two.fraction == Approx(one.fraction).epsilon(2e-3));
      CHECK(two.area == Approx(2 * one.area).epsilon(2e-3));
      CHECK(two.euler_characteristic == Approx(2 * one.euler_characteristic).margin(1e-9));
      const Chords chords_one = chords(half, x, level), chords_two = chords(whole, mirrored, level);
      for (int a = 0; a < 3; ++a) {
        CHECK(chords_two.host[a] == Approx(chords_one.host[a]).epsilon(1e-9));
        CHECK(chords_two.solute[a] == Approx(chords_one.solute[a]).epsilon(1e-9));
      }
    }
  }
}

TEST_CASE("pieces less holes in two dimensions, pieces in one", "[analytic]") {
  const Grid plane({{1, 40}, {1, 44, Boundary::no_flux}});
  const auto disc = [](double x, double y, double R) {
    return [=](const Vector3d& r) { return R - std::hypot(r[0] - x, r[1] - y); };
  };
  const Interface one = interface(plane, sampled(plane, disc(0.5, 0.5, 0.3)), 0);
  CHECK(one.euler_characteristic == 1);
  CHECK(one.area == Approx(2 * pi * 0.3).epsilon(1e-3));
  CHECK(one.fraction == Approx(pi * 0.09).epsilon(3e-3));
  const Interface ring =
      interface(plane, sampled(plane, [&](const Vector3d& r) { return 0.1 - std::abs(disc(0.5, 0.5, 0.3)(r)); }), 0);
  CHECK(ring.euler_characteristic == 0);
  CHECK(interface(plane, sampled(plane, disc(0.5, 1, 0.3)), 0).euler_characteristic == 0.5);
  const Grid line({{1, 50}});
  const Interface waves = interface(line, sampled(line, [](const Vector3d& r) { return std::sin(6 * pi * r[0]); }), 0);
  CHECK(waves.euler_characteristic == 3);
  CHECK(waves.area == 6);
  CHECK(waves.fraction == Approx(0.5).epsilon(0.01));
}

TEST_CASE("nothing above the level, and all of it", "[analytic]") {
  for (const Grid& grid : boxes({6, 5, 4})) {
    const Field<double> x = sampled(grid, [](const Vector3d&) { return 0.3; });
    const Interface none = interface(grid, x, 0.5), all = interface(grid, x, 0.1);
    CHECK(none.area == 0);
    CHECK(none.fraction == 0);
    CHECK(none.euler_characteristic == 0);
    CHECK(all.area == 0);
    CHECK(all.fraction == Approx(1).epsilon(1e-12));
    CHECK(all.euler_characteristic == Approx(0).margin(1e-12));  // a torus, as mirrors make of walls too
    CHECK(chords(grid, x, 0.5).solute[0] == 0);
    CHECK(chords(grid, x, 0.5).host[0] == infinity);
  }
}

TEST_CASE("curvatures of balls and cylinders, on interfaces of a run", "[analytic]") {
  // 10 to 90 % of the way in 3.4 cells, as a shipped case has it.
  const double h = 1.0 / 40, width = 3.4 * h / (2 * std::atanh(0.8));
  const Vector3d middle(0.503, 0.496, 0.51);
  SECTION("a ball, and one of host") {
    const Grid grid = cube(40);
    const double R = GENERATE(0.2, 0.3);
    const auto ball = [&](const Vector3d& r) { return across((r - middle).norm() - R, width); };
    const Curvature solute = curvature(grid, sampled(grid, ball), 0.5),
                    host = curvature(grid, sampled(grid, [&](const Vector3d&r) { return 1 - ball(r); }), 0.5);
    CAPTURE(R);
    CHECK(solute.mean == Approx(1 / R).epsilon(0.005));
    CHECK(host.mean == Approx(-1 / R).epsilon(0.005));
    CHECK(solute.gaussian == Approx(1 / (R * R)).epsilon(0.01));
    CHECK(host.gaussian == Approx(1 / (R * R)).epsilon(0.01));
    CHECK(solute.mean_deviation < 0.01 / R);
    CHECK(solute.gaussian_deviation < 0.02 / (R * R));
  }
  SECTION("a cylinder along each axis, between walls or not") {
    const Boundary boundary = GENERATE(Boundary::periodic, Boundary::no_flux);
    const int axis = GENERATE(0, 1, 2);
    const double R = 0.25;
    const Grid grid = cube(40, boundary);
    const Curvature found = curvature(grid,
                                      sampled(grid,
                                              [&](const Vector3d& r) {
                                                Vector3d d = r - middle;
                                                d[axis] = 0;
                                                return across(d.norm() - R, width);
                                              }),
                                      0.5);
    CAPTURE(axis, boundary == Boundary::periodic);
    CHECK(found.mean == Approx(1 / (2 * R)).epsilon(0.007));
    CHECK(found.mean_deviation < 0.01 / R);
    CHECK(std::abs(found.gaussian) < 1e-9 / (R * R));
  }
  SECTION("half a ball on a wall") {
    const int axis = GENERATE(0, 1, 2);
    const Grid grid = cube(40, Boundary::no_flux);
    Vector3d centre = middle;
    centre[axis] = 1;
    const Curvature found = curvature(
        grid, sampled(grid, [&](const Vector3d& r) { return across((r - centre).norm() - 0.3, width); }), 0.5);
    CAPTURE(axis);
    CHECK(found.mean == Approx(1 / 0.3).epsilon(0.005));
    CHECK(found.gaussian == Approx(1 / 0.09).epsilon(0.01));
  }
  SECTION("half a shell on a wall") {
    // By area; the half layer of cells at the wall has 3 % of the outer face and 8 % of the inner one.
    const int axis = GENERATE(0, 1, 2);
    const Grid grid = cube(40, Boundary::no_flux);
    Vector3d centre = middle;
    centre[axis] = 0;
    const double R = 0.4, r0 = 0.15;
    const Curvature found = curvature(grid,
                                      sampled(grid,
                                              [&](const Vector3d& r) {
                                                const double d = (r - centre).norm();
                                                return across(std::max(d - R, r0 - d), width);
                                              }),
                                      0.5);
    CHECK(found.mean == Approx((R - r0) / (R * R + r0 * r0)).epsilon(0.01));
    CHECK(found.gaussian == Approx(2 / (R * R + r0 * r0)).epsilon(0.01));
  }
  SECTION("a disc") {
    const Grid plane({{1, 40}, {1, 40, GENERATE(Boundary::periodic, Boundary::no_flux)}});
    const Curvature found = curvature(
        plane,
        sampled(plane, [&](const Vector3d& r) { return across(std::hypot(r[0] - 0.5, r[1] - 0.52) - 0.3, width); }),
        0.5);
    CHECK(found.mean == Approx(1 / 0.3).epsilon(0.005));
    CHECK(found.mean_deviation < 0.02 / 0.3);
    CHECK(found.gaussian == 0);
  }
  SECTION("no interface") {
    const Grid grid = cube(8);
    CHECK(std::isnan(curvature(grid, sampled(grid, [](const Vector3d&) { return 0.3; }), 0.5).mean));
  }
}

TEST_CASE("curvatures of Schwarz's P surface and the gyroid, and Gauss and Bonnet", "[analytic]") {
  for (const Surface& surface : surfaces) {
    CAPTURE(surface.name);
    std::vector<Curvature> found;
    for (const std::size_t n : {24, 48}) {
      // Axes of unlike spacing.
      const Grid grid({{2 * pi, n}, {2 * pi, n - 4}, {2 * pi, n + 4}});
      const Field<double> x =
          sampled(grid, [&](const Vector3d& r) { return surface.value(r + Vector3d(0.1, 0.2, 0.3)); });
      found.push_back(curvature(grid, x, surface.level));
      if (n < 48) continue;
      // Area times mean K is 2 pi times the Euler characteristic of the surface, twice that of what it bounds.
      const double area = interface(grid, x, surface.level).area;
      CHECK(found.back().gaussian * area == Approx(4 * pi * surface.euler).epsilon(0.005));
    }
    const auto converges = [&](double Curvature::*value, double exact, double within) {
      CAPTURE(found[0].*value, found[1].*value, exact);
      CHECK(found[1].*value == Approx(exact).epsilon(within).margin(1e-6));
      // With the square of the spacing.
      if (std::abs(exact) > 0) CHECK(errors_ratio(found[0].*value, found[1].*value, exact) == Approx(4).epsilon(0.3));
    };
    converges(&Curvature::mean, surface.H, 0.01);
    converges(&Curvature::mean_deviation, surface.H_deviation, 0.03);
    converges(&Curvature::gaussian, surface.K, 0.01);
    converges(&Curvature::gaussian_deviation, surface.K_deviation, 0.04);
  }
}

TEST_CASE("chords of balls and discs", "[analytic]") {
  const double R = 0.3;
  const Grid grid({{1, 60}, {1.2, 50, Boundary::no_flux}, {1, 64}});
  const Chords ball =
      chords(grid, sampled(grid, [&](const Vector3d& r) { return R - (r - Vector3d(0.5, 0.6, 0.5)).norm(); }), 0);
  for (int a = 0; a < 3; ++a) {
    CAPTURE(a);
    CHECK(ball.solute[a] == Approx(4 * R / 3).epsilon(0.01));
    // All that is not in it, over as many chords; lines on a grid meet a disc a few times more or less.
    CHECK(ball.host[a] == Approx((1.2 - 4 * pi * R * R * R / 3) / (pi * R * R)).epsilon(0.015));
  }
  const Grid plane({{1, 80}, {1, 90}});
  const Chords disc =
      chords(plane, sampled(plane, [&](const Vector3d& r) { return R - std::hypot(r[0] - 0.5, r[1] - 0.5); }), 0);
  // 48 lines meet it, or one more or less.
  for (int a = 0; a < 2; ++a) CHECK(disc.solute[a] == Approx(pi * R / 2).epsilon(1.0 / 47));
  // Isotropic structures: 4 times the volume fraction over the area per volume.
  const Grid cell = cube(64);
  const Field<double> g = sampled(cell, [](const Vector3d& r) { return gyroid(2 * pi * r); });
  for (int a = 0; a < 3; ++a)
    CHECK(chords(cell, g, 0).solute[a] == Approx(4 * 0.5 / interface(cell, g, 0).area).epsilon(0.05));
}

TEST_CASE("area and volume are those of the polygons in every simplex", "[analytic]") {
  for (const Grid& grid : boxes({23, 7, 6}))
    for (const double level : {0.1, 0.5, 0.7}) {
      const Field<double> x = noise(grid);
      Point spacing{};
      for (int a = 0; a < grid.dimension(); ++a) spacing[a] = grid.axis(a).spacing();
      double area = 0, volume = 0;
      const Cubes cubes(grid);
      cubes.for_each({0, cubes.rows()}, [&](const Cube& cube) {
        std::array<double, 8> values{};
        for (std::size_t b = 0; b < cubes.corners(); ++b) values[b] = x[cube.cell[b]] - level;
        const auto& parts = simplices(grid.dimension());
        for (const auto& part : parts)
          volume += cube.inside() / static_cast<double>(parts.size()) *
                    level_set(grid.dimension(), values, part,
                              [&](const auto& piece) { area += cube.inside() * size_of(piece, spacing); });
      });
      const Interface found = interface(grid, x, level);
      CAPTURE(grid.dimension(), no_flux(grid, 0), no_flux(grid, 1), no_flux(grid, 2), level);
      CHECK(found.area == Approx(area).epsilon(1e-12));
      CHECK(found.fraction == Approx(volume / static_cast<double>(grid.size())).epsilon(1e-12));
    }
}

TEST_CASE("surfaces and chords do not depend on the number of threads", "[analytic]") {
  const Grid grid({{1, 18}, {1, 20, Boundary::no_flux}, {1, 22}});
  const Field<double> x = noise(grid);
  Interface one, two;
  Curvature curved_one, curved_two;
  with_threads(1, [&] { one = interface(grid, x, 0.5), curved_one = curvature(grid, x, 0.5); });
  with_threads(3, [&] { two = interface(grid, x, 0.5), curved_two = curvature(grid, x, 0.5); });
  CHECK(one.area == two.area);
  CHECK(one.fraction == two.fraction);
  CHECK(one.euler_characteristic == two.euler_characteristic);
  CHECK(curved_one.mean == Approx(curved_two.mean).epsilon(1e-11));
}
