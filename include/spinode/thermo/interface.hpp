// The flat interface between coexisting phases (Cahn & Hilliard 1958): (kappa/2) (dx/dz)^2 = dG/V_m, with dG(x) the
// height of G above the common tangent.
#pragma once

#include <span>
#include <vector>

#include "spinode/thermo/phase_diagram.hpp"

namespace spinode {

struct FlatInterface {
  double energy;       // integral of sqrt(2 kappa dG/V_m) dx [J/m2]
  double width;        // (x_beta - x_alpha)/max |dx/dz| [m]
  double width_10_90;  // distance over which the middle 80 % of the change happens [m]
};

/// kappa > 0 [J/m], V_m > 0 [m3/mol]; here and below `gap` is one of miscibility_gaps(G).
FlatInterface flat_interface(const FreeEnergy& G, const MiscibilityGap& gap, double kappa, double V_m);

/// Integral of sqrt(dG) dx over the gap [(J/mol)^(1/2)].
double interface_integral(const FreeEnergy& G, const MiscibilityGap& gap);

/// The gradient-energy coefficient [J/m] that gives an interfacial energy sigma [J/m2].
double kappa_for_energy(const FreeEnergy& G, const MiscibilityGap& gap, double V_m, double sigma);

/// The gradient-energy coefficient [J/m] that gives an interface width [m], as FlatInterface::width.
double kappa_for_width(const FreeEnergy& G, const MiscibilityGap& gap, double V_m, double width);

/// x at every z [m]: x_alpha far below z = 0, x_beta far above, and midway at z = 0.
std::vector<double> flat_profile(const FreeEnergy& G, const MiscibilityGap& gap, double kappa, double V_m,
                                 std::span<const double> z);

}  // namespace spinode
