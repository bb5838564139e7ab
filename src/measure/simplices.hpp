// The grid of cell centres cut into simplices (Freudenthal 1942, Kuhn 1960), on each of which a field is linear: level
// sets are then polygons that close without gaps, and shapes have a definite topology. Behind a wall the field goes on
// as its mirror image; what lies in the layer between a wall and the centres next to it counts half, as the other half
// lies outside.
#pragma once

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

/// Calls visit(cube) for the cubes of a share of their rows.
class Cubes {
 public:
  explicit Cubes(const Grid& grid) : grid_(&grid) {}

  std::size_t corners() const { return std::size_t{1} << grid_->dimension(); }
  std::size_t rows() const { return count(1) * count(2); }

  template <class Visit>
  void for_each(Rows share, Visit visit) const {
    const std::size_t n1 = count(1);
    for (std::size_t row = share.begin; row < share.end; ++row) {
      Cube cube;
      std::array<std::array<std::size_t, 2>, 3> index{};  // of the two layers along each axis
      place(1, row % n1, cube, index);
      place(2, row / n1, cube, index);
      std::array<std::size_t, 4> line{};
      for (std::size_t b = 0; b < 4; ++b)
        line[b] = grid_->cells(0) * (index[1][b & 1] + grid_->cells(1) * index[2][b >> 1]);
      for (std::size_t i = 0; i < count(0); ++i) {
        place(0, i, cube, index);
        for (std::size_t b = 0; b < corners(); ++b) cube.cell[b] = line[b >> 1] + index[0][b & 1];
        visit(cube);
      }
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
