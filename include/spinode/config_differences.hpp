// Where two resolved configs differ.
#pragma once

#include <string>
#include <vector>

namespace spinode {

struct ConfigDifference {
  std::string key, before, now;  // values as TOML on one line; "" where the key is missing
};

/// Of two texts that Config::resolved() wrote, key by key. Throws ConfigError when one is not TOML.
std::vector<ConfigDifference> config_differences(const std::string& before, const std::string& now);

}  // namespace spinode
