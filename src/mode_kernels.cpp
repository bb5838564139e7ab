// Compiled without fused multiplications: a candidate that is made again has the digits that it had, whichever of these
// makes it.
#include "mode_kernels.hpp"

#include <algorithm>
#include <type_traits>

#include "vector_clones.hpp"

namespace spinode {
namespace {

template <bool second, bool moving, class Real>
SPINODE_INLINE Real updated(Real K, Real rate, Real linear, Real stencil, const UpdateFactors<Real>& f, Real x0,
                            Real g0, Real b0, Real x1, Real g1, Real b1) {
  const Real L = stencil * (f.diffusion + f.mobility * K), whole = linear + L;
  Real sum = f.h0 * x0 + f.e0 * (rate * g0 + whole * x0);
  if constexpr (second) sum += f.h1 * x1 + f.e1 * (rate * g1 + whole * x1);
  if constexpr (moving) sum += f.v0 * b0;
  if constexpr (moving && second) sum += f.v1 * b1;
  return sum / (f.alpha + f.dt * L);
}

template <class Real>
SPINODE_INLINE void norms_body(const Symbols<Real>& s, const Real* x, std::size_t begin, std::size_t end,
                               ModeSums& sums) {
  double variance = 0, gradient = 0, elastic = 0;
#pragma omp simd reduction(+ : variance, gradient, elastic)
  for (std::size_t i = begin; i < end; ++i) {
    const double value = x[i], square = s.multiplicity_along[i] * value * value;
    variance += square;
    gradient += square * (s.k2_along[i] + s.k2_across);
    elastic += square * s.elastic[i];
  }
  const double across = s.multiplicity_across;
  sums += {0, across * variance, across * s.kappa * gradient / 2, across * elastic / 2};
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
  // Sums are in double precision: in a loop of their own, where that keeps the first from being vectorised.
  constexpr std::size_t most = 512;
  alignas(64) Real distance[most];
  const auto sweep = [&](auto second, auto moving, std::size_t begin, std::size_t end) SPINODE_INLINED {
#pragma omp simd
    for (std::size_t i = begin; i < end; ++i) {
      const Real k2 = s.k2_along[i] + s.k2_across, K = s.kappa * k2 + s.elastic[i];
      const Real rate = s.rate + s.rate_k2 * k2, linear = s.linear_k2 * k2 * K;
      const Real stencil = s.stencil_along[i] + s.stencil_across;
      Real x0 = run.latest.x[i], g0 = run.latest.g[i], b0 = 0, x1 = 0, g1 = 0, b1 = 0, difference = run.difference[i];
      if constexpr (moving) b0 = run.latest.b[i];
      if constexpr (second) {
        x1 = run.other.x[i];
        g1 = run.other.g[i];
        if constexpr (moving) b1 = run.other.b[i];
      }
      if constexpr (taking) {
        // The candidate was made when `other` was the present level.
        const Real fresh = second ? updated<second, moving>(K, rate, linear, stencil, accepted, x1, g1, b1, x0, g0, b0)
                                  : updated<second, moving>(K, rate, linear, stencil, accepted, x0, g0, b0, x1, g1, b1);
        difference = (second ? x1 : fresh) - x0;
        x0 = fresh;
        g0 = g[i];
        run.latest.x[i] = x0;
        run.latest.g[i] = g0;
        run.difference[i] = difference;
        if constexpr (moving) run.latest.b[i] = b0 = run.accepted_b[i];
      }
      if constexpr (proposing) {
        const Real x = updated<second, moving>(K, rate, linear, stencil, factors, x0, g0, b0, x1, g1, b1);
        next[i] = x;
        distance[i - begin] = x - p0 * x0 - p1 * x1 + p2 * difference;
      }
    }
    if constexpr (proposing) {
      double error2 = 0;
      const Real* const counted = s.multiplicity_along + begin;
#pragma omp simd reduction(+ : error2)
      for (std::size_t i = 0; i < end - begin; ++i) {
        const double error = distance[i];
        error2 += counted[i] * error * error;
      }
      sums.error2 += s.multiplicity_across * error2;
      norms_body(s, next, begin, end, sums);
    }
  };
  const auto in_pieces = [&](auto second, auto moving) SPINODE_INLINED {
    for (std::size_t begin = 0; begin < s.reals; begin += most)
      sweep(second, moving, begin, std::min(begin + most, s.reals));
  };
  const auto either = [&](auto second) SPINODE_INLINED {
    if (run.latest.b)
      in_pieces(second, std::true_type{});
    else
      in_pieces(second, std::false_type{});
  };
  if (run.other.x)
    either(std::true_type{});
  else
    either(std::false_type{});
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
    norms_body(symbols, x, 0, symbols.reals, sums);                                                               \
  }                                                                                                               \
  template <>                                                                                                     \
  SPINODE_VECTOR_CLONES void apply_potential(const Symbols<Real>& symbols, const Real* x, Real* out) {            \
    potential_body(symbols, x, out);                                                                              \
  }

SPINODE_MODE_KERNELS(float)
SPINODE_MODE_KERNELS(double)

}  // namespace spinode
