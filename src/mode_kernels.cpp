#include "mode_kernels.hpp"

#include <type_traits>

#include "vector_clones.hpp"

namespace spinode {
namespace {

template <class Real>
SPINODE_INLINE void update_body(const Symbols<Real>& s, const UpdateFactors<Real>& f, const LevelRun<Real>& l,
                                Real* next) {
  const Real *const k2_along = s.k2_along, *const stencil_along = s.stencil_along, *const elastic = s.elastic;
  const Real k2_across = s.k2_across, stencil_across = s.stencil_across, kappa = s.kappa;
  const Real rate_0 = s.rate, rate_k2 = s.rate_k2, linear_k2 = s.linear_k2;
  const Real alpha = f.alpha, dt = f.dt, diffusion = f.diffusion, mobility = f.mobility;
  const Real h0 = f.h0, h1 = f.h1, e0 = f.e0, e1 = f.e1, v0 = f.v0, v1 = f.v1;
  const auto sweep = [&](auto two, auto moving) SPINODE_INLINED {
#pragma omp simd
    for (std::size_t i = 0; i < s.reals; ++i) {
      const Real k2 = k2_along[i] + k2_across, K = kappa * k2 + elastic[i];
      const Real L = (stencil_along[i] + stencil_across) * (diffusion + mobility * K);
      const Real rate = rate_0 + rate_k2 * k2, whole = linear_k2 * k2 * K + L;
      Real sum = h0 * l.x0[i] + e0 * (rate * l.g0[i] + whole * l.x0[i]);
      if constexpr (two) sum += h1 * l.x1[i] + e1 * (rate * l.g1[i] + whole * l.x1[i]);
      if constexpr (moving) sum += v0 * l.b0[i];
      if constexpr (moving && two) sum += v1 * l.b1[i];
      next[i] = sum / (alpha + dt * L);
    }
  };
  const auto either = [&](auto two) SPINODE_INLINED {
    if (v0 != 0 || v1 != 0)
      sweep(two, std::true_type{});
    else
      sweep(two, std::false_type{});
  };
  if (l.x1)
    either(std::true_type{});
  else
    either(std::false_type{});
}

template <class Real>
SPINODE_INLINE void outcome_body(const Symbols<Real>& s, const Real* x, const Real* x0, Real p0, const Real* x1,
                                 Real p1, const Real* d, Real p2, ModeSums& sums) {
  const Real *const k2_along = s.k2_along, *const multiplicity_along = s.multiplicity_along, *const B = s.elastic;
  const Real k2_across = s.k2_across;
  const auto sweep = [&](auto two) SPINODE_INLINED {
    double error2 = 0, variance = 0, gradient = 0, elastic = 0;
#pragma omp simd reduction(+ : error2, variance, gradient, elastic)
    for (std::size_t i = 0; i < s.reals; ++i) {
      Real difference = x[i] - p0 * x0[i] + p2 * d[i];
      if constexpr (two) difference -= p1 * x1[i];
      const double counted = multiplicity_along[i], value = x[i], square = counted * value * value;
      error2 += counted * static_cast<double>(difference) * difference;
      variance += square;
      gradient += square * (k2_along[i] + k2_across);
      elastic += square * B[i];
    }
    const double across = s.multiplicity_across;
    sums += {across * error2, across * variance, across * s.kappa * gradient / 2, across * elastic / 2};
  };
  if (x1)
    sweep(std::true_type{});
  else
    sweep(std::false_type{});
}

template <class Real>
SPINODE_INLINE void norms_body(const Symbols<Real>& s, const Real* x, ModeSums& sums) {
  double variance = 0, gradient = 0, elastic = 0;
#pragma omp simd reduction(+ : variance, gradient, elastic)
  for (std::size_t i = 0; i < s.reals; ++i) {
    const double value = x[i], square = s.multiplicity_along[i] * value * value;
    variance += square;
    gradient += square * (s.k2_along[i] + s.k2_across);
    elastic += square * s.elastic[i];
  }
  const double across = s.multiplicity_across;
  sums += {0, across * variance, across * s.kappa * gradient / 2, across * elastic / 2};
}

template <class Real>
SPINODE_INLINE void potential_body(const Symbols<Real>& s, const Real* x, Real* out) {
#pragma omp simd
  for (std::size_t i = 0; i < s.reals; ++i) out[i] = (s.kappa * (s.k2_along[i] + s.k2_across) + s.elastic[i]) * x[i];
}

}  // namespace

// Clones cannot be templates.
#define SPINODE_MODE_KERNELS(Real)                                                                             \
  template <>                                                                                                  \
  SPINODE_VECTOR_CLONES void update(const Symbols<Real>& symbols, const UpdateFactors<Real>& factors,          \
                                    const LevelRun<Real>& levels, Real* next) {                                \
    update_body(symbols, factors, levels, next);                                                               \
  }                                                                                                            \
  template <>                                                                                                  \
  SPINODE_VECTOR_CLONES void add_outcome(const Symbols<Real>& symbols, const Real* x, const Real* x0, Real p0, \
                                         const Real* x1, Real p1, const Real* d, Real p2, ModeSums& sums) {    \
    outcome_body(symbols, x, x0, p0, x1, p1, d, p2, sums);                                                     \
  }                                                                                                            \
  template <>                                                                                                  \
  SPINODE_VECTOR_CLONES void add_norms(const Symbols<Real>& symbols, const Real* x, ModeSums& sums) {          \
    norms_body(symbols, x, sums);                                                                              \
  }                                                                                                            \
  template <>                                                                                                  \
  SPINODE_VECTOR_CLONES void apply_potential(const Symbols<Real>& symbols, const Real* x, Real* out) {         \
    potential_body(symbols, x, out);                                                                           \
  }

SPINODE_MODE_KERNELS(float)
SPINODE_MODE_KERNELS(double)

}  // namespace spinode
