// The mobility M in dx/dt = div( M grad mu ), with mu in J/mol or in code units.
#pragma once

#include <variant>

namespace spinode {

/// M in dx/dt = M laplacian(mu).
struct ConstantMobility {
  double M = 1;
};

/// M(x) = x(1-x) [(1-x) solute + x host], the two diffusivities over sites times RT (Darken 1948).
struct DarkenMobility {
  double solute = 1, host = 1;

  double largest() const { return solute > host ? solute : host; }
};

using Mobility = std::variant<ConstantMobility, DarkenMobility>;

}  // namespace spinode
