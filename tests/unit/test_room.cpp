// What the machine has to spare, told by files such as those of Linux.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include "spinode/room.hpp"

using namespace spinode;

namespace {

namespace fs = std::filesystem;

/// A folder that stands for /, with the files that a test puts into it.
class Root {
 public:
  Root() {
    std::string name = (fs::temp_directory_path() / "spinode_room_XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    folder_ = name;
  }
  ~Root() { fs::remove_all(folder_); }
  Root(const Root&) = delete;
  Root& operator=(const Root&) = delete;

  void write(const std::string& file, const std::string& text) const {
    fs::create_directories((folder_ / file).parent_path());
    std::ofstream(folder_ / file) << text;
  }
  const fs::path& folder() const { return folder_; }

 private:
  fs::path folder_;
};

constexpr double infinite = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("bytes are told with three digits and a prefix") {
  CHECK(byte_text(0) == "0 B");
  CHECK(byte_text(999) == "999 B");
  CHECK(byte_text(1000) == "1 kB");
  CHECK(byte_text(1234567) == "1.23 MB");
  CHECK(byte_text(999.4e6) == "999 MB");
  CHECK(byte_text(999.6e6) == "1 GB");
  CHECK(byte_text(24.9e9) == "24.9 GB");
  CHECK(byte_text(3.44e14) == "344 TB");
}

TEST_CASE("memory is what the system has available, where no group has a limit") {
  const Root root;
  CHECK(free_memory(root.folder()) == infinite);
  root.write("proc/meminfo", "MemTotal:  8000 kB\nMemFree:  10 kB\nMemAvailable:    5000 kB\n");
  CHECK(free_memory(root.folder()) == 5000 * 1024);
  root.write("proc/self/cgroup", "0::/user/job\n");
  root.write("sys/fs/cgroup/user/job/memory.max", "max\n");
  root.write("sys/fs/cgroup/user/job/memory.current", "1000\n");
  CHECK(free_memory(root.folder()) == 5000 * 1024);
}

TEST_CASE("memory is no more than every group above leaves, cached files apart") {
  const Root root;
  root.write("proc/meminfo", "MemAvailable:    5000 kB\n");
  root.write("proc/self/cgroup", "0::/user/job\n");
  root.write("sys/fs/cgroup/user/job/memory.max", "3000000\n");
  root.write("sys/fs/cgroup/user/job/memory.current", "1000000\n");
  CHECK(free_memory(root.folder()) == 2e6);
  root.write("sys/fs/cgroup/user/job/memory.stat", "anon 100000\ninactive_file 600000\nactive_file 300000\n");
  CHECK(free_memory(root.folder()) == 2.9e6);
  root.write("sys/fs/cgroup/user/memory.max", "4000000\n");
  root.write("sys/fs/cgroup/user/memory.current", "2500000\n");
  CHECK(free_memory(root.folder()) == 1.5e6);
  root.write("sys/fs/cgroup/memory.max", "1200000\n");
  root.write("sys/fs/cgroup/memory.current", "200000\n");
  CHECK(free_memory(root.folder()) == 1e6);
  root.write("sys/fs/cgroup/user/memory.current", "5000000\n");
  CHECK(free_memory(root.folder()) == 0);
}

TEST_CASE("groups of the first version limit memory too") {
  const Root root;
  root.write("proc/self/cgroup", "5:cpu:/job\n4:memory:/job\n0::/\n");
  root.write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "9223372036854771712\n");
  root.write("sys/fs/cgroup/memory/job/memory.usage_in_bytes", "4096\n");
  CHECK(free_memory(root.folder()) > 9e18);
  root.write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "800000\n");
  root.write("sys/fs/cgroup/memory/job/memory.stat", "inactive_file 1\ntotal_inactive_file 96\n");
  CHECK(free_memory(root.folder()) == 800000 - 4000);
}

TEST_CASE("a container's group is the top one, whatever path it is told") {
  const Root root;
  root.write("proc/self/cgroup", "0::/some/path/of/the/host\n");
  root.write("sys/fs/cgroup/memory.max", "700000\n");
  root.write("sys/fs/cgroup/memory.current", "200000\n");
  CHECK(free_memory(root.folder()) == 5e5);
}

TEST_CASE("room on a disk is that of the nearest folder there is") {
  const Root root;
  const auto here = static_cast<double>(fs::space(root.folder()).available);
  CHECK(free_room(root.folder() / "not" / "yet" / "there") == Approx(here).epsilon(0.02));
  CHECK(free_room(root.folder()) == Approx(here).epsilon(0.02));
  const fs::path before = fs::current_path();
  fs::current_path(root.folder());
  CHECK(free_room("results/case") == Approx(here).epsilon(0.02));
  fs::current_path(before);
}
