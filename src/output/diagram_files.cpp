#include "spinode/output/diagram_files.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "spinode/error.hpp"
#include "spinode/version.hpp"

namespace spinode {
namespace {

namespace fs = std::filesystem;

constexpr const char* summary_name = "summary.json";

/// The fewest digits that give the same number; nothing for one that is not there.
std::string cell(double value) { return std::isnan(value) ? "" : fmt::format("{}", value); }

/// A text as a cell of its own (RFC 4180).
std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? std::string("\"\"") : std::string(1, c);
  return result + "\"";
}

/// A CSV file whose rows begin with the system's name.
class Table {
 public:
  Table(const fs::path& file, const std::string& system, const std::string& columns)
      : file_(file), system_(quoted(system)), out_(file) {
    out_ << "system," << columns << "\n";
  }

  template <class... Numbers>
  void row(const std::string& kind, Numbers... numbers) {
    out_ << system_ << "," << kind;
    ((out_ << "," << cell(numbers)), ...);
    out_ << "\n";
  }

  void close() {
    out_.close();
    if (!out_) throw IoError(fmt::format("{}: cannot be written", file_.string()));
  }

 private:
  fs::path file_;
  std::string system_;
  std::ofstream out_;
};

/// Compositions from pure to pure, dense at either end.
std::vector<double> composition_axis() {
  constexpr int even = 400, per_decade = 20, decades = 12;
  std::vector<double> x{0};
  for (int i = -decades * per_decade; i < -2 * per_decade; ++i) x.push_back(std::pow(10, double(i) / per_decade));
  for (int i = even / 100; i <= even / 2; ++i) x.push_back(double(i) / even);
  for (std::size_t i = x.size() - 1; i-- > 0;) x.push_back(1 - x[i]);
  return x;
}

toml::table numbers(const MiscibilityGap& gap) {
  return toml::table{{"x_alpha", gap.x_alpha},
                     {"x_beta", gap.x_beta},
                     {"one_minus_x_beta", gap.one_minus_x_beta},
                     {"mu_J_per_mol", gap.mu},
                     {"omega_J_per_mol", gap.omega}};
}

void insert_if_known(toml::table& table, const std::string& name, double value) {
  if (!std::isnan(value)) table.insert(name, value);
}

toml::table summary_of(const Diagram& diagram, std::size_t k) {
  const DiagramKind& kind = diagram.alloy.kinds[k];
  toml::array critical, gaps, spinodals;
  for (const CriticalPoint& point : diagram.critical_points[k])
    critical.push_back(toml::table{{"x", point.x},
                                   {"T_K", point.T},
                                   {"stable", point.stable},
                                   {"closes", point.closes_upwards ? "above" : "below"}});
  for (const MiscibilityGap& gap : diagram.at_chosen[k].gaps) gaps.push_back(numbers(gap));
  for (const Interval& spinodal : diagram.at_chosen[k].spinodals)
    spinodals.push_back(toml::table{{"lower", spinodal.lower}, {"upper", spinodal.upper}});
  toml::table summary{
      {"elastic_J_per_mol", kind.elastic}, {"critical_points", critical}, {"gaps", gaps}, {"spinodals", spinodals}};
  const DiluteLimits limits = dilute_limits(diagram.alloy.G(kind, diagram.chosen_T));
  toml::table dilute;
  if (kind.elastic == 0) {
    insert_if_known(dilute, "solubility_in_host", limits.solubility_in_host);
    insert_if_known(dilute, "solubility_in_solute", limits.solubility_in_solute);
  }
  insert_if_known(dilute, "spinodal_host_side", limits.spinodal_host_side);
  insert_if_known(dilute, "spinodal_solute_side", limits.spinodal_solute_side);
  summary.insert("dilute_limits", dilute);
  if (!kind.directions.empty()) {
    const Eigen::Vector3d& n = kind.softest;
    summary.insert("softest_direction", toml::array{n[0], n[1], n[2]});
  }
  if (diagram.bands && !diagram.bands->critical_temperature.empty()) {
    toml::array quantiles;
    for (double value : diagram.bands->critical_temperature[k].quantiles)
      if (!std::isnan(value)) quantiles.push_back(value);
    summary.insert("critical_temperature_quantiles_K", quantiles);
  }
  return summary;
}

std::string summary_json(const Diagram& diagram) {
  const System& system = diagram.alloy.system;
  toml::table kinds;
  for (std::size_t k = 0; k < diagram.alloy.kinds.size(); ++k)
    kinds.insert(diagram.alloy.kinds[k].name, summary_of(diagram, k));
  toml::table summary{{"spinode_version", version()},      {"system", system.name},
                      {"description", system.description}, {"host", system.host},
                      {"solute", system.solute},           {"pressure_Pa", system.pressure},
                      {"temperature_K", diagram.chosen_T}, {"kinds", kinds}};
  if (diagram.bands) {
    summary.insert("samples", static_cast<std::int64_t>(diagram.bands->samples));
    summary.insert("samples_left_out", static_cast<std::int64_t>(diagram.bands->left_out));
  }
  std::ostringstream out;
  out << toml::json_formatter(summary) << "\n";
  return out.str();
}

void write_boundaries(const Diagram& diagram, const fs::path& folder, const std::array<std::string, 4>& names) {
  const std::string& system = diagram.alloy.system.name;
  Table boundaries(folder / "phase_boundaries.csv", system,
                   fmt::format("kind,T_K,x_{},x_{},x_{},x_{}", names[0], names[1], names[2], names[3]));
  Table ties(folder / "tie_lines.csv", system,
             "kind,T_K,x_alpha,x_beta,one_minus_x_beta,mu_J_per_mol,omega_J_per_mol,residual");
  for (std::size_t k = 0; k < diagram.alloy.kinds.size(); ++k)
    for (const PhaseBoundaries& found : diagram.boundaries[k]) {
      const std::string& kind = diagram.alloy.kinds[k].name;
      for (const auto& row : found.rows()) boundaries.row(kind, found.T, row[0], row[1], row[2], row[3]);
      for (const MiscibilityGap& gap : found.gaps)
        ties.row(kind, found.T, gap.x_alpha, gap.x_beta, gap.one_minus_x_beta, gap.mu, gap.omega, gap.residual);
    }
  boundaries.close();
  ties.close();
}

void write_asymptotes(const Diagram& diagram, const fs::path& folder) {
  const System& system = diagram.alloy.system;
  Table table(folder / "asymptotes.csv", system.name,
              fmt::format("kind,T_K,solubility_{0}_side,spinodal_{0}_side,spinodal_{1}_side,solubility_{1}_side",
                          system.host, system.solute));
  for (const DiagramKind& kind : diagram.alloy.kinds)
    for (const double T : diagram.temperatures) {
      DiluteLimits limits = dilute_limits(diagram.alloy.G(kind, T));
      // Beside a coherent phase the other is not pure.
      if (kind.elastic != 0) limits.solubility_in_host = limits.solubility_in_solute = std::nan("");
      table.row(kind.name, T, limits.solubility_in_host, limits.spinodal_host_side, limits.spinodal_solute_side,
                limits.solubility_in_solute);
    }
  table.close();
}

void write_directions(const Diagram& diagram, const DiagramKind& kind, const fs::path& folder) {
  const System& system = diagram.alloy.system;
  Table table(folder / "spinodal_directions.csv", system.name,
              fmt::format("direction,T_K,x_spinodal_{}_side,x_spinodal_{}_side", system.host, system.solute));
  for (const auto& [direction, elastic] : kind.directions)
    for (const double T : diagram.temperatures) {
      const std::vector<Interval> spinodals = spinodal_intervals(system.chemical(T).plus(elastic));
      for (const Interval& interval : spinodals) table.row(direction, T, interval.lower, interval.upper);
      if (spinodals.empty()) table.row(direction, T, std::nan(""), std::nan(""));
    }
  table.close();
}

void write_energy_curves(const Diagram& diagram, const fs::path& folder) {
  const Alloy& alloy = diagram.alloy;
  Table table(folder / "energy_curves.csv", alloy.system.name,
              "kind,T_K,x,G_J_per_mol,tangent_J_per_mol,formation_0K_J_per_mol");
  const std::vector<double> x_axis = composition_axis();
  for (std::size_t k = 0; k < alloy.kinds.size(); ++k) {
    const FreeEnergy G = alloy.G(alloy.kinds[k], diagram.chosen_T), cold = alloy.G(alloy.kinds[k], 0);
    for (const double x : x_axis) {
      double tangent = std::nan("");
      for (const MiscibilityGap& gap : diagram.at_chosen[k].gaps)
        if (gap.x_alpha <= x && x <= gap.x_beta) tangent = gap.omega + gap.mu * x;
      table.row(alloy.kinds[k].name, diagram.chosen_T, x, G.G(x), tangent, cold.G(x));
    }
  }
  table.close();
}

void write_bands(const Diagram& diagram, const fs::path& folder, const std::array<std::string, 4>& names) {
  Table table(folder / "bands.csv", diagram.alloy.system.name, "kind,T_K,boundary,q025,q16,median,q84,q975,share");
  const DiagramBands& bands = *diagram.bands;
  for (std::size_t k = 0; k < bands.boundaries.size(); ++k)
    for (std::size_t t = 0; t < diagram.temperatures.size(); ++t)
      for (std::size_t b = 0; b < 4; ++b) {
        const auto& [q, share] = bands.boundaries[k][t][b];
        table.row(fmt::format("{},{},{}", diagram.alloy.kinds[k].name, diagram.temperatures[t], names[b]), q[0], q[1],
                  q[2], q[3], q[4], share);
      }
  table.close();
}

}  // namespace

void make_diagram_folder(const fs::path& folder, bool overwrite) {
  std::error_code failure;
  if (!overwrite && fs::exists(folder / summary_name, failure))
    throw IoError(fmt::format("{}: holds results already; give --overwrite to replace them", folder.string()));
  fs::create_directories(folder, failure);
  if (failure) throw IoError(fmt::format("{}: cannot be made: {}", folder.string(), failure.message()));
}

void write_diagram(const Diagram& diagram, const fs::path& folder) {
  std::error_code none;
  for (const char* optional : {"spinodal_directions.csv", "bands.csv"}) fs::remove(folder / optional, none);

  const System& system = diagram.alloy.system;
  const std::array names{fmt::format("binodal_{}_side", system.host), fmt::format("spinodal_{}_side", system.host),
                         fmt::format("spinodal_{}_side", system.solute), fmt::format("binodal_{}_side", system.solute)};
  write_boundaries(diagram, folder, names);
  write_asymptotes(diagram, folder);
  write_energy_curves(diagram, folder);
  for (const DiagramKind& kind : diagram.alloy.kinds)
    if (!kind.directions.empty()) write_directions(diagram, kind, folder);
  if (diagram.bands && !diagram.bands->boundaries.empty()) write_bands(diagram, folder, names);
  const fs::path summary_file = folder / summary_name;
  std::ofstream summary(summary_file);
  summary << summary_json(diagram);
  summary.close();
  if (!summary) throw IoError(fmt::format("{}: cannot be written", summary_file.string()));
}

}  // namespace spinode
