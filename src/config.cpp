#include "spinode/config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>

#include "config_impl.hpp"
#include "spinode/error.hpp"

namespace spinode {
namespace {

namespace fs = std::filesystem;

template <class Values, class Format>
std::string list_text(const Values& values, Format format) {
  std::vector<std::string> parts;
  for (const auto& value : values) parts.push_back(format(value));
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

std::string choice_text(const std::vector<std::string>& choices) {
  std::vector<std::string> parts;
  for (const std::string& choice : choices) parts.push_back(in_quotes(choice));
  return fmt::format("{}", fmt::join(parts, ", "));
}

bool is_choice(const std::vector<std::string>& choices, const std::string& value) {
  return choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end();
}

const TextKey units_key{.name = "units",
                        .choices = {"SI", "none"},
                        .fallback = "SI",
                        .help = "\"none\" makes every number of the case dimensionless"};
const TextKey system_key{.name = "system",
                         .fallback = "",
                         .help = "file of the material system, relative to the case or to the shipped configs"};

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

Config::Config(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Config::Config(const Config& other) : impl_(std::make_unique<Impl>(*other.impl_)) {}
Config::Config(Config&&) noexcept = default;
Config& Config::operator=(Config&&) noexcept = default;
Config::~Config() = default;

Config Config::load(const fs::path& file, const std::vector<std::string>& overrides) {
  std::vector<Layer> above;
  LayerFiles files;
  std::vector<std::string> faults;
  const auto collect = [&](const std::function<void()>& read_one) {
    try {
      read_one();
    } catch (const ConfigError& error) {
      faults.insert(faults.end(), error.faults.begin(), error.faults.end());
    }
  };
  for (const std::string& given : overrides) collect([&] { above.push_back(read_override(given)); });
  collect([&] { files.read(file); });
  if (!faults.empty()) throw ConfigError(faults);
  return load(file, above, files);
}

Config Config::load(const fs::path& file, const std::vector<Layer>& above, LayerFiles& files) {
  auto impl = std::make_unique<Impl>();
  impl->file = file;
  // The last one that holds a key wins, so it is looked at first.
  for (std::size_t i = above.size(); i-- > 0;) {
    impl->layers.push_back(above[i]);
    impl->layers.back().order = i;
  }
  impl->layers.push_back(files.read(file));
  impl->layers.back().order = above.size();

  Config config(std::move(impl));
  config.impl_->dimensionless = config.text(units_key) == "none";
  // How every other value is read depends on this one.
  if (!config.impl_->faults.empty()) throw ConfigError(config.impl_->faults.front().text);
  const std::string system = config.text(system_key);
  if (!system.empty()) config.add_system(system, files);
  // The resolved config stands alone: the system's values are in it.
  config.impl_->left_out.insert(system_key.name);
  config.complete_lists();
  return config;
}

/// Layers that replace one entry of a list get the rest of it from those beneath.
void Config::complete_lists() {
  std::vector<Layer>& layers = impl_->layers;
  for (std::size_t i = layers.size(); i-- > 0;) {
    Layer& layer = layers[i];
    if (layer.entry.empty()) continue;
    const std::string entry = layer.entry, name = entry.substr(0, entry.find('['));
    const toml::node* list = nullptr;
    for (std::size_t below = i + 1; below < layers.size() && !list; ++below) list = layers[below].find(name);
    try {
      layer = with_whole_list(layer, list);
    } catch (const std::invalid_argument& error) {
      const toml::node& value = *layer.table->get("value");
      impl_->add_fault(layer, value, fmt::format("{} = {}: {}", entry, text_of(value), error.what()));
      layer.table = std::make_shared<toml::table>();
      layer.entry.clear();
    }
  }
}

Config Config::sample(std::uint64_t seed, std::uint64_t index) const {
  Config drawn = *this;
  drawn.impl_->draw = {seed, index};
  return drawn;
}

void Config::add_system(const std::string& system, LayerFiles& files) {
  const fs::path path = or_shipped(resolve(system_key.name, system), system);
  if (std::error_code none; fs::is_regular_file(path, none)) {
    Layer layer = files.read(path);
    layer.is_system = true;
    layer.order = impl_->layers.size();
    impl_->layers.push_back(std::move(layer));
  } else {
    fault(system_key.name, "no such file beside the case or among the shipped configs");
    impl_->undecided.insert("");
  }
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
  return not_a_number;
}

std::optional<double> Config::optional_quantity(const QuantityKey& key) { return impl_->quantity(key, ""); }

std::optional<double> Config::system_quantity(const QuantityKey& key) const {
  for (const Layer& layer : impl_->layers)
    if (const toml::node* node = layer.is_system ? layer.find(key.name) : nullptr) try {
        return impl_->number(*node, key);
      } catch (const std::invalid_argument&) {
        // A fault of the system file shows when the key is read for use.
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
  impl_->quantities.insert(key.name);
  const Impl::Found found = impl_->find(key.name);
  if (!found) {
    if (fallback) {
      impl_->resolve(key.name, list_text(*fallback, format));
      return *fallback;
    }
    impl_->missing(key.name, "a list, each " + impl_->expected(key), key.help);
    return {};
  }
  const toml::array* array = found.node->as_array();
  const bool may_be_empty = fallback && fallback->empty();
  if (!array || (array->empty() && !may_be_empty)) {
    impl_->fault(found, key.name, fmt::format("expected a list, each {}", impl_->expected(key)));
    return {};
  }
  if (length > 0 && array->size() != length) {
    impl_->fault(found, key.name, fmt::format("expected {} {}", length, length == 1 ? "entry" : "entries"));
    return {};
  }
  std::vector<double> values;
  for (std::size_t i = 0; i < array->size(); ++i) {
    try {
      values.push_back(impl_->number((*array)[i], key));
    } catch (const std::invalid_argument& error) {
      impl_->entry_fault(found, i, key.name, error.what());
      values.push_back(not_a_number);
    }
  }
  impl_->take_uncertainty(found, key, values);
  impl_->resolve(key.name, list_text(values, format));
  return values;
}

Programme Config::programme(const QuantityKey& key) {
  impl_->declare({key.name, "quantity, or list of [time, quantity]", key.unit, key.bounds.text(key.unit),
                  key.fallback ? number_text(*key.fallback, key.unit) : "required", key.help});
  const Impl::Found found = impl_->find(key.name);
  const toml::array* const list = found ? found.node->as_array() : nullptr;
  if (!list) return Programme(quantity(key));
  const QuantityKey time_key{.name = key.name, .unit = "s", .bounds = not_negative};
  std::vector<Programme::Point> points;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < list->size(); ++i) try {
      const toml::array* const pair = (*list)[i].as_array();
      if (!pair || pair->size() != 2) throw std::invalid_argument("expected [time, quantity]");
      const Programme::Point point{impl_->number((*pair)[0], time_key), impl_->number((*pair)[1], key)};
      const std::size_t known = points.size();
      if (known > 0 && point.time < points.back().time) throw std::invalid_argument("times must not fall");
      if (known > 1 && point.time == points[known - 2].time)
        throw std::invalid_argument("expected at most two points at one time");
      points.push_back(point);
      texts.push_back(fmt::format("[{}, {}]", number_text(point.time, impl_->unit_of(time_key)),
                                  number_text(point.value, impl_->unit_of(key))));
    } catch (const std::invalid_argument& error) {
      impl_->entry_fault(found, i, key.name, error.what());
    }
  if (list->empty()) impl_->fault(found, key.name, "expected at least one [time, quantity]");
  if (points.empty()) return Programme(not_a_number);
  impl_->resolve(key.name, fmt::format("[{}]", fmt::join(texts, ", ")));
  return Programme(std::move(points));
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
  if (!array || array->empty()) {
    impl_->fault(found, key.name, "expected " + expected);
    return {};
  }
  std::vector<std::int64_t> values;
  for (std::size_t i = 0; i < array->size(); ++i) {
    const auto value = (*array)[i].value_exact<std::int64_t>();
    if (value && key.bounds.contains(static_cast<double>(*value)))
      values.push_back(*value);
    else
      impl_->entry_fault(found, i, key.name, "expected an integer " + key.bounds.text("1"));
  }
  if (values.size() != array->size()) return {};
  impl_->resolve(key.name, list_text(values, [](std::int64_t v) { return std::to_string(v); }));
  return values;
}

std::string Config::text(const TextKey& key) {
  impl_->declare(
      {key.name, "text", "", choice_text(key.choices), key.fallback ? in_quotes(*key.fallback) : "required", key.help});
  const std::string expected = key.choices.empty() ? "a text" : "one of " + choice_text(key.choices);
  const std::string substitute = key.fallback ? *key.fallback : key.choices.empty() ? "" : key.choices.front();
  const Impl::Found found = impl_->find(key.name);
  if (!found) {
    if (!key.fallback) {
      impl_->missing(key.name, expected, key.help);
      impl_->decide_nothing(key.name);
    }
    impl_->resolve(key.name, in_quotes(substitute));
    return substitute;
  }
  const auto value = found.node->value_exact<std::string>();
  if (!value || !is_choice(key.choices, *value)) {
    impl_->fault(found, key.name, "expected " + expected);
    impl_->decide_nothing(key.name);
    return substitute;
  }
  impl_->resolve(key.name, in_quotes(*value));
  return *value;
}

std::vector<std::string> Config::texts(const TextKey& key, std::optional<std::vector<std::string>> fallback,
                                       bool may_be_empty) {
  impl_->declare({key.name, "list of texts", "", choice_text(key.choices),
                  fallback ? list_text(*fallback, in_quotes) : "required", key.help});
  const std::string expected =
      "a list of texts" + (key.choices.empty() ? "" : ", each one of " + choice_text(key.choices));
  const Impl::Found found = impl_->find(key.name);
  if (!found) {
    if (!fallback) impl_->missing(key.name, expected, key.help);
    const std::vector<std::string> values = fallback.value_or(std::vector<std::string>{});
    impl_->resolve(key.name, list_text(values, in_quotes));
    return values;
  }
  const std::vector<std::string> substitute = fallback.value_or(std::vector<std::string>{});
  const toml::array* array = found.node->as_array();
  if (!array || (array->empty() && !substitute.empty() && !may_be_empty)) {
    impl_->fault(found, key.name, "expected " + expected);
    return substitute;
  }
  std::vector<std::string> values;
  for (std::size_t i = 0; i < array->size(); ++i) {
    const auto value = (*array)[i].value_exact<std::string>();
    if (value && is_choice(key.choices, *value))
      values.push_back(*value);
    else
      impl_->entry_fault(found, i, key.name,
                         key.choices.empty() ? "expected a text" : "expected one of " + choice_text(key.choices));
  }
  if (values.size() != array->size()) return substitute;
  impl_->resolve(key.name, list_text(values, in_quotes));
  return values;
}

std::string Config::entry(const std::string& name, std::size_t i) { return fmt::format("{}[{}]", name, i); }

std::size_t Config::tables(const std::string& name, const std::string& help) {
  impl_->declare({name, "list of tables", "", "", "", help});
  if (impl_->describing) return 1;
  const Impl::Found found = impl_->find(name);
  if (!found) return 0;
  const toml::array* const list = found.node->as_array();
  const bool tables = list && std::all_of(list->begin(), list->end(), [](const auto& node) { return node.is_table(); });
  if (!tables || list->empty()) {
    impl_->fault(found, name, "expected a list of tables, [{ ... }, ...]");
    impl_->undecided.insert(table_of(name));
    return 0;
  }
  constexpr std::size_t most = 10000;
  if (list->size() > most) {
    impl_->fault(found, name, fmt::format("expected at most {} tables", most));
    return 0;
  }
  return list->size();
}

bool Config::has(const std::string& name) const { return static_cast<bool>(impl_->find(name)); }

std::string Config::choose(const std::vector<std::string>& alternatives) {
  impl_->read.insert(alternatives.begin(), alternatives.end());
  for (const Layer& layer : impl_->layers) {
    std::string chosen;
    for (const std::string& name : alternatives) {
      const toml::node* const node = layer.find(name);
      if (!node) continue;
      if (chosen.empty())
        chosen = name;
      else
        impl_->add_fault(
            layer, *node,
            fmt::format("{} = {}: {} is given already; give one of the two", name, text_of(*node), chosen));
    }
    if (chosen.empty()) continue;
    for (const std::string& name : alternatives)
      if (name != chosen) impl_->left_out.insert(name);
    return chosen;
  }
  return "";
}

bool Config::describing() const { return impl_->describing; }
bool Config::dimensionless() const { return impl_->dimensionless; }

std::string Config::cite(const std::string& name) const {
  const Impl::Found found = impl_->find(name);
  return found ? fmt::format("{}: {} = {}", found.layer->where(*found.node), name, text_of(*found.node))
               : fmt::format("{}: {}", impl_->file.string(), name);
}

void Config::fault(const std::string& name, const std::string& allowed) {
  if (const Impl::Found found = impl_->find(name)) {
    impl_->fault(found, name, allowed);
    return;
  }
  for (const auto& [key, value] : impl_->resolved)
    if (key == name) return impl_->add_closing_fault(fmt::format("{} = {} (its default): {}", name, value, allowed));
  if (!impl_->is_undecided(name)) impl_->add_closing_fault(fmt::format("missing key {}: {}", name, allowed));
}

void Config::finish(const std::vector<Declaration>& known, bool all_needed) {
  std::vector<std::string> keys, tables;
  for (const Declaration& declaration : known) {
    keys.push_back(declaration.name);
    if (const std::string table = table_of(declaration.name); !table.empty()) tables.push_back(table);
  }
  for (const Layer& layer : impl_->layers) impl_->check_unread(layer, *layer.table, "", keys, tables, all_needed);
  if (impl_->faults.empty()) return;
  std::stable_sort(impl_->faults.begin(), impl_->faults.end(),
                   [](const auto& a, const auto& b) { return a.place < b.place; });
  const std::size_t told = std::min(impl_->faults.size(), Impl::most_faults);
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < told; ++i) lines.push_back(impl_->faults[i].text);
  if (told < impl_->faults.size())
    lines.push_back(fmt::format("{}: {} more", impl_->file.string(), impl_->faults.size() - told));
  throw ConfigError(lines);
}

const std::vector<Uncertainty>& Config::uncertainties() const { return impl_->uncertainties; }
const std::vector<Declaration>& Config::declarations() const { return impl_->declarations; }
const fs::path& Config::path() const { return impl_->file; }

fs::path Config::resolve(const std::string& name, const std::string& file) {
  const Impl::Found found = impl_->find(name);
  const fs::path path = found && !found.layer->file.empty() ? found.layer->file.parent_path() / file : fs::path(file);
  if (file.empty()) return {};
  // The resolved config may be run from anywhere.
  for (auto& [key, value] : impl_->resolved)
    if (key == name) value = in_quotes(fs::absolute(path).lexically_normal().string());
  return path;
}

std::string Config::resolved() const {
  // Dotted keys keep one line per value, and need no order.
  std::string text;
  std::string list;  // whose tables are being written
  std::size_t entry = 0;
  const auto close = [&] {
    if (!list.empty()) text += " }]\n";
    list.clear();
  };
  for (const auto& [name, value] : impl_->resolved) {
    if (impl_->left_out.contains(name)) continue;
    const std::size_t open = name.find('['), shut = name.find(']');
    if (open == std::string::npos) {
      close();
      text += fmt::format("{} = {}\n", name, value);
      continue;
    }
    const std::size_t i = std::stoul(name.substr(open + 1));
    if (name.substr(0, open) != list) {
      close();
      list = name.substr(0, open);
      text += fmt::format("{} = [{{ ", list);
    } else {
      text += i != entry ? " }, { " : ", ";
    }
    entry = i;
    text += fmt::format("{} = {}", name.substr(shut + 2), value);
  }
  close();
  return text;
}

}  // namespace spinode
