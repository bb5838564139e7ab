// The shipped cases, as a user meets them.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <vector>

#include "workplace.hpp"

using namespace cli;
namespace fs = std::filesystem;

TEST_CASE(
    "every shipped case passes check without a warning, but that electrodes of micrometres have wide interfaces") {
  const Workplace place;
  // The PFHub cases start from a file that a comment says how to make; any field on their grid does here.
  place.write("start.toml", with(with(double_well(2), "[16, 12]", "[200, 200]"), "end = 0.5", "end = 0.001"));
  REQUIRE(place.spinode({"run", "start.toml", "output.every=0.001", "--quiet"}).code == 0);
  std::vector<fs::path> cases;
  for (const auto& entry : fs::directory_iterator(SPINODE_SOURCE_DIR "/configs"))
    if (entry.path().extension() == ".toml") cases.push_back(entry.path());
  std::sort(cases.begin(), cases.end());
  CHECK(cases.size() >= 8);
  for (const fs::path& file : cases) {
    CAPTURE(file);
    std::vector<std::string> arguments{"check", file.string()};
    if (file.stem().string().starts_with("pfhub_"))
      arguments.push_back("initial.file=results/start/snapshots/start_000000.hdf");
    const Outcome outcome = place.spinode(arguments);
    CHECK(outcome.code == 0);
    CHECK(outcome.err.empty());
    std::string out = outcome.out;
    if (const auto wide = out.find("warning: the interface is ");
        wide != std::string::npos && contains(out, "electrode  "))
      out.replace(wide, 8, "");
    CHECK_FALSE(contains(out, "warning:"));
    CHECK(outcome.out.starts_with(fmt::format("{}: ", file.stem().string())));  // it has a description
  }
}

TEST_CASE("every shipped structure is analysed") {
  const Workplace place;
  std::size_t structures = 0;
  for (const auto& entry : fs::directory_iterator(SPINODE_SOURCE_DIR "/configs/structures")) {
    CAPTURE(entry.path());
    ++structures;
    // A coarse grid of the same box.
    const bool layers = contains(entry.path().stem().string(), "layers");
    const Outcome outcome = place.spinode(
        {"analyze", entry.path().string(), layers ? "domain.cells=[4, 4, 32]" : "domain.cells=[24, 24, 24]"});
    CHECK(outcome.code == 0);
    CHECK(outcome.err.empty());
    CHECK(contains(outcome.out, "transport_number_z             1\n"));
    // Equal layers, arithmetic and harmonic means: 0.89 and 0.760 mS/cm.
    if (layers) CHECK(contains(outcome.out, "ionic_x                        0.089 S m-1"));
    if (layers) CHECK(contains(outcome.out, "ionic_z                        0.0760112 S m-1"));
  }
  CHECK(structures == 2);
}
