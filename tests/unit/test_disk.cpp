// A file under a temporary name: what it holds, and what a failure makes of it.
#include <catch2/catch.hpp>

#include "../../src/disk.hpp"
#include "file_faults.hpp"
#include "support.hpp"

using namespace spinode;
namespace fs = std::filesystem;
using spinode::test::contents;
using spinode::test::io_error;
using spinode::test::TemporaryFolder;

TEST_CASE("a file may be written in any order, cut and extended; what was not written is zero") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "x";
  PartFile file(path);
  file.write("def", 3, 3);
  CHECK(file.size() == 6);
  std::string read(8, '?');
  file.read(read.data(), read.size(), 1);
  CHECK(read == std::string("\0\0def\0\0\0", 8));
  file.write("abc", 3, 0);
  file.resize(5);
  file.resize(7);
  CHECK(file.size() == 7);
  file.publish();
  CHECK(contents(path) == std::string("abcde\0\0", 7));
}

TEST_CASE("nothing is written after a failure, and the first one is told") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "x", part = folder.path() / "x.part";
  fs::create_symlink("/dev/full", part);
  const auto full = Catch::Matchers::Contains("x: cannot be written: No space left on device; needs at least 12 B");
  PartFile file(path);
  file.write("abc", 3, 0);
  file.write("def", 3, 9);
  CHECK_THAT(io_error([&] { file.check("cannot be written"); }), full);
  CHECK_THAT(io_error([&] { file.publish(); }), full);
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a name that is taken by a folder is told, and the folder stays") {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "x");
  {
    PartFile file(folder.path() / "x");
    CHECK(io_error([&] { file.publish(); }) == (folder.path() / "x").string() + ": cannot be written: Is a directory");
  }
  CHECK(fs::is_directory(folder.path() / "x"));
  CHECK_FALSE(fs::exists(folder.path() / "x.part"));
}
