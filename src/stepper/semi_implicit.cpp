#include "spinode/stepper/semi_implicit.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

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
SemiImplicit<Real>::SemiImplicit(CahnHilliard<Real>& equation, int order) : equation_(&equation), order_(order) {
  for (Level* level : {&levels_[0], &levels_[1], &levels_[2], &candidate_}) {
    level->x_hat = Spectrum<Real>(equation.grid());
    level->g_hat = Spectrum<Real>(equation.grid());
    if (equation.flow()) level->b_hat = Spectrum<Real>(equation.grid());
  }
}

template <class Real>
typename SemiImplicit<Real>::Sums& SemiImplicit<Real>::Sums::operator+=(const Sums& other) {
  error2 += other.error2;
  variance += other.variance;
  gradient += other.gradient;
  elastic += other.elastic;
  return *this;
}

template <class Real>
CellReport SemiImplicit<Real>::evaluate(Level& level, const Field<double>* nu, SinkState& sink) {
  const std::size_t before = equation_->transform().count();
  const MetalFlow<Real>* const flow = std::as_const(*equation_).flow();
  if (flow) equation_->set_thickness(level.extent.thickness);
  const CellReport cells = equation_->evaluate(
      level.x_hat, nu, level.g_hat, flow && !flow->at_rest() ? &level.b_hat : nullptr, flow ? &sink : nullptr);
  transforms_ += static_cast<std::int64_t>(equation_->transform().count() - before);
  return cells;
}

template <class Real>
StateReport SemiImplicit<Real>::start(const History<Real>& history) {
  const Mechanics* const mechanics = equation_->mechanics();
  known_levels_ = static_cast<int>(std::min<std::size_t>(3, history.x_hat.size()));
  // Their factors are 0, which takes away numbers only.
  for (std::size_t l = known_levels_; l < levels_.size(); ++l)
    for (Spectrum<Real>* part : {&levels_[l].x_hat, &levels_[l].g_hat, &levels_[l].b_hat}) part->array().setZero();
  for (int l = known_levels_; l-- > 0;) {
    levels_[l].x_hat.array() = history.x_hat[l].array();
    levels_[l].dt = history.dt[l];
    levels_[l].extent = history.extent[l];
    SinkState sink;
    if (l < 2) cells_ = evaluate(levels_[l], mechanics ? &mechanics->potential(l) : nullptr, sink);
  }
  return report(cells_);
}

template <class Real>
StateReport SemiImplicit<Real>::restate() {
  const std::size_t before = equation_->transform().count();
  const CellReport cells = equation_->survey(state());
  transforms_ += static_cast<std::int64_t>(equation_->transform().count() - before);
  return report(cells);
}

/// On the present state.
template <class Real>
StateReport SemiImplicit<Real>::report(const CellReport& cells) const {
  const auto energies = equation_->linear().energies(state());
  const Mechanics* const mechanics = std::as_const(*equation_).mechanics();
  return StateReport::of(*equation_, cells, energies.gradient, energies.elastic,
                         mechanics ? &mechanics->balance() : nullptr);
}

template <class Real>
History<Real> SemiImplicit<Real>::history() {
  History<Real> history;
  for (int l = 0; l < known_levels_; ++l) {
    history.x_hat.emplace_back(equation_->grid());
    history.x_hat.back().array() = levels_[l].x_hat.array();
    history.dt.push_back(levels_[l].dt);
    history.extent.push_back(levels_[l].extent);
  }
  return history;
}

template <class Real>
typename SemiImplicit<Real>::Sums SemiImplicit<Real>::propose(double dt, const Multistep& f, const MovingStep& flow) {
  const Grid& grid = equation_->grid();
  const auto implicit = equation_->implicit_part(cells_, f.implicit_share);
  const std::size_t n = grid.modes(0), lanes = grid.lanes();
  const auto as_real = [](double value) { return static_cast<Real>(value); };
  const Real alpha = as_real(f.alpha), step = as_real(dt);
  const Real h0 = as_real(f.history[0] * flow.share[0]), h1 = as_real(f.history[1] * flow.share[1]);
  const Real e0 = as_real(dt * f.extrapolation[0] * flow.share[0]),
             e1 = as_real(dt * f.extrapolation[1] * flow.share[1]);
  const Real v0 = as_real(flow.flow[0]), v1 = as_real(flow.flow[1]);
  const Real p0 = as_real(f.prediction[0]), p1 = as_real(f.prediction[1]), p2 = as_real(f.prediction[2]);

  const Sums sums = reduce_rows<Sums>(grid.mode_rows(), [&](Rows share) {
    Symbols<Real> symbol(grid);
    Sums part;
    for (std::size_t row = share.begin; row < share.end; ++row) {
      equation_->symbols(row, implicit, symbol);
      const std::size_t first = row * n * lanes;
      const Real *x0 = levels_[0].x_hat.data() + first, *x1 = levels_[1].x_hat.data() + first,
                 *x2 = levels_[2].x_hat.data() + first;
      const Real *g0 = levels_[0].g_hat.data() + first, *g1 = levels_[1].g_hat.data() + first;
      const Real *b0 = levels_[0].b_hat.data() + first, *b1 = levels_[1].b_hat.data() + first;
      const Real *rate = symbol.rate.data(), *linear = symbol.linear.data(), *L = symbol.implicit.data();
      const Real *gradient = symbol.gradient.data(), *elastic = symbol.elastic.data(),
                 *multiplicity = symbol.multiplicity.data();
      Real* const next = candidate_.x_hat.data() + first;
      double error2 = 0, variance = 0, gradient_sum = 0, elastic_sum = 0;
      const auto sweep = [&](auto lane_count, auto moves) {
        constexpr std::size_t width = lane_count;
        constexpr bool moving = moves;
#pragma omp simd reduction(+ : error2, variance, gradient_sum, elastic_sum)
        for (std::size_t m = 0; m < n; ++m) {
          const Real inverse = 1 / (alpha + step * L[m]), whole = linear[m] + L[m];
          double difference2 = 0, square = 0;
          for (std::size_t i = width * m; i < width * (m + 1); ++i) {
            Real sum = h0 * x0[i] + h1 * x1[i] + e0 * (rate[m] * g0[i] + whole * x0[i]) +
                       e1 * (rate[m] * g1[i] + whole * x1[i]);
            if constexpr (moving) sum += v0 * b0[i] + v1 * b1[i];
            const Real x = sum * inverse, difference = x - (p0 * x0[i] + p1 * x1[i] + p2 * x2[i]);
            next[i] = x;
            difference2 += difference * difference;
            square += x * x;
          }
          error2 += multiplicity[m] * difference2;
          square *= multiplicity[m];
          variance += square;
          gradient_sum += gradient[m] * square;
          elastic_sum += elastic[m] * square;
        }
      };
      const auto either = [&](auto moves) {
        if (lanes == 2)
          sweep(std::integral_constant<std::size_t, 2>{}, moves);
        else
          sweep(std::integral_constant<std::size_t, 1>{}, moves);
      };
      if (flow.moving)
        either(std::true_type{});
      else
        either(std::false_type{});
      if (row == 0) {
        // The amount is kept by book: the mean is set, not computed, and is no fluctuation.
        for (std::size_t lane = 0; lane < lanes; ++lane) {
          variance -= static_cast<double>(next[lane]) * next[lane];
          next[lane] = x0[lane];
        }
        if (flow.moving) next[0] = as_real(flow.after.mean());
      }
      part += {error2, variance, gradient_sum / 2, elastic_sum / 2};
    }
    return part;
  });
  return {sums.error2, std::max(0.0, sums.variance), sums.gradient, sums.elastic};
}

template <class Real>
Attempt SemiImplicit<Real>::attempt(double dt, double largest_error) {
  const Multistep formula = Multistep::of(order_, known_levels_, dt, levels_[0].dt, levels_[1].dt);
  const MovingStep moving = MovingStep::of(std::as_const(*equation_).flow(), dt, formula, levels_[0].extent,
                                           levels_[1].extent, {mean_of(levels_[0].b_hat), mean_of(levels_[1].b_hat)});
  if (moving.moving) equation_->set_thickness(moving.after.thickness);
  candidate_.extent = moving.after;
  const Sums sums = propose(dt, formula, moving);
  Attempt attempt;
  // The whole difference from the prediction: what L takes at the new time and gives back at the old ones is an error
  // of its own, which no share of the difference separates.
  attempt.error = std::sqrt(sums.error2) / std::max(std::sqrt(sums.variance), least_rms);
  attempt.error_known = known_levels_ > order_;
  attempt.mean = moving.after.mean();
  if (!std::isfinite(attempt.error)) attempt.failure = Rejection::not_finite;
  if (attempt.failure || (attempt.error_known && attempt.error > largest_error)) return attempt;
  Mechanics* const mechanics = equation_->mechanics();
  if (mechanics) {
    const auto outcome = mechanics->attempt(equation_->field(candidate_.x_hat), dt, formula);
    if (!outcome.converged) attempt.failure = Rejection::not_converged;
    attempt.error = std::max(attempt.error, outcome.error / std::max(std::sqrt(sums.variance), least_rms));
  }
  candidate_cells_ = evaluate(candidate_, mechanics ? &mechanics->candidate_potential() : nullptr, attempt.sink);
  attempt.state = StateReport::of(*equation_, candidate_cells_, sums.gradient, sums.elastic,
                                  mechanics ? &mechanics->candidate_balance() : nullptr);
  return attempt;
}

template <class Real>
void SemiImplicit<Real>::accept(double dt) {
  candidate_.dt = dt;
  if (Mechanics* const mechanics = equation_->mechanics()) mechanics->accept(dt);
  std::swap(candidate_, levels_[2]);
  std::rotate(levels_.begin(), levels_.begin() + 2, levels_.end());
  known_levels_ = std::min(known_levels_ + 1, 3);
  cells_ = candidate_cells_;
}

template <class Real>
void SemiImplicit<Real>::serialize(Archive& archive) {
  archive("known_levels", known_levels_, levels_.size() + 1);
  archive("transforms", transforms_);
  archive("cells", cells_);
  for (std::size_t l = 0; l < levels_.size(); ++l) {
    const std::string level = "level" + std::to_string(l);
    archive(level + "/dt", levels_[l].dt);
    archive(level + "/extent", levels_[l].extent);
    archive(level + "/x_hat", levels_[l].x_hat);
    if (l == 2) continue;  // the prediction alone looks at it
    archive(level + "/g_hat", levels_[l].g_hat);
    if (equation_->flow()) archive(level + "/b_hat", levels_[l].b_hat);
  }
}

template class SemiImplicit<float>;
template class SemiImplicit<double>;

}  // namespace spinode
