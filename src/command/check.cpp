// spinode check: what a case means.
#include <fmt/format.h>

#include <memory>

#include "command.hpp"
#include "spinode/case.hpp"
#include "spinode/report.hpp"

namespace spinode::command {
namespace {

void check(const CaseArguments& arguments) {
  const Case config = Case::load(arguments.file, arguments.overrides);
  const Model model(config);
  fmt::print("{}{}{}", describe_physics(config, model), describe_numbers(config, model),
             describe_sizes(config, std::filesystem::path("results") / config.system.name));
}

}  // namespace

void add_check(CLI::App& app) {
  const auto arguments = std::make_shared<CaseArguments>();
  CLI::App* const command = app.add_subcommand("check", "say what a case means, and run nothing");
  arguments->add_to(*command);
  command->callback([arguments] { check(*arguments); });
}

}  // namespace spinode::command
