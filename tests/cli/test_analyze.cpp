// `spinode analyze` and the tables of measures that a run writes: the same numbers, on demand and as it goes.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "spinode/hdf5.hpp"
#include "workplace.hpp"

using namespace cli;
using spinode::Hdf5File;

namespace {

namespace fs = std::filesystem;

using Table = std::map<std::string, std::vector<double>>;

/// Columns by the whole text of their header.
Table table(const Workplace& place, const std::string& file) {
  std::istringstream in(place.read(file));
  std::string line, cell;
  std::getline(in, line);
  std::vector<std::string> names;
  for (std::istringstream header(line); std::getline(header, cell, ',');) names.push_back(cell);
  Table columns;
  while (std::getline(in, line)) {
    std::istringstream row(line);
    for (const std::string& name : names) {
      REQUIRE(std::getline(row, cell, ','));
      columns[name].push_back(std::stod(cell));
    }
  }
  return columns;
}

std::string header(const Workplace& place, const std::string& file) {
  const std::string text = place.read(file);
  return text.substr(0, text.find('\n'));
}

/// Two phases of Li-Na in a plane from noise, in a moment.
const std::vector<std::string> plane{"domain.length=[\"5 nm\", \"4 nm\"]",
                                     "domain.cells=[30, 24]",
                                     "domain.boundary=[\"periodic\", \"no_flux\"]",
                                     "initial.noise=0.02",
                                     "time.end=\"100 us\"",
                                     "output.every=\"25 us\"",
                                     "planning=\"estimate\""};

Outcome run(const Workplace& place, std::vector<std::string> keys, const std::vector<std::string>& more = {}) {
  place.write("alloy.toml", alloy);
  keys.insert(keys.begin(), {"run", "alloy.toml", "--output", "out"});
  keys.insert(keys.end(), more.begin(), more.end());
  return place.spinode(keys);
}

const std::string every_measure =
    "measures.use=[\"structure\", \"phases\", \"interface\", \"connectivity\", \"curvature\", \"chords\", "
    "\"thickness\", \"tortuosity\", \"conductivity\"]";
const std::vector<std::string> conductivities{"measures.conductivity.ionic=[\"1 mS/cm\", \"0.1 S/cm\"]",
                                              "measures.conductivity.electronic=[\"0 S/m\", \"2 S/m\"]"};

}  // namespace

TEST_CASE("a run writes a table per measure, at snapshots and every so many steps") {
  const Workplace place;
  REQUIRE(run(place, plane, {"measures.every=7", "measures.phases.every=0"}).code == 0);
  const Table series = table(place, "out/timeseries.csv"), interface = table(place, "out/measures/interface.csv"),
              phases = table(place, "out/measures/phases.csv");
  std::vector<double> snapshots;
  for (int i = 0; i <= 4; ++i)
    snapshots.push_back(
        Hdf5File::open(place.folder() / fmt::format("out/snapshots/alloy_{:06}.hdf", i)).read_number("/", "step"));
  CHECK(phases.at("step") == snapshots);
  std::set<double> due(snapshots.begin(), snapshots.end());
  for (double step = 0; step <= snapshots.back(); step += 7) due.insert(step);
  CHECK(interface.at("step") == std::vector<double>(due.begin(), due.end()));
  CHECK(series.at("step").back() == interface.at("step").back());
  // Measures that cost something wait for snapshots.
  REQUIRE(run(place, plane, {"--overwrite", "measures.every=7", "measures.use=[\"chords\", \"interface\"]"}).code == 0);
  CHECK(table(place, "out/measures/chords.csv").at("step") == snapshots);
  CHECK(table(place, "out/measures/interface.csv").at("step") == interface.at("step"));
  REQUIRE(run(place, plane, {"--overwrite"}).code == 0);
  CHECK(std::set<std::string>{"structure", "phases", "interface", "connectivity"} == [&] {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(place.folder() / "out/measures")) names.insert(entry.path().stem());
    return names;
  }());
}

TEST_CASE("analysis of float64 snapshots gives the numbers that the run has written") {
  const Workplace place;
  std::vector<std::string> keys{every_measure, "output.precision=\"float64\"", "measures.every=0"};
  keys.insert(keys.end(), conductivities.begin(), conductivities.end());
  REQUIRE(run(place, plane, keys).code == 0);
  const Outcome outcome = place.spinode({"analyze", "out"});
  CHECK(outcome.err.empty());
  REQUIRE(outcome.code == 0);
  CHECK(contains(outcome.out, "tables in out/analysis"));
  for (const std::string measure : {"structure", "phases", "interface", "connectivity", "curvature", "chords",
                                    "thickness", "tortuosity", "conductivity"}) {
    CAPTURE(measure);
    const std::string run_file = fmt::format("out/measures/{}.csv", measure),
                      analysis_file = fmt::format("out/analysis/{}.csv", measure);
    CHECK(header(place, run_file) == header(place, analysis_file));
    CHECK(!contains(place.read(run_file), "-nan"));
    // Transforms have other plans in another process, and other round-off.
    if (measure != "structure" && measure != "curvature" && measure != "tortuosity" && measure != "conductivity") {
      CHECK(place.read(run_file) == place.read(analysis_file));
      continue;
    }
    const Table of_run = table(place, run_file), of_analysis = table(place, analysis_file);
    for (const auto& [name, values] : of_run)
      for (std::size_t i = 1; i < values.size(); ++i) {
        CAPTURE(name, i);
        if (std::isnan(values[i]))
          CHECK(std::isnan(of_analysis.at(name)[i]));
        else
          CHECK(of_analysis.at(name)[i] == Approx(values[i]).epsilon(1e-9).margin(1e-12));
      }
  }
  // The last rows are in the summary, apart from what is not finite.
  const std::string summary = place.read("out/summary.json");
  CHECK(contains(place.read("out/measures/tortuosity.csv"), "inf"));
  for (const char* word : {" inf", " nan", "Inf", "NaN"}) CHECK(!contains(summary, word));
  CHECK(contains(summary, "\"interface\" : {"));
  CHECK(contains(
      summary,
      fmt::format("\"area\" : {}", table(place, "out/measures/interface.csv").at("area [m-1]").back()).substr(0, 20)));
}

TEST_CASE("the deviation of x in the time series is that of the cells") {
  const Workplace place;
  REQUIRE(run(place, plane, {"output.precision=\"float64\""}).code == 0);
  const std::vector<double> x =
      Hdf5File::open(place.folder() / "out/snapshots/alloy_000004.hdf").read("/VTKHDF/PointData/x");
  double mean = 0, square = 0;
  for (const double value : x) {
    mean += value / static_cast<double>(x.size());
    square += value * value / static_cast<double>(x.size());
  }
  CHECK(table(place, "out/timeseries.csv").at("x_deviation").back() ==
        Approx(std::sqrt(square - mean * mean)).epsilon(1e-9));
}

TEST_CASE("an electrode that shrinks is measured at the size that it has") {
  const Workplace place;
  place.write("case.toml", fmt::format(R"(system = "{}/configs/systems/li-na.toml"
temperature = "298.15 K"
planning = "estimate"
initial.x = 0.2
gradient.interface_width = "400 nm"
lattice.V_m = "12.045 cm3/mol"
domain.length = ["4 um", "5 um"]
domain.cells = [24, 30]
domain.boundary = ["periodic", "no_flux"]
output.precision = "float64"
measures.use = ["interface", "chords", "thickness", "structure"]
electrode.current_density = "5 mA/cm2"
electrode.layer = "1 um"
time.end = "100 s"
)",
                                       SPINODE_SOURCE_DIR));
  REQUIRE(place.spinode({"run", "case.toml", "--output", "out"}).code == 0);
  const Table series = table(place, "out/timeseries.csv");
  CHECK(series.at("thickness [m]").back() < 0.95 * series.at("thickness [m]").front());
  REQUIRE(place.spinode({"analyze", "out"}).code == 0);
  // Snapshots hold their spacing, from which the thickness comes back but for round-off.
  const auto both = [&](const std::string& measure, const std::string& column) {
    const double found = table(place, fmt::format("out/analysis/{}.csv", measure)).at(column).back();
    CHECK(found == Approx(table(place, fmt::format("out/measures/{}.csv", measure)).at(column).back()).epsilon(1e-9));
    return found;
  };
  CHECK(both("interface", "area [m-1]") > 0);
  both("structure", "length [m]");
  both("thickness", "thickness_solute [m]");
  CHECK(both("chords", "chord_host_y [m]") < 5e-6);
}

TEST_CASE("the columns of the measures, by the number of axes and what is at the end of the last one") {
  const Workplace place;
  REQUIRE(run(place, plane, {"measures.use=[\"structure\", \"connectivity\", \"curvature\", \"chords\"]"}).code == 0);
  CHECK(header(place, "out/measures/structure.csv") ==
        "step,time [s],length [m],length_peak [m],length_x [m],length_y [m],anisotropy");
  CHECK(header(place, "out/measures/connectivity.csv") ==
        "step,time [s],pieces_host,largest_share_host,percolating_host_x,percolating_host_y,joining_host,"
        "orphaned_host,pieces_solute,largest_share_solute,percolating_solute_x,percolating_solute_y,joining_solute,"
        "dead_end_solute,isolated_solute,reach_solute [m]");
  CHECK(header(place, "out/measures/curvature.csv") ==
        "step,time [s],mean_curvature [m-1],mean_curvature_deviation [m-1]");
  CHECK(header(place, "out/measures/chords.csv") ==
        "step,time [s],chord_host_x [m],chord_host_y [m],chord_solute_x [m],chord_solute_y [m]");
  place.write("well.toml", double_well(3));
  REQUIRE(place.spinode({"run", "well.toml", "measures.use=[\"interface\", \"curvature\", \"connectivity\"]"}).code ==
          0);
  CHECK(header(place, "results/well/measures/interface.csv") ==
        "step,time [1],area [1],fraction_solute,euler_characteristic [1]");
  CHECK(header(place, "results/well/measures/curvature.csv") ==
        "step,time [1],mean_curvature [1],mean_curvature_deviation [1],gaussian_curvature [1],"
        "gaussian_curvature_deviation [1]");
  CHECK(!contains(header(place, "results/well/measures/connectivity.csv"), "joining"));
}

TEST_CASE("phases are told apart in the middle between those of the temperature, or where the case says") {
  const Workplace place;
  REQUIRE(run(place, plane).code == 0);
  const Hdf5File snapshot = Hdf5File::open(place.folder() / "out/snapshots/alloy_000000.hdf");
  const double host = snapshot.read_number("/", "x_host"), solute = snapshot.read_number("/", "x_solute");
  // The binodal of dos Santos et al. (2025) at 298.15 K, worked out to 12 digits by another code.
  CHECK(host == Approx(2.914999996309e-5).epsilon(1e-6));
  CHECK(solute == Approx(0.9969004096201).epsilon(1e-9));
  CHECK(table(place, "out/measures/phases.csv").at("threshold_solute").back() == Approx((host + solute) / 2));
  REQUIRE(
      place.spinode({"analyze", "out", "--measures", "phases", "measures.threshold=0.3", "--output", "three"}).code ==
      0);
  CHECK(table(place, "three/phases.csv").at("threshold_host").back() == 0.3);
  REQUIRE(place.spinode({"analyze", "out", "--measures", "phases", "measures.thresholds=[0.2, 0.6]", "--output", "two"})
              .code == 0);
  const Table two = table(place, "two/phases.csv");
  CHECK(two.at("threshold_host").back() == 0.2);
  CHECK(two.at("threshold_solute").back() == 0.6);
  CHECK(two.at("fraction_host").back() + two.at("fraction_solute").back() < 1);
  CHECK(two.at("fraction_host").back() > 0);
}

TEST_CASE("a case without a free energy is measured as it begins") {
  const Workplace place;
  // Layers of 3/8 along z.
  place.write("stack.toml", R"(description = "a stack"
domain.length = ["2 um", "2 um", "4 um"]
domain.cells = [6, 6, 16]
domain.boundary = ["periodic", "periodic", "no_flux"]
initial.model = "layers"
initial.fraction = 0.375
initial.layers = 2
measures.use = ["phases", "tortuosity", "conductivity"]
measures.conductivity.ionic = ["1 mS/cm", "4 mS/cm"]
measures.conductivity.electronic = ["0 S/m", "1 S/m"]
)");
  const Outcome outcome = place.spinode({"analyze", "stack.toml", "--output", "out"});
  CHECK(outcome.err.empty());
  REQUIRE(outcome.code == 0);
  const Table found = table(place, "out/conductivity.csv");
  const double f = 0.375, along = f * 0.4 + (1 - f) * 0.1, across = 1 / (f / 0.4 + (1 - f) / 0.1);
  CHECK(found.at("ionic_x [S m-1]").back() == Approx(along).epsilon(1e-9));
  CHECK(found.at("ionic_z [S m-1]").back() == Approx(across).epsilon(1e-9));
  CHECK(found.at("electronic_y [S m-1]").back() == Approx(f).epsilon(1e-9));
  CHECK(found.at("electronic_z [S m-1]").back() == 0);
  CHECK(found.at("transport_number_z").back() == 1);
  CHECK(found.at("transport_number_x").back() == Approx(along / (along + f)).epsilon(1e-9));
  const Table tortuosity = table(place, "out/tortuosity.csv");
  CHECK(tortuosity.at("tortuosity_solute_x").back() == Approx(1).epsilon(1e-9));
  CHECK(std::isinf(tortuosity.at("tortuosity_solute_z").back()));
  CHECK(contains(outcome.out, "transport_number_z             1\n"));
  // Nothing is written unless asked for.
  CHECK(place.spinode({"analyze", "stack.toml"}).code == 0);
  CHECK(!place.has("stack"));
  CHECK(!place.has("results"));
  // What only a run needs, or a measure that is not taken, may be there; what does not exist may not.
  CHECK(place.spinode({"analyze", "stack.toml", "time.end=\"1 s\"", "--measures", "phases"}).code == 0);
  const Outcome unknown = place.spinode({"analyze", "stack.toml", "measures.conductivity.ion=[1, 2]"});
  CHECK(unknown.code == 2);
  CHECK(contains(unknown.err, "unknown key measures.conductivity.ion; did you mean measures.conductivity.ionic?"));
}

TEST_CASE("a case with a free energy is measured between its phases") {
  const Workplace place;
  place.write("alloy.toml", alloy);
  const Outcome outcome = place.spinode({"analyze", "alloy.toml", "--measures", "phases"});
  CHECK(outcome.code == 0);
  CHECK(contains(outcome.out, "threshold_solute               0.4"));
  CHECK(place.spinode({"analyze", "alloy.toml", "--measures", "phases", "measures.thickness.every=3"}).code == 0);
  CHECK(!place.has("results"));
}

TEST_CASE("two phases at the ends of a logarithm are refused, and inside it run") {
  const Workplace place;
  place.write("alloy.toml", with(alloy, "x = 0.25\nnoise = 0.005", "model = \"layers\"\nfraction = 0.4"));
  const Outcome sharp = place.spinode({"check", "alloy.toml"});
  CHECK(sharp.code == 2);
  CHECK(sharp.err ==
        "alloy.toml: initial.x_host = 0 (its default): must be > 0\nalloy.toml: initial.x_solute = 1 (its default): "
        "must be < 1\n");
  const Outcome inside = place.spinode({"run", "alloy.toml", "initial.x_host=0.01", "initial.x_solute=0.99"});
  CHECK(inside.err.empty());
  CHECK(inside.code == 0);
}

TEST_CASE("faults of the measures are told in one line each") {
  const Workplace place;
  place.write("alloy.toml", alloy);
  const auto error = [&](const std::vector<std::string>& keys) {
    std::vector<std::string> arguments{"check", "alloy.toml"};
    arguments.insert(arguments.end(), keys.begin(), keys.end());
    const Outcome outcome = place.spinode(arguments);
    CHECK(outcome.code == 2);
    CHECK(outcome.err.find('\n') == outcome.err.size() - 1);
    return outcome.err;
  };
  CHECK(contains(error({"measures.use=[\"lengths\"]"}), "expected one of \"structure\", \"phases\", \"interface\""));
  CHECK(contains(error({"measures.use=[\"curvature\"]"}), "\"curvature\" needs 2 axes"));
  CHECK(contains(error({"measures.use=[\"phases\"]", "measures.curvature.every=3"}),
                 "key measures.curvature.every is not used"));
  CHECK(contains(error({"measures.use=[\"conductivity\"]"}),
                 "\"conductivity\" needs measures.conductivity.ionic, .electronic, or both"));
  CHECK(contains(error({"measures.use=[\"conductivity\"]", "measures.conductivity.ionic=[\"1 S/m\"]"}),
                 "measures.conductivity.ionic = [\"1 S/m\"]: expected two conductivities"));
  CHECK(contains(error({"measures.use=[\"conductivity\"]", "measures.conductivity.ionic=[\"1 V\", \"2 S/m\"]"}),
                 "expected a conductivity (S m-1)"));
  CHECK(contains(error({"measures.threshold=1.5"}), "must be >= 0 and <= 1"));
  CHECK(contains(error({"measures.thresholds=[0.5]"}), "expected 2 entries"));
  CHECK(contains(error({"measures.thresholds=[0.6, 0.2]"}), "must not fall"));
  CHECK(contains(error({"measures.every=-1"}), "expected an integer >= 0 and <= 1000000000"));
  CHECK(contains(error({"measures.connectivity.neighbours=\"edges\""}), "expected one of \"faces\", \"corners\""));
  CHECK(contains(error({"measures.coarsening.from=\"2 s\"", "measures.coarsening.to=\"1 s\""}),
                 "must be later than measures.coarsening.from"));
  CHECK(place.spinode({"check", "alloy.toml", "measures.use=[]"}).code == 0);
}

TEST_CASE("what cannot be analysed is refused in one line") {
  const Workplace place;
  const auto error = [&](const std::vector<std::string>& arguments, int code) {
    const Outcome outcome = place.spinode(arguments);
    CHECK(outcome.code == code);
    CHECK(outcome.err.find('\n') == outcome.err.size() - 1);
    return outcome.err;
  };
  CHECK(error({"analyze", "nowhere"}, 4) == "nowhere: no such file or folder\n");
  fs::create_directories(place.folder() / "empty");
  CHECK(error({"analyze", "empty"}, 4) == "empty: holds no snapshots\n");
  REQUIRE(run(place, plane).code == 0);
  CHECK(contains(error({"analyze", "out", "--measures", "fractals"}, 2), "expected one of \"structure\""));
  CHECK(contains(error({"analyze", "out", "domain.cells=[30, 12]"}, 4), "is no snapshot of the domain"));
  place.write("out/snapshots/alloy_000002.hdf", "broken");
  CHECK(contains(error({"analyze", "out"}, 4), "out/snapshots/alloy_000002.hdf"));
}

TEST_CASE("coarsening is fitted over a stated window, by the run and afterwards alike") {
  const Workplace place;
  const std::vector<std::string> window{"measures.coarsening.from=\"10 us\"", "measures.coarsening.to=\"80 us\""};
  const Outcome told = run(place, plane, window);
  REQUIRE(told.code == 0);
  const std::string summary = place.read("out/summary.json");
  REQUIRE(contains(summary, "\"coarsening\" : {"));
  const Outcome outcome = place.spinode({"analyze", "out", "--measures", "phases"});
  REQUIRE(outcome.code == 0);
  const auto line = [](const std::string& text) {
    const auto at = text.find("coarsening from ");
    return at == std::string::npos ? "" : text.substr(at, text.find('\n', at) - at);
  };
  // A moment of formation has no law; a box that coarsens has, and both commands tell it.
  CHECK(line(told.out) == line(outcome.out));
  place.write("well.toml", with(with(double_well(2), "end = 0.5", "end = 3000"), "every = 0.25", "every = 1000"));
  const Outcome coarse = place.spinode({"run", "well.toml", "domain.length=[256, 256]", "domain.cells=[128, 128]"});
  CHECK(line(coarse.out).starts_with("coarsening from "));
  CHECK(line(coarse.out) == line(place.spinode({"analyze", "results/well"}).out));
  // Both files hold the same object, indented differently.
  const auto without_space = [](std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
    return text;
  };
  CHECK(contains(without_space(summary), without_space(place.read("out/analysis/coarsening.json"))));
  // A row that is being written is left out.
  const std::string series = place.read("out/timeseries.csv");
  place.write("out/timeseries.csv", series + "999,1e-4,2e-");
  REQUIRE(place.spinode({"analyze", "out", "--measures", "phases"}).code == 0);
  CHECK(contains(without_space(summary), without_space(place.read("out/analysis/coarsening.json"))));
  place.write("out/timeseries.csv", series + with(series.substr(series.rfind('\n', series.size() - 2) + 1), ",", ",x"));
  CHECK(contains(place.spinode({"analyze", "out"}).err, ": holds \"x"));
  place.write("out/timeseries.csv", with(series, "x_deviation", "deviation"));
  CHECK(place.spinode({"analyze", "out"}).err == "out/timeseries.csv: has no column x_deviation\n");
  place.write("out/timeseries.csv", series);
  // Nothing grows in a moment.
  const Outcome brief = place.spinode({"analyze", "out", "measures.coarsening.to=\"10.1 us\""});
  CHECK(contains(brief.out, "no law of coarsening: "));
  CHECK(contains(brief.out, "times in the window, 10 are needed"));
}
