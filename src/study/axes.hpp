// Reads [[axes]] of a study file.
#pragma once

#include <string>
#include <vector>

#include "../config_layers.hpp"
#include "spinode/config.hpp"
#include "spinode/study/design.hpp"

namespace spinode {

/// Faults of a study file, told in the order of its lines.
class StudyFaults {
 public:
  explicit StudyFaults(const Layer& file) : file_(&file) {}

  void add(const toml::node& node, const std::string& text);
  /// Throws ConfigError when there are any.
  void check() const;

 private:
  const Layer* file_;
  std::vector<std::pair<std::size_t, std::string>> faults_;
};

bool can_be_key(const std::string& text);

struct Axes {
  std::vector<Parameter> parameters;
  std::vector<std::vector<Layer>> layers;  // [parameter][value]: what replaces the key in a case
};

/// `base`: the case that is varied, of which nothing is read; `known`: all_keys().
Axes read_axes(const Layer& file, const Config& base, const std::vector<Declaration>& known, StudyFaults& faults);

}  // namespace spinode
