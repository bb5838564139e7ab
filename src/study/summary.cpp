#include "summary.hpp"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

namespace spinode {
namespace {

using Json = nlohmann::json;

/// A member of an object; null where it is missing.
const Json& member(const Json& object, const std::string& name) {
  static const Json null;
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() ? *found : null;
}

void add(Summary& summary, const std::string& name, const Json& value, const Json& unit = {}) {
  Summary::Value cell{name, unit.is_string() && unit != "1" ? unit.get<std::string>() : "", !value.is_string(), ""};
  if (value.is_string()) {
    cell.text = value.get<std::string>();
    // So JSON has them.
    if (cell.text == "nan" || cell.text == "inf" || cell.text == "-inf") cell = {name, cell.unit, true, ""};
  } else if (value.is_number_float()) {
    if (std::isfinite(value.get<double>())) cell.text = fmt::format("{}", value.get<double>());
  } else if (value.is_number()) {
    cell.text = value.dump();
  } else {
    return;
  }
  summary.values.push_back(std::move(cell));
}

/// The members of an object, as prefix.name.
void add_all(Summary& summary, const std::string& prefix, const Json& object, const Json& units) {
  if (!object.is_object()) return;
  for (const auto& [name, value] : object.items()) add(summary, prefix + name, value, member(units, name));
}

}  // namespace

Summary Summary::read(const std::filesystem::path& file) {
  Summary summary;
  std::ifstream in(file, std::ios::binary);
  const Json json = Json::parse(in, nullptr, false);
  if (json.is_discarded()) {
    summary.failure = fmt::format("{}: cannot be read", file.string());
    return summary;
  }
  if (member(json, "state") == "failed") {
    const Json& failure = member(json, "failure");
    summary.failure = failure.is_string() ? failure.get<std::string>() : "for no reason that its summary tells";
  }
  const Json& units = member(json, "units");
  add_all(summary, "predicted.", member(json, "predicted"), member(units, "predicted"));
  add_all(summary, "final.", member(json, "final"), member(units, "final"));
  if (const Json& measures = member(json, "measures"); measures.is_object())
    for (const auto& [measure, row] : measures.items())
      add_all(summary, measure + ".", row, member(member(units, "measures"), measure));
  Json coarsening = member(json, "coarsening");
  if (coarsening.is_object()) coarsening.erase("K");  // its unit is m^n/s
  add_all(summary, "coarsening.", coarsening, member(units, "coarsening"));
  if (const Json& protocol = member(json, "protocol"); protocol.is_array() && !protocol.empty())
    add(summary, "protocol.ended_by", member(protocol.back(), "ended_by"));
  add(summary, "steps.accepted", member(member(json, "steps"), "accepted"));
  add(summary, "threads_used", member(json, "threads"));
  const Json& wall = member(json, "wall_time_s");
  if (wall.is_object())
    for (const auto& [part, seconds] : wall.items())
      if (seconds.is_number()) summary.wall_time += seconds.get<double>();
  add(summary, "wall_time", summary.wall_time, "s");
  add(summary, "wall_time.steps", member(wall, "steps"), "s");
  add(summary, "version", member(json, "spinode_version"));
  return summary;
}

}  // namespace spinode
