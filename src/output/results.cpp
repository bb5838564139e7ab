#include "spinode/output/results.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

#include "folder_lock.hpp"
#include "host_name.hpp"
#include "now_utc.hpp"
#include "spinode/archive.hpp"
#include "spinode/config_differences.hpp"
#include "spinode/error.hpp"
#include "spinode/version.hpp"
#include "whole_file.hpp"

namespace spinode {
namespace {

namespace fs = std::filesystem;

/// Whether a run that goes on may differ in this key from what it was.
bool may_change(const std::string& key) { return key == "time.end" || key == "threads" || key.starts_with("output."); }

bool is_occupied(const fs::path& folder) {
  if (!fs::exists(folder)) return false;
  const fs::directory_iterator files(folder);
  return std::any_of(begin(files), end(files), [](const fs::directory_entry& entry) {
    // What a run leaves that was killed before it wrote anything else.
    const fs::path name = entry.path().filename();
    return name != FolderLock::name && name != "resolved.toml.part";
  });
}

/// Energy of a box is per area in 1D and per length in 2D.
std::string energy_unit(const Case& config) {
  constexpr std::array units{"J m-2", "J m-1", "J"};
  return config.unit(units[config.grid.dimension() - 1]);
}

constexpr double mAh_per_cm2 = 36000;  // C/m2

}  // namespace

double charge_unit(const Case& config) { return config.system.dimensionless ? 1 : mAh_per_cm2; }

const std::vector<Column>& columns() {
  using M = const Measures&;
  using When = Column::When;
  static const std::vector<Column> all{
      {"time", "s", [](M m) { return m.time; }},
      {"dt", "s", [](M m) { return m.dt; }},
      {"x_mean", "", [](M m) { return m.x_mean; }},
      {"x_min", "", [](M m) { return m.x_min; }},
      {"x_max", "", [](M m) { return m.x_max; }},
      {"x_deviation", "", [](M m) { return m.x_deviation; }},
      {"energy_chemical", "energy", [](M m) { return m.energy_chemical; }},
      {"energy_gradient", "energy", [](M m) { return m.energy_gradient; }},
      {"energy_elastic", "energy", [](M m) { return m.energy_elastic; }},
      {"energy_load", "energy", [](M m) { return m.energy_load; }, When::loaded},
      {"energy_total", "energy", [](M m) { return m.energy_total(); }},
      {"energy_dissipated", "energy", [](M m) { return m.energy_dissipated; }, When::creeping},
      {"coherency_relaxed", "", [](M m) { return m.coherency_relaxed; }, When::creeping},
      {"von_mises_max", "Pa", [](M m) { return m.von_mises_max; }, When::mechanical},
      {"length", "m", [](M m) { return m.length; }},
      {"temperature", "K", [](M m) { return m.temperature; }},
      {"anisotropy", "", [](M m) { return m.anisotropy; }},
      {"protocol_step", "", [](M m) { return static_cast<double>(m.electrode.step); }, When::electrode},
      {"cycle", "", [](M m) { return static_cast<double>(m.electrode.cycle); }, When::electrode},
      {"current_density", "mA cm-2", [](M m) { return m.electrode.current_density; }, When::electrode, 0.1},
      {"capacity_requested", "mAh cm-2", [](M m) { return m.electrode.requested; }, When::electrode, 1 / mAh_per_cm2},
      {"capacity", "mAh cm-2", [](M m) { return m.electrode.delivered; }, When::electrode, 1 / mAh_per_cm2},
      {"host_removed", "mAh cm-2", [](M m) { return m.electrode.host_removed; }, When::electrode, 1 / mAh_per_cm2},
      {"charge_imbalance", "", [](M m) { return m.electrode.imbalance; }, When::electrode},
      {"solute_amount", "mol m-2", [](M m) { return m.electrode.solute_amount; }, When::electrode},
      {"thickness", "m", [](M m) { return m.electrode.thickness; }, When::electrode},
      {"host_left", "", [](M m) { return m.electrode.host_left; }, When::electrode},
      {"x_layer", "", [](M m) { return m.electrode.x_layer; }, When::electrode},
      {"x_face", "", [](M m) { return m.electrode.x_face; }, When::electrode},
      {"potential_open", "V", [](M m) { return m.electrode.potential_open; }, When::electrode},
      {"overpotential", "V", [](M m) { return m.electrode.overpotential; }, When::electrode},
      {"ohmic_drop", "V", [](M m) { return m.electrode.ohmic_drop; }, When::electrode},
      {"potential", "V", [](M m) { return m.electrode.potential(); }, When::electrode},
      {"peclet", "", [](M m) { return m.electrode.peclet; }, When::electrode}};
  return all;
}

bool Column::in(const Case& config) const {
  switch (when) {
    case When::always:
      return true;
    case When::loaded:
      return !config.mechanics.average.stress.isZero(0);
    case When::mechanical:
      return config.mechanical();
    case When::creeping:
      return config.creeps();
    case When::electrode:
      return config.electrode.has_value();
  }
  throw std::logic_error("unknown condition of a column");
}

std::string Column::unit_in(const Case& config) const {
  if (unit == std::string()) return "";
  return unit == std::string("energy") ? energy_unit(config) : config.unit(unit);
}

double Column::in_table(const Measures& m, const Case& config) const {
  return config.system.dimensionless ? value(m) : per_unit * value(m);
}

Results::Results(fs::path folder, const Case& config, Existing existing)
    : folder_(std::move(folder)),
      case_(&config),
      checkpoints_(folder_ / "checkpoints"),
      snapshots_(folder_, config),
      tables_(folder_ / "measures", config.system.dimensionless) {
  try {
    if (fs::exists(folder_) && !fs::is_directory(folder_))
      throw IoError(fmt::format("{}: is a file, expected a folder for results", folder_.string()));
    const bool occupied = is_occupied(folder_);
    if (occupied && existing == Existing::refuse)
      throw IoError(
          fmt::format("{}: is not empty; give --resume to go on with the run in it, --overwrite, or another --output",
                      folder_.string()));
    fs::create_directories(folder_);
    lock_ = std::make_unique<FolderLock>(folder_);
    if (occupied && existing == Existing::resume) resume();
    if (!resumed_from_) begin();
  } catch (const fs::filesystem_error& error) {
    throw IoError(fmt::format("{}: cannot be made: {}", folder_.string(), error.code().message()));
  }
}

Results::~Results() = default;

/// Finds the checkpoint to go on from, if the run in the folder is that of this case.
void Results::resume() {
  std::optional<Hdf5File> checkpoint = checkpoints_.latest();
  notes_ = checkpoints_.damaged();
  const fs::path resolved = folder_ / "resolved.toml";
  std::ifstream resolved_text(resolved, std::ios::binary);
  if (!checkpoint && !resolved_text) throw IoError(fmt::format("{}: holds no run to go on with", folder_.string()));
  if (!checkpoint && fs::exists(folder_ / "summary.json"))
    throw IoError(fmt::format("{}: the run in it has ended and left no checkpoint", folder_.string()));
  const std::string before =
      checkpoint ? checkpoint->read_bytes("/config") : std::string(std::istreambuf_iterator<char>(resolved_text), {});
  std::vector<std::string> faults;
  for (const ConfigDifference& difference : config_differences(before, case_->resolved_config))
    if (!may_change(difference.key))
      faults.push_back(fmt::format("{}: {}: the run in {} has {}", difference.key,
                                   difference.now.empty() ? "nothing" : difference.now, folder_.string(),
                                   difference.before.empty() ? "nothing" : difference.before));
  if (!faults.empty()) throw ConfigError(faults);
  if (!checkpoint) notes_.push_back(fmt::format("{}: holds no checkpoint yet: the run starts anew", folder_.string()));
  resumed_from_ = std::move(checkpoint);
}

/// An empty folder, but for what a run does not write, and the files that grow.
void Results::begin() {
  // What a run writes and what is drawn from it; anything else in the folder is the user's own. What names other files
  // goes before them.
  fs::remove_all(folder_ / "checkpoints");
  fs::remove(snapshots_.index_file());
  for (const char* name : {"snapshots", "measures", "analysis", "figures", "timeseries.csv", "rejections.csv",
                           "structure_factor.h5", "profiles.h5", "summary.json"})
    fs::remove_all(folder_ / name);
  // First of all files: with it a run can be resumed, though from its start.
  write_whole(folder_ / "resolved.toml", case_->resolved_config);
  fs::create_directories(folder_ / "snapshots");
  std::string header = "step";
  for (const Column& column : columns())
    if (column.in(*case_)) {
      const std::string unit = column.unit_in(*case_);
      header += unit.empty() ? fmt::format(",{}", column.name) : fmt::format(",{} [{}]", column.name, unit);
    }
  timeseries_ = AppendedFile::create(folder_ / "timeseries.csv", header);
  rejections_ = AppendedFile::create(folder_ / "rejections.csv",
                                     fmt::format("step,time [{0}],dt [{0}],reason,error", case_->unit("s")));
}

void Results::write_checkpoint(const std::function<void(Hdf5File&)>& fill) {
  writer_.wait();
  // Of what the checkpoint says of them.
  timeseries_.sync();
  rejections_.sync();
  tables_.sync();
  checkpoints_.write([&](Hdf5File& out) {
    out.write_bytes("/config", case_->resolved_config);
    out.attribute("/", "spinode_version", std::string(version()));
    out.attribute("/", "host", host_name());
    out.attribute("/", "created", now_utc());
    fill(out);
  });
}

void Results::StructureFactors::serialize(Archive& archive) {
  archive("time", time);
  archive("k", k);
  archive("S", S);
  archive("modes", modes);
  for (std::size_t a = 0; a < S_along.size(); ++a) archive(fmt::format("S_along{}", a), S_along[a]);
}

void Results::serialize(Archive& archive) {
  const auto sized = [&](const char* name, const AppendedFile& file) {
    std::uint64_t size = file.size();
    archive(name, size);
    return size;
  };
  const std::uint64_t timeseries = sized("timeseries", timeseries_), rejections = sized("rejections", rejections_);
  std::vector<std::string> tables;
  std::vector<double> sizes;
  for (const auto& [measure, size] : tables_.sizes()) {
    tables.push_back(measure);
    sizes.push_back(static_cast<double>(size));
  }
  archive("tables", tables);
  archive("table_sizes", sizes);
  snapshots_.serialize(archive);
  archive("structure_factors", structure_factors_);
  archive("profiles", profiles_);
  archive("profiles_offered", profiles_offered_);
  archive("profile_stride", profile_stride_);
  if (!archive.reads()) return;

  std::map<std::string, std::uint64_t> size_of;
  for (std::size_t i = 0; i < std::min(tables.size(), sizes.size()); ++i)
    size_of[tables[i]] = static_cast<std::uint64_t>(sizes[i]);
  timeseries_ = AppendedFile::reopen(folder_ / "timeseries.csv", timeseries);
  rejections_ = AppendedFile::reopen(folder_ / "rejections.csv", rejections);
  tables_.restore(size_of);
  bring_back();
}

/// Whole files as they were: what names a later file goes before the file does.
void Results::bring_back() {
  try {
    fs::remove(folder_ / "summary.json");
    fs::create_directories(folder_ / "snapshots");
    write_whole(folder_ / "resolved.toml", case_->resolved_config);
    snapshots_.write_index();
    write_structure_factors();
    write_profiles(profiles_);
    if (profiles_.empty()) fs::remove(folder_ / "profiles.h5");
    std::vector<fs::path> later;
    for (const fs::path& folder : {folder_, folder_ / "snapshots", folder_ / "measures", folder_ / "checkpoints"}) {
      if (!fs::is_directory(folder)) continue;
      for (const auto& entry : fs::directory_iterator(folder)) {
        const fs::path& file = entry.path();
        const bool snapshot = folder.filename() == "snapshots" && snapshots_.is_later(file);
        if (file.extension() == ".part" || snapshot) later.push_back(file);
      }
    }
    for (const fs::path& file : later) fs::remove(file);
  } catch (const fs::filesystem_error& error) {
    throw IoError(
        fmt::format("{}: cannot be brought back to the checkpoint: {}", folder_.string(), error.code().message()));
  }
}

void Results::append(const Measures& row) {
  std::string line = fmt::format("{}", row.step);
  for (const Column& column : columns())
    if (column.in(*case_)) line += fmt::format(",{}", column.in_table(row, *case_));
  timeseries_.append(line);
}

void Results::append(const RejectedStep& step) {
  rejections_.append(fmt::format("{},{},{},{},{}", step.step, step.time, step.dt, name(step.reason), step.error));
}

void Results::StructureFactors::append(double now, const StructureFactor& structure) {
  const auto add = [](std::vector<double>& rows, const std::vector<double>& row) {
    rows.insert(rows.end(), row.begin(), row.end());
  };
  time.push_back(now);
  k = structure.k;
  add(S, structure.S);
  add(modes, structure.modes);
  for (std::size_t a = 0; a < S_along.size(); ++a) add(S_along[a], structure.S_along[a]);
}

void Results::write(const StructureFactor& structure, Snapshots::State state) {
  writer_.wait();
  structure_factors_.append(state.stamp.time, structure);
  // Rows of profiles may come while the job goes on.
  writer_.start([this, profiles = profiles_, held = std::make_shared<const Snapshots::State>(std::move(state))] {
    write_structure_factors();
    write_profiles(profiles);
    snapshots_.write(*held);
  });
}

void Results::write_structure_factors() const {
  const StructureFactors& all = structure_factors_;
  Hdf5File out = Hdf5File::create(folder_ / "structure_factor.h5");
  const auto write = [&](const std::string& dataset, const std::string& unit, const std::vector<double>& values,
                         const std::vector<std::size_t>& shape) {
    out.write(dataset, values.data(), shape);
    out.attribute(dataset, "unit", case_->unit(unit));
  };
  const int dimension = case_->grid.dimension();
  const std::string volume = dimension == 1 ? "m" : fmt::format("m{}", dimension);
  const std::vector<std::size_t> rows{all.time.size(), all.k.size()};
  write("/time", "s", all.time, {all.time.size()});
  write("/k", "m-1", all.k, {all.k.size()});
  write("/S", volume, all.S, rows);
  write("/modes", "1", all.modes, rows);
  for (int axis = 0; axis < dimension; ++axis)
    write(fmt::format("/S_{}", "xyz"[axis]), volume, all.S_along[axis], rows);
  out.publish();
}

bool Results::wants_profiles() { return profiles_offered_++ % profile_stride_ == 0; }

void Results::append(ProfileRow row) {
  constexpr std::size_t most = 400;
  profiles_.push_back(std::move(row));
  if (profiles_.size() <= most) return;
  for (std::size_t i = 0; 2 * i < profiles_.size(); ++i) std::swap(profiles_[i], profiles_[2 * i]);
  profiles_.resize((profiles_.size() + 1) / 2);
  profile_stride_ *= 2;
}

void Results::write_profiles(const std::vector<ProfileRow>& rows) const {
  if (rows.empty()) return;
  Hdf5File out = Hdf5File::create(folder_ / "profiles.h5");
  const auto write = [&](const std::string& name, const std::string& unit, const auto& value_of) {
    std::vector<double> values;
    for (const ProfileRow& row : rows) values.push_back(value_of(row));
    out.write(name, values.data(), {values.size()});
    out.attribute(name, "unit", case_->unit(unit));
  };
  const auto write_rows = [&](const std::string& name, const std::string& unit, std::vector<double> Profiles::*part) {
    std::vector<float> values;
    for (const ProfileRow& row : rows)
      for (const double value : row.profiles.*part) values.push_back(static_cast<float>(value));
    if (values.empty()) return;
    out.write(name, values.data(), {rows.size(), values.size() / rows.size()});
    out.attribute(name, "unit", case_->unit(unit));
  };
  using Row = const ProfileRow&;
  write("/time", "s", [](Row row) { return row.time; });
  write("/capacity", "mAh cm-2", [&](Row row) { return row.capacity / charge_unit(*case_); });
  write("/thickness", "m", [](Row row) { return row.thickness; });
  write("/threshold", "1", [](Row row) { return row.threshold; });
  write("/pieces", "1", [](Row row) { return static_cast<double>(row.solute.pieces); });
  write("/largest_share", "1", [](Row row) { return row.solute.largest_share; });
  write("/reach", "m", [](Row row) { return row.solute.reach; });
  write_rows("/x", "1", &Profiles::x);
  write_rows("/solute_rich", "1", &Profiles::solute_rich);
  write_rows("/interface_density", "m-1", &Profiles::interface_density);
  write_rows("/length", "m", &Profiles::length);
  out.publish();
}

void Results::write_summary(const std::string& json) {
  writer_.wait();
  write_whole(folder_ / "summary.json", json);
}

}  // namespace spinode
