#include "folder_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "host_name.hpp"
#include "spinode/error.hpp"

namespace spinode {
namespace {

/// Those who only ask whether a folder is held hold it themselves for a moment.
bool lock_soon(int descriptor) {
  constexpr int attempts = 10;
  for (int i = 0; i < attempts; ++i) {
    if (i > 0) ::usleep(20'000);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK) return false;
  }
  return false;
}

}  // namespace

FolderLock::FolderLock(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / name;
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw IoError(fmt::format("{}: cannot be opened: {}", file.string(), std::strerror(errno)));
  if (!lock_soon(descriptor_)) {
    if (errno != EWOULDBLOCK) return;
    std::array<char, 256> holder{};
    const ssize_t length = ::read(descriptor_, holder.data(), holder.size());
    ::close(std::exchange(descriptor_, -1));
    throw IoError(fmt::format("{}: another run writes to it ({})", folder.string(),
                              std::string_view(holder.data(), length > 0 ? static_cast<std::size_t>(length) : 0)));
  }
  const std::string holder = fmt::format("process {} on {}", ::getpid(), host_name());
  // Who holds it is said for readers alone: the lock is there without it.
  if (::ftruncate(descriptor_, 0) == 0) static_cast<void>(!::pwrite(descriptor_, holder.data(), holder.size(), 0));
}

bool FolderLock::is_held(const std::filesystem::path& folder) {
  const int descriptor = ::open((folder / name).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool held = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return held;
}

FolderLock::FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace spinode
