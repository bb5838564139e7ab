// The ways in which spinode ends early, each with its exit code; main alone catches them.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace spinode {

/// Bad input: every fault that was found, one line each, "where: given: allowed".
class ConfigError : public std::runtime_error {
 public:
  static constexpr int exit_code = 2;

  explicit ConfigError(std::vector<std::string> fault_lines)
      : std::runtime_error(joined(fault_lines)), faults(std::move(fault_lines)) {}
  explicit ConfigError(const std::string& fault) : ConfigError(std::vector{fault}) {}

  std::vector<std::string> faults;

 private:
  static std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
    return text;
  }
};

/// A run that cannot go on: no step size is left that the scheme accepts.
class NumericalError : public std::runtime_error {
 public:
  static constexpr int exit_code = 3;
  using std::runtime_error::runtime_error;
};

/// A run that was asked to stop by a signal, and can go on.
class Stopped : public std::runtime_error {
 public:
  Stopped(int signal, const std::string& what) : std::runtime_error(what), exit_code(128 + signal) {}

  int exit_code;
};

/// A file that cannot be read or written.
class IoError : public std::runtime_error {
 public:
  static constexpr int exit_code = 4;
  using std::runtime_error::runtime_error;
};

}  // namespace spinode
