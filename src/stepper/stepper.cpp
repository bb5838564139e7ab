#include "spinode/stepper/stepper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "spinode/archive.hpp"
#include "spinode/error.hpp"
#include "spinode/parallel.hpp"
#include "spinode/stepper/implicit.hpp"
#include "spinode/stepper/semi_implicit.hpp"

namespace spinode {

template <class Real>
Stepper<Real>::Stepper(CahnHilliard<Real>& equation, const StepSettings& settings, Planning planning,
                       std::optional<Surroundings> surroundings, std::optional<Cycler> cycler)
    : equation_(&equation),
      settings_(settings),
      planning_(planning),
      surroundings_(std::move(surroundings)),
      cycler_(std::move(cycler)),
      kind_(settings.scheme.value_or(SchemeKind::semi_implicit)) {
  if (surroundings_) set_temperature(present_temperature_ = surroundings_->temperature.at(0));
  make(kind_);
}

template <class Real>
void Stepper<Real>::make(SchemeKind kind) {
  scheme_.reset();  // its memory goes before the other's comes
  if (kind == SchemeKind::semi_implicit)
    scheme_ = std::make_unique<SemiImplicit<Real>>(*equation_, settings_.order);
  else
    scheme_ = std::make_unique<Implicit<Real>>(*equation_, settings_.order, settings_.tolerance,
                                               kind == SchemeKind::convex_splitting, planning_);
  kind_ = kind;
  made_for_ = equation_->grid().thickness();
}

template <class Real>
Work Stepper<Real>::work() const {
  Work work = scheme_->work();
  work += earlier_work_;
  if (const Mechanics* const mechanics = std::as_const(*equation_).mechanics()) {
    work.transforms += static_cast<std::int64_t>(mechanics->transforms());
    work.elastic += mechanics->iterations();
  }
  return work;
}

template <class Real>
typename Stepper<Real>::Seconds Stepper<Real>::seconds() const {
  const Mechanics* const mechanics = std::as_const(*equation_).mechanics();
  return {earlier_seconds_.transforms + equation_->transform().seconds() + scheme_->transform_seconds(),
          earlier_seconds_.elasticity + (mechanics ? mechanics->seconds() : 0)};
}

/// Of the present scheme and all that its steps need, in transforms.
template <class Real>
double Stepper<Real>::cost() const {
  const Mechanics* const mechanics = std::as_const(*equation_).mechanics();
  return scheme_->work().cost() + (mechanics ? static_cast<double>(mechanics->transforms()) : 0);
}

/// How far x may lie outside [0,1].
template <class Real>
double Stepper<Real>::band() const {
  const bool logarithmic = equation_->parameters().G.ideal() > 0;
  if (!logarithmic) return std::numeric_limits<double>::infinity();
  return settings_.scheme == SchemeKind::semi_implicit ? settings_.band : 0;
}

template <class Real>
void Stepper<Real>::start(Spectrum<Real> x_hat) {
  History<Real> history;
  history.dt = {0};
  const double thickness = equation_->grid().thickness();
  history.extent = {{thickness, static_cast<double>(x_hat[0]) * thickness}};
  if (Mechanics* const mechanics = equation_->mechanics()) mechanics->start(equation_->field(x_hat));
  if (MetalFlow<Real>* const flow = equation_->flow()) {
    flow->drive(velocity_ = last_limit_ = cycler_->velocity());
    sink_ = flow->state(equation_->field(x_hat));
  }
  const auto speed = equation_->speed(x_hat);
  const CellReport& cells = speed.cells;
  const double outside = std::max(-cells.x_min, cells.x_max - 1);
  if (!cells.finite || !std::isfinite(speed.rate)) throw NumericalError("the initial state is not finite");
  if (outside > band())
    throw NumericalError(
        settings_.scheme == SchemeKind::semi_implicit
            ? fmt::format("the initial state lies outside 0 to 1 by {:.3g}, more than time.band = {:.3g}", outside,
                          band())
            : fmt::format("the initial state lies outside 0 to 1 by {:.3g}: only time.scheme = \"semi_implicit\" takes "
                          "that, within time.band",
                          outside));
  report_.cells = cells;
  if (!settings_.scheme && !within_semi_implicit()) make(SchemeKind::implicit);
  history.x_hat.push_back(std::move(x_hat));
  begin(std::move(history), speed);
}

/// Hands states to the scheme, which has to find in them what they are.
template <class Real>
void Stepper<Real>::take_up(History<Real> history) {
  const double mean = history.extent[0].mean();
  for (int i = 0; i < most_broken; ++i) {
    if (i > 0) history = scheme_->history();
    report_ = scheme_->start(std::move(history));
    if (report_.cells.finite && std::isfinite(report_.energy()) && keeps_amount(report_, mean)) return;
  }
  throw NumericalError(fmt::format("the state is broken: read {} times, it never came to numbers", most_broken));
}

/// Starts the scheme with a step of its own choice.
template <class Real>
void Stepper<Real>::begin(History<Real> history, const typename CahnHilliard<Real>::Speed& speed) {
  take_up(std::move(history));
  // Small enough that the change over a step is within the tolerance; the controller then lets it grow.
  const Mechanics* const mechanics = std::as_const(*equation_).mechanics();
  const double rate = std::max(speed.rate, mechanics ? mechanics->rate() : 0);
  double first = rate > 0 ? settings_.tolerance * std::max(speed.fluctuation, least_rms) / rate : settings_.max_step;
  if (!std::isfinite(rate)) first = dt_;  // it was too large for what came before
  dt_ = settings_.fixed_step.value_or(settings_.initial_step.value_or(first));
  steps_from_start_ = 0;
  error_before_ = 0;
  ceiling_ = std::numeric_limits<double>::infinity();
}

template <class Real>
void Stepper<Real>::set_temperature(double T) {
  if (T == temperature_) return;
  temperature_ = T;
  if (scheme_) scheme_->settle();
  equation_->set(surroundings_->law(T));
}

/// Where the temperature jumps, what led to the state says nothing about what follows.
template <class Real>
void Stepper<Real>::meet_jump(const Clock& clock) {
  const double T = surroundings_->temperature.after(clock.time);
  if (T == present_temperature_) return;
  set_temperature(present_temperature_ = T);
  if (Mechanics* const mechanics = equation_->mechanics()) mechanics->settle();
  start_afresh();
}

/// From the present state alone.
template <class Real>
void Stepper<Real>::start_afresh() {
  if (surroundings_) set_temperature(present_temperature_);
  History<Real> history;
  history.x_hat.emplace_back(equation_->grid());
  history.x_hat[0].array() = scheme_->state().array();
  history.dt = {0};
  history.extent = {scheme_->extent()};
  if (equation_->flow()) equation_->set_thickness(history.extent[0].thickness);
  const auto speed = equation_->speed(history.x_hat[0]);
  begin(std::move(history), speed);
}

template <class Real>
typename Stepper<Real>::Potential Stepper<Real>::potential_of(const Spectrum<Real>& x_hat, double velocity) {
  const Kinetics& kinetics = cycler_->kinetics();
  return {-equation_->host_potential(x_hat), kinetics.overpotential(velocity, equation_->parameters().RT),
          kinetics.ohmic_drop(velocity)};
}

template <class Real>
template <class State>
Signals Stepper<Real>::signals_of(const SinkState& sink, State state, double velocity) {
  return {sink.host, equation_->flow()->host_available(sink),
          cycler_->needs_potential() ? potential_of(state(), velocity).total() : 0};
}

/// Goes on to the step of the protocol that the present state is in; the clock ends with the protocol.
template <class Real>
void Stepper<Real>::close_steps(Clock& clock) {
  MetalFlow<Real>& flow = *equation_->flow();
  const double before = cycler_->velocity();
  bool closed = false;
  const auto present = [&]() -> const Spectrum<Real>& { return scheme_->state(); };
  while (const auto end = cycler_->over(signals_of(sink_, present, cycler_->velocity()))) {
    cycler_->finish_step(*end, clock.time, extent().thickness, potential_of(scheme_->state(), velocity_).total());
    flow.drive(cycler_->velocity());
    closed = true;
  }
  if (cycler_->finished()) clock.end = clock.time;
  if (!closed || cycler_->finished()) return;
  last_limit_ = cycler_->velocity();
  gain_ = 0;
  // Where the current jumps, what led to the state says nothing about what follows.
  if (cycler_->velocity() != before) start_afresh();
}

/// The current of the next step, wanted to be this long, and when the present step of the protocol ends at it.
template <class Real>
void Stepper<Real>::set_current(Clock& clock, double wanted) {
  MetalFlow<Real>& flow = *equation_->flow();
  const Depletion& depletion = cycler_->depletion();
  double v = cycler_->velocity();
  if (v > 0 && !depletion.stop) {
    // The host in the layer goes to the least that it must be as a damped oscillator would, in four steps; after an
    // attempt that took too much, half-way there by what that one found to arrive.
    constexpr double steps = 4, way = 0.5;
    const double spare = flow.host_available(sink_) - depletion.least, content = flow.layer_content(extent().thickness);
    v = std::min({v, last_limit_ + content * (2 * gain_ / steps + spare / (steps * steps * wanted)),
                  supply_ + way * content * spare / wanted});
    // A current that is next to nothing is none.
    constexpr double nothing = 1e-6;
    if (v < nothing * cycler_->velocity()) v = 0;
  }
  flow.cut(v);
  clock.corner = clock.time + cycler_->time_left(v);
}

/// What the sink layer gains per time during a step.
template <class Real>
double Stepper<Real>::gain(const SinkState& after, double dt) const {
  const MetalFlow<Real>& flow = *std::as_const(*equation_).flow();
  return (flow.host_available(after) - flow.host_available(sink_)) / dt;
}

/// Whether an attempt took more host than there is, or ran past an end of the protocol: then `longest` is what the
/// next one may take.
template <class Real>
std::optional<Rejection> Stepper<Real>::meet_limits(const Attempt& attempt, double dt, double& longest) {
  const MetalFlow<Real>& flow = *equation_->flow();
  const Depletion& depletion = cycler_->depletion();
  const double v = flow.velocity();
  if (!depletion.stop && v > 0 && flow.host_available(attempt.sink) < 0.5 * depletion.least) {
    // What was stripped, and what the layer has more of.
    const double arrived = v + flow.layer_content(extent().thickness) * gain(attempt.sink, dt);
    supply_ = std::min(arrived, supply_ - 0.1 * v);
    return Rejection::current;
  }
  const auto passed =
      cycler_->passed(signals_of(
                          sink_, [&]() -> const Spectrum<Real>& { return scheme_->state(); }, v),
                      signals_of(
                          attempt.sink, [&]() -> const Spectrum<Real>& { return scheme_->candidate(); }, v));
  if (!passed) return {};
  longest = dt * std::clamp(*passed, 0.1, 0.95);
  return Rejection::past_end;
}

/// Takes an accepted step into the ledger.
template <class Real>
void Stepper<Real>::book(const Attempt& attempt, double dt) {
  velocity_ = last_limit_ = equation_->flow()->velocity();
  gain_ = gain(attempt.sink, dt);
  supply_ = std::numeric_limits<double>::infinity();
  sink_ = attempt.sink;
  cycler_->advance(dt, velocity_);
}

/// Step over which the temperature changes by a small share of itself.
template <class Real>
double Stepper<Real>::longest_step(const Clock& clock) const {
  constexpr double largest_share = 0.005;
  const double slope = surroundings_ ? surroundings_->temperature.slope_after(clock.time) : 0;
  if (slope == 0 || settings_.fixed_step) return settings_.max_step;
  return std::min(settings_.max_step, largest_share * present_temperature_ / std::abs(slope));
}

/// Whether the mean of x is this one.
template <class Real>
bool Stepper<Real>::keeps_amount(const StateReport& state, double mean) const {
  const double round_off = std::is_same_v<Real, float> ? 1e-5 : 1e-11;
  return std::abs(state.cells.x_mean - mean) <= round_off;
}

template <class Real>
std::optional<Rejection> Stepper<Real>::judge(const Attempt& attempt) const {
  if (attempt.failure) return attempt.failure;
  if (std::isnan(attempt.error)) return Rejection::not_finite;
  if (!settings_.fixed_step && attempt.error_known && !(attempt.error <= 2 * settings_.tolerance))
    return Rejection::error;
  const CellReport& cells = attempt.state.cells;
  if (!cells.finite || !std::isfinite(attempt.state.energy())) return Rejection::not_finite;
  if (!keeps_amount(attempt.state, attempt.mean)) return Rejection::amount;
  if (std::max(-cells.x_min, cells.x_max - 1) > band()) return Rejection::outside_band;
  if (!settings_.scheme && cells.extended > 0) return Rejection::outside_band;
  if (const auto* const flow = std::as_const(*equation_).flow(); flow && !flow->at_rest()) return {};
  // In a closed system the energy falls. What round-off adds to its parts is no rise.
  const double round_off = std::is_same_v<Real, float> ? 1e-6 : 1e-11;
  const double scale = std::abs(report_.cells.chemical) + report_.gradient + report_.elastic + std::abs(report_.load);
  if (attempt.state.energy() > report_.energy() + round_off * scale + attempt.state.tolerated) return Rejection::energy;
  return {};
}

template <class Real>
void Stepper<Real>::reject(Rejection reason, const Clock& clock, double dt, double error) {
  ++counts_.rejected[static_cast<std::size_t>(reason)];
  rejections_.push_back({clock.step, clock.time, dt, reason, error});
  switch (reason) {
    case Rejection::error:
      dt_ = next_step(dt, error, 0, settings_.tolerance, settings_.order, 1);
      error_before_ = 0;
      break;
    case Rejection::not_finite:
      dt_ = 0.1 * dt;
      break;
    case Rejection::not_converged:
    case Rejection::outside_band:
    case Rejection::energy:
    case Rejection::amount:
      dt_ = 0.5 * dt;
      ceiling_ = 0.8 * dt;
      break;
    case Rejection::past_end:
    case Rejection::current:
      break;
  }
  if (equation_->flow()) equation_->set_thickness(extent().thickness);
  if (dt_ < settings_.min_step)
    throw NumericalError(
        fmt::format("no time step is small enough; the last one tried was rejected: {}", name(reason)));
}

/// Keeps count of an accepted step and chooses the size of the next.
template <class Real>
void Stepper<Real>::follow(const Attempt& attempt, double dt) {
  ++counts_.accepted;
  ++steps_from_start_;
  ++counts_.accepted_by[static_cast<std::size_t>(kind_)];
  counts_.smallest_step = std::min(counts_.smallest_step, dt);
  counts_.largest_step = std::max(counts_.largest_step, dt);
  const CellReport& cells = attempt.state.cells;
  counts_.largest_excursion = std::max({counts_.largest_excursion, -cells.x_min, cells.x_max - 1});
  counts_.largest_extension = std::max(counts_.largest_extension, cells.extended);
  if (settings_.fixed_step) {
    dt_ = *settings_.fixed_step;
  } else if (attempt.error_known) {
    // The first steps of a run are far too small, and soon left behind.
    constexpr std::int64_t first_steps = 30;
    const double most = steps_from_start_ < first_steps ? fastest_growth : scheme_->growth();
    // A step cut short to land on a stop does not hold the next one back.
    dt_ = std::max(next_step(dt, attempt.error, error_before_, settings_.tolerance, settings_.order, most),
                   dt < dt_ ? std::min(dt_, most * dt) : 0.0);
    dt_ = std::min(dt_, ceiling_);
    error_before_ = attempt.error;
  }
  ceiling_ *= scheme_->recovery();
}

/// After so many attempts at one step that came to no numbers: where a smaller step does not help, what is kept beside
/// the state may be broken, and is made anew; that may break as well.
template <class Real>
void Stepper<Real>::mend(int broken) {
  if (broken == most_broken)
    throw NumericalError(fmt::format("the state is broken: {} attempts at a step came to no numbers", broken));
  if (broken % 2 != 0) return;
  if (Mechanics* const mechanics = equation_->mechanics()) mechanics->settle_again();
  start_afresh();
}

template <class Real>
void Stepper<Real>::advance(Clock& clock) {
  const double largest_error = settings_.fixed_step ? std::numeric_limits<double>::infinity() : 2 * settings_.tolerance;
  if (cycler_ && clock.step == 0) close_steps(clock);
  if (clock.finished()) return;
  if (surroundings_) meet_jump(clock);
  double longest = longest_step(clock);
  int broken = 0;  // attempts that came to no numbers
  while (true) {
    if (cycler_) set_current(clock, std::min(dt_, longest));
    if (surroundings_)
      clock.corner = std::min(cycler_ ? clock.corner : std::numeric_limits<double>::infinity(),
                              surroundings_->temperature.next_corner(clock.time));
    const double dt = clock.step_towards_stop(std::min(dt_, longest));
    if (surroundings_) {
      set_temperature(surroundings_->temperature.at(clock.time_after(dt)));
      // The energy falls over a step by the law of its end.
      if (temperature_ != present_temperature_) report_ = scheme_->restate();
    }
    const Attempt attempt = scheme_->attempt(dt, largest_error);
    if (const auto reason = judge(attempt)) {
      reject(*reason, clock, dt, attempt.error);
      if (!settings_.scheme && kind_ == SchemeKind::semi_implicit && *reason == Rejection::outside_band)
        switch_to(SchemeKind::implicit, clock, SwitchReason::outside);
      if (*reason == Rejection::not_finite) mend(++broken);
      continue;
    }
    if (cycler_) {
      if (const auto reason = meet_limits(attempt, dt, longest)) {
        reject(*reason, clock, dt, attempt.error);
        continue;
      }
    }
    scheme_->accept(dt);
    present_temperature_ = temperature_;
    report_ = attempt.state;
    clock.advance(dt);
    follow(attempt, dt);
    if (cycler_) book(attempt, dt);
    if (!settings_.scheme) compare_schemes(clock, dt);
    if (cycler_) close_steps(clock);
    return;
  }
}

/// Whether the present state is one that the semi-implicit scheme takes as it is.
template <class Real>
bool Stepper<Real>::within_semi_implicit() const {
  const CahnHilliardParameters& parameters = equation_->parameters();
  if (parameters.G.ideal() == 0) return true;
  const double cutoff = std::holds_alternative<ConstantMobility>(parameters.mobility) ? parameters.log_cutoff : 0;
  return report_.cells.x_min > cutoff && report_.cells.x_max < 1 - cutoff;
}

template <class Real>
void Stepper<Real>::switch_to(SchemeKind kind, const Clock& clock, SwitchReason why) {
  if (surroundings_) set_temperature(present_temperature_);
  History<Real> history = scheme_->history();
  earlier_work_ += scheme_->work();
  earlier_seconds_.transforms += scheme_->transform_seconds();
  // Whatever ends a trial, the scheme on trial lost it: the next comes later, and the step goes on as before.
  const bool lost = comparison_.on_trial;
  const double step = dt_;
  if (lost)
    dt_ = comparison_.steps > 0 ? std::min(comparison_.step_before, fastest_growth * clock.last_step)
                                : comparison_.step_before;
  else if (kind == SchemeKind::semi_implicit && comparison_.step_before > 0)
    dt_ = std::min(dt_, comparison_.step_before);
  comparison_ = {.on_trial = why == SwitchReason::trial,
                 .patience = std::min<std::int64_t>(comparison_.patience * (lost ? 2 : 1), 100000),
                 .cost_before = comparison_.cost,
                 .step_before = step};
  make(kind);
  take_up(std::move(history));
  comparison_.total_work = this->cost();
  ceiling_ = std::numeric_limits<double>::infinity();
  switches_.push_back({clock.step, clock.time, kind, why});
}

/// Costs of the schemes per unit of time: the other one is tried now and then, at intervals that double when it loses.
template <class Real>
void Stepper<Real>::compare_schemes(const Clock& clock, double dt) {
  Comparison& c = comparison_;
  const double total = this->cost(), cost = (total - c.total_work) / dt;
  // The last step, or the last hundred where they did better: one step may be small after a rejection, and the first
  // ones of a run all are.
  constexpr double memory = 0.99;
  c.work = memory * c.work + (total - c.total_work);
  c.time = memory * c.time + dt;
  c.total_work = total;
  c.cost = std::min(cost, c.work / c.time);
  ++c.steps;
  const bool cheap = kind_ == SchemeKind::semi_implicit;
  const SchemeKind other = cheap ? SchemeKind::implicit : SchemeKind::semi_implicit;
  if (c.on_trial) {
    constexpr std::int64_t longest = 30;
    if (cost < c.cost_before) {
      c.on_trial = false;
      c.patience = least_patience;
    } else if (c.steps >= longest || dt_ < 1.2 * dt) {
      // Its steps grow no further, and it is still the dearer one.
      switch_to(other, clock, SwitchReason::cheaper);
    }
    return;
  }
  if (c.steps < c.patience || settings_.fixed_step) return;
  if (cheap || (c.cost > c.cost_before && within_semi_implicit())) switch_to(other, clock, SwitchReason::trial);
}

template <class Real>
void Stepper<Real>::serialize(Archive& archive) {
  double temperature = present_temperature_;
  SchemeKind kind = kind_;
  archive("temperature", temperature);
  archive("scheme_kind", kind, scheme_names.size());
  archive("made_for", made_for_);
  if (archive.reads()) {
    if (surroundings_) set_temperature(present_temperature_ = temperature);
    equation_->set_thickness(made_for_);
    make(kind);
  }
  archive("equation", *equation_);
  archive("scheme", *scheme_);
  if (cycler_) archive("cycler", *cycler_);
  archive("sink", sink_);
  archive("velocity", velocity_);
  archive("last_limit", last_limit_);
  archive("gain", gain_);
  archive("supply", supply_);
  archive("counts", counts_);
  archive("report", report_);
  archive("switches", switches_);
  archive("earlier_work", earlier_work_);
  Seconds so_far = seconds();
  archive("seconds", so_far);
  if (archive.reads()) earlier_seconds_ = so_far;
  archive("steps_from_start", steps_from_start_);
  archive("dt", dt_);
  archive("error_before", error_before_);
  archive("ceiling", ceiling_);
  archive("comparison", comparison_);
}

template class Stepper<float>;
template class Stepper<double>;

}  // namespace spinode
