// A library for LD_PRELOAD that makes the input and output of a process fail below one folder.
//
//   IO_FAULTS_FOLDER  absolute path; calls about what lies below it are counted, from 1
//   IO_FAULTS_CALL    the name and the path of those that count, whose order is the same in every run, whatever other
//                     threads do meanwhile; empty: all
//   IO_FAULTS_AT      the call at which it happens
//   IO_FAULTS         what happens then:
//                     an errno (ENOSPC, EDQUOT, EIO, EACCES): the call fails
//                     an errno and +: from then on every call fails that such a disk would refuse; where it fills up,
//                     half of the first write is done
//                     kill: SIGKILL before the call; tear: after half of it, where it writes
//                     short: half of a write
//                     slow: every call takes 2 ms longer
//   IO_FAULTS_LOG     a file that gets the thread (main, other), the name and the path of each call
//
// fsync and fdatasync take part but do nothing else: what was written outlives a process without them.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

namespace {

enum class Call { read_open, write_open, data, size, sync, name, removal };

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

int error_number(const std::string& name) {
  return name == "ENOSPC" ? ENOSPC : name == "EDQUOT" ? EDQUOT : name == "EIO" ? EIO : name == "EACCES" ? EACCES : 0;
}

class Faults {
 public:
  /// Whether the call is let through; errno is set where it is not. `half` is set where a write is to be cut short.
  bool pass(Call call, const char* name, const std::string& path, bool* half = nullptr) {
    if (folder_.empty() || (path + '/').compare(0, folder_.size() + 1, folder_ + '/') != 0) return true;
    if (kind_ == "slow") usleep(2000);
    const std::lock_guard lock(mutex_);
    const std::string call_text = std::string(name) + ' ' + path.substr(folder_.size());
    if (log_ >= 0) dprintf(log_, "%s %s\n", gettid() == getpid() ? "main" : "other", call_text.c_str());
    const bool counts = call_.empty() || call_text == call_;
    if (counts) ++count_;
    if (count_ < at_) return true;
    const bool now = counts && count_ == at_;
    if (now) {
      if (kind_ == "kill" || (kind_ == "tear" && !half)) raise(SIGKILL);
      if ((kind_ == "short" || kind_ == "tear") && half) *half = true;
    }
    if (error_ == 0 || !(lasting_ ? refuses(call) : now)) return true;
    if (lasting_ && fills_up() && now && half) return *half = true;
    errno = error_;
    return false;
  }

  void die_if_torn() const {
    if (kind_ == "tear") raise(SIGKILL);
  }

 private:
  bool fills_up() const { return error_ == ENOSPC || error_ == EDQUOT; }

  bool refuses(Call call) const {
    switch (error_) {
      case EACCES:
        return call == Call::read_open || call == Call::write_open || call == Call::name || call == Call::removal;
      case EIO:
        return call != Call::removal && call != Call::size;
      default:
        return call == Call::write_open || call == Call::data || call == Call::name || call == Call::sync;
    }
  }

  std::string folder_ = variable("IO_FAULTS_FOLDER"), kind_ = variable("IO_FAULTS");
  bool lasting_ = !kind_.empty() && kind_.back() == '+';
  int error_ = error_number(lasting_ ? kind_.substr(0, kind_.size() - 1) : kind_);
  long at_ = kind_.empty() ? -1 : std::atol(variable("IO_FAULTS_AT").c_str());
  std::string call_ = variable("IO_FAULTS_CALL");
  std::mutex mutex_;
  long count_ = 0;
  // The system call, because open() itself comes here.
  int log_ = static_cast<int>(syscall(SYS_openat, AT_FDCWD, variable("IO_FAULTS_LOG").c_str(),
                                      O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
};

Faults& faults() {
  static Faults one;
  return one;
}

std::string path_at(int folder, const char* path) {
  if (path[0] == '/') return path;
  std::array<char, 4096> name{};
  const std::string link = folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/" + std::to_string(folder);
  return readlink(link.c_str(), name.data(), name.size() - 1) > 0 ? std::string(name.data()) + '/' + path : path;
}

std::string path_of(int descriptor) {
  std::array<char, 4096> name{};
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  return readlink(link.c_str(), name.data(), name.size() - 1) > 0 ? name.data() : "";
}

Call kind_of_open(int flags) { return flags & (O_WRONLY | O_RDWR | O_CREAT) ? Call::write_open : Call::read_open; }

/// write and pwrite: `write` takes the number of bytes.
template <class Write>
ssize_t write_some(const char* name, int descriptor, std::size_t size, const Write& write) {
  bool half = false;
  if (!faults().pass(Call::data, name, path_of(descriptor), &half)) return -1;
  const ssize_t written = write(half && size > 1 ? size / 2 : size);
  if (half) faults().die_if_torn();
  return written;
}

int open_file(const char* name, int folder, const char* path, int flags, mode_t mode) {
  if (!faults().pass(kind_of_open(flags), name, path_at(folder, path))) return -1;
  static const auto openat = real<int(int, const char*, int, ...)>("openat64");
  return openat(folder, path, flags, mode);
}

mode_t mode_of(int flags, va_list arguments) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0; }

std::FILE* open_stream(const char* path, const char* mode) {
  const bool reads = mode[0] == 'r' && !std::strchr(mode, '+');
  if (!faults().pass(reads ? Call::read_open : Call::write_open, "fopen", path_at(AT_FDCWD, path))) return nullptr;
  static const auto open = real<std::FILE*(const char*, const char*)>("fopen64");
  return open(path, mode);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_file("open", AT_FDCWD, path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_file("open", AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_file("openat", folder, path, flags, mode);
}

std::FILE* fopen(const char* path, const char* mode) { return open_stream(path, mode); }
std::FILE* fopen64(const char* path, const char* mode) { return open_stream(path, mode); }

ssize_t write(int descriptor, const void* data, std::size_t size) {
  static const auto write = real<ssize_t(int, const void*, std::size_t)>("write");
  return write_some("write", descriptor, size, [&](std::size_t n) { return write(descriptor, data, n); });
}

ssize_t pwrite(int descriptor, const void* data, std::size_t size, off_t offset) {
  static const auto write = real<ssize_t(int, const void*, std::size_t, off_t)>("pwrite");
  return write_some("pwrite", descriptor, size, [&](std::size_t n) { return write(descriptor, data, n, offset); });
}

ssize_t pwrite64(int descriptor, const void* data, std::size_t size, off64_t offset) {
  return pwrite(descriptor, data, size, offset);
}

ssize_t writev(int descriptor, const iovec* parts, int count) {
  bool half = false;
  if (!faults().pass(Call::data, "writev", path_of(descriptor), &half)) return -1;
  static const auto write = real<ssize_t(int, const iovec*, int)>("writev");
  const ssize_t written = write(descriptor, parts, half && count > 1 ? count / 2 : count);
  if (half) faults().die_if_torn();
  return written;
}

int fsync(int descriptor) { return faults().pass(Call::sync, "fsync", path_of(descriptor)) ? 0 : -1; }

int fdatasync(int descriptor) { return faults().pass(Call::sync, "fdatasync", path_of(descriptor)) ? 0 : -1; }

int ftruncate(int descriptor, off_t size) noexcept {
  if (!faults().pass(Call::size, "ftruncate", path_of(descriptor))) return -1;
  static const auto cut = real<int(int, off_t)>("ftruncate");
  return cut(descriptor, size);
}

int ftruncate64(int descriptor, off64_t size) noexcept { return ftruncate(descriptor, size); }

int rename(const char* from, const char* to) noexcept {
  if (!faults().pass(Call::name, "rename", path_at(AT_FDCWD, to))) return -1;
  static const auto move = real<int(const char*, const char*)>("rename");
  return move(from, to);
}

int mkdir(const char* path, mode_t mode) noexcept {
  if (!faults().pass(Call::name, "mkdir", path_at(AT_FDCWD, path))) return -1;
  static const auto make = real<int(const char*, mode_t)>("mkdir");
  return make(path, mode);
}

int unlink(const char* path) noexcept {
  if (!faults().pass(Call::removal, "unlink", path_at(AT_FDCWD, path))) return -1;
  static const auto drop = real<int(const char*)>("unlink");
  return drop(path);
}

int remove(const char* path) noexcept {
  if (!faults().pass(Call::removal, "remove", path_at(AT_FDCWD, path))) return -1;
  static const auto drop = real<int(const char*)>("remove");
  return drop(path);
}

int unlinkat(int folder, const char* path, int flags) noexcept {
  if (!faults().pass(Call::removal, "unlinkat", path_at(folder, path))) return -1;
  static const auto drop = real<int(int, const char*, int)>("unlinkat");
  return drop(folder, path, flags);
}

}  // extern "C"
