// The fields that a snapshot can hold: names, units and components, for the config, the files and their index.
#pragma once

#include <string>
#include <vector>

#include "spinode/elasticity/elastic_fields.hpp"

namespace spinode {

/// Unit of length in snapshots; plain numbers in a dimensionless case.
struct SnapshotLength {
  static constexpr const char* name = "nm";
  static constexpr double metres = 1e-9;
};

enum class Rank { scalar, vector, symmetric_tensor };

struct OutputField {
  const char *name, *unit, *help;
  Rank rank = Rank::scalar;
  /// What computes it from the composition; null where that is not elasticity.
  ElasticFields::Components (ElasticFields::*elastic)() = nullptr;
  bool creep = false;  // needs creep

  std::size_t components() const { return component_names().empty() ? 1 : component_names().size(); }
  /// In the order of the values; empty for a scalar.
  std::vector<std::string> component_names() const;
};

/// Every field, in the order of `spinode keys`.
const std::vector<OutputField>& output_fields();

/// The one of this name. Throws std::out_of_range.
const OutputField& output_field(const std::string& name);

}  // namespace spinode
