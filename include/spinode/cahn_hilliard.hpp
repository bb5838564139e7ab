// The Cahn-Hilliard equation in code units (Cahn & Hilliard 1958; Cahn 1961),
//   dx/dt = div( M grad mu ),   mu = theta y + G_ex'(x) + K x + nu,   y = ln(x/(1-x)),
// where K is diagonal in k-space: K(k) = kappa k^2 + B(k), gradient energy and coherency, and nu is what else
// elasticity adds (moduli that vary with x, creep). In an electrode of thickness L metal flows on top of that,
// d(L x)/dt = L div( M grad mu ) + v L b (metal_flow.hpp).
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "spinode/elasticity/mechanics.hpp"
#include "spinode/electrode/metal_flow.hpp"
#include "spinode/field.hpp"
#include "spinode/grid.hpp"
#include "spinode/mobility/log_mean_flux.hpp"
#include "spinode/spectral_potential.hpp"
#include "spinode/thermo/free_energy.hpp"
#include "spinode/transform.hpp"

namespace spinode {

class Archive;

/// The part of the equation that changes with temperature, in code units.
struct LocalLaw {
  FreeEnergy G;
  Mobility mobility = ConstantMobility{};
  std::optional<Creep> creep = {};  // Pa, code units of time
  double RT = 1;
};

/// What the equation needs to know, in code units.
struct CahnHilliardParameters {
  FreeEnergy G;
  double kappa = 1;
  Mobility mobility = ConstantMobility{};
  /// Constant mobility alone: ln x continues as its tangent below this x, and likewise at 1-x.
  double log_cutoff = 0;
  Coherency coherency = {};
  /// Where moduli vary, or phases creep.
  std::optional<MechanicsParameters> mechanics = {};
  double RT = 1;
  /// Where the last axis is an electrode.
  std::optional<FlowParameters> flow = {};
  /// Energies of a prescribed average strain or stress where the moduli do not vary: they do not depend on x.
  double uniform_elastic = 0, uniform_load = 0;
};

/// What a sweep over the cells of one state found; energies per cell, in code units.
struct CellReport {
  double chemical = 0;
  double x_min = 1, x_max = 0;
  double extended = 0;  // share of cells in which the continued logarithm acted
  bool finite = true;
  double x_mean = 0;

  template <class A>
  void serialize(A& archive) {
    archive("chemical", chemical);
    archive("x_min", x_min);
    archive("x_max", x_max);
    archive("extended", extended);
    archive("finite", finite);
    archive("x_mean", x_mean);
  }
};

template <class Real>
struct LocalEnergy;

template <class Real>
class CahnHilliard {
 public:
  CahnHilliard(const Grid& grid, CahnHilliardParameters parameters, Planning planning);
  ~CahnHilliard();

  const Grid& grid() const { return grid_; }
  /// From now on in a box that is this long along its last axis.
  void set_thickness(double thickness);
  Transform<Real>& transform() { return transform_; }
  const CahnHilliardParameters& parameters() const { return parameters_; }
  /// From now on; of the same kind of mobility as before.
  void set(const LocalLaw& law);
  /// How often the law has changed: what was worked out from it holds as long as this stays.
  std::size_t revision() const { return revision_; }
  /// The elastic state beside x; null where K holds all of elasticity.
  Mechanics* mechanics() { return mechanics_ ? &*mechanics_ : nullptr; }
  const Mechanics* mechanics() const { return mechanics_ ? &*mechanics_ : nullptr; }
  /// The flow of metal; null where there is no electrode.
  MetalFlow<Real>* flow() { return flow_ ? &*flow_ : nullptr; }
  const MetalFlow<Real>* flow() const { return flow_ ? &*flow_ : nullptr; }
  /// K, the part of mu that is linear in x.
  const SpectralPotential<Real>& linear() const { return linear_; }

  /// Amplitudes of a field. The field is overwritten.
  void analyse(Field<Real>& x, Spectrum<Real>& x_hat);
  /// Field of amplitudes, which stay as they are.
  void synthesise(const Spectrum<Real>& x_hat, Field<Real>& x);
  /// The same in memory of the equation, until the next call of anything here.
  Field<Real> field(const Spectrum<Real>& x_hat);

  /// What a state holds, and the root mean squares of dx/dt and of x - mean.
  struct Speed {
    CellReport cells;
    double rate = 0, fluctuation = 0;
  };
  Speed speed(const Spectrum<Real>& x_hat);

  /// What a state holds.
  CellReport survey(const Spectrum<Real>& x_hat);

  /// The state that evaluate() looks at, half-way between modes and cells (Transform); whatever else is asked here
  /// overwrites it. Of staggered fluxes, K x of the same state in the other; else null.
  Spectrum<Real>& half() { return half_; }
  Spectrum<Real>* half_linear() { return staggered() ? &half_linear_ : nullptr; }
  /// Puts a state there.
  void present(const Spectrum<Real>& x_hat);
  /// Its cells, until the next call of anything here.
  const Field<Real>& presented();
  /// The nonlinear part g of the rate of the state that half() holds, half-way as well, takes its place; `nu` may be
  /// null. The time derivative is  (rate + rate_k2 k^2) g + linear_k2 k^2 K x  with what symbols() says. Where metal
  /// flows, amplitudes b of its flow and the state of the sink, which may be null too.
  CellReport evaluate(const Field<double>* nu, Spectrum<Real>* b_hat = nullptr, SinkState* sink = nullptr);

  /// b of the flow of metal, per cell; returns its mean.
  double flow_rate(const Field<Real>& x, Field<Real>& b);

  /// The part of the operator that is taken implicitly: p(k) (diffusion + mobility K(k)), p = k^2, or its stencil for
  /// staggered faces. Large enough for the mobility and the curvature of G that the state has; `share` of them.
  struct Implicit {
    double diffusion = 0, mobility = 0;
  };
  Implicit implicit_part(const CellReport& state, double share) const;

  /// The operators along a run of modes, until the next call in the same thread.
  Symbols<Real> symbols(const ModeRun& run) const;

  /// Diffusion potential of a state, per cell.
  void diffusion_potential(const Spectrum<Real>& x_hat, Field<Real>& mu);

  /// Partial molar energy of the host where the sink takes it, in an electrode: G - x mu + [kappa/2 and B/2 terms], so
  /// that phases in equilibrium have the same, across their interfaces too.
  double host_potential(const Spectrum<Real>& x_hat);

  /// What the equation holds beside its parameters: the length of its last axis, the state of its mechanics, the speed
  /// of the flow of metal.
  void serialize(Archive& archive);

 private:
  void measure_stencils();
  bool staggered() const { return flux_.has_value(); }
  Field<Real>& cells();
  void copy_presented(Field<Real>& x);
  void place(const Spectrum<Real>& x_hat);
  std::size_t first_of(const ModeRun& run) const { return (run.row * grid_.modes(0) + run.first) * grid_.lanes(); }
  CellReport evaluate_staggered(const Field<double>* nu, Real* kept);

  Grid grid_;
  CahnHilliardParameters parameters_;
  Transform<Real> transform_;
  SpectralPotential<Real> linear_;
  std::unique_ptr<LocalEnergy<Real>> local_;
  std::array<std::vector<double>, 3> stencil_k2_;
  std::vector<Real> stencil_along_;  // of the first axis, one number per real
  std::optional<LogMeanFlux<Real>> flux_;
  std::size_t revision_ = 0;
  Spectrum<Real> half_, half_linear_;
  Field<Real> x_;               // empty until it is asked for
  Array<Real> near_x_, y_, w_;  // for the staggered flux alone, in the transform's places
  std::optional<Mechanics> mechanics_;
  std::optional<MetalFlow<Real>> flow_;
  Field<Real> flow_field_;
};

extern template class CahnHilliard<float>;
extern template class CahnHilliard<double>;

}  // namespace spinode
