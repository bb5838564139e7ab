// Pointwise work on runs of modes: the update of a semi-implicit step, and what there is to know of its outcome.
#pragma once

#include <array>

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

/// A level along a run of modes: x, its nonlinear part g, and b where metal flows, else null.
template <class Real>
struct LevelRun {
  Real *x = nullptr, *g = nullptr, *b = nullptr;
};

/// What a step has along a run of modes. `latest` is the present level, or the one that the accepted candidate takes
/// the place of; `other` the second one that is kept, whose x is null for the first order. `difference` is the last of
/// them less the level before it.
template <class Real>
struct StepRun {
  LevelRun<Real> latest, other;
  Real* difference;
  const Real* accepted_b;
};

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

/// Takes in the candidate that was accepted, made of `latest` and `other` by these factors: x+ and the nonlinear part
/// `g` of it become `latest`.
template <class Real>
void take_in(const Symbols<Real>& symbols, const UpdateFactors<Real>& factors, const StepRun<Real>& run, const Real* g);

/// x+ of the update, and to the sums what it is, with its distance from the prediction p0 x0 + p1 x1 - p2 difference.
template <class Real>
void propose(const Symbols<Real>& symbols, const UpdateFactors<Real>& factors, const std::array<Real, 3>& prediction,
             const StepRun<Real>& run, Real* next, ModeSums& sums);

/// The one and the other in one go: `values` is g, then x+. The same numbers to the last digit.
template <class Real>
void take_in_and_propose(const Symbols<Real>& symbols, const UpdateFactors<Real>& accepted,
                         const UpdateFactors<Real>& factors, const std::array<Real, 3>& prediction,
                         const StepRun<Real>& run, Real* values, ModeSums& sums);

/// Adds what `x` is alone.
template <class Real>
void add_norms(const Symbols<Real>& symbols, const Real* x, ModeSums& sums);

/// out = K x.
template <class Real>
void apply_potential(const Symbols<Real>& symbols, const Real* x, Real* out);

}  // namespace spinode
