#include "spinode/measure/list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "spinode/measure/chords.hpp"
#include "spinode/measure/curvature.hpp"
#include "spinode/measure/effective_conductivity.hpp"
#include "spinode/measure/interface.hpp"
#include "spinode/measure/local_thickness.hpp"
#include "spinode/parallel.hpp"

namespace spinode {
namespace {

using Readings = std::vector<Reading>;

constexpr std::array phases{Phase::host, Phase::solute};

const char* name_of(Phase phase) { return phase == Phase::host ? "host" : "solute"; }

/// "m-1" to the power of the axes of the grid, as in areas per volume.
std::string per_volume(const Grid& grid) { return fmt::format("m-{}", grid.dimension()); }

/// Calls add("x", 0), ... for every axis.
template <class Add>
void each_axis(const Grid& grid, Add add) {
  for (int a = 0; a < grid.dimension(); ++a) add(std::string(1, "xyz"[a]), a);
}

Readings read_structure(const Sample& sample, const MeasureSettings&) {
  const StructureFactor& S = sample.structure;
  Readings row{{"length", "m", S.length()}, {"length_peak", "m", S.peak_length()}};
  each_axis(sample.grid, [&](const std::string& x, int a) { row.push_back({"length_" + x, "m", S.length_along(a)}); });
  row.push_back({"anisotropy", "1", S.anisotropy});
  return row;
}

Readings read_phases(const Sample& sample, const MeasureSettings&) {
  const PhaseContents contents = phase_contents(sample.x, sample.thresholds);
  return {{"threshold_host", "1", sample.thresholds.host},
          {"threshold_solute", "1", sample.thresholds.solute},
          {"fraction_host", "1", contents.fraction_host},
          {"fraction_solute", "1", contents.fraction_solute},
          {"x_host", "1", contents.x_host},
          {"x_solute", "1", contents.x_solute}};
}

Readings read_interface(const Sample& sample, const MeasureSettings&) {
  const Interface found = interface(sample.grid, sample.x, sample.thresholds.middle());
  const double box = sample.grid.measure();
  return {{"area", "m-1", found.area / box},
          {"fraction_solute", "1", found.fraction},
          {"euler_characteristic", per_volume(sample.grid), found.euler_characteristic / box}};
}

Readings read_curvature(const Sample& sample, const MeasureSettings&) {
  const Curvature found = curvature(sample.grid, sample.x, sample.thresholds.middle());
  Readings row{{"mean_curvature", "m-1", found.mean}, {"mean_curvature_deviation", "m-1", found.mean_deviation}};
  if (sample.grid.dimension() > 2) {
    row.push_back({"gaussian_curvature", "m-2", found.gaussian});
    row.push_back({"gaussian_curvature_deviation", "m-2", found.gaussian_deviation});
  }
  return row;
}

Readings read_chords(const Sample& sample, const MeasureSettings&) {
  const Chords found = chords(sample.grid, sample.x, sample.thresholds.middle());
  Readings row;
  for (const Phase phase : phases)
    each_axis(sample.grid, [&](const std::string& x, int a) {
      row.push_back(
          {fmt::format("chord_{}_{}", name_of(phase), x), "m", (phase == Phase::host ? found.host : found.solute)[a]});
    });
  return row;
}

Readings read_thickness(const Sample& sample, const MeasureSettings&) {
  Readings row;
  for (const Phase phase : phases) {
    const LocalThickness found = local_thickness(sample.grid, sample.x, sample.thresholds.of(phase), phase);
    const std::string name = fmt::format("thickness_{}", name_of(phase));
    row.push_back({name, "m", found.mean});
    row.push_back({name + "_deviation", "m", found.deviation});
    row.push_back({name + "_largest", "m", found.largest});
  }
  return row;
}

Readings read_connectivity(const Sample& sample, const MeasureSettings& settings) {
  const Grid& grid = sample.grid;
  Readings row;
  for (const Phase phase : phases) {
    const std::string name = name_of(phase);
    const Connectivity found = connectivity(grid, sample.x, sample.thresholds, phase, settings.neighbours);
    row.push_back({"pieces_" + name, "1", static_cast<double>(found.pieces)});
    row.push_back({"largest_share_" + name, "1", found.largest_share});
    each_axis(grid, [&](const std::string& x, int a) {
      row.push_back({fmt::format("percolating_{}_{}", name, x), "1", found.percolating[a]});
    });
    if (grid.axis(grid.dimension() - 1).boundary == Boundary::periodic) continue;
    const double all = found.pieces > 0 ? 1 : 0;
    row.push_back({"joining_" + name, "1", found.joining});
    if (phase == Phase::host) {
      row.push_back({"orphaned_host", "1", all - found.at_separator});
    } else {
      row.push_back({"dead_end_solute", "1", found.at_separator + found.at_collector - 2 * found.joining});
      row.push_back({"isolated_solute", "1", all - found.at_separator - found.at_collector + found.joining});
      row.push_back({"reach_solute", "m", found.reach});
    }
  }
  return row;
}

/// One conductivity per cell; of what lies between two thresholds, the mean of both.
Field<double> medium(const Sample& sample, double host, double solute) {
  Field<double> sigma(sample.grid);
  for_cells(sigma.size(), [&](std::size_t i) {
    const bool in_host = sample.thresholds.contain(Phase::host, sample.x[i]),
               in_solute = sample.thresholds.contain(Phase::solute, sample.x[i]);
    sigma[i] = in_host ? host : in_solute ? solute : (host + solute) / 2;
  });
  return sigma;
}

Readings read_tortuosity(const Sample& sample, const MeasureSettings& settings) {
  const PhaseContents contents = phase_contents(sample.x, sample.thresholds);
  Readings row;
  for (const Phase phase : phases) {
    const bool host = phase == Phase::host;
    const Field<double> sigma = medium(sample, host ? 1 : settings.other_phase, host ? settings.other_phase : 1);
    const double fraction = host ? contents.fraction_host : contents.fraction_solute;
    each_axis(sample.grid, [&](const std::string& x, int a) {
      const double conductivity = effective_conductivity(sample.grid, sigma, a).value;
      row.push_back({fmt::format("conductivity_{}_{}", name_of(phase), x), "1", conductivity});
      row.push_back(
          {fmt::format("tortuosity_{}_{}", name_of(phase), x), "1", fraction / conductivity});  // NaN of no phase
    });
  }
  return row;
}

Readings read_conductivity(const Sample& sample, const MeasureSettings& settings) {
  Readings row;
  std::array<std::array<double, 3>, 2> found{};
  const std::array carriers{std::pair{"ionic", &settings.ionic}, std::pair{"electronic", &settings.electronic}};
  for (std::size_t c = 0; c < carriers.size(); ++c) {
    const auto& [name, conductivities] = carriers[c];
    if (!*conductivities) continue;
    const auto& [host, solute] = **conductivities;
    const Field<double> sigma = medium(sample, host, solute);
    each_axis(sample.grid, [&, name = name](const std::string& x, int a) {
      found[c][a] = effective_conductivity(sample.grid, sigma, a).value;
      row.push_back({fmt::format("{}_{}", name, x), "S m-1", found[c][a]});
    });
  }
  if (settings.ionic && settings.electronic)
    each_axis(sample.grid, [&](const std::string& x, int a) {
      row.push_back({"transport_number_" + x, "1", found[0][a] / (found[0][a] + found[1][a])});
    });
  return row;
}

// Bytes a cell: runs some 20 cells apart; first and second derivatives, curvatures, a spectrum; vectors to the
// interface and balls in ligaments of some cells; a conduction problem with its faces.
constexpr std::array<double, 3> none{}, of_runs{1.5, 1.5, 1.5}, of_derivatives{0, 64, 104}, of_balls{24, 44, 65},
    of_conduction{56, 64, 80};

}  // namespace

const std::vector<Measure>& measures() {
  static const std::vector<Measure> all{
      {"structure", "lengths of S(k): first moment, peak, along each axis; anisotropy", true, 1, none, read_structure},
      {"phases", "share and mean composition of the phases", true, 1, none, read_phases},
      {"interface", "area per volume, Euler characteristic per volume, volume of the level set", true, 1, none,
       read_interface},
      {"connectivity", "pieces, percolation, what joins separator and collector, orphaned host", true, 1, of_runs,
       read_connectivity},
      {"curvature", "mean and Gaussian curvature of the interface", false, 2, of_derivatives, read_curvature},
      {"chords", "mean chord length of each phase along each axis", false, 1, none, read_chords},
      {"thickness", "local thickness of the ligaments of each phase", false, 1, of_balls, read_thickness},
      {"tortuosity", "effective conductivity and tortuosity of each phase by itself along each axis", false, 1,
       of_conduction, read_tortuosity},
      {"conductivity", "effective ionic and electronic conductivity of a mixed conductor along each axis", false, 1,
       of_conduction, read_conductivity}};
  return all;
}

MeasureSettings MeasureSettings::read(Config& config, int dimension) {
  TextKey use{.name = "measures.use", .help = "tables to write, as spinode list describes them"};
  std::vector<std::string> by_default;
  for (const Measure& measure : measures()) {
    use.choices.emplace_back(measure.name);
    if (measure.by_default) by_default.emplace_back(measure.name);
  }
  const std::vector<std::string> names = config.texts(use, by_default, true);
  const auto in_use = [&](const char* name) {
    return config.describing() || std::find(names.begin(), names.end(), name) != names.end();
  };
  const auto steps = [&](const std::string& name, std::int64_t fallback, const std::string& help) {
    return config.integer({.name = name, .bounds = {.min = 0, .max = 1e9}, .fallback = fallback, .help = help});
  };
  MeasureSettings settings;
  const std::int64_t every = steps("measures.every", 100,
                                   "steps between the rows of the tables that a run has unless told otherwise, beside "
                                   "those of snapshots; 0: these alone");
  for (const Measure& measure : measures()) {
    if (!in_use(measure.name)) continue;
    if (!config.describing() && measure.least_dimension > dimension)
      config.fault(use.name, fmt::format("\"{}\" needs {} axes", measure.name, measure.least_dimension));
    settings.used.push_back(
        {&measure,
         static_cast<int>(steps(fmt::format("measures.{}.every", measure.name), measure.by_default ? every : 0,
                                "steps between the rows of this table; 0: those of snapshots alone"))});
  }
  const QuantityKey one{.name = "measures.threshold",
                        .bounds = fraction,
                        .help = "composition that divides the phases; the middle between them when left out"};
  const QuantityKey two{.name = "measures.thresholds",
                        .bounds = fraction,
                        .help = "where the host ends and the solute-rich phase begins; what lies between is neither"};
  const std::string chosen = config.choose({one.name, two.name});
  if (config.describing()) {
    static_cast<void>(config.optional_quantity(one));
    static_cast<void>(config.quantities(two, std::vector<double>{}));
  } else if (chosen == one.name) {
    settings.thresholds = Thresholds(config.quantity(one));
  } else if (chosen == two.name) {
    const std::vector<double> ends = config.quantities(two, {}, 2);
    if (ends.size() == 2) settings.thresholds = Thresholds(ends[0], ends[1]);
    if (ends.size() == 2 && ends[0] > ends[1]) config.fault(two.name, "must not fall");
  }
  if (in_use("connectivity"))
    settings.neighbours = config.text({.name = "measures.connectivity.neighbours",
                                       .choices = {"faces", "corners"},
                                       .fallback = "faces",
                                       .help = "what cells hang together through: faces (6 neighbours in 3D), or "
                                               "edges and corners too (26)"}) == "faces"
                              ? Neighbours::faces
                              : Neighbours::corners;
  if (in_use("tortuosity"))
    settings.other_phase = config.quantity({.name = "measures.tortuosity.other_phase",
                                            .bounds = fraction,
                                            .fallback = 0.0,
                                            .help = "conductivity of the other phase over that of the one that is "
                                                    "looked at; 0: it insulates"});
  if (in_use("conductivity")) {
    const auto pair = [&](const char* carrier) -> std::optional<std::array<double, 2>> {
      const std::vector<double> values =
          config.quantities({.name = fmt::format("measures.conductivity.{}", carrier),
                             .unit = "S m-1",
                             .bounds = not_negative,
                             .help = fmt::format("{} conductivity of the host and of the solute-rich phase", carrier)},
                            std::vector<double>{});
      if (values.size() == 2) return std::array{values[0], values[1]};
      if (!values.empty() && !config.describing())
        config.fault(fmt::format("measures.conductivity.{}", carrier), "expected two conductivities");
      return {};
    };
    settings.ionic = pair("ionic");
    settings.electronic = pair("electronic");
    if (!config.describing() && !settings.ionic && !settings.electronic && !config.has("measures.conductivity.ionic") &&
        !config.has("measures.conductivity.electronic"))
      config.fault(use.name, "\"conductivity\" needs measures.conductivity.ionic, .electronic, or both");
  }
  const auto time = [&](const char* end, const char* help) {
    return config.optional_quantity(
        {.name = fmt::format("measures.coarsening.{}", end), .unit = "s", .bounds = not_negative, .help = help});
  };
  settings.coarsening_from = time("from", "start of the fit of L^n - L0^n = K t; twice the time in which phases form");
  settings.coarsening_to = time("to", "its end; when L reaches a quarter of the box, or the end of the run");
  if (settings.coarsening_from && settings.coarsening_to && *settings.coarsening_from >= *settings.coarsening_to)
    config.fault("measures.coarsening.to", "must be later than measures.coarsening.from");
  return settings;
}

}  // namespace spinode
