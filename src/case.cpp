#include "spinode/case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "spinode/error.hpp"
#include "spinode/room.hpp"
#include "spinode/units.hpp"

namespace spinode {

Grid read_domain(Config& config) {
  const std::vector<double> length = config.quantities({.name = "domain.length",
                                                        .unit = "m",
                                                        .bounds = positive,
                                                        .help = "size of the box along each of its one to three axes"});
  const std::vector<std::int64_t> cells =
      config.integers({.name = "domain.cells",
                       .bounds = {.min = 4, .max = 1 << 20},
                       .help = "number of cells along each axis; 2^40 in all at most"});
  std::vector<std::string> boundary =
      config.texts({.name = "domain.boundary",
                    .choices = {"periodic", "no_flux"},
                    .help = "boundary condition of each axis; all periodic when left out"},
                   std::vector<std::string>{});
  std::vector<Axis> axes;
  const std::string entries = fmt::format("{} {}", length.size(), length.size() == 1 ? "entry" : "entries");
  if (length.size() > 3) config.fault("domain.length", "expected one to three entries");
  if (!length.empty() && !cells.empty() && cells.size() != length.size())
    config.fault("domain.cells", fmt::format("expected {}, as domain.length has", entries));
  else if (!boundary.empty() && !length.empty() && boundary.size() != length.size())
    config.fault("domain.boundary", fmt::format("expected {}, as domain.length has", entries));
  boundary.resize(std::max(boundary.size(), length.size()), "periodic");
  for (std::size_t a = 0; a < std::min({length.size(), cells.size(), std::size_t{3}}); ++a)
    axes.push_back({length[a], static_cast<std::size_t>(cells[a]),
                    boundary[a] == "no_flux" ? Boundary::no_flux : Boundary::periodic});
  double total = 1;
  for (const Axis& axis : axes) total *= static_cast<double>(axis.cells);
  if (total > static_cast<double>(Grid::most_cells)) {
    config.fault("domain.cells", "at most 2^40 cells in all");
    // Few enough to go on with, and to fill, while the other faults are looked for.
    for (Axis& axis : axes) axis.cells = std::min<std::size_t>(axis.cells, 256);
  }
  if (axes.empty()) axes.push_back({});
  return Grid(axes);
}

Programme read_temperature(Config& config) {
  return config.programme({.name = "temperature",
                           .unit = "K",
                           .bounds = positive,
                           .fallback = config.dimensionless() ? std::optional(1.0) : std::nullopt,
                           .help = "temperature (RT when units = \"none\"), or its course: [[time, temperature], ...] "
                                   "with linear segments"});
}

namespace {

double mean_of(const InitialModels::Variant& initial, const Grid& grid) {
  return std::visit(
      [&](const auto& model) {
        if constexpr (requires { model.mean(grid); }) {
          return model.mean(grid);
        } else {
          // As it is read, and as a field.
          const double cells = static_cast<double>(grid.size()), needed = 2 * sizeof(double) * cells;
          if (const double there = free_memory(); needed > there)
            throw NumericalError(fmt::format("{:.0f} cells need {} of memory for their initial state, {} are free",
                                             cells, byte_text(needed), byte_text(there)));
          Field<double> x(grid);
          model.fill(grid, x);
          return x.array().mean();
        }
      },
      initial);
}

double charge_density_of(const System& system) {
  return (system.dimensionless ? 1 : constants::F) / system.lattice.V_m.value_or(1);
}

/// One Config in, one Case out; the order of reads is the order of `spinode keys`.
Case read_case(Config& config) {
  const System system = System::read(config);
  const Grid grid = read_domain(config);
  const Programme temperature = read_temperature(config);
  const auto initial = InitialModels::read(config, "initial.model", "uniform", "initial state");
  const GradientEnergy gradient = GradientEnergy::read(config);
  const auto mobility =
      MobilityModels::read(config, "mobility.model", "degenerate", "mobility M in dx/dt = div(M grad mu)");
  const auto elasticity =
      ElasticityModels::read(config, "elasticity.model", "none", "elastic energy of coherent phases");
  const MechanicsSettings mechanics =
      MechanicsSettings::read(config, grid, std::holds_alternative<NoElasticity>(elasticity));
  const auto electrode = ElectrodeSettings::read(
      config, grid, [&] { return mean_of(initial, grid); }, charge_density_of(system));
  const TimeSettings time =
      TimeSettings::read(config, electrode ? electrode->longest : std::numeric_limits<double>::infinity());
  const OutputSettings output = OutputSettings::read(config, time.end);
  const MeasureSettings measures = MeasureSettings::read(config, grid.dimension());
  const RunSettings run = RunSettings::read(config);

  if (!system.lattice.V_m && !config.dimensionless())
    config.fault("lattice.V_m", "give the molar volume, or lattice.a_host and lattice.atoms");
  if (!std::holds_alternative<NoElasticity>(elasticity) && !system.lattice.chi)
    config.fault("elasticity.model", "needs the misfit: give lattice.chi, or lattice.a_host and lattice.a_solute");
  const auto medium = std::visit([](const auto& model) { return model.medium(1); }, elasticity);
  if (medium)
    if (const int a = asymmetric_wall(*medium, grid); a >= 0)
      config.fault(
          "domain.boundary",
          fmt::format("axis {} has no_flux, but the crystal as elasticity.{} turns it is no mirror image of itself "
                      "there, and a wall would bend it: make it periodic, or turn a symmetry plane there",
                      a + 1, config.has("elasticity.euler") ? "euler" : "x_axis"));
  if (electrode && medium) {
    if (!medium->homogeneous() || !std::holds_alternative<NoCreep>(mechanics.creep))
      config.fault("elasticity.model", "an electrode needs the moduli of the host alone, and no creep");
    const AverageState& average = mechanics.average;
    if (average.stress != Tensor::Zero() ||
        !std::all_of(average.stress_given.begin(), average.stress_given.end(), [](bool given) { return given; }))
      config.fault("elasticity.model", "an electrode is free of net stress: leave out average strains and stresses");
  }
  if (electrode && electrode->flow.weight == SinkWeight::host_activity &&
      system.chemical(temperature.at(0)).ideal() == 0)
    config.fault("electrode.sink", "\"activity\" needs a free energy with a logarithm");
  const auto faulty = [&](const auto& lacks, const std::string& need) {
    const auto found = std::find_if(output.fields.begin(), output.fields.end(), lacks);
    if (found != output.fields.end())
      config.fault("output.fields", fmt::format("\"{}\" needs an {} other than \"none\"", found->name, need));
  };
  if (!medium)
    faulty([](const OutputField& field) { return field.elastic != nullptr; }, "elasticity.model");
  else if (std::holds_alternative<NoCreep>(mechanics.creep))
    faulty([](const OutputField& field) { return field.creep; }, "elasticity.creep.model");
  if (const auto* uniform = std::get_if<UniformInitial>(&initial);
      uniform && std::holds_alternative<RedlichKister>(system.free_energy)) {
    if (uniform->x <= 0 || uniform->x >= 1)
      config.fault("initial.x", "must be > 0 and < 1");
    else if (const double room = std::min(uniform->x, 1 - uniform->x) / 6; uniform->noise > room)
      config.fault("initial.noise", fmt::format("must be <= {:.4g}, a sixth of the distance from x to 0 or 1", room));
  }
  std::visit(
      [&](const auto& model) {
        if constexpr (requires { model.phases; }) {
          if (!std::holds_alternative<RedlichKister>(system.free_energy)) return;
          // Sharp edges leave x as it is given, and a logarithm has no value at its ends.
          const double least = std::min(model.phases.x_host, model.phases.x_solute),
                       most = std::max(model.phases.x_host, model.phases.x_solute);
          if (least <= 0)
            config.fault(least == model.phases.x_host ? "initial.x_host" : "initial.x_solute", "must be > 0");
          if (most >= 1)
            config.fault(most == model.phases.x_host ? "initial.x_host" : "initial.x_solute", "must be < 1");
        }
      },
      initial);
  return {.system = system,
          .resolved_config = {},
          .grid = grid,
          .temperature = temperature,
          .gradient = gradient,
          .mobility = mobility,
          .elasticity = elasticity,
          .mechanics = mechanics,
          .electrode = electrode,
          .initial = initial,
          .time = time,
          .output = output,
          .measures = measures,
          .run = run};
}

}  // namespace

MechanicsSettings MechanicsSettings::read(Config& config, const Grid& grid, bool none) {
  MechanicsSettings settings;
  if (none && !config.describing()) return settings;
  settings.average = AverageState::read(config, grid);
  settings.x_reference =
      config.optional_quantity({.name = "elasticity.x_reference",
                                .bounds = fraction,
                                .help = "composition whose lattice average strains refer to; that of the initial state "
                                        "when left out"});
  settings.tolerance =
      config.quantity({.name = "elasticity.tolerance",
                       .bounds = {.min = 1e-12, .max = 0.1},
                       .fallback = settings.tolerance,
                       .help = "residual of mechanical equilibrium, as the square root of the share of "
                               "the elastic energy that it holds"});
  settings.creep = CreepModels::read(config, "elasticity.creep.model", "none", "creep that relaxes coherent phases");
  return settings;
}

GradientEnergy GradientEnergy::read(Config& config) {
  const QuantityKey kappa{.name = "gradient.kappa",
                          .unit = "J m-1",
                          .bounds = positive,
                          .help = "gradient-energy coefficient in (kappa/2)|grad x|^2"};
  const QuantityKey width{.name = "gradient.interface_width",
                          .unit = "m",
                          .bounds = positive,
                          .help = "wanted width of a flat interface, (x_beta - x_alpha)/max|dx/dz|; sets kappa"};
  const QuantityKey energy{.name = "gradient.interface_energy",
                           .unit = "J m-2",
                           .bounds = positive,
                           .help = "wanted energy of a flat interface; sets kappa"};
  const std::string chosen = config.choose({kappa.name, width.name, energy.name});
  if (config.describing())
    for (const QuantityKey& key : {kappa, width, energy}) static_cast<void>(config.optional_quantity(key));
  const std::optional<double> physical = config.system_quantity(kappa);
  if (chosen == width.name) return {Given::interface_width, config.quantity(width), physical, config.cite(chosen)};
  if (chosen == energy.name) return {Given::interface_energy, config.quantity(energy), physical, config.cite(chosen)};
  if (chosen.empty())
    config.fault("gradient.kappa", "give it, or gradient.interface_width, or gradient.interface_energy");
  return {Given::kappa, config.optional_quantity(kappa).value_or(1), physical, {}};
}

TimeSettings TimeSettings::read(Config& config, double longest) {
  TimeSettings time;
  time.end = config.quantity({.name = "time.end",
                              .unit = "s",
                              .bounds = positive,
                              .fallback = std::isfinite(longest) ? std::optional(longest) : std::nullopt,
                              .help = "when the run ends; the longest that electrode.protocol can take when left out"});
  std::vector<std::string> names;
  for (const auto& [name, help] : scheme_entries()) names.push_back(name);
  const std::string scheme = config.text({.name = "time.scheme",
                                          .choices = names,
                                          .fallback = "auto",
                                          .help = "time integrator; auto takes whichever is cheaper at the time"});
  for (std::size_t i = 0; i < scheme_names.size(); ++i)
    if (scheme == scheme_names[i]) time.scheme = static_cast<SchemeKind>(i);
  time.order = static_cast<int>(config.integer({.name = "time.order",
                                                .bounds = {.min = 1, .max = 2},
                                                .fallback = time.order,
                                                .help = "order of accuracy in time"}));
  time.tolerance = config.quantity({.name = "time.tolerance",
                                    .bounds = {.min = 1e-9, .max = 0.5},
                                    .fallback = time.tolerance,
                                    .help = "local error of a step over the standard deviation of x"});
  time.step = config.optional_quantity(
      {.name = "time.step", .unit = "s", .bounds = positive, .help = "fixed step size; adaptive when left out"});
  time.initial_step = config.optional_quantity({.name = "time.initial_step",
                                                .unit = "s",
                                                .bounds = positive,
                                                .help = "first step; from the initial rate when left out"});
  time.max_step =
      config.optional_quantity({.name = "time.max_step", .unit = "s", .bounds = positive, .help = "largest step"});
  time.band = config.quantity(
      {.name = "time.band",
       .bounds = not_negative,
       .fallback = time.band,
       .help = "how far x may leave 0 to 1 (free energies with a logarithm) before a step is rejected"});
  time.log_cutoff = config.quantity({.name = "time.log_cutoff",
                                     .bounds = {.min = 1e-9, .max = 0.1},
                                     .fallback = time.log_cutoff,
                                     .help = "constant mobility: below this x (or 1-x) ln continues as its tangent"});
  return time;
}

OutputSettings OutputSettings::read(Config& config, double end) {
  OutputSettings output;
  const QuantityKey every{.name = "output.every", .unit = "s", .bounds = positive, .help = "time between snapshots"};
  const QuantityKey times{.name = "output.times", .unit = "s", .bounds = positive, .help = "times of snapshots"};
  const IntegerKey per_decade{.name = "output.per_decade",
                              .bounds = {.min = 1, .max = 1000},
                              .fallback = 10,
                              .help = "snapshots per decade of time, from output.first on"};
  const QuantityKey first{.name = "output.first",
                          .unit = "s",
                          .bounds = positive,
                          .help = "time of the first snapshot of per_decade; a thousandth of the end when left out"};
  const std::string chosen = config.choose({every.name, times.name, per_decade.name});
  if (config.describing()) {
    static_cast<void>(config.optional_quantity(every));
    static_cast<void>(config.quantities(times, std::vector<double>{}));
    static_cast<void>(config.integer(per_decade));
    static_cast<void>(config.optional_quantity(first));
  }
  constexpr double most = 100000;
  if (chosen == times.name) {
    output.times = config.quantities(times);
    if (!std::is_sorted(output.times.begin(), output.times.end(), std::less_equal<>()))
      config.fault(times.name, "must rise");
    if (!output.times.empty() && output.times.back() > end) config.fault(times.name, "must not be later than time.end");
  } else if (chosen == per_decade.name) {
    const double count = static_cast<double>(config.integer(per_decade)),
                 start = config.optional_quantity(first).value_or(end / 1000);
    if (start >= end) config.fault(first.name, "must be earlier than time.end");
    if (std::isfinite(start))
      for (int i = 0; start * std::pow(10, i / count) < end * (1 - 1e-9) && i < most; ++i)
        output.times.push_back(start * std::pow(10, i / count));
  } else {
    const double step = chosen.empty() ? end / 20 : config.quantity(every);
    if (end / step > most)
      config.fault(every.name, fmt::format("gives more than {} snapshots before time.end", most));
    else
      for (int i = 1; i * step < end * (1 - 1e-9); ++i) output.times.push_back(i * step);
  }
  if (output.times.empty() || output.times.back() < end) output.times.push_back(end);

  TextKey fields{.name = "output.fields", .help = "fields of a snapshot: "};
  for (const OutputField& field : output_fields()) {
    fields.help += (fields.choices.empty() ? "" : ", ") + std::string(field.help);
    fields.choices.emplace_back(field.name);
  }
  std::vector<std::string> once = config.texts(fields, std::vector<std::string>{"x"});
  for (const std::string& name : once) output.fields.push_back(output_field(name));
  std::sort(once.begin(), once.end());
  if (std::adjacent_find(once.begin(), once.end()) != once.end())
    config.fault("output.fields", "expected each field once");
  output.single_precision = config.text({.name = "output.precision",
                                         .choices = {"float32", "float64"},
                                         .fallback = "float32",
                                         .help = "numbers in snapshots"}) == "float32";
  output.compression = static_cast<int>(config.integer({.name = "output.compression",
                                                        .bounds = {.min = 0, .max = 9},
                                                        .fallback = 0,
                                                        .help = "gzip level of snapshots; 0 is none and fastest"}));
  output.checkpoint_every = config.quantity({.name = "output.checkpoint_every",
                                             .unit = "s",
                                             .bounds = not_negative,
                                             .fallback = output.checkpoint_every,
                                             .help = "wall time between checkpoints, with one more at the end; 0 "
                                                     "writes none but on SIGUSR2, SIGINT and SIGTERM"});
  output.timeseries_every = static_cast<int>(config.integer({.name = "output.timeseries_every",
                                                             .bounds = {.min = 1, .max = 1e9},
                                                             .fallback = 20,
                                                             .help = "steps between rows of timeseries.csv"}));
  return output;
}

RunSettings RunSettings::read(Config& config) {
  RunSettings run;
  run.threads = static_cast<int>(config.integer({.name = "threads",
                                                 .bounds = {.min = 0, .max = 1024},
                                                 .fallback = 0,
                                                 .help = "OpenMP threads; 0 is one per processor core"}));
  run.single_precision = config.text({.name = "precision",
                                      .choices = {"double", "float"},
                                      .fallback = "double",
                                      .help = "numbers inside the solver"}) == "float";
  const std::string planning = config.text({.name = "planning",
                                            .choices = {"estimate", "measure", "patient"},
                                            .fallback = "measure",
                                            .help = "how long FFTW looks for its fastest transform"});
  run.planning = planning == "estimate"  ? Planning::estimate
                 : planning == "measure" ? Planning::measure
                                         : Planning::patient;
  return run;
}

std::vector<Declaration> all_keys() {
  Config config = Config::describe();
  static_cast<void>(read_case(config));
  return config.declarations();
}

bool Case::mechanical() const {
  const auto medium = std::visit([](const auto& model) { return model.medium(1); }, elasticity);
  return medium && (!medium->homogeneous() || creeps());
}

double Case::mean_composition() const { return mean_of(initial, grid); }

double Case::charge_density() const { return charge_density_of(system); }

Case Case::load(const std::filesystem::path& file, const std::vector<std::string>& overrides, bool all_needed) {
  return read(Config::load(file, overrides), all_keys(), all_needed);
}

Case Case::read(Config config, const std::vector<Declaration>& known, bool all_needed) {
  Case result = read_case(config);
  config.finish(known, all_needed);
  result.resolved_config = config.resolved();
  return result;
}

}  // namespace spinode
