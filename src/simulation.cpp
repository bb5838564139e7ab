#include "spinode/simulation.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <sstream>

#include "electrode_book.hpp"
#include "output/coarsening_table.hpp"
#include "spinode/alloy_outlook.hpp"
#include "spinode/elasticity/elastic_fields.hpp"
#include "spinode/electrode_outlook.hpp"
#include "spinode/error.hpp"
#include "spinode/measure/structure_factor.hpp"
#include "spinode/output/hdf5_archive.hpp"
#include "spinode/parallel.hpp"
#include "spinode/stepper/stepper.hpp"
#include "spinode/timer.hpp"
#include "spinode/units.hpp"
#include "spinode/version.hpp"

namespace spinode {
namespace {

/// A mechanical equilibrium and the fields to take from it: of the equation's own mechanics, or one found for the
/// purpose where K holds all of elasticity.
struct ElasticState {
  ElasticState(Mechanics& mechanics, double length)
      : fields(mechanics.settle(), mechanics.x(), mechanics.creep_strain(), length) {}
  ElasticState(const Grid& grid, const Medium& medium, const AverageState& average, Field<double> composition,
               double length)
      : x(std::move(composition)),
        own(std::in_place, grid, medium, average, 1e-12, Planning::estimate),
        fields(*own, x, nullptr, length) {
    own->solve(x);
  }

  Field<double> x;
  std::optional<Equilibrium> own;
  ElasticFields fields;
};

template <class Real>
class Run {
 public:
  Run(const Case& config, const Model& model, Results& results)
      : case_(&config),
        model_(&model),
        results_(&results),
        equation_(config.grid.in_units_of(model.units().length), model.equation(), config.run.planning),
        stepper_(equation_, model.steps(), config.run.planning, model.surroundings(), model.cycler()) {
    clock_.end = config.time.end / model.units().time;
    if (Hdf5File* const checkpoint = results.resumed_from()) {
      Hdf5Archive archive(*checkpoint, Hdf5Archive::Way::from_file);
      archive("run", *this);
      resumed_ = true;
      return;
    }
    stepper_.start(initial_state());
  }

  RunSummary operator()(const Observers& observers, Requests& requests, double& seconds_setup) {
    summary_.seconds_setup += seconds_setup;
    if (summary_.ending == Ending::ended_before) return summary_;
    auto next_output = std::find_if(case_->output.times.begin(), case_->output.times.end(),
                                    [&](double time) { return time / model_->units().time > clock_.time; });
    if (!resumed_) {
      if (case_->electrode) open_book();
      record(true);
    }
    try {
      while (!clock_.finished()) {
        clock_.stop = *next_output / model_->units().time;
        advance(observers);
        // An output is at the time that was asked for, to the last digit.
        const bool output_due = clock_.time >= clock_.stop;
        time_ = output_due ? *next_output++ : clock_.time * model_->units().time;
        record(output_due || step_finished() || requests.snapshot.exchange(false));
        if (observers.step) observers.step(measures());
        keep_switches(observers);
        keep_finished_steps(observers);
        if (clock_.finished()) break;
        const bool stop = requests.stop;
        if (requests.checkpoint.exchange(false) || stop || checkpoint_due()) write_checkpoint(observers);
        if (!stop) continue;
        summary_.ending = Ending::stopped;
        summary_.last = measures();
        return summary_;
      }
    } catch (const NumericalError& error) {
      record(true);
      finish(error.what());
      throw NumericalError(fmt::format("{} after step {}, at t = {}: {}; the last good state is saved",
                                       case_->system.name, clock_.step,
                                       units::pretty(measures().time, case_->unit("s")), error.what()));
    }
    finish();
    if (case_->output.checkpoint_every > 0) write_checkpoint(observers);
    return summary_;
  }

  /// All that the rest of the run depends on.
  void serialize(Archive& archive) {
    archive("time", time_);
    archive("clock/time", clock_.time);
    archive("clock/step", clock_.step);
    archive("clock/last_step", clock_.last_step);
    archive("stepper", stepper_);
    if (archive.reads()) {
      // The end may be another one now; that of a protocol stays.
      if (stepper_.cycler() && stepper_.cycler()->finished()) clock_.end = clock_.time;
      if (clock_.finished()) {
        summary_.ending = Ending::ended_before;
        summary_.last = measures();
        return;
      }
      if (case_->electrode) open_book();
    }
    if (book_) archive("book", *book_);
    archive("history/time", history_.time);
    archive("history/length", history_.length);
    archive("history/deviation", history_.deviation);
    archive("seconds/setup", summary_.seconds_setup);
    archive("seconds/steps", summary_.seconds_steps);
    archive("seconds/measures", summary_.seconds_measures);
    archive("seconds/output", summary_.seconds_output);
    archive("results", *results_);
    if (!archive.reads()) return;
    keep_switches({});
    keep_finished_steps({});
  }

 private:
  Spectrum<Real> initial_state() {
    Field<double> x(case_->grid);
    std::visit([&](const auto& initial) { initial.fill(case_->grid, x); }, case_->initial);
    Spectrum<Real> x_hat(case_->grid);
    if constexpr (std::is_same_v<Real, double>) {
      equation_.analyse(x, x_hat);
    } else {
      Field<Real> start(case_->grid);
      std::copy(x.data(), x.data() + x.size(), start.data());
      equation_.analyse(start, x_hat);
    }
    return x_hat;
  }

  /// One accepted step, and the record of those that were not.
  void advance(const Observers& observers) {
    const auto record_rejections = [&] {
      for (RejectedStep step : stepper_.take_rejections()) {
        step.time *= model_->units().time;
        step.dt *= model_->units().time;
        results_->append(step);
        if (observers.rejection) observers.rejection(step);
      }
    };
    try {
      const Timer timer(summary_.seconds_steps);
      stepper_.advance(clock_);
    } catch (const NumericalError&) {
      record_rejections();
      throw;
    }
    record_rejections();
  }

  bool checkpoint_due() const {
    const double every = case_->output.checkpoint_every;
    return every > 0 && std::chrono::duration<double>(Wall::now() - last_checkpoint_).count() >= every;
  }

  void write_checkpoint(const Observers& observers) {
    {
      const Timer timer(summary_.seconds_output);
      results_->write_checkpoint([&](Hdf5File& file) {
        Hdf5Archive archive(file, Hdf5Archive::Way::to_file);
        Wisdom wisdom = Wisdom::now();
        archive("wisdom", wisdom);
        archive("run", *this);
      });
    }
    last_checkpoint_ = Wall::now();
    if (observers.checkpoint) observers.checkpoint(measures());
  }

  /// What is due: a row of the time series, rows of the tables of measures; with `snapshot` all of them, the fields and
  /// S(k).
  void record(bool snapshot) {
    const bool row = snapshot || clock_.step % case_->output.timeseries_every == 0;
    std::vector<const Measure*> due;
    for (const MeasureSettings::Use& use : case_->measures.used)
      if (snapshot || (use.every > 0 && clock_.step % use.every == 0)) due.push_back(use.measure);
    if (!row && due.empty()) return;
    if (snapshot || !due.empty()) {
      const Timer timer(summary_.seconds_output);
      results_->finish_writing();  // so that there is memory for one snapshot or for measures, not for both
    }
    Field<Real> x;
    {
      const Timer timer(summary_.seconds_measures);
      structure_ = structure_factor(grid(), stepper_.state(), case_->grid);
      if (row && case_->creeps()) relaxed_ = share_relaxed();
      const bool electrode = row && case_->electrode;
      typename Stepper<Real>::Potential potential;
      if (electrode) potential = stepper_.potential();
      if (electrode || snapshot || !due.empty()) x = equation_.field(stepper_.state());
      if (electrode || !due.empty()) {
        const Field<double> in_cells = in_double(x);
        if (electrode) measure_electrode(in_cells, potential);
        if (!due.empty()) take_measures(in_cells, due);
      }
    }
    const Timer timer(summary_.seconds_output);
    const Measures now = measures();
    if (row) {
      results_->append(now);
      history_.time.push_back(now.time);
      history_.length.push_back(now.length);
      history_.deviation.push_back(now.x_deviation);
    }
    for (const Measure* measure : due) results_->append(now, summary_.measures[measure->name]);
    if (snapshot) results_->write(structure_, copy(now, std::move(x)));
  }

  void take_measures(const Field<double>& x, const std::vector<const Measure*>& due) {
    const Grid box = grid();
    const Phases phases = model_->phases(case_->temperature.at(time_));
    const Sample sample{box, x, structure_, case_->measures.thresholds_for(phases)};
    for (const Measure* measure : due)
      summary_.measures[measure->name] = {measure->name, measure->read(sample, case_->measures)};
  }

  /// The fields of a snapshot; x of the present state.
  Snapshots::State copy(const Measures& now, Field<Real> x) {
    const Snapshots& snapshots = results_->snapshots();
    Snapshots::State state{{now.step, now.time, now.temperature}, grid(), model_->phases(now.temperature)};
    std::unique_ptr<ElasticState> elastic;
    for (const OutputField& field : case_->output.fields) {
      if (field.elastic) {
        if (!elastic) elastic = elastic_state(x);
        snapshots.copy<double>((elastic->fields.*field.elastic)(), 1, state);
      } else if (field.name == std::string("x")) {
        snapshots.copy<Real>({&x, 1}, 1, state);
      } else {
        Field<Real> mu(case_->grid);
        equation_.diffusion_potential(stepper_.state(), mu);
        snapshots.copy<Real>({&mu, 1}, model_->units().energy, state);
        x = equation_.field(stepper_.state());  // whose place that took
      }
    }
    return state;
  }

  /// The equilibrium of the present state, for its fields.
  std::unique_ptr<ElasticState> elastic_state(const Field<Real>& x) {
    const double length = model_->units().length / case_->snapshot_length();
    if (Mechanics* const mechanics = equation_.mechanics()) return std::make_unique<ElasticState>(*mechanics, length);
    return std::make_unique<ElasticState>(equation_.grid(), *model_->medium(), model_->average(), double_of(x), length);
  }

  Field<double> double_of(const Field<Real>& x) const {
    Field<double> result(case_->grid);
    for_cells(result.size(), [to = result.data(), from = x.data()](std::size_t i) { to[i] = from[i]; });
    return result;
  }

  /// The same in the memory of x, where that is double.
  Field<double> in_double(Field<Real>& x) const {
    if constexpr (std::is_same_v<Real, double>)
      return Field<double>(x.data(), case_->grid);
    else
      return double_of(x);
  }

  /// The box as it is now [m].
  Grid grid() const {
    const double now = equation_.grid().thickness(), start = case_->grid.thickness() / model_->units().length;
    return now == start ? case_->grid : case_->grid.of_thickness(now * model_->units().length);
  }

  /// What the present state begins the books of an electrode with.
  void open_book() {
    Field<Real> x = equation_.field(stepper_.state());
    book_.emplace(*case_, *model_, stepper_.extent(), in_double(x));
  }

  /// What a row of the time series has of the electrode, and a row of profiles.
  void measure_electrode(const Field<double>& x, const typename Stepper<Real>::Potential& potential) {
    const double T = case_->temperature.at(time_);
    const Cycler& cycler = *stepper_.cycler();
    const bool over = cycler.finished() || step_finished();
    electrode_ = book_->measures({.step = over ? cycler.history().back().number : cycler.number(),
                                  .extent = stepper_.extent(),
                                  .sink = stepper_.sink(),
                                  .velocity = stepper_.velocity(),
                                  .potential_open = potential.open,
                                  .overpotential = potential.overpotential,
                                  .ohmic_drop = potential.ohmic_drop},
                                 cycler, x, T);
    // The end of a step is kept, whatever its turn.
    if (!results_->wants_profiles() && !over) return;
    const Phases phases = model_->phases(T);
    results_->append(
        Results::ProfileRow{.time = time_,
                            .capacity = electrode_.delivered,
                            .thickness = electrode_.thickness,
                            .threshold = phases.threshold(),
                            .profiles = profiles(grid(), x, phases),
                            .solute = connectivity(grid(), x, Thresholds(phases.threshold()), Phase::solute)});
  }

  bool step_finished() const {
    return stepper_.cycler() && stepper_.cycler()->history().size() > summary_.protocol.size();
  }

  /// Takes over and tells the steps of the protocol that are over.
  void keep_finished_steps(const Observers& observers) {
    while (step_finished()) {
      const FinishedStep step = book_->in_SI(stepper_.cycler()->history()[summary_.protocol.size()]);
      summary_.protocol.push_back(step);
      if (observers.protocol_step) observers.protocol_step(step);
    }
  }

  Measures measures() const {
    const StateReport& report = stepper_.report();
    const double box = grid().measure();
    const auto joules = [&](double density) { return model_->energy_in_SI(density, box); };
    const auto in_pascals = [&](double density) { return density * box; };
    const Mechanics* const mechanics = equation_.mechanics();
    const CodeUnits& units = model_->units();
    return {.step = clock_.step,
            .time = time_,
            .temperature = case_->temperature.at(time_),
            .dt = clock_.last_step * units.time,
            .x_mean = stepper_.mean(),
            .x_min = report.cells.x_min,
            .x_max = report.cells.x_max,
            .x_deviation = std::sqrt(structure_.variance),
            .energy_chemical = joules(report.cells.chemical),
            .energy_gradient = joules(report.gradient),
            .energy_elastic = joules(report.elastic),
            .energy_load = joules(report.load),
            .length = structure_.length(),
            .anisotropy = structure_.anisotropy,
            .energy_dissipated = mechanics ? in_pascals(mechanics->dissipated()) : 0,
            .von_mises_max = mechanics ? mechanics->balance().von_mises : 0,
            .coherency_relaxed = relaxed_,
            .electrode = electrode_};
  }

  double share_relaxed() {
    const double coherent = equation_.mechanics()->coherent_energy();
    return coherent > 0 ? 1 - equation_.mechanics()->balance().energy / coherent : 0;
  }

  /// Takes over and tells the changes of scheme that are new.
  void keep_switches(const Observers& observers) {
    while (summary_.switches.size() < stepper_.switches().size()) {
      SchemeSwitch change = stepper_.switches()[summary_.switches.size()];
      change.time *= model_->units().time;
      summary_.switches.push_back(change);
      if (observers.scheme_change) observers.scheme_change(change);
    }
  }

  void finish(const std::string& failure = "") {
    {
      const Timer timer(summary_.seconds_output);
      results_->finish_writing();
    }
    summary_.last = measures();
    summary_.counts = stepper_.counts();
    summary_.counts.smallest_step *= model_->units().time;
    summary_.counts.largest_step *= model_->units().time;
    summary_.work = stepper_.work();
    summary_.seconds_transforms = stepper_.seconds().transforms;
    summary_.seconds_elasticity = stepper_.seconds().elasticity;
    summary_.snapshots = results_->snapshots().size();
    summary_.coarsening =
        fit_coarsening(history_, coarsening_window(history_, case_->grid.shortest_side(),
                                                   case_->measures.coarsening_from, case_->measures.coarsening_to));
    results_->write_summary(summary_.json(*case_, *model_, failure));
  }

  using Wall = std::chrono::steady_clock;

  const Case* case_;
  const Model* model_;
  Results* results_;
  CahnHilliard<Real> equation_;
  Stepper<Real> stepper_;
  Clock clock_;
  bool resumed_ = false;
  RunSummary summary_;
  double time_ = 0;  // s
  double relaxed_ = 0;
  StructureFactor structure_;  // of the last row of the time series or of a table
  LengthHistory history_;
  std::optional<ElectrodeBook> book_;
  ElectrodeMeasures electrode_;
  Wall::time_point last_checkpoint_ = Wall::now();
};

template <class Real>
RunSummary simulate_as(const Case& config, const Model& model, Results& results, const Observers& observers,
                       Requests& requests) {
  double seconds_setup = 0;
  const bool planned = config.run.planning != Planning::estimate;
  const Wisdom kept = planned ? Wisdom::kept() : Wisdom{};
  const auto run = [&] {
    const Timer timer(seconds_setup);
    if (Hdf5File* const checkpoint = results.resumed_from()) {
      Hdf5Archive archive(*checkpoint, Hdf5Archive::Way::from_file);
      Wisdom wisdom;
      archive("wisdom", wisdom);
      wisdom.take_over();
    } else if (planned) {
      kept.take_over();
    }
    // What a change of scheme will need is planned at once: all plans are in the wisdom of the first checkpoint.
    if (!config.time.scheme) Transform<float>(config.grid, config.run.planning);
    auto ready = std::make_unique<Run<Real>>(config, model, results);
    results.close_checkpoint();
    return ready;
  }();
  if (const Wisdom wisdom = Wisdom::now(); planned && wisdom != kept) wisdom.keep();
  return (*run)(observers, requests, seconds_setup);
}

}  // namespace

std::vector<std::pair<std::string, double>> RunSummary::profile() const {
  return {{"transforms", seconds_transforms},
          {"elasticity", seconds_elasticity},
          {"pointwise", std::max(0.0, seconds_steps - seconds_transforms - seconds_elasticity)},
          {"measures", seconds_measures},
          {"output", seconds_output},
          {"setup", seconds_setup}};
}

std::string RunSummary::json(const Case& config, const Model& model, const std::string& failure) const {
  toml::table rejected;
  for (std::size_t i = 0; i < rejection_names.size(); ++i) rejected.insert(rejection_names[i], counts.rejected[i]);
  toml::table by_scheme;
  for (std::size_t i = 0; i < scheme_names.size(); ++i)
    if (counts.accepted_by[i] > 0) by_scheme.insert(scheme_names[i], counts.accepted_by[i]);
  toml::array changes;
  for (const SchemeSwitch& change : switches)
    changes.push_back(toml::table{{"step", change.step},
                                  {"time", change.time},
                                  {"scheme", std::string(name(change.to))},
                                  {"reason", std::string(change.reason())}});
  toml::table final_state{{"step", last.step}}, units_of_final;
  for (const Column& column : columns())
    if (column.in(config)) {
      final_state.insert(column.name, column.in_table(last, config));
      if (const std::string unit = column.unit_in(config); !unit.empty()) units_of_final.insert(column.name, unit);
    }
  toml::table summary{{"spinode_version", version()},
                      {"state", failure.empty() ? "finished" : "failed"},
                      {"threads", thread_count()},
                      {"final", final_state},
                      {"steps", toml::table{{"accepted", counts.accepted},
                                            {"accepted_by_scheme", by_scheme},
                                            {"rejected", rejected},
                                            {"smallest", counts.accepted ? counts.smallest_step : 0.0},
                                            {"largest", counts.largest_step},
                                            {"switches", changes}}},
                      {"work", toml::table{{"transforms", work.transforms},
                                           {"newton_iterations", work.newton},
                                           {"krylov_iterations", work.krylov},
                                           {"elastic_iterations", work.elastic}}},
                      {"largest_excursion_outside_0_1", counts.largest_excursion},
                      {"largest_share_of_cells_with_continued_logarithm", counts.largest_extension},
                      {"snapshots", static_cast<std::int64_t>(snapshots)},
                      {"wall_time_s", toml::table{{"setup", seconds_setup},
                                                  {"steps", seconds_steps},
                                                  {"measures", seconds_measures},
                                                  {"output", seconds_output}}}};
  toml::table parts;
  for (const auto& [part, seconds] : profile()) parts.insert(part, seconds);
  summary.insert("profile_s", parts);
  if (!failure.empty()) summary.insert("failure", failure);
  toml::table tables, units_of_tables;
  for (const auto& [measure, row] : measures) {
    toml::table values, units_of_row;
    for (const Reading& reading : row.readings) {
      // JSON has no infinity.
      if (std::isfinite(reading.value)) values.insert(reading.name, reading.value);
      if (reading.unit != "1") units_of_row.insert(reading.name, config.unit(reading.unit));
    }
    tables.insert(measure, values);
    units_of_tables.insert(measure, units_of_row);
  }
  summary.insert("measures", tables);
  summary.insert("coarsening", coarsening_table(coarsening));
  // Of the coldest state, whose waves are the shortest.
  const AlloyOutlook alloy = AlloyOutlook::of(model, config.temperature.lowest());
  toml::table predicted{{"stability", std::string(name(alloy.stability))}};
  if (alloy.fastest) {
    predicted.insert("wavelength", alloy.fastest->lambda);
    predicted.insert("growth_time", 1 / alloy.fastest->omega);
  }
  if (alloy.interface) predicted.insert("interface_width", alloy.interface->width);
  summary.insert("predicted", predicted);
  const std::string metres = config.unit("m"), seconds = config.unit("s");
  summary.insert(
      "units",
      toml::table{
          {"final", units_of_final},
          {"measures", units_of_tables},
          {"coarsening", toml::table{{"from", seconds}, {"to", seconds}, {"L0", metres}}},
          {"predicted", toml::table{{"wavelength", metres}, {"growth_time", seconds}, {"interface_width", metres}}}});
  if (config.electrode) {
    toml::array steps;
    for (const FinishedStep& step : protocol) {
      const double unit = charge_unit(config);
      steps.push_back(toml::table{{"step", static_cast<std::int64_t>(step.number) + 1},
                                  {"mode", std::string(step_mode_names[static_cast<std::size_t>(step.mode)])},
                                  {"ended_by", std::string(step_end_names[static_cast<std::size_t>(step.end)])},
                                  {"time", step.time},
                                  {"capacity_requested", step.requested / unit},
                                  {"capacity", step.delivered / unit},
                                  {"thickness", step.thickness},
                                  {"potential", step.potential}});
    }
    summary.insert("protocol", steps);
    const ElectrodeOutlook outlook = electrode_outlook(config, model);
    toml::table estimates{{"capacity", outlook.capacity / charge_unit(config)}, {"peclet", outlook.peclet}};
    if (outlook.depletion) estimates.insert("time_to_depletion", *outlook.depletion);
    if (outlook.spinodal) estimates.insert("time_to_spinodal", *outlook.spinodal);
    summary.insert("electrode", estimates);
  }
  std::ostringstream out;
  out << toml::json_formatter(summary) << "\n";
  return out.str();
}

RunSummary simulate(const Case& config, const Model& model, Results& results, const Observers& observers,
                    Requests& requests) {
  return config.run.single_precision ? simulate_as<float>(config, model, results, observers, requests)
                                     : simulate_as<double>(config, model, results, observers, requests);
}

}  // namespace spinode
