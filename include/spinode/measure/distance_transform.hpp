// The nearest point of the interface to every cell: an exact Euclidean distance transform whose surface lies between
// cells (Felzenszwalb & Huttenlocher, Theory of Computing 8, 2012, 415).
#pragma once

#include <Eigen/Core>

#include "spinode/field.hpp"
#include "spinode/grid.hpp"

namespace spinode {

/// From each cell to the nearest point at which x passes `level`, in the unit of the grid; infinite when x passes it
/// nowhere. x is taken to be linear between neighbours, so these points are the vertices of marching cubes: distances
/// to a plane normal to an axis are exact, those to any other too large by up to 3/8 of h² over the distance. Periodic
/// axes wrap around; behind a wall is the mirror image. 24 bytes per cell while it works, 12 of them in the result.
Array<Eigen::Vector3f> to_interface(const Grid& grid, const Field<double>& x, double level);

}  // namespace spinode
