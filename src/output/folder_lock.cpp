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

FolderLock::FolderLock(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / name;
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw IoError(fmt::format("{}: cannot be opened: {}", file.string(), std::strerror(errno)));
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
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

FolderLock::FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace spinode
