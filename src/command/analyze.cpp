// spinode analyze: measures of snapshots that exist, or of the initial state of a case.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "coarsening_text.hpp"
#include "command.hpp"
#include "spinode/analysis.hpp"
#include "spinode/error.hpp"
#include "spinode/parallel.hpp"
#include "spinode/units.hpp"

namespace spinode::command {
namespace {

namespace fs = std::filesystem;

struct AnalyzeArguments {
  fs::path path, output;
  std::vector<std::string> overrides;
  int threads = 0;
  bool quiet = false;
};

std::string value_text(const Reading& reading, bool dimensionless) {
  return reading.unit == "1" || dimensionless ? fmt::format("{:.6g}", reading.value)
                                              : units::pretty(reading.value, reading.unit, 6);
}

void print(const StateAnalysis& state, bool dimensionless) {
  for (const MeasureRow& row : state.rows) {
    fmt::print("{}\n", row.measure);
    for (const Reading& reading : row.readings)
      fmt::print("  {:<30} {}\n", reading.name, value_text(reading, dimensionless));
  }
}

void analyze(const AnalyzeArguments& arguments) {
  if (!fs::exists(arguments.path)) throw IoError(fmt::format("{}: no such file or folder", arguments.path.string()));
  if (arguments.threads > 0) omp_set_num_threads(arguments.threads);
  const bool folder = fs::is_directory(arguments.path);
  const Analysis analysis = folder ? analyze_results(arguments.path, arguments.overrides,
                                                     [&](const StateAnalysis& state, std::size_t states) {
                                                       if (!arguments.quiet)
                                                         fmt::print("step {}  {} snapshots\n", state.step, states);
                                                     })
                                   : analyze_case(arguments.path, arguments.overrides);
  const fs::path output = !arguments.output.empty() ? arguments.output : folder ? arguments.path / "analysis" : "";
  if (!output.empty()) write_analysis(analysis, output);
  if (arguments.quiet) return;
  print(analysis.states.back(), analysis.dimensionless);
  if (analysis.coarsening) fmt::print("{}", coarsening_text(*analysis.coarsening, analysis.dimensionless));
  if (!output.empty()) fmt::print("tables in {}\n", output.string());
}

}  // namespace

void add_analyze(CLI::App& app) {
  const auto arguments = std::make_shared<AnalyzeArguments>();
  CLI::App* const command =
      app.add_subcommand("analyze", "measure the snapshots of a run, or the initial state of a case");
  command->add_option("path", arguments->path, "results folder, or case file in TOML")->required();
  command->add_option("overrides", arguments->overrides, "measures.key=value, in place of what the run had");
  command
      ->add_option_function<std::vector<std::string>>(
          "--measures",
          [arguments](const std::vector<std::string>& names) {
            arguments->overrides.push_back(fmt::format("measures.use=[\"{}\"]", fmt::join(names, "\",\"")));
          },
          "measures to take (those of the case)")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_option("--output", arguments->output, "folder for the tables (DIR/analysis)");
  command->add_option("--threads", arguments->threads, "OpenMP threads (all cores)");
  command->add_flag("--quiet", arguments->quiet, "write the tables only");
  command->callback([arguments] { analyze(*arguments); });
}

}  // namespace spinode::command
