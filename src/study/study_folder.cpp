#include "spinode/study/study_folder.hpp"

#include <fmt/format.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>

#include "../config_layers.hpp"
#include "../output/folder_lock.hpp"
#include "../output/whole_file.hpp"
#include "spinode/config_differences.hpp"
#include "spinode/error.hpp"
#include "spinode/units.hpp"
#include "summary.hpp"

namespace spinode {
namespace {

namespace fs = std::filesystem;

constexpr const char* design_file = "study.toml";

std::string text_of_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The last whole line of a file that may be long and may grow.
std::string last_line(const fs::path& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) return "";
  constexpr std::streamoff most = 1 << 14;
  const std::streamoff size = in.tellg();
  in.seekg(std::max<std::streamoff>(0, size - most));
  std::string text(std::istreambuf_iterator<char>(in), {});
  text.erase(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n'));
  return text.substr(text.rfind('\n') + 1);
}

std::string checksum_of(const std::vector<std::string>& texts) {
  XXH3_state_t checksum;
  XXH3_64bits_reset(&checksum);
  for (const std::string& text : texts) XXH3_64bits_update(&checksum, text.data(), text.size());
  return fmt::format("{:016x}", XXH3_64bits_digest(&checksum));
}

/// Whether a folder holds what a study leaves that was killed as it began, and nothing else.
bool is_begun(const fs::path& folder) {
  const auto all = [](const fs::path& where, const auto& allowed) {
    const fs::directory_iterator files(where);
    return std::all_of(begin(files), end(files), [&](const auto& entry) { return allowed(entry.path().filename()); });
  };
  return all(folder,
             [](const fs::path& name) {
               return name == FolderLock::name || name == "cases" || name == "study.toml.part";
             }) &&
         (!fs::exists(folder / "cases") || all(folder / "cases", [](const fs::path& name) {
           const std::string stem = name.stem().string();
           return name.extension() == ".toml" && stem.find_first_not_of("0123456789") == std::string::npos;
         }));
}

}  // namespace

std::string_view name(CaseStage stage) {
  constexpr std::array names{"waiting", "running", "interrupted", "finished", "failed"};
  return names[static_cast<std::size_t>(stage)];
}

StudyFolder::StudyFolder(fs::path folder) : path_(std::move(folder)) {
  if (!fs::is_regular_file(path_ / design_file))
    throw IoError(fmt::format("{}: holds no study: spinode sweep makes one", path_.string()));
  design_ = Design::read(path_ / design_file);
}

StudyFolder::StudyFolder(fs::path folder, const Design& design, const std::vector<std::string>& resolved,
                         Existing existing)
    : path_(std::move(folder)), design_(design) {
  try {
    if (fs::exists(path_) && !fs::is_directory(path_))
      throw IoError(fmt::format("{}: is a file, expected a folder for a study", path_.string()));
    const fs::directory_iterator files = fs::exists(path_) ? fs::directory_iterator(path_) : fs::directory_iterator();
    const bool occupied = std::any_of(fs::begin(files), fs::end(files),
                                      [](const auto& entry) { return entry.path().filename() != FolderLock::name; });
    if (occupied && existing == Existing::refuse)
      throw IoError(
          fmt::format("{}: is not empty; give --resume to go on with the study in it, --overwrite, or another --output",
                      path_.string()));
    fs::create_directories(path_);
    lock_ = std::make_unique<FolderLock>(path_);
    // The description is written last: with it, all cases are there.
    const bool whole = fs::exists(path_ / design_file);
    if (occupied && !whole && !is_begun(path_))
      throw IoError(fmt::format("{}: holds no study, and is not empty", path_.string()));
    if (whole && existing == Existing::resume)
      go_on(resolved);
    else
      begin(resolved);
  } catch (const fs::filesystem_error& error) {
    throw IoError(fmt::format("{}: cannot be made: {}", path_.string(), error.code().message()));
  }
}

StudyFolder::StudyFolder(StudyFolder&&) noexcept = default;
StudyFolder::~StudyFolder() = default;

fs::path StudyFolder::of_case(std::size_t i, const char* ending) const {
  return path_ / "cases" / (case_number(i) + ending);
}

void StudyFolder::begin(const std::vector<std::string>& resolved) const {
  // By sweep-case, which does not hold the study.
  if (fs::exists(path_ / "cases"))
    for (const auto& entry : fs::directory_iterator(path_ / "cases"))
      if (FolderLock::is_held(entry.path()))
        throw IoError(fmt::format("{}: another process runs it", entry.path().string()));
  // The description goes last: without it, what is left would not be known as a study's.
  for (const char* name : {"cases", "phase_diagram", "figures", "study.csv", "study.h5", "slurm.sh", design_file})
    fs::remove_all(path_ / name);
  fs::create_directories(path_ / "cases");
  write_cases(resolved);
  write_whole(path_ / design_file, fmt::format("checksum = \"{}\"\n{}", checksum_of(resolved), design_.toml()));
}

/// To see each on the disk would take long for thousands; what a power cut leaves of them is written again.
void StudyFolder::write_cases(const std::vector<std::string>& resolved) const {
  for (std::size_t i = 0; i < resolved.size(); ++i) {
    if (text_of_file(case_file(i)) == resolved[i]) continue;
    std::ofstream out(case_file(i), std::ios::binary);
    if (!(out << resolved[i] << std::flush)) throw IoError(fmt::format("{}: cannot be written", case_file(i).string()));
  }
}

void StudyFolder::go_on(const std::vector<std::string>& resolved) {
  const Design before = Design::read(path_ / design_file);
  const Layer description = read_layer(path_ / design_file);
  const toml::node* const checksum = description.find("checksum");
  if (!checksum || checksum->value_or("") != checksum_of(resolved)) refuse_another(before, resolved);
  design_ = before;
  write_cases(resolved);
}

void StudyFolder::refuse_another(const Design& before, const std::vector<std::string>& resolved) const {
  const auto refuse = [&](const std::string& why) {
    throw ConfigError(
        fmt::format("{}: holds another study: {}; give --overwrite or another --output", path_.string(), why));
  };
  if (before.cases() != design_.cases())
    refuse(fmt::format("{} cases where there are {} now", before.cases(), design_.cases()));
  for (std::size_t i = 0; i < resolved.size(); ++i) {
    if (before.label(i) != design_.label(i))
      refuse(fmt::format("case {} is {} where it is {} now", i + 1, before.label(i), design_.label(i)));
    for (const ConfigDifference& difference : config_differences(text_of_file(case_file(i)), resolved[i]))
      refuse(fmt::format("{} of case {} is {} where it is {} now", difference.key, i + 1,
                         difference.before.empty() ? "nothing" : difference.before,
                         difference.now.empty() ? "nothing" : difference.now));
  }
}

bool StudyFolder::settled(std::size_t i) const {
  std::error_code none;
  return fs::exists(summary_file(i), none);
}

CaseState StudyFolder::state(std::size_t i) const {
  std::error_code none;
  if (settled(i)) {
    const Summary summary = Summary::read(summary_file(i));
    return summary.failure.empty() ? CaseState{CaseStage::finished, ""} : CaseState{CaseStage::failed, summary.failure};
  }
  if (FolderLock::is_held(run_folder(i))) return {CaseStage::running, ""};
  if (fs::exists(failure_file(i), none)) {
    std::string text = text_of_file(failure_file(i));
    text.erase(text.find_last_not_of('\n') + 1);
    return {CaseStage::failed, text};
  }
  return {fs::exists(log_file(i), none) ? CaseStage::interrupted : CaseStage::waiting, ""};
}

double StudyFolder::progress(std::size_t i, double end) const {
  const std::string row = last_line(run_folder(i) / "timeseries.csv");
  const std::size_t comma = row.find(',');
  double time = 0;
  if (comma != std::string::npos) std::from_chars(row.data() + comma + 1, row.data() + row.size(), time);
  return end > 0 ? std::clamp(time / end, 0.0, 1.0) : 0;
}

double StudyFolder::end_time(std::size_t i) const {
  try {
    const Layer file = read_layer(case_file(i));
    const toml::node* const end = file.find("time.end");
    const auto text = end ? end->value_exact<std::string>() : std::nullopt;
    return text ? units::parse(*text, "s") : end ? end->value_or(0.0) : 0.0;
  } catch (const std::exception&) {
    return 0;  // it only tells how far a case is
  }
}

double StudyFolder::wall_time(std::size_t i) const { return settled(i) ? Summary::read(summary_file(i)).wall_time : 0; }

}  // namespace spinode
