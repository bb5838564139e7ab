#include "spinode/measure/connectivity.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace spinode {
namespace {

/// Disjoint sets of cells (Tarjan 1975): the root of a set is the least of its cells.
class Sets {
 public:
  explicit Sets(std::size_t cells) : parent_(cells) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }

  std::size_t root(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::size_t i, std::size_t j) {
    i = root(i);
    j = root(j);
    parent_[std::max(i, j)] = std::min(i, j);
  }

 private:
  std::vector<std::size_t> parent_;
};

}  // namespace

Connectivity connectivity(const Grid& grid, const Field<double>& x, double threshold) {
  Sets sets(grid.size());
  const auto inside = [&](std::size_t i) { return x[i] > threshold; };
  std::size_t stride = 1;
  for (int a = 0; a < grid.dimension(); stride *= grid.cells(a++)) {
    const std::size_t n = grid.cells(a);
    const bool periodic = grid.axis(a).boundary == Boundary::periodic;
    for (std::size_t i = 0; i < grid.size(); ++i) {
      if (!inside(i)) continue;
      const std::size_t at = i / stride % n;
      if (at + 1 < n ? inside(i + stride) : periodic && inside(i - at * stride))
        sets.join(i, at + 1 < n ? i + stride : i - at * stride);
    }
  }
  const std::size_t plane = grid.plane();
  std::vector<std::size_t> size(grid.size()), last_plane(grid.size());
  std::size_t above = 0;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    if (!inside(i)) continue;
    const std::size_t root = sets.root(i);
    ++above;
    ++size[root];
    last_plane[root] = i / plane;  // cells come plane by plane
  }
  Connectivity result;
  std::size_t largest = 0, reached = 0;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    if (size[i] == 0) continue;
    ++result.pieces;
    largest = std::max(largest, size[i]);
    // The root is the least cell, so a piece that touches the first plane has its root there.
    if (i < plane) reached = std::max(reached, last_plane[i] + 1);
  }
  if (above > 0) result.largest_share = static_cast<double>(largest) / static_cast<double>(above);
  result.reach = static_cast<double>(reached) * grid.axis(grid.dimension() - 1).spacing();
  return result;
}

}  // namespace spinode
