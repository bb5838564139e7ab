// The transform of any grid by FFTW as a whole; used where the first axis has no periodic ends.
#pragma once

#include <map>
#include <vector>

#include "fftw.hpp"

namespace spinode {

template <class Real>
class Transform<Real>::Whole {
 public:
  Whole(const Grid& grid, Planning planning);

  void forward(Field<Real>& field, Spectrum<Real>& spectrum, const Odd& odd);
  void inverse(Spectrum<Real>& spectrum, Field<Real>& field, const Odd& odd);
  double seconds() const { return seconds_; }

 private:
  using Api = Fftw<Real>;
  using Dim = typename Api::Dim;

  /// Where the cosine transforms find the spectrum.
  Real* cosine_modes(Spectrum<Real>& spectrum, Field<Real>& field) const {
    return complex_ ? field.data() : spectrum.data();
  }
  Odd sines(const Odd& odd) const;
  const PlanOf<Real>& cosine_plan(const Odd& sines, bool inverse);
  template <class Shift>
  void for_sines(const Odd& sines, Shift shift) const;
  void share_among_threads() const;

  Grid grid_;
  Planning planning_;
  bool complex_ = false;                  // some axis is periodic
  std::vector<Dim> cosine_, other_axes_;  // of the cells: what the cosine transforms run over, and the rest
  PlanOf<Real> fourier_forward_, fourier_inverse_;
  std::map<Odd, PlanOf<Real>> cosine_forward_, cosine_inverse_;  // with sines along the odd axes
  double seconds_ = 0;
};

}  // namespace spinode
