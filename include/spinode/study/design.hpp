// What a study varies: its parameters, the values that they take, and the cases that follow from them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace spinode {

/// "0042" of case 41.
std::string case_number(std::size_t i);

struct Parameter {
  std::string key;       // of a case: "temperature", "domain.length[1]"
  std::string unit;      // of its values as the study writes them; "" of plain numbers and texts
  std::size_t axis = 0;  // parameters of one axis vary together, axes are crossed
  bool sampled = false, numeric = false;
  std::vector<std::string> values;  // a number in `unit`, or a text

  /// Head of its column, "temperature [degC]".
  std::string column() const;
};

/// Cases are counted from 0 here, and from 1 in whatever a user sees.
struct Design {
  static constexpr std::size_t most_cases = 100'000;

  std::string name, description;
  std::vector<Parameter> parameters;  // axis after axis
  std::size_t replicas = 1;

  std::size_t cases() const;
  /// Which of its values each parameter takes; the last axis varies fastest but for the replicas.
  std::vector<std::size_t> levels(std::size_t i) const;
  /// From 1.
  std::size_t replica(std::size_t i) const { return i % replicas + 1; }
  /// "temperature = 25 degC, initial.x = 3 at%, replica 2".
  std::string label(std::size_t i) const;

  /// Throws IoError, and ConfigError of a file that toml() did not write.
  static Design read(const std::filesystem::path& file);
  std::string toml() const;
};

}  // namespace spinode
