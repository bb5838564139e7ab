// The clock and the loop of a run.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "spinode/case.hpp"
#include "spinode/measure/coarsening.hpp"
#include "spinode/model.hpp"
#include "spinode/output/results.hpp"
#include "spinode/stepper/step_control.hpp"

namespace spinode {

/// What a finished run came to; wall times in s.
struct RunSummary {
  Measures last;
  StepCounts counts;  // steps in s
  Work work;
  std::vector<SchemeSwitch> switches;          // times in s
  std::vector<FinishedStep> protocol;          // s, C/m2, m, V
  std::map<std::string, MeasureRow> measures;  // the last row of each table
  CoarseningFit coarsening;                    // m, s
  std::size_t snapshots = 0;
  double seconds_setup = 0, seconds_steps = 0, seconds_measures = 0, seconds_output = 0;

  /// summary.json of a run of this case.
  std::string json(const Case& config, const Model& model) const;
};

/// What a run tells as it goes.
struct Observers {
  std::function<void(const Measures&)> step = {};               // after every accepted step
  std::function<void(const SchemeSwitch&)> scheme_change = {};  // time in s
  std::function<void(const FinishedStep&)> protocol_step = {};  // s, C/m2, m, V
};

/// Runs a case to its end and writes its results. When the run cannot go on, the last good state is saved and the
/// NumericalError passed on.
RunSummary simulate(const Case& config, const Model& model, Results& results, const Observers& observers);

}  // namespace spinode
