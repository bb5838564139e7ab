// Good paths of `spinode run`: what it writes, what it prints, and how it treats what is there already.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "spinode/case.hpp"
#include "spinode/hdf5.hpp"
#include "workplace.hpp"

using namespace cli;
using spinode::Hdf5File;

namespace {

namespace fs = std::filesystem;

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string last_line(const std::string& text) {
  const auto end = text.find_last_not_of('\n');
  return text.substr(text.rfind('\n', end) + 1, end - text.rfind('\n', end));
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

std::vector<double> values(const Workplace& place, const std::string& snapshot) {
  return Hdf5File::open(place.folder() / snapshot).read("/VTKHDF/PointData/x");
}

/// Names in a folder.
std::set<std::string> entries(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

}  // namespace

TEST_CASE("a run in 1D, 2D and 3D writes its snapshots, index, series, structure factor, summary and config") {
  for (int dimension : {1, 2, 3}) {
    CAPTURE(dimension);
    const Workplace place;
    place.write("well.toml", double_well(dimension));
    const Outcome outcome = place.spinode({"run", "well.toml"});
    CHECK(outcome.code == 0);
    CHECK(outcome.err.empty());
    CHECK(contains(outcome.out, "results in results/well: open results/well/well.xdmf in ParaView"));
    const fs::path folder = place.folder() / "results/well";
    CHECK(entries(place.folder()) == std::set<std::string>{"well.toml", "results"});
    CHECK(entries(folder) == std::set<std::string>{".lock", "checkpoints", "snapshots", "measures", "well.xdmf",
                                                   "timeseries.csv", "rejections.csv", "structure_factor.h5",
                                                   "summary.json", "resolved.toml"});
    CHECK(entries(folder / "snapshots") ==
          std::set<std::string>{"well_000000.hdf", "well_000001.hdf", "well_000002.hdf"});
    CHECK(first_line(place.read("results/well/timeseries.csv")) ==
          "step,time [1],dt [1],x_mean,x_min,x_max,x_deviation,energy_chemical [1],energy_gradient [1],energy_elastic "
          "[1],energy_total [1],length [1],temperature [1],anisotropy");

    const Hdf5File snapshot = Hdf5File::open(folder / "snapshots/well_000001.hdf");
    // Two equal layers stand in for an axis that the case does not have.
    const std::array<std::size_t, 3> cells{16, dimension > 1 ? 12u : 2u, dimension > 2 ? 8u : 2u};
    CHECK(snapshot.shape("/VTKHDF/PointData/x") == std::vector<std::size_t>{cells[2], cells[1], cells[0]});
    CHECK(snapshot.read_text("/VTKHDF", "Type") == "ImageData");
    CHECK(snapshot.read_numbers("/VTKHDF", "Version") == std::vector<double>{1, 0});
    CHECK(snapshot.read_numbers("/VTKHDF", "WholeExtent") ==
          std::vector<double>{0, 15, 0, static_cast<double>(cells[1] - 1), 0, static_cast<double>(cells[2] - 1)});
    CHECK(snapshot.read_numbers("/VTKHDF", "Spacing") == std::vector<double>{1, 1, 1});
    CHECK(snapshot.read_numbers("/VTKHDF", "Origin") ==
          std::vector<double>{0.5, dimension > 1 ? 0.5 : 0, dimension > 2 ? 0.5 : 0});
    CHECK(snapshot.read_number("/", "time") == 0.25);
    CHECK(snapshot.read_text("/", "time_unit") == "1");
    CHECK(snapshot.read_text("/", "length_unit") == "1");
    CHECK(snapshot.read_number("/", "step") > 0);
    CHECK(snapshot.read_number("/", "dimension") == dimension);
    CHECK(snapshot.read_text("/", "case") == "well");
    CHECK(snapshot.read_text("/", "boundary") == (dimension == 1   ? "periodic"
                                                  : dimension == 2 ? "periodic,periodic"
                                                                   : "periodic,periodic,periodic"));
    CHECK(snapshot.read_text("/", "config") == place.read("results/well/resolved.toml"));
    CHECK_FALSE(snapshot.read_text("/", "spinode_version").empty());
    CHECK_FALSE(snapshot.read_text("/", "host").empty());
    CHECK(snapshot.read_text("/", "created").size() == std::string("2025-01-01T00:00:00Z").size());
    CHECK(snapshot.read_text("/VTKHDF/PointData/x", "unit") == "1");

    const std::string index = place.read("results/well/well.xdmf");
    for (const char* entry : {"<Time Value=\"0\"/>", "<Time Value=\"0.25\"/>", "<Time Value=\"0.5\"/>",
                              "snapshots/well_000000.hdf:/VTKHDF/PointData/x", "snapshots/well_000001.hdf:/",
                              "snapshots/well_000002.hdf:/"})
      CHECK(count(index, entry) == 1);
    CHECK(count(index, "<Time ") == 3);

    const std::string summary = place.read("results/well/summary.json");
    for (const char* key : {"\"spinode_version\"", "\"threads\" : 1", "\"final\"", "\"time\" : 0.5", "\"x_mean\"",
                            "\"energy_total\"", "\"accepted\"", "\"rejected\"", "\"snapshots\" : 3", "\"wall_time_s\""})
      CHECK(contains(summary, key));
    const Hdf5File structure = Hdf5File::open(folder / "structure_factor.h5");
    CHECK(structure.read("/time") == std::vector<double>{0, 0.25, 0.5});
    const std::size_t shells = structure.shape("/k").front();
    std::vector<std::string> arrays{"/S", "/modes"};
    for (int axis = 0; axis < dimension; ++axis) arrays.push_back(fmt::format("/S_{}", "xyz"[axis]));
    for (const std::string& array : arrays) CHECK(structure.shape(array) == std::vector<std::size_t>{3, shells});
    CHECK(structure.datasets("/").size() == 2 + arrays.size());
  }
}

TEST_CASE("the time series of a physical case has SI units, the energy of a box per area in 1D and per length in 2D") {
  const Workplace place;
  place.write("case.toml", alloy);
  const std::vector<std::string> plane{"domain.length=[\"4 nm\", \"4 nm\"]", "domain.cells=[16, 16]",
                                       "domain.boundary=[\"periodic\", \"no_flux\"]"},
      box{"domain.length=[\"4 nm\", \"4 nm\", \"4 nm\"]", "domain.cells=[8, 8, 8]", "domain.boundary=[]"};
  for (const auto& [energy, changes] :
       {std::pair<std::string, std::vector<std::string>>{"J m-2", {}}, {"J m-1", plane}, {"J", box}}) {
    std::vector<std::string> arguments{"run", "case.toml", "planning=estimate", "--overwrite", "--quiet"};
    arguments.insert(arguments.end(), changes.begin(), changes.end());
    const Outcome outcome = place.spinode(arguments);
    CHECK(outcome.err.empty());
    REQUIRE(outcome.code == 0);
    CHECK(first_line(place.read("results/case/timeseries.csv")) ==
          fmt::format("step,time [s],dt [s],x_mean,x_min,x_max,x_deviation,energy_chemical [{0}],energy_gradient [{0}],"
                      "energy_elastic [{0}],energy_total [{0}],length [m],temperature [K],anisotropy",
                      energy));
    const std::string last = last_line(place.read("results/case/timeseries.csv")),
                      anisotropy = last.substr(last.rfind(',') + 1);
    CHECK(last.find(",1e-06,") != std::string::npos);
    CHECK(count(last, ",") == 13);
    CHECK((std::stod(anisotropy) == 0) == changes.empty());  // it means nothing in 1D
    CHECK(contains(place.read("results/case/summary.json"), "\"anisotropy\" : " + anisotropy.substr(0, 6)));
  }
}

TEST_CASE("resolved.toml gives the same run bit for bit, without the system file and from any folder") {
  Workplace place;
  place.write("systems/system.toml",
              "[lattice]\na_host = \"3.42 angstrom\"\natoms = 2\n"
              "a_solute = { value = \"4.19 angstrom\", source = \"own\" }\n"
              "[mobility]\nD = \"1e-10 cm2/s\"\nD_host = \"3e-10 cm2/s\"\n");
  std::string text = "system = \"systems/system.toml\"\n" + alloy;
  text = with(with(text, "D = \"1e-10 cm2/s\"", ""), "\"none\"",
              "\"cubic\"\nC11 = \"13.42 GPa\"\nC12 = \"11.3 GPa\"\nC44 = \"8.89 GPa\"");
  place.write("case.toml", text);
  const std::vector<std::string> common{"--threads", "1", "output.precision=float64", "planning=estimate"};
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "run");
    arguments.insert(arguments.end(), common.begin(), common.end());
    const Outcome outcome = place.spinode(arguments);
    CHECK(outcome.err.empty());
    REQUIRE(outcome.code == 0);
  };
  run({"case.toml", "--output", "first", "output.every=0.5us", "description=a \"quote\" and a \\"});
  fs::remove_all(place.folder() / "systems");
  run({"first/resolved.toml", "--output", "second"});
  CHECK(values(place, "second/snapshots/case_000002.hdf") == values(place, "first/snapshots/case_000002.hdf"));
  CHECK(place.read("second/timeseries.csv") == place.read("first/timeseries.csv"));
  CHECK(place.read("second/resolved.toml") == place.read("first/resolved.toml"));
  for (const char* tail : {"0000000000", "999999"}) CHECK_FALSE(contains(place.read("first/resolved.toml"), tail));

  // A field of a file: its path is relative to the case, but not in the resolved config.
  place.write("sub/next.toml",
              with(text, "x = 0.25\nnoise = 0.005", "model = \"file\"\nfile = \"../first/snapshots/case_000002.hdf\""));
  place.write("systems/system.toml", "[lattice]\nchi = 0.2\n[mobility]\nD = \"1e-10 cm2/s\"\n");
  place.write("sub/next.toml", with(place.read("sub/next.toml"), "systems/", "../systems/"));
  run({"sub/next.toml", "--output", "third"});
  const std::vector<double> given = values(place, "first/snapshots/case_000002.hdf"),
                            taken = values(place, "third/snapshots/next_000000.hdf");
  REQUIRE(taken.size() == given.size());
  for (std::size_t i = 0; i < given.size(); ++i) CHECK(taken[i] == Approx(given[i]).epsilon(1e-14));
  run({"third/resolved.toml", "--output", "deep/fourth"});
  CHECK(place.read("deep/fourth/timeseries.csv") == place.read("third/timeseries.csv"));
}

TEST_CASE("an index is valid XML whatever the name of the case") {
  const Workplace place;
  place.write("a & <b>.toml", double_well(1));
  REQUIRE(place.spinode({"run", "a & <b>.toml", "--output", "r"}).code == 0);
  const std::string index = place.read("r/a & <b>.xdmf");
  CHECK(contains(index, "<Grid Name=\"a &amp; &lt;b&gt;\" GridType=\"Collection\""));
  CHECK(contains(index, "snapshots/a &amp; &lt;b&gt;_000000.hdf:/VTKHDF"));
  CHECK_FALSE(contains(index, "a & "));
}

TEST_CASE("the head of a run says what the alloy does, and --quiet prints nothing") {
  const Workplace place;
  place.write("well.toml", double_well(1));
  const Outcome loud = place.spinode({"run", "well.toml", "--output", "loud"});
  CHECK(contains(loud.out, "chemical      unstable, inside the spinodal"));
  CHECK(contains(loud.out, " 1 thread, double\n"));
  CHECK(contains(loud.out, "done in "));
  const Outcome quiet = place.spinode({"run", "well.toml", "--output", "quiet", "--quiet"});
  CHECK(quiet.code == 0);
  CHECK(quiet.out.empty());
  CHECK(quiet.err.empty());
  CHECK(place.has("quiet/summary.json"));
}

TEST_CASE("the option --threads and overrides: the last one wins, bare texts, lists and tables") {
  const Workplace place;
  place.write("case.toml", alloy);
  const auto resolved = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"check", "case.toml"});
    const Outcome outcome = place.spinode(arguments);
    CHECK(outcome.err.empty());
    return outcome.out;
  };
  CHECK(contains(resolved({"time.end=3us"}), "\ntime.end = \"3e-06 s\"\n"));
  CHECK(contains(resolved({"time.end=3us", "time.end=4 us"}), "\ntime.end = \"4e-06 s\"\n"));
  CHECK(contains(resolved({"species.host=Li"}), "\nspecies.host = \"Li\"\n"));
  CHECK(contains(resolved({"domain.length=[\"1 nm\", \"2 nm\"]", "domain.cells=[8, 16]", "domain.boundary=[]"}),
                 "\ndomain.length = [\"1e-09 m\", \"2e-09 m\"]\ndomain.cells = [8, 16]\n"));
  CHECK(contains(resolved({"initial={x=0.3, noise=0.001}", "initial.noise=\"0.2 at%\""}),
                 "\ninitial.x = 0.3\ninitial.noise = 0.002\n"));
  CHECK(contains(resolved({"time.end=3us", "gradient.interface_width=1nm"}),
                 "\ngradient.interface_width = \"1e-09 m\"\n"));
  CHECK(contains(resolved({"lattice.V_m={value=\"13 cm3/mol\", source=\"guess\", confidence=\"low\"}"}),
                 "\nlattice.V_m = \"1.3e-05 m3 mol-1\"\n"));
  REQUIRE(place.spinode({"run", "case.toml", "threads=1", "--threads", "2", "--quiet"}).code == 0);
  CHECK(contains(place.read("results/case/summary.json"), "\"threads\" : 2"));
}

TEST_CASE("a run that is resumed by its folder goes on to a later end, and one that has ended says so") {
  const Workplace place;
  place.write("well.toml", double_well(1));
  REQUIRE(place.spinode({"run", "well.toml", "--quiet"}).code == 0);
  const std::string summary = place.read("results/well/summary.json"),
                    series = place.read("results/well/timeseries.csv");
  CHECK(contains(summary, "\"state\" : \"finished\""));
  const Outcome ended = place.spinode({"resume", "results/well"});
  CHECK(ended.code == 0);
  CHECK(contains(ended.out, "results/well: the run has ended, at t = "));
  CHECK(place.read("results/well/summary.json") == summary);
  const double end = spinode::Case::load(place.folder() / "well.toml").time.end;
  const Outcome longer = place.spinode({"resume", "results/well", fmt::format("time.end={}", 2 * end)});
  CHECK(longer.code == 0);
  CHECK(longer.err.empty());
  CHECK(place.read("results/well/timeseries.csv").starts_with(series));
  CHECK(place.read("results/well/timeseries.csv").size() > series.size());

  const Outcome other = place.spinode({"resume", "results/well", "initial.seed=7", "time.tolerance=1e-3"});
  CHECK(other.code == 2);
  CHECK(std::count(other.err.begin(), other.err.end(), '\n') == 2);
  CHECK(contains(other.err, "time.tolerance: 0.001: the run in results/well has 0.0001\n"));
  const Outcome nothing = place.spinode({"resume", "results/none"});
  CHECK(nothing.code == 4);
  CHECK(std::count(nothing.err.begin(), nothing.err.end(), '\n') == 1);
}

TEST_CASE("results that are there already are kept, unless --overwrite, which keeps the user's own files") {
  const Workplace place;
  place.write("well.toml", double_well(1));
  REQUIRE(place.spinode({"run", "well.toml", "--quiet"}).code == 0);
  const std::string before = place.read("results/well/timeseries.csv");
  const Outcome refused = place.spinode({"run", "well.toml", "initial.seed=2"});
  CHECK(refused.code == 4);
  CHECK(refused.err ==
        "results/well: is not empty; give --resume to go on with the run in it, --overwrite, or another --output\n");
  CHECK(place.read("results/well/timeseries.csv") == before);

  place.write("results/well/notes.txt", "mine");
  place.write("results/well/snapshots/well_000009.hdf", "of an earlier run");
  const Outcome outcome = place.spinode({"run", "well.toml", "initial.seed=2", "--overwrite"});
  CHECK(outcome.code == 0);
  CHECK(place.read("results/well/notes.txt") == "mine");
  CHECK_FALSE(place.has("results/well/snapshots/well_000009.hdf"));
  CHECK(place.read("results/well/timeseries.csv") != before);
}

TEST_CASE("a place where results cannot go is an error of exit code 4") {
  const Workplace place;
  place.write("well.toml", double_well(1));
  place.write("file", "mine");
  const Outcome on_file = place.spinode({"run", "well.toml", "--output", "file"});
  CHECK(on_file.code == 4);
  CHECK(on_file.err == "file: is a file, expected a folder for results\n");
  CHECK(place.read("file") == "mine");
  const Outcome below_file = place.spinode({"run", "well.toml", "--output", "file/results"});
  CHECK(below_file.code == 4);
  CHECK(below_file.err == "file/results: cannot be made: Not a directory\n");
  if (fs::exists("/proc/1")) {
    const Outcome nowhere = place.spinode({"run", "well.toml", "--output", "/proc/spinode"});
    CHECK(nowhere.code == 4);
    CHECK(nowhere.err == "/proc/spinode: cannot be made: No such file or directory\n");
  }
}

TEST_CASE("a case that cannot be read is an error of exit code 4") {
  const Workplace place;
  const Outcome missing = place.spinode({"run", "none.toml"});
  CHECK(missing.code == 4);
  CHECK(missing.err == "none.toml: no such file\n");
  place.write("folder/case.toml", alloy);
  const Outcome folder = place.spinode({"check", "folder"});
  CHECK(folder.code == 4);
  CHECK(folder.err == "folder: is a folder, expected a TOML file\n");
}

TEST_CASE("a run in the deep quench tells when the scheme changes, and its summary what that cost") {
  const Workplace place;
  place.write("case.toml", alloy);
  const std::vector<std::string> run{
      "run", "case.toml", "elasticity.model=none", "domain.cells=[192]", "time.end=60 us", "output.every=30 us"};
  const Outcome outcome = place.spinode(run);
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
  CHECK(contains(outcome.out, "  scheme implicit: x would leave 0 to 1\n"));
  CHECK(contains(outcome.out, " Newton and "));
  const std::string summary = place.read("results/case/summary.json");
  for (const char* key :
       {"\"accepted_by_scheme\"", "\"implicit\" : ", "\"semi_implicit\" : ", "\"not_converged\" : ",
        "\"newton_iterations\" : ", "\"krylov_iterations\" : ", "\"transforms\" : ", "\"smallest\" : ",
        "\"largest\" : ", "\"reason\" : \"x would leave 0 to 1\"", "\"largest_excursion_outside_0_1\" : 0.0"})
    CHECK(contains(summary, key));
  for (double x : values(place, "results/case/snapshots/case_000002.hdf")) CHECK((x > 0 && x < 1));

  for (const std::string scheme : {"implicit", "convex_splitting", "semi_implicit"}) {
    std::vector<std::string> with_scheme = run;
    with_scheme.insert(with_scheme.end(), {"time.scheme=" + scheme, "--output", scheme});
    const Outcome fixed = place.spinode(with_scheme);
    CHECK(fixed.code == 0);
    CHECK_FALSE(contains(fixed.out, "  scheme "));
    CHECK(contains(fixed.out, "x lay outside 0 to 1 by up to ") == (scheme == "semi_implicit"));
  }

  // A state that the semi-implicit scheme has left is none for the others.
  std::vector<double> x(192, 0.25);
  x[7] = -0.002;
  Hdf5File file = Hdf5File::create(place.folder() / "x.h5");
  file.write("/VTKHDF/PointData/x", x.data(), {1, 1, 192});
  file.publish();
  place.write("again.toml", with(alloy, "x = 0.25\nnoise = 0.005", "model = \"file\"\nfile = \"x.h5\""));
  const Outcome outside = place.spinode({"run", "again.toml", "elasticity.model=none", "domain.cells=[192]"});
  INFO(outside.err);
  CHECK(outside.code == 3);
  CHECK(contains(outside.err, "the initial state lies outside 0 to 1 by 0.002: only "));
  CHECK(contains(outside.err, " time.scheme = \"semi_implicit\" takes that, within time.band"));
}

TEST_CASE("an initial state that cannot be read is an error of exit code 4, and nothing is written") {
  const Workplace place;
  place.write("case.toml", with(double_well(2), "x = 0.5\nnoise = 0.01", "model = \"file\"\nfile = \"x.h5\""));
  place.write("x.h5", "no HDF5");
  const auto check = [&](const std::string& message) {
    for (bool quiet : {false, true}) {
      const Outcome outcome = place.spinode(quiet ? std::vector<std::string>{"run", "case.toml", "--quiet"}
                                                  : std::vector<std::string>{"run", "case.toml"});
      CHECK(outcome.err == message + "\n");
      CHECK(outcome.code == 4);
      CHECK_FALSE(place.has("results"));
    }
  };
  check("x.h5: is not an HDF5 file, or is damaged");
  const auto write = [&](const std::string& dataset, std::size_t rows, double value) {
    std::vector<double> x(rows * 16, 0.5);
    x[5] = value;
    Hdf5File file = Hdf5File::create(place.folder() / "x.h5");
    file.write(dataset, x.data(), {rows, 16});
    file.publish();
  };
  write("/other", 12, 0.4);
  check("x.h5: has no dataset /VTKHDF/PointData/x");
  write("/VTKHDF/PointData/x", 11, 0.4);
  check("x.h5: dataset /VTKHDF/PointData/x has shape (11, 16), the domain needs (1, 12, 16)");
  write("/VTKHDF/PointData/x", 12, std::nan(""));
  check("x.h5: dataset /VTKHDF/PointData/x holds values that are not finite");
  write("/VTKHDF/PointData/x", 12, 0.4);
  CHECK(place.spinode({"run", "case.toml"}).code == 0);
}

TEST_CASE("a run that cannot go on ends with exit code 3, its last good state saved, and one line that says why") {
  const Workplace place;
  place.write("case.toml", alloy);
  // An end so far away that the smallest step that makes sense is too large.
  const Outcome outcome = place.spinode({"run", "case.toml", "time.end=1e10 s", "time.step=1 s",
                                         "time.scheme=semi_implicit", "output.times=[\"1e10 s\"]", "--quiet"});
  CHECK(outcome.code == 3);
  CHECK(outcome.out.empty());
  CHECK(contains(outcome.err, "case after step "));
  CHECK(contains(outcome.err, " s: no time step is small enough; the last one tried was rejected: outside_band; "));
  CHECK(contains(outcome.err, "; the last good state is saved\n"));
  const Hdf5File saved = Hdf5File::open(place.folder() / "results/case/snapshots/case_000001.hdf");
  for (double x : saved.read("/VTKHDF/PointData/x")) CHECK((x > -0.01 && x < 1.01));
  CHECK(contains(place.read("results/case/summary.json"), "\"outside_band\" : "));
}

TEST_CASE("a run follows a course of the temperature, and its files say the temperature of every time") {
  const Workplace place;
  place.write("case.toml", with(alloy, "\"298.15 K\"", "[[\"0 s\", \"300 K\"], [\"0.5 us\", \"320 K\"]]"));
  const Outcome outcome = place.spinode({"run", "case.toml", "output.every=0.25 us", "output.timeseries_every=1"});
  CHECK(outcome.err.empty());
  REQUIRE(outcome.code == 0);
  CHECK(contains(outcome.out, "at 300 K (26.85 degC), first at t = 0 s\n"));
  CHECK(contains(outcome.out, "at 320 K (46.85 degC), first at t = 500 ns\n"));
  std::istringstream rows(place.read("results/case/timeseries.csv"));
  std::string row;
  std::getline(rows, row);
  int warming = 0;
  while (std::getline(rows, row)) {
    const auto before_last = row.rfind(',', row.rfind(',') - 1);
    const double time = std::stod(row.substr(row.find(',') + 1)), T = std::stod(row.substr(before_last + 1));
    CHECK(T == Approx(std::min(320.0, 300 + 20 * time / 0.5e-6)).epsilon(1e-12));
    warming += T > 300 && T < 320;
  }
  CHECK(warming > 5);
  const auto temperature_of = [&](const char* file) {
    return Hdf5File::open(place.folder() / "results/case/snapshots" / file).read_number("/", "temperature");
  };
  CHECK(temperature_of("case_000001.hdf") == Approx(310).epsilon(1e-12));
  CHECK(temperature_of("case_000004.hdf") == 320);
  const std::string resolved = place.read("results/case/resolved.toml");
  CHECK(contains(resolved, "temperature = [[\"0 s\", \"300 K\"], [\"5e-07 s\", \"320 K\"]]\n"));
}
