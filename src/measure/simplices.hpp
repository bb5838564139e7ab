// The grid of cell centres cut into simplices (Freudenthal 1942, Kuhn 1960), on each of which a field is linear: level
// sets are then polygons that close without gaps, and shapes have a definite topology. Behind a wall the field goes on
// as its mirror image; what lies in the layer between a wall and the centres next to it counts half, as the other half
// lies outside.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "spinode/grid.hpp"
#include "spinode/parallel.hpp"

namespace spinode {

/// A box between neighbouring centres: its corner number b is one step further along axis a where bit a of b is set.
struct Cube {
  std::array<std::size_t, 8> cell;           // of each of the 2^dimension corners
  std::array<double, 3> weight = {1, 1, 1};  // share of its extent along each axis that lies inside the box
  std::array<bool, 3> behind = {};  // its first corner is a mirror image behind the wall at the start of an axis

  double inside() const { return weight[0] * weight[1] * weight[2]; }
};

/// The cubes between neighbouring lines of cells, of which there are 2^(dimension - 1), along the first axis.
class CubeRow {
 public:
  CubeRow(const Axis& axis, const Cube& first, const std::array<std::size_t, 4>& lines)
      : n_(axis.cells), walled_(axis.boundary == Boundary::no_flux), cube_(first), lines_(lines) {}

  /// One more than cells between walls.
  std::size_t size() const { return n_ + (walled_ ? 1 : 0); }
  std::size_t cells() const { return n_; }
  /// The first layer of corners that is not a mirror image: layer i + first_layer() is cell i of its line.
  std::size_t first_layer() const { return walled_ ? 1 : 0; }
  /// The first cell of a line.
  std::size_t line(std::size_t l) const { return lines_[l]; }
  /// Where in its line a corner of cube i is: layer(i) or layer(i + 1).
  std::size_t layer(std::size_t i) const {
    if (walled_) return i == 0 ? 0 : std::min(i, n_) - 1;
    return i < n_ ? i : 0;
  }
  /// Share of the cubes that lies inside the box as far as the other axes go, and what is left of it for cube i.
  double weight() const { return weight_; }
  double inside(std::size_t i) const { return weight_ * along(i); }
  Cube operator[](std::size_t i) const {
    Cube cube = cube_;
    cube.weight[0] = along(i);
    cube.behind[0] = walled_ && i == 0;
    const std::array<std::size_t, 2> layers{layer(i), layer(i + 1)};
    for (std::size_t b = 0; b < 8; ++b) cube.cell[b] = lines_[b >> 1] + layers[b & 1];
    return cube;
  }

 private:
  double along(std::size_t i) const { return walled_ && (i == 0 || i == n_) ? 0.5 : 1; }

  std::size_t n_;
  bool walled_;
  Cube cube_;  // but for the first axis
  double weight_ = cube_.inside();
  std::array<std::size_t, 4> lines_;
};

/// The cubes of a grid, row by row.
class Cubes {
 public:
  explicit Cubes(const Grid& grid) : grid_(&grid) {}

  std::size_t corners() const { return std::size_t{1} << grid_->dimension(); }
  std::size_t rows() const { return count(1) * count(2); }
  std::size_t in_row() const { return count(0); }

  CubeRow row(std::size_t r) const {
    Cube cube;
    std::array<std::array<std::size_t, 2>, 3> index{};  // of the two layers along each axis
    place(1, r % count(1), cube, index);
    place(2, r / count(1), cube, index);
    std::array<std::size_t, 4> lines{};
    for (std::size_t l = 0; l < 4; ++l)
      lines[l] = grid_->cells(0) * (index[1][l & 1] + grid_->cells(1) * index[2][l >> 1]);
    return {grid_->axis(0), cube, lines};
  }

  /// Calls visit(cube) for the cubes of a share of the rows.
  template <class Visit>
  void for_each(Rows share, Visit visit) const {
    for (std::size_t r = share.begin; r < share.end; ++r) {
      const CubeRow cubes = row(r);
      for (std::size_t i = 0; i < cubes.size(); ++i) visit(cubes[i]);
    }
  }

 private:
  bool walled(int a) const { return grid_->axis(a).boundary == Boundary::no_flux; }
  /// Cubes along an axis: one more than cells between walls.
  std::size_t count(int a) const { return a >= grid_->dimension() ? 1 : grid_->cells(a) + (walled(a) ? 1 : 0); }
  void place(int a, std::size_t i, Cube& cube, std::array<std::array<std::size_t, 2>, 3>& index) const {
    if (a >= grid_->dimension()) return;
    const std::size_t n = grid_->cells(a);
    if (!walled(a)) {
      index[a] = {i, i + 1 < n ? i + 1 : 0};
      return;
    }
    cube.behind[a] = i == 0;
    cube.weight[a] = i == 0 || i == n ? 0.5 : 1;
    index[a] = {i == 0 ? 0 : i - 1, i == n ? n - 1 : i};
  }

  const Grid* grid_;
};

/// The corners of the simplices of a cube: paths from its first corner to its last, one axis after the other.
const std::vector<std::array<unsigned, 4>>& simplices(int dimension);

}  // namespace spinode
