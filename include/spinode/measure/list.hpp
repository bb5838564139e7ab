// The measures that a case can choose, each a function of the field that gives a row of its own table.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "spinode/config.hpp"
#include "spinode/measure/connectivity.hpp"
#include "spinode/measure/phases.hpp"
#include "spinode/measure/structure_factor.hpp"
#include "spinode/thermo/phases.hpp"

namespace spinode {

struct MeasureSettings;

/// What measures look at; lengths in m, plain numbers in a dimensionless case.
struct Sample {
  const Grid& grid;
  const Field<double>& x;
  const StructureFactor& structure;
  Thresholds thresholds;
};

/// A value in a column of a measure's table; unit in SI, "1" of a plain number.
struct Reading {
  std::string name, unit;
  double value;
};

/// Which columns it gives depends on the settings and the number of axes, not on the field.
struct Measure {
  const char *name, *help;
  bool by_default;               // it costs a run next to nothing
  int least_dimension;           // that it needs
  std::array<double, 3> memory;  // bytes a cell that it takes while it works, in 1D, 2D and 3D
  std::vector<Reading> (*read)(const Sample&, const MeasureSettings&);
};

/// Every measure, in the order of `spinode list`.
const std::vector<Measure>& measures();

/// Table [measures] of a case.
struct MeasureSettings {
  struct Use {
    const Measure* measure;
    int every;  // steps; 0: at snapshots alone
  };
  std::vector<Use> used;
  std::optional<Thresholds> thresholds;  // empty: the middle between the phases of the temperature
  Neighbours neighbours = Neighbours::faces;
  double other_phase = 0;  // conductivity of the phase that is not looked at, over that of the one that is
  std::optional<std::array<double, 2>> ionic, electronic;  // of host and solute-rich phase [S/m]
  std::optional<double> coarsening_from, coarsening_to;    // s

  /// For fields on a grid of this many axes.
  static MeasureSettings read(Config& config, int dimension);

  /// `phases`: those of the temperature.
  Thresholds thresholds_for(const Phases& phases) const { return thresholds.value_or(Thresholds(phases.threshold())); }
};

}  // namespace spinode
