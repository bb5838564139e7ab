// What a time scheme is to the stepper: it tries steps from the levels it keeps; the stepper decides about them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "spinode/cahn_hilliard.hpp"
#include "spinode/multistep.hpp"
#include "spinode/stepper/step_control.hpp"

namespace spinode {

/// What is known of a state; energies per volume, in code units.
struct StateReport {
  CellReport cells;
  double gradient = 0, elastic = 0;
  double load = 0;       // of a prescribed stress
  double tolerated = 0;  // by how much the elastic energy may be off

  double energy() const { return cells.chemical + gradient + elastic + load; }
  template <class A>
  void serialize(A& archive) {
    archive("cells", cells);
    archive("gradient", gradient);
    archive("elastic", elastic);
    archive("load", load);
    archive("tolerated", tolerated);
  }
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

/// How much metal a state is: the length of the last axis, and solute per area, their ratio being the mean of x. Both
/// stay as they are without a flow of metal.
struct Extent {
  double thickness = 1, amount = 0;

  double mean() const { return amount / thickness; }
  template <class A>
  void serialize(A& archive) {
    archive("thickness", thickness);
    archive("amount", amount);
  }
};

/// States, the newest first, each with the step that led to it: what one scheme hands to the next.
template <class Real>
struct History {
  std::vector<Spectrum<Real>> x_hat;
  std::vector<double> dt;
  std::vector<Extent> extent;
};

/// What came of trying a step.
struct Attempt {
  std::optional<Rejection> failure = {};  // there is no candidate
  double error = 0;                       // local error over the standard deviation of x
  bool error_known = false;               // enough levels for an estimate
  StateReport state = {};                 // of the candidate; empty where the error is too large to go on
  SinkState sink = {};                    // likewise, of an electrode
  double mean = 0;                        // of x, by the books
};

/// What flows along with a step of multi-step formula f from levels of these extents: the extent after it, and what
/// the formula's factors become where the conserved quantity is L x.
struct MovingStep {
  bool moving = false;  // else the factors are those of the formula
  Extent after;
  std::array<double, 2> share{1, 1};  // thickness of the levels over that after the step
  std::array<double, 2> flow{0, 0};   // factors of b of the levels

  /// mean_flow: means of b of the levels.
  template <class Real>
  static MovingStep of(const MetalFlow<Real>* flow, double dt, const Multistep& f, const Extent& level0,
                       const Extent& level1, const std::array<double, 2>& mean_flow);
};

template <class Real>
MovingStep MovingStep::of(const MetalFlow<Real>* metal, double dt, const Multistep& f, const Extent& level0,
                          const Extent& level1, const std::array<double, 2>& mean_flow) {
  MovingStep step;
  step.after = level0;
  const bool two = f.extrapolation[1] != 0 || f.history[1] != 0;
  if (!metal || (metal->at_rest() && !(two && level1.thickness != level0.thickness))) return step;
  step.moving = true;
  step.after.thickness = metal->thickness_after(level0.thickness, dt);
  step.share = {level0.thickness / step.after.thickness, two ? level1.thickness / step.after.thickness : 0};
  for (int l = 0; l < 2; ++l) step.flow[l] = dt * metal->velocity() * f.extrapolation[l] * step.share[l];
  // The change of the amount by the extrapolated flow at the middle of the step: exact where it is constant.
  const double r = -f.extrapolation[1];
  step.after.amount += dt * metal->velocity() *
                       ((1 + r / 2) * level0.thickness * mean_flow[0] - r / 2 * level1.thickness * mean_flow[1]);
  return step;
}

template <class Real>
class Scheme {
 public:
  virtual ~Scheme() = default;

  /// Takes one to three levels and reports on the newest.
  virtual StateReport start(History<Real> history) = 0;
  /// Reports on the present state by the law that the equation now has.
  virtual StateReport restate() = 0;
  /// Tries a step; one whose error is above `largest_error` need not be worked out to its end.
  virtual Attempt attempt(double dt, double largest_error) = 0;
  /// The candidate of the last attempt becomes the present state.
  virtual void accept(double dt) = 0;

  /// Ends what accept() left to be done; to be called before the equation changes.
  virtual void settle() = 0;
  /// The present state, until the next call of anything here.
  virtual const Spectrum<Real>& state() = 0;
  virtual const Extent& extent() const = 0;
  /// The state that accept() would make the present one.
  virtual const Spectrum<Real>& candidate() = 0;
  virtual History<Real> history() = 0;
  virtual Work work() const = 0;
  /// Wall time in transforms that are not the equation's [s].
  virtual double transform_seconds() const { return 0; }
  /// By how much the limit on the step grows per step after a rejection for what a step did to the state.
  virtual double recovery() const = 0;
  /// By how much one step may be longer than the one before.
  virtual double growth() const = 0;
  /// What the scheme holds of the present state and those before it.
  virtual void serialize(Archive& archive) = 0;
};

/// Below what variable-step BDF2 bears (Grigorieff 1983: ratio 2.41).
inline constexpr double fastest_growth = 1.8;

/// Fluctuations of x below this do not tighten the error control: a uniform state has none.
inline constexpr double least_rms = 1e-2;

}  // namespace spinode
