// The length of structures over time, from the time series that a run has written.
#pragma once

#include <filesystem>

#include "spinode/measure/coarsening.hpp"

namespace spinode {

/// Columns time, length and x_deviation of timeseries.csv; a last row that is being written is left out. Throws IoError
/// when a column is missing or holds anything but numbers.
LengthHistory read_length_history(const std::filesystem::path& file);

}  // namespace spinode
