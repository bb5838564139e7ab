#include "spinode/config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>

#include "spinode/error.hpp"
#include "spinode/units.hpp"

namespace spinode {
namespace {

namespace fs = std::filesystem;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Layer {
  std::string label;  // the file as the user named it, or "command line"
  fs::path file;      // empty for the command line
  toml::table table;
  bool is_system = false;
};

/// Keys that any table may hold beside its own, to say where a number comes from.
bool is_annotation(std::string_view key) { return key == "source" || key == "confidence" || key == "note"; }

/// A quantity may be written {value = "...", source = "...", confidence = "..."}.
bool is_annotated_value(const toml::node& node) { return node.is_table() && node.as_table()->contains("value"); }

std::string text_of(const toml::node& node) {
  std::ostringstream out;
  node.visit([&](const auto& value) { out << value; });
  return out.str();
}

std::string quoted(const std::string& text) { return text_of(toml::value<std::string>(text)); }

std::string number_text(double value, const std::string& unit) {
  return unit == "1" || unit.empty() ? fmt::format("{}", value) : quoted(fmt::format("{} {}", value, unit));
}

template <class Values, class Format>
std::string list_text(const Values& values, Format format) {
  std::vector<std::string> parts;
  for (const auto& value : values) parts.push_back(format(value));
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

/// Edit distance with transpositions (Damerau 1964).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

std::string nearest(const std::string& name, const std::vector<Declaration>& known) {
  const auto last_part = [](const std::string& text) { return text.substr(text.rfind('.') + 1); };
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, name.size() / 4) + 1;
  for (const Declaration& key : known) {
    std::size_t d = distance(name, key.name);
    // The right word in the wrong table is a near miss too.
    if (last_part(name) == last_part(key.name)) d = std::min<std::size_t>(d, 1);
    if (d < best_distance) {
      best_distance = d;
      best = key.name;
    }
  }
  return best;
}

std::string read_file(const fs::path& file) {
  if (fs::is_directory(file)) throw IoError(fmt::format("{}: is a folder, expected a TOML file", file.string()));
  std::ifstream in(file, std::ios::binary);
  if (!in) throw IoError(fmt::format("{}: cannot be read", file.string()));
  return {std::istreambuf_iterator<char>(in), {}};
}

toml::table parse(const std::string& text, const std::string& label) {
  try {
    return toml::parse(text, label);
  } catch (const toml::parse_error& error) {
    throw ConfigError(fmt::format("{}:{}: not valid TOML: {}", label, error.source().begin.line, error.description()));
  }
}

/// "key=value" with the value as in TOML, or a bare text that needs no quotes on a command line.
toml::table parse_override(const std::string& given) {
  const auto equals = given.find('=');
  if (equals == std::string::npos || equals == 0)
    throw ConfigError(fmt::format("command line: {}: expected key=value", quoted(given)));
  const std::string key = given.substr(0, equals), value = given.substr(equals + 1);
  try {
    return toml::parse(key + " = " + value);
  } catch (const toml::parse_error&) {
  }
  try {
    return toml::parse(fmt::format("{} = '''{}'''", key, value));
  } catch (const toml::parse_error&) {
    throw ConfigError(fmt::format("command line: {}: expected key=value", quoted(given)));
  }
}

const TextKey units_key{.name = "units",
                        .choices = {"SI", "none"},
                        .fallback = "SI",
                        .help = "\"none\" makes every number of the case dimensionless"};
const TextKey system_key{.name = "system",
                         .fallback = "",
                         .help = "file of the material system, relative to the case or to the shipped configs"};

/// Where shipped configs lie: beside an installed command, or in the source tree of a built one.
std::vector<fs::path> data_directories() {
  std::error_code none;
  const fs::path directory = fs::read_symlink("/proc/self/exe", none).parent_path();
  return {directory / "../share/spinode/configs", directory / "../../configs"};
}

}  // namespace

bool Bounds::contains(double value) const {
  return (min_open ? value > min : value >= min) && (max_open ? value < max : value <= max);
}

std::string Bounds::text(const std::string& unit) const {
  const std::string suffix = unit == "1" || unit.empty() ? "" : " " + unit;
  const bool low = std::isfinite(min), high = std::isfinite(max);
  const std::string lower = fmt::format("{} {}{}", min_open ? ">" : ">=", min, suffix);
  const std::string upper = fmt::format("{} {}{}", max_open ? "<" : "<=", max, suffix);
  if (low && high) return lower + " and " + upper;
  return low ? lower : high ? upper : "";
}

struct Config::Impl {
  struct Found {
    const toml::node* node = nullptr;
    const Layer* layer = nullptr;
    explicit operator bool() const { return node != nullptr; }
  };
  struct Fault {
    std::size_t layer;
    std::uint32_t line;
    std::string text;
  };

  fs::path file;
  std::vector<Layer> layers;
  std::vector<Declaration> declarations;
  std::vector<std::pair<std::string, std::string>> resolved;  // key, TOML value
  std::set<std::string> read;
  std::vector<Fault> faults;
  bool describing = false;
  bool dimensionless = false;

  Found find(const std::string& name) const {
    for (const Layer& layer : layers)
      if (const toml::node* node = layer.table.at_path(name).node()) return {node, &layer};
    return {};
  }

  std::string where(const Layer& layer, const toml::node& node) const {
    return layer.file.empty() ? layer.label : fmt::format("{}:{}", layer.label, node.source().begin.line);
  }

  void add_fault(const Layer& layer, const toml::node& node, const std::string& text) {
    const auto index = static_cast<std::size_t>(&layer - layers.data());
    faults.push_back({index, node.source().begin.line, where(layer, node) + ": " + text});
  }

  void fault(const Found& found, const std::string& name, const std::string& allowed) {
    add_fault(*found.layer, *found.node, fmt::format("{} = {}: {}", name, text_of(*found.node), allowed));
  }

  void missing(const std::string& name, const std::string& expected, const std::string& help) {
    if (describing) return;
    faults.push_back(
        {layers.size(), 0, fmt::format("{}: missing key {}: expected {}: {}", file.string(), name, expected, help)});
  }

  void declare(Declaration declaration) {
    const auto same = [&](const Declaration& other) { return other.name == declaration.name; };
    read.insert(declaration.name);
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
  double number(const toml::node& node, const QuantityKey& key) const {
    const std::string unit = unit_of(key);
    double value = nan;
    if (const auto text = node.value_exact<std::string>()) {
      if (dimensionless) throw std::invalid_argument("expected a plain number, since units = \"none\"");
      value = units::parse(*text, unit);
    } else if (node.is_number()) {
      if (unit != "1")
        throw std::invalid_argument(
            fmt::format("expected {} with its unit, such as \"{}\"", units::describe(unit), units::example(unit)));
      value = *node.value<double>();
    } else {
      throw std::invalid_argument("expected " + units::describe(unit));
    }
    if (!key.bounds.contains(value)) {
      const std::string bounds = key.bounds.text(unit);
      throw std::invalid_argument(bounds.empty() ? "must be finite" : "must be " + bounds);
    }
    if (!std::isfinite(value)) throw std::invalid_argument("must be finite");
    return value;
  }

  /// The node of a quantity, through {value = ..., source = ...} when it is written so.
  Found find_quantity(const QuantityKey& key) {
    Found found = find(key.name);
    if (found && is_annotated_value(*found.node)) found.node = found.node->as_table()->get("value");
    return found;
  }

  std::optional<double> quantity(const QuantityKey& key, const std::string& fallback_text) {
    declare({key.name, "quantity", key.unit, key.bounds.text(key.unit), fallback_text, key.help});
    const Found found = find_quantity(key);
    if (!found) return {};
    try {
      const double value = number(*found.node, key);
      resolve(key.name, number_text(value, unit_of(key)));
      return value;
    } catch (const std::invalid_argument& error) {
      fault(found, key.name, error.what());
      return key.fallback.value_or(nan);
    }
  }

  /// Unread keys: unknown ones, and known ones that no chosen model uses. A system file may hold more than a case
  /// needs.
  void check_unread(const Layer& layer, const toml::table& table, const std::string& prefix,
                    const std::vector<Declaration>& known) {
    for (const auto& [key, node] : table) {
      const std::string name = prefix + std::string(key.str());
      if (read.contains(name) || is_annotation(key.str())) continue;
      if (node.is_table() && !is_annotated_value(node)) {
        check_unread(layer, *node.as_table(), name + ".", known);
        continue;
      }
      const bool is_known =
          std::any_of(known.begin(), known.end(), [&](const Declaration& k) { return k.name == name; });
      if (is_known && layer.is_system) continue;
      if (is_known) {
        add_fault(layer, node, fmt::format("key {} is not used by the models chosen here; remove it", name));
      } else {
        const std::string guess = nearest(name, known);
        add_fault(layer, node,
                  fmt::format("unknown key {}{}", name, guess.empty() ? "" : "; did you mean " + guess + "?"));
      }
    }
  }
};

Config::Config(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Config::Config(Config&&) noexcept = default;
Config& Config::operator=(Config&&) noexcept = default;
Config::~Config() = default;

Config Config::load(const fs::path& file, const std::vector<std::string>& overrides) {
  auto impl = std::make_unique<Impl>();
  impl->file = file;
  std::vector<std::string> faults;
  const auto collect = [&](const std::function<void()>& step) {
    try {
      step();
    } catch (const ConfigError& error) {
      faults.insert(faults.end(), error.faults.begin(), error.faults.end());
    }
  };
  // The last override of a key wins, so it is looked at first.
  for (auto given = overrides.rbegin(); given != overrides.rend(); ++given)
    collect([&] { impl->layers.push_back({"command line", {}, parse_override(*given)}); });
  collect([&] { impl->layers.push_back({file.string(), file, parse(read_file(file), file.string())}); });
  if (!faults.empty()) throw ConfigError(faults);

  Config config(std::move(impl));
  config.impl_->dimensionless = config.text(units_key) == "none";
  const std::string system = config.text(system_key);
  if (!system.empty()) {
    fs::path path = config.resolve("system", system);
    for (const fs::path& directory : data_directories())
      if (!fs::exists(path) && fs::exists(directory / system)) path = fs::weakly_canonical(directory / system);
    if (fs::exists(path)) {
      toml::table table = parse(read_file(path), path.string());
      config.impl_->layers.push_back({path.string(), path, std::move(table), true});
    } else {
      config.fault("system", "no such file");
    }
  }
  // The resolved config stands alone: the system's values are in it.
  std::erase_if(config.impl_->resolved, [](const auto& entry) { return entry.first == "system"; });
  return config;
}

Config Config::describe() {
  auto impl = std::make_unique<Impl>();
  impl->describing = true;
  Config config(std::move(impl));
  for (const TextKey& key : {units_key, system_key}) static_cast<void>(config.text(key));
  return config;
}

double Config::quantity(const QuantityKey& key) {
  const std::string unit = impl_->unit_of(key);
  const std::string fallback_text = key.fallback ? number_text(*key.fallback, key.unit) : "required";
  if (const auto value = impl_->quantity(key, fallback_text)) return *value;
  if (key.fallback) {
    impl_->resolve(key.name, number_text(*key.fallback, unit));
    return *key.fallback;
  }
  impl_->missing(key.name, impl_->expected(key), key.help);
  return nan;
}

std::optional<double> Config::optional_quantity(const QuantityKey& key) { return impl_->quantity(key, ""); }

std::optional<double> Config::system_quantity(const QuantityKey& key) const {
  for (const Layer& layer : impl_->layers) {
    if (!layer.is_system) continue;
    const toml::node* node = layer.table.at_path(key.name).node();
    if (node && is_annotated_value(*node)) node = node->as_table()->get("value");
    if (!node) continue;
    try {
      return impl_->number(*node, key);
    } catch (const std::invalid_argument&) {
      // A fault of the system file shows when the key is read for use.
    }
  }
  return {};
}

std::vector<double> Config::quantities(const QuantityKey& key, std::optional<std::vector<double>> fallback,
                                       std::size_t length) {
  const std::string unit = impl_->unit_of(key);
  const auto format = [&](double value) { return number_text(value, unit); };
  impl_->declare({key.name, "list of quantities", key.unit, key.bounds.text(key.unit),
                  fallback ? list_text(*fallback, [&](double v) { return number_text(v, key.unit); }) : "required",
                  key.help});
  const Impl::Found found = impl_->find_quantity(key);
  if (!found) {
    if (fallback) {
      impl_->resolve(key.name, list_text(*fallback, format));
      return *fallback;
    }
    impl_->missing(key.name, "a list, each " + impl_->expected(key), key.help);
    return {};
  }
  const toml::array* array = found.node->as_array();
  if (!array || array->empty()) {
    impl_->fault(found, key.name, fmt::format("expected a list, each {}", impl_->expected(key)));
    return {};
  }
  if (length > 0 && array->size() != length) {
    impl_->fault(found, key.name, fmt::format("expected {} entries", length));
    return {};
  }
  std::vector<double> values;
  for (std::size_t i = 0; i < array->size(); ++i) {
    try {
      values.push_back(impl_->number((*array)[i], key));
    } catch (const std::invalid_argument& error) {
      impl_->fault(found, key.name, fmt::format("entry {}: {}", i + 1, error.what()));
      values.push_back(nan);
    }
  }
  impl_->resolve(key.name, list_text(values, format));
  return values;
}

std::int64_t Config::integer(const IntegerKey& key) {
  impl_->declare({key.name, "integer", "1", key.bounds.text("1"),
                  key.fallback ? std::to_string(*key.fallback) : "required", key.help});
  const Impl::Found found = impl_->find(key.name);
  const std::string bounds = key.bounds.text("1");
  const std::string expected = "an integer" + (bounds.empty() ? "" : " " + bounds);
  if (!found) {
    if (!key.fallback) impl_->missing(key.name, expected, key.help);
    impl_->resolve(key.name, std::to_string(key.fallback.value_or(0)));
    return key.fallback.value_or(0);
  }
  const auto value = found.node->value_exact<std::int64_t>();
  if (!value || !key.bounds.contains(static_cast<double>(*value))) {
    impl_->fault(found, key.name, "expected " + expected);
    return key.fallback.value_or(0);
  }
  impl_->resolve(key.name, std::to_string(*value));
  return *value;
}

std::vector<std::int64_t> Config::integers(const IntegerKey& key) {
  impl_->declare({key.name, "list of integers", "1", key.bounds.text("1"), "required", key.help});
  const Impl::Found found = impl_->find(key.name);
  const std::string expected = "a list of integers, each " + key.bounds.text("1");
  if (!found) {
    impl_->missing(key.name, expected, key.help);
    return {};
  }
  const toml::array* array = found.node->as_array();
  std::vector<std::int64_t> values;
  if (array)
    for (const toml::node& entry : *array)
      if (const auto value = entry.value_exact<std::int64_t>();
          value && key.bounds.contains(static_cast<double>(*value)))
        values.push_back(*value);
  if (!array || array->empty() || values.size() != array->size()) {
    impl_->fault(found, key.name, "expected " + expected);
    return {};
  }
  impl_->resolve(key.name, list_text(values, [](std::int64_t v) { return std::to_string(v); }));
  return values;
}

namespace {

std::string choice_text(const std::vector<std::string>& choices) {
  std::vector<std::string> parts;
  for (const std::string& choice : choices) parts.push_back(quoted(choice));
  return fmt::format("{}", fmt::join(parts, ", "));
}

bool is_choice(const std::vector<std::string>& choices, const std::string& value) {
  return choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end();
}

}  // namespace

std::string Config::text(const TextKey& key) {
  impl_->declare(
      {key.name, "text", "", choice_text(key.choices), key.fallback ? quoted(*key.fallback) : "required", key.help});
  const std::string expected = key.choices.empty() ? "a text" : "one of " + choice_text(key.choices);
  const std::string substitute = key.fallback ? *key.fallback : key.choices.empty() ? "" : key.choices.front();
  const Impl::Found found = impl_->find(key.name);
  if (!found) {
    if (!key.fallback) impl_->missing(key.name, expected, key.help);
    impl_->resolve(key.name, quoted(substitute));
    return substitute;
  }
  const auto value = found.node->value_exact<std::string>();
  if (!value || !is_choice(key.choices, *value)) {
    impl_->fault(found, key.name, "expected " + expected);
    return substitute;
  }
  impl_->resolve(key.name, quoted(*value));
  return *value;
}

std::vector<std::string> Config::texts(const TextKey& key, std::optional<std::vector<std::string>> fallback) {
  impl_->declare({key.name, "list of texts", "", choice_text(key.choices),
                  fallback ? list_text(*fallback, quoted) : "required", key.help});
  const std::string expected =
      "a list of texts" + (key.choices.empty() ? "" : ", each one of " + choice_text(key.choices));
  const Impl::Found found = impl_->find(key.name);
  if (!found) {
    if (!fallback) impl_->missing(key.name, expected, key.help);
    const std::vector<std::string> values = fallback.value_or(std::vector<std::string>{});
    impl_->resolve(key.name, list_text(values, quoted));
    return values;
  }
  std::vector<std::string> values;
  const toml::array* array = found.node->as_array();
  if (array)
    for (const toml::node& entry : *array)
      if (const auto value = entry.value_exact<std::string>(); value && is_choice(key.choices, *value))
        values.push_back(*value);
  if (!array || values.size() != array->size()) {
    impl_->fault(found, key.name, "expected " + expected);
    return fallback.value_or(std::vector<std::string>{});
  }
  impl_->resolve(key.name, list_text(values, quoted));
  return values;
}

bool Config::has(const std::string& name) const { return static_cast<bool>(impl_->find(name)); }
std::string Config::choose(const std::vector<std::string>& alternatives) {
  impl_->read.insert(alternatives.begin(), alternatives.end());
  for (const Layer& layer : impl_->layers) {
    std::string chosen;
    for (const std::string& name : alternatives) {
      const toml::node* const node = layer.table.at_path(name).node();
      if (!node) continue;
      if (chosen.empty())
        chosen = name;
      else
        impl_->add_fault(
            layer, *node,
            fmt::format("{} = {}: {} is given already; give one of the two", name, text_of(*node), chosen));
    }
    if (!chosen.empty()) return chosen;
  }
  return "";
}
bool Config::describing() const { return impl_->describing; }
bool Config::dimensionless() const { return impl_->dimensionless; }

void Config::fault(const std::string& name, const std::string& allowed) {
  if (const Impl::Found found = impl_->find(name))
    impl_->fault(found, name, allowed);
  else if (!impl_->describing)
    impl_->faults.push_back({impl_->layers.size(), 0, fmt::format("{}: {}: {}", impl_->file.string(), name, allowed)});
}

void Config::finish(const std::vector<Declaration>& known) {
  for (const Layer& layer : impl_->layers) impl_->check_unread(layer, layer.table, "", known);
  if (impl_->faults.empty()) return;
  std::stable_sort(impl_->faults.begin(), impl_->faults.end(), [](const auto& a, const auto& b) {
    return std::pair(a.layer, a.line) < std::pair(b.layer, b.line);
  });
  std::vector<std::string> lines;
  for (const Impl::Fault& fault : impl_->faults) lines.push_back(fault.text);
  throw ConfigError(lines);
}

const std::vector<Declaration>& Config::declarations() const { return impl_->declarations; }
const fs::path& Config::path() const { return impl_->file; }

fs::path Config::resolve(const std::string& name, const std::string& file) const {
  const Impl::Found found = impl_->find(name);
  return found && !found.layer->file.empty() ? found.layer->file.parent_path() / file : fs::path(file);
}

std::string Config::resolved() const {
  // Keys without a table come first, as TOML demands of a file that mixes both; dotted keys keep one line per value.
  std::string text;
  for (const auto& [name, value] : impl_->resolved) text += fmt::format("{} = {}\n", name, value);
  return text;
}

}  // namespace spinode
