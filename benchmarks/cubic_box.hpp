// The cases that benchmarks share.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "spinode/case.hpp"

namespace spinode {

/// A case whose file has this text.
inline Case case_of(const std::string& text) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / fmt::format("spinode-benchmark-{}.toml", getpid());
  std::ofstream(file) << text;
  Case config = Case::load(file);
  std::filesystem::remove(file);
  return config;
}

/// Li-Na in cells of 0.16 nm.
inline Case li_na_box(const std::vector<long>& cells, const std::string& mobility, const std::string& elasticity,
                      const std::string& last_boundary, const std::string& initial = "{ x = 0.25 }") {
  std::vector<std::string> length, boundary(cells.size(), "\"periodic\"");
  for (const long n : cells) length.push_back(fmt::format("\"{} nm\"", 0.16 * static_cast<double>(n)));
  boundary.back() = fmt::format("\"{}\"", last_boundary);
  return case_of(fmt::format(
      "system = \"{}/configs/systems/li-na.toml\"\n"
      "temperature = \"298.15 K\"\ninitial = {}\ntime = {{ step = \"1 ns\", end = \"1 ms\" }}\n"
      "domain = {{ length = [{}], cells = [{}], boundary = [{}] }}\n"
      "mobility.model = \"{}\"\nelasticity = {}\n{}",
      SPINODE_SOURCE_DIR, initial, fmt::join(length, ", "), fmt::join(cells, ", "), fmt::join(boundary, ", "), mobility,
      elasticity, mobility == "constant" ? "mobility.x0 = 0.25\n" : ""));
}

/// n^3 cells of it.
inline Case cubic_box(long n, const std::string& mobility, const std::string& elasticity, const std::string& boundary) {
  return li_na_box({n, n, n}, mobility, elasticity, boundary);
}

/// A polynomial energy, the double well of PFHub benchmark 1 (Jokisaari et al. 2017), in cells of unit length.
inline Case double_well_box(const std::vector<long>& cells, int order) {
  return case_of(
      fmt::format("units = \"none\"\n"
                  "domain = {{ length = [{0}], cells = [{0}] }}\ninitial.x = 0.5\n"
                  "free_energy = {{ model = \"double_well\", W = 5, alpha = 0.3, beta = 0.7 }}\ngradient.kappa = 2\n"
                  "mobility = {{ model = \"constant\", M0 = 5 }}\n"
                  "time = {{ step = 0.001, end = 1000, order = {1} }}\n",
                  fmt::join(cells, ", "), order));
}

}  // namespace spinode
