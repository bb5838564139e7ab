// Writing to a disk that may be full, slow or gone: a file is there as a whole or not at all, and a failure says why.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "spinode/error.hpp"

namespace spinode {

/// "results/a.csv: cannot be written: No space left on device; needs at least 12.3 kB, 4.1 kB are free".
/// what: "cannot be written"; error: an errno; needed, reclaimed: bytes that were to be held by the disk, and bytes
/// that are free again once the failed file is gone.
IoError write_error(const std::filesystem::path& file, const std::string& what, int error, std::uint64_t needed = 0,
                    std::uint64_t reclaimed = 0);

/// Writes all of `data` at an offset [bytes]. Returns 0, or the errno of the failure.
int write_all(int descriptor, const void* data, std::size_t size, std::uint64_t offset) noexcept;

/// Sees that the contents of a file are on the disk. Returns 0 or an errno.
int sync_file(int descriptor) noexcept;

/// A file under a temporary name beside its own, which it takes when it is whole; until then the old one stays.
class PartFile {
 public:
  /// Begins FILE.part anew. Throws IoError.
  explicit PartFile(std::filesystem::path file);
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;
  /// A file that was not published is removed.
  ~PartFile();

  /// The first failure is kept for check(); what is written after it is dropped.
  void write(const void* data, std::size_t size, std::uint64_t offset) noexcept;
  void resize(std::uint64_t size) noexcept;
  /// Zeros where nothing was written.
  void read(void* data, std::size_t size, std::uint64_t offset) noexcept;
  /// Bytes that the file would have had without failures.
  std::uint64_t size() const noexcept { return size_; }

  /// Throws the first failure as an IoError.
  void check(const std::string& what) const;
  /// Sees that the file is on the disk, and gives it its name. Throws IoError.
  void publish();

 private:
  void note(int error) noexcept;

  std::filesystem::path file_, part_;
  int descriptor_ = -1;
  int error_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace spinode
