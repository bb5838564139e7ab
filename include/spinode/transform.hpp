// Fourier transform along periodic axes and cosine transform (DCT-II) along no-flux axes; the only place that names
// FFTW.
#pragma once

#include <cstddef>
#include <memory>

#include "spinode/field.hpp"
#include "spinode/grid.hpp"

namespace spinode {

/// How long to look for fast transforms. `estimate` gives the same plan every time; the others give faster ones.
enum class Planning { estimate, measure, patient };

template <class Real>
class Transform {
 public:
  Transform(const Grid& grid, Planning planning);
  ~Transform();

  /// Field to raw spectrum: amplitudes divided by scale(). The field is overwritten.
  void forward(Field<Real>& field, Spectrum<Real>& spectrum);
  /// Amplitudes to field. The spectrum is overwritten.
  void inverse(Spectrum<Real>& spectrum, Field<Real>& field);

  /// Factor from what forward() gives to amplitudes.
  Real scale() const { return scale_; }
  /// Real transforms done so far, either way.
  std::size_t count() const { return count_; }
  /// Wall time that they took [s].
  double seconds() const { return seconds_; }

 private:
  struct Plans;
  std::unique_ptr<Plans> plans_;
  Real scale_ = 1;
  std::size_t count_ = 0;
  double seconds_ = 0;
};

extern template class Transform<float>;
extern template class Transform<double>;

}  // namespace spinode
