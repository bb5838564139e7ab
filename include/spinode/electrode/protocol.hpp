// What a cycler does to an electrode: steps of constant current, each with the conditions that end it.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace spinode {

enum class StepMode { strip, plate, rest };
inline constexpr std::array<std::string_view, 3> step_mode_names{"strip", "plate", "rest"};

/// Why a step of a protocol ended; depleted: the sink ran dry, which ends the run.
enum class StepEnd { duration, capacity, potential, host_fraction, depleted };
inline constexpr std::array<std::string_view, 5> step_end_names{"duration", "capacity", "potential", "host_fraction",
                                                                "depleted"};

/// Currents are velocities v = j V_m/F, positive when the host is stripped; charges are lengths of stripped metal.
struct ProtocolStep {
  StepMode mode = StepMode::strip;
  double velocity = 0;
  std::optional<double> duration = {}, charge = {};
  /// Against the pure host: an upper limit of stripping, a lower one of plating.
  std::optional<double> potential = {};
  /// Mean 1-x of the sink layer: a lower limit of stripping, an upper one of plating.
  std::optional<double> host_fraction = {};
};

struct Protocol {
  std::vector<ProtocolStep> steps;
  int cycles = 1;  // how often the steps run

  std::size_t count() const { return steps.size() * static_cast<std::size_t>(cycles); }
  const ProtocolStep& step(std::size_t i) const { return steps[i % steps.size()]; }
};

/// A step of a protocol that is over: times and charges at its end, since the start of the run.
struct FinishedStep {
  std::size_t number = 0;  // from 0, through all cycles
  StepMode mode = StepMode::strip;
  StepEnd end = StepEnd::duration;
  double time = 0, requested = 0, delivered = 0, thickness = 0, potential = 0;

  template <class A>
  void serialize(A& archive) {
    archive("number", number);
    archive("mode", mode, step_mode_names.size());
    archive("end", end, step_end_names.size());
    archive("time", time);
    archive("requested", requested);
    archive("delivered", delivered);
    archive("thickness", thickness);
    archive("potential", potential);
  }
};

}  // namespace spinode
