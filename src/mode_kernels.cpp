// Compiled without fused multiplications: a candidate that is made again has the digits that it had, whichever of these
// makes it.
#include "mode_kernels.hpp"

#include <type_traits>

#include "vector_clones.hpp"

namespace spinode {
namespace {

/// The operators at one mode.
template <class Real>
struct Symbol {
  Real K, rate, linear, stencil;
};

template <class Real>
SPINODE_INLINE Symbol<Real> symbol(const Symbols<Real>& s, std::size_t i) {
  const Real k2 = s.k2_along[i] + s.k2_across, K = s.kappa * k2 + s.elastic[i];
  return {K, s.rate + s.rate_k2 * k2, s.linear_k2 * k2 * K, s.stencil_along[i] + s.stencil_across};
}

template <bool second, bool moving, class Real>
SPINODE_INLINE Real updated(const Symbol<Real>& s, const UpdateFactors<Real>& f, Real x0, Real g0, Real b0, Real x1,
                            Real g1, Real b1) {
  const Real L = s.stencil * (f.diffusion + f.mobility * s.K), whole = s.linear + L;
  Real sum = f.h0 * x0 + f.e0 * (s.rate * g0 + whole * x0);
  if constexpr (second) sum += f.h1 * x1 + f.e1 * (s.rate * g1 + whole * x1);
  if constexpr (moving) sum += f.v0 * b0;
  if constexpr (moving && second) sum += f.v1 * b1;
  return sum / (f.alpha + f.dt * L);
}

/// Either or both: the factors that are null stand for what is not done.
template <bool taking, bool proposing, class Real>
SPINODE_INLINE void step_body(const Symbols<Real>& s_given, const UpdateFactors<Real>* accepted_given,
                              const UpdateFactors<Real>* factors_given, const std::array<Real, 3>& prediction,
                              const StepRun<Real>& run_given, const Real* g, Real* next, ModeSums& sums) {
  // Copies: no write to an array can change them.
  const Symbols<Real> s = s_given;
  const StepRun<Real> run = run_given;
  const UpdateFactors<Real> accepted = taking ? *accepted_given : UpdateFactors<Real>{};
  const UpdateFactors<Real> factors = proposing ? *factors_given : UpdateFactors<Real>{};
  const Real p0 = prediction[0], p1 = prediction[1], p2 = prediction[2];
  const auto sweep = [&](auto second, auto moving) SPINODE_INLINED {
    double error2 = 0, variance = 0, gradient = 0, elastic = 0;
#pragma omp simd reduction(+ : error2, variance, gradient, elastic)
    for (std::size_t i = 0; i < s.reals; ++i) {
      const Symbol<Real> here = symbol(s, i);
      Real x0 = run.latest.x[i], g0 = run.latest.g[i], b0 = 0, x1 = 0, g1 = 0, b1 = 0, difference = run.difference[i];
      if constexpr (moving) b0 = run.latest.b[i];
      if constexpr (second) {
        x1 = run.other.x[i];
        g1 = run.other.g[i];
        if constexpr (moving) b1 = run.other.b[i];
      }
      if constexpr (taking) {
        // The candidate was made when `other` was the present level.
        const Real fresh = second ? updated<second, moving>(here, accepted, x1, g1, b1, x0, g0, b0)
                                  : updated<second, moving>(here, accepted, x0, g0, b0, x1, g1, b1);
        difference = (second ? x1 : fresh) - x0;
        x0 = fresh;
        g0 = g[i];
        run.latest.x[i] = x0;
        run.latest.g[i] = g0;
        run.difference[i] = difference;
        if constexpr (moving) run.latest.b[i] = b0 = run.accepted_b[i];
      }
      if constexpr (proposing) {
        const Real x = updated<second, moving>(here, factors, x0, g0, b0, x1, g1, b1);
        const Real distance = x - p0 * x0 - p1 * x1 + p2 * difference;
        next[i] = x;
        const double counted = s.multiplicity_along[i], value = x, square = counted * value * value;
        error2 += counted * static_cast<double>(distance) * distance;
        variance += square;
        gradient += square * (s.k2_along[i] + s.k2_across);
        elastic += square * s.elastic[i];
      }
    }
    const double across = s.multiplicity_across;
    if constexpr (proposing)
      sums += {across * error2, across * variance, across * s.kappa * gradient / 2, across * elastic / 2};
  };
  const auto either = [&](auto second) SPINODE_INLINED {
    if (run.latest.b)
      sweep(second, std::true_type{});
    else
      sweep(second, std::false_type{});
  };
  if (run.other.x)
    either(std::true_type{});
  else
    either(std::false_type{});
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
#define SPINODE_MODE_KERNELS(Real)                                                                                \
  template <>                                                                                                     \
  SPINODE_VECTOR_CLONES void take_in(const Symbols<Real>& symbols, const UpdateFactors<Real>& factors,            \
                                     const StepRun<Real>& run, const Real* g) {                                   \
    ModeSums none;                                                                                                \
    step_body<true, false, Real>(symbols, &factors, nullptr, {}, run, g, nullptr, none);                          \
  }                                                                                                               \
  template <>                                                                                                     \
  SPINODE_VECTOR_CLONES void propose(const Symbols<Real>& symbols, const UpdateFactors<Real>& factors,            \
                                     const std::array<Real, 3>& prediction, const StepRun<Real>& run, Real* next, \
                                     ModeSums& sums) {                                                            \
    step_body<false, true, Real>(symbols, nullptr, &factors, prediction, run, nullptr, next, sums);               \
  }                                                                                                               \
  template <>                                                                                                     \
  SPINODE_VECTOR_CLONES void take_in_and_propose(                                                                 \
      const Symbols<Real>& symbols, const UpdateFactors<Real>& accepted, const UpdateFactors<Real>& factors,      \
      const std::array<Real, 3>& prediction, const StepRun<Real>& run, Real* values, ModeSums& sums) {            \
    step_body<true, true, Real>(symbols, &accepted, &factors, prediction, run, values, values, sums);             \
  }                                                                                                               \
  template <>                                                                                                     \
  SPINODE_VECTOR_CLONES void add_norms(const Symbols<Real>& symbols, const Real* x, ModeSums& sums) {             \
    norms_body(symbols, x, sums);                                                                                 \
  }                                                                                                               \
  template <>                                                                                                     \
  SPINODE_VECTOR_CLONES void apply_potential(const Symbols<Real>& symbols, const Real* x, Real* out) {            \
    potential_body(symbols, x, out);                                                                              \
  }

SPINODE_MODE_KERNELS(float)
SPINODE_MODE_KERNELS(double)

}  // namespace spinode
