// What a case means, in words: stability of the alloy, the wave that grows fastest, the interface, the grid, the units.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "spinode/case.hpp"
#include "spinode/model.hpp"

namespace spinode {

/// Head of a run: state of the alloy, wavelength, interface, grid.
std::string describe_physics(const Case& config, const Model& model);

/// Parameters in SI and in code units; what `check` adds.
std::string describe_numbers(const Case& config, const Model& model);

/// What a run needs, what the machine and the disk of its folder have, and warnings where that is not enough.
std::string describe_sizes(const Case& config, const std::filesystem::path& folder);

/// One line each: too few grid points in the interface, a box too small, a widened interface.
std::vector<std::string> warnings(const Case& config, const Model& model);

}  // namespace spinode
