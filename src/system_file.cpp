#include "spinode/system_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>
#include <sstream>

#include "config_layers.hpp"
#include "spinode/error.hpp"

namespace spinode {
namespace {

std::string list_text(const std::vector<double>& values, const std::string& unit) {
  std::vector<std::string> parts;
  for (double value : values)
    parts.push_back(unit.empty() ? fmt::format("{}", value) : fmt::format("\"{} {}\"", value, unit));
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

std::string commented(const std::string& text) {
  std::istringstream lines(text);
  std::string result, line;
  while (std::getline(lines, line)) result += line.empty() ? "#\n" : fmt::format("# {}\n", line);
  return result;
}

std::string rest_of(const std::filesystem::path& base) {
  toml::table table = *read_layer(base).table;
  for (const char* own : {"free_energy", "species", "description"}) table.erase(own);
  std::ostringstream out;
  out << toml::toml_formatter(table);
  return fmt::format("\n# The rest as in {}.\n{}\n", base.filename().string(), out.str());
}

}  // namespace

std::string SystemFile::toml() const {
  std::string text = commented(comment);
  text += fmt::format("\n[species]\nhost = {}\nsolute = {}\n", in_quotes(host), in_quotes(solute));
  text += "\n[free_energy]\nmodel = \"redlich_kister\"\n";
  if (sites != 1) text += fmt::format("sites = {}\n", sites);
  if (error.empty()) {
    text += fmt::format("L = {}\n", list_text(L, "J/mol"));
  } else {
    text += fmt::format("L = {{ value = {}, error = {}", list_text(L, "J/mol"), list_text(error, "J/mol"));
    std::vector<std::string> rows;
    for (const std::vector<double>& row : correlation) rows.push_back(list_text(row, ""));
    text += rows.empty() ? " }\n" : fmt::format(", correlation = [{}] }}\n", fmt::join(rows, ", "));
  }
  if (!L_T.empty()) text += fmt::format("L_T = {}\n", list_text(L_T, "J mol-1 K-1"));
  if (!L_TlnT.empty()) text += fmt::format("L_TlnT = {}\n", list_text(L_TlnT, "J mol-1 K-1"));
  text += fmt::format("source = {}\nconfidence = {}\n", in_quotes(source), in_quotes(confidence));
  return base.empty() ? text : text + rest_of(base);
}

void SystemFile::write(const std::filesystem::path& file, bool overwrite) const {
  const std::string text = toml();
  if (std::filesystem::exists(file) && !overwrite)
    throw IoError(fmt::format("{}: exists already; give --overwrite to replace it", file.string()));
  std::ofstream out(file);
  out << text;
  out.close();
  if (!out) throw IoError(fmt::format("{}: cannot be written", file.string()));
}

}  // namespace spinode
