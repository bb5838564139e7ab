#include "spinode/study/phase_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "spinode/case.hpp"
#include "spinode/diagram.hpp"
#include "spinode/output/diagram_files.hpp"
#include "spinode/units.hpp"

namespace spinode {

void write_phase_map(const StudyFolder& folder) {
  const std::vector<Parameter>& parameters = folder.design().parameters;
  const auto varied = [&](const char* key) {
    return std::find_if(parameters.begin(), parameters.end(),
                        [&](const Parameter& p) { return p.key == key && p.numeric; });
  };
  const auto temperature = varied("temperature");
  if (temperature == parameters.end() || varied("initial.x") == parameters.end()) return;
  Config config = Config::load(folder.case_file(0));
  Alloy alloy = Alloy::read(config, "all");
  config.finish(all_keys(), false);
  if (alloy.system.dimensionless) return;
  std::vector<double> given;
  for (const std::string& value : temperature->values)
    given.push_back(units::parse(fmt::format("{} {}", value, temperature->unit), "K"));
  std::sort(given.begin(), given.end());
  // A map has cells around its values.
  double margin = 5;
  for (std::size_t i = 1; i < given.size(); ++i) margin = std::max(margin, given[i] - given[i - 1]);
  const double from = std::max(1.0, given.front() - margin), to = given.back() + margin;
  constexpr int steps = 200;
  std::vector<double> temperatures;
  for (int i = 0; i <= steps; ++i) temperatures.push_back(from + (to - from) * i / steps);
  make_diagram_folder(folder.path() / "phase_diagram", true);
  write_diagram(Diagram::of(std::move(alloy), temperatures, given.front()), folder.path() / "phase_diagram");
}

}  // namespace spinode
