// The Li-Na case that benchmarks share.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "spinode/case.hpp"

namespace spinode {

/// n^3 cells of 0.16 nm.
inline Case cubic_box(long n, const std::string& mobility, const std::string& elasticity, const std::string& boundary) {
  const std::filesystem::path file = std::filesystem::temp_directory_path() / "spinode-benchmark.toml";
  std::ofstream(file) << "system = \"" << SPINODE_SOURCE_DIR << "/configs/systems/li-na.toml\"\n"
                      << "temperature = \"298.15 K\"\ninitial.x = 0.25\ntime.end = \"1 ms\"\ntime.step = \"1 ns\"\n";
  std::vector<std::string> keys{
      fmt::format("domain.length=[\"{0} nm\", \"{0} nm\", \"{0} nm\"]", 0.16 * static_cast<double>(n)),
      fmt::format("domain.cells=[{0}, {0}, {0}]", n),
      fmt::format("domain.boundary=[\"periodic\", \"periodic\", \"{}\"]", boundary),
      fmt::format("mobility.model={}", mobility), fmt::format("elasticity={}", elasticity)};
  if (mobility == "constant") keys.push_back("mobility.x0=0.25");
  Case config = Case::load(file, keys);
  std::filesystem::remove(file);
  return config;
}

}  // namespace spinode
