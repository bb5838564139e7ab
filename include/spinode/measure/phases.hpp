// The two phases of a field: where they are told apart, what each holds.
#pragma once

#include "spinode/field.hpp"
#include "spinode/grid.hpp"

namespace spinode {

enum class Phase { host, solute };

/// A cell is of the host up to one composition, of the solute-rich phase above another, of the interface between.
struct Thresholds {
  double host, solute;

  explicit Thresholds(double one) : Thresholds(one, one) {}
  Thresholds(double up_to, double above) : host(up_to), solute(above) {}

  bool contain(Phase phase, double x) const { return phase == Phase::host ? x <= host : x > solute; }
  double of(Phase phase) const { return phase == Phase::host ? host : solute; }
  /// Where the interface is when it is a surface.
  double middle() const { return (host + solute) / 2; }
};

struct PhaseContents {
  double fraction_host = 0, fraction_solute = 0;  // of all cells
  double x_host = 0, x_solute = 0;                // mean compositions; NaN of a phase that is not there
};

PhaseContents phase_contents(const Field<double>& x, const Thresholds& thresholds);

}  // namespace spinode
