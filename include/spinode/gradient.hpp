// The gradient of a field in one cell, by central differences over its neighbours; across a wall a cell is its own.
#pragma once

#include <cmath>

#include "spinode/field.hpp"
#include "spinode/grid.hpp"

namespace spinode {

template <class Real>
double gradient_squared(const Grid& grid, const Field<Real>& x, std::size_t cell) {
  double sum = 0;
  std::size_t stride = 1;
  for (int a = 0; a < grid.dimension(); stride *= grid.cells(a++)) {
    const std::size_t n = grid.cells(a), at = cell / stride % n, first = cell - at * stride;
    const bool periodic = grid.axis(a).boundary == Boundary::periodic;
    const std::size_t before = at > 0 ? at - 1 : periodic ? n - 1 : 0, after = at + 1 < n ? at + 1 : periodic ? 0 : at;
    const double rise = static_cast<double>(x[first + after * stride]) - x[first + before * stride];
    sum += std::pow(rise / (2 * grid.axis(a).spacing()), 2);
  }
  return sum;
}

}  // namespace spinode
