// How large a time step may be: the rules by which a step is accepted, rejected and followed by the next.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spinode {

enum class SchemeKind { semi_implicit, implicit, convex_splitting };
inline constexpr std::array<std::string_view, 3> scheme_names{"semi_implicit", "implicit", "convex_splitting"};
inline constexpr std::string_view name(SchemeKind kind) { return scheme_names[static_cast<std::size_t>(kind)]; }

/// Name and help of each choice of time.scheme.
std::vector<std::pair<std::string, std::string>> scheme_entries();

/// Settings of a run, times in code units.
struct StepSettings {
  std::optional<SchemeKind> scheme;  // empty: whichever is cheaper at the time
  int order = 2;
  double tolerance = 1e-4;           // local error of a step over the root mean square of x - mean
  std::optional<double> fixed_step;  // no error control then
  std::optional<double> initial_step;
  double max_step = std::numeric_limits<double>::infinity();
  double min_step = 0;  // a smaller one ends the run
  /// How far semi-implicit steps may take x out of [0,1]; not at all when the scheme is chosen as the run goes.
  double band = std::numeric_limits<double>::infinity();
};

/// amount: the mean of x over the cells is not what the books say; past_end: the step ran past an end of the
/// electrode's protocol; current: it took more than the sink layer has.
enum class Rejection { not_finite, not_converged, outside_band, error, energy, amount, past_end, current };
inline constexpr std::array<std::string_view, 8> rejection_names{
    "not_finite", "not_converged", "outside_band", "error", "energy", "amount", "past_end", "current"};
inline constexpr std::string_view name(Rejection reason) { return rejection_names[static_cast<std::size_t>(reason)]; }

/// A step that was tried and not taken, for the record.
struct RejectedStep {
  std::int64_t step = 0;    // how many were accepted before
  double time = 0, dt = 0;  // of its start; its size
  Rejection reason = Rejection::error;
  double error = 0;  // local error over the standard deviation of x, where it was worked out
};

/// What the steps of a scheme cost so far.
struct Work {
  std::int64_t transforms = 0, newton = 0, krylov = 0, elastic = 0;

  template <class A>
  void serialize(A& archive) {
    archive("transforms", transforms);
    archive("newton", newton);
    archive("krylov", krylov);
    archive("elastic", elastic);
  }

  Work& operator+=(const Work& other) {
    transforms += other.transforms;
    newton += other.newton;
    krylov += other.krylov;
    elastic += other.elastic;
    return *this;
  }
  /// In transforms: a Krylov iteration beyond its own transforms takes about as long as `cycle` of them.
  double cost() const {
    constexpr double cycle = 6;
    return static_cast<double>(transforms) + cycle * static_cast<double>(krylov);
  }
};

enum class SwitchReason { trial, cheaper, outside };
inline constexpr std::array<std::string_view, 3> switch_reasons{"trial", "the cheaper scheme", "x would leave 0 to 1"};

/// A change of the scheme, for the record.
struct SchemeSwitch {
  std::int64_t step = 0;
  double time = 0;  // code units
  SchemeKind to = SchemeKind::semi_implicit;
  SwitchReason why = SwitchReason::trial;

  std::string_view reason() const { return switch_reasons[static_cast<std::size_t>(why)]; }
  template <class A>
  void serialize(A& archive) {
    archive("step", step);
    archive("time", time);
    archive("to", to, scheme_names.size());
    archive("why", why, switch_reasons.size());
  }
};

/// What a run's steps came to.
struct StepCounts {
  std::int64_t accepted = 0;
  std::array<std::int64_t, scheme_names.size()> accepted_by{};
  std::array<std::int64_t, rejection_names.size()> rejected{};
  double smallest_step = std::numeric_limits<double>::infinity(), largest_step = 0;
  double largest_excursion = 0;  // how far x ever lay outside [0,1] in an accepted step
  double largest_extension = 0;  // largest share of cells with a continued logarithm in an accepted step

  template <class A>
  void serialize(A& archive) {
    archive("accepted", accepted);
    archive("accepted_by", accepted_by);
    archive("rejected", rejected);
    archive("smallest_step", smallest_step);
    archive("largest_step", largest_step);
    archive("largest_excursion", largest_excursion);
    archive("largest_extension", largest_extension);
  }
};

/// The step after one with this relative error, for a scheme whose error per step falls as dt^(order+1). With the error
/// of the step before (0: unknown) a rising error slows the growth (Gustafsson 1991), which keeps a step that stability
/// limits from swinging. It grows by `most` at most.
double next_step(double dt, double error, double error_before, double tolerance, int order, double most);

}  // namespace spinode
