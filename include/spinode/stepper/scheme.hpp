// What a time scheme is to the stepper: it tries steps from the levels it keeps; the stepper decides about them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "spinode/cahn_hilliard.hpp"
#include "spinode/stepper/step_control.hpp"

namespace spinode {

/// What is known of a state; energies per volume, in code units.
struct StateReport {
  CellReport cells;
  double gradient = 0, elastic = 0;
  double load = 0;       // of a prescribed stress
  double tolerated = 0;  // by how much the elastic energy may be off

  double energy() const { return cells.chemical + gradient + elastic + load; }
  /// With the elastic energies of the equation: of `balance` where there is mechanics, else the spectral one.
  template <class Real>
  static StateReport of(const CahnHilliard<Real>& equation, const CellReport& cells, double gradient, double elastic,
                        const Balance* balance);
};

template <class Real>
StateReport StateReport::of(const CahnHilliard<Real>& equation, const CellReport& cells, double gradient,
                            double elastic, const Balance* balance) {
  const CahnHilliardParameters& parameters = equation.parameters();
  if (!balance) return {cells, gradient, elastic + parameters.uniform_elastic, parameters.uniform_load};
  const double unit = parameters.mechanics->per_pascal, tolerance = parameters.mechanics->tolerance;
  // Of either of two states that are compared.
  return {cells, gradient, unit * balance->energy, unit * balance->load,
          2 * tolerance * tolerance * unit * balance->energy};
}

/// States, the newest first, each with the step that led to it: what one scheme hands to the next.
template <class Real>
struct History {
  std::vector<Spectrum<Real>> x_hat;
  std::vector<double> dt;
};

/// What came of trying a step.
struct Attempt {
  std::optional<Rejection> failure = {};  // there is no candidate
  double error = 0;                       // local error over the standard deviation of x
  bool error_known = false;               // enough levels for an estimate
  StateReport state = {};                 // of the candidate; empty where the error is too large to go on
};

template <class Real>
class Scheme {
 public:
  virtual ~Scheme() = default;

  /// Takes one to three levels and reports on the newest.
  virtual StateReport start(const History<Real>& history) = 0;
  /// Reports on the present state by the law that the equation now has.
  virtual StateReport restate() = 0;
  /// Tries a step; one whose error is above `largest_error` need not be worked out to its end.
  virtual Attempt attempt(double dt, double largest_error) = 0;
  /// The candidate of the last attempt becomes the present state.
  virtual void accept(double dt) = 0;

  virtual const Spectrum<Real>& state() const = 0;
  virtual History<Real> history() = 0;
  virtual Work work() const = 0;
  /// By how much the limit on the step grows per step after a rejection for what a step did to the state.
  virtual double recovery() const = 0;
  /// By how much one step may be longer than the one before.
  virtual double growth() const = 0;
};

/// Below what variable-step BDF2 bears (Grigorieff 1983: ratio 2.41).
inline constexpr double fastest_growth = 1.8;

/// Fluctuations of x below this do not tighten the error control: a uniform state has none.
inline constexpr double least_rms = 1e-2;

}  // namespace spinode
