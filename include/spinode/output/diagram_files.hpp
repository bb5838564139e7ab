// A phase diagram as CSV tables and a JSON summary.
#pragma once

#include <filesystem>

#include "spinode/diagram.hpp"

namespace spinode {

/// Makes the folder. Throws IoError when that fails, or when it holds a diagram and `overwrite` is not set.
void make_diagram_folder(const std::filesystem::path& folder, bool overwrite);

/// Files that this writes in `folder`: phase_boundaries.csv, tie_lines.csv, asymptotes.csv, energy_curves.csv,
/// summary.json; with cubic moduli spinodal_directions.csv, with bands bands.csv; either is removed where it has no
/// place. Throws IoError when a file cannot be written.
void write_diagram(const Diagram& diagram, const std::filesystem::path& folder);

}  // namespace spinode
