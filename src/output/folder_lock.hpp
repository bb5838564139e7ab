// A folder that one process at a time writes to.
#pragma once

#include <filesystem>

namespace spinode {

/// Holds the folder by a lock on the file .lock in it, which the operating system takes away when the process ends,
/// however it ends.
class FolderLock {
 public:
  static constexpr const char* name = ".lock";

  FolderLock() = default;
  /// Throws IoError when another process holds the folder. A file system without locks gives none.
  explicit FolderLock(const std::filesystem::path& folder);
  /// Whether another process holds the folder.
  static bool is_held(const std::filesystem::path& folder);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;
  ~FolderLock();

 private:
  int descriptor_ = -1;
};

}  // namespace spinode
