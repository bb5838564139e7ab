// What a case means, in words: stability of the alloy, the wave that grows fastest, the interface, the grid, the units.
#pragma once

#include <string>
#include <vector>

#include "spinode/case.hpp"
#include "spinode/model.hpp"

namespace spinode {

/// Head of a run: state of the alloy, wavelength, interface, grid.
std::string describe_physics(const Case& config, const Model& model);

/// Parameters in SI and in code units, memory and output size; what `check` adds.
std::string describe_numbers(const Case& config, const Model& model);

/// One line each: too few grid points in the interface, a box too small, a widened interface.
std::vector<std::string> warnings(const Case& config, const Model& model);

/// Bytes that the fields and spectra of a run take.
double memory_bytes(const Case& config);

}  // namespace spinode
