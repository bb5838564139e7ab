#include "spinode/stepper/step_equation.hpp"

#include <algorithm>
#include <cmath>

#include "../cell_kernels.hpp"
#include "spinode/archive.hpp"
#include "spinode/parallel.hpp"

namespace spinode {
namespace {

constexpr int most_krylov = 100;

}  // namespace

template <class Real>
StepEquation<Real>::StepEquation(CahnHilliard<Real>& equation, Planning planning)
    : equation_(&equation),
      known_(equation.grid()),
      potential_(equation.grid()),
      x_hat_(equation.grid()),
      work_hat_(equation.grid()),
      transform_(equation.grid(), planning),
      linear_(equation.grid(), equation.parameters().kappa, equation.parameters().coherency),
      multigrid_(equation.grid(), equation.parameters().kappa, linear_.softest()),
      gmres_(equation.grid()),
      cells32_(equation.grid()),
      rhs_(equation.grid()),
      correction_(equation.grid()),
      hat32_(equation.grid()) {
  thickness_ = equation.grid().thickness();
  const CahnHilliardParameters& parameters = equation.parameters();
  if (const auto* darken = std::get_if<DarkenMobility>(&parameters.mobility)) {
    flux_.emplace(equation.grid(), *darken, parameters.G.ideal());
    faces_ = Faces<Real>(equation.grid());
  } else {
    other_hat32_ = Spectrum<float>(equation.grid());
  }
}

template <class Real>
void StepEquation<Real>::set(double alpha, double dt, const Field<Real>& mobility_from) {
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
  flux_->mobilities(mobility_from, potential_, dt_, faces_);
  for (int a = 0; a < grid.dimension(); ++a) {
    const Real* const weight = faces_.weight(a);
    float* const weight32 = diffusion.weight(a);
    for_cells(grid.size(), [=](std::size_t i) { weight32[i] = static_cast<float>(weight[i]); });
  }
}

template <class Real>
void StepEquation<Real>::take_along(double e0, const Field<double>& nu0, double e1, const Field<double>& nu1) {
  if (nu_.size() == 0) nu_ = Field<Real>(equation_->grid());
  for_cells(nu_.size(), [=, nu = nu_.data(), a = nu0.data(), b = nu1.data()](std::size_t i) {
    nu[i] = static_cast<Real>(e0 * a[i] + e1 * b[i]);
  });
}

template <class Real>
void StepEquation<Real>::split_slope(const Field<Real>& old, const CellReport& extremes) {
  const FreeEnergy& G = equation_->parameters().G;
  const Polynomial slope = G.excess().derivative(), curvature = slope.derivative();
  // Without a logarithm to hold it x may leave the extremes a little.
  const double margin = G.ideal() > 0 ? 0 : 0.1 * (extremes.x_max - extremes.x_min);
  const double low = extremes.x_min - margin, high = extremes.x_max + margin;
  constexpr int samples = 64;
  double largest = 0;
  for (int s = 0; s <= samples; ++s) largest = std::max(largest, curvature(low + (high - low) * s / samples));
  convex_part_ = static_cast<Real>(largest);
  split_ = true;
  if (kept_slope_.size() == 0) kept_slope_ = Field<Real>(equation_->grid());
  const std::size_t nx = equation_->grid().cells(0);
  const Real S = convex_part_;
  for_rows(equation_->grid().rows(), [&](Rows share) {
    for (std::size_t first = share.begin * nx; first < share.end * nx; first += chunk) {
      const std::size_t n = std::min(chunk, share.end * nx - first);
      const Real* const x = old.data() + first;
      Real* const kept = kept_slope_.data() + first;
      evaluate_polynomial(slope, x, n, kept);
#pragma omp simd
      for (std::size_t i = 0; i < n; ++i) kept[i] -= S * x[i];
    }
  });
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
      if (split_) {
        const Real* const kept = kept_slope_.data() + first;
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
      if (nu_.size() > 0) {
        const Real* const nu = nu_.data() + first;
#pragma omp simd
        for (std::size_t i = 0; i < n; ++i) mu[i] += nu[i];
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
double StepEquation<Real>::residual(const Field<Real>& x, StateReport& report) {
  const Grid& grid = equation_->grid();
  const Transform<Real>& transform = equation_->transform();
  const std::size_t nx = grid.cells(0), before = transform.count();
  Real* const mu = potential_.data();
  for_cells(grid.size(), [mu, value = x.data()](std::size_t i) { mu[i] = value[i]; });
  equation_->analyse(potential_, x_hat_);
  const auto energies = equation_->linear().energies(x_hat_);
  if (flux_) {
    equation_->linear().apply(x_hat_, work_hat_);
    equation_->synthesise(work_hat_, potential_);
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
    std::vector<Real> transport(nx);
    double part = 0;
    for (std::size_t r = share.begin; r < share.end; ++r) {
      if (flux_)
        faces_.apply(r, potential_.data(), transport.data());
      else
        std::copy_n(potential_.data() + r * nx, nx, transport.data());
      const Real *value = x.data() + r * nx, *known = known_.data() + r * nx;
      float* const rhs = rhs_.data() + r * nx;
#pragma omp simd reduction(+ : part)
      for (std::size_t i = 0; i < nx; ++i) {
        const Real R = alpha_ * value[i] + transport[i] - known[i];
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
      [&](const Field<float>& in, Field<float>& out) { multigrid_.solve(in, out); }, rhs_, correction_, tolerance,
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
  const float *D = multigrid_.curvature().data(), *d = in.data();
  float* const u = cells32_.data();
  for_cells(grid.size(), [=](std::size_t i) { u[i] = d[i]; });
  transform_.forward(cells32_, hat32_);
  linear_.apply(hat32_, hat32_);
  transform_.inverse(hat32_, cells32_);
  for_cells(grid.size(), [=](std::size_t i) { u[i] = scale * u[i] + D[i] * d[i]; });
  for_rows(grid.rows(), [&](Rows share) {
    for (std::size_t r = share.begin; r < share.end; ++r) {
      float* const sum = out.data() + r * nx;
      multigrid_.diffusion().apply(r, u, sum);
#pragma omp simd
      for (std::size_t i = 0; i < nx; ++i) sum[i] += alpha * d[r * nx + i];
    }
  });
}

/// The same with A = dt M k^2.
template <class Real>
void StepEquation<Real>::linear_map_spectrally(const Field<float>& in, Field<float>& out) {
  const double scale = transform_.scale();
  const float *D = multigrid_.curvature().data(), *d = in.data();
  float* const u = cells32_.data();
  for_cells(in.size(), [=](std::size_t i) { u[i] = d[i]; });
  transform_.forward(cells32_, hat32_);
  for_cells(in.size(), [=](std::size_t i) { u[i] = D[i] * d[i]; });
  transform_.forward(cells32_, other_hat32_);
  linear_.transport(scale * alpha_, scale * dt_ * constant_mobility(), hat32_, other_hat32_);
  transform_.inverse(other_hat32_, out);
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
}

template class StepEquation<float>;
template class StepEquation<double>;

}  // namespace spinode
