// Profiles from separator to collector: means and shares of planes, areas of interfaces of known shape, and lengths.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>
#include <vector>

#include "spinode/measure/profiles.hpp"

using namespace spinode;

namespace {

constexpr double pi = std::numbers::pi;
constexpr Phases phases{0.1, 0.9};

using Function = std::function<double(double, double, double)>;

/// At the middle of each cell, the last axis of the grid being that of the planes.
Field<double> sampled(const Grid& grid, const Function& f) {
  Field<double> x(grid);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto at = [&](int a, std::size_t index) {
      return (static_cast<double>(index) + 0.5) * grid.axis(a).spacing();
    };
    x[i] = f(at(0, i % grid.cells(0)), at(1, i / grid.cells(0) % grid.cells(1)),
             at(2, i / (grid.cells(0) * grid.cells(1))));
  }
  return x;
}

/// x at a signed distance from an interface of this width, (x_solute - x_host)/max|dx/dz|.
double interface(double distance, double width) {
  return phases.threshold() + (phases.x_solute - phases.x_host) / 2 * std::tanh(2 * distance / width);
}

/// Area of the interface over that of a plane.
double area(const Grid& grid, const Field<double>& x) {
  const std::vector<double> density = profiles(grid, x, phases).interface_density;
  return std::accumulate(density.begin(), density.end(), 0.0) * grid.axis(grid.dimension() - 1).spacing();
}

/// The same length and cells along every axis.
Grid box(int dimension, double length, std::size_t cells, Boundary boundary) {
  return Grid(std::vector<Axis>(static_cast<std::size_t>(dimension), Axis{length, cells, boundary}));
}

}  // namespace

TEST_CASE("a profile has the mean and the solute-rich share of every plane", "[unit]") {
  const int dimension = GENERATE(1, 2, 3);
  std::vector<Axis> axes{{2, 5, Boundary::periodic}, {3, 4, Boundary::no_flux}};
  axes.resize(static_cast<std::size_t>(dimension) - 1);
  axes.push_back({7, 12, Boundary::no_flux});
  const Grid grid(axes);
  const std::size_t plane = grid.plane();
  Field<double> x(grid);
  // In plane p the first p cells are rich, and all of it has something of its own.
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = (i % plane < i / plane ? 0.8 : 0.2) + 0.01 * static_cast<double>(i / plane);
  const Profiles found = profiles(grid, x, phases);
  REQUIRE(found.x.size() == 12);
  REQUIRE(found.solute_rich.size() == 12);
  REQUIRE(found.interface_density.size() == 12);
  REQUIRE(found.length.size() == (dimension == 1 ? 0 : 12));
  for (std::size_t p = 0; p < 12; ++p) {
    CAPTURE(dimension, p);
    const double share = std::min(1.0, static_cast<double>(p) / static_cast<double>(plane));
    CHECK(found.x[p] == Approx(0.2 + 0.6 * share + 0.01 * static_cast<double>(p)).epsilon(1e-14));
    CHECK(found.solute_rich[p] == Approx(share).epsilon(1e-14));
  }
}

TEST_CASE("the threshold lies in the middle of the two phases", "[unit]") {
  CHECK(Phases{0.02, 0.5}.threshold() == Approx(0.26).epsilon(1e-15));
  const Grid grid({{1, 4, Boundary::no_flux}});
  Field<double> x(grid);
  x[0] = 0.25;
  x[1] = 0.27;
  x[2] = 0.26;  // at the threshold is not above it
  x[3] = 1;
  CHECK(profiles(grid, x, {0.02, 0.5}).solute_rich == std::vector<double>{0, 1, 0, 1});
}

TEST_CASE("a uniform field has no interface and no length", "[unit]") {
  for (int dimension = 1; dimension <= 3; ++dimension)
    for (const double value : {0.1, 0.5, 0.9}) {
      const Grid grid = box(dimension, 3, 6, Boundary::no_flux);
      const Profiles found = profiles(grid, sampled(grid, [&](double, double, double) { return value; }), phases);
      for (const double density : found.interface_density) CHECK(density == 0);
      for (const double length : found.length) CHECK(length == 0);
    }
}

namespace {

/// Area of flat interfaces, over the true one: one normal to the last axis, between walls, or the two sides of a slab
/// normal to the first; `shift` moves them between the cells.
double flat_area(bool normal_to_last, double width, double shift) {
  const double L = 50, thickness = 3;
  if (normal_to_last) {
    const Grid grid({{2, 4, Boundary::periodic}, {L, 50, Boundary::no_flux}});
    return area(grid, sampled(grid, [&](double, double z, double) { return interface(z - shift - L / 2, width); }));
  }
  const Grid grid({{L, 50, Boundary::periodic}, {thickness, 4, Boundary::no_flux}});
  const Field<double> x =
      sampled(grid, [&](double r, double, double) { return interface(L / 4 - std::abs(r - shift - L / 2), width); });
  return area(grid, x) / (2 * thickness / L);
}

}  // namespace

TEST_CASE("a flat interface has the area of its plane wherever it lies between the cells", "[unit]") {
  const bool normal_to_last = GENERATE(false, true);
  for (const double width : {3.0, 4.0, 6.0, 8.0}) {
    double least = 1, most = 1;
    for (int i = 0; i < 20; ++i) {
      const double found = flat_area(normal_to_last, width, i / 20.0);
      least = std::min(least, found);
      most = std::max(most, found);
    }
    CAPTURE(normal_to_last, width, least, most);
    CHECK(least > 0.98);
    CHECK(most < 1.02);
  }
}

TEST_CASE("the interface density is where the interface is", "[unit]") {
  const Grid grid = box(1, 60, 60, Boundary::no_flux);
  const Field<double> x = sampled(grid, [](double z, double, double) { return interface(z - 20.3, 8); });
  const std::vector<double> density = profiles(grid, x, phases).interface_density;
  double first = 0, total = 0;
  for (std::size_t p = 0; p < density.size(); ++p) {
    first += density[p] * (static_cast<double>(p) + 0.5);
    total += density[p];
    // The middle half of the composition is within atanh(1/2)/2 widths.
    if (std::abs(static_cast<double>(p) + 0.5 - 20.3) > 0.2747 * 8 + 1) CHECK(density[p] == 0);
  }
  CHECK(first / total == Approx(20.3).margin(0.5));
}

TEST_CASE("a circle and a sphere have the length and the area of theirs", "[unit]") {
  const auto shape = [](int dimension, double radius, double width, double size, Boundary boundary) {
    const Grid grid = box(dimension, size, static_cast<std::size_t>(size), boundary);
    const double middle = size / 2 + 0.23;
    const Field<double> x = sampled(grid, [&](double r0, double r1, double r2) {
      const double z = dimension == 3 ? r2 - middle : 0;
      return interface(radius - std::sqrt(std::pow(r0 - middle, 2) + std::pow(r1 - middle, 2) + z * z), width);
    });
    const double true_area = dimension == 2 ? 2 * pi * radius : 4 * pi * radius * radius;
    return area(grid, x) * std::pow(size, dimension - 1) / true_area - 1;
  };
  for (const Boundary boundary : {Boundary::periodic, Boundary::no_flux}) {
    CHECK(std::abs(shape(2, 40, 8, 100, boundary)) < 0.02);
    CHECK(std::abs(shape(3, 16, 8, 44, boundary)) < 0.02);
    const double coarse = shape(2, 10, 3, 40, boundary), fine = shape(2, 40, 12, 160, boundary);
    CAPTURE(coarse, fine);
    CHECK(std::abs(fine) < 0.007);
    CHECK(std::abs(fine) < 0.3 * std::abs(coarse) + 2e-3);
  }
}

TEST_CASE("an interface goes on through a periodic face, and meets its mirror image at a wall", "[unit]") {
  const std::size_t n = 36;
  const Grid grid = box(2, 36, n, Boundary::periodic);
  const auto drop = [](double r0, double r1) { return interface(11 - std::hypot(r0 - 18, 1.3 * (r1 - 18)), 6); };
  const Field<double> whole = sampled(grid, [&](double r0, double r1, double) { return drop(r0, r1); });
  const std::vector<double> density = profiles(grid, whole, phases).interface_density;
  Field<double> moved(grid);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const std::size_t column = (i % n + 15) % n, plane = (i / n + 20) % n;
    moved[column + n * plane] = whole[i];
  }
  const std::vector<double> found = profiles(grid, moved, phases).interface_density;
  for (std::size_t p = 0; p < n; ++p) CHECK(found[(p + 20) % n] == Approx(density[p]).margin(1e-14));

  const Grid quarter = box(2, 18, n / 2, Boundary::no_flux);
  const Field<double> corner = sampled(quarter, [&](double r0, double r1, double) { return drop(r0 + 18, r1 + 18); });
  const std::vector<double> of_corner = profiles(quarter, corner, phases).interface_density;
  for (std::size_t p = 0; p < n / 2; ++p) CHECK(of_corner[p] == Approx(density[n / 2 + p]).margin(1e-14));
}

TEST_CASE("an interface is counted whichever phase is named first", "[unit]") {
  const Grid grid = box(2, 40, 40, Boundary::periodic);
  const Field<double> x =
      sampled(grid, [](double r0, double r1, double) { return interface(12 - std::hypot(r0 - 20, r1 - 20), 8); });
  const Profiles found = profiles(grid, x, phases), turned = profiles(grid, x, {phases.x_solute, phases.x_host});
  CHECK(found.interface_density == turned.interface_density);
}

TEST_CASE("the length in a plane is that of its waves", "[unit]") {
  const double L = 6;
  SECTION("of a cosine along a periodic axis, plane by plane") {
    const Grid grid({{L, 24, Boundary::periodic}, {9, 5, Boundary::no_flux}});
    const Field<double> x = sampled(grid, [&](double r, double z, double) {
      const double m = std::floor(z / 9 * 5);  // 0 to 4
      return 0.3 + 0.1 * std::cos(2 * pi * m * r / L + 1);
    });
    const std::vector<double> length = profiles(grid, x, phases).length;
    CHECK(length[0] == 0);
    for (std::size_t p = 1; p < 5; ++p) CHECK(length[p] == Approx(L / static_cast<double>(p)).epsilon(1e-10));
  }
  SECTION("of a cosine between walls") {
    const Grid grid({{L, 24, Boundary::no_flux}, {9, 5, Boundary::no_flux}});
    const Field<double> x =
        sampled(grid, [&](double r, double, double) { return 0.3 + 0.1 * std::cos(pi * 3 * r / L); });
    for (const double length : profiles(grid, x, phases).length) CHECK(length == Approx(2 * L / 3).epsilon(1e-10));
  }
  SECTION("in a plane of two axes, along either") {
    const Grid grid({{L, 24, Boundary::periodic}, {L, 20, Boundary::no_flux}, {9, 3, Boundary::no_flux}});
    const Field<double> x = sampled(grid, [&](double r0, double r1, double z) {
      return 0.3 + 0.1 * (z < 3 ? std::cos(2 * pi * 4 * r0 / L) : z < 6 ? std::cos(2 * pi * 2 * r1 / L) : 0);
    });
    const std::vector<double> length = profiles(grid, x, phases).length;
    CHECK(length[0] == Approx(L / 4).epsilon(1e-10));
    // The shells are as wide as the longest half wave: this one lies on one of them.
    CHECK(length[1] == Approx(L / 2).epsilon(1e-10));
    CHECK(length[2] == 0);
  }
}
