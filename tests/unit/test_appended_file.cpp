// Tables that grow by whole lines: what a failing disk, a kill and a restart leave of them.
#include <catch2/catch.hpp>

#include "file_faults.hpp"
#include "spinode/output/measure_tables.hpp"
#include "support.hpp"

using namespace spinode;
namespace fs = std::filesystem;
using spinode::test::contents;
using spinode::test::FileSizeLimit;
using spinode::test::io_error;
using spinode::test::TemporaryFolder;

TEST_CASE("lines are in the file at once, and a new file replaces the old one") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "a.csv";
  std::ofstream(path) << "old\nlines\n";
  AppendedFile file = AppendedFile::create(path, "step,time");
  CHECK(contents(path) == "step,time\n");
  file.append("0,0.5");
  CHECK(contents(path) == "step,time\n0,0.5\n");
  AppendedFile moved = std::move(file);
  moved.append("1,1.5");
  moved.sync();
  CHECK(contents(path) == "step,time\n0,0.5\n1,1.5\n");
  CHECK(moved.size() == 22);
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("a line that does not fit leaves nothing, and the next one follows where there is room again") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "a.csv";
  AppendedFile file = AppendedFile::create(path, "step");
  file.append("0");
  for (const std::uintmax_t room : {0, 1, 5}) {
    const std::string error = io_error([&] {
      const FileSizeLimit full(7 + room);
      file.append("12345");
    });
    CHECK(error == path.string() + ": a line cannot be appended: File too large");
    CHECK(contents(path) == "step\n0\n");
    CHECK(file.size() == 7);
  }
  {
    const FileSizeLimit enough(7 + 6);
    file.append("12345");
  }
  CHECK(contents(path) == "step\n0\n12345\n");
}

TEST_CASE("a full disk is told with the room that a new file needs") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "a.csv";
  std::ofstream(path) << "old\n";
  fs::create_symlink("/dev/full", folder.path() / "a.csv.part");
  CHECK_THAT(io_error([&] { AppendedFile::create(path, std::string(12344, 'a')); }),
             Catch::Matchers::Matches(path.string() + ": cannot be written: No space left on device; needs at least "
                                                      "12\\.3 kB, [0-9.]+ [kMGT]?B are free"));
  CHECK(contents(path) == "old\n");
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("a file is cut back to the size that is known, and grows from there") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "a.csv";
  std::ofstream(path) << "step\n0\n1\n2";
  {
    AppendedFile file = AppendedFile::reopen(path, 7);
    CHECK(contents(path) == "step\n0\n");
    file.append("3");
    CHECK(contents(path) == "step\n0\n3\n");
  }
  CHECK(io_error([&] { AppendedFile::reopen(path, 10); }) == path.string() + ": is shorter than the checkpoint says");
  CHECK(contents(path) == "step\n0\n3\n");
  fs::remove(path);
  CHECK(io_error([&] { AppendedFile::reopen(path, 0); }) ==
        path.string() + ": cannot be opened: No such file or directory");
}

TEST_CASE("a table whose file was removed does not grow unseen") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "a.csv";
  AppendedFile file = AppendedFile::create(path, "step");
  fs::remove(path);
  CHECK(io_error([&] { file.sync(); }) == path.string() + ": was removed while it was written");
}

TEST_CASE("tables of measures go back to their sizes, and tables begun later go") {
  const TemporaryFolder folder;
  const fs::path tables_folder = folder.path() / "measures";
  const auto row = [](const std::string& measure, double value) {
    return MeasureRow{measure, {{"value", "m", value}, {"share", "1", 0.5}}};
  };
  std::map<std::string, std::uint64_t> sizes;
  {
    MeasureTables tables(tables_folder, false);
    tables.append(0, 0, row("first", 1));
    tables.append(10, 2.5, row("first", 2));
    tables.sync();
    sizes = tables.sizes();
    tables.append(20, 5, row("first", 3));
    tables.append(20, 5, row("second", 4));
  }
  CHECK(sizes == std::map<std::string, std::uint64_t>{{"first", fs::file_size(tables_folder / "first.csv") - 11}});
  std::ofstream(tables_folder / "third.csv.part") << "step";
  std::ofstream(tables_folder / "notes.txt") << "mine";

  MeasureTables tables(tables_folder, false);
  tables.restore(sizes);
  CHECK(contents(tables_folder / "first.csv") == "step,time [s],value [m],share\n0,0,1,0.5\n10,2.5,2,0.5\n");
  CHECK_FALSE(fs::exists(tables_folder / "second.csv"));
  CHECK_FALSE(fs::exists(tables_folder / "third.csv.part"));
  CHECK(contents(tables_folder / "notes.txt") == "mine");
  tables.append(20, 5, row("first", 3));
  tables.append(20, 5, row("second", 4));
  CHECK(contents(tables_folder / "first.csv") ==
        "step,time [s],value [m],share\n0,0,1,0.5\n10,2.5,2,0.5\n20,5,3,0.5\n");
  CHECK(contents(tables_folder / "second.csv") == "step,time [s],value [m],share\n20,5,4,0.5\n");

  fs::remove(tables_folder / "first.csv");
  CHECK(io_error([&] { tables.restore(sizes); }) == (tables_folder / "first.csv").string() + ": is missing");
  fs::remove_all(tables_folder);
  tables.restore({});
  CHECK_FALSE(fs::exists(tables_folder));
}
