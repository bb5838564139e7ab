// Pieces of what lies above a threshold: planted clusters, wraps and walls, and how far a piece reaches.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "analytic/boxes.hpp"
#include "spinode/measure/connectivity.hpp"

using namespace spinode;
using namespace spinode::test;

namespace {

/// A 2D field that is 1 at '#' and 0 elsewhere; the last string is the first plane, the separator.
Connectivity of(const std::vector<std::string>& picture, Boundary across, Boundary along = Boundary::no_flux,
                double thickness = 1) {
  const std::size_t nx = picture[0].size(), nz = picture.size();
  const Grid grid({{1, nx, across}, {thickness, nz, along}});
  Field<double> x(grid);
  for (std::size_t k = 0; k < nz; ++k)
    for (std::size_t i = 0; i < nx; ++i) x[i + nx * k] = picture[nz - 1 - k][i] == '#' ? 1 : 0;
  return connectivity(grid, x, 0.5);
}

/// By filling one piece after the other from a cell of it.
Connectivity by_filling(const Grid& grid, const Field<double>& x, double threshold) {
  const std::array<std::size_t, 3> stride{1, grid.cells(0), grid.cells(0) * grid.cells(1)};
  std::vector<bool> seen(grid.size());
  Connectivity result;
  std::size_t above = 0, largest = 0, planes = 0;
  for (std::size_t first = 0; first < grid.size(); ++first) {
    if (seen[first] || !(x[first] > threshold)) continue;
    std::vector<std::size_t> piece{first};
    seen[first] = true;
    bool touches = false;
    std::size_t farthest = 0;
    for (std::size_t next = 0; next < piece.size(); ++next) {
      const std::size_t i = piece[next];
      touches = touches || i < grid.plane();
      farthest = std::max(farthest, i / grid.plane() + 1);
      for (int a = 0; a < grid.dimension(); ++a)
        for (const std::size_t step : {std::size_t{1}, grid.cells(a) - 1}) {
          const std::size_t at = i / stride[a] % grid.cells(a), to = (at + step) % grid.cells(a);
          const bool wraps = step == 1 ? to == 0 : at == 0;
          const std::size_t j = i + to * stride[a] - at * stride[a];
          if ((wraps && grid.axis(a).boundary == Boundary::no_flux) || seen[j] || !(x[j] > threshold)) continue;
          seen[j] = true;
          piece.push_back(j);
        }
    }
    ++result.pieces;
    above += piece.size();
    largest = std::max(largest, piece.size());
    if (touches) planes = std::max(planes, farthest);
  }
  if (above > 0) result.largest_share = static_cast<double>(largest) / static_cast<double>(above);
  result.reach = static_cast<double>(planes) * grid.thickness() / static_cast<double>(grid.cells(grid.dimension() - 1));
  return result;
}

}  // namespace

TEST_CASE("pieces of random fields are those found by filling them, in boxes of every kind", "[unit]") {
  for (const Grid& grid : boxes({14, 9, 11}))
    for (const double threshold : {0.3, 0.5, 0.65, 0.8}) {
      CAPTURE(grid.dimension(), no_flux(grid, 0), no_flux(grid, 1), no_flux(grid, 2), threshold);
      const Field<double> x = noise(grid);
      const Connectivity found = connectivity(grid, x, threshold), expected = by_filling(grid, x, threshold);
      CHECK(found.pieces == expected.pieces);
      CHECK(found.largest_share == expected.largest_share);
      CHECK(found.reach == Approx(expected.reach).epsilon(1e-14));
    }
}

TEST_CASE("planted clusters are counted, and their shares of all that is above the threshold", "[unit]") {
  const Connectivity found = of({"..#....",  //
                                 ".##..#.",  //
                                 "....##.",  //
                                 "#......",  //
                                 "#......"},
                                Boundary::no_flux);
  CHECK(found.pieces == 3);
  CHECK(found.largest_share == Approx(3.0 / 8).epsilon(1e-15));
  CHECK(found.reach == Approx(2.0 / 5).epsilon(1e-15));
}

TEST_CASE("a piece goes on through a periodic face and ends at a wall", "[unit]") {
  const std::vector<std::string> sides{"......", "##...#", "......", ".#####"};
  CHECK(of(sides, Boundary::no_flux).pieces == 3);
  CHECK(of(sides, Boundary::periodic).pieces == 2);
  CHECK(of(sides, Boundary::no_flux).largest_share == Approx(5.0 / 8));
  const std::vector<std::string> ends{".#..", ".#..", "....", ".#.."};
  CHECK(of(ends, Boundary::no_flux).pieces == 2);
  CHECK(of(ends, Boundary::no_flux, Boundary::periodic).pieces == 1);
  // One that wraps around the last axis touches its last plane.
  CHECK(of(ends, Boundary::no_flux).reach == 0.25);
  CHECK(of(ends, Boundary::no_flux, Boundary::periodic).reach == 1);
  // The whole of a periodic box is one piece.
  CHECK(of({"###", "###", "###"}, Boundary::periodic, Boundary::periodic).pieces == 1);
}

TEST_CASE("cells that meet at an edge alone do not hang together", "[unit]") {
  const std::vector<std::string> board{"#.#.", ".#.#", "#.#.", ".#.#"};
  for (const Boundary boundary : {Boundary::no_flux, Boundary::periodic}) {
    CHECK(of(board, boundary, boundary).pieces == 8);
    CHECK(of(board, boundary, boundary).largest_share == 1.0 / 8);
  }
  // Nor do cubes that meet at an edge or a corner.
  const Grid grid({{1, 3, Boundary::no_flux}, {1, 3, Boundary::no_flux}, {1, 3, Boundary::no_flux}});
  for (std::size_t other = 1; other < grid.size(); ++other) {
    Field<double> x(grid);
    x[0] = x[other] = 1;
    CAPTURE(other);
    CHECK(connectivity(grid, x, 0.5).pieces == (other == 1 || other == 3 || other == 9 ? 1 : 2));
  }
}

TEST_CASE("a spiral is one piece", "[unit]") {
  // Cells join it in an order in which many of its parts are pieces of their own for a while.
  const std::vector<std::string> spiral{"#########",  //
                                        "#.......#",  //
                                        "#.#####.#",  //
                                        "#.#...#.#",  //
                                        "#.#.#.#.#",  //
                                        "#.#.###.#",  //
                                        "#.#.....#",  //
                                        "#.#######"};
  const Connectivity found = of(spiral, Boundary::no_flux, Boundary::no_flux, 16);
  CHECK(found.pieces == 1);
  CHECK(found.largest_share == 1);
  CHECK(found.reach == 16);
  // A comb is one piece through its back alone.
  CHECK(of({"#######", "#.#.#.#", "#.#.#.#"}, Boundary::no_flux).pieces == 1);
  CHECK(of({"#.#.#.#", "#.#.#.#", "#######"}, Boundary::no_flux).pieces == 1);
  CHECK(of({"#.#.#.#", "#.#.#.#"}, Boundary::no_flux).pieces == 4);
}

TEST_CASE("the reach is that of pieces that touch the first plane, up to the far side of their last one", "[unit]") {
  const double L = 10;
  const auto reach = [&](const std::vector<std::string>& picture) {
    return of(picture, Boundary::no_flux, Boundary::no_flux, L).reach;
  };
  CHECK(reach({"####", "####", "....", "####", "...."}) == 0);  // none touches it
  CHECK(reach({"####", "....", ".#..", ".#..", ".#.."}) == Approx(6));
  CHECK(reach({"####", "...#", ".#..", "..#.", "#..#"}) == Approx(2));
  CHECK(reach({"#...", "#..#", "#.##", ".##.", ".#.."}) == Approx(8));
  CHECK(reach({"....", "....", "....", "....", "..#."}) == Approx(2));
  // Down again and up: the farthest plane counts, not the last cell of the way.
  CHECK(reach({"....", "###.", "#.#.", "#.#.", "#..."}) == Approx(8));
  CHECK(reach({"#...", "#...", "#...", "#...", "#..."}) == Approx(L));
}

TEST_CASE("rods and planes are pieces in one, two and three dimensions", "[unit]") {
  SECTION("in 1D") {
    const Grid wall({{8, 8, Boundary::no_flux}}), ring({{8, 8, Boundary::periodic}});
    Field<double> x(wall);
    for (const std::size_t i : {0u, 1u, 4u, 6u, 7u}) x[i] = 0.7;
    CHECK(connectivity(wall, x, 0.5).pieces == 3);
    CHECK(connectivity(wall, x, 0.5).reach == 2);
    CHECK(connectivity(wall, x, 0.5).largest_share == Approx(0.4));
    CHECK(connectivity(ring, x, 0.5).pieces == 2);
    CHECK(connectivity(ring, x, 0.5).largest_share == Approx(0.8));
    CHECK(connectivity(ring, x, 0.5).reach == 8);
    // Above the threshold, not at it.
    CHECK(connectivity(wall, x, 0.7).pieces == 0);
  }
  SECTION("in 3D") {
    // Rods along each axis: 4 cells long, off each other.
    for (int along = 0; along < 3; ++along) {
      CAPTURE(along);
      std::vector<Axis> axes{{4, 4, Boundary::no_flux}, {4, 4, Boundary::no_flux}, {4, 4, Boundary::no_flux}};
      const Grid grid(axes);
      const std::array<std::size_t, 3> stride{1, 4, 16};
      Field<double> x(grid);
      for (std::size_t i = 0; i < 4; ++i)
        for (const std::size_t side : {0u, 2u})
          x[i * stride[along] + side * (stride[(along + 1) % 3] + stride[(along + 2) % 3])] = 1;
      const Connectivity found = connectivity(grid, x, 0.5);
      CHECK(found.pieces == 2);
      CHECK(found.largest_share == 0.5);
      CHECK(found.reach == (along == 2 ? 4 : 1));
      // A bridge of one cell between them, off the planes of cells that either fills alone.
      x[stride[(along + 1) % 3]] = 1;
      CHECK(connectivity(grid, x, 0.5).pieces == 2);
      x[2 * stride[(along + 1) % 3]] = x[2 * stride[(along + 1) % 3] + stride[(along + 2) % 3]] = 1;
      CHECK(connectivity(grid, x, 0.5).pieces == 1);
    }
  }
}

TEST_CASE("a field below the threshold has no pieces, no share and no reach", "[unit]") {
  const Connectivity found = of({"....", "....", "...."}, Boundary::periodic);
  CHECK(found.pieces == 0);
  CHECK(found.largest_share == 0);
  CHECK(found.reach == 0);
}
