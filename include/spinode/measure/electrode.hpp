// The ledger of an electrode and what it shows to a cycler, as columns of the time series.
#pragma once

#include <cstdint>

namespace spinode {

/// Charges per area in C/m2 since the start, positive when the host is stripped; potentials against the pure host.
struct ElectrodeMeasures {
  std::int64_t step = 1, cycle = 1;     // of the protocol
  double current_density = 0;           // of the last step [A/m2]
  double requested = 0, delivered = 0;  // by the protocol, and what passed
  double host_removed = 0;              // what the field has lost
  double imbalance = 0;                 // host_removed - delivered over all charge that passed, both ways counted
  double solute_amount = 0;             // mol/m2, of the field
  double thickness = 0;                 // m
  double host_left = 1;                 // host there is now over that of the start
  double x_layer = 0, x_face = 0;       // means over the sink layer and the first plane of cells
  double potential_open = 0, overpotential = 0, ohmic_drop = 0;  // V
  double peclet = 0;                                             // v L/D

  double potential() const { return potential_open + overpotential + ohmic_drop; }
};

}  // namespace spinode
