// Child processes and the signals that concern them.
#pragma once

#include <sys/types.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

namespace spinode {

/// One at a time in a process: it takes SIGCHLD, SIGINT and SIGTERM.
class Processes {
 public:
  Processes();
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;
  ~Processes();

  /// Starts this program, also when its file was replaced since, with its output going to the end of a file, in a
  /// process group of its own, so that Ctrl-C is for this process alone. It gets SIGTERM when this process dies. Throws
  /// IoError.
  pid_t start(const std::vector<std::string>& command, const std::filesystem::path& log);

  struct Ended {
    pid_t process;
    int status;  // as waitpid() gives it
  };
  /// Those that have ended, once there are any, or after so many seconds, or at a signal.
  std::vector<Ended> wait(double seconds);
  /// Passes a signal on to all.
  void signal(int number) const;
  /// How often this process was asked to end, and by which signal the last time.
  static int requests() { return requests_; }
  static int request() { return request_; }

 private:
  static void handle(int number);

  static constexpr std::array signals{SIGCHLD, SIGINT, SIGTERM};
  static inline volatile std::sig_atomic_t requests_ = 0, request_ = 0;
  static inline int wake_[2] = {-1, -1};
  std::array<struct sigaction, signals.size()> before_{};
  std::vector<pid_t> running_;
};

}  // namespace spinode
