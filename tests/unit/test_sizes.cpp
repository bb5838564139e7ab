// Sizes beyond 32 and 64 bits, and what is known of an initial state without making it.
#include <catch2/catch.hpp>
#include <cstddef>
#include <limits>
#include <new>
#include <stdexcept>
#include <vector>

#include "spinode/error.hpp"
#include "spinode/field.hpp"
#include "spinode/grid.hpp"
#include "spinode/initial/list.hpp"

using namespace spinode;

TEST_CASE("a grid has at most 2^40 cells, also where their number would overflow") {
  const auto cube = [](std::size_t n) { return std::vector<Axis>(3, Axis{.length = 1, .cells = n}); };
  const std::vector<Axis> wrapped{{.length = 1, .cells = 4}, {.length = 1, .cells = std::size_t{1} << 62}};
  CHECK_THROWS_AS(Grid(wrapped), std::invalid_argument);  // 2^64 is 0 to 64 bits
  CHECK_THROWS_AS(Grid(cube(std::size_t{1} << 22)), std::invalid_argument);
  CHECK_THROWS_AS(Grid(cube(1 << 14)), std::invalid_argument);
  CHECK_NOTHROW(Grid({{.length = 1, .cells = 1 << 20}, {.length = 1, .cells = 1 << 20}}));
}

TEST_CASE("a grid counts more cells than 32 bits do") {
  const Grid grid({{.length = 1, .cells = 2048},
                   {.length = 1, .cells = 2048, .boundary = Boundary::no_flux},
                   {.length = 1, .cells = 4096}});
  CHECK(grid.size() == std::size_t{17179869184});
  CHECK(grid.rows() == std::size_t{8388608});
  CHECK(grid.plane() == std::size_t{4194304});
  CHECK(grid.mode_count() == std::size_t{1025} * 8388608);
  CHECK(grid.mode_count() * grid.lanes() == std::size_t{17196646400});
}

TEST_CASE("an array whose bytes overflow is refused, not made small") {
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
  for (const std::size_t size : {most, most / 8, most / 8 + 1, most / 8 + 2})
    CHECK_THROWS_AS(Array<double>(size), std::bad_alloc);
}

TEST_CASE("the mean of a stack of layers is that of its field") {
  for (const Boundary boundary : {Boundary::periodic, Boundary::no_flux})
    for (const double edge : {0.0, 0.3, 2.0, 7.0})
      for (const int layers : {1, 3}) {
        const Grid grid({{.length = 4, .cells = 6}, {.length = 8, .cells = 41, .boundary = boundary}});
        const LayersInitial stack{.phases = {.fraction = 0.37, .x_solute = 0.9, .x_host = 0.05, .edge = edge},
                                  .axis = "last",
                                  .layers = layers};
        Field<double> x(grid);
        stack.fill(grid, x);
        INFO("edge " << edge << ", " << layers << " layers");
        CHECK(stack.mean(grid) == Approx(x.array().mean()).epsilon(1e-12));
      }
}

TEST_CASE("interfaces far wider than the domain are refused, not added up over its images without end") {
  const Grid grid({{.length = 4, .cells = 8}, {.length = 4, .cells = 8}});
  const TwoPhases phases{.fraction = 0.3, .x_solute = 0.9, .x_host = 0.05, .edge = 1e12};
  Field<double> x(grid);
  const LayersInitial stack{.phases = phases, .axis = "last", .layers = 1};
  CHECK_THROWS_AS(stack.fill(grid, x), ConfigError);
  CHECK_THROWS_AS(stack.mean(grid), ConfigError);
  const SpheresInitial spheres{.phases = phases, .radius = 1, .overlap = false, .seed = 1};
  CHECK_THROWS_AS(spheres.fill(grid, x), ConfigError);
}
