#include "config_layers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "spinode/error.hpp"

namespace spinode {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_bytes = 4 << 20;

std::string number_text(double value) {
  if (std::isnan(value)) return "nan";
  std::string text = fmt::format("{}", value);
  // A float that has a whole value must not look like an integer.
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

std::string list_text(const toml::array& array) {
  constexpr std::size_t most = 8, head = 3;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (array.size() > most && i == head) parts.push_back("...");
    if (array.size() <= most || i < head || i + 1 == array.size()) parts.push_back(text_of(array[i]));
  }
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

std::string table_text(const toml::table& table) {
  std::vector<std::string> parts;
  for (const auto& [key, node] : table) parts.push_back(fmt::format("{} = {}", key.str(), text_of(node)));
  return parts.empty() ? "{}" : fmt::format("{{ {} }}", fmt::join(parts, ", "));
}

/// Tables inside each other are worked through by recursion, for which a key of very many parts leaves no stack.
bool has_endless_key(std::string_view text) {
  constexpr int most_parts = 100;
  int dots = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (std::string_view("=,{}[]\n").find(text[i]) != std::string_view::npos)
      dots = 0;
    else if (text[i] == '.' && i > 0 && text[i - 1] != '.' && ++dots >= most_parts)
      return true;
  return false;
}

}  // namespace

const toml::node* Layer::find(std::string_view name) const {
  const toml::node* const node = table->at_path(name).node();
  return node && is_annotated_value(*node) ? node->as_table()->get("value") : node;
}

const toml::node* Layer::beside(std::string_view name, std::string_view what) const {
  const toml::node* const node = table->at_path(name).node();
  return node && is_annotated_value(*node) ? node->as_table()->get(what) : nullptr;
}

std::string Layer::where(const toml::node& node) const {
  return file.empty() ? label : fmt::format("{}:{}", label, line > 0 ? line : node.source().begin.line);
}

fs::path or_shipped(const fs::path& file, const std::string& name) {
  std::error_code none;
  if (fs::is_regular_file(file, none)) return file;
  // Beside an installed command, or in the source tree of a built one.
  const fs::path directory = fs::read_symlink("/proc/self/exe", none).parent_path();
  for (const char* configs : {"../share/spinode/configs", "../../configs"})
    if (const fs::path shipped = directory / configs / name; fs::is_regular_file(shipped, none))
      return fs::weakly_canonical(shipped);
  return file;
}

Layer read_layer(const fs::path& file) {
  const std::string label = file.string();
  std::error_code none;
  if (!fs::exists(file, none)) throw IoError(fmt::format("{}: no such file", label));
  if (fs::is_directory(file, none)) throw IoError(fmt::format("{}: is a folder, expected a TOML file", label));
  std::ifstream in(file, std::ios::binary);
  // A file need not have an end: /dev/zero.
  std::string text;
  for (std::array<char, 1 << 14> block; in && text.size() <= most_bytes;) {
    in.read(block.data(), block.size());
    text.append(block.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad() || !in.is_open()) throw IoError(fmt::format("{}: cannot be read", label));
  if (text.size() > most_bytes) throw ConfigError(fmt::format("{}: must be at most {} bytes long", label, most_bytes));
  if (has_endless_key(text)) throw ConfigError(fmt::format("{}: has a key of more than 100 parts", label));
  try {
    return {.label = label, .file = file, .table = std::make_shared<toml::table>(toml::parse(text, label))};
  } catch (const toml::parse_error& error) {
    // Without "Error while parsing key-value pair: ".
    const std::string_view what = error.description(), lead = "Error while parsing ";
    const std::string_view why = what.starts_with(lead) ? what.substr(what.find(": ") + 2) : what;
    throw ConfigError(fmt::format("{}:{}: not valid TOML: {}", label, error.source().begin.line, why));
  }
}

const Layer& LayerFiles::read(const fs::path& file) {
  const std::lock_guard lock(mutex_);
  const auto found = layers_.find(file);
  return found != layers_.end() ? found->second : layers_.emplace(file, read_layer(file)).first->second;
}

Layer read_override(const std::string& given) {
  const auto equals = given.find('=');
  const std::string key = given.substr(0, equals);
  const auto fail = [&](std::string_view expected) {
    return ConfigError(fmt::format("command line: {}: {}", in_quotes(given), expected));
  };
  if (equals == std::string::npos || key.empty() || key.find_first_of(" \t\n\r#") != std::string::npos)
    throw fail("expected key=value");
  const std::string value = given.substr(equals + 1);
  try {
    return make_layer(key, value, "command line");
  } catch (const toml::parse_error&) {
  }
  if (value.find_first_of("[{\"'") == 0)
    throw fail("the value is not valid TOML; texts inside a list or table need quotes");
  try {
    return make_layer(key, in_quotes(value), "command line");
  } catch (const toml::parse_error&) {
    throw fail("expected key=value");
  }
}

Layer make_layer(const std::string& key, const std::string& value, const std::string& label) {
  const bool entry = key.find('[') != std::string::npos;
  return {.label = label,
          .file = {},
          .table = std::make_shared<toml::table>(toml::parse(fmt::format("{} = {}", entry ? "value" : key, value))),
          .entry = entry ? key : ""};
}

Layer with_whole_list(const Layer& layer, const toml::node* list) {
  const std::size_t open = layer.entry.find('[');
  const std::string name = layer.entry.substr(0, open), path = layer.entry.substr(open);
  if (!list || !list->is_array()) throw std::invalid_argument(fmt::format("there is no list {}", name));
  const auto whole = std::make_shared<toml::table>();
  toml::table* table = whole.get();
  std::size_t start = 0;
  for (std::size_t dot; (dot = name.find('.', start)) != std::string::npos; start = dot + 1)
    table = table->insert(name.substr(start, dot - start), toml::table{}).first->second.as_table();
  toml::array& array = *table->insert(name.substr(start), *list->as_array()).first->second.as_array();
  const std::size_t close = path.find(']');
  std::size_t index = 0;
  const auto [end, fault] = std::from_chars(path.data() + 1, path.data() + std::min(close, path.size()), index);
  if (fault != std::errc() || close == std::string::npos || end != path.data() + close)
    throw std::invalid_argument("expected name[number], counted from 0");
  if (index >= array.size())
    throw std::invalid_argument(
        fmt::format("{} has {} {}, counted from 0", name, array.size(), array.size() == 1 ? "entry" : "entries"));
  const toml::node& value = *layer.table->get("value");
  const std::string key = path.substr(close + 1);
  toml::table* const inner = array[index].as_table();
  if (key.empty())
    array.replace(array.cbegin() + static_cast<std::ptrdiff_t>(index), value);
  else if (key.front() == '.' && inner && key.find_first_of("[]. ", 1) == std::string::npos && key.size() > 1)
    inner->insert_or_assign(key.substr(1), value);
  else
    throw std::invalid_argument(inner ? fmt::format("expected a key of the entry, {}[{}].key", name, index)
                                      : fmt::format("the entries of {} are no tables", name));
  Layer result = layer;
  result.table = whole;
  result.entry.clear();
  return result;
}

bool is_annotation(std::string_view key) { return key == "source" || key == "confidence" || key == "note"; }

bool is_annotated_value(const toml::node& node) { return node.is_table() && node.as_table()->contains("value"); }

std::string text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return in_quotes(text->get());
  if (const auto* number = node.as_floating_point()) return number_text(number->get());
  if (const auto* array = node.as_array()) return list_text(*array);
  if (const auto* table = node.as_table()) return table_text(*table);
  std::ostringstream out;
  node.visit([&](const auto& value) { out << value; });
  return out.str();
}

std::string toml_of(const toml::node& node) {
  std::vector<std::string> parts;
  if (const auto* array = node.as_array()) {
    for (const toml::node& entry : *array) parts.push_back(toml_of(entry));
    return fmt::format("[{}]", fmt::join(parts, ", "));
  }
  if (const auto* table = node.as_table()) {
    for (const auto& [key, value] : *table)
      parts.push_back(fmt::format("{} = {}", in_quotes(key.str()), toml_of(value)));
    return fmt::format("{{ {} }}", fmt::join(parts, ", "));
  }
  return text_of(node);
}

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      result += {'\\', c};
    else if (c == '\n')
      result += "\\n";
    else if (c == '\t')
      result += "\\t";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      result += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    else
      result += c;
  }
  return result + "\"";
}

}  // namespace spinode
