#include "spinode/electrode/cycler.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "spinode/archive.hpp"

namespace spinode {
namespace {

/// Durations and charges are met to round-off.
constexpr double round_off = 1e-9;

}  // namespace

double Kinetics::overpotential(double velocity, double RT) const {
  return exchange_velocity ? 2 * RT * std::asinh(velocity / (2 * *exchange_velocity)) : 0;
}

Cycler::Cycler(Protocol protocol, Depletion depletion, Kinetics kinetics, double potential_tolerance)
    : protocol_(std::move(protocol)),
      depletion_(depletion),
      kinetics_(kinetics),
      potential_tolerance_(potential_tolerance) {}

double Cycler::time_left(double velocity) const {
  double left = std::numeric_limits<double>::infinity();
  if (finished()) return left;
  if (step().duration) left = *step().duration - time_in_step_;
  if (step().charge && velocity != 0) left = std::min(left, (*step().charge - charge_in_step_) / std::abs(velocity));
  return left;
}

void Cycler::advance(double dt, double velocity) {
  time_in_step_ += dt;
  charge_in_step_ += std::abs(velocity) * dt;
  ledger_.requested += this->velocity() * dt;
  ledger_.delivered += velocity * dt;
  ledger_.throughput += std::abs(velocity) * dt;
}

std::vector<Cycler::Limit> Cycler::limits(const Signals& before, const Signals& after) const {
  std::vector<Limit> all;
  if (finished()) return all;
  const ProtocolStep& now = step();
  const double rising = now.mode == StepMode::plate ? -1 : 1;
  if (now.potential)
    all.push_back({StepEnd::potential, rising * (before.potential - *now.potential),
                   rising * (after.potential - *now.potential), potential_tolerance_});
  if (now.host_fraction)
    all.push_back({StepEnd::host_fraction, rising * (*now.host_fraction - before.host),
                   rising * (*now.host_fraction - after.host), 1e-4});
  if (now.mode == StepMode::strip && depletion_.stop)
    all.push_back({StepEnd::depleted, depletion_.least - before.available, depletion_.least - after.available,
                   0.1 * depletion_.least});
  return all;
}

std::optional<StepEnd> Cycler::over(const Signals& now) const {
  if (finished()) return {};
  if (step().duration && time_in_step_ >= *step().duration * (1 - round_off)) return StepEnd::duration;
  if (step().charge && charge_in_step_ >= *step().charge * (1 - round_off)) return StepEnd::capacity;
  for (const Limit& limit : limits(now, now))
    if (limit.after >= 0) return limit.end;
  return {};
}

std::optional<double> Cycler::passed(const Signals& before, const Signals& after) const {
  std::optional<double> share;
  for (const Limit& limit : limits(before, after))
    if (limit.after > limit.tolerance && limit.before < 0)
      share = std::min(share.value_or(1), -limit.before / (limit.after - limit.before));
  return share;
}

void Cycler::serialize(Archive& archive) {
  archive("number", number_, protocol_.count() + 1);
  archive("time_in_step", time_in_step_);
  archive("charge_in_step", charge_in_step_);
  archive("ledger", ledger_);
  archive("history", history_);
}

void Cycler::finish_step(StepEnd end, double time, double thickness, double potential) {
  history_.push_back({number_, step().mode, end, time, ledger_.requested, ledger_.delivered, thickness, potential});
  number_ = end == StepEnd::depleted ? protocol_.count() : number_ + 1;
  time_in_step_ = charge_in_step_ = 0;
}

}  // namespace spinode
