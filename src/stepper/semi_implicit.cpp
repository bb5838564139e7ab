#include "spinode/stepper/semi_implicit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "spinode/error.hpp"
#include "spinode/parallel.hpp"

namespace spinode {
namespace {

/// Multi-step formula alpha x+ = history . (x, x-) + dt [extrapolation . (F + L x, F- + L x-) - L x+], the prediction
/// of x+ from the levels alone, and the share of (x+ - prediction) that estimates the local error (Milne's device).
struct Formula {
  double alpha = 1;
  std::array<double, 2> history{1, 0}, extrapolation{1, 0};
  std::array<double, 3> prediction{1, 0, 0};
  double error_share = 0;
  /// Share of the explicit curvature and mobility that L must hold for unconditional linear stability.
  double implicit_share = 0.5;
};

/// `dt` is the new step, `before` the one that led to the present level, `earlier` the one before that.
Formula formula(int order, int known_levels, double dt, double before, double earlier) {
  Formula f;
  if (known_levels >= 2) {
    const double r = dt / before;
    f.prediction = {1 + r, -r, 0};
    // Backward Euler leaves dt^2/2 x'', the linear prediction dt (dt + before)/2 x'' of the other sign.
    f.error_share = dt / (2 * dt + before);
    if (order == 2) {
      f.alpha = (1 + 2 * r) / (1 + r);
      f.history = {1 + r, -r * r / (1 + r)};
      f.extrapolation = {1 + r, -r};
      f.implicit_share = 0.75;
    }
  }
  if (order == 2 && known_levels >= 3) {
    const double r = dt / before, t0 = dt, t1 = dt + before, t2 = dt + before + earlier;
    // Quadratic through the three levels.
    f.prediction = {t1 * t2 / (before * (before + earlier)), -t0 * t2 / (before * earlier),
                    t0 * t1 / (earlier * (before + earlier))};
    const double scheme = (1 + r) * (1 + r) * dt * dt * dt / (6 * r * (1 + 2 * r)), predictor = t0 * t1 * t2 / 6;
    f.error_share = scheme / (scheme + predictor);
  }
  return f;
}

/// Fluctuations below this do not tighten the error control: a uniform state has none.
constexpr double least_rms = 1e-2;

}  // namespace

template <class Real>
SemiImplicit<Real>::SemiImplicit(CahnHilliard<Real>& equation, const StepSettings& settings)
    : equation_(&equation), settings_(settings) {
  for (Level* level : {&levels_[0], &levels_[1], &levels_[2], &candidate_}) {
    level->x_hat = Spectrum<Real>(equation.grid());
    level->g_hat = Spectrum<Real>(equation.grid());
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
void SemiImplicit<Real>::start(const Spectrum<Real>& x_hat) {
  levels_[0].x_hat.array() = x_hat.array();
  known_levels_ = 1;
  report_.cells = equation_->evaluate(x_hat, levels_[0].g_hat);
  // A step of no length gives the energies of the state itself.
  const Sums sums = propose(0);
  report_.gradient = sums.gradient;
  report_.elastic = sums.elastic;
  const double outside = std::max(-report_.cells.x_min, report_.cells.x_max - 1);
  if (!report_.cells.finite) throw NumericalError("the initial state is not finite");
  if (outside > settings_.band)
    throw NumericalError(fmt::format("the initial state lies outside 0 to 1 by {:.3g}, more than time.band = {:.3g}",
                                     outside, settings_.band));
  dt_ = settings_.fixed_step.value_or(settings_.initial_step.value_or(first_step()));
}

template <class Real>
double SemiImplicit<Real>::first_step() const {
  // Small enough that the change over a step is within the tolerance; the controller then lets it grow.
  const Level& now = levels_[0];
  const Grid& grid = equation_->grid();
  const auto implicit = equation_->implicit_part(report_.cells, 0);
  const std::size_t n = grid.modes(0), lanes = grid.lanes();
  struct Squares {
    double rate = 0, variance = 0;
    Squares& operator+=(const Squares& other) {
      rate += other.rate;
      variance += other.variance;
      return *this;
    }
  };
  const auto sums = reduce_rows<Squares>(grid.mode_rows(), [&](Rows share) {
    Squares part;
    Symbols<Real> symbol(grid);
    for (std::size_t row = share.begin; row < share.end; ++row) {
      equation_->symbols(row, implicit, symbol);
      for (std::size_t i = row == 0 ? lanes : 0; i < n * lanes; ++i) {
        const std::size_t m = i / lanes, at = row * n * lanes + i;
        const double x = now.x_hat[at], rate = symbol.rate[m] * now.g_hat[at] + symbol.linear[m] * x;
        part.rate += symbol.multiplicity[m] * rate * rate;
        part.variance += symbol.multiplicity[m] * x * x;
      }
    }
    return part;
  });
  const double rms = std::max(std::sqrt(sums.variance), least_rms);
  return sums.rate > 0 ? settings_.tolerance * rms / std::sqrt(sums.rate) : settings_.max_step;
}

template <class Real>
typename SemiImplicit<Real>::Sums SemiImplicit<Real>::propose(double dt) {
  const Grid& grid = equation_->grid();
  const Formula f = formula(settings_.order, known_levels_, dt, levels_[0].dt, levels_[1].dt);
  const auto implicit = equation_->implicit_part(report_.cells, f.implicit_share);
  const std::size_t n = grid.modes(0), lanes = grid.lanes();
  const auto as_real = [](double value) { return static_cast<Real>(value); };
  const Real alpha = as_real(f.alpha), step = as_real(dt), h0 = as_real(f.history[0]), h1 = as_real(f.history[1]);
  const Real e0 = as_real(dt * f.extrapolation[0]), e1 = as_real(dt * f.extrapolation[1]);
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
      const Real *rate = symbol.rate.data(), *linear = symbol.linear.data(), *L = symbol.implicit.data();
      const Real *gradient = symbol.gradient.data(), *elastic = symbol.elastic.data(),
                 *multiplicity = symbol.multiplicity.data();
      Real* const next = candidate_.x_hat.data() + first;
      double error2 = 0, variance = 0, gradient_sum = 0, elastic_sum = 0;
      const auto sweep = [&](auto lane_count) {
        constexpr std::size_t width = lane_count;
#pragma omp simd reduction(+ : error2, variance, gradient_sum, elastic_sum)
        for (std::size_t m = 0; m < n; ++m) {
          const Real inverse = 1 / (alpha + step * L[m]), whole = linear[m] + L[m];
          double difference2 = 0, square = 0;
          for (std::size_t i = width * m; i < width * (m + 1); ++i) {
            const Real sum = h0 * x0[i] + h1 * x1[i] + e0 * (rate[m] * g0[i] + whole * x0[i]) +
                             e1 * (rate[m] * g1[i] + whole * x1[i]);
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
      if (lanes == 2)
        sweep(std::integral_constant<std::size_t, 2>{});
      else
        sweep(std::integral_constant<std::size_t, 1>{});
      if (row == 0) {
        // The amount is conserved: the mean is set, not computed, and is no fluctuation.
        for (std::size_t lane = 0; lane < lanes; ++lane) {
          variance -= static_cast<double>(next[lane]) * next[lane];
          next[lane] = x0[lane];
        }
      }
      part += {error2, variance, gradient_sum / 2, elastic_sum / 2};
    }
    return part;
  });
  return {sums.error2 * f.error_share * f.error_share, std::max(0.0, sums.variance), sums.gradient, sums.elastic};
}

template <class Real>
std::optional<Rejection> SemiImplicit<Real>::judge(const StateReport& candidate) const {
  const CellReport& cells = candidate.cells;
  if (!cells.finite || !std::isfinite(candidate.energy())) return Rejection::not_finite;
  if (std::max(-cells.x_min, cells.x_max - 1) > settings_.band) return Rejection::outside_band;
  // In a closed system the energy falls. What round-off adds to its parts is no rise.
  const double round_off = std::is_same_v<Real, float> ? 1e-6 : 1e-11;
  const double scale = std::abs(report_.cells.chemical) + report_.gradient + report_.elastic;
  if (candidate.energy() > report_.energy() + round_off * scale) return Rejection::energy;
  return {};
}

template <class Real>
void SemiImplicit<Real>::reject(Rejection reason) {
  ++counts_.rejected[static_cast<std::size_t>(reason)];
  if (dt_ < settings_.min_step)
    throw NumericalError(fmt::format("no time step is small enough; the last one tried was rejected: {}",
                                     rejection_names[static_cast<std::size_t>(reason)]));
}

template <class Real>
void SemiImplicit<Real>::advance(Clock& clock) {
  while (true) {
    const double dt = clock.step_towards_stop(std::min(dt_, settings_.max_step));
    const Sums sums = propose(dt);
    const double error = std::sqrt(sums.error2) / std::max(std::sqrt(sums.variance), least_rms);
    const bool controlled = !settings_.fixed_step && known_levels_ > settings_.order;
    // Written so that an error that is not a number is rejected.
    if (controlled && !(error <= 2 * settings_.tolerance)) {
      dt_ = std::isfinite(error) ? next_step(dt, error, settings_.tolerance, settings_.order) : 0.1 * dt;
      reject(std::isfinite(error) ? Rejection::error : Rejection::not_finite);
      continue;
    }
    const StateReport candidate{equation_->evaluate(candidate_.x_hat, candidate_.g_hat), sums.gradient, sums.elastic};
    if (const auto reason = judge(candidate)) {
      dt_ = dt * (*reason == Rejection::not_finite ? 0.1 : 0.5);
      ceiling_ = 0.8 * dt;
      reject(*reason);
      continue;
    }
    candidate_.dt = dt;
    std::swap(candidate_, levels_[2]);
    std::rotate(levels_.begin(), levels_.begin() + 2, levels_.end());
    known_levels_ = std::min(known_levels_ + 1, 3);
    report_ = candidate;
    clock.advance(dt);
    ++counts_.accepted;
    counts_.largest_excursion =
        std::max({counts_.largest_excursion, -candidate.cells.x_min, candidate.cells.x_max - 1});
    counts_.largest_extension = std::max(counts_.largest_extension, candidate.cells.extended);
    if (settings_.fixed_step) {
      dt_ = *settings_.fixed_step;
    } else if (controlled) {
      // A step cut short to land on a stop does not hold the next one back.
      dt_ = std::max(next_step(dt, error, settings_.tolerance, settings_.order),
                     dt < dt_ ? std::min(dt_, 1.8 * dt) : 0.0);
      dt_ = std::min(dt_, ceiling_);
    }
    ceiling_ *= 1.01;
    return;
  }
}

template class SemiImplicit<float>;
template class SemiImplicit<double>;

}  // namespace spinode
