// Brings the state forward by accepted steps: tries a scheme, judges what it did, chooses the next step size, and the
// scheme itself when that is left open.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "spinode/clock.hpp"
#include "spinode/electrode/cycler.hpp"
#include "spinode/stepper/scheme.hpp"
#include "spinode/surroundings.hpp"

namespace spinode {

template <class Real>
class Stepper {
 public:
  /// Without surroundings the equation stays as it is. An equation with a flow of metal needs a cycler.
  Stepper(CahnHilliard<Real>& equation, const StepSettings& settings, Planning planning,
          std::optional<Surroundings> surroundings = {}, std::optional<Cycler> cycler = {});

  /// Takes the amplitudes of the initial state. Throws NumericalError when it is not finite or outside the band.
  void start(Spectrum<Real> x_hat);

  /// One accepted step. Rejects and retries inside; throws NumericalError when no step size is left, and the state is
  /// then the last good one. Where the cycler ends the run, the clock ends.
  void advance(Clock& clock);

  /// Amplitudes of the present state, until the next call of anything here or of the equation.
  const Spectrum<Real>& state() { return scheme_->state(); }
  /// Mean of x, by the books.
  double mean() const { return scheme_->extent().mean(); }
  const Extent& extent() const { return scheme_->extent(); }
  const StateReport& report() const { return report_; }
  /// Null without an electrode.
  const Cycler* cycler() const { return cycler_ ? &*cycler_ : nullptr; }
  const SinkState& sink() const { return sink_; }
  /// Velocity of the last step, and what the potential against the pure host consists of now, as energies per mole.
  double velocity() const { return velocity_; }
  struct Potential {
    double open = 0, overpotential = 0, ohmic_drop = 0;
    double total() const { return open + overpotential + ohmic_drop; }
  };
  Potential potential() { return potential_of(scheme_->state(), velocity_); }
  const StepCounts& counts() const { return counts_; }
  Work work() const;
  /// Wall time of parts of the steps [s]; transforms without those of elasticity.
  struct Seconds {
    double transforms = 0, elasticity = 0;
    template <class A>
    void serialize(A& archive) {
      archive("transforms", transforms);
      archive("elasticity", elasticity);
    }
  };
  Seconds seconds() const;
  SchemeKind scheme() const { return kind_; }
  const std::vector<SchemeSwitch>& switches() const { return switches_; }
  /// The steps that were rejected since the last call.
  std::vector<RejectedStep> take_rejections() { return std::exchange(rejections_, {}); }

  /// All that the next steps depend on, the state of the equation with it.
  void serialize(Archive& archive);

 private:
  void make(SchemeKind kind);
  double band() const;
  double cost() const;
  void take_up(History<Real> history);
  void begin(History<Real> history, const typename CahnHilliard<Real>::Speed& speed);
  void set_temperature(double T);
  void meet_jump(const Clock& clock);
  void start_afresh();
  Potential potential_of(const Spectrum<Real>& x_hat, double velocity);
  /// state() is asked where the potential is wanted.
  template <class State>
  Signals signals_of(const SinkState& sink, State state, double velocity);
  void close_steps(Clock& clock);
  void set_current(Clock& clock, double wanted);
  double gain(const SinkState& after, double dt) const;
  std::optional<Rejection> meet_limits(const Attempt& attempt, double dt, double& longest);
  void book(const Attempt& attempt, double dt);
  double longest_step(const Clock& clock) const;
  bool keeps_amount(const StateReport& state, double mean) const;
  std::optional<Rejection> judge(const Attempt& attempt) const;
  void reject(Rejection reason, const Clock& clock, double dt, double error);
  void mend(int broken);
  void follow(const Attempt& attempt, double dt);
  bool within_semi_implicit() const;
  void switch_to(SchemeKind kind, const Clock& clock, SwitchReason why);
  void compare_schemes(const Clock& clock, double dt);

  /// Attempts that may come to no numbers one after the other.
  static constexpr int most_broken = 20;

  CahnHilliard<Real>* equation_;
  StepSettings settings_;
  Planning planning_;
  std::optional<Surroundings> surroundings_;
  std::optional<Cycler> cycler_;
  SinkState sink_;
  double velocity_ = 0;    // of the last step
  double last_limit_ = 0;  // the same, or that of a step of the protocol which begins
  double gain_ = 0;        // of host_available() per time, in the last step
  /// Velocity that the host arriving at the sink sustains, as an attempt that took too much found it.
  double supply_ = std::numeric_limits<double>::infinity();
  double temperature_ = 0, present_temperature_ = 0;  // K, of the equation and of the present state
  SchemeKind kind_;
  double made_for_ = 0;  // thickness of the box that the scheme was made in
  std::unique_ptr<Scheme<Real>> scheme_;
  StepCounts counts_;
  StateReport report_;
  std::vector<SchemeSwitch> switches_;
  std::vector<RejectedStep> rejections_;
  Work earlier_work_;                  // of schemes that are gone
  Seconds earlier_seconds_;            // likewise, and of parts of a run that was resumed
  std::int64_t steps_from_start_ = 0;  // or from the last jump of the temperature
  double dt_ = 0;                      // the step to try next
  double error_before_ = 0;            // of the last accepted step; 0 after a rejection
  // Where a step was rejected for what it did to the state, not for its error, the scheme is at the limit of its
  // stability; steps stay below it, and feel their way up again slowly.
  double ceiling_ = std::numeric_limits<double>::infinity();

  static constexpr std::int64_t least_patience = 100;
  // What the choice between schemes rests on; costs are per unit of time advanced.
  struct Comparison {
    bool on_trial = false;
    std::int64_t steps = 0;                   // since the last switch
    std::int64_t patience = least_patience;   // steps before the other scheme is tried
    double cost_before = 0, step_before = 0;  // of the other scheme when it was left
    double total_work = 0;                    // at the last look
    double work = 0, time = 0, cost = 0;      // of the latest steps of the present scheme; 0: none taken

    template <class A>
    void serialize(A& archive) {
      archive("on_trial", on_trial, 2);
      archive("steps", steps);
      archive("patience", patience);
      archive("cost_before", cost_before);
      archive("step_before", step_before);
      archive("total_work", total_work);
      archive("work", work);
      archive("time", time);
      archive("cost", cost);
    }
  } comparison_;
};

extern template class Stepper<float>;
extern template class Stepper<double>;

}  // namespace spinode
