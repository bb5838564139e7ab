// Which cells of a phase hang together, and what the pieces join (periodic axes wrap around).
#pragma once

#include <array>
#include <cstddef>

#include "spinode/field.hpp"
#include "spinode/grid.hpp"
#include "spinode/measure/phases.hpp"

namespace spinode {

/// Cells hang together through their faces (6 neighbours in 3D, 4 in 2D), or through edges and corners as well (26, 8).
enum class Neighbours { faces, corners };

/// Shares are those of the cells of the phase; 0 when it has none. The separator is the first plane along the last
/// axis, the collector the last one.
struct Connectivity {
  std::size_t pieces = 0;
  double largest_share = 0;
  /// In pieces that percolate along an axis: between two walls, from one to the other; along a periodic axis, without
  /// end, coming back to themselves with another number of periods gone.
  std::array<double, 3> percolating = {};
  double at_separator = 0, at_collector = 0;  // in pieces that touch it
  double joining = 0;                         // in pieces that touch both
  /// How far from the separator a piece that touches it reaches, to the far side of the last plane; in the unit of the
  /// grid, 0 when none does.
  double reach = 0;
};

/// By disjoint sets (Tarjan 1975) of runs of cells along the first axis, each with its displacement in periods.
Connectivity connectivity(const Grid& grid, const Field<double>& x, const Thresholds& thresholds, Phase phase,
                          Neighbours neighbours = Neighbours::faces);

}  // namespace spinode
