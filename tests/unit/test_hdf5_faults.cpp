// HDF5 files on disks that fail, and files with a checksum.
#include <fmt/format.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "file_faults.hpp"
#include "spinode/error.hpp"
#include "spinode/hdf5.hpp"
#include "support.hpp"

using namespace spinode;
namespace fs = std::filesystem;
using Catch::Matchers::Matches;
using spinode::test::contents;
using spinode::test::FileSizeLimit;
using spinode::test::io_error;
using spinode::test::open_descriptors;
using spinode::test::TemporaryFolder;

namespace {

std::vector<double> wave(std::size_t n) {
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = std::sin(0.01 * static_cast<double>(i));
  return values;
}

/// Chunks in a cache, data written at once, and metadata: what HDF5 writes at different times.
void write_all(Hdf5File& file, const std::vector<double>& values) {
  file.write("/compressed", values.data(), {values.size() / 10, 10}, 4);
  file.attribute("/compressed", "unit", std::string("J"));
  file.write("/plain", values.data(), {values.size()});
  for (int i = 0; i < 20; ++i) file.attribute("/", fmt::format("text {}", i), std::string(500, 'a'));
  file.publish();
}

}  // namespace

TEST_CASE("a full disk is told with the dataset and the room; HDF5 goes on with other files") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "x.h5", part = folder.path() / "x.h5.part";
  const std::vector<double> values = wave(10000);
  Hdf5File first = Hdf5File::create(path);
  first.write("/x", values.data(), {10000});
  first.publish();
  const std::string before = contents(path);

  fs::create_symlink("/dev/full", part);
  const std::string error = io_error([&] {
    Hdf5File out = Hdf5File::create(path);
    out.write("/y", values.data(), {10000});
  });
  CHECK_THAT(error, Matches(path.string() + ": dataset /y cannot be written: No space left on device; "
                                            "needs at least 8[0-9.]+ kB, [0-9.]+ [kMGT]?B are free"));
  CHECK_FALSE(fs::exists(fs::symlink_status(part)));
  CHECK(contents(path) == before);

  Hdf5File second = Hdf5File::create(path);
  second.write("/y", values.data(), {10000});
  second.publish();
  CHECK(Hdf5File::open(path).read("/y") == values);
}

TEST_CASE("wherever the disk fails, the old file stays, the new one goes, and one error tells of it") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "x.h5";
  const std::vector<double> values = wave(2000);
  for (const bool checked : {false, true}) {
    const auto create = checked ? Hdf5File::create_checked : Hdf5File::create;
    {
      Hdf5File file = create(path);
      write_all(file, values);
    }
    const std::string whole = contents(path);
    const std::ptrdiff_t descriptors = open_descriptors();
    int failures = 0;
    for (std::uintmax_t limit = 0; limit < whole.size(); limit += 311) {
      const std::string error = io_error([&] {
        const FileSizeLimit full(limit);
        Hdf5File file = create(path);
        write_all(file, values);
      });
      INFO(limit << " of " << whole.size() << " bytes: " << error);
      REQUIRE_THAT(error, Matches(path.string() + ": [^:]*cannot be written: File too large"));
      REQUIRE_FALSE(fs::exists(folder.path() / "x.h5.part"));
      REQUIRE(contents(path) == whole);
      REQUIRE(open_descriptors() == descriptors);
      ++failures;
    }
    CHECK(failures > 100);
    Hdf5File file = create(path);
    write_all(file, values);
    CHECK(contents(path).size() == whole.size());
  }
}

TEST_CASE("a file with a checksum holds what was written, bit for bit") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "a.h5";
  const std::vector<double> doubles{0.1, -0.0, HUGE_VAL, 5e-324};
  const std::vector<float> floats{0.1f, 1e-45f};
  const std::vector<std::int64_t> integers{INT64_MIN, -1, INT64_MAX};
  std::string bytes(3000000, '\0');
  std::iota(bytes.begin(), bytes.end(), 'a');
  Hdf5File out = Hdf5File::create_checked(path);
  out.write("/g/doubles", doubles.data(), {2, 2});
  out.write("/floats", floats.data(), {2});
  out.write("/integers", integers.data(), {3});
  out.write_bytes("/bytes", bytes);
  out.write_bytes("/nothing", "");
  out.group("/a/b");
  out.attribute("/a/b", "n", std::int64_t{7});
  out.publish();

  const std::string whole = contents(path);
  const std::string after = whole.substr(512);
  const std::string label = fmt::format("spinode HDF5 after 512 bytes: XXH3-64 {:016x} of {} bytes\n",
                                        XXH3_64bits(after.data(), after.size()), after.size());
  CHECK(whole.substr(0, label.size()) == label);
  CHECK(whole.substr(label.size(), 512 - label.size()) == std::string(512 - label.size(), '\0'));

  const auto read = [&](const Hdf5File& in) {
    std::vector<double> d(4);
    std::vector<float> f(2);
    std::vector<std::int64_t> i(3);
    in.read_into("/g/doubles", d.data(), 4);
    in.read_into("/floats", f.data(), 2);
    in.read_into("/integers", i.data(), 3);
    CHECK(d == doubles);
    CHECK(std::signbit(d[1]));
    CHECK(f == floats);
    CHECK(i == integers);
    CHECK(in.read_bytes("/bytes") == bytes);
    CHECK(in.read_bytes("/nothing").empty());
    CHECK(in.datasets("/a") == std::vector<std::string>{"b"});
    CHECK(in.read_number("/a/b", "n") == 7);
  };
  read(Hdf5File::open_checked(path));
  read(Hdf5File::open(path));

  const Hdf5File in = Hdf5File::open_checked(path);
  std::vector<double> d(5);
  std::vector<float> f(4);
  const std::string name = path.string();
  CHECK(io_error([&] { in.read_into("/g/doubles", d.data(), 5); }) ==
        name + ": dataset /g/doubles holds 4 values, expected 5");
  CHECK(io_error([&] { in.read_into("/g/doubles", d.data(), 3); }) ==
        name + ": dataset /g/doubles holds 4 values, expected 3");
  CHECK(io_error([&] { in.read_into("/g/doubles", f.data(), 4); }) ==
        name + ": dataset /g/doubles holds values of another kind");
  CHECK(io_error([&] { in.read_into("/none", d.data(), 5); }) == name + ": has no dataset /none");
  CHECK(io_error([&] { in.read_bytes("/g/doubles"); }) == name + ": dataset /g/doubles holds no bytes");
}

TEST_CASE("every cut and every changed byte of a file with a checksum is damage") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "a.h5";
  const std::vector<double> values = wave(100);
  Hdf5File out = Hdf5File::create_checked(path);
  out.write("/x", values.data(), {100});
  out.publish();
  const std::string whole = contents(path);
  const std::string damaged = path.string() + ": is damaged: its bytes are not those of its checksum";
  const auto opened = [&](const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    return io_error([&] { Hdf5File::open_checked(path); });
  };
  int missed = 0;
#ifdef SPINODE_SANITIZE
  constexpr std::size_t stride = 5;  // each takes eight times as long
#else
  constexpr std::size_t stride = 1;
#endif
  for (std::size_t i = 0; i < whole.size(); i += stride) {
    std::string changed = whole;
    changed[i] ^= static_cast<char>(1 << i % 8);
    missed += opened(changed) != damaged;
  }
  for (std::size_t size = 0; size < whole.size(); size += size < 600 ? 1 : 37)
    missed += opened(whole.substr(0, size)) != damaged;
  missed += opened(whole + '\0') != damaged;
  CHECK(missed == 0);
  CHECK(opened(whole).empty());

  fs::remove(path);
  CHECK(io_error([&] { Hdf5File::open_checked(path); }) == path.string() + ": no such file");
  CHECK(io_error([&] { Hdf5File::open_checked(folder.path()); }) == folder.path().string() + ": is no file");
}
