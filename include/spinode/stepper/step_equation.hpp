// The equation that an implicit step has to solve for x,
//   alpha x - dt div M* grad mu(x) = known,   mu = theta y + G_ex'(x) + K x + nu,
// its residual, and Newton's linear system in single precision: GMRES, preconditioned by multigrid. Staggered fluxes
// take M* on faces, by logarithmic means; a constant M is spectral, as in CahnHilliard.
#pragma once

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

  /// The right-hand side, to be filled before residual().
  Field<Real>& known() { return known_; }
  /// Factors of the step, and M* from a state.
  void set(double alpha, double dt, const Field<Real>& mobility_from);
  /// The part nu of mu, as e0 nu0 + e1 nu1; none until it is called.
  void take_along(double e0, const Field<double>& nu0, double e1, const Field<double>& nu1);
  /// mu with the whole slope of G at the new state, or (convex splitting, Eyre 1998) with  G_ex'(x) = S x + [G_ex'(old)
  /// - S old],  S the least number that makes the bracket fall with x over the extremes of the old state.
  void take_whole_slope() { split_ = false; }
  void split_slope(const Field<Real>& old, const CellReport& extremes);

  /// Norm of the residual of x, which correction() starts from; what there is to know of the state.
  double residual(const Field<Real>& x, StateReport& report);
  /// Amplitudes of the x that residual() was last asked about.
  Spectrum<Real>& x_hat() { return x_hat_; }
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
  bool split_ = false;
  Real convex_part_ = 0;
  Field<Real> known_, potential_;
  Field<Real> kept_slope_;  // empty until slopes are split
  Field<Real> nu_;          // empty until there is one
  Spectrum<Real> x_hat_, work_hat_;
  std::optional<LogMeanFlux<Real>> flux_;
  Faces<Real> faces_;  // dt M*/h^2, of staggered fluxes

  Transform<float> transform_;
  SpectralPotential<float> linear_;
  Multigrid multigrid_;
  Gmres gmres_;
  Field<float> cells32_, rhs_, correction_;
  Spectrum<float> hat32_, other_hat32_;
  Work work_;
};

extern template class StepEquation<float>;
extern template class StepEquation<double>;

}  // namespace spinode
