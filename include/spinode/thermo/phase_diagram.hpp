// Phases that coexist share a tangent, G'(x_alpha) = G'(x_beta) = mu and G - x mu = omega at both (Gibbs 1876).
#pragma once

#include <vector>

#include "spinode/thermo/free_energy.hpp"

namespace spinode {

/// Two coexisting phases, x_alpha < x_beta, and their common tangent omega + mu x.
struct MiscibilityGap {
  double x_alpha, x_beta;
  double one_minus_x_beta;  // to full precision, however pure the phase
  double mu;                // diffusion potential [J/mol]
  double omega;             // intercept at x = 0 [J/mol]
  double residual;          // largest misfit of the two conditions, over `ideal` or else the largest excess coefficient
};

struct Interval {
  double lower, upper;
};

/// Every gap of the lower convex hull of G, from low to high x; empty when all compositions are stable.
/// A phase at an end of a polynomial's range is no phase, and its gap is left out.
std::vector<MiscibilityGap> miscibility_gaps(const FreeEnergy& G);

/// Where G'' < 0, from low to high x.
std::vector<Interval> spinodal_intervals(const FreeEnergy& G);

/// Low-concentration limits, as mole fractions of the minority species: solubilities exp(-G_ex'(0)/ideal) and
/// exp(G_ex'(1)/ideal) in a phase beside the other, pure one; spinodals -ideal/G_ex''. Those that do not exist are NaN.
struct DiluteLimits {
  double solubility_in_host, spinodal_host_side, spinodal_solute_side, solubility_in_solute;
};

/// For L_0 and L_1 alone: exp(-(L_0 +- L_1)/RT) and RT/(2 L_0 +- 6 L_1) (dos Santos et al. 2025).
DiluteLimits dilute_limits(const FreeEnergy& G);

}  // namespace spinode
