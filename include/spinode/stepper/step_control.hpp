// How large a time step may be: the rules by which a step is accepted, rejected and followed by the next.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace spinode {

/// Settings of a run, times in code units.
struct StepSettings {
  int order = 2;
  double tolerance = 1e-5;           // local error of a step over the root mean square of x - mean
  std::optional<double> fixed_step;  // no error control then
  std::optional<double> initial_step;
  double max_step = std::numeric_limits<double>::infinity();
  double min_step = 0;                                    // a smaller one ends the run
  double band = std::numeric_limits<double>::infinity();  // how far x may leave [0,1]
};

enum class Rejection { not_finite, outside_band, error, energy };
inline constexpr std::array<std::string_view, 4> rejection_names{"not_finite", "outside_band", "error", "energy"};

/// What a run's steps came to.
struct StepCounts {
  std::int64_t accepted = 0;
  std::array<std::int64_t, rejection_names.size()> rejected{};
  double largest_excursion = 0;  // how far x ever lay outside [0,1] in an accepted step
  double largest_extension = 0;  // largest share of cells with a continued logarithm in an accepted step
};

/// The step after one with this relative error, for a scheme whose error per step falls as dt^(order+1).
/// Growth is held below what variable-step BDF2 bears (Grigorieff 1983: ratio 2.41).
double next_step(double dt, double error, double tolerance, int order);

}  // namespace spinode
