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

}  // namespace spinode
