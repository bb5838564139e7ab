// Local thickness of bodies whose thickness is known, and of random fields between bounds that exhaustive search gives.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

#include "analytic/boxes.hpp"
#include "spinode/measure/distance_transform.hpp"
#include "spinode/measure/local_thickness.hpp"
#include "support.hpp"

using namespace spinode;
using namespace spinode::test;
using Eigen::Vector3d;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr Boundary periodic = Boundary::periodic, walls = Boundary::no_flux;

Grid cube(double length, std::size_t cells, Boundary boundary = periodic, std::size_t dimension = 3) {
  return Grid(std::vector<Axis>(dimension, {length, cells, boundary}));
}

/// A smooth interface, 3.4 wide from 10 to 90 %, where `depth` below the surface of the solute passes 0.
Field<double> body(const Grid& grid, const Function& depth) {
  return sampled(grid, [&](const Vector3d& r) { return 0.5 * (1 + std::tanh(depth(r) / 1.547)); });
}

Function ball(const Vector3d& centre, double radius, int dimension = 3) {
  return [=](const Vector3d& r) { return radius - (r - centre).head(dimension).norm(); };
}

LocalThickness solute(const Grid& grid, const Field<double>& x) { return local_thickness(grid, x, 0.5, Phase::solute); }

/// Waves of random phase and up to `waves` periods, even about walls; 0 on average.
Field<double> smooth(const Grid& grid, unsigned seed, int waves) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> angle(0, 2 * std::numbers::pi), amplitude(-1, 1);
  Field<double> x(grid);
  for (int mode = 0; mode < 12; ++mode) {
    std::array<double, 3> k{}, shift{};
    for (int a = 0; a < grid.dimension(); ++a) {
      const int count = static_cast<int>(generator() % static_cast<unsigned>(waves + 1));
      k[a] = (no_flux(grid, a) ? 1 : 2) * std::numbers::pi * count / grid.axis(a).length;
      shift[a] = no_flux(grid, a) ? 0 : angle(generator);
    }
    const double weight = amplitude(generator);
    x.array() += sampled(grid, [&](const Vector3d& r) {
                   double value = weight;
                   for (int a = 0; a < grid.dimension(); ++a) value *= std::cos(k[a] * r[a] + shift[a]);
                   return value;
                 }).array();
  }
  x.array() -= x.array().mean();
  return x;
}

Field<double> sign_of(const Grid& grid, const Field<double>& x) {
  Field<double> signs(grid);
  for (std::size_t i = 0; i < grid.size(); ++i) signs[i] = x[i] > 0 ? 1 : -1;
  return signs;
}

/// Where x passes `level` on the lines between neighbours.
std::vector<Vector3d> surface(const Grid& grid, const Field<double>& x, double level) {
  std::vector<Vector3d> points;
  std::size_t stride = 1;
  for (int a = 0; a < grid.dimension(); stride *= grid.cells(a++))
    for (std::size_t i = 0; i < grid.size(); ++i) {
      const std::size_t at = index_of(grid, i)[a];
      if (at + 1 == grid.cells(a) && no_flux(grid, a)) continue;
      const double next = x[at + 1 == grid.cells(a) ? i - at * stride : i + stride];
      if ((x[i] > level) == (next > level)) continue;
      points.push_back(position(grid, i));
      points.back()[a] += (level - x[i]) / (next - x[i]) * grid.axis(a).spacing();
    }
  return points;
}

double wrapped_distance(const Grid& grid, Vector3d r) {
  for (int a = 0; a < grid.dimension(); ++a)
    if (const double length = grid.axis(a).length; !no_flux(grid, a) && std::abs(r[a]) > length / 2)
      r[a] = std::abs(r[a]) - length;
  return r.norm();
}

double to_nearest(const Grid& grid, const std::vector<Vector3d>& points, const Vector3d& r) {
  double least = infinity;
  for (const Vector3d& point : points) least = std::min(least, wrapped_distance(grid, point - r));
  return least;
}

struct Between {
  double below = 0, above = 0;  // of the mean thickness
};

/// All balls around the points of a grid that is `finer` times finer. Every point is within rho of one of them, and
/// the distance to the interface changes by no more than the way, so a ball of radius R that holds p is within rho
/// of one whose radius is at least R - rho and whose centre is no farther than R + rho from p.
Between by_exhaustion(const Grid& grid, const Field<double>& x, double level, Phase phase, int finer) {
  const std::vector<Vector3d> points = surface(grid, x, level);
  const auto inside = [&](std::size_t i) { return phase == Phase::solute ? x[i] > level : !(x[i] > level); };
  std::vector<double> below(grid.size()), above(grid.size());
  Vector3d fine = Vector3d::Zero();
  std::array<int, 3> count{1, 1, 1};
  for (int a = 0; a < grid.dimension(); ++a) {
    fine[a] = grid.axis(a).spacing() / finer;
    count[a] = finer;
  }
  const double rho = fine.norm() / 2;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    if (!inside(i)) continue;
    for (int k = 0; k < count[2]; ++k)
      for (int j = 0; j < count[1]; ++j)
        for (int l = 0; l < count[0]; ++l) {
          const Vector3d part(l - (count[0] - 1) / 2.0, j - (count[1] - 1) / 2.0, k - (count[2] - 1) / 2.0);
          const Vector3d centre = position(grid, i) + part.cwiseProduct(fine);
          const double radius = to_nearest(grid, points, centre);
          for (std::size_t p = 0; p < grid.size(); ++p) {
            const double away = wrapped_distance(grid, position(grid, p) - centre);
            if (away <= radius) below[p] = std::max(below[p], 2 * radius);
            if (away <= radius + 2 * rho) above[p] = std::max(above[p], 2 * (radius + rho));
          }
        }
  }
  Between mean;
  double cells = 0;
  for (std::size_t i = 0; i < grid.size(); ++i)
    if (inside(i)) {
      ++cells;
      mean.below += below[i];
      mean.above += above[i];
    }
  return {mean.below / cells, mean.above / cells};
}

}  // namespace

TEST_CASE("the nearest point of the interface is the one that exhaustive search finds", "[analytic]") {
  for (const Grid& grid : boxes({9, 7, 8}))
    for (const bool rough : {false, true}) {
      CAPTURE(grid.dimension(), no_flux(grid, 0), no_flux(grid, 1), no_flux(grid, 2), rough);
      const Field<double> x = rough ? noise(grid, 3, -1, 1) : smooth(grid, 7, 2);
      const std::vector<Vector3d> points = surface(grid, x, 0.1);
      REQUIRE(!points.empty());
      const Array<Eigen::Vector3f> to = to_interface(grid, x, 0.1);
      for (std::size_t i = 0; i < grid.size(); ++i) {
        const Vector3d r = position(grid, i), found = to[i].cast<double>();
        CHECK(found.norm() == Approx(to_nearest(grid, points, r)).margin(1e-6));
        CHECK(to_nearest(grid, points, r + found) < 1e-6);
      }
    }
}

TEST_CASE("distances to a plane are too large by no more than 3/8 of h² over the distance", "[analytic]") {
  std::mt19937 generator(11);
  std::normal_distribution<double> normal;
  double worst = 0;
  for (int plane = 0; plane < 20; ++plane) {
    const Grid grid = cube(24, 24, walls);
    const Vector3d up = Vector3d(normal(generator), normal(generator), normal(generator)).normalized();
    const Field<double> x = sampled(grid, [&](const Vector3d& r) { return up.dot(r - Vector3d::Constant(12.3)); });
    const Array<Eigen::Vector3f> to = to_interface(grid, x, 0);
    for (std::size_t i = 0; i < grid.size(); ++i) {
      const Vector3d foot = position(grid, i) - x[i] * up;
      if ((foot - Vector3d::Constant(12)).cwiseAbs().maxCoeff() > 10) continue;
      const double excess = to[i].norm() - std::abs(x[i]);
      CHECK(excess > -1e-5);
      worst = std::max(worst, excess * std::abs(x[i]));
    }
  }
  CAPTURE(worst);
  CHECK(worst < 0.375);
  CHECK(worst > 0.1);
}

TEST_CASE("a slab is as thick as it is, across any axis, between walls or not, and so is what lies beside it",
          "[analytic]") {
  for (const Boundary boundary : {periodic, walls})
    for (int axis = 0; axis < 3; ++axis)
      for (const double thickness : {3.7, 6.0, 9.45}) {
        CAPTURE(boundary == walls, axis, thickness);
        std::vector<Axis> axes{{6, 6, boundary}, {4, 5, boundary}, {3, 2, boundary}};
        axes[axis] = {24, 24, boundary};
        const Grid grid(axes);
        const Field<double> x =
            sampled(grid, [&](const Vector3d& r) { return thickness / 2 - std::abs(r[axis] - 11.8); });
        const LocalThickness inside = local_thickness(grid, x, 0, Phase::solute);
        CHECK(inside.mean == Approx(thickness).epsilon(1e-5));
        CHECK(inside.largest == Approx(thickness).epsilon(1e-5));
        CHECK(inside.deviation < 1e-5);
        const LocalThickness beside = local_thickness(grid, x, 0, Phase::host);
        if (boundary == periodic) {
          CHECK(beside.mean == Approx(24 - thickness).epsilon(1e-5));
          CHECK(beside.deviation < 1e-5);
        } else {
          // Behind the walls are the images of what is in front of them.
          CHECK(beside.largest == Approx(2 * (24 - 11.8 - thickness / 2)).epsilon(1e-5));
        }
      }
}

TEST_CASE("balls and cylinders are as thick as they are wide everywhere, with an error that falls with the spacing",
          "[analytic]") {
  struct Shape {
    int round;  // axes across which it is round
    double radius;
    Vector3d centre;
    Boundary boundary;
  };
  const std::vector<Shape> shapes{{3, 5.3, {13.1, 12.2, 11.4}, periodic}, {3, 8, {11.83, 12.21, 12.47}, periodic},
                                  {3, 8, {1.3, 23.2, 0.4}, periodic},     {3, 10.6, {0, 0, 0}, walls},
                                  {2, 5.3, {12.1, 11.7, 0}, periodic},    {2, 9.1, {0, 0, 0}, walls}};
  for (const Shape& shape : shapes) {
    double coarse = 0;
    for (const std::size_t cells : {24, 48, 96}) {
      if (cells == 96 && shape.round == 3) continue;
      const Grid grid = cube(24, cells, shape.boundary, static_cast<std::size_t>(shape.round));
      const double h = grid.axis(0).spacing();
      const Field<double> x = body(grid, [&](Vector3d r) {
        r -= shape.centre;
        for (int a = 0; a < shape.round && shape.boundary == periodic; ++a) r[a] = std::remainder(r[a], 24.0);
        return shape.radius - r.norm();
      });
      const LocalThickness found = solute(grid, x);
      const double error = std::abs(found.mean - 2 * shape.radius);
      CAPTURE(shape.round, shape.radius, cells, found.mean, found.deviation, error / h, coarse);
      CHECK(error < 0.2 * h);
      CHECK(found.deviation < 0.01 * h);
      if (cells > 24) CHECK(error < std::max(0.7 * coarse, 0.01));
      coarse = error;
    }
  }
}

TEST_CASE("thickness knows the spacing of each axis", "[analytic]") {
  for (const Boundary boundary : {periodic, walls}) {
    const Grid grid({{24, 24, boundary}, {24, 40, boundary}, {24, 30, boundary}});
    const LocalThickness round = solute(grid, body(grid, ball({12.2, 11.9, 12.4}, 7.2)));
    CHECK(round.mean == Approx(14.4).margin(0.15));
    CHECK(round.deviation < 0.01);
    const Grid flat({{24, 24, boundary}, {24, 60, boundary}});
    CHECK(solute(flat, body(flat, ball({12.2, 11.9, 0}, 7.2, 2))).mean == Approx(14.4).margin(0.15));
  }
}

TEST_CASE("bodies of different thickness count by their volume", "[analytic]") {
  const Grid line({{40, 40, periodic}});
  Field<double> x(line);
  for (std::size_t i = 0; i < 40; ++i) x[i] = (i >= 2 && i < 8) || (i >= 20 && i < 33) ? 1 : 0;
  const LocalThickness slabs = solute(line, x), gaps = local_thickness(line, x, 0.5, Phase::host);
  CHECK(slabs.mean == Approx((6 * 6 + 13 * 13) / 19.0).epsilon(1e-6));
  CHECK(slabs.deviation == Approx(7 * std::sqrt(6 * 13) / 19).epsilon(1e-6));
  CHECK(slabs.largest == Approx(13).epsilon(1e-6));
  CHECK(gaps.mean == Approx((12 * 12 + 9 * 9) / 21.0).epsilon(1e-6));

  const Grid grid = cube(40, 40);
  const double R = 9.3, r = 4.6, R3 = R * R * R, r3 = r * r * r;
  const LocalThickness balls =
      solute(grid, sampled(grid, [&](const Vector3d& at) {
               return 0.5 + std::max(ball({13.2, 13.7, 12.9}, R)(at), ball({13.2 + R + r, 13.7, 12.9}, r)(at));
             }));
  CHECK(balls.mean == Approx(2 * (R3 * R + r3 * r) / (R3 + r3)).margin(0.2));
  CHECK(balls.largest == Approx(2 * R).margin(0.1));
  CHECK(balls.deviation == Approx(2 * (R - r) * std::sqrt(R3 * r3) / (R3 + r3)).margin(0.2));
}

TEST_CASE("a rounded cone is as thick as the largest of its balls that hold a point", "[analytic]") {
  for (const int dimension : {2, 3}) {
    const Grid grid = cube(48, 48, walls, static_cast<std::size_t>(dimension));
    const Vector3d from = Vector3d(13.3, 14.2, 15.1).cwiseProduct(Vector3d(1, 1, dimension - 2)),
                   to = Vector3d(36.4, 33.1, 30.3).cwiseProduct(Vector3d(1, 1, dimension - 2));
    const auto over_balls = [&](const Vector3d& r, auto value) {
      double largest = 0;
      bool any = false;
      for (int t = 0; t <= 400; ++t) {
        const double s = t / 400.0, radius = 9.2 - 5.1 * s, away = (r - from - s * (to - from)).norm();
        const double v = value(radius, away);
        if (!any || v > largest) largest = v;
        any = true;
      }
      return largest;
    };
    const Field<double> x =
        body(grid, [&](const Vector3d& r) { return over_balls(r, [](double R, double away) { return R - away; }); });
    double cells = 0, mean = 0, square = 0;
    for (std::size_t i = 0; i < grid.size(); ++i) {
      if (!(x[i] > 0.5)) continue;
      const double d = over_balls(position(grid, i), [](double R, double away) { return away < R + 0.01 ? 2 * R : 0; });
      ++cells;
      mean += d;
      square += d * d;
    }
    mean /= cells;
    const LocalThickness found = solute(grid, x);
    CAPTURE(dimension, mean, found.mean, found.deviation);
    CHECK(found.mean == Approx(mean).margin(0.1));
    CHECK(found.deviation == Approx(std::sqrt(square / cells - mean * mean)).margin(0.1));
    CHECK(found.largest == Approx(18.4).margin(0.1));
  }
}

TEST_CASE("the thickness of random fields is between bounds from exhaustive search", "[analytic]") {
  const std::array<int, 4> finer{0, 40, 8, 3};
  for (const Grid& grid : boxes({9, 7, 6}))
    for (const Phase phase : {Phase::host, Phase::solute})
      for (const bool binary : {false, true}) {
        const Field<double> waves = smooth(grid, 21, 1), x = binary ? sign_of(grid, waves) : copy(grid, waves);
        double h = 0;
        for (int a = 0; a < grid.dimension(); ++a) h = std::max(h, grid.axis(a).spacing());
        const LocalThickness found = local_thickness(grid, x, 0, phase);
        const Between bounds = by_exhaustion(grid, x, 0, phase, finer[static_cast<std::size_t>(grid.dimension())]);
        CAPTURE(grid.dimension(), no_flux(grid, 0), no_flux(grid, 1), no_flux(grid, 2), phase == Phase::solute, binary,
                found.mean / h, bounds.below / h, bounds.above / h);
        // Centres lie on rays from cells, about half a cell apart, so where the thickness varies the ball that holds
        // most is missed by a part of h.
        CHECK(found.mean > bounds.below - 0.2 * h);
        CHECK(found.mean < bounds.above + 1e-6 * h);
      }
}

TEST_CASE("thickness does not change with the order of the axes, a shift, the phases' names or the threads",
          "[analytic]") {
  const Grid grid({{2.0, 20, periodic}, {1.8, 16, walls}, {2.2, 24, periodic}}),
      turned({{2.2, 24, periodic}, {2.0, 20, periodic}, {1.8, 16, walls}});
  const Field<double> x = smooth(grid, 5, 2);
  Field<double> other(turned), shifted(grid), opposite(grid);
  for (std::size_t k = 0; k < 24; ++k)
    for (std::size_t j = 0; j < 16; ++j)
      for (std::size_t i = 0; i < 20; ++i) {
        const double value = x[i + 20 * (j + 16 * k)];
        other[k + 24 * (i + 20 * j)] = value;
        shifted[(i + 7) % 20 + 20 * (j + 16 * ((k + 13) % 24))] = value;
        opposite[i + 20 * (j + 16 * k)] = -value;
      }
  const LocalThickness expected = local_thickness(grid, x, 0.1, Phase::solute);
  REQUIRE(expected.deviation > 0.01);
  for (const LocalThickness& same :
       {local_thickness(turned, other, 0.1, Phase::solute), local_thickness(grid, shifted, 0.1, Phase::solute),
        local_thickness(grid, opposite, -0.1, Phase::host)}) {
    CHECK(same.mean == Approx(expected.mean).epsilon(1e-5));
    CHECK(same.deviation == Approx(expected.deviation).epsilon(1e-5));
    CHECK(same.largest == Approx(expected.largest).epsilon(1e-5));
  }
  for (const int threads : {1, 2, 3, 5})
    with_threads(threads, [&] {
      const LocalThickness same = local_thickness(grid, x, 0.1, Phase::solute);
      CHECK(same.mean == expected.mean);
      CHECK(same.deviation == expected.deviation);
      CHECK(same.largest == expected.largest);
    });
}

TEST_CASE("a phase that is not there has no thickness, one that is alone has no end", "[analytic]") {
  const Grid grid({{1, 4, periodic}, {1, 3, walls}});
  Field<double> x(grid);
  const LocalThickness none = solute(grid, x), all = local_thickness(grid, x, 0.5, Phase::host);
  CHECK((none.mean == 0 && none.deviation == 0 && none.largest == 0));
  CHECK((all.mean == infinity && all.deviation == 0 && all.largest == infinity));
  // One cell of a line is as thick as a cell, and a line of one cell across is no thicker.
  const Grid line({{12, 12, periodic}, {0.5, 1, periodic}});
  Field<double> cell(line);
  cell[5] = 1;
  CHECK(solute(line, cell).mean == Approx(1).epsilon(1e-6));
  CHECK(local_thickness(line, cell, 0.5, Phase::host).mean == Approx(11).epsilon(1e-6));
  // x at the level is of the host, and its interface.
  cell.array() = 1;
  cell[5] = 0.5;
  CHECK(local_thickness(line, cell, 0.5, Phase::host).mean == 0);
  CHECK(solute(line, cell).mean == Approx(12).epsilon(1e-6));
}
