// Pieces of what lies above a threshold: planted clusters, wraps and walls, and how far a piece reaches.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "analytic/boxes.hpp"
#include "spinode/measure/connectivity.hpp"
#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

namespace {

Connectivity above(const Grid& grid, const Field<double>& x, double threshold) {
  return connectivity(grid, x, Thresholds(threshold), Phase::solute);
}

/// A 2D field that is 1 at '#' and 0 elsewhere; the last string is the first plane, the separator.
Connectivity of(const std::vector<std::string>& picture, Boundary across, Boundary along = Boundary::no_flux,
                double thickness = 1) {
  const std::size_t nx = picture[0].size(), nz = picture.size();
  const Grid grid({{1, nx, across}, {thickness, nz, along}});
  Field<double> x(grid);
  for (std::size_t k = 0; k < nz; ++k)
    for (std::size_t i = 0; i < nx; ++i) x[i + nx * k] = picture[nz - 1 - k][i] == '#' ? 1 : 0;
  return above(grid, x, 0.5);
}

/// By filling one piece after the other from a cell of it. Each cell is given the period of the box in which it was
/// reached; one that is reached in two of them is on a way around the box.
Connectivity by_filling(const Grid& grid, const std::vector<bool>& phase, Neighbours neighbours) {
  using Place = std::array<std::ptrdiff_t, 3>;
  const auto cells = [&](int a) { return static_cast<std::ptrdiff_t>(grid.cells(a)); };
  std::vector<Place> steps;
  for (std::ptrdiff_t i = -1; i <= 1; ++i)
    for (std::ptrdiff_t j = -1; j <= 1; ++j)
      for (std::ptrdiff_t k = -1; k <= 1; ++k) {
        const Place step{i, j, k};
        const std::ptrdiff_t ways = std::abs(i) + std::abs(j) + std::abs(k);
        bool within = ways > 0 && (neighbours == Neighbours::corners || ways == 1);
        for (int a = grid.dimension(); a < 3; ++a) within = within && step[a] == 0;
        if (within) steps.push_back(step);
      }
  std::vector<bool> seen(grid.size());
  std::vector<Place> period(grid.size());
  Connectivity result;
  std::size_t all = 0, largest = 0, planes = 0;
  std::array<std::size_t, 3> percolating{};
  std::size_t at_separator = 0, at_collector = 0, joining = 0;
  const int across = grid.dimension() - 1;
  for (std::size_t first = 0; first < grid.size(); ++first) {
    if (seen[first] || !phase[first]) continue;
    std::vector<std::size_t> piece{first};
    seen[first] = true;
    std::array<bool, 3> around{}, low{}, high{};
    std::size_t farthest = 0;
    for (std::size_t next = 0; next < piece.size(); ++next) {
      const std::size_t i = piece[next];
      const std::array<std::size_t, 3> at = index_of(grid, i);
      farthest = std::max(farthest, at[across] + 1);
      for (int a = 0; a < grid.dimension(); ++a) {
        low[a] = low[a] || at[a] == 0;
        high[a] = high[a] || at[a] + 1 == grid.cells(a);
      }
      for (const Place& step : steps) {
        Place to{}, there = period[i];
        bool inside = true;
        for (int a = 0; a < 3; ++a) {
          to[a] = static_cast<std::ptrdiff_t>(at[a]) + step[a];
          if (to[a] >= 0 && to[a] < cells(a)) continue;
          inside = inside && !no_flux(grid, a);
          there[a] += to[a] < 0 ? -1 : 1;
          to[a] += to[a] < 0 ? cells(a) : -cells(a);
        }
        const auto j = static_cast<std::size_t>(to[0] + cells(0) * (to[1] + cells(1) * to[2]));
        if (!inside || !phase[j]) continue;
        if (seen[j]) {
          for (int a = 0; a < 3; ++a) around[a] = around[a] || period[j][a] != there[a];
          continue;
        }
        seen[j] = true;
        period[j] = there;
        piece.push_back(j);
      }
    }
    ++result.pieces;
    all += piece.size();
    largest = std::max(largest, piece.size());
    for (int a = 0; a < grid.dimension(); ++a)
      if (no_flux(grid, a) ? low[a] && high[a] : around[a]) percolating[a] += piece.size();
    at_separator += low[across] ? piece.size() : 0;
    at_collector += high[across] ? piece.size() : 0;
    joining += low[across] && high[across] ? piece.size() : 0;
    if (low[across]) planes = std::max(planes, farthest);
  }
  const auto share = [&](std::size_t part) {
    return all > 0 ? static_cast<double>(part) / static_cast<double>(all) : 0;
  };
  result.largest_share = share(largest);
  for (int a = 0; a < 3; ++a) result.percolating[a] = share(percolating[a]);
  result.at_separator = share(at_separator);
  result.at_collector = share(at_collector);
  result.joining = share(joining);
  result.reach = static_cast<double>(planes) * grid.thickness() / static_cast<double>(grid.cells(across));
  return result;
}

}  // namespace

TEST_CASE("pieces of random fields are those found by filling them, in boxes of every kind", "[unit]") {
  for (const std::array<std::size_t, 3>& cells : {std::array<std::size_t, 3>{14, 9, 11}, {5, 4, 6}, {3, 2, 1}})
    for (const Grid& grid : boxes(cells))
      for (const double threshold : {0.2, 0.35, 0.5, 0.65, 0.8})
        for (const Neighbours neighbours : {Neighbours::faces, Neighbours::corners})
          for (const Phase phase : {Phase::host, Phase::solute}) {
            CAPTURE(grid.dimension(), no_flux(grid, 0), no_flux(grid, 1), no_flux(grid, 2), threshold, cells[0],
                    neighbours == Neighbours::faces, phase == Phase::host);
            const Field<double> x = noise(grid);
            // Between two thresholds a cell is of neither phase.
            const Thresholds thresholds(threshold - 0.1, threshold + 0.1);
            std::vector<bool> in(grid.size());
            for (std::size_t i = 0; i < grid.size(); ++i)
              in[i] = phase == Phase::host ? x[i] <= threshold - 0.1 : x[i] > threshold + 0.1;
            const Connectivity found = connectivity(grid, x, thresholds, phase, neighbours),
                               expected = by_filling(grid, in, neighbours);
            CHECK(found.pieces == expected.pieces);
            CHECK(found.largest_share == expected.largest_share);
            CHECK(found.reach == Approx(expected.reach).epsilon(1e-14));
            CHECK(found.at_separator == Approx(expected.at_separator).margin(1e-14));
            CHECK(found.at_collector == Approx(expected.at_collector).margin(1e-14));
            CHECK(found.joining == Approx(expected.joining).margin(1e-14));
            for (int a = 0; a < 3; ++a) CHECK(found.percolating[a] == Approx(expected.percolating[a]).margin(1e-14));
          }
}

TEST_CASE("the pieces do not depend on the number of threads", "[unit]") {
  const Grid grid({{1, 20}, {1, 18, Boundary::no_flux}, {1, 22}});
  const Field<double> x = noise(grid);
  std::vector<Connectivity> found;
  for (const int threads : {1, 2, 5}) with_threads(threads, [&] { found.push_back(above(grid, x, 0.68)); });
  for (const Connectivity& one : found) {
    CHECK(one.pieces == found[0].pieces);
    CHECK(one.largest_share == found[0].largest_share);
    CHECK(one.percolating == found[0].percolating);
    CHECK(one.joining == found[0].joining);
  }
}

TEST_CASE("a piece percolates along a periodic axis when it comes back to itself a period away", "[unit]") {
  const auto along = [](const std::vector<std::string>& picture, Boundary across = Boundary::periodic) {
    const Connectivity found = of(picture, across, Boundary::periodic);
    return std::pair{found.percolating[0], found.percolating[1]};
  };
  using Pair = std::pair<double, double>;
  CHECK(along({"....", "####", "...."}) == Pair{1, 0});
  CHECK(along({"....", "####", "...."}, Boundary::no_flux) == Pair{1, 0});
  CHECK(along({".#..", ".#..", ".#.."}) == Pair{0, 1});
  // It meets both faces, but not itself.
  CHECK(along({".#..", ".##.", "..#."}) == Pair{0, 0});
  CHECK(along({"##..", ".##.", "..##"}) == Pair{0, 0});
  // A stair that climbs one period along each axis.
  CHECK(along({"##..", ".##.", "..##", "#..#"}) == Pair{1, 1});
  // Up a period of one axis over two of the other: both.
  CHECK(along({"##....", "####..", "..####", "....##"}) == Pair{0, 0});
  // Only what is in the piece that percolates.
  CHECK(along({"#####", ".....", "..#..", "....."}) == Pair{5.0 / 6, 0});
}

TEST_CASE("between separator and collector there is what joins them, what ends, and what is cut off", "[unit]") {
  const Connectivity found = of({"#..#.#",  // the collector
                                 "#.....",  //
                                 "#.##.#",  //
                                 "#....#"},
                                Boundary::no_flux);
  const double cells = 10;
  CHECK(found.joining == Approx(4 / cells));
  CHECK(found.at_separator == Approx(6 / cells));
  CHECK(found.at_collector == Approx(6 / cells));
  CHECK(found.percolating[1] == Approx(4 / cells));
  CHECK(found.percolating[0] == 0);
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
    CHECK(above(grid, x, 0.5).pieces == (other == 1 || other == 3 || other == 9 ? 1 : 2));
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
    CHECK(above(wall, x, 0.5).pieces == 3);
    CHECK(above(wall, x, 0.5).reach == 2);
    CHECK(above(wall, x, 0.5).largest_share == Approx(0.4));
    CHECK(above(ring, x, 0.5).pieces == 2);
    CHECK(above(ring, x, 0.5).largest_share == Approx(0.8));
    CHECK(above(ring, x, 0.5).reach == 8);
    // Above the threshold, not at it.
    CHECK(above(wall, x, 0.7).pieces == 0);
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
      const Connectivity found = above(grid, x, 0.5);
      CHECK(found.pieces == 2);
      CHECK(found.largest_share == 0.5);
      CHECK(found.reach == (along == 2 ? 4 : 1));
      // A bridge of one cell between them, off the planes of cells that either fills alone.
      x[stride[(along + 1) % 3]] = 1;
      CHECK(above(grid, x, 0.5).pieces == 2);
      x[2 * stride[(along + 1) % 3]] = x[2 * stride[(along + 1) % 3] + stride[(along + 2) % 3]] = 1;
      CHECK(above(grid, x, 0.5).pieces == 1);
    }
  }
}

TEST_CASE("a field below the threshold has no pieces, no share and no reach", "[unit]") {
  const Connectivity found = of({"....", "....", "...."}, Boundary::periodic);
  CHECK(found.pieces == 0);
  CHECK(found.largest_share == 0);
  CHECK(found.reach == 0);
}
