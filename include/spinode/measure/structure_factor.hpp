// Structure factor S(k) = V <|x^(k)|^2> over shells of |k| and, near each axis, over what of a shell lies within 22.5
// degrees of it; lengths 2 pi / k1 of the first moment k1 = sum k S / sum S and 2 pi / k of the peak; the anisotropy A
// = (<h> - h0) / (1 - h0) of the directions n = k/|k|: the mean, weighted by |x^(k)|^2, of the first cubic harmonic h =
// n_x^4 + n_y^4 + n_z^4 (von der Lage & Bethe 1947) over its isotropic mean h0.
#pragma once

#include <array>
#include <vector>

#include "spinode/field.hpp"
#include "spinode/grid.hpp"

namespace spinode {

/// Shells as wide as the smallest wavenumber of the box, up to the smallest Nyquist wavenumber of its axes.
struct StructureFactor {
  std::vector<double> k;                       // middle of each shell [1/length unit of the grid]
  std::vector<double> S;                       // [length unit^dimension]; 0 in a shell without modes
  std::array<std::vector<double>, 3> S_along;  // the same near each axis of the grid
  std::vector<double> modes;                   // wavevectors in each shell
  double variance = 0;  // of x: sum of |x^|^2 over all wavevectors, those in the corners outside all shells among them
  /// 1 for waves along <100> alone, 0 for no preference, least along the diagonals: -1 for <11> in 2D, where it is
  /// <cos 4 theta>; -1/4 for <110> and -2/3 for <111> in 3D. 0 for a uniform field and in 1D, where it means nothing.
  double anisotropy = 0;

  /// 2 pi / k1; 0 for a uniform field.
  double length() const;
  /// The same of the waves near an axis.
  double length_along(int axis) const;
  /// 2 pi over the wavenumber of the peak: the top of a parabola through ln S over ln k, by least squares weighted with
  /// the modes of each shell, over wavenumbers from 1/1.5 to 1.5 times its own. NaN without such a peak.
  double peak_length() const;
};

/// Shells of a box.
std::size_t shell_count(const Grid& grid);

template <class Real>
StructureFactor structure_factor(const Grid& grid, const Spectrum<Real>& x_hat);
/// In the shells of another box: those of the start, where the box changes its length.
template <class Real>
StructureFactor structure_factor(const Grid& grid, const Spectrum<Real>& x_hat, const Grid& shells_of);

}  // namespace spinode
