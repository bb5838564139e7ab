#include "spinode/cahn_hilliard.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cell_kernels.hpp"
#include "mode_kernels.hpp"
#include "spinode/archive.hpp"
#include "spinode/parallel.hpp"
#include "spinode/spectral_derivative.hpp"

namespace spinode {
namespace {

template <class Real>
void add(const double* terms, std::size_t n, Real* value) {
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) value[i] += static_cast<Real>(terms[i]);
}

/// w += excess'(x), and y, of staggered fluxes.
template <class Real>
void add_potentials(const LocalEnergy<Real>& G, const Real* x, std::size_t n, Real* y, Real* w, CellSums& sums) {
  constexpr Real edge = static_cast<Real>(LogMeanFlux<Real>::edge);
  staggered_potentials(G, x, n, edge, 1 - std::max(edge, std::numeric_limits<Real>::epsilon() / 2), y, w, sums);
}

}  // namespace

template <class Real>
CahnHilliard<Real>::CahnHilliard(const Grid& grid, CahnHilliardParameters parameters, Planning planning)
    : grid_(grid),
      parameters_(std::move(parameters)),
      transform_(grid, planning),
      linear_(grid, parameters_.kappa, parameters_.coherency),
      local_(std::make_unique<LocalEnergy<Real>>(parameters_.G, parameters_.log_cutoff)),
      half_(grid) {
  measure_stencils();
  if (const auto* darken = std::get_if<DarkenMobility>(&parameters_.mobility)) {
    flux_.emplace(grid, *darken, parameters_.G.ideal());
    half_linear_ = Spectrum<Real>(grid);
    for (Array<Real>* const cells : {&near_x_, &y_, &w_})
      *cells = Array<Real>(transform_.places().count() * grid.cells(0));
  }
  if (parameters_.mechanics) mechanics_.emplace(grid, *parameters_.mechanics, parameters_.coherency, planning);
  if (parameters_.flow) {
    flow_.emplace(grid, *parameters_.flow);
    flow_field_ = Field<Real>(grid);
  }
}

template <class Real>
CahnHilliard<Real>::~CahnHilliard() = default;

template <class Real>
void CahnHilliard<Real>::measure_stencils() {
  for (int a = 0; a < 3; ++a) {
    const double h = grid_.axis(a).spacing();
    stencil_k2_[a].clear();
    for (std::size_t m = 0; m < grid_.modes(a); ++m) {
      const double k = a < grid_.dimension() ? grid_.wavenumber(a, m) : 0;
      // What diffuses by a spectral operator is taken implicitly by one.
      const bool staggered = std::holds_alternative<DarkenMobility>(parameters_.mobility);
      stencil_k2_[a].push_back(staggered ? std::pow(2 * std::sin(k * h / 2) / h, 2) : k * k);
    }
  }
  stencil_along_.clear();
  for (const double p : stencil_k2_[0])
    stencil_along_.insert(stencil_along_.end(), grid_.lanes(), static_cast<Real>(p));
}

template <class Real>
void CahnHilliard<Real>::set_thickness(double thickness) {
  if (thickness == grid_.thickness()) return;
  grid_ = grid_.of_thickness(thickness);
  measure_stencils();
  linear_.stretch(grid_);
  if (flux_) flux_->stretch(grid_);
}

template <class Real>
void CahnHilliard<Real>::set(const LocalLaw& law) {
  parameters_.G = law.G;
  parameters_.mobility = law.mobility;
  parameters_.RT = law.RT;
  *local_ = LocalEnergy<Real>(law.G, parameters_.log_cutoff);
  if (flux_) flux_->set(std::get<DarkenMobility>(law.mobility), law.G.ideal());
  if (mechanics_) mechanics_->set(law.creep);
  ++revision_;
}

template <class Real>
void CahnHilliard<Real>::analyse(Field<Real>& x, Spectrum<Real>& x_hat) {
  const std::size_t n = grid_.cells(0), lanes = grid_.lanes();
  const Real scale = transform_.scale();
  transform_.template cells_to_half<NoSum>(
      half_, [&](std::size_t row, Real* cells, NoSum&) { std::copy_n(x.data() + row * n, n, cells); });
  transform_.template half_to_modes<NoSum>(half_, [&](const ModeRun& run, const Real* values, NoSum&) {
    Real* const to = x_hat.data() + first_of(run);
    for (std::size_t i = 0; i < run.count * lanes; ++i) to[i] = scale * values[i];
  });
}

template <class Real>
void CahnHilliard<Real>::present(const Spectrum<Real>& x_hat) {
  if (!staggered()) return place(x_hat);
  transform_.template modes_to_half<NoSum>(
      half_, half_linear_, [&](const ModeRun& run, Real* values, Real* potentials, NoSum&) {
        std::copy_n(x_hat.data() + first_of(run), run.count * grid_.lanes(), values);
        apply_potential(symbols(run), values, potentials);
      });
}

/// In half(), without what else a step would want beside it.
template <class Real>
void CahnHilliard<Real>::place(const Spectrum<Real>& x_hat) {
  transform_.template modes_to_half<NoSum>(half_, [&](const ModeRun& run, Real* values, NoSum&) {
    std::copy_n(x_hat.data() + first_of(run), run.count * grid_.lanes(), values);
  });
}

template <class Real>
void CahnHilliard<Real>::synthesise(const Spectrum<Real>& x_hat, Field<Real>& x) {
  place(x_hat);
  copy_presented(x);
}

template <class Real>
void CahnHilliard<Real>::copy_presented(Field<Real>& x) {
  const std::size_t n = grid_.cells(0);
  transform_.template half_to_cells<NoSum>(
      half_, [&](std::size_t row, const Real* cells, NoSum&) { std::copy_n(cells, n, x.data() + row * n); });
}

template <class Real>
Field<Real>& CahnHilliard<Real>::cells() {
  if (x_.size() == 0) x_ = Field<Real>(grid_);
  return x_;
}

template <class Real>
Field<Real> CahnHilliard<Real>::field(const Spectrum<Real>& x_hat) {
  place(x_hat);
  if (x_.size() == 0) return transform_.half_to_field(half_);
  copy_presented(x_);
  return Field<Real>(x_.data(), grid_);
}

template <class Real>
const Field<Real>& CahnHilliard<Real>::presented() {
  copy_presented(cells());
  return x_;
}

template <class Real>
typename CahnHilliard<Real>::Speed CahnHilliard<Real>::speed(const Spectrum<Real>& x_hat) {
  Spectrum<Real> b_hat;
  const double v = flow_ ? flow_->velocity() : 0;
  if (v != 0) b_hat = Spectrum<Real>(grid_);
  present(x_hat);
  const CellReport cells = evaluate(mechanics_ ? &mechanics_->potential(0) : nullptr, v != 0 ? &b_hat : nullptr);
  struct Squares {
    double rate = 0, x = 0;
    Squares& operator+=(const Squares& other) {
      rate += other.rate;
      x += other.x;
      return *this;
    }
  };
  const std::size_t lanes = grid_.lanes();
  const auto sums =
      transform_.template half_to_modes<Squares>(half_, [&](const ModeRun& run, const Real* g, Squares& sum) {
        const Symbols<Real> s = symbols(run);
        const std::size_t first = first_of(run);
        for (std::size_t i = first == 0 ? lanes : 0; i < s.reals; ++i) {
          const double x = x_hat[first + i], k2 = s.k2_along[i] + s.k2_across, K = s.kappa * k2 + s.elastic[i],
                       rate = (s.rate + s.rate_k2 * k2) * g[i] + s.linear_k2 * k2 * K * x +
                              (v != 0 ? v * b_hat[first + i] : 0),
                       counted = s.multiplicity_along[i] * s.multiplicity_across;
          sum.rate += counted * rate * rate;
          sum.x += counted * x * x;
        }
      });
  return {cells, std::sqrt(sums.rate), std::sqrt(sums.x)};
}

/// With fluxes through staggered faces; `kept`, which may be null, is filled with x.
template <class Real>
CellReport CahnHilliard<Real>::evaluate_staggered(const Field<double>* nu, Real* kept) {
  const std::size_t n = grid_.cells(0);
  const RowPlaces& places = transform_.places();
  const FluxCells<Real> near{near_x_.data(), y_.data(), w_.data(), &places};
  flux_->begin();
  return transform_
      .template through_cells<CellSums>(
          half_, half_linear_,
          [&](std::size_t row, const Real* cells) {
            std::copy_n(cells, n, near_x_.data() + places(row) * n);
            if (kept) std::copy_n(cells, n, kept + row * n);
          },
          [&](std::size_t row, const Real* cells, CellSums& sum) {
            const std::size_t first = places(row) * n;
            Real* const w = w_.data() + first;
            std::copy_n(cells, n, w);
            add_potentials(*local_, near.x + first, n, y_.data() + first, w, sum);
            if (nu) add(nu->data() + row * n, n, w);
          },
          [&](std::size_t row, Real* cells) { flux_->divergence_row(near, row, cells); })
      .per_cell(grid_.size());
}

template <class Real>
CellReport CahnHilliard<Real>::survey(const Spectrum<Real>& x_hat) {
  place(x_hat);
  const std::size_t n = grid_.cells(0);
  return transform_
      .template half_to_cells<CellSums>(half_,
                                        [&](std::size_t, Real* cells, CellSums& sum) {
                                          if (!staggered()) return local_slope(*local_, cells, n, sum);
                                          for (std::size_t first = 0; first < n; first += chunk) {
                                            Real y[chunk], w[chunk] = {};
                                            add_potentials(*local_, cells + first, std::min(n - first, chunk), y, w,
                                                           sum);
                                          }
                                        })
      .per_cell(grid_.size());
}

template <class Real>
CellReport CahnHilliard<Real>::evaluate(const Field<double>* nu, Spectrum<Real>* b_hat, SinkState* sink) {
  const std::size_t n = grid_.cells(0);
  Real* const kept = b_hat || sink ? cells().data() : nullptr;
  CellReport report;
  if (staggered()) {
    report = evaluate_staggered(nu, kept);
  } else {
    report = transform_
                 .template through_cells<CellSums>(half_,
                                                   [&](std::size_t row, Real* cells, CellSums& sum) {
                                                     if (kept) std::copy_n(cells, n, kept + row * n);
                                                     local_slope(*local_, cells, n, sum);
                                                     if (nu) add(nu->data() + row * n, n, cells);
                                                   })
                 .per_cell(grid_.size());
  }
  if (sink) *sink = flow_->state(x_);
  if (b_hat) {
    const double mean = flow_rate(x_, flow_field_);
    // half() holds g.
    transform_.forward(flow_field_, *b_hat);
    b_hat->array() *= transform_.scale();
    // A mean that is round-off would add up.
    for (int lane = 0; lane < grid_.lanes(); ++lane) (*b_hat)[lane] = 0;
    (*b_hat)[0] = static_cast<Real>(mean);
  }
  return report;
}

template <class Real>
typename CahnHilliard<Real>::Implicit CahnHilliard<Real>::implicit_part(const CellReport& state, double share) const {
  const FreeEnergy& G = parameters_.G;
  const double low = state.x_min, high = state.x_max;
  // The largest positive curvature that is treated explicitly, over the compositions of the state.
  double curvature = 0;
  const double inner_low = std::max(low, parameters_.log_cutoff),
               inner_high = std::min(high, 1 - parameters_.log_cutoff);
  constexpr int samples = 32;
  const Polynomial excess_curvature = G.excess().derivative().derivative();
  for (int s = 0; s <= samples; ++s) {
    if (staggered())
      curvature = std::max(curvature, excess_curvature(low + (high - low) * s / samples));
    else
      curvature = std::max(curvature, G.d2G(G.ideal() > 0 ? inner_low + (inner_high - inner_low) * s / samples
                                                          : low + (high - low) * s / samples));
  }
  if (const auto* constant = std::get_if<ConstantMobility>(&parameters_.mobility))
    return {constant->M * share * curvature, constant->M};
  const double D = std::get<DarkenMobility>(parameters_.mobility).largest();
  const auto m = [](double x) { return std::max(0.0, x * (1 - x)); };
  const double largest = low < 0.5 && high > 0.5 ? 0.25 : std::max(m(low), m(high));
  return {D * (G.ideal() + share * largest * curvature), share * D * largest};
}

template <class Real>
Symbols<Real> CahnHilliard<Real>::symbols(const ModeRun& run) const {
  Symbols<Real> symbols{};
  linear_.fill(run, symbols);
  symbols.stencil_along = stencil_along_.data() + run.first * grid_.lanes();
  symbols.stencil_across = static_cast<Real>(stencil_k2_[1][run.across[0]] + stencil_k2_[2][run.across[1]]);
  const auto* const constant = std::get_if<ConstantMobility>(&parameters_.mobility);
  const double M = constant ? constant->M : 0;
  symbols.rate = constant ? 0 : transform_.scale();
  symbols.rate_k2 = static_cast<Real>(-M * transform_.scale());
  symbols.linear_k2 = static_cast<Real>(-M);
  return symbols;
}

template <class Real>
void CahnHilliard<Real>::diffusion_potential(const Spectrum<Real>& x_hat, Field<Real>& mu) {
  const FreeEnergy& G = parameters_.G;
  const std::size_t n = grid_.cells(0);
  transform_.template modes_to_half<NoSum>(half_, [&](const ModeRun& run, Real* values, NoSum&) {
    apply_potential(symbols(run), x_hat.data() + first_of(run), values);
  });
  copy_presented(mu);
  present(x_hat);
  transform_.template half_to_cells<NoSum>(half_, [&](std::size_t row, const Real* cells, NoSum&) {
    for (std::size_t i = 0; i < n; ++i) {
      constexpr double edge = LogMeanFlux<Real>::edge;
      const double x = G.ideal() > 0 ? std::clamp<double>(cells[i], edge, 1 - edge) : static_cast<double>(cells[i]);
      mu[row * n + i] += static_cast<Real>(G.dG(x) + (mechanics_ ? mechanics_->potential(0)[row * n + i] : 0));
    }
  });
}

template <class Real>
double CahnHilliard<Real>::flow_rate(const Field<Real>& x, Field<Real>& b) {
  return flow_->rate(x, grid_, parameters_.G, transform_, b);
}

template <class Real>
void CahnHilliard<Real>::serialize(Archive& archive) {
  double thickness = grid_.thickness();
  archive("thickness", thickness);
  set_thickness(thickness);
  if (mechanics_) archive("mechanics", *mechanics_);
  if (flow_) archive("flow", *flow_);
}

template <class Real>
double CahnHilliard<Real>::host_potential(const Spectrum<Real>& x_hat) {
  const FreeEnergy& G = parameters_.G;
  // half() may hold a state that is still to be evaluated.
  Spectrum<Real> work_hat(grid_);
  Field<Real> gradient(grid_), elastic(grid_), slope(grid_), slope2(grid_);
  linear_.apply(x_hat, work_hat);
  transform_.inverse(work_hat, gradient);
  linear_.apply_elastic(x_hat, work_hat);
  transform_.inverse(work_hat, elastic);
  for (int a = 0; a < grid_.dimension(); ++a) {
    Odd odd{};
    odd[a] = true;
    work_hat.array() = x_hat.array();
    differentiate(grid_, a, work_hat);
    transform_.inverse(work_hat, slope, odd);
    slope2.array() += slope.array().square();
  }
  work_hat.array() = x_hat.array();
  transform_.inverse(work_hat, cells());
  const std::vector<double> strength = flow_->strengths(x_, G, flow_->parameters().weight);
  const double mean = x_hat[0], kappa = parameters_.kappa;
  double potential = 0;
  for (std::size_t i = 0; i < strength.size(); ++i) {
    const double x = x_[i], of_elasticity = elastic[i], of_gradient = gradient[i] - of_elasticity;
    const double inside = G.ideal() > 0 ? std::clamp(x, 0.0, 1 - 1e-12) : x;
    potential +=
        strength[i] * (G.mu_host(inside) - x * of_gradient - kappa / 2 * slope2[i] - (x + mean) / 2 * of_elasticity);
  }
  return potential;
}

template class CahnHilliard<float>;
template class CahnHilliard<double>;

}  // namespace spinode
