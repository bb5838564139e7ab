// The folder of a study: study.toml, and in cases/ of each case 0001 the file 0001.toml, the results 0001/, the log
// 0001.log, and where it failed the reason 0001.failure.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "spinode/output/results.hpp"
#include "spinode/study/design.hpp"

namespace spinode {

class FolderLock;

/// interrupted: begun, and neither over nor running.
enum class CaseStage { waiting, running, interrupted, finished, failed };
std::string_view name(CaseStage stage);

struct CaseState {
  CaseStage stage = CaseStage::waiting;
  std::string failure;  // why it failed

  bool over() const { return stage == CaseStage::finished || stage == CaseStage::failed; }
};

class StudyFolder {
 public:
  /// That of a study that was begun. Throws IoError or ConfigError when it is none.
  explicit StudyFolder(std::filesystem::path folder);
  /// Begins a study, or goes on with it, and holds the folder against others. `resolved`: the config of each case.
  /// Throws IoError where it is not empty and that is refused, or another process holds it; ConfigError where the study
  /// that is to go on had other cases.
  StudyFolder(std::filesystem::path folder, const Design& design, const std::vector<std::string>& resolved,
              Existing existing);
  StudyFolder(StudyFolder&&) noexcept;
  ~StudyFolder();

  const std::filesystem::path& path() const { return path_; }
  const Design& design() const { return design_; }
  std::filesystem::path case_file(std::size_t i) const { return of_case(i, ".toml"); }
  std::filesystem::path run_folder(std::size_t i) const { return of_case(i, ""); }
  std::filesystem::path log_file(std::size_t i) const { return of_case(i, ".log"); }
  std::filesystem::path failure_file(std::size_t i) const { return of_case(i, ".failure"); }

  CaseState state(std::size_t i) const;
  /// Whether it has a summary, and so needs no other attempt. A case that failed without one is tried again: its disk
  /// was full, or its memory short.
  bool settled(std::size_t i) const;
  std::filesystem::path summary_file(std::size_t i) const { return run_folder(i) / "summary.json"; }
  /// How far a case is that is not over, as a share of its end; `end` as end_time() gives it.
  double progress(std::size_t i, double end) const;
  double progress(std::size_t i) const { return progress(i, end_time(i)); }
  /// Key time.end of a case [s]; 0 where it cannot be read.
  double end_time(std::size_t i) const;
  /// Wall time that a case took [s], from its summary; 0 where it has none.
  double wall_time(std::size_t i) const;

 private:
  std::filesystem::path of_case(std::size_t i, const char* ending) const;
  void begin(const std::vector<std::string>& resolved) const;
  void write_cases(const std::vector<std::string>& resolved) const;
  void go_on(const std::vector<std::string>& resolved);
  /// Throws ConfigError with the first difference, if there is any.
  void refuse_another(const Design& before, const std::vector<std::string>& resolved) const;

  std::filesystem::path path_;
  Design design_;
  std::unique_ptr<FolderLock> lock_;
};

}  // namespace spinode
