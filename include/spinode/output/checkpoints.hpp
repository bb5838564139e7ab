// The checkpoints of a run: two files that are written in turn, so that one is whole whatever happens to the other.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "spinode/hdf5.hpp"

namespace spinode {

class Checkpoints {
 public:
  /// Makes the folder with the first checkpoint.
  explicit Checkpoints(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// The latest that is whole; the next one written takes the place of the other. Empty where there is none. Throws
  /// IoError where there are some but none is whole.
  std::optional<Hdf5File> latest();
  /// What is wrong with a checkpoint that latest() has passed over.
  const std::vector<std::string>& damaged() const { return damaged_; }

  /// Writes the next one.
  void write(const std::function<void(Hdf5File&)>& fill);

 private:
  static constexpr std::size_t count = 2;
  std::filesystem::path file(std::size_t i) const;

  std::filesystem::path folder_;
  std::vector<std::string> damaged_;
  std::int64_t number_ = 0;  // of the last one
  std::size_t next_ = 0;     // of the files
};

}  // namespace spinode
