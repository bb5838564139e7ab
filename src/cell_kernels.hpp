// Pointwise work on runs of cells: the local free energy, its slope, and what there is to know of a state.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "spinode/cahn_hilliard.hpp"
#include "spinode/thermo/polynomial.hpp"

namespace spinode {

/// Cells worked on at a time where intermediate values are kept, in the first-level cache.
inline constexpr std::size_t chunk = 512;

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

/// The local free energy theta [x ln x + (1-x) ln(1-x)] + excess(x) in the precision of the cells.
template <class Real>
struct LocalEnergy {
  LocalEnergy(const FreeEnergy& G, double log_cutoff);

  Real theta, cutoff, center;
  std::vector<Real> c;  // of the excess, from the highest power down
};

/// Horner's rule.
template <class Real>
void evaluate_polynomial(const Polynomial& p, const Real* x, std::size_t n, Real* value);

/// x becomes theta y + excess'(x), y = ln(x/(1-x)) with ln continued as its tangent below the cutoff, so that y and the
/// energy exist for every x (Chen & Shen 1998 treat the quench so; the continued energy is quadratic). `extended`
/// counts where that acted.
template <class Real>
void local_slope(const LocalEnergy<Real>& G, Real* x, std::size_t n, CellSums& sums);

/// y = ln(x/(1-x)) with x kept inside (0,1) by `edge`; returns the sum of the energy whose slope y is:
/// x ln x + (1-x) ln(1-x), and its tangent beyond the edges, so that it falls when diffusion brings back what ringing
/// has put there.
template <class Real>
double log_odds(const Real* x, std::size_t n, Real edge, Real upper_edge, Real* y);

/// Adds excess'(x) to w and fills y as log_odds() does.
template <class Real>
void staggered_potentials(const LocalEnergy<Real>& G, const Real* x, std::size_t n, Real edge, Real upper_edge, Real* y,
                          Real* w, CellSums& sums);

template <class Real>
void add_extremes(const Real* x, std::size_t n, CellSums& sums);

template <class Real>
double sum_of(const Real* value, std::size_t n);

}  // namespace spinode
