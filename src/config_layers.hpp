// The TOML behind a Config: layers of tables, command line before case file before system file, and their values as
// text.
#pragma once

#include <toml++/toml.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace spinode {

struct Layer {
  std::string label;           // the file as the user named it, or "command line"
  std::filesystem::path file;  // empty for the command line
  std::shared_ptr<const toml::table> table;  // shared by copies: a copied table would not know its lines
  std::size_t order = 0;  // in which layers are reported
  bool is_system = false;

  /// The value of a dotted key, through {value = ..., source = ...} when it is written so; nullptr when it is not here.
  const toml::node* find(std::string_view name) const;
  /// What stands beside the value of a key in {value = ..., error = ...}; nullptr when there is nothing of that name.
  const toml::node* beside(std::string_view name, std::string_view what) const;
  /// "case.toml:12" or "command line".
  std::string where(const toml::node& node) const;
};

/// Throws IoError when the file cannot be read, ConfigError when it is not TOML.
Layer read_layer(const std::filesystem::path& file);

/// "key=value" with the value as in TOML, or a bare text that needs no quotes on a command line. Throws ConfigError.
Layer read_override(const std::string& given);

/// Keys that any table may hold beside its own, to say where a number comes from.
bool is_annotation(std::string_view key);

/// Whether this is {value = ..., source = ..., confidence = ...}.
bool is_annotated_value(const toml::node& node);

/// A value on one line, as TOML with the fewest digits that give the same number; a long list is cut short.
std::string text_of(const toml::node& node);

/// A text between double quotes, escaped as TOML demands.
std::string in_quotes(std::string_view text);

}  // namespace spinode
