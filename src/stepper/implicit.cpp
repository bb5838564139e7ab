#include "spinode/stepper/implicit.hpp"

#include <algorithm>
#include <cmath>

#include "../cell_kernels.hpp"
#include "spinode/parallel.hpp"
#include "spinode/thermo/phase_diagram.hpp"

namespace spinode {
namespace {

/// Newton's method ends where its error is this share of the error of the step.
constexpr double newton_share = 0.1;
constexpr int most_newton = 10, most_krylov = 100;
/// Attempts at one step, after which it is taken by convex splitting.
constexpr int most_attempts = 6;

/// x stays this far from 0 and from 1, a hundred times further than the numbers themselves resolve.
template <class Real>
constexpr Real least_x = static_cast<Real>(LogMeanFlux<Real>::edge);
template <class Real>
constexpr Real least_rest = std::is_same_v<Real, float> ? Real(1e-6) : least_x<Real>;

}  // namespace

template <class Real>
Implicit<Real>::Implicit(CahnHilliard<Real>& equation, int order, double tolerance, bool always_split,
                         Planning planning)
    : equation_(&equation),
      order_(order),
      tolerance_(tolerance),
      always_split_(always_split),
      candidate_(equation.grid()),
      known_(equation.grid()),
      potential_(equation.grid()),
      x_hat_(equation.grid()),
      candidate_hat_(equation.grid()),
      work_hat_(equation.grid()),
      transform_(equation.grid(), planning),
      linear_(equation.grid(), equation.parameters().kappa, equation.parameters().coherency),
      multigrid_(equation.grid(), equation.parameters().kappa, linear_.softest()),
      gmres_(equation.grid()),
      cells32_(equation.grid()),
      correction_(equation.grid()),
      rhs_(equation.grid()),
      hat32_(equation.grid()) {
  const CahnHilliardParameters& parameters = equation.parameters();
  for (Level& level : levels_) level.x = Field<Real>(equation.grid());
  if (const auto* darken = std::get_if<DarkenMobility>(&parameters.mobility)) {
    flux_.emplace(equation.grid(), *darken, parameters.G.ideal());
    faces_ = Faces<Real>(equation.grid());
  } else {
    other_hat32_ = Spectrum<float>(equation.grid());
  }
  if (!logarithmic()) return;
  const std::vector<MiscibilityGap> gaps = miscibility_gaps(parameters.G);
  if (!gaps.empty()) {
    lowest_ = gaps.front().x_alpha;
    highest_rest_ = gaps.back().one_minus_x_beta;
  }
}

template <class Real>
typename Implicit<Real>::Update& Implicit<Real>::Update::operator+=(const Update& other) {
  change2 += other.change2;
  limited += other.limited;
  return *this;
}

template <class Real>
StateReport Implicit<Real>::start(const History<Real>& history) {
  known_levels_ = static_cast<int>(std::min<std::size_t>(3, history.x_hat.size()));
  amount_ = static_cast<double>(history.x_hat[0][0]);
  for (int l = 0; l < known_levels_; ++l) {
    equation_->synthesise(history.x_hat[l], levels_[l].x);
    if (logarithmic()) levels_[l].x.array() = levels_[l].x.array().max(least_x<Real>).min(1 - least_rest<Real>);
    levels_[l].dt = history.dt[l];
  }
  x_hat_.array() = history.x_hat[0].array();
  // The report of a state is that of a candidate which equals it.
  candidate_.array() = levels_[0].x.array();
  Problem problem;
  StateReport report;
  set_mobility(problem, candidate_);
  residual(problem, report);
  cells_ = report.cells;
  return report;
}

template <class Real>
History<Real> Implicit<Real>::history() {
  History<Real> history;
  for (int l = 0; l < known_levels_; ++l) {
    history.x_hat.emplace_back(equation_->grid());
    potential_.array() = levels_[l].x.array();
    equation_->analyse(potential_, history.x_hat.back());
    history.dt.push_back(levels_[l].dt);
  }
  return history;
}

template <class Real>
Work Implicit<Real>::work() const {
  Work work = work_;
  work.transforms += static_cast<std::int64_t>(transform_.count());
  return work;
}

/// First guess of the candidate and what is known of the new state.
template <class Real>
void Implicit<Real>::predict(const Problem& problem) {
  const std::size_t nx = equation_->grid().cells(0);
  const Multistep& f = problem.formula;
  const Real h0 = static_cast<Real>(f.history[0]), h1 = static_cast<Real>(f.history[1]);
  const Real p0 = static_cast<Real>(f.prediction[0]), p1 = static_cast<Real>(f.prediction[1]),
             p2 = static_cast<Real>(f.prediction[2]);
  const Polynomial slope = equation_->parameters().G.excess().derivative();
  const Real S = static_cast<Real>(problem.convex_part);
  const bool in_log_odds = logarithmic() && known_levels_ > 1;
  for_rows(equation_->grid().rows(), [&](Rows share) {
    Real value[chunk];
    for (std::size_t first = share.begin * nx; first < share.end * nx; first += chunk) {
      const std::size_t n = std::min(chunk, share.end * nx - first);
      const Real *x0 = levels_[0].x.data() + first, *x1 = levels_[1].x.data() + first,
                 *x2 = levels_[2].x.data() + first;
      Real *guess = candidate_.data() + first, *known = known_.data() + first;
#pragma omp simd
      for (std::size_t i = 0; i < n; ++i) known[i] = h0 * x0[i] + h1 * x1[i];
      if (in_log_odds) {
        const auto odds = [](Real x) { return x / (1 - x); };
        for (std::size_t i = 0; i < n; ++i) {
          // In the log-odds, so that it stays inside; by no more than a factor of e.
          const Real y0 = std::log(odds(x0[i])), y1 = std::log(odds(x1[i])),
                     y2 = known_levels_ > 2 ? std::log(odds(x2[i])) : Real(0);
          const Real change = std::clamp<Real>((p0 - 1) * y0 + p1 * y1 + p2 * y2, -1, 1);
          const Real x = 1 / (1 + std::exp(-(y0 + change)));
          guess[i] = std::clamp<Real>(x, least_x<Real>, 1 - least_rest<Real>);
        }
      } else {
#pragma omp simd
        for (std::size_t i = 0; i < n; ++i) guess[i] = p0 * x0[i] + p1 * x1[i] + p2 * x2[i];
      }
      if (!problem.split) continue;
      evaluate_polynomial(slope, x0, n, value);
      Real* const kept = explicit_.data() + first;
#pragma omp simd
      for (std::size_t i = 0; i < n; ++i) kept[i] = value[i] - S * x0[i];
    }
  });
  keep_amount(candidate_);
}

/// dt M/h^2 on faces, from the state x.
template <class Real>
void Implicit<Real>::set_mobility(const Problem& problem, const Field<Real>& x) {
  const Grid& grid = equation_->grid();
  Faces<float>& diffusion = multigrid_.diffusion();
  if (const auto* constant = std::get_if<ConstantMobility>(&equation_->parameters().mobility)) {
    for (int a = 0; a < grid.dimension(); ++a) {
      const float weight = static_cast<float>(problem.dt * constant->M / std::pow(grid.axis(a).spacing(), 2));
      diffusion.fill(grid, a, weight);
    }
    return;
  }
  for_rows(grid.rows(), [&](Rows share) {
    Real energy[chunk];
    const std::size_t nx = grid.cells(0);
    for (std::size_t first = share.begin * nx; first < share.end * nx; first += chunk)
      log_odds(x.data() + first, std::min(chunk, share.end * nx - first), least_x<Real>, 1 - least_rest<Real>,
               potential_.data() + first, energy);
  });
  flux_->mobilities(x, potential_, static_cast<Real>(problem.dt), faces_);
  for (int a = 0; a < grid.dimension(); ++a)
    for_rows(grid.rows(), [&](Rows share) {
      const std::size_t nx = grid.cells(0);
      for (std::size_t i = share.begin * nx; i < share.end * nx; ++i)
        diffusion.weight(a)[i] = static_cast<float>(faces_.weight(a)[i]);
    });
}

/// The least S that makes S x - excess' rise with x over the state.
template <class Real>
double Implicit<Real>::convex_part() const {
  const Polynomial curvature = equation_->parameters().G.excess().derivative().derivative();
  const double margin = logarithmic() ? 0 : 0.1 * (cells_.x_max - cells_.x_min);
  const double low = cells_.x_min - margin, high = cells_.x_max + margin;
  constexpr int samples = 64;
  double largest = 0;
  for (int s = 0; s <= samples; ++s) largest = std::max(largest, curvature(low + (high - low) * s / samples));
  return largest;
}

/// Adds the local part of mu to potential_, and leaves its slope and the weight of every cell for Newton's system.
template <class Real>
CellReport Implicit<Real>::slope(const Problem& problem) {
  const FreeEnergy& G = equation_->parameters().G;
  const Polynomial d_excess = G.excess().derivative(), d2_excess = d_excess.derivative();
  const Real theta = static_cast<Real>(G.ideal()), S = static_cast<Real>(problem.convex_part);
  const std::size_t nx = equation_->grid().cells(0);
  const auto sums = reduce_rows<CellSums>(equation_->grid().rows(), [&](Rows share) {
    CellSums part;
    Real value[chunk], y[chunk];
    for (std::size_t first = share.begin * nx; first < share.end * nx; first += chunk) {
      const std::size_t n = std::min(chunk, share.end * nx - first);
      const Real* const x = candidate_.data() + first;
      Real* const mu = potential_.data() + first;
      float *D = multigrid_.curvature().data() + first, *m = multigrid_.weight().data() + first;
      add_extremes(x, n, part);
      evaluate_polynomial(G.excess(), x, n, value);
      part.energy += sum_of(value, n);
      if (problem.split) {
        const Real* const kept = explicit_.data() + first;
#pragma omp simd
        for (std::size_t i = 0; i < n; ++i) {
          mu[i] += S * x[i] + kept[i];
          D[i] = static_cast<float>(S);
        }
      } else {
        evaluate_polynomial(d_excess, x, n, value);
        evaluate_polynomial(d2_excess, x, n, y);
#pragma omp simd
        for (std::size_t i = 0; i < n; ++i) {
          mu[i] += value[i];
          D[i] = static_cast<float>(y[i]);
        }
      }
      if (theta > 0) {
        log_odds(x, n, least_x<Real>, 1 - least_rest<Real>, y, value);
        part.energy += static_cast<double>(theta) * sum_of(value, n);
#pragma omp simd
        for (std::size_t i = 0; i < n; ++i) {
          const Real weight = x[i] * (1 - x[i]);
          mu[i] += theta * y[i];
          m[i] = static_cast<float>(weight);
          D[i] += static_cast<float>(theta / weight);
        }
      } else {
        std::fill_n(m, n, 1.0f);
      }
    }
    return part;
  });
  return sums.per_cell(equation_->grid().size());
}

/// Minus the residual of the candidate goes to rhs_; returns its norm.
template <class Real>
double Implicit<Real>::residual(const Problem& problem, StateReport& report) {
  const Grid& grid = equation_->grid();
  Transform<Real>& transform = equation_->transform();
  const SpectralPotential<Real>& linear = equation_->linear();
  const std::size_t nx = grid.cells(0), before = transform.count();
  potential_.array() = candidate_.array();
  equation_->analyse(potential_, candidate_hat_);
  const auto energies = linear.energies(candidate_hat_);
  if (flux_) {
    linear.apply(candidate_hat_, work_hat_);
    transform.inverse(work_hat_, potential_);
    report = {slope(problem), energies.gradient, energies.elastic};
  } else {
    potential_.array().setZero();
    report = {slope(problem), energies.gradient, energies.elastic};
    transform.forward(potential_, work_hat_);
    const double M = std::get<ConstantMobility>(equation_->parameters().mobility).M;
    const Real rate = static_cast<Real>(problem.dt * M), scale = transform.scale(),
               kappa = static_cast<Real>(linear.kappa());
    const std::size_t modes = grid.modes(0), lanes = grid.lanes();
    for_rows(grid.mode_rows(), [&](Rows share) {
      std::vector<Real> k2(modes), elastic(modes);
      for (std::size_t r = share.begin; r < share.end; ++r) {
        linear.row(r, k2.data(), elastic.data());
        const Real* const x = candidate_hat_.data() + r * modes * lanes;
        Real* const g = work_hat_.data() + r * modes * lanes;
        for (std::size_t m = 0; m < modes; ++m) {
          const Real K = kappa * k2[m] + elastic[m];
          for (std::size_t i = m * lanes; i < (m + 1) * lanes; ++i) g[i] = rate * k2[m] * (scale * g[i] + K * x[i]);
        }
      }
    });
    transform.inverse(work_hat_, potential_);
  }
  work_.transforms += static_cast<std::int64_t>(transform.count() - before);

  const Real alpha = static_cast<Real>(problem.formula.alpha);
  const double norm2 = reduce_rows<double>(grid.rows(), [&](Rows share) {
    std::vector<Real> sum(nx);
    double part = 0;
    for (std::size_t r = share.begin; r < share.end; ++r) {
      if (flux_)
        faces_.apply(r, potential_.data(), sum.data());
      else
        std::copy_n(potential_.data() + r * nx, nx, sum.data());
      const Real *x = candidate_.data() + r * nx, *known = known_.data() + r * nx;
      float* const rhs = rhs_.data() + r * nx;
#pragma omp simd reduction(+ : part)
      for (std::size_t i = 0; i < nx; ++i) {
        const Real R = alpha * x[i] + sum[i] - known[i];
        rhs[i] = static_cast<float>(-R);
        part += static_cast<double>(R) * R;
      }
    }
    return part;
  });
  return std::sqrt(norm2);
}

/// out = (alpha + A (D + K)) in, Newton's matrix.
template <class Real>
void Implicit<Real>::linear_map(const Problem& problem, const Field<float>& in, Field<float>& out) {
  const Grid& grid = equation_->grid();
  const std::size_t nx = grid.cells(0), modes = grid.modes(0), lanes = grid.lanes();
  const float alpha = static_cast<float>(problem.formula.alpha), scale = transform_.scale();
  const float* const D = multigrid_.curvature().data();
  cells32_.array() = in.array();
  transform_.forward(cells32_, hat32_);
  if (flux_) {
    linear_.apply(hat32_, hat32_);
    transform_.inverse(hat32_, cells32_);
    for_rows(grid.rows(), [&](Rows share) {
#pragma omp simd
      for (std::size_t i = share.begin * nx; i < share.end * nx; ++i) cells32_[i] = scale * cells32_[i] + D[i] * in[i];
    });
    for_rows(grid.rows(), [&](Rows share) {
      for (std::size_t r = share.begin; r < share.end; ++r) {
        float* const sum = out.data() + r * nx;
        multigrid_.diffusion().apply(r, cells32_.data(), sum);
#pragma omp simd
        for (std::size_t i = 0; i < nx; ++i) sum[i] += alpha * in[r * nx + i];
      }
    });
    return;
  }
  for_rows(grid.rows(), [&](Rows share) {
#pragma omp simd
    for (std::size_t i = share.begin * nx; i < share.end * nx; ++i) cells32_[i] = D[i] * in[i];
  });
  transform_.forward(cells32_, other_hat32_);
  const float rate = static_cast<float>(problem.dt * std::get<ConstantMobility>(equation_->parameters().mobility).M),
              kappa = static_cast<float>(linear_.kappa());
  for_rows(grid.mode_rows(), [&](Rows share) {
    std::vector<float> k2(modes), elastic(modes);
    for (std::size_t r = share.begin; r < share.end; ++r) {
      linear_.row(r, k2.data(), elastic.data());
      float* const d = hat32_.data() + r * modes * lanes;
      const float* const g = other_hat32_.data() + r * modes * lanes;
      for (std::size_t m = 0; m < modes; ++m) {
        const float K = kappa * k2[m] + elastic[m];
        for (std::size_t i = m * lanes; i < (m + 1) * lanes; ++i)
          d[i] = scale * (alpha * d[i] + rate * k2[m] * (g[i] + K * d[i]));
      }
    }
  });
  transform_.inverse(hat32_, out);
}

/// candidate_ += correction_, held back where it would take away most of x or of 1-x.
template <class Real>
typename Implicit<Real>::Update Implicit<Real>::apply_correction() {
  const std::size_t nx = equation_->grid().cells(0);
  const bool limit = logarithmic();
  const Update update = reduce_rows<Update>(equation_->grid().rows(), [&](Rows share) {
    Update part;
    for (std::size_t i = share.begin * nx; i < share.end * nx; ++i) {
      const Real x = candidate_[i], d = static_cast<Real>(correction_[i]);
      Real next = x + d;
      constexpr Real least_share = Real(0.4), least_exponent = Real(-2.5);
      if (limit && (next < least_share * x || 1 - next < least_share * (1 - x))) {
        next = next < least_share * x ? x * std::exp(std::max(d / x, least_exponent))
                                      : 1 - (1 - x) * std::exp(std::max(-d / (1 - x), least_exponent));
        next = std::clamp<Real>(next, least_x<Real>, 1 - least_rest<Real>);
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
    const double cells = static_cast<double>(x.size()), missing = amount_ - sums.x / cells;
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
      part.fluctuation += (x - amount_) * (x - amount_);
    }
    return part;
  });
  const double cells = static_cast<double>(candidate_.size());
  return {f.error_share * std::sqrt(sums.error / cells), std::max(std::sqrt(sums.fluctuation / cells), least_rms)};
}

template <class Real>
Attempt Implicit<Real>::attempt(double dt, double largest_error) {
  Problem problem;
  problem.dt = dt;
  problem.split = always_split_ || attempts_ >= most_attempts;
  ++attempts_;
  const int order = problem.split ? 1 : order_;
  problem.formula = Multistep::of(order, known_levels_, dt, levels_[0].dt, levels_[1].dt);
  if (problem.split) {
    problem.convex_part = convex_part();
    if (explicit_.size() == 0) explicit_ = Field<Real>(equation_->grid());
  }
  predict(problem);
  set_mobility(problem, problem.split ? levels_[0].x : candidate_);

  Attempt attempt;
  attempt.error_known = known_levels_ > order;
  const double cells = static_cast<double>(candidate_.size()), round_off = std::is_same_v<Real, float> ? 1e-6 : 1e-13;
  double norm = residual(problem, attempt.state), tolerance = 0.1;
  for (int iteration = 0;; ++iteration) {
    if (!std::isfinite(norm)) attempt.failure = Rejection::not_finite;
    if (iteration == most_newton) attempt.failure = Rejection::not_converged;
    if (attempt.failure) return attempt;
    multigrid_.prepare(problem.formula.alpha);
    const Gmres::Result result =
        gmres_.solve([&](const Field<float>& in, Field<float>& out) { linear_map(problem, in, out); },
                     [&](const Field<float>& in, Field<float>& out) { multigrid_.solve(in, out); }, rhs_, correction_,
                     tolerance, most_krylov);
    work_.newton += 1;
    work_.krylov += result.iterations;
    const Update update = apply_correction();
    const Spread spread = this->spread(problem.formula);
    attempt.error = spread.error / spread.fluctuation;
    if (attempt.error_known && iteration == 0 && attempt.error > 3 * largest_error) return attempt;
    const double before = norm, change = std::sqrt(update.change2 / cells);
    norm = residual(problem, attempt.state);
    // What is left of the residual bounds what is left of the error: the preconditioned system damps smooth errors
    // most.
    const double left = change * norm / before;
    const double wanted =
        std::max(newton_share * (attempt.error_known ? spread.error : tolerance_ * spread.fluctuation), round_off);
    if (update.limited == 0 && left <= wanted) break;
    tolerance = std::clamp(0.5 * wanted / left, 0.01, 0.3);
  }
  candidate_cells_ = attempt.state.cells;
  if (logarithmic()) {
    // Another solution of the step's equation, far from any phase, is not the one that continues the state.
    constexpr double far = 0.018;
    const double lowest = far * std::min(lowest_, cells_.x_min), rest = far * std::min(highest_rest_, 1 - cells_.x_max);
    if (candidate_cells_.x_min < lowest || 1 - candidate_cells_.x_max < rest) attempt.failure = Rejection::outside_band;
  }
  return attempt;
}

template <class Real>
void Implicit<Real>::accept(double dt) {
  std::swap(candidate_, levels_[2].x);
  levels_[2].dt = dt;
  std::rotate(levels_.begin(), levels_.begin() + 2, levels_.end());
  std::swap(x_hat_, candidate_hat_);
  known_levels_ = std::min(known_levels_ + 1, 3);
  cells_ = candidate_cells_;
  attempts_ = 0;
}

template class Implicit<float>;
template class Implicit<double>;

}  // namespace spinode
