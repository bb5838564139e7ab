#include "processes.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "spinode/error.hpp"

namespace spinode {
namespace {

/// The environment without what ties every process to the same cores.
std::vector<char*> own_environment() {
  constexpr std::array tied{"OMP_NUM_THREADS=", "OMP_PROC_BIND=", "OMP_PLACES=", "GOMP_CPU_AFFINITY="};
  std::vector<char*> kept;
  for (char** entry = environ; *entry; ++entry)
    if (std::none_of(tied.begin(), tied.end(),
                     [&](const char* name) { return std::string_view(*entry).starts_with(name); }))
      kept.push_back(*entry);
  kept.push_back(nullptr);
  return kept;
}

}  // namespace

Processes::Processes() {
  requests_ = 0;
  request_ = 0;
  if (::pipe2(wake_, O_NONBLOCK | O_CLOEXEC) != 0)
    throw IoError(fmt::format("a pipe cannot be made: {}", std::strerror(errno)));
  struct sigaction action = {};
  action.sa_handler = handle;
  action.sa_flags = SA_RESTART;
  for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &action, &before_[i]);
}

Processes::~Processes() {
  for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &before_[i], nullptr);
  for (int& end : wake_) {
    ::close(end);
    end = -1;
  }
}

void Processes::handle(int number) {
  const int error = errno;
  if (number != SIGCHLD) {
    requests_ = requests_ + 1;
    request_ = number;
  }
  static_cast<void>(!::write(wake_[1], "", 1));
  errno = error;
}

pid_t Processes::start(const std::vector<std::string>& command, const std::filesystem::path& log) {
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (out < 0) throw IoError(fmt::format("{}: cannot be opened: {}", log.string(), std::strerror(errno)));
  const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const std::vector<char*> environment = own_environment();
  const pid_t parent = ::getpid(), child = ::fork();
  if (child == 0) {
    // Nothing but system calls: other threads of the parent may have held any lock.
    for (const int number : signals) ::signal(number, SIG_DFL);
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(127);
    ::dup2(in, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::execve("/proc/self/exe", arguments.data(), environment.data());
    ::_exit(127);
  }
  const int error = errno;
  ::close(in);
  ::close(out);
  if (child < 0) throw IoError(fmt::format("{}: cannot be started: {}", command[0], std::strerror(error)));
  running_.push_back(child);
  return child;
}

std::vector<Processes::Ended> Processes::wait(double seconds) {
  pollfd wake{.fd = wake_[0], .events = POLLIN, .revents = 0};
  ::poll(&wake, 1, static_cast<int>(1000 * seconds));
  std::array<char, 256> bytes;
  while (::read(wake_[0], bytes.data(), bytes.size()) > 0) {
  }
  std::vector<Ended> ended;
  std::erase_if(running_, [&](pid_t process) {
    int status = 0;
    if (::waitpid(process, &status, WNOHANG) != process) return false;
    ended.push_back({process, status});
    return true;
  });
  return ended;
}

void Processes::signal(int number) const {
  for (const pid_t process : running_) ::kill(process, number);
}

}  // namespace spinode
