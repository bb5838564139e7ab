#include "spinode/study/scheduler.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <string_view>

#include "../output/whole_file.hpp"
#include "spinode/error.hpp"

namespace spinode {
namespace {

namespace fs = std::filesystem;

/// A text as one word of a shell.
std::string quoted(const std::string& text) {
  if (!text.empty() &&
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,%+@") ==
          std::string::npos)
    return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string sweep_case(const StudyFolder& folder) {
  return fmt::format("{} sweep-case {}", quoted(fs::read_symlink("/proc/self/exe").string()),
                     quoted(fs::absolute(folder.path()).lexically_normal().string()));
}

struct Answer {
  int code;
  std::string text;
};

/// What a command prints.
Answer ask(const std::string& command) {
  std::FILE* const pipe = ::popen(fmt::format("{} 2>&1", command).c_str(), "r");
  if (!pipe) throw IoError(fmt::format("{}: cannot be started", command));
  Answer answer{0, {}};
  std::array<char, 4096> block;
  for (std::size_t size; (size = std::fread(block.data(), 1, block.size(), pipe)) > 0;)
    answer.text.append(block.data(), size);
  const int status = ::pclose(pipe);
  answer.code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  answer.text.erase(answer.text.find_last_not_of(" \n") + 1);
  return answer;
}

/// What sbatch says, without its name on every line.
std::string on_one_line(const std::string& text) {
  std::string line;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part);) {
    for (const char* head : {"sbatch: ", "error: "})
      if (part.starts_with(head)) part.erase(0, std::string_view(head).size());
    if (!part.empty()) line += fmt::format("{}{}", line.empty() ? "" : "; ", part);
  }
  return line;
}

/// How many jobs an array may have.
std::size_t longest_array() {
  constexpr std::size_t usual = 1001;
  const Answer answer = ask("scontrol show config");
  const std::size_t at = answer.text.find("MaxArraySize");
  if (answer.code != 0 || at == std::string::npos) return usual;
  const std::size_t digit = answer.text.find_first_of("0123456789", at);
  std::size_t size = usual;
  if (digit != std::string::npos)
    std::from_chars(answer.text.data() + digit, answer.text.data() + answer.text.size(), size);
  return std::max<std::size_t>(size, 1);
}

}  // namespace

std::string case_command(const StudyFolder& folder, std::size_t i) {
  return fmt::format("{} {}", sweep_case(folder), i + 1);
}

std::string number_ranges(const std::vector<std::size_t>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::size_t first = i;
    while (i + 1 < numbers.size() && numbers[i + 1] == numbers[i] + 1) ++i;
    text += fmt::format("{}{}", text.empty() ? "" : ",", numbers[first]);
    if (i > first) text += fmt::format("-{}", numbers[i]);
  }
  return text;
}

std::vector<std::string> submit_to_slurm(const StudyFolder& folder, const std::vector<std::size_t>& cases,
                                         const SlurmJob& job) {
  const fs::path script = folder.path() / "slurm.sh";
  std::string text = fmt::format(
      "#!/bin/sh\n"
      "#SBATCH --job-name={}\n"
      "#SBATCH --cpus-per-task={}\n"
      "#SBATCH --output=/dev/null\n"
      "#SBATCH --signal=B:TERM@60\n",
      quoted(folder.design().name), job.threads);
  for (const std::string& option : job.options) text += fmt::format("#SBATCH {}\n", option);
  // In the place of the shell, so that Slurm's SIGTERM reaches it.
  text += fmt::format("exec {} $(($1 + SLURM_ARRAY_TASK_ID)) --threads {}\n", sweep_case(folder), job.threads);
  write_whole(script, text);
  const std::size_t longest = longest_array();
  std::vector<std::string> ids;
  for (std::size_t next = 0; next < cases.size();) {
    const std::size_t offset = cases[next] + 1;
    std::vector<std::size_t> tasks;
    for (; next < cases.size() && cases[next] + 1 - offset < longest; ++next) tasks.push_back(cases[next] + 1 - offset);
    std::string options = fmt::format("--parsable --array={}", number_ranges(tasks));
    if (job.jobs) options += fmt::format("%{}", *job.jobs);
    // The limit holds for one array.
    if (job.jobs && !ids.empty()) options += fmt::format(" --dependency=afterany:{}", ids.back());
    const Answer answer = ask(fmt::format("sbatch {} {} {}", options, quoted(script.string()), offset));
    if (answer.code != 0)
      throw IoError(fmt::format("{}: not submitted: {}{}", script.string(), on_one_line(answer.text),
                                ids.empty() ? "" : fmt::format("; jobs {} are", fmt::join(ids, " "))));
    const std::string id = answer.text.substr(answer.text.rfind('\n') + 1);
    ids.push_back(id.substr(0, id.find(';')));  // without the name of the cluster
  }
  return ids;
}

}  // namespace spinode
