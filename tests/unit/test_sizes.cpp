// Sizes beyond 32 and 64 bits.
#include <catch2/catch.hpp>
#include <cstddef>
#include <limits>
#include <new>
#include <stdexcept>
#include <vector>

#include "spinode/field.hpp"
#include "spinode/grid.hpp"

using namespace spinode;

TEST_CASE("a grid has at most 2^40 cells, also where their number would overflow") {
  const auto cube = [](std::size_t n) { return std::vector<Axis>(3, Axis{.length = 1, .cells = n}); };
  CHECK_THROWS_AS(Grid(cube(std::size_t{1} << 22)), std::invalid_argument);  // 2^66 is 4 to 64 bits
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
