// spinode sweep, sweep-status, sweep-case and collect: parameter studies.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <numeric>
#include <optional>

#include "command.hpp"
#include "spinode/error.hpp"
#include "spinode/room.hpp"
#include "spinode/study/manager.hpp"
#include "spinode/study/phase_map.hpp"
#include "spinode/study/scheduler.hpp"
#include "spinode/study/study.hpp"
#include "spinode/study/table.hpp"
#include "spinode/version.hpp"
#include "sweep_view.hpp"

namespace spinode::command {
namespace {

namespace fs = std::filesystem;
using Wall = std::chrono::steady_clock;

double seconds_since(Wall::time_point start) { return std::chrono::duration<double>(Wall::now() - start).count(); }

struct SweepArguments : CaseArguments {
  std::optional<int> jobs;
  fs::path output;  // results/<study> when empty
  std::string scheduler;
  bool dry_run = false, resume = false, overwrite = false, quiet = false;

  Existing existing() const { return resume ? Existing::resume : overwrite ? Existing::overwrite : Existing::refuse; }
};

std::string plural(std::size_t count, const std::string& what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// "63 cases: temperature (9 values) x initial.x (7 values)".
std::string describe_design(const Design& design) {
  std::vector<std::string> axes;
  for (std::size_t p = 0; p < design.parameters.size(); ++p) {
    const Parameter& parameter = design.parameters[p];
    const bool more = p + 1 < design.parameters.size() && design.parameters[p + 1].axis == parameter.axis;
    const bool continued = p > 0 && design.parameters[p - 1].axis == parameter.axis;
    std::string text = parameter.key;
    if (!more) text += fmt::format(" ({})", plural(parameter.values.size(), parameter.sampled ? "draw" : "value"));
    if (continued)
      axes.back() += fmt::format(" with {}", text);
    else
      axes.push_back(text);
  }
  if (design.replicas > 1) axes.push_back(plural(design.replicas, "replica"));
  return fmt::format("{}{}{}", plural(design.cases(), "case"), axes.empty() ? "" : ": ", fmt::join(axes, " x "));
}

std::string describe_slots(const Slots& slots) {
  const auto [least, most] = std::minmax_element(slots.threads.begin(), slots.threads.end());
  const std::string threads = *least == *most ? plural(static_cast<std::size_t>(*most), "thread")
                                              : fmt::format("{} to {} threads", *least, *most);
  return fmt::format("{}{} of {} on {}{}{}", slots.jobs, slots.jobs == 1 ? " job" : " jobs", threads,
                     plural(static_cast<std::size_t>(slots.cores), "core"), slots.note.empty() ? "" : ": ", slots.note);
}

void list_cases(const Design& design) {
  constexpr std::size_t most = 24, head = 20;
  const std::size_t cases = design.cases();
  for (std::size_t i = 0; i < cases; ++i) {
    if (cases > most && i == head) {
      fmt::print("  ... {} more\n", cases - head - 1);
      i = cases - 1;
    }
    fmt::print("  case {}: {}\n", i + 1, design.label(i));
  }
}

std::vector<std::size_t> unsettled_cases(const StudyFolder& folder) {
  std::vector<std::size_t> cases;
  for (std::size_t i = 0; i < folder.design().cases(); ++i)
    if (!folder.settled(i)) cases.push_back(i);
  return cases;
}

/// Runs the study on this machine.
void run_here(const SweepArguments& arguments, const StudyFolder& folder, const Slots& slots) {
  std::vector<std::size_t> cases(folder.design().cases());
  std::iota(cases.begin(), cases.end(), std::size_t{0});
  SweepView view(folder, arguments.quiet);
  StudyProgress last;
  // The table follows the study; it costs what it costs to read all summaries.
  double interval = 30;
  Wall::time_point written = Wall::now();
  const Wall::time_point start = written;
  const int signal = run_cases(folder, cases, slots,
                               {.ended = [&](std::size_t i, const CaseState& state) { view.ended(i, state); },
                                .progress =
                                    [&](const StudyProgress& now) {
                                      const bool news = now.finished + now.failed != last.finished + last.failed;
                                      last = now;
                                      view.show(now);
                                      if (!news || seconds_since(written) < interval) return;
                                      const Wall::time_point begun = Wall::now();
                                      StudyTable::of(folder).write(folder);
                                      written = Wall::now();
                                      interval = std::max(interval, 100 * seconds_since(begun));
                                    }});
  view.close();
  StudyTable::of(folder).write(folder);
  const fs::path table = folder.path() / "study.csv";
  last.running.clear();
  last.seconds_left.reset();
  std::vector<std::string> words{arguments.file.string()};
  words.insert(words.end(), arguments.overrides.begin(), arguments.overrides.end());
  // A case may have been stopped alone.
  if (signal != 0 || last.left > 0)
    throw Stopped(
        signal != 0 ? signal : SIGTERM,
        fmt::format("{} stopped: {}; spinode sweep {} --resume{} goes on", folder.design().name, counts_text(last),
                    fmt::join(words, " "), arguments.output.empty() ? "" : " --output " + arguments.output.string()));
  if (last.failed > 0)
    throw NumericalError(fmt::format("{} of {} failed: spinode sweep-status {} says why; table in {}", last.failed,
                                     plural(cases.size(), "case"), folder.path().string(), table.string()));
  if (!arguments.quiet)
    fmt::print("{} in {}: table in {}\n", counts_text(last), duration_text(seconds_since(start)), table.string());
}

void submit(const SweepArguments& arguments, const Study& study, const StudyFolder& folder,
            const CheckedCases& checked) {
  const int most = *std::max_element(checked.threads.begin(), checked.threads.end());
  const std::vector<std::size_t> cases = unsettled_cases(folder);
  if (cases.empty()) return fmt::print("no case is left to submit\n");
  const std::vector<std::string> ids = submit_to_slurm(folder, cases,
                                                       {.threads = std::max(1, most),
                                                        .jobs = arguments.jobs ? arguments.jobs : study.jobs(),
                                                        .options = study.slurm_options()});
  StudyTable::of(folder).write(folder);
  fmt::print("{} submitted as {} {}: spinode sweep-status {} and spinode collect {} follow them\n",
             plural(cases.size(), "case"), ids.size() == 1 ? "job" : "jobs", fmt::join(ids, " "),
             folder.path().string(), folder.path().string());
}

void sweep(const SweepArguments& arguments) {
  const Study study = Study::read(arguments.file, arguments.overrides);
  const Design& design = study.design();
  const bool list = arguments.scheduler == "list", talks = !arguments.quiet && !list;
  const CheckedCases checked = check(study);
  const fs::path path = arguments.output.empty() ? fs::path("results") / design.name : arguments.output;
  if (talks) {
    fmt::print("spinode {}, study {}{}{}\n{} of {}\n", version(), design.name, design.description.empty() ? "" : ": ",
               design.description, describe_design(design), study.base().string());
    fmt::print("a case takes up to {} of memory; all write about {}, {} are free\n", byte_text(checked.memory),
               byte_text(checked.output), byte_text(free_room(path)));
    for (const std::string& warning : checked.warnings) fmt::print("warning: {}\n", warning);
    if (checked.output > free_room(path)) fmt::print("warning: the study may fill its disk\n");
  }
  if (arguments.scheduler.empty()) {
    const Slots slots = Slots::fit(arguments.jobs ? arguments.jobs : study.jobs(), checked.threads, checked.memory);
    if (talks) fmt::print("{}\n", describe_slots(slots));
    if (arguments.dry_run) return list_cases(design);
    const StudyFolder folder(path, design, checked.resolved, arguments.existing());
    write_phase_map(folder);
    std::fflush(stdout);
    return run_here(arguments, folder, slots);
  }
  if (arguments.dry_run) return list_cases(design);
  const StudyFolder folder(path, design, checked.resolved, arguments.existing());
  write_phase_map(folder);
  if (list)
    for (const std::size_t i : unsettled_cases(folder)) fmt::print("{}\n", case_command(folder, i));
  else
    submit(arguments, study, folder, checked);
}

void print_status(const fs::path& path) {
  const StudyFolder folder(path);
  const Design& design = folder.design();
  StudyProgress now;
  std::vector<std::pair<std::size_t, std::string>> failed;
  double taken = 0, to_do = 0;
  std::size_t interrupted = 0;
  for (std::size_t i = 0; i < design.cases(); ++i) {
    const CaseState state = folder.state(i);
    if (state.stage == CaseStage::finished) {
      ++now.finished;
      taken += folder.wall_time(i);
    } else if (state.stage == CaseStage::failed) {
      failed.emplace_back(i, state.failure);
    } else if (state.stage == CaseStage::running) {
      now.running.push_back({.i = i, .threads = 0, .progress = folder.progress(i), .seconds = 0});
      to_do += 1 - now.running.back().progress;
    } else {
      ++now.left;
      to_do += 1 - folder.progress(i);
      if (state.stage == CaseStage::interrupted) ++interrupted;
    }
  }
  now.failed = failed.size();
  if (now.finished > 0 && !now.running.empty())
    now.seconds_left = to_do * taken / static_cast<double>(now.finished) / static_cast<double>(now.running.size());
  fmt::print("{}: {}\n{}\n", design.name, describe_design(design), counts_text(now));
  if (interrupted > 0) fmt::print("{} of those to go were interrupted\n", interrupted);
  for (const RunningCase& run : now.running)
    fmt::print("  case {} {:.1f} %: {}\n", run.i + 1, 100 * run.progress, design.label(run.i));
  for (const auto& [i, reason] : failed)
    fmt::print("  case {} failed: {}: {}; log in {}\n", i + 1, design.label(i), reason, folder.log_file(i).string());
}

void run_case(const fs::path& path, std::int64_t number, std::optional<int> threads) {
  const StudyFolder folder(path);
  if (number > static_cast<std::int64_t>(folder.design().cases()))
    throw ConfigError(
        fmt::format("command line: {}: {} has {}", number, path.string(), plural(folder.design().cases(), "case")));
  const std::size_t i = static_cast<std::size_t>(number - 1);
  if (folder.state(i).stage == CaseStage::running)
    throw IoError(fmt::format("{}: another process runs it", folder.run_folder(i).string()));
  Slots slots;
  const int own = Case::load(folder.case_file(i)).run.threads;
  slots.threads.assign(folder.design().cases(), own > 0 ? own : threads.value_or(0));
  slots.cores = slots.threads[i];
  const int signal = run_cases(folder, {i}, slots);
  const CaseState state = folder.state(i);
  if (!state.over()) throw Stopped(signal != 0 ? signal : SIGTERM, fmt::format("case {} stopped", number));
  if (state.stage == CaseStage::failed) throw NumericalError(fmt::format("case {} failed: {}", number, state.failure));
}

}  // namespace

void add_sweep(CLI::App& app) {
  const auto arguments = std::make_shared<SweepArguments>();
  CLI::App* const command = app.add_subcommand("sweep", "run a parameter study: a case with some keys varied");
  arguments->add_to(*command, "study", "study file in TOML");
  command->add_option("-j,--jobs", arguments->jobs, "cases at a time (as many as there are cores)")
      ->check(CLI::Range(1, 1 << 16));
  command->add_option("--output", arguments->output, "folder for the study (results/<study>)");
  command
      ->add_option("--scheduler", arguments->scheduler,
                   "slurm: submit the cases as a job array; list: print a command for each")
      ->check(CLI::IsMember({"slurm", "list"}));
  command->add_flag("--dry-run", arguments->dry_run, "check every case and say what would be run");
  CLI::Option* const resume =
      command->add_flag("--resume", arguments->resume, "go on with a study: cases from their checkpoints");
  command->add_flag("--overwrite", arguments->overwrite, "replace the study in the folder")->excludes(resume);
  command->add_flag("--quiet", arguments->quiet, "print errors only");
  command->callback([arguments] { sweep(*arguments); });
}

void add_sweep_status(CLI::App& app) {
  const auto folder = std::make_shared<fs::path>();
  CLI::App* const command = app.add_subcommand("sweep-status", "how a study is getting on");
  command->add_option("folder", *folder, "folder of the study")->required();
  command->callback([folder] { print_status(*folder); });
}

void add_sweep_case(CLI::App& app) {
  struct Arguments {
    fs::path folder;
    std::int64_t number = 0;
    std::optional<int> threads;
  };
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* const command = app.add_subcommand("sweep-case", "run one case of a study, as schedulers do");
  command->add_option("folder", arguments->folder, "folder of the study")->required();
  command->add_option("number", arguments->number, "number of the case")->required()->check(CLI::Range(1, 1 << 30));
  command->add_option("--threads", arguments->threads, "OpenMP threads of a case that does not say (all cores)")
      ->check(CLI::Range(1, 1024));
  command->callback([arguments] { run_case(arguments->folder, arguments->number, arguments->threads); });
}

void add_collect(CLI::App& app) {
  const auto folder = std::make_shared<fs::path>();
  CLI::App* const command = app.add_subcommand("collect", "the table of a study, from what is there");
  command->add_option("folder", *folder, "folder of the study")->required();
  command->callback([folder] {
    const StudyFolder study(*folder);
    StudyTable::of(study).write(study);
    fmt::print("{}\n", (study.path() / "study.csv").string());
  });
}

}  // namespace spinode::command
