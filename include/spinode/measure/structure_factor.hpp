// Structure factor S(k) = V <|x^(k)|^2> over shells of |k|, and the length 2 pi / k1 of its first moment k1 = sum k S /
// sum S.
#pragma once

#include <vector>

#include "spinode/field.hpp"
#include "spinode/grid.hpp"

namespace spinode {

/// Shells as wide as the smallest wavenumber of the box, up to the smallest Nyquist wavenumber of its axes.
struct StructureFactor {
  std::vector<double> k;  // middle of each shell [1/length unit of the grid]
  std::vector<double> S;  // [length unit^dimension]; 0 in a shell without modes

  /// 2 pi / k1; 0 for a uniform field.
  double length() const;
};

template <class Real>
StructureFactor structure_factor(const Grid& grid, const Spectrum<Real>& x_hat);

}  // namespace spinode
