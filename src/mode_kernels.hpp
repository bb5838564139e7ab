// Pointwise work on runs of modes: the update of a semi-implicit step, and what there is to know of its outcome.
#pragma once

#include "spinode/spectral_potential.hpp"

namespace spinode {

/// Factors of the semi-implicit update
///   (alpha + dt L) x+ = h0 x0 + h1 x1 + e0 [rate g0 + (linear + L) x0] + e1 [rate g1 + (linear + L) x1]
///                       + v0 b0 + v1 b1,   L = p (diffusion + mobility K),  p = k^2 or that of the stencil.
template <class Real>
struct UpdateFactors {
  Real alpha = 1, dt = 0, h0 = 1, h1 = 0, e0 = 0, e1 = 0, v0 = 0, v1 = 0;
  Real diffusion = 0, mobility = 0;
};

/// Levels along a run of modes; those whose factors are 0 may be null.
template <class Real>
struct LevelRun {
  const Real *x0, *x1, *g0, *g1, *b0, *b1;
};

/// x+ of the update; `next` may be one of the levels.
template <class Real>
void update(const Symbols<Real>& symbols, const UpdateFactors<Real>& factors, const LevelRun<Real>& levels, Real* next);

/// Sums over all wavevectors of a candidate.
struct ModeSums {
  double error2 = 0, variance = 0, gradient = 0, elastic = 0;

  ModeSums& operator+=(const ModeSums& other) {
    error2 += other.error2;
    variance += other.variance;
    gradient += other.gradient;
    elastic += other.elastic;
    return *this;
  }
};

/// Adds what `x` is, and its distance from the prediction p0 x0 + p1 x1 - p2 d; x1 may be null where p1 is 0.
template <class Real>
void add_outcome(const Symbols<Real>& symbols, const Real* x, const Real* x0, Real p0, const Real* x1, Real p1,
                 const Real* d, Real p2, ModeSums& sums);

/// Adds what `x` is alone.
template <class Real>
void add_norms(const Symbols<Real>& symbols, const Real* x, ModeSums& sums);

/// out = K x.
template <class Real>
void apply_potential(const Symbols<Real>& symbols, const Real* x, Real* out);

}  // namespace spinode
