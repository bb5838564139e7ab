// Reading in a child process, for libraries that damaged files can crash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace spinode {

/// What a child process may use beyond what it begins with.
struct Allowance {
  std::uint64_t seconds;  // of the processor
  std::uint64_t bytes;
};

/// The bytes that `read` returns in a child process. Throws IoError with the text of the IoError that it ends with, or
/// with `otherwise` when the child crashes or exceeds its allowance.
std::vector<char> isolated(const std::function<std::vector<char>()>& read, const Allowance& allowance,
                           const std::string& otherwise);

}  // namespace spinode
