// Hands the cases of a study to an engine that distributes them over machines; each is `spinode sweep-case DIR NUMBER`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "spinode/study/study_folder.hpp"

namespace spinode {

/// The command that runs a case, for a shell.
std::string case_command(const StudyFolder& folder, std::size_t i);

/// "3,5-9": whole numbers in rising order.
std::string number_ranges(const std::vector<std::size_t>& numbers);

struct SlurmJob {
  int threads = 1;                   // cores of a case
  std::optional<int> jobs;           // cases at a time
  std::vector<std::string> options;  // of sbatch
};

/// Writes slurm.sh and submits the cases as job arrays, none longer than Slurm's MaxArraySize. Returns the numbers of
/// the jobs. Throws IoError with what Slurm says when it is not there or refuses.
std::vector<std::string> submit_to_slurm(const StudyFolder& folder, const std::vector<std::size_t>& cases,
                                         const SlurmJob& job);

}  // namespace spinode
