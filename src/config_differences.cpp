#include "spinode/config_differences.hpp"

#include <fmt/format.h>

#include <map>
#include <sstream>

#include "config_layers.hpp"
#include "spinode/error.hpp"

namespace spinode {
namespace {

struct Value {
  std::string whole, short_text;
};

/// The values of a table by their dotted keys.
void collect(const toml::table& table, const std::string& prefix, std::map<std::string, Value>& values) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const toml::table* const inner = node.as_table()) {
      collect(*inner, name + ".", values);
      continue;
    }
    std::ostringstream whole;
    node.visit([&](const auto& value) { whole << value; });
    values[name] = {whole.str(), text_of(node)};
  }
}

std::map<std::string, Value> values_of(const std::string& resolved) {
  std::map<std::string, Value> values;
  try {
    collect(toml::parse(resolved), "", values);
  } catch (const toml::parse_error& error) {
    throw ConfigError(fmt::format("a resolved config is not valid TOML: {}", error.description()));
  }
  return values;
}

}  // namespace

std::vector<ConfigDifference> config_differences(const std::string& before, const std::string& now) {
  std::map<std::string, std::pair<Value, Value>> both;
  for (const auto& [key, value] : values_of(before)) both[key].first = value;
  for (const auto& [key, value] : values_of(now)) both[key].second = value;
  std::vector<ConfigDifference> differences;
  for (const auto& [key, pair] : both)
    if (pair.first.whole != pair.second.whole)
      differences.push_back({key, pair.first.short_text, pair.second.short_text});
  return differences;
}

}  // namespace spinode
