#include "config_impl.hpp"

#include <cmath>
#include <stdexcept>

#include "nearest.hpp"

namespace spinode {

double Config::Impl::number(const toml::node& node, const QuantityKey& key,
                            double (&parse)(const std::string&, const std::string&)) const {
  const std::string unit = unit_of(key);
  double value = not_a_number;
  if (const auto text = node.value_exact<std::string>()) {
    if (dimensionless) throw std::invalid_argument("expected a plain number, since units = \"none\"");
    value = parse(*text, unit);
  } else if (node.is_number()) {
    if (unit != "1")
      throw std::invalid_argument(
          fmt::format("expected {} with its unit, such as \"{}\"", units::describe(unit), units::example(unit)));
    value = *node.value<double>();
  } else {
    throw std::invalid_argument("expected " + units::describe(unit));
  }
  if (!std::isfinite(value)) throw std::invalid_argument("must be finite");
  if (!key.bounds.contains(value)) throw std::invalid_argument("must be " + key.bounds.text(unit));
  return value;
}

std::optional<double> Config::Impl::quantity(const QuantityKey& key, const std::string& fallback_text) {
  declare({key.name, "quantity", key.unit, key.bounds.text(key.unit), fallback_text, key.help});
  quantities.insert(key.name);
  const Found found = find(key.name);
  if (!found) return {};
  try {
    std::vector<double> value{number(*found.node, key)};
    take_uncertainty(found, key, value);
    resolve(key.name, number_text(value[0], unit_of(key)));
    return value[0];
  } catch (const std::invalid_argument& error) {
    fault(found, key.name, error.what());
    return not_a_number;
  }
}

void Config::Impl::check_unread(const Layer& layer, const toml::table& table, const std::string& prefix,
                                const std::vector<std::string>& keys, const std::vector<std::string>& tables,
                                bool all_needed) {
  const auto holds = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const auto unknown = [&](const char* what, const std::string& name, const toml::node& node,
                           const std::vector<std::string>& known) {
    const std::string guess = faults.size() < most_faults ? nearest(name, known) : "";
    add_fault(layer, node,
              fmt::format("unknown {} {}{}", what, name, guess.empty() ? "" : "; did you mean " + guess + "?"));
  };
  for (const auto& [key, node] : table) {
    if (is_annotation(key.str())) continue;
    const bool dotted = key.str().find('.') != std::string_view::npos;
    const std::string name = prefix + (dotted ? in_quotes(key.str()) : std::string(key.str()));
    if (read.contains(name)) {
      // A list that a layer above replaces is not looked into.
      if (const toml::array* const list = node.as_array();
          list && holds(tables, name + "[]") && find(name).layer == &layer && !left_out.contains(name))
        for (std::size_t i = 0; i < list->size(); ++i)
          if (const toml::table* const entry = (*list)[i].as_table())
            check_unread(layer, *entry, Config::entry(name, i) + ".", keys, tables, all_needed);
      if (!is_annotated_value(node)) continue;
      std::vector<std::string> allowed{name + ".source", name + ".confidence", name + ".note"};
      if (quantities.contains(name)) allowed.insert(allowed.end(), {name + ".error", name + ".correlation"});
      for (const auto& [inner, inner_node] : *node.as_table())
        if (const std::string full = fmt::format("{}.{}", name, inner.str()); inner != "value" && !holds(allowed, full))
          unknown("key", full, inner_node, allowed);
    } else if (holds(tables, of_any_entry(name))) {
      if (node.is_table())
        check_unread(layer, *node.as_table(), name + ".", keys, tables, all_needed);
      else
        add_fault(layer, node, fmt::format("{} = {}: expected a table, [{}]", name, text_of(node), name));
    } else if (holds(keys, of_any_entry(name))) {
      if (all_needed && !layer.is_system && !is_undecided(name))
        add_fault(layer, node, fmt::format("key {} is not used by the models chosen here; remove it", name));
    } else if (node.is_table()) {
      unknown("table", name, node, tables);
    } else {
      unknown("key", name, node, keys);
    }
  }
}

}  // namespace spinode
