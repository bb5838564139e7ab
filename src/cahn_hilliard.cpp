#include "spinode/cahn_hilliard.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "spinode/parallel.hpp"
#include "vector_log.hpp"

namespace spinode {
namespace {

/// Cells worked on at a time, so that intermediate values stay in the first-level cache.
constexpr std::size_t chunk = 512;

/// Horner's rule over a run of cells.
template <class Real>
void evaluate_polynomial(const Polynomial& p, const Real* x, std::size_t n, Real* value) {
  const std::size_t degree = p.c.empty() ? 0 : p.c.size() - 1;
  const Real top = p.c.empty() ? Real(0) : static_cast<Real>(p.c[degree]), center = static_cast<Real>(p.center);
  std::fill_n(value, n, top);
  for (std::size_t power = degree; power-- > 0;) {
    const Real c = static_cast<Real>(p.c[power]);
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) value[i] = value[i] * (x[i] - center) + c;
  }
}

/// Sums over cells, as partial results of a sweep.
struct CellSums {
  double x = 0, energy = 0, x_min = std::numeric_limits<double>::infinity(), x_max = -x_min;
  double extended = 0;

  CellSums& operator+=(const CellSums& other) {
    x += other.x;
    energy += other.energy;
    extended += other.extended;
    x_min = std::min(x_min, other.x_min);
    x_max = std::max(x_max, other.x_max);
    return *this;
  }

  CellReport per_cell(std::size_t cells) const {
    const double n = static_cast<double>(cells);
    // A sum carries every NaN and infinity that a comparison would lose.
    return {energy / n, x_min, x_max, extended / n, std::isfinite(x) && std::isfinite(energy)};
  }
};

template <class Real>
void add_extremes(const Real* x, std::size_t n, CellSums& sums) {
  double total = 0;
  Real low = std::numeric_limits<Real>::infinity(), high = -low;
#pragma omp simd reduction(+ : total) reduction(min : low) reduction(max : high)
  for (std::size_t i = 0; i < n; ++i) {
    total += x[i];
    low = std::min(low, x[i]);
    high = std::max(high, x[i]);
  }
  sums.x += total;
  sums.x_min = std::min(sums.x_min, static_cast<double>(low));
  sums.x_max = std::max(sums.x_max, static_cast<double>(high));
}

template <class Real>
double sum_of(const Real* value, std::size_t n) {
  double total = 0;
#pragma omp simd reduction(+ : total)
  for (std::size_t i = 0; i < n; ++i) total += value[i];
  return total;
}

/// y = ln(x/(1-x)) with x kept inside (0,1) by `edge`, and the energy whose slope y is: x ln x + (1-x) ln(1-x), and its
/// tangent beyond the edges, so that it falls when diffusion brings back what ringing has put there.
template <class Real>
void log_odds(const Real* x, std::size_t n, Real edge, Real upper_edge, Real* y, Real* energy) {
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) {
    const Real solute = std::min(std::max(x[i], edge), upper_edge), host = 1 - solute;
    const Real log_solute = std::log(solute), log_host = std::log(host);
    y[i] = log_solute - log_host;
    energy[i] = solute * log_solute + host * log_host + (x[i] - solute) * y[i];
  }
}

/// The same with ln continued as its tangent below `cutoff`, so that y and the energy exist for every x (Chen & Shen
/// 1998 treat the quench so; the continued energy is quadratic). Returns in how many cells that acted.
template <class Real>
double continued_log_odds(const Real* x, std::size_t n, Real cutoff, Real* y, Real* energy) {
  const Real log_cutoff = std::log(cutoff), inverse = 1 / cutoff;
  double extended = 0;
#pragma omp simd reduction(+ : extended)
  for (std::size_t i = 0; i < n; ++i) {
    const Real solute = x[i], host = 1 - solute;
    const Real inner_solute = std::max(solute, cutoff), inner_host = std::max(host, cutoff);
    const Real below_solute = solute - inner_solute, below_host = host - inner_host;  // <= 0, outside only
    const Real log_solute = std::log(inner_solute), log_host = std::log(inner_host);
    y[i] = log_solute - log_host + (below_solute - below_host) * inverse;
    energy[i] = inner_solute * log_solute + inner_host * log_host + below_solute * (log_cutoff + 1) +
                below_host * (log_cutoff + 1) + (below_solute * below_solute + below_host * below_host) * inverse / 2;
    extended += (below_solute < 0 || below_host < 0) ? 1.0 : 0.0;
  }
  return extended;
}

}  // namespace

template <class Real>
CahnHilliard<Real>::CahnHilliard(const Grid& grid, CahnHilliardParameters parameters, Planning planning)
    : grid_(grid), parameters_(std::move(parameters)), transform_(grid, planning), work_hat_(grid), x_(grid) {
  for (int a = 0; a < 3; ++a) {
    const double h = grid.axis(a).spacing();
    for (std::size_t m = 0; m < grid.modes(a); ++m) {
      const double k = a < grid.dimension() ? grid.wavenumber(a, m) : 0;
      k2_[a].push_back(k * k);
      stencil_k2_[a].push_back(std::pow(2 * std::sin(k * h / 2) / h, 2));
      multiplicity_[a].push_back(grid.multiplicity(a, m));
    }
  }
  if (const auto* darken = std::get_if<DarkenMobility>(&parameters_.mobility)) {
    flux_.emplace(grid, *darken, parameters_.G.ideal());
    y_ = Field<Real>(grid);
    w_ = Field<Real>(grid);
    rate_ = Field<Real>(grid);
  }
  if (!parameters_.coherency) return;
  coherency_.resize(grid.mode_count());
  for_rows(grid.mode_rows(), [&](Rows share) {
    for (std::size_t row = share.begin; row < share.end; ++row)
      for (std::size_t m = 0; m < grid.modes(0); ++m) {
        if (row == 0 && m == 0) continue;  // no net stress: the mean strain costs nothing
        const std::array<std::size_t, 3> modes{m, row % grid.modes(1), row / grid.modes(1)};
        std::array<double, 3> k{};
        for (int a = 0; a < grid.dimension(); ++a) k[a] = grid.wavenumber(a, modes[a]);
        coherency_[row * grid.modes(0) + m] = static_cast<Real>(parameters_.coherency(k));
      }
  });
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
void CahnHilliard<Real>::apply_K(const Spectrum<Real>& x_hat, Spectrum<Real>& out) const {
  const std::size_t n = grid_.modes(0), lanes = grid_.lanes();
  for_rows(grid_.mode_rows(), [&](Rows share) {
    for (std::size_t row = share.begin; row < share.end; ++row) {
      const double k2_row = k2_[1][row % grid_.modes(1)] + k2_[2][row / grid_.modes(1)];
      const Real* const elastic = coherency_.empty() ? nullptr : coherency_.data() + row * n;
      const Real* const in = x_hat.data() + row * n * lanes;
      Real* const result = out.data() + row * n * lanes;
      for (std::size_t m = 0; m < n; ++m) {
        const Real K = static_cast<Real>(parameters_.kappa * (k2_[0][m] + k2_row)) + (elastic ? elastic[m] : Real(0));
        for (std::size_t lane = 0; lane < lanes; ++lane) result[m * lanes + lane] = K * in[m * lanes + lane];
      }
    }
  });
}

template <class Real>
CellReport CahnHilliard<Real>::chemical_rate(Field<Real>& x) {
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
    }
    return part;
  });
  return sums.per_cell(grid_.size());
}

template <class Real>
CellReport CahnHilliard<Real>::staggered_fields() {
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
    }
    return part;
  });
  return sums.per_cell(grid_.size());
}

template <class Real>
CellReport CahnHilliard<Real>::evaluate(const Spectrum<Real>& x_hat, Spectrum<Real>& g_hat) {
  synthesise(x_hat, x_);
  if (!staggered()) {
    const CellReport report = chemical_rate(x_);
    transform_.forward(x_, g_hat);
    return report;
  }
  apply_K(x_hat, work_hat_);
  transform_.inverse(work_hat_, w_);
  const CellReport report = staggered_fields();
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
  const std::size_t n = grid_.modes(0), m1 = row % grid_.modes(1), m2 = row / grid_.modes(1);
  const double k2_row = k2_[1][m1] + k2_[2][m2], stencil_row = stencil_k2_[1][m1] + stencil_k2_[2][m2];
  const double multiplicity_row = multiplicity_[1][m1] * multiplicity_[2][m2];
  const double kappa = parameters_.kappa, scale = transform_.scale();
  const auto* const constant = std::get_if<ConstantMobility>(&parameters_.mobility);
  const double M = constant ? constant->M : 0;
  const double* const k2_along = k2_[0].data();
  const double* const stencil_along = stencil_k2_[0].data();
  const double* const multiplicity_along = multiplicity_[0].data();
  std::fill_n(out.elastic.data(), n, Real(0));
  if (!coherency_.empty()) std::copy_n(coherency_.data() + row * n, n, out.elastic.data());
#pragma omp simd
  for (std::size_t m = 0; m < n; ++m) {
    const double k2 = k2_along[m] + k2_row, gradient = kappa * k2, K = gradient + out.elastic[m];
    const double p = constant ? k2 : stencil_along[m] + stencil_row;
    out.rate[m] = static_cast<Real>(constant ? -M * k2 * scale : scale);
    out.linear[m] = static_cast<Real>(-M * k2 * K);
    out.implicit[m] = static_cast<Real>(p * (implicit.diffusion + implicit.mobility * K));
    out.gradient[m] = static_cast<Real>(gradient);
    out.multiplicity[m] = static_cast<Real>(multiplicity_row * multiplicity_along[m]);
  }
}

template <class Real>
void CahnHilliard<Real>::diffusion_potential(const Spectrum<Real>& x_hat, Field<Real>& mu) {
  const FreeEnergy& G = parameters_.G;
  apply_K(x_hat, work_hat_);
  transform_.inverse(work_hat_, mu);
  synthesise(x_hat, x_);
  for_rows(grid_.rows(), [&](Rows share) {
    for (std::size_t i = share.begin * grid_.cells(0); i < share.end * grid_.cells(0); ++i) {
      const double edge = LogMeanFlux<Real>::edge;
      const double x = G.ideal() > 0 ? std::clamp<double>(x_[i], edge, 1 - edge) : static_cast<double>(x_[i]);
      mu[i] += static_cast<Real>(G.dG(x));
    }
  });
}

template class CahnHilliard<float>;
template class CahnHilliard<double>;

}  // namespace spinode
