// Curvature of the interface between two phases: from spectral derivatives of the field at the centres of cells,
// averaged over the level set. With g = grad x and the Hessian X of x, n = -g/|g| pointing out of the solute-rich
// phase,
//   H = div n / 2 = (g.X g - |g|^2 tr X) / (2 |g|^3),   K = g.adj(X) g / |g|^4          (Goldman 2005, eqs 4.1 and 4.2)
#pragma once

#include "spinode/field.hpp"
#include "spinode/grid.hpp"

namespace spinode {

/// Averages over the area, and standard deviations about them; NaN without an interface.
/// H is the mean of the principal curvatures, 1/R of a ball of solute, and K their product; in 2D, H is the curvature
/// of the line, 1/R of a disc, and K is 0.
struct Curvature {
  double mean = 0, mean_deviation = 0;          // H [1/length unit of the grid]
  double gaussian = 0, gaussian_deviation = 0;  // K [1/length unit^2]
};

/// Two or three axes. Takes 90 bytes a cell and 10 transforms while it works.
Curvature curvature(const Grid& grid, const Field<double>& x, double level);

}  // namespace spinode
