// The part of the diffusion potential that is linear in x and diagonal in k-space, K(k) = kappa k^2 + B(k): gradient
// energy (Cahn & Hilliard 1958) and the coherency of homogeneous elasticity (Khachaturyan 1983).
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <vector>

#include "spinode/field.hpp"
#include "spinode/grid.hpp"
#include "spinode/transform.hpp"

namespace spinode {

/// B for a wavevector k != 0; empty without elasticity.
using Coherency = std::function<double(const std::array<double, 3>&)>;

/// What the operators are along a run of modes; arrays have one number per real of the spectrum.
template <class Real>
struct Symbols {
  std::size_t reals;
  const Real *k2_along, *stencil_along, *elastic, *multiplicity_along;
  Real k2_across, stencil_across, multiplicity_across;
  Real kappa;
  /// The rate is (rate + rate_k2 k^2) g + linear_k2 k^2 K x, K = kappa k^2 + B.
  Real rate, rate_k2, linear_k2;

  /// Without the first of the run.
  Symbols from(std::size_t reals_left_out) const {
    Symbols rest = *this;
    rest.reals -= reals_left_out;
    for (const Real** along : {&rest.k2_along, &rest.stencil_along, &rest.elastic, &rest.multiplicity_along})
      *along += reals_left_out;
    return rest;
  }
};

template <class Real>
class SpectralPotential {
 public:
  SpectralPotential(const Grid& grid, double kappa, const Coherency& coherency);
  /// The same of a box with other lengths.
  void stretch(const Grid& grid);

  double kappa() const { return kappa_; }
  /// The least B of all modes: that of the softest direction; 0 without elasticity.
  double softest() const { return softest_; }

  /// Waves and potentials along a run of modes; rates are left as they are. They hold until the next call in the same
  /// thread.
  void fill(const ModeRun& run, Symbols<Real>& symbols) const;

  /// out = K x_hat; they may be the same.
  void apply(const Spectrum<Real>& x_hat, Spectrum<Real>& out) const;
  /// The same along a run of modes.
  void apply(const ModeRun& run, const Real* x, Real* out) const;
  /// out = B x_hat, the elastic part alone.
  void apply_elastic(const Spectrum<Real>& x_hat, Spectrum<Real>& out) const;

  /// g = a x + b k^2 (g + K x): what a constant mobility makes of the local part g of mu and of x.
  void transport(double a, double b, const Spectrum<Real>& x_hat, Spectrum<Real>& g) const;

  /// Energies per cell of amplitudes, (1/2) sum kappa k^2 |x_hat|^2 and (1/2) sum B |x_hat|^2.
  struct Energies {
    double gradient = 0, elastic = 0;
  };
  Energies energies(const Spectrum<Real>& x_hat) const;

 private:
  void measure_waves();
  void measure_coherency();

  Grid grid_;
  double kappa_, softest_ = 0;
  Coherency coherency_of_;
  std::array<std::vector<double>, 3> k2_, multiplicity_;
  std::vector<Real> k2_along_, multiplicity_along_;  // of the first axis, one number per real
  Array<Real> coherency_;                            // per mode; empty when there is none
  mutable std::vector<std::vector<Real>> elastic_;   // per thread: B along a run, one number per real
  bool isotropic_ = false;
};

extern template class SpectralPotential<float>;
extern template class SpectralPotential<double>;

}  // namespace spinode
