// spinode phase-diagram: binodals, spinodals and critical points of a system over temperature.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "command.hpp"
#include "spinode/case.hpp"
#include "spinode/error.hpp"
#include "spinode/output/diagram_files.hpp"
#include "spinode/units.hpp"

namespace spinode::command {
namespace {

namespace fs = std::filesystem;

struct DiagramArguments : CaseArguments {
  std::string temperatures, at, elasticity = "all";
  fs::path output;  // results/<system>_phase_diagram when empty
  std::int64_t samples = 0;
  std::uint64_t seed = 1;
  bool overwrite = false;
};

constexpr std::size_t most_temperatures = 1000000;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts{""};
  for (const char c : text)
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}

/// "150:370:1K" is start, end and step, all in the unit that stands last; "250K,25degC" is a list [K].
std::vector<double> parse_temperatures(const std::string& option, const std::string& text) {
  const auto fail = [&](const std::string& expected) {
    return ConfigError(fmt::format("command line: {} {}: {}", option, text, expected));
  };
  std::vector<double> result;
  try {
    const std::vector<std::string> range = split(text, ':');
    if (range.size() == 1) {
      for (const std::string& part : split(text, ',')) result.push_back(units::parse(part, "K"));
    } else if (range.size() == 3) {
      const std::string unit =
          range[2].substr(std::min(range[2].find_first_not_of("0123456789.+-eE "), range[2].size()));
      const auto in_kelvin = [&](const std::string& part) {
        const bool has_unit = part.find_first_not_of("0123456789.+-eE ") != std::string::npos;
        return units::parse(has_unit ? part : part + unit, "K");
      };
      const double first = in_kelvin(range[0]), last = in_kelvin(range[1]),
                   step = units::parse_difference(range[2], "K");
      if (!(step > 0) || !(last >= first)) throw fail("expected start <= end and a step > 0");
      const double count = std::floor((last - first) / step + 1e-6) + 1;
      if (!(count <= most_temperatures)) throw fail(fmt::format("expected at most {} temperatures", most_temperatures));
      // To twelve digits, so that a row of the tables is at 298.35 K and not at 298.34999999999997 K.
      for (int i = 0; i < count; ++i)
        result.push_back(std::strtod(fmt::format("{:.12g}", first + i * step).c_str(), nullptr));
    } else {
      throw fail("expected start:end:step with a unit, such as 150:370:1K, or a list such as 250K,25degC");
    }
  } catch (const std::invalid_argument& error) {
    throw fail(error.what());
  }
  if (std::any_of(result.begin(), result.end(), [](double T) { return !(T >= 1 && std::isfinite(T)); }))
    throw fail("must be >= 1 K and finite");
  return result;
}

std::string percent(double x) { return fmt::format("{:.4g} at%", 100 * x); }

void print_kind(const Diagram& diagram, std::size_t k) {
  const Alloy& alloy = diagram.alloy;
  const DiagramKind& kind = alloy.kinds[k];
  const System& system = alloy.system;
  const auto line = [](const std::string& label, const std::string& text) {
    fmt::print("    {:<16}{}\n", label, text);
  };
  fmt::print("  {}{}\n", kind.name,
             kind.elastic == 0
                 ? ""
                 : fmt::format(": G + {:.6g} J/mol x^2{}{}", kind.elastic,
                               kind.elastic_energy.c.size() > 3 ? " near x = 0, moduli linear in x" : "",
                               kind.directions.empty()
                                   ? ""
                                   : fmt::format(", softest along ({:.3g} {:.3g} {:.3g})", std::abs(kind.softest[0]),
                                                 std::abs(kind.softest[1]), std::abs(kind.softest[2]))));
  const PhaseBoundaries& here = diagram.at_chosen[k];
  if (here.gaps.empty()) line("phases", "one: there is no miscibility gap at this temperature");
  for (const MiscibilityGap& gap : here.gaps)
    line("phases", fmt::format("x = {:.6g} and {:.6g} (1 - x = {:.6g}), mu = {:.6g} J/mol", gap.x_alpha, gap.x_beta,
                               gap.one_minus_x_beta, gap.mu));
  for (const Interval& spinodal : here.spinodals)
    line("spinodal", fmt::format("x = {:.6g} to {:.6g}", spinodal.lower, spinodal.upper));
  for (const auto& [direction, elastic] : kind.directions)
    for (const Interval& spinodal : spinodal_intervals(system.chemical(diagram.chosen_T).plus(elastic)))
      line("  " + direction, fmt::format("x = {:.6g} to {:.6g}", spinodal.lower, spinodal.upper));
  const DiluteLimits limits = dilute_limits(alloy.G(kind, diagram.chosen_T));
  const auto dilute = [&](const std::string& what, double limit, const std::string& minority) {
    if (limit < 1) line("dilute limit", fmt::format("{} at {:.6g} of {}", what, limit, minority));
  };
  if (kind.elastic == 0 && !here.gaps.empty()) {
    dilute("binodal", limits.solubility_in_host, system.solute);
    dilute("binodal", limits.solubility_in_solute, system.host);
  }
  if (!here.spinodals.empty()) {
    dilute("spinodal", limits.spinodal_host_side, system.solute);
    dilute("spinodal", limits.spinodal_solute_side, system.host);
  }
  for (const CriticalPoint& point : diagram.critical_points[k])
    line("critical point",
         fmt::format("{}, {:.6g} K ({:.5g} degC){}{}", percent(point.x), point.T, point.T - 273.15,
                     point.closes_upwards ? "" : ", a lower one", point.stable ? "" : ", metastable"));
  if (diagram.bands && !diagram.bands->critical_temperature.empty()) {
    const Band& band = diagram.bands->critical_temperature[k];
    if (band.share > 0)
      line("", fmt::format("from the errors: {:.5g} K, 68 % between {:.5g} and {:.5g} K", band.quantiles[2],
                           band.quantiles[1], band.quantiles[3]));
  }
}

void print_summary(const Diagram& diagram, const fs::path& folder) {
  const System& system = diagram.alloy.system;
  fmt::print("{}{}\n{} in {}{}, {} temperature{} from {:.6g} to {:.6g} K\n", system.name,
             system.description.empty() ? "" : ": " + system.description, system.solute, system.host,
             system.pressure == 0 ? "" : " at " + units::pretty(system.pressure, "Pa"), diagram.temperatures.size(),
             diagram.temperatures.size() == 1 ? "" : "s",
             *std::min_element(diagram.temperatures.begin(), diagram.temperatures.end()),
             *std::max_element(diagram.temperatures.begin(), diagram.temperatures.end()));
  fmt::print("at {:.6g} K ({:.5g} degC)\n", diagram.chosen_T, diagram.chosen_T - 273.15);
  for (std::size_t k = 0; k < diagram.alloy.kinds.size(); ++k) print_kind(diagram, k);
  if (diagram.bands && diagram.bands->left_out > 0)
    fmt::print("{} of {} samples had numbers outside their bounds and were left out\n", diagram.bands->left_out,
               diagram.bands->samples);
  fmt::print("tables in {}: python3 -m spinode_post phase-diagram {} draws them\n", folder.string(), folder.string());
}

void phase_diagram(const DiagramArguments& arguments) {
  const std::vector<double> temperatures = parse_temperatures("--temperatures", arguments.temperatures);
  const std::vector<double> at =
      arguments.at.empty() ? std::vector<double>{} : parse_temperatures("--at", arguments.at);
  if (at.size() > 1) throw ConfigError(fmt::format("command line: --at {}: expected one temperature", arguments.at));
  const Config unread = Config::load(arguments.file, arguments.overrides);
  Config config = unread;
  Alloy alloy = Alloy::read(config, arguments.elasticity);
  const bool uncertain = !config.uncertainties().empty();
  constexpr double room = 298.15;
  const double own_T = config.has("temperature") ? read_temperature(config).lowest() : room;
  config.finish(all_keys(), false);
  if (alloy.system.dimensionless)
    throw ConfigError(
        fmt::format("{}: units = \"none\": a phase diagram needs numbers with units", arguments.file.string()));
  if (arguments.samples > 0 && !uncertain)
    throw ConfigError(
        fmt::format("command line: --samples {}: none of the numbers that the diagram takes from {} has an error, "
                    "{{ value = ..., error = ... }}",
                    arguments.samples, arguments.file.string()));
  const fs::path folder = arguments.output.empty()
                              ? fs::path("results") / fmt::format("{}_phase_diagram", alloy.system.name)
                              : arguments.output;
  make_diagram_folder(folder, arguments.overwrite);
  const double chosen = at.empty() ? own_T : at[0];
  Diagram diagram = Diagram::of(std::move(alloy), temperatures, chosen);
  if (arguments.samples > 0)
    diagram.bands = diagram_bands(unread, arguments.elasticity, temperatures,
                                  static_cast<std::size_t>(arguments.samples), arguments.seed);
  write_diagram(diagram, folder);
  print_summary(diagram, folder);
}

}  // namespace

void add_phase_diagram(CLI::App& app) {
  const auto arguments = std::make_shared<DiagramArguments>();
  CLI::App* const command =
      app.add_subcommand("phase-diagram", "binodals, spinodals and critical points over temperature");
  arguments->add_to(*command, "system", "system or case file in TOML");
  command
      ->add_option("--temperatures", arguments->temperatures, "start:end:step such as 150:370:1K, or 250K,25degC,...")
      ->required();
  command->add_option("--at", arguments->at,
                      "temperature of the summary and the energy curves (the case's lowest, or 298.15K)");
  command
      ->add_option("--elasticity", arguments->elasticity,
                   "none, isotropic, cubic, or all that the file has numbers for")
      ->check(CLI::IsMember({"none", "isotropic", "cubic", "all"}));
  command->add_option("--samples", arguments->samples, "draws from the errors in the file, for bands on the boundaries")
      ->check(CLI::Range(0, 1000000));
  command->add_option("--seed", arguments->seed, "seed of the draws");
  command->add_option("--output", arguments->output, "folder for the tables (results/<system>_phase_diagram)");
  command->add_flag("--overwrite", arguments->overwrite, "replace the tables of an earlier call");
  command->callback([arguments] { phase_diagram(*arguments); });
}

}  // namespace spinode::command
