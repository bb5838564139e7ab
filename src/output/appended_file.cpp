#include "spinode/output/appended_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "../disk.hpp"
#include "whole_file.hpp"

namespace spinode {

AppendedFile AppendedFile::create(const std::filesystem::path& file, const std::string& header) {
  write_whole(file, fmt::format("{}\n", header));
  return AppendedFile(file, header.size() + 1);
}

AppendedFile AppendedFile::reopen(const std::filesystem::path& file, std::uint64_t size) {
  AppendedFile reopened(file, size);
  struct stat found;
  if (::fstat(reopened.descriptor_, &found) < 0) throw write_error(file, "cannot be read", errno);
  if (static_cast<std::uint64_t>(found.st_size) < size)
    throw IoError(fmt::format("{}: is shorter than the checkpoint says", file.string()));
  if (::ftruncate(reopened.descriptor_, static_cast<off_t>(size)) < 0)
    throw write_error(file, "cannot be cut back to the checkpoint", errno);
  return reopened;
}

AppendedFile::AppendedFile(std::filesystem::path file, std::uint64_t size) : file_(std::move(file)), size_(size) {
  descriptor_ = ::open(file_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor_ < 0) throw write_error(file_, "cannot be opened", errno);
}

AppendedFile::~AppendedFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void AppendedFile::swap(AppendedFile& other) noexcept {
  file_.swap(other.file_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
}

void AppendedFile::append(const std::string& line) {
  const std::string text = fmt::format("{}\n", line);
  if (const int error = write_all(descriptor_, text.data(), text.size(), size_)) {
    // A line in part would make the table unreadable. Where this fails too, a checkpoint's size still tells the line.
    static_cast<void>(!::ftruncate(descriptor_, static_cast<off_t>(size_)));
    throw write_error(file_, "a line cannot be appended", error, text.size());
  }
  size_ += text.size();
}

void AppendedFile::sync() {
  if (const int error = sync_file(descriptor_)) throw write_error(file_, "cannot be written", error);
  struct stat found;
  if (::fstat(descriptor_, &found) == 0 && found.st_nlink == 0)
    throw IoError(fmt::format("{}: was removed while it was written", file_.string()));
}

}  // namespace spinode
