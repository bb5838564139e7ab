// Fourier transform along periodic axes and cosine transform (DCT-II) along no-flux axes, with sines (DST-II) for
// fields that are odd about their faces; the only place that names FFTW.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include "spinode/field.hpp"
#include "spinode/grid.hpp"

namespace spinode {

/// How long to look for fast transforms. `estimate` gives the same plan every time; the others give faster ones.
enum class Planning { estimate, measure, patient };

/// The no-flux axes along which a field is odd about the faces: sines take the place of cosines. Periodic axes have no
/// say in it.
using Odd = std::array<bool, 3>;

template <class Real>
class Transform {
 public:
  Transform(const Grid& grid, Planning planning);
  ~Transform();

  /// Field to raw spectrum: amplitudes divided by scale(). The field is overwritten.
  void forward(Field<Real>& field, Spectrum<Real>& spectrum);
  /// The same of a field that is a sum of sin(k r) along the odd axes; modes with k = 0 along one of them are 0.
  void forward(Field<Real>& field, Spectrum<Real>& spectrum, const Odd& odd);
  /// Amplitudes to field. The spectrum is overwritten.
  void inverse(Spectrum<Real>& spectrum, Field<Real>& field);
  /// The same with sin(k r) for cos(k r) along the odd axes; modes with k = 0 along one of them give nothing.
  void inverse(Spectrum<Real>& spectrum, Field<Real>& field, const Odd& odd);

  /// Factor from what forward() gives to amplitudes.
  Real scale() const { return scale_; }
  /// Real transforms done so far, either way.
  std::size_t count() const { return count_; }
  /// Wall time that they took [s].
  double seconds() const { return seconds_; }
  /// Of the count.
  template <class A>
  void serialize(A& archive) {
    archive("transforms", count_);
  }

 private:
  struct Plans;
  Grid grid_;
  Planning planning_;
  std::unique_ptr<Plans> plans_;
  Real scale_ = 1;
  std::size_t count_ = 0;
  double seconds_ = 0;
};

/// What planning has found out in this process, in both precisions, as text: a process that takes it over plans the
/// same transforms, so that their last digits agree.
struct Wisdom {
  std::string in_double, in_single;

  template <class A>
  void serialize(A& archive) {
    archive("double", in_double);
    archive("single", in_single);
  }

  static Wisdom now();
  /// Text that FFTW cannot use is passed over.
  void take_over() const;
};

extern template class Transform<float>;
extern template class Transform<double>;

}  // namespace spinode
