// A text file that grows by whole lines.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace spinode {

/// Every failure is an IoError that names the file.
class AppendedFile {
 public:
  /// No file.
  AppendedFile() = default;
  /// A file of one line, in the place of what is there.
  static AppendedFile create(const std::filesystem::path& file, const std::string& header);
  /// An existing file cut back to `size` bytes.
  static AppendedFile reopen(const std::filesystem::path& file, std::uint64_t size);

  AppendedFile(AppendedFile&& other) noexcept { swap(other); }
  AppendedFile& operator=(AppendedFile&& other) noexcept {
    swap(other);
    return *this;
  }
  ~AppendedFile();

  /// Writes the line and its end, or nothing of it.
  void append(const std::string& line);
  /// Bytes of the lines written.
  std::uint64_t size() const { return size_; }
  /// Sees that every line is on the disk.
  void sync();

 private:
  AppendedFile(std::filesystem::path file, std::uint64_t size);
  void swap(AppendedFile& other) noexcept;

  std::filesystem::path file_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace spinode
