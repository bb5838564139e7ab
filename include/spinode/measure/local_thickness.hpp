// Local thickness of a phase: at each point the diameter of the largest ball inside the phase that holds the point
// (Hildebrand & Rüegsegger, J. Microsc. 185, 1997, 67).
#pragma once

#include "spinode/field.hpp"
#include "spinode/grid.hpp"
#include "spinode/measure/phases.hpp"

namespace spinode {

/// Over the cells of the phase, those whose centre is in it, in the unit of the grid; 0 of a phase that is not there. A
/// phase without an interface has an infinite mean and largest thickness, and no deviation.
struct LocalThickness {
  double mean = 0, deviation = 0, largest = 0;
};

/// The interface is where x passes `level` (to_interface); the largest balls are those that touch two of its points
/// which neighbouring cells found, so their centres lie between cells too. Periodic axes wrap around; behind a wall the
/// phase goes on as its mirror image. With cells of size h errors are below 0.1 h of a slab, cylinder or ball 8 h
/// thick, 0.2 h of one 5 h thick and of the mean of bodies whose thickness varies, 0.4 h of a ball centred in a corner
/// of walls. 28 bytes per cell while it works and 40 per ball, of which there is one for every few cells. The result
/// does not depend on the number of threads.
LocalThickness local_thickness(const Grid& grid, const Field<double>& x, double level, Phase phase);

}  // namespace spinode
