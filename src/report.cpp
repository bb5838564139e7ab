#include "spinode/report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "spinode/alloy_outlook.hpp"
#include "spinode/electrode_outlook.hpp"
#include "spinode/needs.hpp"
#include "spinode/output/results.hpp"
#include "spinode/room.hpp"
#include "spinode/units.hpp"

namespace spinode {
namespace {

/// What the report is about, worked out once.
struct Findings : AlloyOutlook {
  double spacing = 0, points = 0;  // the widest spacing; grid points over the 10-90 % width
};

Findings find(const Case& config, const Model& model, double T) {
  Findings found{AlloyOutlook::of(model, T)};
  for (int a = 0; a < config.grid.dimension(); ++a)
    found.spacing = std::max(found.spacing, config.grid.axis(a).spacing());
  if (found.interface) found.points = found.interface->width_10_90 / found.spacing;
  return found;
}

std::string phases(const FreeEnergy& G) {
  std::string text;
  for (const MiscibilityGap& gap : miscibility_gaps(G))
    text += fmt::format("{} {:.4g} and {:.4g}", text.empty() ? "; phases at x =" : ",", gap.x_alpha, gap.x_beta);
  return text;
}

std::string verdict(const FreeEnergy& G, double x0) {
  std::string spinodals;
  for (const Interval& interval : spinodal_intervals(G))
    spinodals += fmt::format("{}{:.4g} to {:.4g}", spinodals.empty() ? "" : " and ", interval.lower, interval.upper);
  switch (classify(G, x0)) {
    case Stability::unstable:
      return fmt::format("unstable, inside the spinodal ({}){}", spinodals, phases(G));
    case Stability::metastable:
      return fmt::format(
          "metastable, outside the spinodal ({}) but between the phases{}; decomposes by nucleation only", spinodals,
          phases(G));
    case Stability::stable:
      return "stable" +
             (spinodals.empty() ? std::string(": there is no miscibility gap at this temperature") : phases(G));
  }
  return "";
}

std::string direction_text(const Eigen::Vector3d& n) {
  return fmt::format("({:.3g} {:.3g} {:.3g})", std::abs(n[0]), std::abs(n[1]), std::abs(n[2]));
}

std::string line(const std::string& label, const std::string& text) { return fmt::format("  {:<14}{}\n", label, text); }

bool staggered(const Case& config) { return !std::holds_alternative<ConstantMobilityModel>(config.mobility); }

/// Moduli, average state and creep.
std::string describe_elasticity(const Case& config, const Model& model, double T) {
  if (!model.medium()) return "";
  const Medium& medium = *model.medium();
  const auto pascals = [&](double value) { return units::pretty(value, config.unit("Pa")); };
  std::string text = medium.homogeneous() ? "moduli of the host" : "moduli linear in x between host and solute";
  const AverageState& average = model.average();
  constexpr std::array<const char*, 6> names{"xx", "yy", "zz", "yz", "xz", "xy"};
  std::string clamped, given, free;
  for (int c = 0; c < 6; ++c) {
    const double weight = mandel_weights()[c];
    if (!average.stress_given[c] && average.strain[c] == 0)
      clamped += fmt::format(" {}", names[c]);
    else if (!average.stress_given[c])
      given += fmt::format("; average strain {} = {:.4g}", names[c], average.strain[c] / weight);
    else if (average.stress[c] != 0)
      given += fmt::format("; average stress {} = {}", names[c], pascals(average.stress[c] / weight));
    else
      free += fmt::format(" {}", names[c]);
  }
  text += given;
  if (!clamped.empty()) text += "; clamped" + clamped;
  if (!free.empty()) text += clamped.empty() && given.empty() ? "; no net stress" : "; free of net stress" + free;
  text = line("elasticity", text);
  const auto creep = model.creep(T);
  if (!creep) return text;
  if (creep->linear()) {
    const auto time = [&](const Moduli& moduli, const CreepRate& rate) {
      return units::pretty(1 / (2 * moduli.shear() * rate.fluidity(1)), config.unit("s"));
    };
    return text +
           line("creep", fmt::format("relaxes a shear in {} ({}), {} ({})", time(medium.host, creep->host),
                                     config.system.host, time(medium.solute, creep->solute), config.system.solute));
  }
  const auto law = [&](const CreepRate& rate, const std::string& metal) {
    return fmt::format("{:.4g}{} at {} in {}, exponent {:.3g}", rate.rate, config.system.dimensionless ? "" : " /s",
                       pascals(rate.stress), metal, rate.exponent);
  };
  return text + line("creep", law(creep->host, config.system.host) + "; " + law(creep->solute, config.system.solute));
}

/// The electrode, what is done to it, and when it would run dry.
std::string describe_electrode(const Case& config, const Model& model) {
  const ElectrodeSettings& electrode = *config.electrode;
  const ElectrodeOutlook outlook = electrode_outlook(config, model);
  const bool plain = config.system.dimensionless;
  const auto charge = [&](double value) {
    return fmt::format("{:.4g}{}", value / charge_unit(config), plain ? "" : " mAh/cm2");
  };
  const auto current = [&](double value) {
    return fmt::format("{:.4g}{}", plain ? value : value / 10, plain ? "" : " mA/cm2");
  };
  const auto time = [&](double value) {
    return plain || value < 600 ? units::pretty(value, config.unit("s"))
           : value < 36000      ? fmt::format("{:.3g} min", value / 60)
                                : fmt::format("{:.3g} h", value / 3600);
  };
  const int z = config.grid.dimension() - 1;
  std::string text =
      line("electrode", fmt::format("along {}, {} of {}; sink layer {} ({:.3g} cells), {} frame", "xyz"[z],
                                    charge(outlook.capacity), config.system.host,
                                    units::pretty(electrode.flow.layer * config.grid.thickness(), config.unit("m")),
                                    electrode.flow.layer * static_cast<double>(config.grid.cells(z)),
                                    electrode.flow.frame == Frame::window ? "window" : "shrinking"));
  std::string steps;
  for (const ProtocolStep& step : electrode.protocol.steps) {
    steps += fmt::format("{}{}", steps.empty() ? "" : "; ", step_mode_names[static_cast<std::size_t>(step.mode)]);
    if (step.velocity != 0) steps += fmt::format(" {}", current(std::abs(step.velocity)));
    std::string until;
    const auto add = [&](const std::string& end) {
      until += fmt::format(" {} {}", until.empty() ? "until" : "or", end);
    };
    if (step.duration) steps += fmt::format(" for {}", time(*step.duration));
    if (step.charge) add(charge(*step.charge));
    if (step.potential) add(units::pretty(*step.potential, config.unit("V")));
    if (step.host_fraction) add(fmt::format("1-x = {:.4g}", *step.host_fraction));
    steps += until;
  }
  if (electrode.protocol.cycles > 1) steps += fmt::format("; {} times", electrode.protocol.cycles);
  text += line("protocol", steps);
  if (!(outlook.velocity > 0)) return text;
  text += line("flow", fmt::format("recedes at {}{} at {}, Peclet number {:.3g}",
                                   units::pretty(outlook.velocity, config.unit("m")), plain ? "" : "/s",
                                   current(outlook.current_density), outlook.peclet));
  if (!outlook.depletion) return text;
  std::string face = "by diffusion at x0 (Sand) the face ";
  if (outlook.spinodal)
    face += fmt::format("reaches the spinodal, x = {:.4g}, after {} and {}, and ", outlook.x_spinodal,
                        time(*outlook.spinodal), charge(*outlook.spinodal * outlook.current_density));
  face += fmt::format("is out of {} after {} and {}", config.system.host, time(*outlook.depletion),
                      charge(*outlook.depletion * outlook.current_density));
  return text + line("pile-up", face);
}

/// Stability, fastest wave and interface at one temperature.
std::string describe_state(const Case& config, const Model& model, double T) {
  const Findings found = find(config, model, T);
  const auto length = [&](double value) { return units::pretty(value, config.unit("m")); };
  std::string text = line("chemical", verdict(model.chemical(T), found.x0));
  if (const auto coherent = model.coherent(T)) {
    std::string softest;
    if (const auto* cubic = std::get_if<CubicElasticity>(&config.elasticity)) {
      const Eigen::Vector3d& n = model.softest()->direction;
      softest = "; softest direction " + direction_text(n);
      if (const Orientation& turned = cubic->orientation; !turned.aligned())
        softest += ", which is " + direction_text(turned.to_grid.transpose() * n) + " of the crystal";
    }
    text += line("coherent", verdict(*coherent, found.x0) + softest);
    text += describe_elasticity(config, model, T);
  }
  if (found.fastest) {
    const auto growth = [&](double rate) { return units::pretty(1 / rate, config.unit("s")); };
    // Staggered fluxes see (2/h) sin(kh/2) in place of k.
    const double half = found.fastest->k * found.spacing / 2, slowing = std::pow(std::sin(half) / half, 2);
    text +=
        line("fastest wave", fmt::format("lambda_max = {}, grows by e in {}{}", length(found.fastest->lambda),
                                         growth(found.fastest->omega),
                                         staggered(config) && half < 1.5
                                             ? fmt::format(" ({} on this grid)", growth(slowing * found.fastest->omega))
                                             : ""));
  }
  if (found.interface)
    text += line("interface", fmt::format("width {} (10-90 % {}), energy {}: {:.3g} grid points",
                                          length(found.interface->width), length(found.interface->width_10_90),
                                          units::pretty(found.interface->energy, config.unit("J m-2")), found.points));
  return text;
}

std::string temperature_text(const Case& config, double T) {
  return config.system.dimensionless ? fmt::format("RT = {:.6g}", T)
                                     : fmt::format("{:.6g} K ({:.4g} degC)", T, T - 273.15);
}

}  // namespace

std::string describe_physics(const Case& config, const Model& model) {
  const Programme& programme = config.temperature;
  // The box is judged by the coldest state, whose waves are the shortest.
  const Findings found = find(config, model, programme.lowest());
  const auto length = [&](double value) { return units::pretty(value, config.unit("m")); };
  std::string text = fmt::format("{}{}\n", config.system.name,
                                 config.system.description.empty() ? "" : ": " + config.system.description);
  text += fmt::format("{} in {}{}, x0 = {:.4g}{}\n", config.system.solute, config.system.host,
                      programme.constant() ? " at " + temperature_text(config, programme.at(0)) : "", found.x0,
                      config.system.dimensionless ? "" : fmt::format(" ({:.4g} at%)", 100 * found.x0));
  std::vector<double> told;
  for (const Programme::Point& point : programme.points()) {
    if (std::find(told.begin(), told.end(), point.value) != told.end()) continue;
    told.push_back(point.value);
    if (!programme.constant())
      text += fmt::format("at {}, first at t = {}\n", temperature_text(config, point.value),
                          units::pretty(point.time, config.unit("s")));
    text += describe_state(config, model, point.value);
  }
  if (config.electrode) text += describe_electrode(config, model);
  std::string cells, box;
  for (int a = 0; a < config.grid.dimension(); ++a) {
    const Axis& axis = config.grid.axis(a);
    cells += fmt::format("{}{}", a ? " x " : "", axis.cells);
    box += fmt::format("{}{}{}", a ? " x " : "", length(axis.length),
                       axis.boundary == Boundary::no_flux ? " (no flux)" : "");
  }
  text += line("grid", fmt::format("{} cells, {}{}", cells, box,
                                   found.fastest ? fmt::format("; shortest side {:.3g} lambda_max",
                                                               config.grid.shortest_side() / found.fastest->lambda)
                                                 : ""));
  for (const std::string& warning : warnings(config, model)) text += "warning: " + warning + "\n";
  return text;
}

std::vector<std::string> warnings(const Case& config, const Model& model) {
  const Findings found = find(config, model, config.temperature.lowest());
  std::vector<std::string> lines;
  if (found.interface && found.points < 3)
    lines.push_back(fmt::format("the interface gets {:.2g} grid points, fewer than 3: use cells of at most {}",
                                found.points, units::pretty(found.interface->width_10_90 / 3.34, config.unit("m"))));
  if (found.fastest)
    for (int a = 0; a < config.grid.dimension(); ++a)
      if (config.grid.axis(a).length < 4 * found.fastest->lambda)
        lines.push_back(fmt::format("axis {} is {:.2g} lambda_max long, shorter than 4: the box shapes the pattern",
                                    a + 1, config.grid.axis(a).length / found.fastest->lambda));
  if (const auto s = model.widening(); s && std::abs(*s - 1) > 0.02)
    lines.push_back(
        fmt::format("the interface is {:.4g} times as wide as the system's own: lengths and interfacial energies are "
                    "{:.4g} times, times {:.4g} times the real ones",
                    *s, *s, *s * *s));
  if (config.electrode)
    if (const double cell = electrode_outlook(config, model).cell_peclet; cell > 0.5)
      lines.push_back(
          fmt::format("the Peclet number of a cell is {:.3g}, above 0.5: the pile-up at the separator is not "
                      "resolved; use more cells along the last axis",
                      cell));
  if (const auto creep = model.creep(config.temperature.at(0)); creep && !creep->linear()) {
    // Of a layer whose composition is off by 1/10: sigma = (1/10) chi E/(1-nu), to a factor of about two.
    const Moduli& host = model.medium()->host;
    const double stress = 0.1 * std::abs(model.medium()->chi) * 4 * host.shear(), share = stress / host.shear();
    if (share > 1e-3)
      lines.push_back(fmt::format(
          "coherent phases 10 at% apart bear about {}, {:.2g} of the shear modulus: power laws of creep are "
          "measured below 1e-3 of it, and beyond give rates that are not known",
          units::pretty(stress, config.unit("Pa")), share));
  }
  return lines;
}

std::string describe_numbers(const Case& config, const Model& model) {
  const double T = config.temperature.at(0);
  const Findings found = find(config, model, T);
  const auto unit = [&](const std::string& si) { return config.system.dimensionless ? "" : " " + si; };
  const CodeUnits& code = model.units();
  const CahnHilliardParameters equation = model.equation();
  std::string text = "parameters\n" + config.resolved_config;
  text += config.temperature.constant() ? "what follows from them\n" : "what follows from them at the start\n";
  text += line("RT", fmt::format("{:.10g}{}", model.RT(T), unit("J/mol")));
  text += line("V_m", fmt::format("{:.10g}{}", model.V_m(), unit("m3/mol")));
  if (config.system.lattice.chi) text += line("chi", fmt::format("{:.10g}", *config.system.lattice.chi));
  text += line("kappa", fmt::format("{:.10g}{}", model.kappa(), unit("J/m")));
  text += line("M(x0)", fmt::format("{:.10g}{}", model.mobility(found.x0, T), unit("m2 mol/(J s)")));
  text += line("G''(x0)", fmt::format("{:.10g}{}", model.chemical(T).d2G(found.x0), unit("J/mol")));
  if (model.softest())
    text += line("V_m B", fmt::format("{:.10g}{} along {}", model.V_m() * model.softest()->B, unit("J/mol"),
                                      direction_text(model.softest()->direction)));
  text += "code units\n";
  text += line("energy", fmt::format("{:.10g}{}", code.energy, unit("J/mol")));
  text += line("length", fmt::format("{:.10g}{}", code.length, unit("m")));
  text += line("time", fmt::format("{:.10g}{}", code.time, unit("s")));
  text += line("kappa", fmt::format("{:.10g}", equation.kappa));
  text += line("spacing", fmt::format("{:.6g}", found.spacing / code.length));
  text += line("end", fmt::format("{:.6g}", config.time.end / code.time));
  return text;
}

std::string describe_sizes(const Case& config, const std::filesystem::path& folder) {
  const auto free_text = [](double bytes) {
    return std::isfinite(bytes) ? fmt::format(", {} are free", byte_text(bytes)) : std::string();
  };
  std::string text = "size\n";
  text += line("memory", byte_text(memory_bytes(config)) + free_text(free_memory()));
  std::map<int, std::vector<std::string>> tables;  // by the steps between their rows
  for (const MeasureSettings::Use& use : config.measures.used) tables[use.every].emplace_back(use.measure->name);
  for (const auto& [every, names] : tables)
    text += line("measures", fmt::format("{} {}", fmt::join(names, ", "),
                                         every > 0 ? fmt::format("every {} steps and at snapshots", every)
                                                   : std::string("at snapshots")));
  text += line("output", fmt::format("{} snapshots of {}{}; {} in all{}", snapshot_count(config),
                                     byte_text(snapshot_bytes(config)),
                                     config.output.compression > 0 ? " before compression" : "",
                                     byte_text(output_bytes(config)), free_text(free_room(folder))));
  for (const std::string& shortage : shortages(config, folder)) text += fmt::format("warning: {}\n", shortage);
  return text;
}

}  // namespace spinode
