// A case: everything that a config file says, checked, in SI (or in the case's own numbers with units = "none").
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "spinode/elasticity/average_state.hpp"
#include "spinode/elasticity/list.hpp"
#include "spinode/electrode/settings.hpp"
#include "spinode/grid.hpp"
#include "spinode/initial/list.hpp"
#include "spinode/measure/list.hpp"
#include "spinode/mobility/list.hpp"
#include "spinode/output/fields.hpp"
#include "spinode/stepper/step_control.hpp"
#include "spinode/system.hpp"
#include "spinode/transform.hpp"

namespace spinode {

/// The gradient-energy coefficient, or the property of a flat interface that fixes it.
struct GradientEnergy {
  enum class Given { kappa, interface_width, interface_energy };
  Given given = Given::kappa;
  double value = 1;                      // J/m, m, J/m2
  std::optional<double> physical_kappa;  // of the system file [J/m]: what a chosen one is compared with

  std::string cited;  // where the case says so

  static GradientEnergy read(Config& config);
};

/// What elasticity has beside moduli and misfit.
struct MechanicsSettings {
  AverageState average;
  std::optional<double> x_reference;  // empty: the mean of the initial state
  double tolerance = 1e-5;
  CreepModels::Variant creep;

  /// `none`: without elasticity its keys are not read.
  static MechanicsSettings read(Config& config, const Grid& grid, bool none);
};

struct TimeSettings {
  double end = 1;                    // s
  std::optional<SchemeKind> scheme;  // empty: automatic
  int order = 2;
  double tolerance = 1e-4;
  std::optional<double> step, initial_step, max_step;  // s
  double band = 0.01;
  double log_cutoff = 5e-5;

  /// longest: the end when the case gives none; infinite: it must.
  static TimeSettings read(Config& config, double longest);
};

struct OutputSettings {
  std::vector<double> times;  // s, rising, the last one is the end
  std::vector<OutputField> fields;
  bool single_precision = true;
  int compression = 0;
  double checkpoint_every = 600;  // s of wall time; 0: only when asked for
  int timeseries_every = 20;

  static OutputSettings read(Config& config, double end);
};

struct RunSettings {
  int threads = 0;  // 0: all that the machine has
  bool single_precision = false;
  Planning planning = Planning::measure;

  static RunSettings read(Config& config);
};

struct Case {
  System system;
  std::string resolved_config;
  Grid grid;
  Programme temperature;  // s, K
  GradientEnergy gradient;
  MobilityModels::Variant mobility;
  ElasticityModels::Variant elasticity;
  MechanicsSettings mechanics;
  std::optional<ElectrodeSettings> electrode;
  InitialModels::Variant initial;
  TimeSettings time;
  OutputSettings output;
  MeasureSettings measures;
  RunSettings run;

  /// Throws ConfigError with every fault of the file, IoError when it cannot be read. Keys that the models chosen do
  /// not use are faults, unless `all_needed` is unset.
  static Case load(const std::filesystem::path& file, const std::vector<std::string>& overrides = {},
                   bool all_needed = true);
  /// The same of a config of which nothing is read yet; `known`: all_keys().
  static Case read(Config config, const std::vector<Declaration>& known, bool all_needed = true);

  bool creeps() const { return !std::holds_alternative<NoCreep>(mechanics.creep); }
  /// Whether elasticity is more than a spectral term: moduli vary with x, or phases creep.
  bool mechanical() const;
  /// F/V_m: the charge of the host in a volume of lattice [C/m3]; 1/V_m in a dimensionless case.
  double charge_density() const;
  /// Mean composition of the initial state.
  double mean_composition() const;

  /// Unit of a quantity in outputs: `si`, or "1" in a dimensionless case.
  std::string unit(const std::string& si) const { return system.dimensionless ? "1" : si; }
  /// Unit of length in snapshots [m], or 1 in a dimensionless case.
  double snapshot_length() const { return system.dimensionless ? 1 : SnapshotLength::metres; }
};

/// Table [domain].
Grid read_domain(Config& config);

/// Key `temperature`: of a case, and of the phase diagram of a case.
Programme read_temperature(Config& config);

/// Every key that a case can have.
std::vector<Declaration> all_keys();

}  // namespace spinode
