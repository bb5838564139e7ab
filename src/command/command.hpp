// The commands of `spinode`. Each adds itself to the command line, prints to standard output, and throws the errors of
// error.hpp.
#pragma once

#include <CLI/CLI.hpp>
#include <array>
#include <filesystem>
#include <string>
#include <vector>

namespace spinode::command {

/// A TOML file and what replaces some of its keys.
struct CaseArguments {
  std::filesystem::path file;
  std::vector<std::string> overrides;

  void add_to(CLI::App& command, const std::string& name = "case", const std::string& help = "case file in TOML") {
    command.add_option(name, file, help)->required();
    command.add_option("overrides", overrides, "key=value, in place of what the file says");
  }
};

void add_run(CLI::App& app);
void add_resume(CLI::App& app);
void add_sweep(CLI::App& app);
void add_sweep_status(CLI::App& app);
void add_sweep_case(CLI::App& app);
void add_collect(CLI::App& app);
void add_check(CLI::App& app);
void add_keys(CLI::App& app);
void add_list(CLI::App& app);
void add_info(CLI::App& app);
void add_analyze(CLI::App& app);
void add_phase_diagram(CLI::App& app);
void add_fit(CLI::App& app);
void add_import_tdb(CLI::App& app);

/// In the order of --help.
inline constexpr std::array all{add_run,        add_resume,  add_check,   add_sweep,         add_sweep_status,
                                add_sweep_case, add_collect, add_analyze, add_phase_diagram, add_fit,
                                add_import_tdb, add_keys,    add_list,    add_info};

}  // namespace spinode::command
