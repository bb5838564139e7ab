// spinode info: what a snapshot or a results folder holds.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <sstream>

#include "command.hpp"
#include "spinode/error.hpp"
#include "spinode/hdf5.hpp"
#include "spinode/units.hpp"

namespace spinode::command {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

void info_snapshot(const fs::path& file) {
  const Hdf5File snapshot = Hdf5File::open(file);
  const std::string unit = snapshot.read_text("/", "time_unit");
  fmt::print("{}\n  case {}, step {}, time {}\n", file.string(), snapshot.read_text("/", "case"),
             snapshot.read_number("/", "step"), units::pretty(snapshot.read_number("/", "time"), unit));
  fmt::print("  written by spinode {} on {} at {}\n", snapshot.read_text("/", "spinode_version"),
             snapshot.read_text("/", "host"), snapshot.read_text("/", "created"));
  const std::vector<double> spacing = snapshot.read_numbers("/VTKHDF", "Spacing");
  const double dimension = snapshot.read_number("/", "dimension");
  for (const std::string& name : snapshot.datasets("/VTKHDF/PointData")) {
    const std::string dataset = "/VTKHDF/PointData/" + name;
    const std::vector<std::size_t> shape = snapshot.shape(dataset);
    const std::vector<double> values = snapshot.read(dataset);
    const bool scalar = shape.size() == 3;
    if ((!scalar && shape.size() != 4) || values.empty() || spacing.size() != 3 || !(dimension >= 1 && dimension <= 3))
      throw IoError(fmt::format("{}: dataset {} is no field of a snapshot", file.string(), dataset));
    const std::vector<std::string> components =
        scalar ? std::vector<std::string>{""} : words(snapshot.read_text(dataset, "components"));
    if (!scalar && components.size() != shape[3])
      throw IoError(fmt::format("{}: dataset {} has {} components and names {}", file.string(), dataset, shape[3],
                                components.size()));
    std::string cells;
    for (int a = 0; a < dimension; ++a) cells += fmt::format("{}{}", a > 0 ? " x " : "", shape[2 - a]);
    const std::string length_unit = snapshot.read_text("/", "length_unit");
    for (std::size_t c = 0; c < components.size(); ++c) {
      double low = values[c], high = values[c], sum = 0;
      for (std::size_t i = c; i < values.size(); i += components.size()) {
        low = std::min(low, values[i]);
        high = std::max(high, values[i]);
        sum += values[i];
      }
      fmt::print("  {}{}{} [{}]: {} cells of {:.4g} {}, {:.6g} to {:.6g}, mean {:.8g}\n", name, scalar ? "" : " ",
                 components[c], snapshot.read_text(dataset, "unit"), cells, spacing[0],
                 length_unit == "1" ? "" : length_unit, low, high,
                 sum * static_cast<double>(components.size()) / static_cast<double>(values.size()));
    }
  }
}

/// The course of an electrode in a dozen rows.
void info_profiles(const fs::path& file) {
  const Hdf5File table = Hdf5File::open(file);
  const auto column = [&](const char* name) { return table.read(name); };
  const auto unit = [&](const char* name) {
    const std::string text = table.read_text(name, "unit");
    return text == "1" ? "" : fmt::format(" [{}]", text);
  };
  const std::vector<double> capacity = column("/capacity"), thickness = column("/thickness"), x = column("/x"),
                            pieces = column("/pieces"), largest = column("/largest_share"), reach = column("/reach");
  const std::vector<double> length = table.has("/length") ? column("/length") : std::vector<double>(x.size());
  const std::size_t rows = capacity.size(), planes = rows > 0 ? x.size() / rows : 0;
  const auto fits = [&](const std::vector<double>& values) { return values.size() == rows; };
  if (planes == 0 || x.size() != rows * planes || length.size() != x.size() || !fits(thickness) || !fits(pieces) ||
      !fits(largest) || !fits(reach))
    throw IoError(fmt::format("{}: is no table of profiles", file.string()));
  fmt::print(
      "the electrode: capacity{}, thickness{}, x and length{} in the plane of the separator, pieces rich in "
      "solute, share of the largest, reach from the separator{}\n",
      unit("/capacity"), unit("/thickness"), unit("/thickness"), unit("/reach"));
  constexpr std::size_t most = 12;
  for (std::size_t i = 0; i < std::min(most, rows); ++i) {
    const std::size_t row = rows <= most ? i : i * (rows - 1) / (most - 1);
    fmt::print("  {:>10.4g} {:>10.4g} {:>8.4f} {:>10.4g} {:>6g} {:>8.4f} {:>10.4g}\n", capacity[row], thickness[row],
               x[row * planes], length[row * planes], pieces[row], largest[row], reach[row]);
  }
}

void info_folder(const fs::path& folder) {
  std::vector<fs::path> snapshots;
  if (fs::is_directory(folder / "snapshots"))
    for (const auto& entry : fs::directory_iterator(folder / "snapshots"))
      if (entry.path().extension() == ".hdf") snapshots.push_back(entry.path());
  if (snapshots.empty()) throw IoError(fmt::format("{}: holds no snapshots", folder.string()));
  std::sort(snapshots.begin(), snapshots.end());
  const auto time_of = [](const fs::path& file) {
    const Hdf5File snapshot = Hdf5File::open(file);
    return units::pretty(snapshot.read_number("/", "time"), snapshot.read_text("/", "time_unit"));
  };
  fmt::print("{}: {} snapshot{} from {} to {}\n", folder.string(), snapshots.size(), snapshots.size() == 1 ? "" : "s",
             time_of(snapshots.front()), time_of(snapshots.back()));
  for (const char* name : {"resolved.toml", "timeseries.csv", "structure_factor.h5", "summary.json"})
    fmt::print("  {:<20} {}\n", name,
               fs::exists(folder / name) ? fmt::format("{} bytes", fs::file_size(folder / name)) : "missing");
  std::vector<std::string> tables;
  for (const char* name : {"measures", "analysis"})
    if (fs::is_directory(folder / name))
      for (const auto& entry : fs::directory_iterator(folder / name))
        if (entry.path().extension() == ".csv") tables.push_back(fs::relative(entry.path(), folder).string());
  std::sort(tables.begin(), tables.end());
  for (const std::string& table : tables) fmt::print("  {:<30} {} bytes\n", table, fs::file_size(folder / table));
  if (fs::exists(folder / "profiles.h5")) info_profiles(folder / "profiles.h5");
  fmt::print("the last snapshot:\n");
  info_snapshot(snapshots.back());
}

void info(const fs::path& path) {
  if (!fs::exists(path)) throw IoError(fmt::format("{}: no such file or folder", path.string()));
  if (fs::is_directory(path))
    info_folder(path);
  else
    info_snapshot(path);
}

}  // namespace

void add_info(CLI::App& app) {
  const auto path = std::make_shared<std::string>();
  CLI::App* const command = app.add_subcommand("info", "what a snapshot or a results folder holds");
  command->add_option("path", *path, "snapshot or results folder")->required();
  command->callback([path] { info(*path); });
}

}  // namespace spinode::command
