#include "isolated.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <exception>
#include <fstream>

#include "spinode/error.hpp"

namespace spinode {
namespace {

// Exit codes of the child, other than those of sanitizers; 0: it has sent what it has read.
constexpr int error_told = 64, crashed = 65;

void set_limit(__rlimit_resource resource, rlim_t limit) {
  const rlimit both{limit, limit};
  setrlimit(resource, &both);
}

void confine(const Allowance& allowance) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGXCPU}) std::signal(signal, SIG_DFL);
  // What a crash prints means nothing to whoever reads the message of the parent.
  if (const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC); nowhere >= 0) dup2(nowhere, STDERR_FILENO);
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  set_limit(RLIMIT_CORE, 0);
  set_limit(RLIMIT_CPU, allowance.seconds);
  set_limit(RLIMIT_AS, pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) + allowance.bytes);
}

bool send(int out, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = ::write(out, data, size);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    data += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

std::vector<char> receive(int in) {
  std::vector<char> all;
  std::array<char, 1 << 16> block;
  while (true) {
    const ssize_t count = ::read(in, block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return all;
    all.insert(all.end(), block.data(), block.data() + count);
  }
}

int run_child(const std::function<std::vector<char>()>& read, int out) {
  try {
    const std::vector<char> bytes = read();
    return send(out, bytes.data(), bytes.size()) ? 0 : crashed;
  } catch (const IoError& error) {
    return send(out, error.what(), std::strlen(error.what())) ? error_told : crashed;
  } catch (const std::exception&) {
    return crashed;
  }
}

}  // namespace

std::vector<char> isolated(const std::function<std::vector<char>()>& read, const Allowance& allowance,
                           const std::string& otherwise) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw IoError(fmt::format("no pipe: {}", std::strerror(errno)));
  const pid_t child = fork();
  if (child == 0) {
    ::close(ends[0]);
    confine(allowance);
    _exit(run_child(read, ends[1]));
  }
  const int reason = errno;
  ::close(ends[1]);
  std::vector<char> bytes;
  if (child > 0) bytes = receive(ends[0]);
  ::close(ends[0]);
  if (child < 0) throw IoError(fmt::format("no child process: {}", std::strerror(reason)));
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return bytes;
  if (WIFEXITED(status) && WEXITSTATUS(status) == error_told) throw IoError({bytes.begin(), bytes.end()});
  throw IoError(otherwise);
}

}  // namespace spinode
