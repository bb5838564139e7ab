// Measures of states that exist: the snapshots of a results folder, or the initial state of a case that is not run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "spinode/measure/coarsening.hpp"
#include "spinode/output/measure_tables.hpp"

namespace spinode {

/// What the measures in use say of one state.
struct StateAnalysis {
  std::int64_t step = 0;
  double time = 0;  // s
  std::vector<MeasureRow> rows;
};

struct Analysis {
  bool dimensionless = false;
  std::vector<StateAnalysis> states;
  std::optional<CoarseningFit> coarsening;  // m, s; of a results folder
};

/// Called after each state, with how many there are.
using AnalysisObserver = std::function<void(const StateAnalysis&, std::size_t states)>;

/// Of every snapshot in a results folder, as its resolved.toml or `overrides` of table [measures] say. Throws IoError
/// when it is no results folder, ConfigError with every fault of the settings.
Analysis analyze_results(const std::filesystem::path& folder, const std::vector<std::string>& overrides,
                         const AnalysisObserver& observer);

/// Of the initial state of a case, which may do without what only a run needs. Throws as Case::load() does.
Analysis analyze_case(const std::filesystem::path& file, const std::vector<std::string>& overrides);

/// The tables as CSV files, and coarsening.json. Throws IoError.
void write_analysis(const Analysis& analysis, const std::filesystem::path& folder);

}  // namespace spinode
