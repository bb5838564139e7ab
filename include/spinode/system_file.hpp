// Writes a Redlich-Kister free energy as a system file, which `system = "..."` of a case names.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace spinode {

struct SystemFile {
  std::string comment;                           // what the file is, one line or more, without "#"
  std::string host, solute;                      // x is the mole fraction of the solute
  std::vector<double> L, L_T, L_TlnT;            // L_k = L + L_T T + L_TlnT T ln T [J/mol, J/(mol K), J/(mol K)]
  double sites = 1;                              // mixing sites per formula unit
  std::vector<double> error;                     // standard errors of L [J/mol]; empty: unknown
  std::vector<std::vector<double>> correlation;  // of those errors; empty: none
  std::string source, confidence;
  std::filesystem::path base;  // a system file from which everything but free energy and species is taken; may be empty

  /// Throws IoError or ConfigError when the base cannot be read.
  std::string toml() const;
  /// Throws IoError when the file exists and `overwrite` is not set, or cannot be written.
  void write(const std::filesystem::path& file, bool overwrite) const;
};

}  // namespace spinode
