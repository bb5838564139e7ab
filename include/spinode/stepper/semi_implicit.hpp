// Semi-implicit Fourier steps of order one and two with variable size (IMEX: Ascher, Ruuth & Wetton 1995, eqs. 2.8 and
// 2.13 generalised to r = dt_n/dt_{n-1} by Wang & Ruuth 2008),
//   alpha x+ - (1+r) x + r^2/(1+r) x-  =  dt [ (1+r) (F + L x) - r (F- + L x-) - L x+ ],   alpha = (1+2r)/(1+r),
// where F is the whole rate of a state and L the part of it, diagonal in k-space, that is taken at the new time.
#pragma once

#include <array>

#include "spinode/cahn_hilliard.hpp"
#include "spinode/clock.hpp"
#include "spinode/stepper/step_control.hpp"

namespace spinode {

/// What is known of an accepted state; energies per volume, in code units.
struct StateReport {
  CellReport cells;
  double gradient = 0, elastic = 0;

  double energy() const { return cells.chemical + gradient + elastic; }
};

template <class Real>
class SemiImplicit {
 public:
  SemiImplicit(CahnHilliard<Real>& equation, const StepSettings& settings);

  /// Takes the amplitudes of the initial state. Throws NumericalError when it is not finite or outside the band.
  void start(const Spectrum<Real>& x_hat);

  /// One accepted step. Rejects and retries inside; throws NumericalError when no step size is left, and the state is
  /// then the last good one.
  void advance(Clock& clock);

  const Spectrum<Real>& state() const { return levels_[0].x_hat; }
  const StateReport& report() const { return report_; }
  const StepCounts& counts() const { return counts_; }

 private:
  /// A state, its nonlinear part, and the step that led to it.
  struct Level {
    Spectrum<Real> x_hat, g_hat;
    double dt = 0;
  };
  struct Sums {
    double error2 = 0, variance = 0, gradient = 0, elastic = 0;
    Sums& operator+=(const Sums& other);
  };

  double first_step() const;
  Sums propose(double dt);
  std::optional<Rejection> judge(const StateReport& candidate) const;
  void reject(Rejection reason);

  CahnHilliard<Real>* equation_;
  StepSettings settings_;
  StepCounts counts_;
  StateReport report_;
  // The present state, two before it, and the candidate for the next.
  std::array<Level, 3> levels_;
  Level candidate_;
  int known_levels_ = 0;
  double dt_ = 0;  // the step to try next
  // Where a step was rejected for what it did to the state, not for its error, the scheme is at the limit of its
  // stability; steps stay below it, and feel their way up again slowly.
  double ceiling_ = std::numeric_limits<double>::infinity();
};

extern template class SemiImplicit<float>;
extern template class SemiImplicit<double>;

}  // namespace spinode
