// Which cells above a threshold hang together, through the faces they share (periodic axes wrap around).
#pragma once

#include <cstddef>

#include "spinode/field.hpp"
#include "spinode/grid.hpp"

namespace spinode {

struct Connectivity {
  std::size_t pieces = 0;
  double largest_share = 0;  // of the cells above the threshold that are in the largest piece; 0 when there are none
  /// From the first plane along the last axis to the far side of the last plane that a piece which touches the first
  /// one reaches; in the unit of the grid, 0 when none does.
  double reach = 0;
};

Connectivity connectivity(const Grid& grid, const Field<double>& x, double threshold);

}  // namespace spinode
