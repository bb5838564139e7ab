// A study: a base case, what is varied of it, and how its cases are to be run.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "spinode/case.hpp"
#include "spinode/study/design.hpp"

namespace spinode {

/// A table of [[axes]] holds keys of a case that vary together; axes are crossed with each other. A key has a list of
/// values, { linspace = [from, to, count] } or { logspace = [from, to, count] }; or, where the axis is a sample
/// (`sample`, `count`, `seed`), a distribution, such as { normal = [mean, standard deviation] }, or "errors": those
/// that the case or its system file gives.
class Study {
 public:
  /// `overrides` are "key=value" of every case. Throws ConfigError with every fault of the file, IoError when one
  /// cannot be read.
  static Study read(const std::filesystem::path& file, const std::vector<std::string>& overrides = {});
  Study(Study&&) noexcept;
  ~Study();

  const Design& design() const;
  const std::filesystem::path& base() const;
  /// Cases at a time, where the file says so.
  std::optional<int> jobs() const;
  /// Options of sbatch.
  const std::vector<std::string>& slurm_options() const;

  /// Case i; may be called by several threads. Throws ConfigError with every fault of it.
  Case load(std::size_t i) const;

 private:
  struct Impl;
  explicit Study(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The cases of a study, all of them valid, and what they need.
struct CheckedCases {
  std::vector<std::string> resolved;  // of each case
  std::vector<int> threads;           // of each case; 0: as many as there are cores for it
  double memory = 0;                  // bytes of the case that needs most
  double output = 0;                  // bytes of all
  std::vector<std::string> warnings;  // as `spinode check` gives them, each kind once with the cases that have it
};

/// Throws ConfigError with the faults of all cases together, each with the cases that have it.
CheckedCases check(const Study& study);

}  // namespace spinode
