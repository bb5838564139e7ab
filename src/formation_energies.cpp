#include "spinode/formation_energies.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>

#include "config_layers.hpp"
#include "spinode/config.hpp"
#include "spinode/error.hpp"
#include "spinode/units.hpp"

namespace spinode {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_lines = 1'000'000, longest_line = 1000, most_faults = 20;
constexpr double least_error = 1e-12, least_fraction = 1e-9;

constexpr const char* headers =
    "n_host,n_solute,energy_eV[,error_eV] or x,formation_energy_UNIT[,error_UNIT] with UNIT J_per_mol, kJ_per_mol, "
    "eV_per_atom or meV_per_atom";

struct Column {
  std::string name;
  Bounds bounds;
  bool whole = false;
};

struct Layout {
  std::vector<Column> columns;
  double unit = constants::F;  // of energy and error [J/mol]: 1 eV per atom is F/(1 C) times 1 J/mol
  bool cells = false;          // total energies of cells

  bool has_errors() const { return columns.back().name.starts_with("error_"); }
  std::string header() const {
    std::vector<std::string> names;
    for (const Column& column : columns) names.push_back(column.name);
    return fmt::format("{}", fmt::join(names, ","));
  }
};

std::vector<Layout> layouts() {
  constexpr Bounds atoms{.min = 0, .max = 1e9}, energy{.min = -1e12, .max = 1e12}, error{.min = 0, .max = 1e12};
  std::vector<Layout> all{
      {.columns = {{"n_host", atoms, true}, {"n_solute", atoms, true}, {"energy_eV", energy}}, .cells = true}};
  const std::array<std::pair<const char*, double>, 4> units{
      {{"J_per_mol", 1}, {"kJ_per_mol", 1e3}, {"eV_per_atom", constants::F}, {"meV_per_atom", 1e-3 * constants::F}}};
  for (const auto& [name, unit] : units)
    all.push_back({.columns = {{"x", fraction}, {fmt::format("formation_energy_{}", name), energy}}, .unit = unit});
  for (std::size_t i = 0, count = all.size(); i < count; ++i) {
    Layout with_errors = all[i];
    const std::string& quantity = all[i].columns.back().name;
    with_errors.columns.push_back({"error_" + quantity.substr(quantity.find("energy_") + 7), error});
    all.push_back(with_errors);
  }
  return all;
}

std::string_view trimmed(std::string_view text) {
  constexpr const char* space = " \t\r";
  const auto first = text.find_first_not_of(space);
  return first == text.npos ? "" : text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> cells;
  for (std::size_t comma; (comma = line.find(',')) != line.npos; line.remove_prefix(comma + 1))
    cells.push_back(trimmed(line.substr(0, comma)));
  cells.push_back(trimmed(line));
  return cells;
}

/// NaN when the text is no finite number.
double number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool good = fault == std::errc() && end == text.data() + text.size() && std::isfinite(value);
  return good ? value : std::nan("");
}

class Reader {
 public:
  explicit Reader(const fs::path& file) : file_(file.string()) {}

  FormationEnergies read() {
    std::error_code none;
    if (!fs::exists(file_, none)) throw IoError(fmt::format("{}: no such file", file_));
    if (fs::is_directory(file_, none)) throw IoError(fmt::format("{}: is a folder, expected a CSV file", file_));
    std::ifstream in(file_, std::ios::binary);
    if (!in) throw IoError(fmt::format("{}: cannot be read", file_));
    for_each_line(in, [&](std::string_view line) {
      if (layout_.columns.empty())
        read_header(line);
      else
        read_row(line);
    });
    if (layout_.columns.empty()) throw ConfigError(fmt::format("{}: no header: expected {}", file_, headers));
    result_.has_errors = layout_.has_errors();
    if (layout_.cells && fault_count_ == 0) measure_from_pure_cells();
    if (result_.rows.empty() && fault_count_ == 0)
      fault(fmt::format("{}: no energies: expected at least one with 0 < x < 1", file_));
    if (fault_count_ > most_faults) faults_.push_back(fmt::format("{}: {} more", file_, fault_count_ - most_faults));
    if (!faults_.empty()) throw ConfigError(faults_);
    return std::move(result_);
  }

 private:
  void for_each_line(std::istream& in, const std::function<void(std::string_view)>& body) {
    std::array<char, longest_line + 1> buffer;
    while (in.getline(buffer.data(), buffer.size()) || in.gcount() > 0) {
      if (++line_ > most_lines) throw ConfigError(fmt::format("{}: must be at most {} lines long", file_, most_lines));
      if (in.fail())
        throw ConfigError(fmt::format("{}:{}: must be at most {} characters long", file_, line_, longest_line));
      std::string_view line(buffer.data(), static_cast<std::size_t>(in.gcount()) - (in.eof() ? 0 : 1));
      if (line_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);  // the mark of UTF-8
      line = trimmed(line);
      if (!line.empty() && line.front() != '#') body(line);
    }
    if (in.bad()) throw IoError(fmt::format("{}: cannot be read", file_));
  }

  void read_header(std::string_view line) {
    const std::string given = fmt::format("{}", fmt::join(split(line), ","));
    for (const Layout& layout : layouts())
      if (layout.header() == given) layout_ = layout;
    if (layout_.columns.empty())
      throw ConfigError(fmt::format("{}:{}: header = {}: expected {}", file_, line_, in_quotes(given), headers));
  }

  void read_row(std::string_view line) {
    const std::vector<std::string_view> cells = split(line);
    if (cells.size() != layout_.columns.size())
      return fault(fmt::format("{}:{}: {} cells: expected {}, {}", file_, line_, cells.size(), layout_.columns.size(),
                               layout_.header()));
    std::array<double, 4> values{};
    bool good = true;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const Column& column = layout_.columns[i];
      values[i] = number(cells[i]);
      std::string allowed;
      if (std::isnan(values[i]) || (column.whole && values[i] != std::floor(values[i])))
        allowed = column.whole ? "expected a whole number" : "expected a number";
      else if (!column.bounds.contains(values[i]))
        allowed = "must be " + column.bounds.text("1");
      if (allowed.empty()) continue;
      cell_fault(i, cells[i], allowed);
      good = false;
    }
    if (!good) return;
    if (layout_.cells)
      add_cell(cells, values);
    else
      add_formation_energy(cells, values);
  }

  void add_cell(const std::vector<std::string_view>& given, const std::array<double, 4>& values) {
    const auto& [host, solute, energy, error] = values;
    const double atoms = host + solute;
    if (atoms == 0) return cell_fault(1, given[1], "n_host + n_solute must be at least 1");
    if (!error_is_good(3, given, error)) return;
    const FormationEnergy row{solute / atoms, energy / atoms * layout_.unit, error / atoms * layout_.unit};
    if (host > 0 && solute > 0) return result_.rows.push_back(row);
    PureCell& pure = pure_[host > 0 ? 0 : 1];
    const bool better = atoms > pure.atoms || (atoms == pure.atoms && row.G < pure.G);
    if (better) pure = {.line = line_, .cells = pure.cells, .atoms = atoms, .G = row.G, .error = row.error};
    ++pure.cells;
  }

  void add_formation_energy(const std::vector<std::string_view>& given, const std::array<double, 4>& values) {
    const auto [x, G, error, none] = values;
    if (x == 0 || x == 1) {
      if (G != 0) cell_fault(1, given[1], fmt::format("must be 0 at x = {}: it is measured from the pure metals", x));
      return;
    }
    if (x < least_fraction || x > 1 - least_fraction)
      return cell_fault(0, given[0], fmt::format("must be 0, 1 or at least {} away from them", least_fraction));
    if (error_is_good(2, given, error)) result_.rows.push_back({x, G * layout_.unit, error * layout_.unit});
  }

  bool error_is_good(std::size_t column, const std::vector<std::string_view>& given, double error) {
    if (!layout_.has_errors() || error >= least_error) return true;
    cell_fault(column, given[column], fmt::format("must be > 0, at least {}", least_error));
    return false;
  }

  void measure_from_pure_cells() {
    for (int i = 0; i < 2; ++i)
      if (pure_[i].cells == 0)
        fault(fmt::format("{}: no cell of pure {}: expected a row with {} = 0", file_, i == 0 ? "host" : "solute",
                          i == 0 ? "n_solute" : "n_host"));
    for (FormationEnergy& row : result_.rows) row.G -= (1 - row.x) * pure_[0].G + row.x * pure_[1].G;
    result_.pure = {pure_.begin(), pure_.end()};
  }

  void cell_fault(std::size_t column, std::string_view given, std::string_view allowed) {
    fault(fmt::format("{}:{}: {} = {}: {}", file_, line_, layout_.columns[column].name, in_quotes(given), allowed));
  }

  void fault(const std::string& text) {
    if (++fault_count_ <= most_faults) faults_.push_back(text);
  }

  std::string file_;
  std::size_t line_ = 0;
  Layout layout_;
  std::array<PureCell, 2> pure_;  // host, solute
  FormationEnergies result_;
  std::vector<std::string> faults_;
  std::size_t fault_count_ = 0;
};

}  // namespace

FormationEnergies FormationEnergies::read(const fs::path& file) { return Reader(file).read(); }

}  // namespace spinode
