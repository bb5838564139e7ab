// Elasticity beyond one stiffness, as a state beside x: equilibrium at every time level, and a creep strain eps_p that
// the same multi-step formulas bring forward as x, implicit in the stress.
#pragma once

#include <array>
#include <optional>

#include "spinode/elasticity/equilibrium.hpp"
#include "spinode/multistep.hpp"
#include "spinode/spectral_potential.hpp"

namespace spinode {

/// Stresses and moduli in Pa, lengths and times in code units.
struct MechanicsParameters {
  Medium medium;
  AverageState average;
  std::optional<Creep> creep;  // rates per code unit of time
  double tolerance = 1e-5;     // of Equilibrium
  double per_pascal = 1;       // code units of an energy per volume in a pascal
};

class Mechanics {
 public:
  /// `coherency`: the part of the diffusion potential, in code units, that the equation takes as linear in x.
  Mechanics(const Grid& grid, const MechanicsParameters& parameters, const Coherency& coherency, Planning planning);

  /// From no creep strain. Throws NumericalError when equilibrium is not found.
  template <class Real>
  void start(const Field<Real>& x);
  /// From now on; of the same metals as before.
  void set(const std::optional<Creep>& creep) {
    parameters_.creep = creep;
    settled_ = false;
  }

  /// What came of a candidate for the next state.
  struct Outcome {
    bool converged = false;
    double error = 0;  // local error of the creep strain, root mean square, over the misfit strain per unit of x
  };
  /// Equilibrium at the end of a step that leads to composition x.
  template <class Real>
  Outcome attempt(const Field<Real>& x, double dt, const Multistep& formula);
  /// The candidate becomes the present state.
  void accept(double dt);

  /// What the elastic energy adds to the diffusion potential, the linear part apart, in code units: of the present
  /// state (0), of the one before (1), and of the candidate.
  const Field<double>& potential(int level) const { return potential_[level]; }
  const Field<double>& candidate_potential() const { return candidate_potential_; }
  /// Of the present state and the candidate, in Pa.
  const Balance& balance() const { return balance_; }
  const Balance& candidate_balance() const { return candidate_balance_; }

  /// Of the creep strain of the present state, in the measure of Outcome::error, per code unit of time.
  double rate() const { return balance_.creep_rate / misfit(); }
  /// Energy per volume that creep has dissipated since the start [Pa].
  double dissipated() const { return dissipated_; }
  /// Iterations so far.
  std::int64_t iterations() const { return iterations_; }
  std::size_t transforms() const { return equilibrium_.transforms(); }
  /// Wall time of its attempts at steps so far [s].
  double seconds() const { return seconds_; }
  const MechanicsParameters& parameters() const { return parameters_; }

  /// Elastic energy per volume of the present composition if nothing had crept [Pa].
  double coherent_energy() const;
  /// Equilibrium of the present state by the law of creep as it now is, to take fields from.
  Equilibrium& settle();
  /// The same whatever is known of it.
  void settle_again() {
    settled_ = false;
    settle();
  }
  /// Of the present state.
  const Field<double>& x() const { return x_; }
  /// eps_p of the present state; null without creep.
  const TensorField* creep_strain() const { return parameters_.creep ? &creep_strain_[0] : nullptr; }

  /// All of the state.
  void serialize(Archive& archive);

 private:
  void take_out_linear_part(Field<double>& potential, const Field<double>& x);
  double misfit() const;
  double error(const Multistep& formula) const;

  Grid grid_;
  MechanicsParameters parameters_;
  Planning planning_;
  Equilibrium equilibrium_;
  SpectralPotential<double> linear_;
  Transform<double> transform_;
  Field<double> x_, candidate_x_, work_;
  Spectrum<double> x_hat_;
  std::array<Field<double>, 2> potential_;
  Field<double> candidate_potential_;
  std::array<TensorField, 3> creep_strain_;  // the newest first; empty without creep
  TensorField candidate_creep_strain_, before_;
  bool settled_ = false;  // the equilibrium at hand is that of the present state
  Balance balance_, candidate_balance_;
  double dissipated_ = 0;
  std::int64_t iterations_ = 0;
  double seconds_ = 0;
};

}  // namespace spinode
