// The results folder of a run: snapshots that ParaView opens, their index over time, the time series, S(k,t), a
// summary.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "spinode/case.hpp"
#include "spinode/measure/connectivity.hpp"
#include "spinode/measure/electrode.hpp"
#include "spinode/measure/profiles.hpp"
#include "spinode/measure/structure_factor.hpp"
#include "spinode/output/appended_file.hpp"
#include "spinode/output/background_writer.hpp"
#include "spinode/output/checkpoints.hpp"
#include "spinode/output/measure_tables.hpp"
#include "spinode/output/snapshots.hpp"
#include "spinode/stepper/step_control.hpp"

namespace spinode {

class Archive;
class FolderLock;

/// Energies in J (per m in 2D, per m2 in 1D), times in s, lengths in m, temperature in K; plain numbers in a
/// dimensionless case.
struct Measures {
  std::int64_t step = 0;
  double time = 0, temperature = 0, dt = 0;
  double x_mean = 0, x_min = 0, x_max = 0, x_deviation = 0;
  double energy_chemical = 0, energy_gradient = 0, energy_elastic = 0;
  double energy_load = 0;  // minus the prescribed average stress times the average strain
  double length = 0, anisotropy = 0;
  double energy_dissipated = 0;  // by creep, since the start
  double von_mises_max = 0;      // Pa
  double coherency_relaxed = 0;  // share of the elastic energy of coherent phases that creep has taken away
  ElectrodeMeasures electrode = {};

  double energy_total() const { return energy_chemical + energy_gradient + energy_elastic + energy_load; }
};

/// The unit of charges per area in files, mAh/cm2, in C/m2; 1 in a dimensionless case.
double charge_unit(const Case& config);

/// A column of the time series.
struct Column {
  enum class When { always, loaded, mechanical, creeping, electrode };

  const char *name, *unit;  // "energy": per m2 in 1D, per m in 2D
  double (*value)(const Measures&);
  When when = When::always;
  double per_unit = 1;  // of a value in SI to one in `unit`

  bool in(const Case& config) const;
  /// Its unit in the table; "" of a plain number, "1" where the case has none.
  std::string unit_in(const Case& config) const;
  /// A value as it stands in the table.
  double in_table(const Measures& measures, const Case& config) const;
};

/// Every column that there can be, in order; step, a whole number, comes before them.
const std::vector<Column>& columns();

/// What to do with the results of an earlier run: refuse, remove them, or go on from the last checkpoint.
enum class Existing { refuse, overwrite, resume };

/// Every failure to write is an IoError that names the file. A file with its final name is whole.
class Results {
 public:
  /// Makes the folder and holds it against other runs. Throws IoError where it is not empty and that is refused, where
  /// another run holds it, or where no checkpoint in it is whole; ConfigError where the run that is to go on had
  /// another case in anything but time.end, output and threads. A run that ended before its first checkpoint starts
  /// anew.
  Results(std::filesystem::path folder, const Case& config, Existing existing);
  Results(const Results&) = delete;
  Results& operator=(const Results&) = delete;
  ~Results();

  /// The checkpoint to go on from; null for a run from the start, and once it is closed.
  Hdf5File* resumed_from() { return resumed_from_ ? &*resumed_from_ : nullptr; }
  void close_checkpoint() { resumed_from_.reset(); }
  /// What there is to say of the folder before the run goes on.
  const std::vector<std::string>& notes() const { return notes_; }
  /// Writes a checkpoint, once all that was written before is on the disk.
  void write_checkpoint(const std::function<void(Hdf5File&)>& fill);
  /// What is in the folder. On reading, the folder is brought back to it.
  void serialize(Archive& archive);

  /// Writes a snapshot, its S(k) and the rows of profiles kept so far in the background, once the one before is there.
  void write(const StructureFactor& structure, Snapshots::State state);
  /// Waits until all that is written in the background is on the disk. Failures are told here, or by the next write(),
  /// write_checkpoint() or write_summary().
  void finish_writing() { writer_.wait(); }
  /// Not while one is written, but for the index file.
  const Snapshots& snapshots() const { return snapshots_; }
  void append(const Measures& row);
  /// Times in s.
  void append(const RejectedStep& step);
  /// A row of the table of a measure.
  void append(const Measures& now, const MeasureRow& row) { tables_.append(now.step, now.time, row); }
  /// Keeps a row of the table of profiles for the next snapshot; no more than a few hundred: when there are more, every
  /// second goes, and only every second, fourth, ... of those that follow is kept.
  struct ProfileRow {
    double time = 0, capacity = 0, thickness = 0, threshold = 0;  // s, C/m2, m
    Profiles profiles;
    Connectivity solute;

    template <class A>
    void serialize(A& archive) {
      archive("time", time);
      archive("capacity", capacity);
      archive("thickness", thickness);
      archive("threshold", threshold);
      archive("x", profiles.x);
      archive("solute_rich", profiles.solute_rich);
      archive("interface_density", profiles.interface_density);
      archive("length", profiles.length);
      archive("pieces", solute.pieces);
      archive("largest_share", solute.largest_share);
      archive("reach", solute.reach);
    }
  };
  bool wants_profiles();
  void append(ProfileRow row);
  /// summary.json from key, value pairs: numbers, texts or nested objects, as JSON text.
  void write_summary(const std::string& json);

  const std::filesystem::path& folder() const { return folder_; }

 private:
  /// S(k,t), a row per time.
  struct StructureFactors {
    std::vector<double> time, k, S, modes;
    std::array<std::vector<double>, 3> S_along;

    void append(double now, const StructureFactor& structure);
    void serialize(Archive& archive);
  };

  void resume();
  void begin();
  void bring_back();
  void write_structure_factors() const;
  void write_profiles(const std::vector<ProfileRow>& rows) const;

  std::filesystem::path folder_;
  const Case* case_;
  std::unique_ptr<FolderLock> lock_;
  Checkpoints checkpoints_;
  Snapshots snapshots_;
  std::optional<Hdf5File> resumed_from_;
  std::vector<std::string> notes_;
  AppendedFile timeseries_, rejections_;
  MeasureTables tables_;
  StructureFactors structure_factors_;
  std::vector<ProfileRow> profiles_;
  std::size_t profiles_offered_ = 0, profile_stride_ = 1;
  BackgroundWriter writer_;  // the last, so that its job ends before what it writes from goes
};

}  // namespace spinode
