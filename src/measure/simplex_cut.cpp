#include "simplex_cut.hpp"

#include <algorithm>
#include <cmath>

#include "../vector_clones.hpp"

namespace spinode {
namespace {

/// What lies above in a simplex, and the size of the level set over that of the simplex, its gradient and the number of
/// axes. The share above a level falls with it as the integral of a B-spline whose knots are the values at the corners
/// (Curry & Schoenberg, J. Anal. Math. 17, 1966, 71); by its slope, the co-area formula gives the size.
struct Cut {
  double share, density;
};

// Of values in rising order; without branches, so that loops over simplices become vector code.
SPINODE_INLINE Cut cut(double v1, double v2) {
  const bool crossed = v1 <= 0 && v2 > 0;
  const double whole = crossed ? v2 - v1 : 1, above = crossed ? v2 : v1 > 0 ? 1 : 0;
  return {above / whole, (crossed ? 1.0 : 0.0) / whole};
}

SPINODE_INLINE Cut cut(double v1, double v2, double v3) {
  const bool two = v2 > 0, crossed = v1 <= 0 && v3 > 0;
  const double lone = two ? -v1 : v3, lone_whole = (v3 - v1) * (two ? v2 - v1 : v3 - v2);
  const double some_above = two ? lone_whole - lone * lone : lone * lone;
  const double whole = crossed ? lone_whole : 1, above = crossed ? some_above : v1 > 0 ? 1 : 0;
  return {above / whole, (crossed ? lone : 0.0) / whole};
}

SPINODE_INLINE Cut cut(double v1, double v2, double v3, double v4) {
  const double d21 = v2 - v1, d31 = v3 - v1, d41 = v4 - v1, d32 = v3 - v2, d42 = v4 - v2, d43 = v4 - v3;
  const double whole_of_one = d41 * d42 * d43, whole_of_two = d31 * d32 * d41 * d42, whole_of_three = d21 * d31 * d41;
  const double above_of_two = v3 * v3 * d41 * d42 - v2 * v3 * v4 * d41 - v1 * v4 * v4 * d32;
  const double density_of_two = -v1 * v3 * d42 - v2 * v4 * d31;
  const bool two = v3 > 0, three = v2 > 0, crossed = v1 <= 0 && v4 > 0;
  const double some_whole = three ? whole_of_three : two ? whole_of_two : whole_of_one;
  const double some_above = three ? whole_of_three + v1 * v1 * v1 : two ? above_of_two : v4 * v4 * v4;
  const double some_density = three ? v1 * v1 : two ? density_of_two : v4 * v4;
  const double whole = crossed ? some_whole : 1, above = crossed ? some_above : v1 > 0 ? 1 : 0;
  return {above / whole, (crossed ? some_density : 0.0) / whole};
}

}  // namespace

SPINODE_VECTOR_CLONES CutSums cut_simplices(int dimension, const std::array<const double*, 4>& corner,
                                            const std::array<double, 3>& inverse_square, const double* weight,
                                            std::size_t n) {
  const double *const va = corner[0], *const vb = corner[1], *const vc = corner[2], *const vd = corner[3];
  const double square1 = inverse_square[0], square2 = inverse_square[1], square3 = inverse_square[2];
  double share = 0, size = 0;
  if (dimension == 1) {
#pragma omp simd reduction(+ : share, size)
    for (std::size_t i = 0; i < n; ++i) {
      const double a = va[i], b = vb[i];
      const Cut found = cut(std::min(a, b), std::max(a, b));
      share += weight[i] * found.share;
      size += weight[i] * found.density * std::sqrt(square1 * (b - a) * (b - a));
    }
  } else if (dimension == 2) {
#pragma omp simd reduction(+ : share, size)
    for (std::size_t i = 0; i < n; ++i) {
      const double a = va[i], b = vb[i], c = vc[i];
      const double low = std::min(a, b), high = std::max(a, b), rest = std::min(high, c);
      const Cut found = cut(std::min(low, rest), std::max(low, rest), std::max(high, c));
      share += weight[i] * found.share;
      size += weight[i] * found.density * std::sqrt(square1 * (b - a) * (b - a) + square2 * (c - b) * (c - b));
    }
  } else {
#pragma omp simd reduction(+ : share, size)
    for (std::size_t i = 0; i < n; ++i) {
      const double a = va[i], b = vb[i], c = vc[i], d = vd[i];
      const double low1 = std::min(a, b), high1 = std::max(a, b), low2 = std::min(c, d), high2 = std::max(c, d);
      const double rest1 = std::max(low1, low2), rest2 = std::min(high1, high2);
      const Cut found =
          cut(std::min(low1, low2), std::min(rest1, rest2), std::max(rest1, rest2), std::max(high1, high2));
      share += weight[i] * found.share;
      size += weight[i] * found.density *
              std::sqrt(square1 * (b - a) * (b - a) + square2 * (c - b) * (c - b) + square3 * (d - c) * (d - c));
    }
  }
  return {share, size};
}

}  // namespace spinode
