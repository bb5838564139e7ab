// What the machine has to spare: memory, and room on its disks.
#pragma once

#include <filesystem>
#include <string>

namespace spinode {

/// "1.5 GB": a number of bytes, prefixes being powers of 1000.
std::string byte_text(double bytes);

/// Bytes of memory that this process can still have: the least of what the system has available (MemAvailable), what
/// the cgroup and its ancestors leave (versions 1 and 2), and what `ulimit -v` leaves. Infinite where nothing says.
/// `root` holds /proc and /sys.
double free_memory(const std::filesystem::path& root = "/");

/// Bytes that a user may write in a folder, or in the nearest parent that exists. Infinite where nothing says.
double free_room(const std::filesystem::path& folder);

}  // namespace spinode
