// The interface between two phases as the level set of a field that is linear between the centres of cells: its area,
// what it encloses, and how that hangs together.
#pragma once

#include "spinode/field.hpp"
#include "spinode/grid.hpp"

namespace spinode {

/// In the unit of the grid; of second order in the spacing.
struct Interface {
  double area = 0;      // length in 2D, a number of points in 1D
  double fraction = 0;  // of the box that lies above the level
  /// Euler characteristic of what lies above the level: pieces - tunnels + cavities (pieces - holes in 2D), half that
  /// of its surface in 3D. Exact for the linear field. A body cut by a wall counts half.
  double euler_characteristic = 0;
};

Interface interface(const Grid& grid, const Field<double>& x, double level);

}  // namespace spinode
