// Runs the real command in a temporary folder, as a user would.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cli {

struct Outcome {
  int code;
  std::string out, err;
};

/// A folder that is removed with all that is in it.
class Workplace {
 public:
  Workplace();
  ~Workplace();
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  void write(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const;
  bool has(const std::string& name) const { return std::filesystem::exists(folder_ / name); }
  /// Runs `spinode arguments...` inside the folder, on one thread unless told otherwise.
  Outcome spinode(const std::vector<std::string>& arguments) const;

 private:
  std::filesystem::path folder_;
};

/// A text with `from`, which must be in it, replaced by `to`.
std::string with(std::string text, const std::string& from, const std::string& to);

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// Li-Na in 1D; lines are numbered in the file.
extern const std::string alloy;
/// A double well without units, in as many dimensions as wanted.
std::string double_well(int dimension);

}  // namespace cli
