#include "spinode/stepper/implicit.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "spinode/archive.hpp"
#include "spinode/parallel.hpp"
#include "spinode/thermo/phase_diagram.hpp"

namespace spinode {
namespace {

/// Newton's method ends where its error is this share of the error of the step.
constexpr double newton_share = 0.1;
constexpr int most_newton = 10;
/// Attempts at one step, after which it is taken by convex splitting.
constexpr int most_attempts = 6;

}  // namespace

template <class Real>
Implicit<Real>::Implicit(CahnHilliard<Real>& equation, int order, double tolerance, bool always_split,
                         Planning planning)
    : equation_(&equation),
      order_(order),
      tolerance_(tolerance),
      always_split_(always_split),
      step_(equation, planning),
      candidate_(equation.grid()) {
  for (Level& level : levels_) level.x = Field<Real>(equation.grid());
  find_phases();
}

/// The purest phases there can be, by the law that the equation now has.
template <class Real>
void Implicit<Real>::find_phases() {
  revision_ = equation_->revision();
  lowest_ = lowest_rest_ = 0.5;
  if (!logarithmic()) return;
  const std::vector<MiscibilityGap> gaps = miscibility_gaps(equation_->parameters().G);
  if (gaps.empty()) return;
  lowest_ = gaps.front().x_alpha;
  lowest_rest_ = gaps.back().one_minus_x_beta;
}

template <class Real>
StateReport Implicit<Real>::start(History<Real> history) {
  known_levels_ = static_cast<int>(std::min<std::size_t>(3, history.x_hat.size()));
  mean_ = static_cast<double>(history.x_hat[0][0]);
  // Their factors are 0, which takes away numbers only.
  for (std::size_t l = known_levels_; l < levels_.size(); ++l) {
    levels_[l].x.array().setZero();
    levels_[l].b.array().setZero();
    levels_[l].mean_flow = 0;
  }
  for (int l = known_levels_; l-- > 0;) {
    equation_->synthesise(history.x_hat[l], levels_[l].x);
    if (logarithmic()) levels_[l].x.array() = levels_[l].x.array().max(least_x).min(1 - least_rest);
    levels_[l].dt = history.dt[l];
    levels_[l].extent = history.extent[l];
    if (l < 2) find_flow(levels_[l]);
  }
  const StateReport report = restate();
  cells_ = report.cells;
  return report;
}

/// Leaves the equation in a box of this level's thickness.
template <class Real>
void Implicit<Real>::find_flow(Level& level) {
  const MetalFlow<Real>* const flow = std::as_const(*equation_).flow();
  if (!flow) return;
  equation_->set_thickness(level.extent.thickness);
  if (flow->at_rest()) return;
  if (level.b.size() == 0) level.b = Field<Real>(equation_->grid());
  const std::size_t before = equation_->transform().count();
  level.mean_flow = equation_->flow_rate(level.x, level.b);
  flow_transforms_ += static_cast<std::int64_t>(equation_->transform().count() - before);
}

template <class Real>
StateReport Implicit<Real>::restate() {
  // Without a step the residual means nothing, but the report does.
  const Mechanics* const mechanics = equation_->mechanics();
  StateReport report;
  step_.set(1, 0, levels_[0].x, {});
  step_.residual(levels_[0].x, report);
  return StateReport::of(*equation_, report.cells, report.gradient, report.elastic,
                         mechanics ? &mechanics->balance() : nullptr);
}

template <class Real>
History<Real> Implicit<Real>::history() {
  History<Real> history;
  for (int l = 0; l < known_levels_; ++l) {
    history.x_hat.emplace_back(equation_->grid());
    history.x_hat.back().array() = step_.amplitudes(levels_[l].x).array();
    history.dt.push_back(levels_[l].dt);
    history.extent.push_back(levels_[l].extent);
  }
  return history;
}

/// First guess of the candidate.
template <class Real>
void Implicit<Real>::predict(const Multistep& f) {
  const auto as_real = [](double value) { return static_cast<Real>(value); };
  const Real p0 = as_real(f.prediction[0]), p1 = as_real(f.prediction[1]), p2 = as_real(f.prediction[2]);
  const Real *x0 = levels_[0].x.data(), *x1 = levels_[1].x.data(), *x2 = levels_[2].x.data();
  Real* const guess = candidate_.data();
  if (!logarithmic() || known_levels_ == 1) {
    for_cells(candidate_.size(), [=](std::size_t i) { guess[i] = p0 * x0[i] + p1 * x1[i] + p2 * x2[i]; });
  } else {
    const bool three = known_levels_ > 2;
    for_cells(candidate_.size(), [=](std::size_t i) {
      // In the log-odds, so that it stays inside; by no more than a factor of e.
      const auto odds = [](Real x) { return x / (1 - x); };
      const Real y0 = std::log(odds(x0[i])), y1 = std::log(odds(x1[i])), y2 = three ? std::log(odds(x2[i])) : Real(0);
      const Real change = std::min(std::max((p0 - 1) * y0 + p1 * y1 + p2 * y2, Real(-1)), Real(1));
      const Real x = 1 / (1 + std::exp(-(y0 + change)));
      guess[i] = std::min(std::max(x, least_x), 1 - least_rest);
    });
  }
  keep_amount(candidate_);
}

template <class Real>
typename Implicit<Real>::Update& Implicit<Real>::Update::operator+=(const Update& other) {
  change2 += other.change2;
  limited += other.limited;
  return *this;
}

/// candidate_ += correction, held back where it would take away most of x or of 1-x.
template <class Real>
typename Implicit<Real>::Update Implicit<Real>::apply(const Field<float>& correction) {
  const std::size_t nx = equation_->grid().cells(0);
  const bool limit = logarithmic();
  const Update update = reduce_rows<Update>(equation_->grid().rows(), [&](Rows share) {
    Update part;
    for (std::size_t i = share.begin * nx; i < share.end * nx; ++i) {
      const Real x = candidate_[i], d = static_cast<Real>(correction[i]);
      Real next = x + d;
      constexpr Real least_share = Real(0.4), least_exponent = Real(-2.5);
      if (limit && (next < least_share * x || 1 - next < least_share * (1 - x))) {
        next = next < least_share * x ? x * std::exp(std::max(d / x, least_exponent))
                                      : 1 - (1 - x) * std::exp(std::max(-d / (1 - x), least_exponent));
        next = std::clamp<Real>(next, least_x, 1 - least_rest);
        part.limited += 1;
      }
      const double change = next - x;
      part.change2 += change * change;
      candidate_[i] = next;
    }
    return part;
  });
  keep_amount(candidate_);
  return update;
}

/// Adds what is missing to the mean in proportion to x(1-x), which keeps x inside; uniformly without a logarithm.
template <class Real>
void Implicit<Real>::keep_amount(Field<Real>& x) const {
  const std::size_t nx = equation_->grid().cells(0), rows = equation_->grid().rows();
  const bool weighted = logarithmic();
  struct Means {
    double x = 0, weight = 0;
    Means& operator+=(const Means& other) {
      x += other.x;
      weight += other.weight;
      return *this;
    }
  };
  for (int pass = 0; pass < 3; ++pass) {
    const Means sums = reduce_rows<Means>(rows, [&](Rows share) {
      Means part;
      for (std::size_t i = share.begin * nx; i < share.end * nx; ++i) {
        const double value = x[i];
        part.x += value;
        part.weight += weighted ? value * (1 - value) : 1;
      }
      return part;
    });
    const double cells = static_cast<double>(x.size()), missing = mean_ - sums.x / cells;
    if (!(std::abs(missing) > 1e-16)) return;
    // At most half of what a cell has or lacks.
    const Real factor = static_cast<Real>(
        std::clamp(missing * cells / sums.weight, weighted ? -0.5 : missing, weighted ? 0.5 : missing));
    for_rows(rows, [&](Rows share) {
      for (std::size_t i = share.begin * nx; i < share.end * nx; ++i)
        x[i] += weighted ? factor * x[i] * (1 - x[i]) : factor;
    });
  }
}

/// Difference from what the known levels predict, and the fluctuation of x, as root mean squares.
template <class Real>
typename Implicit<Real>::Spread Implicit<Real>::spread(const Multistep& f) const {
  const std::size_t nx = equation_->grid().cells(0);
  const Spread sums = reduce_rows<Spread>(equation_->grid().rows(), [&](Rows share) {
    Spread part;
    for (std::size_t i = share.begin * nx; i < share.end * nx; ++i) {
      const double x = candidate_[i],
                   difference = x - (f.prediction[0] * levels_[0].x[i] + f.prediction[1] * levels_[1].x[i] +
                                     f.prediction[2] * levels_[2].x[i]);
      part.error += difference * difference;
      part.fluctuation += (x - mean_) * (x - mean_);
    }
    return part;
  });
  const double cells = static_cast<double>(candidate_.size());
  return {f.error_share * std::sqrt(sums.error / cells), std::max(std::sqrt(sums.fluctuation / cells), least_rms)};
}

template <class Real>
Attempt Implicit<Real>::attempt(double dt, double largest_error) {
  if (revision_ != equation_->revision()) find_phases();
  const bool split = always_split_ || attempts_ >= most_attempts;
  const int order = split ? 1 : order_;
  ++attempts_;
  const Multistep formula = Multistep::of(order, known_levels_, dt, levels_[0].dt, levels_[1].dt);
  const MetalFlow<Real>* const flow = std::as_const(*equation_).flow();
  const MovingStep moving = MovingStep::of(flow, dt, formula, levels_[0].extent, levels_[1].extent,
                                           {levels_[0].mean_flow, levels_[1].mean_flow});
  candidate_extent_ = moving.after;
  if (moving.moving) {
    equation_->set_thickness(moving.after.thickness);
    mean_ = moving.after.mean();
  }
  predict(formula);
  typename StepEquation<Real>::Known known;
  for (int l = 0; l < 2; ++l) {
    known[l] = {static_cast<Real>(formula.history[l] * moving.share[l]), &levels_[l].x};
    known[2 + l] = {static_cast<Real>(moving.flow[l]), &levels_[l].b};
  }
  step_.set(formula.alpha, dt, split ? levels_[0].x : candidate_, known);
  Mechanics* const mechanics = equation_->mechanics();
  if (mechanics) {
    const double e0 = order == 1 ? 1 : formula.extrapolation[0], e1 = order == 1 ? 0 : formula.extrapolation[1];
    step_.take_along({{{e0, &mechanics->potential(0)}, {e1, &mechanics->potential(1)}}});
  }
  if (split)
    step_.split_slope(levels_[0].x, cells_);
  else
    step_.take_whole_slope();

  Attempt attempt;
  attempt.mean = mean_;
  attempt.error_known = known_levels_ > order;
  const double cells = static_cast<double>(candidate_.size()), round_off = std::is_same_v<Real, float> ? 1e-6 : 1e-13;
  double norm = step_.residual(candidate_, attempt.state), tolerance = 0.1;
  for (int iteration = 0;; ++iteration) {
    if (!std::isfinite(norm)) attempt.failure = Rejection::not_finite;
    if (iteration == most_newton) attempt.failure = Rejection::not_converged;
    if (attempt.failure) return attempt;
    const Update update = apply(step_.correction(tolerance));
    const Spread spread = this->spread(formula);
    attempt.error = spread.error / spread.fluctuation;
    if (attempt.error_known && iteration == 0 && attempt.error > 3 * largest_error) return attempt;
    const double before = norm, change = std::sqrt(update.change2 / cells);
    norm = step_.residual(candidate_, attempt.state);
    // What is left of the residual bounds what is left of the error: the preconditioned system damps smooth errors
    // most.
    const double left = before > 0 ? change * norm / before : 0;
    const double wanted =
        std::max(newton_share * (attempt.error_known ? spread.error : tolerance_ * spread.fluctuation), round_off);
    if (update.limited == 0 && left <= wanted) break;
    tolerance = std::clamp(0.5 * wanted / left, 0.01, 0.3);
  }
  candidate_cells_ = attempt.state.cells;
  if (flow) attempt.sink = flow->state(candidate_);
  if (mechanics) {
    const auto outcome = mechanics->attempt(candidate_, dt, formula);
    if (!outcome.converged) attempt.failure = Rejection::not_converged;
    attempt.error = std::max(attempt.error, outcome.error / this->spread(formula).fluctuation);
  }
  attempt.state = StateReport::of(*equation_, candidate_cells_, attempt.state.gradient, attempt.state.elastic,
                                  mechanics ? &mechanics->candidate_balance() : nullptr);
  if (logarithmic()) {
    // Another solution of the step's equation, far from any phase, is not the one that continues the state.
    constexpr double far = 0.018;
    const double lowest = far * std::min(lowest_, cells_.x_min), rest = far * std::min(lowest_rest_, 1 - cells_.x_max);
    if (candidate_cells_.x_min < lowest || 1 - candidate_cells_.x_max < rest) attempt.failure = Rejection::outside_band;
  }
  return attempt;
}

template <class Real>
void Implicit<Real>::accept(double dt) {
  if (Mechanics* const mechanics = equation_->mechanics()) mechanics->accept(dt);
  std::swap(candidate_, levels_[2].x);
  levels_[2].dt = dt;
  levels_[2].extent = candidate_extent_;
  find_flow(levels_[2]);
  std::rotate(levels_.begin(), levels_.begin() + 2, levels_.end());
  known_levels_ = std::min(known_levels_ + 1, 3);
  cells_ = candidate_cells_;
  attempts_ = 0;
}

template <class Real>
void Implicit<Real>::serialize(Archive& archive) {
  archive("known_levels", known_levels_, levels_.size() + 1);
  archive("flow_transforms", flow_transforms_);
  archive("mean", mean_);
  archive("cells", cells_);
  archive("equation", step_);
  for (std::size_t l = 0; l < levels_.size(); ++l) {
    const std::string level = "level" + std::to_string(l);
    archive(level + "/dt", levels_[l].dt);
    archive(level + "/extent", levels_[l].extent);
    archive(level + "/x", levels_[l].x);
    if (l == 2) continue;  // the prediction alone looks at it
    bool has_flow = levels_[l].b.size() > 0;
    archive(level + "/has_flow", has_flow);
    if (!has_flow) continue;
    if (levels_[l].b.size() == 0) levels_[l].b = Field<Real>(equation_->grid());
    archive(level + "/b", levels_[l].b);
    archive(level + "/mean_flow", levels_[l].mean_flow);
  }
}

template class Implicit<float>;
template class Implicit<double>;

}  // namespace spinode
