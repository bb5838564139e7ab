// The command `spinode`.
#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "spinode/command.hpp"
#include "spinode/error.hpp"
#include "spinode/version.hpp"

namespace {

void add_case(CLI::App& command, spinode::command::CaseArguments& arguments) {
  command.add_option("case", arguments.file, "case file in TOML")->required();
  command.add_option("overrides", arguments.overrides, "key=value, in place of what the file says");
}

template <class Error>
int fail(const Error& error) {
  std::cerr << error.what() << "\n";
  return Error::exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("spinode: how a Li-Na anode forms its scaffold");
  app.set_version_flag("--version", std::string(spinode::version()));
  app.require_subcommand(1);

  spinode::command::RunArguments run;
  CLI::App* const run_command = app.add_subcommand("run", "run a case");
  add_case(*run_command, run);
  run_command->add_option("--output", run.output, "folder for the results (results/<case>)");
  run_command->add_option_function<int>(
      "--threads", [&](int n) { run.overrides.push_back("threads=" + std::to_string(n)); },
      "OpenMP threads (all cores)");
  run_command->add_flag("--quiet", run.quiet, "print errors only");
  run_command->add_flag("--overwrite", run.overwrite, "replace the results of an earlier run");

  spinode::command::CaseArguments check;
  add_case(*app.add_subcommand("check", "say what a case means, and run nothing"), check);
  app.add_subcommand("keys", "every key of a case file with unit, bounds and default");
  app.add_subcommand("list", "every model by kind");
  std::string path;
  app.add_subcommand("info", "what a snapshot or a results folder holds")
      ->add_option("path", path, "snapshot or results folder")
      ->required();
  CLI11_PARSE(app, argc, argv);

  try {
    if (app.got_subcommand("run")) spinode::command::run(run);
    if (app.got_subcommand("check")) spinode::command::check(check);
    if (app.got_subcommand("keys")) spinode::command::keys();
    if (app.got_subcommand("list")) spinode::command::list();
    if (app.got_subcommand("info")) spinode::command::info(path);
  } catch (const spinode::ConfigError& error) {
    return fail(error);
  } catch (const spinode::NumericalError& error) {
    return fail(error);
  } catch (const spinode::IoError& error) {
    return fail(error);
  }
  return 0;
}
