#include "spinode/study/design.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "../config_layers.hpp"
#include "spinode/error.hpp"
#include "spinode/version.hpp"

namespace spinode {

std::string case_number(std::size_t i) { return fmt::format("{:04}", i + 1); }

std::string Parameter::column() const { return unit.empty() ? key : fmt::format("{} [{}]", key, unit); }

std::size_t Design::cases() const {
  std::size_t product = replicas;
  for (std::size_t p = 0; p < parameters.size(); ++p)
    if (p == 0 || parameters[p].axis != parameters[p - 1].axis) product *= parameters[p].values.size();
  return product;
}

std::vector<std::size_t> Design::levels(std::size_t i) const {
  std::vector<std::size_t> levels(parameters.size());
  std::size_t rest = i / replicas;
  for (std::size_t p = parameters.size(), level = 0; p-- > 0;) {
    const bool last_of_axis = p + 1 == parameters.size() || parameters[p + 1].axis != parameters[p].axis;
    if (last_of_axis) {
      level = rest % parameters[p].values.size();
      rest /= parameters[p].values.size();
    }
    levels[p] = level;
  }
  return levels;
}

std::string Design::label(std::size_t i) const {
  const std::vector<std::size_t> level = levels(i);
  std::vector<std::string> parts;
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    const Parameter& parameter = parameters[p];
    parts.push_back(fmt::format("{} = {}{}{}", parameter.key, parameter.values[level[p]],
                                parameter.unit.empty() ? "" : " ", parameter.unit));
  }
  if (replicas > 1) parts.push_back(fmt::format("replica {}", replica(i)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string Design::toml() const {
  std::string text =
      fmt::format("name = {}\ndescription = {}\nspinode_version = {}\ncases = {}\nreplicas = {}\n", in_quotes(name),
                  in_quotes(description), in_quotes(std::string(version())), cases(), replicas);
  for (const Parameter& parameter : parameters) {
    std::vector<std::string> values;
    for (const std::string& value : parameter.values) values.push_back(parameter.numeric ? value : in_quotes(value));
    text += fmt::format("\n[[parameters]]\nname = {}\nunit = {}\naxis = {}\nkind = \"{}\"\nvalues = [{}]\n",
                        in_quotes(parameter.key), in_quotes(parameter.unit), parameter.axis,
                        parameter.sampled ? "sample" : "list", fmt::join(values, ", "));
  }
  return text;
}

Design Design::read(const std::filesystem::path& file) {
  const auto damaged = [&] { return ConfigError(fmt::format("{}: is not what spinode sweep wrote", file.string())); };
  const auto number_text = [](const toml::node& node) {
    if (const auto whole = node.value_exact<std::int64_t>()) return std::to_string(*whole);
    const auto number = node.value_exact<double>();
    return number ? fmt::format("{}", *number) : std::string();
  };
  Design design;
  try {
    const toml::table table = toml::parse_file(file.string());
    design.name = table["name"].value_or("");
    design.description = table["description"].value_or("");
    design.replicas = table["replicas"].value_or(std::size_t{0});
    const toml::array* const list = table["parameters"].as_array();
    for (std::size_t p = 0; list && p < list->size(); ++p) {
      const toml::table* const entry = (*list)[p].as_table();
      const toml::array* const values = entry ? (*entry)["values"].as_array() : nullptr;
      if (!values || values->empty()) throw damaged();
      Parameter parameter{.key = (*entry)["name"].value_or(""),
                          .unit = (*entry)["unit"].value_or(""),
                          .axis = (*entry)["axis"].value_or(std::size_t{0}),
                          .sampled = (*entry)["kind"].value_or("") == std::string("sample"),
                          .numeric = !values->front().is_string(),
                          .values = {}};
      for (const toml::node& value : *values)
        parameter.values.push_back(parameter.numeric ? number_text(value) : value.value_or(""));
      design.parameters.push_back(std::move(parameter));
    }
    if (design.name.empty() || design.replicas == 0 || design.cases() != table["cases"].value_or(std::size_t{0}))
      throw damaged();
  } catch (const toml::parse_error&) {
    if (!std::filesystem::exists(file)) throw IoError(fmt::format("{}: no such file", file.string()));
    throw damaged();
  }
  return design;
}

}  // namespace spinode
