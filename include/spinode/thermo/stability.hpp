// Linear stability of a uniform solution (Cahn 1961): omega(k) = -M k^2 [G'' + V_m B + V_m kappa k^2].
#pragma once

#include <optional>

#include "spinode/thermo/free_energy.hpp"

namespace spinode {

enum class Stability { stable, metastable, unstable };

/// Unstable where G'' < 0; metastable elsewhere inside a miscibility gap.
Stability classify(const FreeEnergy& G, double x0);

struct FastestMode {
  double k;       // wavenumber [rad/m]
  double lambda;  // wavelength [m]
  double omega;   // growth rate [1/s]
};

/// The fastest growing mode, if any grows. curvature = G'' + V_m B [J/mol], kappa [J/m], V_m [m3/mol], M [m2 mol/(J
/// s)].
std::optional<FastestMode> fastest_mode(double curvature, double kappa, double V_m, double M);

/// Growth rate [1/s] of the mode with wavenumber k [rad/m]; other arguments as in fastest_mode.
double growth_rate(double k, double curvature, double kappa, double V_m, double M);

}  // namespace spinode
