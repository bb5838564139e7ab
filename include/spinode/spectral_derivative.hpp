// Derivatives of amplitudes: exact for every wave but the shortest of an even periodic axis, which has none.
#pragma once

#include <vector>

#include "spinode/field.hpp"
#include "spinode/grid.hpp"
#include "spinode/parallel.hpp"

namespace spinode {

/// The derivative along an axis, in place: ik along a periodic one; along a no-flux one -k, towards sines.
template <class Real>
void differentiate(const Grid& grid, int axis, Spectrum<Real>& hat) {
  const std::size_t n = grid.modes(0), lanes = grid.lanes();
  const bool periodic = grid.axis(axis).boundary == Boundary::periodic;
  std::vector<Real> k;
  for (std::size_t m = 0; m < grid.modes(axis); ++m)
    k.push_back(static_cast<Real>(grid.derivative_wavenumber(axis, m)));
  for_rows(grid.mode_rows(), [&](Rows share) {
    for (std::size_t r = share.begin; r < share.end; ++r) {
      Real* const row = hat.data() + r * n * lanes;
      const Real of_row = axis > 0 ? k[grid.across(r)[axis - 1]] : Real(0);
      for (std::size_t m = 0; m < n; ++m) {
        const Real along = axis == 0 ? k[m] : of_row;
        Real* const value = row + m * lanes;
        if (periodic) {
          const Real re = value[0];
          value[0] = -along * value[1];
          value[1] = along * re;
        } else {
          for (std::size_t lane = 0; lane < lanes; ++lane) value[lane] *= -along;
        }
      }
    }
  });
}

}  // namespace spinode
