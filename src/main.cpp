// The command `spinode`.
#include <CLI/CLI.hpp>
#include <iostream>
#include <new>
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
  run_command->callback([&] { spinode::command::run(run); });

  spinode::command::CaseArguments check;
  CLI::App* const check_command = app.add_subcommand("check", "say what a case means, and run nothing");
  add_case(*check_command, check);
  check_command->callback([&] { spinode::command::check(check); });

  app.add_subcommand("keys", "every key of a case file with unit, bounds and default")
      ->callback(spinode::command::keys);
  app.add_subcommand("list", "every model by kind")->callback(spinode::command::list);

  std::string path;
  CLI::App* const info_command = app.add_subcommand("info", "what a snapshot or a results folder holds");
  info_command->add_option("path", path, "snapshot or results folder")->required();
  info_command->callback([&] { spinode::command::info(path); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : spinode::ConfigError::exit_code;
  } catch (const spinode::ConfigError& error) {
    return fail(error);
  } catch (const spinode::NumericalError& error) {
    return fail(error);
  } catch (const spinode::IoError& error) {
    return fail(error);
  } catch (const std::bad_alloc&) {
    return fail(spinode::NumericalError("there is not enough memory: spinode check says how much a run needs"));
  }
  return 0;
}
