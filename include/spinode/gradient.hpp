// The gradient of a quantity in one cell, by central differences over its neighbours; across a wall a cell is its own.
#pragma once

#include <cmath>
#include <cstddef>

#include "spinode/grid.hpp"

namespace spinode {

/// |grad w|^2 of w(cell).
template <class Quantity>
double gradient_squared(const Grid& grid, std::size_t cell, const Quantity& w) {
  double sum = 0;
  std::size_t stride = 1;
  for (int a = 0; a < grid.dimension(); stride *= grid.cells(a++)) {
    const std::size_t n = grid.cells(a), at = cell / stride % n, first = cell - at * stride;
    const bool periodic = grid.axis(a).boundary == Boundary::periodic;
    const std::size_t before = at > 0 ? at - 1 : periodic ? n - 1 : 0, after = at + 1 < n ? at + 1 : periodic ? 0 : at;
    const double rise = w(first + after * stride) - w(first + before * stride);
    sum += std::pow(rise / (2 * grid.axis(a).spacing()), 2);
  }
  return sum;
}

}  // namespace spinode
