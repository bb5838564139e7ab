// Effective conductivity of a heterogeneous medium, sigma_eff = min <sigma |e + grad u|^2> with the mean field e of 1:
// finite volumes and conjugate gradients, preconditioned with the inverse Laplacian by Fourier transforms.
#pragma once

#include "spinode/field.hpp"
#include "spinode/grid.hpp"
#include "spinode/transform.hpp"

namespace spinode {

struct EffectiveConductivity {
  double value = 0;  // in the unit of sigma; 0 exactly where conducting cells do not lead from end to end
  int iterations = 0;
};

/// Conductivity along `axis` of a medium with one conductivity per cell, >= 0 in any unit; cells of 0 insulate.
/// Neighbours are joined by the harmonic mean of theirs, which makes laminates exact. Periodic axes continue the
/// medium, no-flux axes mirror it, so that along `axis` the end faces are electrodes of one potential each.
/// The value is an energy: never too low, and too high by the square of the error of the potential. `tolerance` bounds
/// what it is too high by, as a share of it, where nothing insulates; where cells do, it bounds what the last quarter
/// of the iterations has lowered it by.
/// Takes 72 bytes a cell in 3D, 64 in 2D. Throws NumericalError when it does not converge, std::invalid_argument when
/// the grid has no such axis or a conductivity is negative or not finite.
EffectiveConductivity effective_conductivity(const Grid& grid, const Field<double>& sigma, int axis,
                                             double tolerance = 1e-6, Planning planning = Planning::measure);

}  // namespace spinode
