#include "disk.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

#include "spinode/room.hpp"

namespace spinode {
namespace {

namespace fs = std::filesystem;

/// The result of a system call that signals do not interrupt.
template <class Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

fs::path folder_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

/// Sees that the names in a folder are on the disk. Returns 0 or an errno.
int sync_folder(const fs::path& folder) noexcept {
  const int descriptor = uninterrupted([&] { return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (descriptor < 0) return errno;
  const int error = sync_file(descriptor);
  ::close(descriptor);
  // Some file systems keep names safe by themselves and refuse.
  return error == EINVAL ? 0 : error;
}

}  // namespace

IoError write_error(const fs::path& file, const std::string& what, int error, std::uint64_t needed,
                    std::uint64_t reclaimed) {
  std::string text = fmt::format("{}: {}: {}", file.string(), what, std::generic_category().message(error));
  if (needed > 0 && (error == ENOSPC || error == EDQUOT)) {
    text += fmt::format("; needs at least {}", byte_text(static_cast<double>(needed)));
    // Nothing tells how much of a quota is left.
    if (error == ENOSPC)
      text += fmt::format(", {} are free", byte_text(free_room(folder_of(file)) + static_cast<double>(reclaimed)));
  }
  return IoError(text);
}

int write_all(int descriptor, const void* data, std::size_t size, std::uint64_t offset) noexcept {
  // Linux writes no more than 2 GiB at once.
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = uninterrupted([&] { return ::pwrite(descriptor, at, size, static_cast<off_t>(offset)); });
    if (written < 0) return errno;
    if (written == 0) return EIO;
    at += written;
    offset += static_cast<std::uint64_t>(written);
    size -= static_cast<std::size_t>(written);
  }
  return 0;
}

int sync_file(int descriptor) noexcept {
  return uninterrupted([&] { return ::fsync(descriptor); }) < 0 ? errno : 0;
}

PartFile::PartFile(fs::path file) : file_(std::move(file)), part_(fmt::format("{}.part", file_.string())) {
  descriptor_ = uninterrupted([&] { return ::open(part_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666); });
  if (descriptor_ < 0) throw write_error(file_, "cannot be created", errno);
}

PartFile::~PartFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!part_.empty()) ::unlink(part_.c_str());
}

void PartFile::note(int error) noexcept {
  if (error_ == 0) error_ = error;
}

void PartFile::write(const void* data, std::size_t size, std::uint64_t offset) noexcept {
  size_ = std::max(size_, offset + size);
  if (error_ == 0) note(write_all(descriptor_, data, size, offset));
}

void PartFile::resize(std::uint64_t size) noexcept {
  size_ = size;
  if (error_ == 0 && uninterrupted([&] { return ::ftruncate(descriptor_, static_cast<off_t>(size)); }) < 0) note(errno);
}

void PartFile::read(void* data, std::size_t size, std::uint64_t offset) noexcept {
  char* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t got = uninterrupted([&] { return ::pread(descriptor_, at, size, static_cast<off_t>(offset)); });
    if (got < 0) note(errno);
    if (got <= 0) break;
    at += got;
    offset += static_cast<std::uint64_t>(got);
    size -= static_cast<std::size_t>(got);
  }
  std::memset(at, 0, size);
}

void PartFile::check(const std::string& what) const {
  if (error_ == 0) return;
  struct stat held;
  const bool known = descriptor_ >= 0 && ::fstat(descriptor_, &held) == 0;
  throw write_error(file_, what, error_, size_, known ? static_cast<std::uint64_t>(held.st_blocks) * 512 : 0);
}

void PartFile::publish() {
  constexpr const char* what = "cannot be written";
  check(what);
  note(sync_file(descriptor_));
  check(what);
  // Network file systems tell of a full disk as late as here.
  if (::close(std::exchange(descriptor_, -1)) < 0 && errno != EINTR) note(errno);
  check(what);
  if (std::rename(part_.c_str(), file_.c_str()) < 0) note(errno);
  check(what);
  part_.clear();
  note(sync_folder(folder_of(file_)));
  check(what);
}

}  // namespace spinode
