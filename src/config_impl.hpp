// What a Config holds and how it reads: layers of TOML, what was read of them, and every fault.
#pragma once

#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>
#include <limits>
#include <set>
#include <tuple>

#include "config_layers.hpp"
#include "spinode/config.hpp"
#include "spinode/units.hpp"

namespace spinode {

/// What a read returns after a fault, so that it raises no second one.
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// A number as TOML, with its unit.
inline std::string number_text(double value, const std::string& unit) {
  return unit == "1" || unit.empty() ? fmt::format("{}", value) : in_quotes(fmt::format("{} {}", value, unit));
}

/// "time" of "time.end", "" of "threads".
inline std::string table_of(const std::string& name) {
  return name.substr(0, name.find('.') == std::string::npos ? 0 : name.rfind('.'));
}

/// "a[].b" of "a[3].b".
inline std::string of_any_entry(std::string name) {
  const std::size_t open = name.find('['), close = name.find(']');
  return open == std::string::npos ? name : name.erase(open + 1, close - open - 1);
}

struct Config::Impl {
  struct Found {
    const toml::node* node = nullptr;
    const Layer* layer = nullptr;
    explicit operator bool() const { return node != nullptr; }
  };
  struct Fault {
    std::tuple<std::size_t, std::uint32_t, std::uint32_t> place;  // layer, line, column
    std::string text;
  };

  static constexpr std::size_t most_faults = 100;  // that are told

  std::filesystem::path file;
  std::vector<Layer> layers;
  std::vector<Declaration> declarations;
  std::vector<std::pair<std::string, std::string>> resolved;  // key, TOML value
  std::set<std::string> read, left_out;
  std::set<std::string> quantities;  // of the keys read, those that errors may stand beside
  std::set<std::string> undecided;   // tables of which a fault hides what they need; "" for all
  std::vector<Fault> faults;
  bool describing = false;
  bool dimensionless = false;
  std::vector<Uncertainty> uncertainties;
  struct Draw {
    std::uint64_t seed, index;
  };
  std::optional<Draw> draw;

  Found find(const std::string& name) const {
    // The tables of a list are those of the layer that gives the list.
    const std::size_t bracket = name.find('[');
    const std::string list = name.substr(0, bracket);
    for (const Layer& layer : layers) {
      const toml::node* const node = layer.find(name);
      if (node) return {node, &layer};
      if (bracket != std::string::npos && layer.find(list)) return {};
    }
    return {};
  }

  void add_fault(const Layer& layer, const toml::node& node, const std::string& text) {
    const toml::source_position& begin = node.source().begin;
    faults.push_back({{layer.order, begin.line, begin.column}, layer.where(node) + ": " + text});
  }

  void add_closing_fault(const std::string& text) {
    if (!describing) faults.push_back({{layers.size(), 0, 0}, file.string() + ": " + text});
  }

  void fault(const Found& found, const std::string& name, const std::string& allowed) {
    add_fault(*found.layer, *found.node, fmt::format("{} = {}: {}", name, text_of(*found.node), allowed));
  }

  /// A fault of one entry of a list, at the place of that entry.
  void entry_fault(const Found& list, std::size_t index, const std::string& name, const std::string& allowed) {
    const toml::node& entry = (*list.node->as_array())[index];
    add_fault(*list.layer, entry, fmt::format("{}, entry {} = {}: {}", name, index + 1, text_of(entry), allowed));
  }

  /// Whether an earlier fault may be the reason that a key is missing, or that nothing uses it.
  bool is_undecided(const std::string& name) const {
    const std::string table = table_of(name);
    const auto is_no_table = [&](const Layer& layer) {
      const toml::node* const node = table.empty() ? nullptr : layer.table->at_path(table).node();
      return node && !node->is_table();
    };
    return undecided.contains("") || undecided.contains(table) ||
           std::any_of(layers.begin(), layers.end(), is_no_table);
  }

  /// After a fault in the choice of a model.
  void decide_nothing(const std::string& name) {
    if (name.ends_with(".model")) undecided.insert(table_of(name));
  }

  void missing(const std::string& name, const std::string& expected, const std::string& help) {
    if (!is_undecided(name)) add_closing_fault(fmt::format("missing key {}: expected {}: {}", name, expected, help));
  }

  void declare(Declaration declaration) {
    read.insert(declaration.name);
    declaration.name = of_any_entry(declaration.name);
    const auto same = [&](const Declaration& other) { return other.name == declaration.name; };
    if (std::none_of(declarations.begin(), declarations.end(), same)) declarations.push_back(std::move(declaration));
  }

  void resolve(const std::string& name, const std::string& toml_value) {
    const auto same = [&](const auto& entry) { return entry.first == name; };
    if (std::none_of(resolved.begin(), resolved.end(), same)) resolved.emplace_back(name, toml_value);
  }

  std::string unit_of(const QuantityKey& key) const { return dimensionless ? "1" : key.unit; }

  std::string expected(const QuantityKey& key) const {
    const std::string unit = unit_of(key), bounds = key.bounds.text(unit);
    return units::describe(unit) + (bounds.empty() ? "" : " " + bounds);
  }

  /// The value of one entry in the key's unit; throws std::invalid_argument with what is allowed.
  double number(const toml::node& node, const QuantityKey& key,
                double (&parse)(const std::string&, const std::string&) = units::parse) const;
  std::optional<double> quantity(const QuantityKey& key, const std::string& fallback_text);

  /// Notes the errors that stand beside a value, and replaces it where this config is a sample.
  void take_uncertainty(const Found& found, const QuantityKey& key, std::vector<double>& values);
  /// The numbers of `error` or of a row of `correlation`, `count` of them.
  std::vector<double> companions(const Found& found, const toml::node& node, const QuantityKey& key, std::size_t count);
  /// Lower factor of the correlation of errors that are written beside a value; the identity when none is.
  Eigen::MatrixXd correlation_factor(const Found& found, const std::string& name, std::size_t count);

  /// Unread keys: unknown ones, and known ones that no chosen model uses. A system file may hold more than a case
  /// needs.
  void check_unread(const Layer& layer, const toml::table& table, const std::string& prefix,
                    const std::vector<std::string>& keys, const std::vector<std::string>& tables, bool all_needed);
};

}  // namespace spinode
