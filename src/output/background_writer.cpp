#include "spinode/output/background_writer.hpp"

#include <csignal>
#include <utility>

namespace spinode {
namespace {

/// No signal reaches this thread, nor those that it begins meanwhile.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

void BackgroundWriter::start(std::function<void()> job) {
  wait();
  const SignalsBlocked blocked;
  // Deferred to wait() where the system has no thread left.
  job_ = std::async(std::launch::async | std::launch::deferred, std::move(job));
}

void BackgroundWriter::wait() {
  if (job_.valid()) job_.get();
}

}  // namespace spinode
