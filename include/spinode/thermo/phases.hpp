// The compositions of two phases that stand beside each other.
#pragma once

namespace spinode {

/// Told apart in the middle between them.
struct Phases {
  double x_host = 0, x_solute = 1;

  double threshold() const { return (x_host + x_solute) / 2; }
};

}  // namespace spinode
