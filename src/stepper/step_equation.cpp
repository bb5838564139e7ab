#include "spinode/stepper/step_equation.hpp"

#include <algorithm>
#include <cmath>

#include "../cell_kernels.hpp"
#include "spinode/archive.hpp"
#include "spinode/parallel.hpp"

namespace spinode {
namespace {

constexpr int most_krylov = 100;
/// Iterations before GMRES starts anew. With staggered fluxes most systems take two to five, and few more than ten;
/// those of an electrode take up to forty, as those of a constant mobility may, whose operator is not the one that
/// multigrid inverts.
template <class Real>
int restart_of(CahnHilliard<Real>& equation) {
  const bool staggered = std::holds_alternative<DarkenMobility>(equation.parameters().mobility);
  return staggered && !equation.flow() ? 12 : 20;
}

}  // namespace

template <class Real>
StepEquation<Real>::StepEquation(CahnHilliard<Real>& equation, Planning planning)
    : equation_(&equation),
      potential_(equation.grid()),
      x_hat_(equation.grid()),
      transform_(equation.grid(), planning),
      linear_(equation.grid(), equation.parameters().kappa, equation.parameters().coherency),
      multigrid_(equation.grid(), equation.parameters().kappa, linear_.softest()),
      gmres_(equation.grid(), restart_of(equation)),
      correction_(equation.grid()),
      half32_(equation.grid()) {
  thickness_ = equation.grid().thickness();
  const CahnHilliardParameters& parameters = equation.parameters();
  if (const auto* darken = std::get_if<DarkenMobility>(&parameters.mobility)) {
    flux_.emplace(equation.grid(), *darken, parameters.G.ideal());
  } else {
    work_hat_ = Spectrum<Real>(equation.grid());
    hat32_ = Spectrum<float>(equation.grid());
  }
}

template <class Real>
void StepEquation<Real>::set(double alpha, double dt, const Field<Real>& mobility_from, const Known& known) {
  known_ = known;
  alpha_ = static_cast<Real>(alpha);
  dt_ = static_cast<Real>(dt);
  const Grid& grid = equation_->grid();
  if (grid.thickness() != thickness_) {
    thickness_ = grid.thickness();
    linear_.stretch(grid);
    multigrid_.stretch(grid);
    if (flux_) flux_->stretch(grid);
  }
  Faces<float>& diffusion = multigrid_.diffusion();
  const CahnHilliardParameters& parameters = equation_->parameters();
  if (flux_) flux_->set(std::get<DarkenMobility>(parameters.mobility), parameters.G.ideal());
  if (!flux_) {
    for (int a = 0; a < grid.dimension(); ++a)
      diffusion.fill(grid, a, static_cast<float>(dt * constant_mobility() / std::pow(grid.axis(a).spacing(), 2)));
    return;
  }
  const std::size_t nx = grid.cells(0);
  for_rows(grid.rows(), [&](Rows share) {
    const std::size_t first = share.begin * nx;
    log_odds(mobility_from.data() + first, (share.end - share.begin) * nx, least_x, 1 - least_rest,
             potential_.data() + first);
  });
  flux_->mobilities(mobility_from, potential_, dt_, diffusion);
}

template <class Real>
void StepEquation<Real>::split_slope(const Field<Real>& old, const CellReport& extremes) {
  const FreeEnergy& G = equation_->parameters().G;
  const Polynomial curvature = G.excess().derivative().derivative();
  // Without a logarithm to hold it x may leave the extremes a little.
  const double margin = G.ideal() > 0 ? 0 : 0.1 * (extremes.x_max - extremes.x_min);
  const double low = extremes.x_min - margin, high = extremes.x_max + margin;
  constexpr int samples = 64;
  double largest = 0;
  for (int s = 0; s <= samples; ++s) largest = std::max(largest, curvature(low + (high - low) * s / samples));
  convex_part_ = static_cast<Real>(largest);
  old_ = &old;
}

/// Adds the local part of mu to potential_, and leaves its slope and the weight of every cell to multigrid.
template <class Real>
CellReport StepEquation<Real>::local_potential(const Field<Real>& field) {
  const FreeEnergy& G = equation_->parameters().G;
  const Polynomial d_excess = G.excess().derivative(), d2_excess = d_excess.derivative();
  const Real theta = static_cast<Real>(G.ideal()), S = convex_part_;
  const std::size_t nx = equation_->grid().cells(0);
  const auto sums = reduce_rows<CellSums>(equation_->grid().rows(), [&](Rows share) {
    CellSums part;
    Real value[chunk], y[chunk];
    for (std::size_t first = share.begin * nx; first < share.end * nx; first += chunk) {
      const std::size_t n = std::min(chunk, share.end * nx - first);
      const Real* const x = field.data() + first;
      Real* const mu = potential_.data() + first;
      float *D = multigrid_.curvature().data() + first, *m = multigrid_.weight().data() + first;
      add_extremes(x, n, part);
      evaluate_polynomial(G.excess(), x, n, value);
      part.energy += sum_of(value, n);
      const Real* const slope_at = (old_ ? old_->data() : field.data()) + first;
      evaluate_polynomial(d_excess, slope_at, n, value);
      if (old_) {
#pragma omp simd
        for (std::size_t i = 0; i < n; ++i) {
          mu[i] += S * (x[i] - slope_at[i]) + value[i];
          D[i] = static_cast<float>(S);
        }
      } else {
        evaluate_polynomial(d2_excess, x, n, y);
#pragma omp simd
        for (std::size_t i = 0; i < n; ++i) {
          mu[i] += value[i];
          D[i] = static_cast<float>(y[i]);
        }
      }
      for (const Term<double>& nu : nu_)
        if (const double factor = nu.factor; factor != 0) {
          const double* const term = nu.field->data() + first;
#pragma omp simd
          for (std::size_t i = 0; i < n; ++i) mu[i] += static_cast<Real>(factor * term[i]);
        }
      if (theta > 0) {
        part.energy += static_cast<double>(theta) * log_odds(x, n, least_x, 1 - least_rest, y);
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

template <class Real>
const Spectrum<Real>& StepEquation<Real>::amplitudes(const Field<Real>& x) {
  if (analysed_ != x.data()) {
    for_cells(x.size(), [to = potential_.data(), from = x.data()](std::size_t i) { to[i] = from[i]; });
    equation_->analyse(potential_, x_hat_);
    analysed_ = x.data();
  }
  return x_hat_;
}

template <class Real>
double StepEquation<Real>::residual(const Field<Real>& x, StateReport& report) {
  const Grid& grid = equation_->grid();
  const Transform<Real>& transform = equation_->transform();
  const std::size_t nx = grid.cells(0), before = transform.count();
  Real* const mu = potential_.data();
  analysed_ = nullptr;
  amplitudes(x);
  const auto energies = equation_->linear().energies(x_hat_);
  if (flux_) {
    Spectrum<Real>& work_hat = *equation_->half_linear();
    equation_->linear().apply(x_hat_, work_hat);
    equation_->synthesise(work_hat, potential_);
    report = {local_potential(x), energies.gradient, energies.elastic};
  } else {
    for_cells(grid.size(), [mu](std::size_t i) { mu[i] = 0; });
    report = {local_potential(x), energies.gradient, energies.elastic};
    equation_->analyse(potential_, work_hat_);
    equation_->linear().transport(0, dt_ * constant_mobility(), x_hat_, work_hat_);
    equation_->synthesise(work_hat_, potential_);
  }
  work_.transforms += static_cast<std::int64_t>(transform.count() - before);

  const double norm2 = reduce_rows<double>(grid.rows(), [&](Rows share) {
    std::vector<Real> others(nx);
    double part = 0;
    for (std::size_t r = share.begin; r < share.end; ++r) {
      if (flux_)
        multigrid_.diffusion().apply(r, mu, others.data());
      else
        std::copy_n(mu + r * nx, nx, others.data());
      for (const Term<Real>& known : known_)
        if (const Real factor = known.factor; factor != 0) {
          const Real* const term = known.field->data() + r * nx;
#pragma omp simd
          for (std::size_t i = 0; i < nx; ++i) others[i] -= factor * term[i];
        }
      const Real* const value = x.data() + r * nx;
      float* const rhs = gmres_.rhs().data() + r * nx;
#pragma omp simd reduction(+ : part)
      for (std::size_t i = 0; i < nx; ++i) {
        const Real R = alpha_ * value[i] + others[i];
        rhs[i] = static_cast<float>(-R);
        part += static_cast<double>(R) * R;
      }
    }
    return part;
  });
  return std::sqrt(norm2);
}

template <class Real>
const Field<float>& StepEquation<Real>::correction(double tolerance) {
  multigrid_.prepare(alpha_);
  const Gmres::Result result = gmres_.solve(
      [&](const Field<float>& in, Field<float>& out) {
        if (flux_)
          linear_map(in, out);
        else
          linear_map_spectrally(in, out);
      },
      [&](const Field<float>& in, Field<float>& out) { multigrid_.solve(in, out); }, correction_, tolerance,
      most_krylov);
  work_.newton += 1;
  work_.krylov += result.iterations;
  return correction_;
}

/// out = (alpha + A (D + K)) in, A = -div (dt M*) grad on staggered faces, D the local slope of mu.
template <class Real>
void StepEquation<Real>::linear_map(const Field<float>& in, Field<float>& out) {
  const Grid& grid = equation_->grid();
  const std::size_t nx = grid.cells(0);
  const float alpha = static_cast<float>(alpha_), scale = transform_.scale();
  float* const u = multigrid_.scratch().data();
  transform_.template cells_to_half<NoSum>(
      half32_, [&](std::size_t row, float* cells, NoSum&) { std::copy_n(in.data() + row * nx, nx, cells); });
  transform_.template through_modes<NoSum>(
      half32_, [&](const ModeRun& run, float* values, NoSum&) { linear_.apply(run, values, values); });
  transform_.template half_to_cells<NoSum>(half32_, [&](std::size_t row, const float* cells, NoSum&) {
    const float *D = multigrid_.curvature().data() + row * nx, *d = in.data() + row * nx;
#pragma omp simd
    for (std::size_t i = 0; i < nx; ++i) u[row * nx + i] = scale * cells[i] + D[i] * d[i];
  });
  for_rows(grid.rows(), [&](Rows share) {
    for (std::size_t r = share.begin; r < share.end; ++r) {
      float* const sum = out.data() + r * nx;
      multigrid_.diffusion().apply(r, u, sum);
#pragma omp simd
      for (std::size_t i = 0; i < nx; ++i) sum[i] += alpha * in[r * nx + i];
    }
  });
}

/// The same with A = dt M k^2.
template <class Real>
void StepEquation<Real>::linear_map_spectrally(const Field<float>& in, Field<float>& out) {
  const double scale = transform_.scale();
  const float *D = multigrid_.curvature().data(), *d = in.data();
  float* const u = out.data();
  for_cells(in.size(), [=](std::size_t i) { u[i] = d[i]; });
  transform_.forward(out, hat32_);
  for_cells(in.size(), [=](std::size_t i) { u[i] = D[i] * d[i]; });
  transform_.forward(out, half32_);
  linear_.transport(scale * alpha_, scale * dt_ * constant_mobility(), hat32_, half32_);
  transform_.inverse(half32_, out);
}

template <class Real>
Work StepEquation<Real>::work() const {
  Work work = work_;
  work.transforms += static_cast<std::int64_t>(transform_.count());
  return work;
}

template <class Real>
void StepEquation<Real>::serialize(Archive& archive) {
  archive("work", work_);
  archive("transform", transform_);
  archive("multigrid", multigrid_);
  analysed_ = nullptr;
}

template class StepEquation<float>;
template class StepEquation<double>;

}  // namespace spinode
