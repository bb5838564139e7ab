// The flow of metal towards the separator. Where the host is stripped its lattice sites vanish, and metal flows in from
// the collector to close the gap. Per unit of the velocity v = j V_m/F at which the electrode recedes, and relative to
// the grid, the velocity c of the metal obeys
//   div c = -s + e,   c = 0 through the faces z = 0 and z = L,
// s the sites that vanish, e those that enter, both of integral 1 over z. In the frame that shrinks with the electrode
// e = 1/L: the grid moves. In a window of constant L, e is a layer at the collector. A flow that varies from place to
// place is that of a potential. The amount of solute per area then changes by nothing, or by v x_far in a window:
//   d(L x)/dt = L div(M grad mu) + v L b,   b = -div(c x) [+ e x_far in a window].
#pragma once

#include <cstdint>
#include <vector>

#include "spinode/electrode/sink_layer.hpp"
#include "spinode/field.hpp"
#include "spinode/thermo/free_energy.hpp"
#include "spinode/transform.hpp"

namespace spinode {

enum class Frame { shrinking, window };

/// What the local strength of the sink is proportional to, beside phi(z): nothing else; 1 - x; or the activity of the
/// host, exp((G - x G')/theta).
enum class SinkWeight { uniform, host_fraction, host_activity };

struct FlowParameters {
  Frame frame = Frame::shrinking;
  LayerShape shape = LayerShape::raised_cosine;
  double layer = 0.1;  // thickness of the sink layer over that of the electrode
  SinkWeight weight = SinkWeight::uniform;
  double x_far = 0;  // of the metal that enters a window
  /// The contact with the separator is uneven: the local current varies by this standard deviation, over this length.
  double contact_noise = 0, contact_length = 0;
  std::uint64_t contact_seed = 1;

  /// Whether the flow depends on z alone.
  bool even() const { return weight == SinkWeight::uniform && contact_noise == 0; }
};

/// What the sink layer holds, as averages with phi.
struct SinkState {
  double x = 0, host = 1;  // mean x and mean 1-x
  double host_least = 1;   // least 1-x of a cell
  double x_face = 0;       // mean x of the first plane of cells

  template <class A>
  void serialize(A& archive) {
    archive("x", x);
    archive("host", host);
    archive("host_least", host_least);
    archive("x_face", x_face);
  }
};

template <class Real>
class MetalFlow {
 public:
  MetalFlow(const Grid& grid, const FlowParameters& parameters);

  const FlowParameters& parameters() const { return parameters_; }
  /// From now on at this velocity, positive when the host is stripped. A flow at rest costs nothing.
  void drive(double velocity) { driven_ = velocity_ = velocity; }
  /// At less of it, down to 0, for the next step.
  void cut(double velocity) { velocity_ = velocity; }
  double velocity() const { return velocity_; }
  bool at_rest() const { return driven_ == 0; }
  template <class A>
  void serialize(A& archive) {
    archive("driven", driven_);
    archive("velocity", velocity_);
  }
  /// Thickness after a step at the present velocity.
  double thickness_after(double thickness, double dt) const {
    return parameters_.frame == Frame::shrinking ? thickness - velocity_ * dt : thickness;
  }

  /// b of a state x in every cell of a box of these lengths, and its exact mean; sites are taken where the host leaves
  /// or, at a negative velocity, enters. Fluxes through the faces of cells, of second order where x is smooth, that
  /// leave x inside 0 to 1.
  double rate(const Field<Real>& x, const Grid& grid, const FreeEnergy& G, Transform<Real>& transform, Field<Real>& b);

  /// Host that the strongest part of the sink holds per host_available(), as a length: 1 over the largest phi.
  double layer_content(double thickness) const { return thickness * layer_content_; }

  SinkState state(const Field<Real>& x) const;
  /// What the sink lives on: the least 1-x where it takes the same everywhere, else the mean.
  double host_available(const SinkState& state) const {
    return parameters_.weight == SinkWeight::uniform ? state.host_least : state.host;
  }
  /// The strength of a sink of this weight in the cells of its layer, in the order of the field; the sum is 1.
  std::vector<double> strengths(const Field<Real>& x, const FreeEnergy& G, SinkWeight weight) const;
  /// Of the flow as it is driven: the host is plated wherever there is contact.
  std::vector<double> strengths(const Field<Real>& x, const FreeEnergy& G) const {
    return strengths(x, G, driven_ < 0 ? SinkWeight::uniform : parameters_.weight);
  }

 private:
  bool window() const { return parameters_.frame == Frame::window; }
  template <class Speed>
  void add_flow(const Grid& grid, int axis, const Field<Real>& x, const Speed& speed, Field<Real>& b) const;
  void find_potential(const Field<Real>& x, const Grid& grid, const FreeEnergy& G, Transform<Real>& transform);

  FlowParameters parameters_;
  std::size_t plane_, planes_, layer_planes_ = 0;  // cells of a plane; planes of the box and of the sink layer
  std::vector<double> phi_;                        // per plane: its share of the sink
  std::vector<double> entry_;                      // per plane: L e
  std::vector<double> speed_along_z_;              // through the upper face of each plane, of a sink that is even
  std::vector<double> contact_;                    // per cell of a plane; empty when it is even
  double driven_ = 0, velocity_ = 0;
  double layer_content_ = 0;  // over the thickness
  Field<Real> potential_;     // of a flow that is not; with its amplitudes
  Spectrum<Real> potential_hat_;
};

extern template class MetalFlow<float>;
extern template class MetalFlow<double>;

}  // namespace spinode
