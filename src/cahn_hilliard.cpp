#include "spinode/cahn_hilliard.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cell_kernels.hpp"
#include "spinode/archive.hpp"
#include "spinode/parallel.hpp"
#include "spinode/spectral_derivative.hpp"

namespace spinode {

template <class Real>
CahnHilliard<Real>::CahnHilliard(const Grid& grid, CahnHilliardParameters parameters, Planning planning)
    : grid_(grid),
      parameters_(std::move(parameters)),
      transform_(grid, planning),
      linear_(grid, parameters_.kappa, parameters_.coherency),
      work_hat_(grid),
      x_(grid) {
  measure_stencils();
  if (const auto* darken = std::get_if<DarkenMobility>(&parameters_.mobility)) {
    flux_.emplace(grid, *darken, parameters_.G.ideal());
    y_ = Field<Real>(grid);
    w_ = Field<Real>(grid);
    rate_ = Field<Real>(grid);
  }
  if (parameters_.mechanics) mechanics_.emplace(grid, *parameters_.mechanics, parameters_.coherency, planning);
  if (parameters_.flow) {
    flow_.emplace(grid, *parameters_.flow);
    flow_field_ = Field<Real>(grid);
  }
}

template <class Real>
void CahnHilliard<Real>::measure_stencils() {
  for (int a = 0; a < 3; ++a) {
    const double h = grid_.axis(a).spacing();
    stencil_k2_[a].clear();
    for (std::size_t m = 0; m < grid_.modes(a); ++m) {
      const double k = a < grid_.dimension() ? grid_.wavenumber(a, m) : 0;
      stencil_k2_[a].push_back(std::pow(2 * std::sin(k * h / 2) / h, 2));
    }
  }
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
  if (flux_) flux_->set(std::get<DarkenMobility>(law.mobility), law.G.ideal());
  if (mechanics_) mechanics_->set(law.creep);
  ++revision_;
}

template <class Real>
void CahnHilliard<Real>::analyse(Field<Real>& x, Spectrum<Real>& x_hat) {
  transform_.forward(x, x_hat);
  const Real scale = transform_.scale();
  for_rows(grid_.mode_rows(), [&](Rows share) {
    const std::size_t length = grid_.modes(0) * grid_.lanes();
    for (std::size_t i = share.begin * length; i < share.end * length; ++i) x_hat[i] *= scale;
  });
}

template <class Real>
void CahnHilliard<Real>::synthesise(const Spectrum<Real>& x_hat, Field<Real>& x) {
  for_rows(grid_.mode_rows(), [&](Rows share) {
    const std::size_t length = grid_.modes(0) * grid_.lanes();
    std::copy(x_hat.data() + share.begin * length, x_hat.data() + share.end * length,
              work_hat_.data() + share.begin * length);
  });
  transform_.inverse(work_hat_, x);
}

template <class Real>
const Field<Real>& CahnHilliard<Real>::field(const Spectrum<Real>& x_hat) {
  synthesise(x_hat, x_);
  return x_;
}

template <class Real>
typename CahnHilliard<Real>::Speed CahnHilliard<Real>::speed(const Spectrum<Real>& x_hat) {
  Spectrum<Real> g_hat(grid_), b_hat;
  const double v = flow_ ? flow_->velocity() : 0;
  if (v != 0) b_hat = Spectrum<Real>(grid_);
  const CellReport cells =
      evaluate(x_hat, mechanics_ ? &mechanics_->potential(0) : nullptr, g_hat, v != 0 ? &b_hat : nullptr);
  const Implicit implicit = implicit_part(cells, 0);
  const std::size_t n = grid_.modes(0), lanes = grid_.lanes();
  struct Squares {
    double rate = 0, x = 0;
    Squares& operator+=(const Squares& other) {
      rate += other.rate;
      x += other.x;
      return *this;
    }
  };
  const auto sums = reduce_rows<Squares>(grid_.mode_rows(), [&](Rows share) {
    Squares part;
    Symbols<Real> symbol(grid_);
    for (std::size_t row = share.begin; row < share.end; ++row) {
      symbols(row, implicit, symbol);
      for (std::size_t i = row == 0 ? lanes : 0; i < n * lanes; ++i) {
        const std::size_t m = i / lanes, at = row * n * lanes + i;
        const double x = x_hat[at],
                     rate = symbol.rate[m] * g_hat[at] + symbol.linear[m] * x + (v != 0 ? v * b_hat[at] : 0);
        part.rate += symbol.multiplicity[m] * rate * rate;
        part.x += symbol.multiplicity[m] * x * x;
      }
    }
    return part;
  });
  return {cells, std::sqrt(sums.rate), std::sqrt(sums.x)};
}

template <class Real>
CellReport CahnHilliard<Real>::chemical_rate(Field<Real>& x, const Field<double>* nu) {
  const FreeEnergy& G = parameters_.G;
  const Polynomial slope = G.excess().derivative();
  const Real theta = static_cast<Real>(G.ideal()), cutoff = static_cast<Real>(parameters_.log_cutoff);
  const std::size_t nx = grid_.cells(0);
  const auto sums = reduce_rows<CellSums>(grid_.rows(), [&](Rows share) {
    CellSums part;
    Real y[chunk], energy[chunk], mixing[chunk];
    for (std::size_t first = share.begin * nx; first < share.end * nx; first += chunk) {
      const std::size_t n = std::min(chunk, share.end * nx - first);
      Real* const cell = x.data() + first;
      add_extremes(cell, n, part);
      evaluate_polynomial(G.excess(), cell, n, energy);
      part.energy += sum_of(energy, n);
      if (theta > 0) {
        part.extended += continued_log_odds(cell, n, cutoff, y, mixing);
        part.energy += static_cast<double>(theta) * sum_of(mixing, n);
      } else {
        std::fill_n(y, n, Real(0));
      }
      evaluate_polynomial(slope, cell, n, energy);
#pragma omp simd
      for (std::size_t i = 0; i < n; ++i) cell[i] = theta * y[i] + energy[i];
      if (nu) add(nu->data() + first, n, cell);
    }
    return part;
  });
  return sums.per_cell(grid_.size());
}

template <class Real>
CellReport CahnHilliard<Real>::staggered_fields(const Field<double>* nu) {
  const FreeEnergy& G = parameters_.G;
  const Polynomial slope = G.excess().derivative();
  const Real theta = static_cast<Real>(G.ideal());
  constexpr Real edge = static_cast<Real>(LogMeanFlux<Real>::edge);
  constexpr Real upper_edge = 1 - std::max(edge, std::numeric_limits<Real>::epsilon() / 2);
  const std::size_t nx = grid_.cells(0);
  const auto sums = reduce_rows<CellSums>(grid_.rows(), [&](Rows share) {
    CellSums part;
    Real value[chunk];
    for (std::size_t first = share.begin * nx; first < share.end * nx; first += chunk) {
      const std::size_t n = std::min(chunk, share.end * nx - first);
      const Real* const cell = x_.data() + first;
      Real* const w = w_.data() + first;
      add_extremes(cell, n, part);
      log_odds(cell, n, edge, upper_edge, y_.data() + first, value);
      part.energy += static_cast<double>(theta) * sum_of(value, n);
      evaluate_polynomial(G.excess(), cell, n, value);
      part.energy += sum_of(value, n);
      evaluate_polynomial(slope, cell, n, value);
#pragma omp simd
      for (std::size_t i = 0; i < n; ++i) w[i] += value[i];
      if (nu) add(nu->data() + first, n, w);
    }
    return part;
  });
  return sums.per_cell(grid_.size());
}

template <class Real>
CellReport CahnHilliard<Real>::survey(const Spectrum<Real>& x_hat) {
  synthesise(x_hat, x_);
  // What else these leave is of no use here.
  return staggered() ? staggered_fields(nullptr) : chemical_rate(x_, nullptr);
}

template <class Real>
CellReport CahnHilliard<Real>::evaluate(const Spectrum<Real>& x_hat, const Field<double>* nu, Spectrum<Real>& g_hat,
                                        Spectrum<Real>* b_hat, SinkState* sink) {
  synthesise(x_hat, x_);
  if (sink) *sink = flow_->state(x_);
  if (b_hat) {
    const double mean = flow_rate(x_, flow_field_);
    analyse(flow_field_, *b_hat);
    // A mean that is round-off would add up.
    for (int lane = 0; lane < grid_.lanes(); ++lane) (*b_hat)[lane] = 0;
    (*b_hat)[0] = static_cast<Real>(mean);
  }
  if (!staggered()) {
    const CellReport report = chemical_rate(x_, nu);
    transform_.forward(x_, g_hat);
    return report;
  }
  linear_.apply(x_hat, work_hat_);
  transform_.inverse(work_hat_, w_);
  const CellReport report = staggered_fields(nu);
  flux_->divergence(x_, y_, w_, rate_);
  transform_.forward(rate_, g_hat);
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
void CahnHilliard<Real>::symbols(std::size_t row, const Implicit& implicit, Symbols<Real>& out) const {
  const std::size_t n = grid_.modes(0);
  const double stencil_row = stencil_k2_[1][row % grid_.modes(1)] + stencil_k2_[2][row / grid_.modes(1)];
  const double kappa = parameters_.kappa, scale = transform_.scale();
  const auto* const constant = std::get_if<ConstantMobility>(&parameters_.mobility);
  const double M = constant ? constant->M : 0;
  const double* const stencil_along = stencil_k2_[0].data();
  linear_.row(row, out.gradient.data(), out.elastic.data());
  linear_.multiplicity(row, out.multiplicity.data());
#pragma omp simd
  for (std::size_t m = 0; m < n; ++m) {
    const double k2 = out.gradient[m], gradient = kappa * k2, K = gradient + out.elastic[m];
    const double p = constant ? k2 : stencil_along[m] + stencil_row;
    out.rate[m] = static_cast<Real>(constant ? -M * k2 * scale : scale);
    out.linear[m] = static_cast<Real>(-M * k2 * K);
    out.implicit[m] = static_cast<Real>(p * (implicit.diffusion + implicit.mobility * K));
    out.gradient[m] = static_cast<Real>(gradient);
  }
}

template <class Real>
void CahnHilliard<Real>::diffusion_potential(const Spectrum<Real>& x_hat, Field<Real>& mu) {
  const FreeEnergy& G = parameters_.G;
  linear_.apply(x_hat, work_hat_);
  transform_.inverse(work_hat_, mu);
  synthesise(x_hat, x_);
  for_rows(grid_.rows(), [&](Rows share) {
    for (std::size_t i = share.begin * grid_.cells(0); i < share.end * grid_.cells(0); ++i) {
      const double edge = LogMeanFlux<Real>::edge;
      const double x = G.ideal() > 0 ? std::clamp<double>(x_[i], edge, 1 - edge) : static_cast<double>(x_[i]);
      mu[i] += static_cast<Real>(G.dG(x) + (mechanics_ ? mechanics_->potential(0)[i] : 0));
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
  Field<Real> gradient(grid_), elastic(grid_), slope(grid_), slope2(grid_);
  linear_.apply(x_hat, work_hat_);
  transform_.inverse(work_hat_, gradient);
  linear_.apply_elastic(x_hat, work_hat_);
  transform_.inverse(work_hat_, elastic);
  for (int a = 0; a < grid_.dimension(); ++a) {
    Odd odd{};
    odd[a] = true;
    work_hat_.array() = x_hat.array();
    differentiate(grid_, a, work_hat_);
    transform_.inverse(work_hat_, slope, odd);
    slope2.array() += slope.array().square();
  }
  synthesise(x_hat, x_);
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
