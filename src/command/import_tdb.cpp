// spinode import-tdb: a phase of a Thermo-Calc database as a system file.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <memory>

#include "command.hpp"
#include "spinode/error.hpp"
#include "spinode/thermo/tdb.hpp"

namespace spinode::command {
namespace {

struct ImportArguments {
  std::filesystem::path database, output, base;
  std::string phase;
  std::vector<std::string> elements;
  bool overwrite = false;
};

std::filesystem::path default_output(const ImportArguments& arguments) {
  std::string name = fmt::format("{}-{}_{}.toml", arguments.elements[0], arguments.elements[1], arguments.phase);
  for (char& c : name) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (c == '/') c = '_';
  }
  return name;
}

void import_tdb(const ImportArguments& arguments) {
  const std::vector<std::string>& elements = arguments.elements;
  const auto is_element = [](const std::string& text) {
    return (text.size() == 1 || text.size() == 2) &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalpha(c); });
  };
  const auto same = [](const std::string& a, const std::string& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char c, unsigned char d) { return std::toupper(c) == std::toupper(d); });
  };
  if (elements.size() != 2 || !std::all_of(elements.begin(), elements.end(), is_element) ||
      same(elements[0], elements[1]) || same(elements[0], "VA") || same(elements[1], "VA"))
    throw ConfigError(
        fmt::format("command line: --elements {}: expected host and solute, such as LI,NA", fmt::join(elements, ",")));
  SystemFile system = read_tdb(arguments.database, arguments.phase, elements[0], elements[1]);
  system.base = arguments.base;
  const std::filesystem::path output = arguments.output.empty() ? default_output(arguments) : arguments.output;
  system.write(output, arguments.overwrite);
  fmt::print("{}\n", output.string());
}

}  // namespace

void add_import_tdb(CLI::App& app) {
  const auto arguments = std::make_shared<ImportArguments>();
  CLI::App* const command = app.add_subcommand("import-tdb", "a phase of a Thermo-Calc database as a system file");
  command->add_option("database", arguments->database, "file in Thermo-Calc's format (TDB)")->required();
  command->add_option("--phase", arguments->phase, "phase in which the two elements mix")->required();
  command->add_option("--elements", arguments->elements, "host,solute: x is the mole fraction of the second")
      ->required()
      ->delimiter(',');
  command->add_option("--output", arguments->output, "system file, HOST-SOLUTE_PHASE.toml when not given");
  command->add_option("--base", arguments->base, "system file from which all but the free energy is taken");
  command->add_flag("--overwrite", arguments->overwrite, "replace the system file");
  command->callback([arguments] { import_tdb(*arguments); });
}

}  // namespace spinode::command
