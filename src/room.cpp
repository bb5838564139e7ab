#include "spinode/room.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <optional>

namespace spinode {
namespace {

namespace fs = std::filesystem;

constexpr double unlimited = std::numeric_limits<double>::infinity();

/// The number at the start of a file; none where it starts with a word, as "max" does.
std::optional<double> number_in(const fs::path& file) {
  std::ifstream in(file);
  double number = 0;
  return in >> number ? std::optional(number) : std::nullopt;
}

/// The number after a word that starts a line; 0 without it.
double number_after(const std::string& word, const fs::path& file) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(word)) return std::strtod(line.c_str() + word.size(), nullptr);
  return 0;
}

/// What one cgroup leaves. Cached files count as used, but give way.
double left_by_group(const fs::path& group, const char* limit, const char* usage, const std::string& prefix) {
  const auto most = number_in(group / limit), used = number_in(group / usage);
  if (!most || !used) return unlimited;
  const fs::path stat = group / "memory.stat";
  const double cached = number_after(prefix + "inactive_file ", stat) + number_after(prefix + "active_file ", stat);
  return std::max(0.0, *most - std::max(0.0, *used - cached));
}

/// What the cgroups of this process leave, each line of /proc/self/cgroup being "number:controllers:path".
double left_by_groups(const fs::path& root) {
  double least = unlimited;
  std::ifstream in(root / "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool unified = controllers.empty();
    if (!unified && controllers != "memory") continue;
    const fs::path top = root / (unified ? "sys/fs/cgroup" : "sys/fs/cgroup/memory");
    fs::path group = top / fs::path(line.substr(second + 1)).relative_path();
    // A container may see its own group as the top one, whatever its path.
    for (const fs::path end = top.parent_path(); group != end && group.has_relative_path(); group = group.parent_path())
      least =
          std::min(least, unified ? left_by_group(group, "memory.max", "memory.current", "")
                                  : left_by_group(group, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_"));
  }
  return least;
}

double left_by_address_space(const fs::path& root) {
  rlimit limit{};
  const auto pages = number_in(root / "proc/self/statm");
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || !pages) return unlimited;
  return std::max(0.0, static_cast<double>(limit.rlim_cur) - *pages * static_cast<double>(sysconf(_SC_PAGESIZE)));
}

}  // namespace

std::string byte_text(double bytes) {
  constexpr std::array prefixes{"", "k", "M", "G", "T", "P", "E"};
  std::size_t thousands = 0;
  // 999.9 kB to three digits is 1 MB.
  for (; bytes >= 999.5 && thousands + 1 < prefixes.size(); bytes /= 1000) ++thousands;
  return fmt::format("{:.3g} {}B", bytes, prefixes[thousands]);
}

double free_memory(const fs::path& root) {
  const double kilobytes = number_after("MemAvailable:", root / "proc/meminfo");
  return std::min({kilobytes > 0 ? 1024 * kilobytes : unlimited, left_by_groups(root), left_by_address_space(root)});
}

double free_room(const fs::path& folder) {
  std::error_code ignored;
  fs::path there = fs::absolute(folder, ignored);
  while (!fs::exists(there, ignored) && there.has_relative_path()) there = there.parent_path();
  struct statvfs disk {};
  if (statvfs(there.c_str(), &disk) != 0) return unlimited;
  return static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize);
}

}  // namespace spinode
