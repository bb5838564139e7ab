// Sweeps over runs of cells that the equation and the time schemes share: polynomials, logarithms, extremes, sums.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "spinode/cahn_hilliard.hpp"
#include "spinode/thermo/polynomial.hpp"
#include "vector_log.hpp"

namespace spinode {

/// Cells worked on at a time, so that intermediate values stay in the first-level cache.
inline constexpr std::size_t chunk = 512;

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
    return {energy / n, x_min, x_max, extended / n, std::isfinite(x) && std::isfinite(energy), x / n};
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
void add(const double* terms, std::size_t n, Real* value) {
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) value[i] += static_cast<Real>(terms[i]);
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

}  // namespace spinode
