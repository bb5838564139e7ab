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

/// Makes the folder. Throws IoError when that fails, or when it holds a diagram and `overwrite` is not set.
void make_diagram_folder(const std::filesystem::path& folder, bool overwrite);

/// Files that this writes in `folder`: phase_boundaries.csv, tie_lines.csv, asymptotes.csv, energy_curves.csv,
/// summary.json; with cubic moduli spinodal_directions.csv, with bands bands.csv; either is removed where it has no
/// place. Throws IoError when a file cannot be written.
void write_diagram(const Diagram& diagram, const std::filesystem::path& folder);

}  // namespace spinode
