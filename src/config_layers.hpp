// The TOML behind a Config: layers of tables, command line before case file before system file, and their values as
// text.
#pragma once

#include <toml++/toml.h>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace spinode {

struct Layer {
  std::string label;           // the file as the user named it, or "command line"
  std::filesystem::path file;  // empty for the command line
  std::shared_ptr<const toml::table> table;  // shared by copies: a copied table would not know its lines
  std::size_t line = 0;   // of the file, where all of the table stands; 0 when its nodes know their own
  std::string entry = {};  // "domain.length[1]": the table holds a `value` for one entry of a list
  std::size_t order = 0;  // in which layers are reported
  bool is_system = false;

  /// The value of a dotted key, through {value = ..., source = ...} when it is written so; nullptr when it is not here.
  const toml::node* find(std::string_view name) const;
  /// What stands beside the value of a key in {value = ..., error = ...}; nullptr when there is nothing of that name.
  const toml::node* beside(std::string_view name, std::string_view what) const;
  /// "case.toml:12" or "command line".
  std::string where(const toml::node& node) const;
};

/// `file`, or where it is none the shipped config of that name.
std::filesystem::path or_shipped(const std::filesystem::path& file, const std::string& name);

/// Throws IoError when the file cannot be read, ConfigError when it is not TOML.
Layer read_layer(const std::filesystem::path& file);

/// Files that many configs share, in several threads: each is read once.
class LayerFiles {
 public:
  /// Throws as read_layer() does.
  const Layer& read(const std::filesystem::path& file);

 private:
  std::mutex mutex_;
  std::map<std::filesystem::path, Layer> layers_;
};

/// "key=value" with the value as in TOML, or a bare text that needs no quotes on a command line; a key such as
/// "domain.length[1]" is one entry of a list. Throws ConfigError.
Layer read_override(const std::string& given);

/// The same of a key and a value in TOML. Throws toml::parse_error.
Layer make_layer(const std::string& key, const std::string& value, const std::string& label);

/// The layer with the whole list of which it replaces an entry: `list` is what the layers beneath hold under its name,
/// null for nothing. Throws std::invalid_argument with what is allowed.
Layer with_whole_list(const Layer& layer, const toml::node* list);

/// Keys that any table may hold beside its own, to say where a number comes from.
bool is_annotation(std::string_view key);

/// Whether this is {value = ..., source = ..., confidence = ...}.
bool is_annotated_value(const toml::node& node);

/// A value on one line, as TOML with the fewest digits that give the same number; a long list is cut short.
std::string text_of(const toml::node& node);

/// A value on one line, as TOML in full.
std::string toml_of(const toml::node& node);

/// A text between double quotes, escaped as TOML demands.
std::string in_quotes(std::string_view text);

}  // namespace spinode
