// How the metal varies from the separator to the collector: one number per plane normal to the last axis.
#pragma once

#include <vector>

#include "spinode/field.hpp"
#include "spinode/grid.hpp"
#include "spinode/thermo/phases.hpp"

namespace spinode {

struct Profiles {
  std::vector<double> x;                  // mean composition
  std::vector<double> solute_rich;        // share above the threshold
  std::vector<double> interface_density;  // area of interface per volume, length per area in 2D
  std::vector<double> length;  // 2 pi over the mean wavenumber in the plane, 0 where x does not vary; not in 1D
};

/// Lengths in the unit of the grid. The area of the interface is that of the level sets over the middle half of the
/// way between the phases, on average: the integral of |grad w| where w rises from 0 to 1 with x over that way (co-area
/// formula).
Profiles profiles(const Grid& grid, const Field<double>& x, const Phases& phases);

}  // namespace spinode
