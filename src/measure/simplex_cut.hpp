// What the level set 0 cuts off simplices on which a function is linear, many at a time.
#pragma once

#include <array>
#include <cstddef>

namespace spinode {

/// Sums over simplices of the same shape.
struct CutSums {
  double share = 0;  // what of each lies above 0
  double size = 0;   // of the level set in each, over that of the simplex and the number of axes

  CutSums& operator+=(const CutSums& other) {
    share += other.share;
    size += other.size;
    return *this;
  }
};

/// `corner`: the values at each of the corners of n simplices, which follow each other by steps along one axis each;
/// `inverse_square`: of the lengths of those steps; `weight`: of each simplex in the sums.
CutSums cut_simplices(int dimension, const std::array<const double*, 4>& corner,
                      const std::array<double, 3>& inverse_square, const double* weight, std::size_t n);

}  // namespace spinode
