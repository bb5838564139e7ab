// Jobs beside the run: their order, their errors, and their end.
#include <pthread.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "spinode/error.hpp"
#include "spinode/output/background_writer.hpp"

using spinode::BackgroundWriter;
using spinode::IoError;

namespace {

void take_a_while() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }

}  // namespace

TEST_CASE("jobs go on beside the caller, one at a time and in order") {
  BackgroundWriter writer;
  std::vector<int> done;  // no lock: whoever waits sees what the jobs did
  std::atomic<bool> asked = false, answered = false;
  writer.start([&] {
    while (!asked) std::this_thread::yield();
    answered = true;
    done.push_back(0);
  });
  CHECK_FALSE(answered);
  asked = true;
  std::atomic<int> running = 0, most = 0;
  for (int i = 1; i < 20; ++i)
    writer.start([&, i] {
      most = std::max<int>(most, ++running);
      if (i % 5 == 0) take_a_while();
      done.push_back(i);
      --running;
    });
  writer.wait();
  REQUIRE(done.size() == 20);
  for (int i = 0; i < 20; ++i) CHECK(done[i] == i);
  CHECK(most == 1);
}

TEST_CASE("the error of a job is told once, by the next start or wait, which begins nothing") {
  BackgroundWriter writer;
  const auto fail = [] {
    take_a_while();
    throw IoError("a.hdf: cannot be written: No space left on device");
  };
  bool begun = false;
  writer.start(fail);
  CHECK_THROWS_WITH(writer.start([&] { begun = true; }), "a.hdf: cannot be written: No space left on device");
  CHECK_NOTHROW(writer.wait());
  CHECK_FALSE(begun);
  writer.start(fail);
  CHECK_THROWS_AS(writer.wait(), IoError);
  writer.start([&] { begun = true; });
  CHECK_NOTHROW(writer.wait());
  CHECK(begun);
}

TEST_CASE("a writer that goes waits for its job, and is silent about an error") {
  bool over = false;
  {
    BackgroundWriter writer;
    writer.start([&] {
      take_a_while();
      over = true;
      throw std::runtime_error("nobody asks");
    });
  }
  CHECK(over);
}

TEST_CASE("what a job holds is free once it was waited for") {
  const auto held = std::make_shared<int>();
  BackgroundWriter writer;
  writer.start([copy = held] { static_cast<void>(copy); });
  writer.wait();
  CHECK(held.use_count() == 1);
}

TEST_CASE("signals are left to the thread that runs") {
  BackgroundWriter writer;
  sigset_t after, blocked;
  writer.start([&] { pthread_sigmask(SIG_SETMASK, nullptr, &blocked); });
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  writer.wait();
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGXFSZ}) {
    CHECK(sigismember(&blocked, signal) == 1);
    CHECK(sigismember(&after, signal) == 0);
  }
}
