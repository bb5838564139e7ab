// A case file in TOML, read by declaring keys: name, unit, bounds, default, help. Every fault is kept and listed in one
// go.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spinode/programme.hpp"

namespace spinode {

struct Layer;
class LayerFiles;

/// Allowed range of a number, in the key's unit.
struct Bounds {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool min_open = false, max_open = false;

  bool contains(double value) const;
  std::string text(const std::string& unit) const;  // "> 0 s", "0 to 1", ""
};

inline constexpr Bounds any_value{};
inline constexpr Bounds positive{.min = 0, .min_open = true};
inline constexpr Bounds not_negative{.min = 0};
inline constexpr Bounds fraction{.min = 0, .max = 1};
inline constexpr Bounds open_fraction{.min = 0, .max = 1, .min_open = true, .max_open = true};

/// What `spinode keys` prints of a key.
struct Declaration {
  std::string name, type, unit, allowed, fallback, help;
};

struct QuantityKey {
  std::string name;
  std::string unit = "1";
  Bounds bounds = any_value;
  std::optional<double> fallback = {};
  std::string help = {};
};

struct IntegerKey {
  std::string name;
  Bounds bounds = any_value;
  std::optional<std::int64_t> fallback = {};
  std::string help = {};
};

struct TextKey {
  std::string name;
  std::vector<std::string> choices = {};  // empty: any text
  std::optional<std::string> fallback = {};
  std::string help = {};
};

/// A quantity that is known with a standard error, as {value = ..., error = ...} says; a list has one error per entry,
/// or one for all, and may have the correlation of its errors.
struct Uncertainty {
  std::string name, unit;
  std::vector<double> error;  // in the key's unit
};

/// Layers of TOML, the first that holds a key gives its value: command line, case file, system file.
/// A read never throws: it notes the fault, returns a value that raises no second one (NaN, or a default that is no
/// number), and goes on.
class Config {
 public:
  /// Reads the case and the system file that it names; `overrides` are "key=value", the value as in TOML or bare, the
  /// key possibly one entry of a list, "domain.length[1]" or "electrode.protocol[0].duration".
  /// Throws ConfigError on a syntax error, IoError when a file cannot be read.
  static Config load(const std::filesystem::path& file, const std::vector<std::string>& overrides = {});
  /// The same with layers above the file, the last one on top, and files that other configs share.
  static Config load(const std::filesystem::path& file, const std::vector<Layer>& above, LayerFiles& files);
  /// A config that holds nothing and only collects declarations.
  static Config describe();

  /// The same config with every number that has an error replaced by a draw from its normal distribution; the draw
  /// depends on seed, index and the key's name alone. Nothing is read yet: to be called before any read.
  Config sample(std::uint64_t seed, std::uint64_t index) const;

  /// A number, or a list of them, as the files give it with standard errors: a draw is values + factor * z with
  /// standard normal numbers z.
  struct Spread {
    std::vector<double> values;               // in the unit asked for
    std::vector<std::vector<double>> factor;  // a lower triangle
    bool list = false;
  };
  /// Empty without errors beside the key. Throws std::invalid_argument with what is wrong with them.
  std::optional<Spread> spread(const std::string& name, const std::string& unit) const;

  Config(const Config&);
  Config(Config&&) noexcept;
  Config& operator=(Config&&) noexcept;
  ~Config();

  double quantity(const QuantityKey&);
  std::optional<double> optional_quantity(const QuantityKey&);
  /// The value that the system file gives, whatever the case says.
  std::optional<double> system_quantity(const QuantityKey&) const;
  /// `length` > 0 demands that many entries.
  std::vector<double> quantities(const QuantityKey&, std::optional<std::vector<double>> fallback = {},
                                 std::size_t length = 0);
  /// One quantity, or a list of [time, quantity] whose times do not fall.
  Programme programme(const QuantityKey&);
  std::int64_t integer(const IntegerKey&);
  std::vector<std::int64_t> integers(const IntegerKey&);
  std::string text(const TextKey&);
  std::vector<std::string> texts(const TextKey&, std::optional<std::vector<std::string>> fallback = {},
                                 bool may_be_empty = false);

  /// How many tables the list `name` holds, 0 without it; the keys of table i are read as entry(name, i) + ".key".
  std::size_t tables(const std::string& name, const std::string& help);
  static std::string entry(const std::string& name, std::size_t i);

  bool has(const std::string& name) const;
  /// The one of several keys that say the same thing: that of the first layer which holds any of them, "" if none does.
  /// Two in one layer are a fault. The others count as read.
  std::string choose(const std::vector<std::string>& alternatives);
  bool describing() const;
  /// Numbers carry no units: `units = "none"`.
  bool dimensionless() const;
  /// "where: key = given", for a fault that shows only when the case is worked out.
  std::string cite(const std::string& name) const;
  /// Notes a fault of a key that was read, "where: key = given: allowed", or that is missing.
  void fault(const std::string& name, const std::string& allowed);
  /// Throws ConfigError with every fault, unread keys among them; `known` serves to name the nearest. Known keys may
  /// stay unread only with `all_needed` unset.
  void finish(const std::vector<Declaration>& known, bool all_needed = true);

  /// The quantities read so far that have an error.
  const std::vector<Uncertainty>& uncertainties() const;

  const std::vector<Declaration>& declarations() const;
  const std::filesystem::path& path() const;
  /// A file named by key `name`, taken relative to the file that holds the key; its full path goes to resolved().
  std::filesystem::path resolve(const std::string& name, const std::string& file);
  /// Every key that was read with its value, as TOML that gives the same run without the system file.
  std::string resolved() const;

 private:
  struct Impl;
  explicit Config(std::unique_ptr<Impl>);
  void add_system(const std::string& system, LayerFiles& files);
  void complete_lists();

  std::unique_ptr<Impl> impl_;
};

}  // namespace spinode
