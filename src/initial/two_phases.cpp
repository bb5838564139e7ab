#include "spinode/initial/list.hpp"

namespace spinode {

TwoPhases TwoPhases::read(Config& config) {
  TwoPhases phases{};
  phases.fraction = config.quantity(
      {.name = "initial.fraction", .bounds = open_fraction, .help = "share of the solute-rich phase in the volume"});
  phases.x_solute = config.quantity({.name = "initial.x_solute",
                                     .bounds = spinode::fraction,
                                     .fallback = 1,
                                     .help = "composition of the solute-rich phase"});
  phases.x_host = config.quantity(
      {.name = "initial.x_host", .bounds = spinode::fraction, .fallback = 0, .help = "composition of the host"});
  phases.edge = config.quantity({.name = "initial.edge",
                                 .unit = "m",
                                 .bounds = not_negative,
                                 .fallback = 0,
                                 .help = "width of the interfaces, (x_solute - x_host)/max|dx/dr|; 0 is sharp"});
  return phases;
}

}  // namespace spinode
