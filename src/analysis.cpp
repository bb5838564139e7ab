#include "spinode/analysis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include "output/coarsening_table.hpp"
#include "output/length_history.hpp"
#include "output/whole_file.hpp"
#include "spinode/case.hpp"
#include "spinode/error.hpp"
#include "spinode/hdf5.hpp"
#include "spinode/model.hpp"

namespace spinode {
namespace {

namespace fs = std::filesystem;

/// What analysis needs of a case.
struct Specimen {
  bool dimensionless;
  Grid grid;
  MeasureSettings measures;

  static Specimen read(Config& config) {
    const Grid grid = read_domain(config);
    return {config.dimensionless(), grid, MeasureSettings::read(config, grid.dimension())};
  }
};

std::vector<MeasureRow> measure(const Specimen& specimen, const Grid& grid, const Field<double>& x,
                                const Phases& phases) {
  Field<double> values(grid);
  for_cells(x.size(), [&](std::size_t i) { values[i] = x[i]; });
  Spectrum<double> x_hat(grid);
  Transform<double> transform(grid, Planning::estimate);
  transform.forward(values, x_hat);
  const double scale = transform.scale();
  for_cells(x_hat.size(), [&](std::size_t i) { x_hat[i] *= scale; });
  const StructureFactor structure = structure_factor(grid, x_hat, specimen.grid);
  const Sample sample{grid, x, structure, specimen.measures.thresholds_for(phases)};
  std::vector<MeasureRow> rows;
  for (const MeasureSettings::Use& use : specimen.measures.used)
    rows.push_back({use.measure->name, use.measure->read(sample, specimen.measures)});
  return rows;
}

struct Snapshot {
  std::int64_t step;
  double time;
  Grid grid;
  Field<double> x;
  Phases phases;

  static Snapshot read(const fs::path& path, const Specimen& specimen) {
    const Hdf5File file = Hdf5File::open(path);
    const std::string dataset = "/VTKHDF/PointData/x";
    const Grid& start = specimen.grid;
    const std::vector<std::size_t> shape = file.shape(dataset);
    const std::vector<double> spacing = file.read_numbers("/VTKHDF", "Spacing");
    bool fits = shape.size() == 3 && spacing.size() == 3;
    // An axis that the case does not have holds the field twice.
    for (int a = 0; fits && a < 3; ++a) fits = shape[2 - a] == (a < start.dimension() ? start.cells(a) : 2);
    if (!fits) throw IoError(fmt::format("{}: is no snapshot of the domain in resolved.toml", path.string()));
    // The last axis of an electrode changes its length.
    const int last = start.dimension() - 1;
    const double unit = specimen.dimensionless ? 1 : SnapshotLength::metres,
                 length = spacing[last] * unit * static_cast<double>(start.cells(last));
    const bool same = std::abs(length / start.thickness() - 1) < 1e-12;
    const double step = file.read_number("/", "step");
    constexpr double most_steps = 0x1p53;
    if (!(length > 0 && std::isfinite(length) && step >= 0 && step <= most_steps))
      throw IoError(fmt::format("{}: spacing and step must be positive numbers", path.string()));
    Snapshot snapshot{.step = static_cast<std::int64_t>(step),
                      .time = file.read_number("/", "time"),
                      .grid = same ? start : start.of_thickness(length),
                      .x = Field<double>(start),
                      .phases = {}};
    if (!specimen.measures.thresholds)
      snapshot.phases = {file.read_number("/", "x_host"), file.read_number("/", "x_solute")};
    const std::vector<double> values = file.read(dataset);
    if (!std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); }))
      throw IoError(fmt::format("{}: dataset {} holds values that are not finite", path.string(), dataset));
    std::copy_n(values.begin(), start.size(), snapshot.x.data());
    return snapshot;
  }
};

}  // namespace

Analysis analyze_results(const fs::path& folder, const std::vector<std::string>& overrides,
                         const AnalysisObserver& observer) {
  std::vector<fs::path> files;
  if (fs::is_directory(folder / "snapshots"))
    for (const auto& entry : fs::directory_iterator(folder / "snapshots"))
      if (entry.path().extension() == ".hdf") files.push_back(entry.path());
  if (files.empty()) throw IoError(fmt::format("{}: holds no snapshots", folder.string()));
  std::sort(files.begin(), files.end());
  Config config = Config::load(folder / "resolved.toml", overrides);
  const Specimen specimen = Specimen::read(config);
  config.finish(all_keys(), false);

  Analysis analysis{specimen.dimensionless, {}, {}};
  for (const fs::path& path : files) {
    const Snapshot snapshot = Snapshot::read(path, specimen);
    analysis.states.push_back(
        {snapshot.step, snapshot.time, measure(specimen, snapshot.grid, snapshot.x, snapshot.phases)});
    if (observer) observer(analysis.states.back(), files.size());
  }
  const LengthHistory history = read_length_history(folder / "timeseries.csv");
  analysis.coarsening =
      fit_coarsening(history, coarsening_window(history, specimen.grid.shortest_side(),
                                                specimen.measures.coarsening_from, specimen.measures.coarsening_to));
  return analysis;
}

Analysis analyze_case(const fs::path& file, const std::vector<std::string>& overrides) {
  Config config = Config::load(file, overrides);
  const Specimen specimen = Specimen::read(config);
  const auto initial = InitialModels::read(config, "initial.model", "uniform", "initial state");
  Phases phases;
  if (config.has("free_energy.model")) {
    const Case whole = Case::load(file, overrides, false);
    phases = Model(whole).phases(whole.temperature.at(0));
  } else {
    config.finish(all_keys(), false);
  }
  Field<double> x(specimen.grid);
  std::visit([&](const auto& model) { model.fill(specimen.grid, x); }, initial);
  return {specimen.dimensionless, {{0, 0, measure(specimen, specimen.grid, x, phases)}}, {}};
}

void write_analysis(const Analysis& analysis, const fs::path& folder) {
  MeasureTables tables(folder, analysis.dimensionless);
  for (const StateAnalysis& state : analysis.states)
    for (const MeasureRow& row : state.rows) tables.append(state.step, state.time, row);
  if (!analysis.coarsening) return;
  std::ostringstream json;
  json << toml::json_formatter(coarsening_table(*analysis.coarsening)) << "\n";
  write_whole(folder / "coarsening.json", json.str());
}

}  // namespace spinode
