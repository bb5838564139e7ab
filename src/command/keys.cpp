// spinode keys and spinode list: what a case file can say.
#include <fmt/format.h>

#include "command.hpp"
#include "spinode/case.hpp"
#include "spinode/electrode/sink_layer.hpp"

namespace spinode::command {
namespace {

void keys() {
  for (const Declaration& key : all_keys()) {
    std::string facts = key.type;
    if (!key.unit.empty() && key.unit != "1") facts += " in " + key.unit;
    if (!key.allowed.empty()) facts += ", " + key.allowed;
    facts += key.fallback == "required"                       ? ", required"
             : key.fallback.empty() || key.fallback == "\"\"" ? ", optional"
                                                              : ", default " + key.fallback;
    fmt::print("{:<28} {}\n{:<28}   {}\n", key.name, key.help, "", facts);
  }
}

void list() {
  const auto print = [](const char* kind, const auto& entries) {
    fmt::print("{}\n", kind);
    for (const auto& [name, help] : entries) fmt::print("  {:<16} {}\n", name, help);
  };
  print("free_energy.model", FreeEnergyModels::entries());
  print("mobility.model", MobilityModels::entries());
  print("elasticity.model", ElasticityModels::entries());
  print("elasticity.creep.model", CreepModels::entries());
  print("initial.model", InitialModels::entries());
  print("time.scheme", scheme_entries());
  std::vector<std::pair<std::string, std::string>> tables;
  for (const Measure& measure : measures()) tables.emplace_back(measure.name, measure.help);
  print("measures.use", tables);
  print("electrode.layer_shape", layer_shape_entries());
}

}  // namespace

void add_keys(CLI::App& app) {
  app.add_subcommand("keys", "every key of a case file with unit, bounds and default")->callback(keys);
}

void add_list(CLI::App& app) { app.add_subcommand("list", "every model by kind")->callback(list); }

}  // namespace spinode::command
