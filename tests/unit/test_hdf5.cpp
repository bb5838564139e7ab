// The HDF5 wrapper: what is written is read back, and a file has its name only when it is whole.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iterator>
#include <utility>

#include "spinode/error.hpp"
#include "spinode/hdf5.hpp"
#include "support.hpp"

using namespace spinode;
namespace fs = std::filesystem;
using spinode::test::TemporaryFolder;

namespace {

/// Three decimals only, so that compression has something to find.
template <class Real>
std::vector<Real> wave(std::size_t n) {
  std::vector<Real> values(n);
  for (std::size_t i = 0; i < n; ++i)
    values[i] = static_cast<Real>(std::round(1000 * std::sin(0.01 * static_cast<double>(i))) / 1000);
  return values;
}

std::string failure(const std::function<void()>& action) {
  try {
    action();
  } catch (const IoError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("datasets of double and float come back bit for bit, compressed or not") {
  const TemporaryFolder folder;
  const std::vector<double> doubles = wave<double>(40 * 30 * 20);
  const std::vector<float> floats = wave<float>(40 * 30 * 20);
  std::uintmax_t plain = 0;
  for (int compression : {0, 1, 9}) {
    const fs::path path = folder.path() / fmt::format("c{}.h5", compression);
    Hdf5File out = Hdf5File::create(path);
    out.write("/a/b/doubles", doubles.data(), {40, 30, 20}, compression);
    out.write("/a/floats", floats.data(), {24000}, compression);
    out.publish();
    const Hdf5File in = Hdf5File::open(path);
    CHECK(in.read("/a/b/doubles") == doubles);
    CHECK(in.read("/a/floats") == std::vector<double>(floats.begin(), floats.end()));
    CHECK(in.shape("/a/b/doubles") == std::vector<std::size_t>{40, 30, 20});
    CHECK(in.shape("/a/floats") == std::vector<std::size_t>{24000});
    CHECK(in.has("/a/floats"));
    CHECK_FALSE(in.has("/a/none"));
    CHECK(in.datasets("/a/b") == std::vector<std::string>{"doubles"});
    if (compression == 0) plain = fs::file_size(path);
    if (compression > 0) CHECK(fs::file_size(path) < plain * 4 / 5);
  }
  CHECK(plain > 24000 * 12);
}

TEST_CASE("numbers that are special come back") {
  const TemporaryFolder folder;
  const std::vector<double> values{0, -0.0, std::nan(""), HUGE_VAL, 5e-324};
  Hdf5File out = Hdf5File::create(folder.path() / "x.h5");
  out.write("/x", values.data(), {5});
  out.publish();
  const std::vector<double> read = Hdf5File::open(folder.path() / "x.h5").read("/x");
  CHECK(std::signbit(read[1]));
  CHECK(std::isnan(read[2]));
  CHECK(read[3] == HUGE_VAL);
  CHECK(read[4] == 5e-324);
}

TEST_CASE("attributes of texts and numbers come back") {
  const TemporaryFolder folder;
  const double x = 1;
  Hdf5File out = Hdf5File::create(folder.path() / "x.h5");
  out.write("/g/x", &x, {1});
  out.attribute("/", "text", std::string("two\nlines \"quoted\" µ"));
  out.attribute("/", "empty", std::string());
  out.attribute("/g", "number", 0.1);
  out.attribute("/g", "whole", std::int64_t{1} << 40);
  out.attribute("/g/x", "numbers", std::vector<double>{1, 2.5});
  out.attribute("/g/x", "wholes", std::vector<std::int64_t>{0, -7});
  out.publish();
  const Hdf5File in = Hdf5File::open(folder.path() / "x.h5");
  CHECK(in.read_text("/", "text") == "two\nlines \"quoted\" µ");
  CHECK(in.read_text("/", "empty").empty());
  CHECK(in.read_number("/g", "number") == 0.1);
  CHECK(in.read_number("/g", "whole") == 1099511627776.0);
  CHECK(in.read_numbers("/g/x", "numbers") == std::vector<double>{1, 2.5});
  CHECK(in.read_numbers("/g/x", "wholes") == std::vector<double>{0, -7});

  const std::string file = (folder.path() / "x.h5").string();
  CHECK(failure([&] { in.read_text("/", "none"); }) == file + ": has no attribute none at /");
  CHECK(failure([&] { in.read_text("/g", "number"); }) == file + ": attribute number is no text");
  CHECK(failure([&] { in.read_number("/", "text"); }) == file + ": attribute text is no number");
  CHECK(failure([&] { in.read_number("/g/x", "numbers"); }) == file + ": attribute numbers is not one number");
  CHECK(failure([&] { in.read("/none"); }) == file + ": has no dataset /none");
  CHECK(failure([&] { in.shape("/g"); }) == file + ": has no dataset /g");
  CHECK(failure([&] { in.datasets("/none"); }) == file + ": has no group /none");
}

TEST_CASE("a file has its name only when it is published, and keeps the old one until then") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "x.h5", part = folder.path() / "x.h5.part";
  const auto begin = [&](double value) {
    Hdf5File out = Hdf5File::create(path);
    out.write("/x", &value, {1});
    return out;
  };
  Hdf5File first = begin(1);
  CHECK_FALSE(fs::exists(path));
  CHECK(fs::exists(part));
  first.publish();
  CHECK(fs::exists(path));
  CHECK_FALSE(fs::exists(part));
  {
    const Hdf5File given_up = begin(2);
    CHECK(Hdf5File::open(path).read("/x") == std::vector<double>{1});
  }
  CHECK_FALSE(fs::exists(part));
  CHECK(Hdf5File::open(path).read("/x") == std::vector<double>{1});
  Hdf5File third = begin(3);
  third.publish();
  CHECK(Hdf5File::open(path).read("/x") == std::vector<double>{3});
}

TEST_CASE("a file that is given up by assignment is removed as well") {
  const TemporaryFolder folder;
  Hdf5File file = Hdf5File::create(folder.path() / "a.h5");
  file = Hdf5File::create(folder.path() / "b.h5");
  CHECK_FALSE(fs::exists(folder.path() / "a.h5.part"));
  CHECK(fs::exists(folder.path() / "b.h5.part"));
}

TEST_CASE("a file that is missing, foreign, cut or damaged is an IoError that names it") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "x.h5";
  const std::vector<double> values = wave<double>(5000);
  Hdf5File out = Hdf5File::create(path);
  out.write("/x", values.data(), {5000}, 6);
  out.publish();
  std::ifstream in(path, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  const auto write = [&](const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; };
  const std::string no_hdf5 = path.string() + ": is not an HDF5 file, or is damaged";

  write("no HDF5");
  CHECK(failure([&] { Hdf5File::open(path); }) == no_hdf5);
  write("");
  CHECK(failure([&] { Hdf5File::open(path); }) == no_hdf5);
  for (std::size_t size : {whole.size() / 4, whole.size() / 2, whole.size() - 1}) {
    write(whole.substr(0, size));
    CHECK(failure([&] { Hdf5File::open(path); }) == no_hdf5);
  }
  // Compressed data with a hole does not decompress.
  std::string holed = whole;
  holed.replace(whole.size() / 2, whole.size() / 4, whole.size() / 4, '\xff');
  write(holed);
  CHECK_FALSE(failure([&] { Hdf5File::open(path).read("/x"); }).empty());
  fs::remove(path);
  CHECK(failure([&] { Hdf5File::open(path); }) == path.string() + ": no such file");
  CHECK(failure([&] { Hdf5File::open(folder.path()); }) ==
        folder.path().string() + ": is not an HDF5 file, or is damaged");
  CHECK(failure([&] { Hdf5File::create(folder.path() / "none" / "x.h5"); }) ==
        (folder.path() / "none" / "x.h5").string() + ": cannot be created: No such file or directory");
}
