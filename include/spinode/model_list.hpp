// A kind of model is a list of types; the config's choice, its error text, `spinode list` and `spinode keys` fold over
// it.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "spinode/config.hpp"

namespace spinode {

/// Each model has `static constexpr const char *name, *help` and `static Model read(Config&)`.
template <class... Models>
struct ModelList {
  using Variant = std::variant<Models...>;

  /// Name and help of each.
  static std::vector<std::pair<std::string, std::string>> entries() { return {{Models::name, Models::help}...}; }

  /// The model that key `name` chooses, read from its own keys.
  static Variant read(Config& config, const std::string& name, std::optional<std::string> fallback,
                      const std::string& help) {
    const std::string choice =
        config.text({.name = name, .choices = {Models::name...}, .fallback = std::move(fallback), .help = help});
    if (config.describing()) (static_cast<void>(Models::read(config)), ...);
    std::optional<Variant> chosen;
    ((choice == Models::name ? static_cast<void>(chosen.emplace(Models::read(config))) : static_cast<void>(0)), ...);
    return *chosen;
  }
};

}  // namespace spinode
