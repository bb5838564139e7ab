// The clock and the loop of a run.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <string>

#include "spinode/case.hpp"
#include "spinode/measure/coarsening.hpp"
#include "spinode/model.hpp"
#include "spinode/output/results.hpp"
#include "spinode/stepper/step_control.hpp"

namespace spinode {

/// ended_before: there was nothing left to do.
enum class Ending { finished, stopped, ended_before };

/// What a run came to; wall times in s, those of earlier parts of a run that was resumed included.
struct RunSummary {
  Ending ending = Ending::finished;
  Measures last;
  StepCounts counts;  // steps in s
  Work work;
  std::vector<SchemeSwitch> switches;          // times in s
  std::vector<FinishedStep> protocol;          // s, C/m2, m, V
  std::map<std::string, MeasureRow> measures;  // the last row of each table
  CoarseningFit coarsening;                    // m, s
  std::size_t snapshots = 0;
  double seconds_setup = 0, seconds_steps = 0, seconds_measures = 0, seconds_output = 0;
  double seconds_transforms = 0,
         seconds_elasticity = 0;  // of the steps, with the transforms of elasticity in the latter

  /// Wall time by part [s]; those of the steps are transforms, elasticity and pointwise work.
  std::vector<std::pair<std::string, double>> profile() const;

  /// summary.json of a run of this case; `failure`: why it ended early, if it did.
  std::string json(const Case& config, const Model& model, const std::string& failure = "") const;
};

/// What a run tells as it goes.
struct Observers {
  std::function<void(const Measures&)> step = {};               // after every accepted step
  std::function<void(const SchemeSwitch&)> scheme_change = {};  // time in s
  std::function<void(const FinishedStep&)> protocol_step = {};  // s, C/m2, m, V
  std::function<void(const RejectedStep&)> rejection = {};      // times in s
  std::function<void(const Measures&)> checkpoint = {};         // after it was written
};

/// What may be asked of a run while it goes, by a signal or another thread; met after the step in hand.
struct Requests {
  std::atomic<bool> stop = false;  // after a checkpoint
  std::atomic<bool> snapshot = false, checkpoint = false;
};

/// Runs a case from its start, or from the checkpoint of the results, to its end, and writes its results. When the run
/// cannot go on, the last good state is saved and the NumericalError passed on.
RunSummary simulate(const Case& config, const Model& model, Results& results, const Observers& observers,
                    Requests& requests);

}  // namespace spinode
