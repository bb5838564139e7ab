// A run that is stopped and resumed again and again leaves what an undisturbed one does, to the last bit.
#include <omp.h>

#include <catch2/catch.hpp>
#include <map>
#include <sstream>

#include "spinode/hdf5.hpp"
#include "spinode/output/results.hpp"
#include "spinode/simulation.hpp"
#include "support.hpp"

using namespace spinode;
using test::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string numbers_of(const fs::path& file, const std::string& group) {
  const Hdf5File in = Hdf5File::open(file);
  std::string bytes;
  for (const std::string& name : in.datasets(group)) {
    const std::vector<double> values = in.read(group == "/" ? "/" + name : group + "/" + name);
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
  }
  return bytes;
}

/// The contents of every file but those that tell of wall times; of the snapshots, those of the last one.
std::map<std::string, std::string> left_in(const fs::path& folder) {
  std::map<std::string, std::string> files;
  fs::path last;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const fs::path& file = entry.path();
    const std::string name = fs::relative(file, folder).string();
    if (file.extension() == ".csv" || file.extension() == ".xdmf" || file.extension() == ".toml")
      files[name] = text_of(file);
    else if (file.extension() == ".hdf") {
      files[name] = "";
      last = std::max(last, file);
    } else if (file.extension() == ".h5" && file.parent_path() == folder)
      files[name] = numbers_of(file, "/");
    else if (file.extension() == ".part")
      files[name] = "left behind";
  }
  if (!last.empty()) files[fs::relative(last, folder).string()] = numbers_of(last, "/VTKHDF/PointData");
  return files;
}

/// Goes on with the run in the folder, or begins it, for so many steps; 0: to its end.
RunSummary run_on(const Case& config, const fs::path& folder, std::int64_t steps) {
  const Model model(config);
  Results results(folder, config, Existing::resume);
  Requests requests;
  const Observers observers{.step = [&](const Measures&) {
    if (--steps == 0) requests.stop = true;
  }};
  return simulate(config, model, results, observers, requests);
}

void check_resume(const Case& config) {
  const TemporaryFolder place;
  const fs::path whole = place.path() / "whole", parts = place.path() / "parts";
  const RunSummary reference = run_on(config, whole, 0);
  REQUIRE(reference.ending == Ending::finished);
  REQUIRE(reference.counts.accepted > 30);
  // Stops after 1, 2, 4, 7, ... steps.
  int resumes = 0;
  RunSummary last = run_on(config, parts, 1);
  for (; last.ending == Ending::stopped; ++resumes) last = run_on(config, parts, resumes + 1);
  CHECK(resumes > 6);
  const auto expected = left_in(whole), found = left_in(parts);
  CHECK(expected.size() > 6);
  for (const auto& [name, contents] : expected) {
    INFO(name);
    REQUIRE(found.count(name) == 1);
    CHECK((found.at(name) == contents));
  }
  CHECK(found.size() == expected.size());
  CHECK(last.counts.accepted == reference.counts.accepted);
  CHECK(last.counts.rejected == reference.counts.rejected);
  CHECK(last.work.transforms == reference.work.transforms);
  CHECK(last.work.krylov == reference.work.krylov);
  CHECK(last.work.elastic == reference.work.elastic);
  CHECK(last.switches.size() == reference.switches.size());
  CHECK(last.protocol.size() == reference.protocol.size());
  CHECK(last.snapshots == reference.snapshots);
  CHECK(last.coarsening.reason == reference.coarsening.reason);
}

Case shipped(const std::string& name, std::vector<std::string> overrides) {
  overrides.insert(overrides.end(),
                   {"planning=estimate", "output.precision=float64", "output.timeseries_every=3", "measures.every=10"});
  return Case::load(fs::path(SPINODE_SOURCE_DIR) / "configs" / name, overrides);
}

std::string square(const std::string& length, int cells) {
  return fmt::format("domain.length=[\"{0}\", \"{0}\"];domain.cells=[{1}, {1}]", length, cells);
}

/// Overrides that are separated by semicolons.
std::vector<std::string> keys(const std::string& text) {
  std::vector<std::string> list;
  std::istringstream in(text);
  for (std::string key; std::getline(in, key, ';');) list.push_back(key);
  return list;
}

}  // namespace

TEST_CASE("a resumed run is the undisturbed one: both schemes and the choice between them") {
  const std::string scheme = GENERATE("auto", "semi_implicit", "implicit", "convex_splitting");
  const std::string mobility = GENERATE("degenerate", "constant");
  CAPTURE(scheme, mobility);
  std::vector<std::string> overrides = keys(
      square("6.4 nm", 32) + ";initial.x=0.3;initial.noise=0.02;time.scheme=" + scheme + ";mobility.model=" + mobility);
  overrides.push_back(scheme == "convex_splitting" ? "time.end='10 us'" : "time.end='40 us'");
  overrides.push_back("output.per_decade=5");
  if (mobility == "constant") overrides.push_back("mobility.x0=0.3");
  if (scheme == "semi_implicit") overrides.push_back("time.band=0.2");
  check_resume(shipped("li-na_scaffold_2d.toml", overrides));
}

TEST_CASE("a resumed run is the undisturbed one: single precision, a fixed step, 1D and 3D") {
  const std::string more = GENERATE(
      as<std::string>{}, "precision=float;time.end='20 us'", "time.step='0.5 us';time.order=1;time.scheme=implicit",
      "domain.length=['20 nm'];domain.cells=[128];domain.boundary=['no_flux']",
      "domain.length=['3 nm', '3 nm', '3 nm'];domain.cells=[16, 16, 16];domain.boundary=['periodic', 'no_flux', "
      "'periodic']");
  CAPTURE(more);
  check_resume(shipped("li-na_scaffold_2d.toml",
                       keys(square("6.4 nm", 32) + ";initial.x=0.3;initial.noise=0.02;time.end='40 us';" + more)));
}

TEST_CASE("a resumed run is the undisturbed one: temperatures that change") {
  check_resume(
      shipped("li-na_anneal_2d.toml",
              keys(square("5.12 nm", 32) + ";output.every='10 us';time.end='60 us';initial.noise=0.02;temperature="
                                           "[['0 s', '25 degC'], ['10 us', '25 degC'], ['20 us', '90 degC'], "
                                           "['40 us', '90 degC'], ['40 us', '25 degC']]")));
}

TEST_CASE("a resumed run is the undisturbed one: mechanical equilibrium and creep") {
  const std::string alloy = square("3.2 nm", 32) + ";initial.x=0.3;initial.noise=0.02;time.end='20 us';";
  SECTION("without creep, under a load") { check_resume(shipped("li-na_stack_pressure_2d.toml", keys(alloy))); }
  const std::string more =
      GENERATE(as<std::string>{}, "time.scheme=semi_implicit;time.band=0.2", "time.scheme=implicit",
               "domain.boundary=['periodic', 'no_flux'];output.fields=['x', 'stress']");
  SECTION("with creep: " + more) { check_resume(shipped("li-na_creep_2d.toml", keys(alloy + more))); }
}

TEST_CASE("a resumed run is the undisturbed one: an electrode") {
  const std::string more =
      GENERATE(as<std::string>{}, "time.scheme=semi_implicit;time.band=0.2", "time.scheme=implicit",
               "electrode.frame=window;electrode.sink=uniform",
               "electrode.protocol=[{step='strip', current_density='20 mA/cm2', capacity='0.8 mAh/cm2'}];"
               "electrode.on_depletion=limit;electrode.sink=uniform;time.end='4 min';output.every='20 s'");
  CAPTURE(more);
  check_resume(shipped(
      "li-na_cycle.toml",
      keys("domain.length=['2.5 um', '5 um'];domain.cells=[16, 32];electrode.layer='0.7 um';initial.noise=0.002;"
           "output.every='2 min';electrode.protocol=[{step='strip', current_density='1 mA/cm2', "
           "capacity='0.3 mAh/cm2'}, {step='rest', duration='5 min'}, {step='plate', current_density='1 mA/cm2', "
           "capacity='0.3 mAh/cm2'}, {step='rest', duration='10 min'}];" +
           more)));
}

TEST_CASE("a resumed run is the undisturbed one: a polynomial energy") {
  const std::string scheme = GENERATE("auto", "semi_implicit");
  CAPTURE(scheme);
  check_resume(test::double_well_case({"domain.length=[100, 100]", "domain.cells=[32, 32]", "initial.noise=0.05",
                                       "time.end=300", "output.precision=float64", "time.scheme=" + scheme}));
}

TEST_CASE("a run that goes on with another number of threads ends within round-off of what it would") {
  const int before = omp_get_max_threads();
  const TemporaryFolder place;
  const fs::path one = place.path() / "one", two = place.path() / "two";
  // 4096 cells: fewer are transformed by one thread.
  const Case config = shipped("li-na_scaffold_2d.toml",
                              keys(square("12.8 nm", 64) + ";initial.x=0.3;initial.noise=0.02;time.end='20 us'"));
  omp_set_num_threads(1);
  REQUIRE(run_on(config, one, 0).ending == Ending::finished);
  REQUIRE(run_on(config, two, 40).ending == Ending::stopped);
  omp_set_num_threads(2);
  const RunSummary last = run_on(config, two, 0);
  omp_set_num_threads(before);
  REQUIRE(last.ending == Ending::finished);
  const auto state = [&](const fs::path& folder) {
    const fs::path file = folder / fmt::format("snapshots/li-na_scaffold_2d_{:06}.hdf", last.snapshots - 1);
    return Hdf5File::open(file).read("/VTKHDF/PointData/x");
  };
  const std::vector<double> x1 = state(one), x2 = state(two);
  double difference = 0;
  for (std::size_t i = 0; i < x1.size(); ++i) difference = std::max(difference, std::abs(x2[i] - x1[i]));
  CHECK(difference < 1e-11);
}

TEST_CASE("a run that has ended is left alone, and goes on to a later end") {
  const TemporaryFolder place;
  const auto config = [](const std::string& end) {
    return shipped("li-na_scaffold_2d.toml", keys(square("6.4 nm", 32) + ";initial.x=0.3;time.end=" + end));
  };
  const Case early = config("'10 us'"), late = config("'20 us'");
  static_cast<void>(run_on(early, place.path(), 0));
  const auto before = left_in(place.path());
  const RunSummary again = run_on(early, place.path(), 0);
  CHECK(again.ending == Ending::ended_before);
  CHECK((left_in(place.path()) == before));
  CHECK(fs::exists(place.path() / "summary.json"));
  const RunSummary longer = run_on(late, place.path(), 0);
  CHECK(longer.ending == Ending::finished);
  CHECK(longer.last.time == Approx(20e-6).epsilon(1e-14));
  CHECK(text_of(place.path() / "timeseries.csv").starts_with(before.at("timeseries.csv")));
  // Snapshots that were there stay as they were.
  const std::string last = std::prev(before.lower_bound("snapshots0"))->first;
  CHECK((numbers_of(place.path() / last, "/VTKHDF/PointData") == before.at(last)));
}

TEST_CASE("a run goes on only as the case that it was") {
  const TemporaryFolder place;
  const std::string base = square("6.4 nm", 32) + ";initial.x=0.3;time.end='10 us';";
  static_cast<void>(run_on(shipped("li-na_scaffold_2d.toml", keys(base)), place.path(), 4));
  const auto refused = [&](const std::string& more) {
    const Case other = shipped("li-na_scaffold_2d.toml", keys(base + more));
    try {
      const Results results(place.path(), other, Existing::resume);
      return std::vector<std::string>{};
    } catch (const ConfigError& error) {
      return error.faults;
    }
  };
  const std::vector<std::string> faults = refused("time.tolerance=2e-3;gradient.kappa='2e-11 J/m';threads=1");
  REQUIRE(faults.size() == 2);
  CHECK_THAT(faults[0], Catch::StartsWith(R"(gradient.kappa: "2e-11 J m-1": the run in )"));
  CHECK_THAT(faults[1], Catch::StartsWith("time.tolerance: 0.002: the run in ") && Catch::EndsWith(" has 0.0001"));
  CHECK(refused("output.per_decade=5;output.fields=['x', 'mu'];time.end='11 us';threads=2").empty());
}

TEST_CASE("a checkpoint that is damaged is passed over for the one before it") {
  const TemporaryFolder place;
  const Case config = shipped("li-na_scaffold_2d.toml",
                              keys(square("6.4 nm", 32) + ";initial.x=0.3;initial.noise=0.02;time.end='20 us'"));
  const fs::path whole = place.path() / "whole", parts = place.path() / "parts";
  static_cast<void>(run_on(config, whole, 0));
  for (int part = 0; part < 2; ++part) static_cast<void>(run_on(config, parts, 10));
  const fs::path later = parts / "checkpoints/b.h5", earlier = parts / "checkpoints/a.h5";
  fs::resize_file(later, fs::file_size(later) - 1);
  {
    const Results results(parts, config, Existing::resume);
    REQUIRE(results.notes().size() == 1);
    CHECK_THAT(results.notes()[0], Catch::Contains("b.h5: is damaged"));
  }
  CHECK(run_on(config, parts, 0).ending == Ending::finished);
  CHECK((left_in(parts) == left_in(whole)));
  for (const fs::path& file : {earlier, later}) fs::resize_file(file, 1000);
  CHECK_THROWS_AS(Results(parts, config, Existing::resume), IoError);
}

TEST_CASE("one run at a time writes to a folder") {
  const TemporaryFolder place;
  const Case config = shipped("li-na_scaffold_2d.toml", {});
  const Results first(place.path(), config, Existing::refuse);
  CHECK_THROWS_WITH(Results(place.path(), config, Existing::overwrite),
                    Catch::Contains("another run writes to it (process "));
}
