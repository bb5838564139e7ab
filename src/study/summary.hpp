// What the summary.json of a run says, as cells of a table.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace spinode {

struct Summary {
  struct Value {
    std::string name, unit;  // unit "" of a plain number or a text
    bool numeric;
    std::string text;  // "" where the run has no value
  };
  std::vector<Value> values;
  std::string failure;
  double wall_time = 0;  // s

  /// One that cannot be read is that of a failed run, and says so.
  static Summary read(const std::filesystem::path& file);
};

}  // namespace spinode
