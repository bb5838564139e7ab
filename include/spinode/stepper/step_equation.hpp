// The equation that an implicit step has to solve for x,
//   alpha x - dt div M* grad mu(x) = known,   mu = theta y + G_ex'(x) + K x + nu,
// its residual, and Newton's linear system in single precision: GMRES, preconditioned by multigrid. Staggered fluxes
// take M* on faces, by logarithmic means; a constant M is spectral, as in CahnHilliard.
#pragma once

#include <array>
#include <optional>

#include "spinode/faces.hpp"
#include "spinode/mobility/log_mean_flux.hpp"
#include "spinode/stepper/gmres.hpp"
#include "spinode/stepper/multigrid.hpp"
#include "spinode/stepper/scheme.hpp"

namespace spinode {

template <class Real>
class StepEquation {
 public:
  StepEquation(CahnHilliard<Real>& equation, Planning planning);

  /// x is kept this far from 0 and from 1 where G has a logarithm.
  static constexpr Real least_x = static_cast<Real>(LogMeanFlux<Real>::edge);
  static constexpr Real least_rest = std::is_same_v<Real, float> ? Real(1e-6) : least_x;

  /// A field, which has to stay as it is while the step is worked out, times a number; nothing where that is 0.
  template <class T>
  struct Term {
    T factor = 0;
    const Field<T>* field = nullptr;
  };
  using Known = std::array<Term<Real>, 4>;
  /// Factors of the step, M* from a state, and the right-hand side, a sum.
  void set(double alpha, double dt, const Field<Real>& mobility_from, const Known& known);
  /// The part nu of mu, as a sum; none until it is called.
  void take_along(const std::array<Term<double>, 2>& nu) { nu_ = nu; }
  /// mu with the whole slope of G at the new state, or (convex splitting, Eyre 1998) with  G_ex'(x) = S x + [G_ex'(old)
  /// - S old],  S the least number that makes the bracket fall with x over the extremes of the old state, which has to
  /// stay as it is.
  void take_whole_slope() { old_ = nullptr; }
  void split_slope(const Field<Real>& old, const CellReport& extremes);

  /// Norm of the residual of x, which correction() starts from; what there is to know of the state.
  double residual(const Field<Real>& x, StateReport& report);
  /// Amplitudes of x: worked out here, but for the x that they were last asked of by this or by residual().
  const Spectrum<Real>& amplitudes(const Field<Real>& x);
  /// Newton's correction to that x, its linear system solved to a relative residual.
  const Field<float>& correction(double tolerance);

  Work work() const;
  double transform_seconds() const { return transform_.seconds(); }
  /// What outlasts a step: how much was done, and the levels of multigrid.
  void serialize(Archive& archive);

 private:
  double constant_mobility() const { return std::get<ConstantMobility>(equation_->parameters().mobility).M; }
  CellReport local_potential(const Field<Real>& x);
  void linear_map(const Field<float>& in, Field<float>& out);
  void linear_map_spectrally(const Field<float>& in, Field<float>& out);

  CahnHilliard<Real>* equation_;
  double thickness_ = 0;  // of the box that what is known here belongs to
  Real alpha_ = 1, dt_ = 0;
  Known known_{};
  std::array<Term<double>, 2> nu_{};
  const Field<Real>* old_ = nullptr;  // null where slopes are not split
  Real convex_part_ = 0;
  Field<Real> potential_;
  Spectrum<Real> x_hat_, work_hat_;  // the latter of a constant mobility alone
  const Real* analysed_ = nullptr;   // the cells that these are the amplitudes of
  std::optional<LogMeanFlux<Real>> flux_;

  Transform<float> transform_;
  SpectralPotential<float> linear_;
  Multigrid multigrid_;
  Gmres gmres_;
  Field<float> correction_;
  Spectrum<float> half32_, hat32_;  // the latter of a constant mobility alone
  Work work_;
};

extern template class StepEquation<float>;
extern template class StepEquation<double>;

}  // namespace spinode
