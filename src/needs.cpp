#include "spinode/needs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "spinode/error.hpp"
#include "spinode/output/results.hpp"
#include "spinode/parallel.hpp"
#include "spinode/room.hpp"
#include "spinode/row_places.hpp"

namespace spinode {
namespace {

constexpr double of_double = sizeof(double), of_float = sizeof(float);
/// Attributes and the frame of an HDF5 file.
constexpr double frame_bytes = 16e3;

/// Numbers that the arrays of a case hold.
struct Counts {
  explicit Counts(const Case& config)
      : dimension(config.grid.dimension()),
        field(static_cast<double>(config.grid.size())),
        modes(static_cast<double>(config.grid.mode_count())),
        spectrum(modes * config.grid.lanes()) {}

  double dimension, field, modes, spectrum;
};

bool staggered(const Case& config) { return !std::holds_alternative<ConstantMobilityModel>(config.mobility); }

bool elastic(const Case& config) { return !std::holds_alternative<NoElasticity>(config.elasticity); }

double bytes_of_real(const Case& config) { return config.run.single_precision ? of_float : of_double; }

/// Amplitudes of a displacement: a turned crystal, or one that is sheared, moves along axes that the box does not have.
double displacements(const Case& config) {
  const auto medium = std::visit([](const auto& model) { return model.medium(1); }, config.elasticity);
  const AverageState& average = config.mechanics.average;
  const bool sheared = !average.strain.tail<3>().isZero(0) || !average.stress.tail<3>().isZero(0);
  return sheared || !medium->to_grid.isIdentity(0) ? 3 : config.grid.dimension();
}

int threads_of(const Case& config) { return config.run.threads > 0 ? config.run.threads : thread_count(); }

/// Whether transforms go in sweeps (Transform).
bool in_sweeps(const Case& config) { return config.grid.half_axis() == 0; }

/// Where they do not, transforms of sines are planned when the first of them is wanted, on arrays of their own.
double sine_plans(const Case& config) {
  const Counts n(config);
  return in_sweeps(config) || n.dimension == 1 ? 0 : of_double * (n.field + n.spectrum);
}

/// The buffers of a transform: of each thread a layer and a slab, or two; where it does not go in sweeps a field, and a
/// spectrum that is to stay.
double buffers(const Case& config) {
  const Counts n(config);
  if (!in_sweeps(config)) return bytes_of_real(config) * (n.field + n.spectrum);
  const double row = n.spectrum / static_cast<double>(config.grid.mode_rows());
  const auto cells = [&](int axis) { return static_cast<double>(config.grid.cells(axis)); };
  const double layer = row * (n.dimension == 3 ? cells(1) : 8), last = cells(config.grid.dimension() - 1);
  const double slab = std::min(std::max(row * last, 32 * last), std::max(32 * last, 1.3e6 / bytes_of_real(config)));
  return bytes_of_real(config) * threads_of(config) * (layer + (staggered(config) ? 2 : 1) * slab);
}

/// Numbers of the half-way state of transforms that do not go in steps.
double half_way(const Case& config) {
  return in_sweeps(config) && config.grid.dimension() == 3 ? Counts(config).spectrum : 0;
}

/// A mechanical equilibrium: strain and stress, three vectors of amplitudes, and a spectrum.
double equilibrium(const Case& config) {
  const Counts n(config);
  return of_double * (12 * n.field + (3 * displacements(config) + 1) * n.spectrum + half_way(config));
}

/// Share of the rows that have places while staggered fluxes are worked out (RowPlaces).
double share_in_places(const Case& config) {
  if (!in_sweeps(config)) return 1;
  const Grid& grid = config.grid;
  const std::size_t layer = grid.dimension() == 3 ? grid.cells(1) : std::min<std::size_t>(grid.rows(), 8);
  return static_cast<double>(RowPlaces(grid.rows(), layer, threads_of(config)).count()) /
         static_cast<double>(grid.rows());
}

/// The fluxes that each thread keeps of the plane and the row below the one it works on.
double kept_fluxes(const Case& config) {
  const double rows = (config.grid.dimension() == 3 ? static_cast<double>(config.grid.cells(1)) : 0) + 2;
  return bytes_of_real(config) * threads_of(config) * rows * static_cast<double>(config.grid.cells(0));
}

/// Cells on all levels of multigrid over those of the finest; axes of wider spacing are coarsened later.
double cells_of_levels(const Grid& grid) {
  std::array<double, 3> cells{}, h{};
  for (int a = 0; a < grid.dimension(); ++a) {
    cells[a] = static_cast<double>(grid.cells(a));
    h[a] = grid.axis(a).spacing();
  }
  double sum = 1;
  for (double share = 1;;) {
    double least = 0;
    for (int a = 0; a < grid.dimension(); ++a)
      if (cells[a] >= 4) least = least > 0 ? std::min(least, h[a]) : h[a];
    if (least == 0) return sum;
    for (int a = 0; a < grid.dimension(); ++a)
      if (cells[a] >= 4 && h[a] < 1.5 * least) {
        h[a] *= 2;
        cells[a] /= 2;
        share /= 2;
      }
    sum += share;
  }
}

/// The equation, with what elasticity and the flow of metal keep beside x.
double equation_bytes(const Case& config) {
  const Counts n(config);
  double bytes = buffers(config) + bytes_of_real(config) * (n.spectrum + (elastic(config) ? n.modes : 0));
  if (staggered(config))
    bytes += bytes_of_real(config) * (n.spectrum + 3 * n.field * share_in_places(config)) + kept_fluxes(config);
  if (config.electrode || config.mechanical()) bytes += bytes_of_real(config) * n.field;
  if (config.electrode)
    bytes += bytes_of_real(config) *
             (n.field + half_way(config) + (config.electrode->flow.even() ? 0 : n.field + n.spectrum));
  if (!config.mechanical()) return bytes;
  // Compositions, potentials and one in work; the part that is linear in x; creep: three levels of its strain, the
  // candidate, what leads to it, and the compliance of a step.
  bytes += equilibrium(config) + of_double * (6 * n.field + n.spectrum + half_way(config) + n.modes);
  return bytes + (config.creeps() ? of_double * (5 * 6 + 1) * n.field : 0);
}

/// As many levels as the order is, of x, of its nonlinear part, and of the flow of metal; one more of x. With a flow of
/// metal that of the candidate, and the candidate itself where a potential ends a step.
double semi_implicit_bytes(const Case& config) {
  double parts = config.time.order * (config.electrode ? 3 : 2) + (config.electrode ? 1 : 0);
  if (config.electrode) {
    const std::vector<ProtocolStep>& steps = config.electrode->protocol.steps;
    if (std::any_of(steps.begin(), steps.end(), [](const ProtocolStep& step) { return step.potential.has_value(); }))
      parts += 1;
  }
  return bytes_of_real(config) * (parts + 1) * Counts(config).spectrum;
}

/// Three levels and the candidate, the potential, a spectrum; what a flow of metal adds.
double implicit_bytes(const Case& config) {
  const Counts n(config);
  const bool faces = staggered(config);
  const double fields = 5 + (config.electrode ? 3 : 0);
  // Newton's system: Krylov vectors, the correction, spectra, the linear part; on every level of multigrid seven
  // numbers a cell and two a face, but five a cell on the finest.
  const double vectors = (faces && !config.electrode ? 14 : 22) + 1 - 2;
  const double in_steps = in_sweeps(config) ? 0 : n.field + n.spectrum, spectra = faces ? 1 : 2;
  return bytes_of_real(config) * (fields * n.field + spectra * n.spectrum) +
         of_float * (vectors * n.field + spectra * n.spectrum + (faces ? in_steps : half_way(config)) +
                     (elastic(config) ? n.modes : 0) + (7 + 2 * n.dimension) * cells_of_levels(config.grid) * n.field);
}

/// While the initial state is taken over: as it is read, as the solver has it, and its spectrum; later the latter with
/// its flow.
double start_bytes(const Case& config) {
  const Counts n(config);
  const double made = config.run.single_precision ? of_float * n.field : 0,
               flow = bytes_of_real(config) * (config.electrode ? 1 : 0) * n.spectrum;
  return bytes_of_real(config) * n.spectrum +
         std::max({of_double * n.field + made, flow, config.mechanical() ? sine_plans(config) : 0});
}

/// What x takes beside the solver's memory where it is wanted in double precision.
double in_double(const Case& config) { return config.run.single_precision ? of_double * Counts(config).field : 0; }

/// While a row of the time series is made.
double row_bytes(const Case& config) {
  const Counts n(config);
  const double blocks = std::min(128.0, static_cast<double>(config.grid.mode_rows()));
  double bytes = of_double * 2 * (1 + n.dimension) * blocks * static_cast<double>(shell_count(config.grid));
  // The energy that would be there if nothing had crept.
  if (config.creeps()) bytes = std::max(bytes, equilibrium(config) + sine_plans(config));
  // The potential where the sink takes the host: four fields, and the strength of the sink in its layer.
  if (config.electrode)
    bytes = std::max(
        {bytes, in_double(config),
         of_double * config.electrode->flow.layer * n.field + bytes_of_real(config) * (4 * n.field + n.spectrum)});
  return bytes;
}

/// While measures look at x.
double measure_bytes(const Case& config) {
  double most = 0;
  for (const MeasureSettings::Use& use : config.measures.used)
    most = std::max(most, use.measure->memory[config.grid.dimension() - 1]);
  return config.measures.used.empty() ? 0 : in_double(config) + most * Counts(config).field;
}

/// Values of a field in a file. An axis that the case does not have has two layers.
double values_of(const Case& config, const OutputField& field) {
  return static_cast<double>(field.components()) * std::pow(2, 3 - config.grid.dimension()) * Counts(config).field;
}

/// Slabs in which a compressed field is written.
double slabs(const Case& config) {
  return config.grid.dimension() < 3 ? 2 : std::min(16.0, static_cast<double>(config.grid.cells(2)));
}

/// Numbers in the profiles of an electrode.
double profile_values(const Case& config) {
  constexpr double rows = 400;  // that Results keeps at most
  const int last = config.grid.dimension() - 1;
  return config.electrode ? rows * (last > 0 ? 4 : 3) * static_cast<double>(config.grid.cells(last)) : 0;
}

double bytes_in_file(const Case& config) { return config.output.single_precision ? of_float : of_double; }

/// While a snapshot is copied: the fields as the file has them so far, and the components of the next; x is there.
double copying_bytes(const Case& config) {
  const Counts n(config);
  double most = 0, state = 0, held = 0;
  for (const OutputField& field : config.output.fields) {
    held += bytes_in_file(config) * values_of(config, field);
    const double made = field.elastic ? of_double : field.name == std::string("x") ? 0 : bytes_of_real(config);
    most = std::max(most, held + made * static_cast<double>(field.components()) * n.field);
    // An equilibrium of its own, and what it was found for.
    if (field.elastic && !config.mechanical()) state = equilibrium(config) + of_double * n.field;
  }
  return state + most;
}

/// While a snapshot is written, and the run goes on: its fields, and what a filter has in hand, a slab as it was and as
/// it becomes.
double writing_bytes(const Case& config) {
  double held = 0, most = 0;
  for (const OutputField& field : config.output.fields) {
    const double values = bytes_in_file(config) * values_of(config, field);
    held += values;
    most = std::max(most, values);
  }
  return held + (config.output.compression > 0 ? 2 * most / slabs(config) : 0) + of_double * profile_values(config);
}

/// Shells of S(k) for each snapshot, and what Results keeps of the profiles.
double kept_bytes(const Case& config) {
  return of_double *
         (snapshot_count(config) * (3 + config.grid.dimension()) * static_cast<double>(shell_count(config.grid)) +
          profile_values(config));
}

/// What a table or a log holds for some ten thousand steps.
double table_bytes(const Case& config) {
  constexpr double steps = 1e4, bytes_of_number = 20, readings = 10;
  const double count = config.time.step ? config.time.end / *config.time.step : steps;
  double numbers = count / config.output.timeseries_every * static_cast<double>(columns().size());
  for (const MeasureSettings::Use& use : config.measures.used)
    numbers += readings * (use.every > 0 ? count / use.every : 0);
  return bytes_of_number * numbers;
}

/// A number of cells that fits, rounded down to three digits.
double rounded_down(double cells) {
  const double unit = std::pow(10, std::max(0.0, std::floor(std::log10(cells)) - 2));
  return unit * std::floor(cells / unit);
}

/// What is lacking in memory and what would help, with the numbers; empty when there is enough.
std::string memory_shortage(const Case& config) {
  const double needed = memory_bytes(config), there = free_memory(), cells = static_cast<double>(config.grid.size());
  if (needed <= there) return {};
  std::string help = fmt::format("take at most {:.0f} cells", rounded_down(0.95 * cells * there / needed));
  const auto suggest = [&](const char* key, const Case& other) {
    if (const double less = memory_bytes(other); less < 0.95 * needed)
      help += fmt::format(", or {} ({})", key, byte_text(less));
  };
  Case other = config;
  other.run.single_precision = true;
  suggest("precision = \"float\"", other);
  other = config;
  other.time.scheme = SchemeKind::semi_implicit;
  suggest("time.scheme = \"semi_implicit\"", other);
  return fmt::format("{:.0f} cells need {} of memory, {} are free: {}", cells, byte_text(needed), byte_text(there),
                     help);
}

}  // namespace

double memory_bytes(const Case& config) {
  const double spectrum = bytes_of_real(config) * Counts(config).spectrum;
  const double semi_implicit = semi_implicit_bytes(config), implicit = implicit_bytes(config);
  const double start = start_bytes(config), kept = kept_bytes(config), writing = writing_bytes(config);
  const double later = kept + std::max({copying_bytes(config), writing + row_bytes(config), measure_bytes(config)});
  double scheme = 0;
  if (!config.time.scheme) {
    // At a change of scheme the levels of the old one go over to the new one.
    scheme = std::max(
        {start, semi_implicit, std::max(semi_implicit, implicit) + std::max(later, kept + writing + 3 * spectrum)});
  } else if (*config.time.scheme == SchemeKind::semi_implicit) {
    scheme = std::max(start, semi_implicit + later);  // it has no levels before there is a state
  } else {
    scheme = implicit + std::max(start, later);
  }
  return equation_bytes(config) + scheme;
}

double snapshot_bytes(const Case& config) {
  double values = 0;
  for (const OutputField& field : config.output.fields) values += values_of(config, field);
  return bytes_in_file(config) * values + static_cast<double>(config.resolved_config.size()) + frame_bytes;
}

double snapshot_count(const Case& config) {
  const double steps = config.electrode ? static_cast<double>(config.electrode->protocol.steps.size()) *
                                              config.electrode->protocol.cycles
                                        : 0;
  return 1 + static_cast<double>(config.output.times.size()) + steps;
}

double checkpoint_bytes(const Case& config) {
  const Counts n(config);
  // Levels of x, their nonlinear parts and flows of metal; one more of x.
  const double semi_implicit = (config.time.order * (config.electrode ? 3 : 2) + 1) * n.spectrum,
               implicit = (config.electrode ? 5 : 3) * n.field;
  const double scheme = !config.time.scheme                                ? std::max(semi_implicit, implicit)
                        : *config.time.scheme == SchemeKind::semi_implicit ? semi_implicit
                                                                           : implicit;
  // x, two potentials, strain, stress; the displacement; three levels of the creep strain.
  double mechanics = 0;
  if (config.mechanical()) mechanics = (config.creeps() ? 33 : 15) * n.field + displacements(config) * n.spectrum;
  return bytes_of_real(config) * scheme + of_double * mechanics + kept_bytes(config) + frame_bytes;
}

double output_bytes(const Case& config) {
  // Two, and one that is being written.
  const double checkpoints = config.output.checkpoint_every > 0 ? 3 : 0;
  const double structure = (2 + config.grid.dimension()) * static_cast<double>(shell_count(config.grid));
  return snapshot_count(config) * (snapshot_bytes(config) + of_double * structure) + of_float * profile_values(config) +
         table_bytes(config) + checkpoints * checkpoint_bytes(config);
}

std::vector<std::string> shortages(const Case& config, const std::filesystem::path& folder) {
  std::vector<std::string> lines;
  if (const std::string memory = memory_shortage(config); !memory.empty()) lines.push_back(memory);
  if (const double written = output_bytes(config), there = free_room(folder); written > there)
    lines.push_back(fmt::format("the output may take {}, {} are free in {}", byte_text(written), byte_text(there),
                                folder.string()));
  return lines;
}

void require_memory(const Case& config) {
  if (const std::string shortage = memory_shortage(config); !shortage.empty()) throw NumericalError(shortage);
}

}  // namespace spinode
