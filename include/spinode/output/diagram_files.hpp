// A phase diagram as CSV tables and a JSON summary.
#pragma once

#include <filesystem>
#include <optional>

#include "spinode/diagram.hpp"

namespace spinode {

/// A worked-out diagram; vectors by kind follow alloy.kinds.
struct Diagram {
  Alloy alloy;
  std::vector<double> temperatures;                      // K
  std::vector<std::vector<PhaseBoundaries>> boundaries;  // by kind and temperature
  std::vector<std::vector<CriticalPoint>> critical_points;
  double chosen_T;                         // K, of the summary and the energy curves
  std::vector<PhaseBoundaries> at_chosen;  // by kind
  std::optional<DiagramBands> bands;

  static Diagram of(Alloy alloy, std::vector<double> temperatures, double chosen_T);
};

/// Files that write_diagram() makes in `folder`: phase_boundaries.csv, tie_lines.csv, asymptotes.csv,
/// energy_curves.csv, summary.json; with cubic moduli spinodal_directions.csv, with bands bands.csv.
/// Throws IoError when the folder holds a diagram and `overwrite` is not set, or when a file cannot be written.
void write_diagram(const Diagram& diagram, const std::filesystem::path& folder, bool overwrite);

}  // namespace spinode
