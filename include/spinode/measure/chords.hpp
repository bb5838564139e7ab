// Mean chord lengths: how long a straight line along an axis stays in one phase, on average.
#pragma once

#include <array>

#include "spinode/field.hpp"
#include "spinode/grid.hpp"

namespace spinode {

/// Per axis, in the unit of the grid: twice the length of all lines in the phase over the number of their crossings of
/// the level, x being linear between the centres of cells. Walls are mirrors and end no chord. Infinite along an axis
/// without crossings; 0 of a phase that is not there.
struct Chords {
  std::array<double, 3> host = {}, solute = {};
};

Chords chords(const Grid& grid, const Field<double>& x, double level);

}  // namespace spinode
