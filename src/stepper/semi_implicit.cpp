#include "spinode/stepper/semi_implicit.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "../mode_kernels.hpp"
#include "spinode/archive.hpp"
#include "spinode/parallel.hpp"

namespace spinode {
namespace {

template <class Real>
double mean_of(const Spectrum<Real>& hat) {
  return hat.size() > 0 ? hat[0] : 0;
}

}  // namespace

template <class Real>
SemiImplicit<Real>::SemiImplicit(CahnHilliard<Real>& equation, int order)
    : equation_(&equation),
      order_(order),
      lanes_(equation.grid().lanes()),
      row_reals_(equation.grid().modes(0) * lanes_) {}

/// Not before there is a state to hold: what it is made from has gone by then.
template <class Real>
void SemiImplicit<Real>::make_room() {
  const Grid& grid = equation_->grid();
  const auto make = [&](auto& hat) {
    if (hat.size() == 0) hat = std::remove_reference_t<decltype(hat)>(grid);
  };
  make(older_);
  for (int l = 0; l < order_; ++l) {
    make(levels_[l].x_hat);
    make(levels_[l].g_hat);
    if (equation_->flow()) make(levels_[l].b_hat);
  }
  if (equation_->flow()) make(candidate_b_);
}

template <class Real>
UpdateFactors<Real> SemiImplicit<Real>::Step::factors() const {
  const auto as_real = [](double value) { return static_cast<Real>(value); };
  const Multistep& f = formula;
  return {.alpha = as_real(f.alpha),
          .dt = as_real(dt),
          .h0 = as_real(f.history[0] * moving.share[0]),
          .h1 = as_real(f.history[1] * moving.share[1]),
          .e0 = as_real(dt * f.extrapolation[0] * moving.share[0]),
          .e1 = as_real(dt * f.extrapolation[1] * moving.share[1]),
          .v0 = as_real(moving.flow[0]),
          .v1 = as_real(moving.flow[1]),
          .diffusion = as_real(implicit.diffusion),
          .mobility = as_real(implicit.mobility)};
}

template <class Real>
CellReport SemiImplicit<Real>::evaluate(const Field<double>* nu, Spectrum<Real>* b_hat, SinkState* sink) {
  const MetalFlow<Real>* const flow = std::as_const(*equation_).flow();
  return equation_->evaluate(nu, flow && !flow->at_rest() ? b_hat : nullptr, flow ? sink : nullptr);
}

template <class Real>
StateReport SemiImplicit<Real>::start(History<Real> history) {
  const Mechanics* const mechanics = equation_->mechanics();
  Transform<Real>& transform = equation_->transform();
  const std::size_t before = transform.count(), given = history.x_hat.size();
  for (std::size_t l = 0; l < std::min<std::size_t>(order_, given); ++l) levels_[l].x_hat = std::move(history.x_hat[l]);
  make_room();
  known_levels_ = static_cast<int>(std::min<std::size_t>(order_ + 1, given));
  pending_ = false;
  older_dt_ = 0;
  if (known_levels_ <= order_) older_.array().setZero();
  if (known_levels_ > order_) {
    const Real *newer = levels_[order_ - 1].x_hat.data(), *older = history.x_hat[order_].data();
    for_cells(older_.size(), [=, difference = older_.data()](std::size_t i) { difference[i] = newer[i] - older[i]; });
    older_dt_ = history.dt[order_];
    older_extent_ = history.extent[order_];
  }
  for (int l = order_; l-- > 0;) {
    Level& level = levels_[l];
    if (l >= known_levels_) {
      // Its factors are 0, which takes away numbers only.
      for (Spectrum<Real>* part : {&level.x_hat, &level.g_hat, &level.b_hat}) part->array().setZero();
      continue;
    }
    level.dt = history.dt[l];
    level.extent = history.extent[l];
    if (equation_->flow()) equation_->set_thickness(level.extent.thickness);
    equation_->present(level.x_hat);
    SinkState sink;
    cells_ = evaluate(mechanics ? &mechanics->potential(l) : nullptr, &level.b_hat, &sink);
    transform.template half_to_modes<NoSum>(equation_->half(), [&](const ModeRun& run, const Real* g, NoSum&) {
      std::copy_n(g, run.count * lanes_, level.g_hat.data() + first_of(run));
    });
  }
  transforms_ += static_cast<std::int64_t>(transform.count() - before);
  return report(cells_);
}

template <class Real>
StateReport SemiImplicit<Real>::restate() {
  settle();
  const std::size_t before = equation_->transform().count();
  const CellReport cells = equation_->survey(levels_[0].x_hat);
  transforms_ += static_cast<std::int64_t>(equation_->transform().count() - before);
  return report(cells);
}

/// On the present state.
template <class Real>
StateReport SemiImplicit<Real>::report(const CellReport& cells) {
  const auto energies = equation_->linear().energies(state());
  const Mechanics* const mechanics = std::as_const(*equation_).mechanics();
  return StateReport::of(*equation_, cells, energies.gradient, energies.elastic,
                         mechanics ? &mechanics->balance() : nullptr);
}

template <class Real>
History<Real> SemiImplicit<Real>::history() {
  settle();
  History<Real> history;
  for (int l = 0; l < known_levels_; ++l) {
    Spectrum<Real>& x_hat = history.x_hat.emplace_back(equation_->grid());
    x_hat.array() = levels_[std::min(l, order_ - 1)].x_hat.array();
    if (l == order_)
      for_cells(x_hat.size(), [x = x_hat.data(), difference = older_.data()](std::size_t i) { x[i] -= difference[i]; });
    history.dt.push_back(l < order_ ? levels_[l].dt : older_dt_);
    history.extent.push_back(l < order_ ? levels_[l].extent : older_extent_);
  }
  return history;
}

template <class Real>
StepRun<Real> SemiImplicit<Real>::run_of(std::size_t first) {
  const auto at = [&](Spectrum<Real>& hat) { return hat.size() > 0 ? hat.data() + first : nullptr; };
  const auto level = [&](Level& of) { return LevelRun<Real>{at(of.x_hat), at(of.g_hat), at(of.b_hat)}; };
  return {level(levels_[0]), level(levels_[1]), older_.data() + first, at(candidate_b_)};
}

/// The mean is kept by book, not computed: of the zeroth mode alone, what the kernels do of the rest.
template <class Real>
void SemiImplicit<Real>::take_in_mean(const Real* g) {
  Level &latest = levels_[0], &now = levels_[order_ - 1];
  for (std::size_t lane = 0; lane < lanes_; ++lane) {
    const Real going = latest.x_hat[lane];
    latest.x_hat[lane] = accepted_.mean(now.x_hat[lane], lane);
    latest.g_hat[lane] = g[lane];
    if (candidate_b_.size() > 0) latest.b_hat[lane] = candidate_b_[lane];
    older_[lane] = levels_[order_ - 1].x_hat[lane] - going;
  }
}

template <class Real>
void SemiImplicit<Real>::propose_mean(Real* next, ModeSums& sums) const {
  for (std::size_t lane = 0; lane < lanes_; ++lane) {
    next[lane] = step_.mean(levels_[0].x_hat[lane], lane);
    const double distance = next[lane] - prediction_[0] * levels_[0].x_hat[lane] -
                            (order_ == 2 ? prediction_[1] * levels_[1].x_hat[lane] : 0) + prediction_[2] * older_[lane];
    sums.error2 += distance * distance;
  }
}

template <class Real>
void SemiImplicit<Real>::settle() {
  if (!pending_) return;
  equation_->transform().template half_to_modes<NoSum>(
      equation_->half(), [&](const ModeRun& run, const Real* g, NoSum&) {
        const std::size_t mean = first_of(run) == 0 ? lanes_ : 0;
        if (mean > 0) take_in_mean(g);
        take_in(equation_->symbols(run).from(mean), accepted_.factors(), run_of(first_of(run) + mean), g + mean);
      });
  pending_ = false;
}

template <class Real>
const Spectrum<Real>& SemiImplicit<Real>::state() {
  settle();
  return levels_[0].x_hat;
}

/// Leaves the candidate of step_ half-way with the equation.
template <class Real>
ModeSums SemiImplicit<Real>::propose() {
  Transform<Real>& transform = equation_->transform();
  const std::array<double, 3>& p = step_.formula.prediction;
  if (order_ == 2)
    prediction_ = {static_cast<Real>(p[0]), static_cast<Real>(p[1] + p[2]), static_cast<Real>(p[2])};
  else
    prediction_ = {static_cast<Real>(p[0] + p[1]), 0, static_cast<Real>(p[1])};
  const UpdateFactors<Real> accepted = accepted_.factors(), factors = step_.factors();
  const auto run_body = [&](const ModeRun& run, Real* values, ModeSums& sums) {
    const std::size_t first = first_of(run), mean = first == 0 ? lanes_ : 0;
    const Symbols<Real> symbols = equation_->symbols(run);
    if (mean > 0) {
      if (pending_) take_in_mean(values);
      propose_mean(values, sums);
    }
    if (pending_)
      take_in_and_propose(symbols.from(mean), accepted, factors, prediction_, run_of(first + mean), values + mean,
                          sums);
    else
      spinode::propose(symbols.from(mean), factors, prediction_, run_of(first + mean), values + mean, sums);
    return symbols;
  };
  Spectrum<Real>& half = equation_->half();
  ModeSums sums;
  if (Spectrum<Real>* const linear = equation_->half_linear()) {
    const auto body = [&](const ModeRun& run, Real* values, Real* potentials, ModeSums& sum) {
      apply_potential(run_body(run, values, sum), values, potentials);
    };
    sums = pending_ ? transform.template through_modes<ModeSums>(half, *linear, body)
                    : transform.template modes_to_half<ModeSums>(half, *linear, body);
  } else {
    const auto body = [&](const ModeRun& run, Real* values, ModeSums& sum) { run_body(run, values, sum); };
    sums = pending_ ? transform.template through_modes<ModeSums>(half, body)
                    : transform.template modes_to_half<ModeSums>(half, body);
  }
  pending_ = false;
  return sums;
}

template <class Real>
Attempt SemiImplicit<Real>::attempt(double dt, double largest_error) {
  const std::size_t before = equation_->transform().count();
  const double earlier = order_ == 2 ? levels_[1].dt : older_dt_;
  const Multistep formula = Multistep::of(order_, known_levels_, dt, levels_[0].dt, earlier);
  const std::array<double, 2> mean_flow{mean_of(pending_ ? candidate_b_ : levels_[0].b_hat), mean_of(levels_[1].b_hat)};
  step_ = {dt, formula,
           MovingStep::of(std::as_const(*equation_).flow(), dt, formula, levels_[0].extent,
                          order_ == 2 ? levels_[1].extent : older_extent_, mean_flow),
           equation_->implicit_part(cells_, formula.implicit_share)};
  if (step_.moving.moving) {
    settle();  // in the box that it belongs to
    equation_->set_thickness(step_.moving.after.thickness);
  }
  const ModeSums sums = propose();
  Attempt attempt;
  // The whole difference from the prediction: what L takes at the new time and gives back at the old ones is an error
  // of its own, which no share of the difference separates.
  attempt.error = std::sqrt(sums.error2) / std::max(std::sqrt(sums.variance), least_rms);
  attempt.error_known = known_levels_ > order_;
  attempt.mean = step_.moving.after.mean();
  if (!std::isfinite(attempt.error)) attempt.failure = Rejection::not_finite;
  if (!attempt.failure && !(attempt.error_known && attempt.error > largest_error)) {
    Mechanics* const mechanics = equation_->mechanics();
    if (mechanics) {
      const auto outcome = mechanics->attempt(equation_->presented(), dt, formula);
      if (!outcome.converged) attempt.failure = Rejection::not_converged;
      attempt.error = std::max(attempt.error, outcome.error / std::max(std::sqrt(sums.variance), least_rms));
    }
    candidate_cells_ = evaluate(mechanics ? &mechanics->candidate_potential() : nullptr, &candidate_b_, &attempt.sink);
    attempt.state = StateReport::of(*equation_, candidate_cells_, sums.gradient, sums.elastic,
                                    mechanics ? &mechanics->candidate_balance() : nullptr);
  }
  transforms_ += static_cast<std::int64_t>(equation_->transform().count() - before);
  return attempt;
}

template <class Real>
const Spectrum<Real>& SemiImplicit<Real>::candidate() {
  if (candidate_.size() == 0) candidate_ = Spectrum<Real>(equation_->grid());
  const Grid& grid = equation_->grid();
  for_rows(grid.mode_rows(), [&](Rows share) {
    ModeSums unused;
    for (std::size_t row = share.begin; row < share.end; ++row) {
      const ModeRun run = ModeRun::whole(grid, row);
      const std::size_t first = first_of(run), mean = first == 0 ? lanes_ : 0;
      if (mean > 0) propose_mean(candidate_.data(), unused);
      spinode::propose(equation_->symbols(run).from(mean), step_.factors(), prediction_, run_of(first + mean),
                       candidate_.data() + first + mean, unused);
    }
  });
  return candidate_;
}

template <class Real>
void SemiImplicit<Real>::accept(double dt) {
  if (Mechanics* const mechanics = equation_->mechanics()) mechanics->accept(dt);
  Level& last = levels_[order_ - 1];
  older_dt_ = last.dt;
  older_extent_ = last.extent;
  if (order_ == 2) std::swap(levels_[0], levels_[1]);
  levels_[0].dt = dt;
  levels_[0].extent = step_.moving.after;
  accepted_ = step_;
  pending_ = true;
  known_levels_ = std::min(known_levels_ + 1, order_ + 1);
  cells_ = candidate_cells_;
}

template <class Real>
void SemiImplicit<Real>::serialize(Archive& archive) {
  if (archive.reads()) {
    make_room();
    pending_ = false;
  } else {
    settle();
  }
  archive("known_levels", known_levels_, order_ + 2);
  archive("transforms", transforms_);
  archive("cells", cells_);
  for (int l = 0; l < order_; ++l) {
    const std::string level = "level" + std::to_string(l);
    archive(level + "/dt", levels_[l].dt);
    archive(level + "/extent", levels_[l].extent);
    archive(level + "/x_hat", levels_[l].x_hat);
    archive(level + "/g_hat", levels_[l].g_hat);
    if (equation_->flow()) archive(level + "/b_hat", levels_[l].b_hat);
  }
  archive("older/dt", older_dt_);
  archive("older/extent", older_extent_);
  archive("older/difference", older_);
}

template class SemiImplicit<float>;
template class SemiImplicit<double>;

}  // namespace spinode
