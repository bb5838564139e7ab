#include "spinode/electrode_outlook.hpp"

#include <algorithm>

#include "spinode/electrode/depletion_time.hpp"

namespace spinode {

ElectrodeOutlook electrode_outlook(const Case& config, const Model& model) {
  const double T = config.temperature.at(0), thickness = config.grid.thickness(), x0 = config.mean_composition();
  ElectrodeOutlook outlook;
  outlook.capacity = config.charge_density() * thickness * (1 - x0);
  for (const ProtocolStep& step : config.electrode->protocol.steps)
    outlook.current_density = std::max(outlook.current_density, step.velocity);
  outlook.velocity = outlook.current_density / config.charge_density();
  outlook.peclet = outlook.velocity * thickness / model.diffusivity(T);
  outlook.cell_peclet = outlook.peclet / static_cast<double>(config.grid.cells(config.grid.dimension() - 1));
  const FreeEnergy G = model.energy(T);
  const double D = model.mobility(x0, T) * G.d2G(x0);
  if (!(outlook.velocity > 0) || !(D > 0)) return outlook;
  outlook.depletion = time_to_pile_up(x0, 1, outlook.velocity, D);
  for (const Interval& interval : spinodal_intervals(G))
    if (!outlook.spinodal && interval.lower > x0) {
      outlook.x_spinodal = interval.lower;
      outlook.spinodal = time_to_pile_up(x0, interval.lower, outlook.velocity, D);
    }
  return outlook;
}

}  // namespace spinode
