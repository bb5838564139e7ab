// An electrode as a user has it: what stripping and plating write, what ends the steps of a protocol, and what is told
// of them before and during a run.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <numbers>
#include <regex>
#include <sstream>

#include "spinode/hdf5.hpp"
#include "workplace.hpp"

using namespace cli;
using spinode::Hdf5File;

namespace {

constexpr double F = 96485.33212;             // C/mol
constexpr double R = 8.31446261815324;        // J/(mol K)
constexpr double T = 298.15;                  // K
constexpr double V_m = 1.2045e-5;             // m3/mol
constexpr double thickness = 1e-5;            // m
constexpr double mAh_per_cm2 = 36000;         // C/m2
constexpr double host = F / V_m * thickness;  // charge of the pure host [C/m2]

/// Li with 30 at% Na that mixes as an ideal solution, D = 1e-14 m2/s: 10 um of it in 1D.
const std::string solution = fmt::format(R"(system = "{}/configs/systems/li-na.toml"
temperature = "298.15 K"
planning = "estimate"
free_energy.L = ["0 J/mol"]
lattice.V_m = "12.045 cm3/mol"

[initial]
x = 0.3
noise = 0

[domain]
length = ["10 um"]
cells = [64]
boundary = ["no_flux"]
)",
                                         SPINODE_SOURCE_DIR);

/// The real Li-Na with 20 at% Na, which decomposes within seconds, its interface widened: 4 um along the separator.
const std::string alloy_plane = fmt::format(R"(system = "{}/configs/systems/li-na.toml"
temperature = "298.15 K"
planning = "estimate"
initial.x = 0.2
gradient.interface_width = "400 nm"
lattice.V_m = "12.045 cm3/mol"
domain.length = ["4 um", "5 um"]
domain.cells = [24, 30]
domain.boundary = ["periodic", "no_flux"]
)",
                                            SPINODE_SOURCE_DIR);

const std::string separator = "electrode.separator_resistance=10 ohm cm2";
/// For runs in which snapshots are of no interest.
const std::string no_snapshots = "output.every=1 h";
const std::string every_row = "output.timeseries_every=1";

using Table = std::map<std::string, std::vector<double>>;

/// The columns of a time series, by their heads.
Table table(const Workplace& place, const std::string& name = "case") {
  std::istringstream rows(place.read("results/" + name + "/timeseries.csv"));
  std::string head, row, cell;
  std::getline(rows, head);
  Table columns;
  while (std::getline(rows, row)) {
    std::istringstream names(head), values(row);
    while (std::getline(names, cell, ',')) {
      std::string value;
      std::getline(values, value, ',');
      columns[cell].push_back(std::stod(value));
    }
  }
  return columns;
}

std::string head(const Workplace& place) {
  const std::string series = place.read("results/case/timeseries.csv");
  return series.substr(0, series.find('\n'));
}

/// The steps of the protocol that summary.json lists, each by its keys.
std::vector<std::map<std::string, std::string>> finished_steps(const Workplace& place) {
  std::string text = place.read("results/case/summary.json");
  text.erase(0, text.find("\"protocol\" : ["));
  text.erase(text.find(']'));
  std::vector<std::map<std::string, std::string>> steps;
  const std::regex object("\\{[^}]*\\}"), pair("\"(\\w+)\" : \"?([^\",\\s]+)");
  for (std::sregex_iterator at(text.begin(), text.end(), object), end; at != end; ++at) {
    const std::string inside = at->str();
    steps.emplace_back();
    for (std::sregex_iterator entry(inside.begin(), inside.end(), pair); entry != end; ++entry)
      steps.back()[(*entry)[1]] = (*entry)[2];
  }
  return steps;
}

/// A number of a table within summary.json.
double in_summary(const Workplace& place, const std::string& table, const std::string& key) {
  const std::string text = place.read("results/case/summary.json"), name = fmt::format("\"{}\" : ", key);
  const auto start = text.find(fmt::format("\"{}\" : {{", table)), found = text.find(name, start);
  REQUIRE(start != std::string::npos);
  REQUIRE(found < text.find('}', start));
  return std::stod(text.substr(found + name.size()));
}

/// Runs a case that must go well, and gives what it printed.
std::string run(const Workplace& place, const std::string& text, std::vector<std::string> overrides) {
  place.write("case.toml", text);
  overrides.insert(overrides.begin(), {"run", "case.toml", "--overwrite"});
  const Outcome outcome = place.spinode(overrides);
  CHECK(outcome.err.empty());
  REQUIRE(outcome.code == 0);
  return outcome.out;
}

std::string snapshot_name(std::size_t i) { return fmt::format("results/case/snapshots/case_{:06}.hdf", i); }

std::size_t snapshots(const Workplace& place) {
  std::size_t count = 0;
  while (place.has(snapshot_name(count))) ++count;
  return count;
}

double largest(const std::vector<double>& values) { return *std::max_element(values.begin(), values.end()); }

std::string protocol(const std::string& steps) { return "electrode.protocol=[" + steps + "]"; }

}  // namespace

TEST_CASE("the columns of an electrode, profiles and a protocol are written where a case has an electrode, alone") {
  const Workplace place;
  run(place, solution, {"time.end=1 s", no_snapshots});
  const std::string plain = head(place);
  CHECK_FALSE(place.has("results/case/profiles.h5"));
  CHECK_FALSE(contains(place.read("results/case/summary.json"), "\"electrode\""));
  CHECK_FALSE(contains(place.read("results/case/summary.json"), "\"protocol\""));

  run(place, solution, {"time.end=1 s", no_snapshots, "electrode.current_density=1 mA/cm2"});
  CHECK(head(place) ==
        plain +
            ",protocol_step,cycle,current_density [mA cm-2],capacity_requested [mAh cm-2],capacity [mAh cm-2],"
            "host_removed [mAh cm-2],charge_imbalance,solute_amount [mol m-2],thickness [m],host_left,x_layer,x_face,"
            "potential_open [V],overpotential [V],ohmic_drop [V],potential [V],peclet");
  CHECK(place.has("results/case/profiles.h5"));
  CHECK(contains(place.read("results/case/summary.json"), "\"protocol\" : []"));
  // What is left of an electrode goes with the results that it belongs to.
  run(place, solution, {"time.end=1 s", no_snapshots});
  CHECK_FALSE(place.has("results/case/profiles.h5"));
}

TEST_CASE("charge, thickness and amounts of an electrode that is stripped or plated follow Faraday's law") {
  const Workplace place;
  const std::string plane = with(with(with(solution, "[\"10 um\"]", "[\"5 um\", \"10 um\"]"), "[64]", "[12, 32]"),
                                 "[\"no", "[\"periodic\", \"no");
  const std::string coherent = "elasticity.model=cubic", noise = "initial.noise=0.01";
  for (const auto& [text, j, changes] :
       {std::tuple<std::string, double, std::vector<std::string>>{solution, 2, {}},
        {solution, -2, {}},
        {solution, 2, {"electrode.layer_shape=triangle", "electrode.layer=3 um"}},
        {solution, 2, {"time.scheme=implicit", "electrode.layer_shape=uniform", "electrode.layer=5 um"}},
        {plane, 1.5, {noise, "electrode.sink=fraction"}},
        {plane, 1.5, {noise, "electrode.sink=activity", "electrode.contact_noise=0.2"}},
        {plane, -1.5, {noise, "electrode.contact_noise=0.2", "electrode.contact_length=1 um", coherent}}}) {
    CAPTURE(j, changes);
    std::vector<std::string> overrides{fmt::format("electrode.current_density={} mA/cm2", j), "time.end=100 s",
                                       no_snapshots, "output.timeseries_every=5"};
    overrides.insert(overrides.end(), changes.begin(), changes.end());
    run(place, text, overrides);
    const Table of = table(place);
    const std::vector<double>& time = of.at("time [s]");
    REQUIRE(time.size() > 5);
    REQUIRE(time.back() == 100);
    for (std::size_t i = 0; i < time.size(); ++i) {
      const auto at = [&](const char* name) { return of.at(name)[i]; };
      const double charge = j * 10 * time[i], L = thickness - charge * V_m / F;  // C/m2 and m
      CHECK(at("protocol_step") == 1);
      CHECK(at("cycle") == 1);
      CHECK(at("current_density [mA cm-2]") == Approx(j).epsilon(1e-13));
      CHECK(at("capacity [mAh cm-2]") == Approx(charge / mAh_per_cm2).epsilon(1e-12));
      CHECK(at("capacity_requested [mAh cm-2]") == at("capacity [mAh cm-2]"));
      CHECK(std::abs(at("host_removed [mAh cm-2]") - charge / mAh_per_cm2) < 1e-12 * host / mAh_per_cm2);
      CHECK(at("thickness [m]") == Approx(L).epsilon(1e-12));
      CHECK(at("solute_amount [mol m-2]") == Approx(0.3 * thickness / V_m).epsilon(1e-12));
      CHECK(at("x_mean") == Approx(0.3 * thickness / L).epsilon(1e-12));
      CHECK(at("host_left") == Approx((L - 0.3 * thickness) / (0.7 * thickness)).epsilon(1e-12));
      CHECK(at("peclet") == Approx(j * 10 * V_m / F * L / 1e-14).epsilon(1e-9));
      CHECK(at("potential [V]") == at("potential_open [V]"));
      CHECK(at("x_max") < 1);
    }
    CHECK(std::abs(of.at("charge_imbalance").back()) < 1e-12);
    // The solute piles up at the separator, or thins out there.
    CHECK((of.at("x_face").back() - of.at("x_layer").back()) * j > 0);
    CHECK((of.at("x_layer").back() - of.at("x_mean").back()) * j > 0);
    CHECK(in_summary(place, "final", "capacity") == of.at("capacity [mAh cm-2]").back());
    CHECK(in_summary(place, "final", "thickness") == of.at("thickness [m]").back());
    CHECK(in_summary(place, "final", "solute_amount") == of.at("solute_amount [mol m-2]").back());
  }
}

TEST_CASE("the potential of a run is that of the host in the sink layer, with asinh overpotential and ohmic drop") {
  const Workplace place;
  for (const double j : {2.0, -0.7}) {
    CAPTURE(j);
    run(place, solution,
        {fmt::format("electrode.current_density={} mA/cm2", j), "time.end=50 s", no_snapshots,
         "electrode.exchange_current_density=0.5 mA/cm2", separator, "output.timeseries_every=7"});
    const Table of = table(place);
    for (std::size_t i = 0; i < of.at("time [s]").size(); ++i) {
      const auto at = [&](const char* name) { return of.at(name)[i]; };
      CHECK(at("overpotential [V]") == Approx(2 * R * T / F * std::asinh(j / (2 * 0.5))).epsilon(1e-8));
      CHECK(at("ohmic_drop [V]") == Approx(10 * j * 1e-3).epsilon(1e-12));
      CHECK(at("potential [V]") ==
            Approx(at("potential_open [V]") + at("overpotential [V]") + at("ohmic_drop [V]")).epsilon(1e-14));
      // Of an ideal solution, -RT ln(1-x)/F of the layer, up to how x varies there.
      CHECK(at("potential_open [V]") == Approx(-R * T / F * std::log1p(-at("x_layer"))).epsilon(1e-3));
    }
    CHECK(of.at("potential_open [V]").front() == Approx(-R * T / F * std::log(0.7)).epsilon(1e-8));
  }
  // Redlich-Kister: mu_Li = RT ln(1-x) + x^2 [L_0 + L_1 (3 - 4x)].
  run(place, with(with(solution, "free_energy.L = [\"0 J/mol\"]\n", ""), "x = 0.3", "x = 0.02"),
      {"electrode.current_density=1 mA/cm2", "time.end=1 ms", no_snapshots});
  CHECK(table(place).at("potential_open [V]").front() ==
        Approx(-(R * T * std::log(0.98) + 0.02 * 0.02 * (20109.8 + 5772.6 * (3 - 0.08))) / F).epsilon(1e-8));
}

TEST_CASE("profiles hold one row of planes per row of the time series, with units, and agree with the last snapshot") {
  const Workplace place;
  // In 3D eight layers of 4 um, in 2D a plane, in 1D a line.
  const std::string plane = alloy_plane,
                    box = with(with(with(plane, "[24, 30]", "[12, 10, 30]"), "[\"4 um\"", "[\"4 um\", \"4 um\""),
                               "[\"periodic\"", "[\"periodic\", \"no_flux\""),
                    line = with(with(with(plane, "[24, 30]", "[30]"), "[\"4 um\", ", "["), "[\"periodic\", ", "[");
  for (const auto& [text, dimension] : {std::pair{line, 1}, {plane, 2}, {box, 3}}) {
    CAPTURE(dimension);
    run(place, text,
        {"electrode.current_density=1 mA/cm2", "time.end=60 s", "output.every=60 s", "output.precision=float64",
         "output.timeseries_every=9"});
    const Table of = table(place);
    const std::size_t rows = of.at("time [s]").size();
    const Hdf5File file = Hdf5File::open(place.folder() / "results/case/profiles.h5");
    std::vector<std::pair<std::string, std::string>> scalars{
        {"time", "s"},   {"capacity", "mAh cm-2"}, {"thickness", "m"},    {"threshold", "1"},
        {"pieces", "1"}, {"reach", "m"},           {"largest_share", "1"}},
        planes{{"x", "1"}, {"solute_rich", "1"}, {"interface_density", "m-1"}};
    if (dimension > 1) planes.push_back({"length", "m"});
    CHECK(file.datasets("/").size() == scalars.size() + planes.size());
    for (const auto& [name, unit] : scalars) {
      CAPTURE(name);
      CHECK(file.shape(name) == std::vector<std::size_t>{rows});
      CHECK(file.read_text(name, "unit") == unit);
    }
    for (const auto& [name, unit] : planes) {
      CAPTURE(name);
      CHECK(file.shape(name) == std::vector<std::size_t>{rows, 30});
      CHECK(file.read_text(name, "unit") == unit);
      CHECK(largest(file.read(name)) > 0);
    }
    CHECK(file.read("time") == of.at("time [s]"));
    CHECK(file.read("thickness") == of.at("thickness [m]"));
    for (std::size_t i = 0; i < rows; ++i)
      CHECK(file.read("capacity")[i] == Approx(of.at("capacity [mAh cm-2]")[i]).epsilon(1e-14));

    // Phases at x = 2.915e-05 and 0.9969, told apart half way.
    const double threshold = file.read("threshold").back(), L = file.read("thickness").back();
    CHECK(threshold == Approx((2.915e-5 + 0.9969) / 2).epsilon(1e-4));
    const std::size_t last = snapshots(place) - 1;
    const Hdf5File snapshot = Hdf5File::open(place.folder() / snapshot_name(last));
    CHECK(snapshot.read_number("/", "time") == file.read("time").back());
    const std::vector<double> x = snapshot.read("/VTKHDF/PointData/x"), mean = file.read("x"),
                              rich = file.read("solute_rich");
    // Axes that the case does not have come twice, from the slowest on.
    const std::size_t cells = dimension == 1 ? 1 : dimension == 2 ? 24 : 120;
    double worst = 0, worst_rich = 0, above = 0;
    for (std::size_t p = 0; p < 30; ++p) {
      double sum = 0, count = 0;
      for (std::size_t i = 0; i < cells; ++i) {
        sum += x[p * cells + i];
        count += x[p * cells + i] > threshold ? 1 : 0;
      }
      above += count;
      const auto n = static_cast<double>(cells);
      worst = std::max(worst, std::abs(sum / n - mean[(rows - 1) * 30 + p]));
      worst_rich = std::max(worst_rich, std::abs(count / n - rich[(rows - 1) * 30 + p]));
    }
    REQUIRE(above > 0);
    CHECK(worst < 1e-7);
    CHECK(worst_rich < 1e-7);
    CHECK(mean[(rows - 1) * 30] == Approx(of.at("x_face").back()).epsilon(1e-6));
    const double pieces = file.read("pieces").back(), share = file.read("largest_share").back(),
                 reach = file.read("reach").back() / (L / 30);
    CHECK(pieces >= 1);
    CHECK(pieces <= above);
    CHECK(pieces == std::round(pieces));
    CHECK(share <= 1);
    CHECK(share * pieces >= 1 - 1e-12);
    CHECK(reach == Approx(std::round(reach)).margin(1e-9));
    // Some of the solute-rich phase touches the separator exactly when the first plane holds any.
    CHECK((reach > 0.5) == (rich[(rows - 1) * 30] > 0));
  }
}

TEST_CASE("profiles of a long run are thinned out, evenly from its start on") {
  const Workplace place;
  for (const int steps : {300, 390, 1000}) {
    CAPTURE(steps);
    run(place, solution,
        {"electrode.current_density=1 mA/cm2", fmt::format("time.end={} s", 0.05 * steps), "time.step=0.05 s",
         no_snapshots, every_row});
    const Table of = table(place);
    const std::size_t all = of.at("time [s]").size();
    REQUIRE(all == static_cast<std::size_t>(steps) + 1);
    const Hdf5File file = Hdf5File::open(place.folder() / "results/case/profiles.h5");
    const std::vector<double> time = file.read("time"), L = file.read("thickness");
    CHECK(time.size() <= 401);
    CHECK(time.size() >= std::min<std::size_t>(all, 200));
    const std::size_t stride = (all + time.size() - 1) / time.size();
    CHECK(stride == (steps < 400 ? 1 : 4));
    for (std::size_t i = 0; i < time.size(); ++i) {
      CHECK(time[i] == of.at("time [s]")[i * stride]);
      CHECK(L[i] == of.at("thickness [m]")[i * stride]);
    }
  }
}

TEST_CASE("the image of a snapshot, and of the index, is as thick as the electrode at its time") {
  const Workplace place;
  run(place, alloy_plane,
      {"electrode.current_density=2 mA/cm2", "time.end=40 s", "output.every=20 s", "output.fields=[\"x\", \"mu\"]"});
  REQUIRE(snapshots(place) == 3);
  const std::string index = place.read("results/case/case.xdmf");
  const auto listed = [&](const std::string& pattern) {
    std::vector<std::vector<double>> all;
    const std::regex item(pattern);
    for (std::sregex_iterator at(index.begin(), index.end(), item), end; at != end; ++at) {
      std::istringstream text((*at)[1]);
      all.emplace_back();
      for (double value; text >> value;) all.back().push_back(value);
    }
    return all;
  };
  const auto times = listed("<Time Value=\"([^\"]*)\"/>"), origins = listed("Name=\"Origin\"[^>]*>([^<]*)</DataItem>"),
             spacings = listed("Name=\"Spacing\"[^>]*>([^<]*)</DataItem>");
  REQUIRE(times.size() == 3);
  REQUIRE(origins.size() == 3);
  REQUIRE(spacings.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const Hdf5File snapshot = Hdf5File::open(place.folder() / snapshot_name(i));
    const double time = 20 * static_cast<double>(i), L = 5e-6 - 20 * time * V_m / F;
    const std::vector<double> spacing = snapshot.read_numbers("/VTKHDF", "Spacing"),
                              origin = snapshot.read_numbers("/VTKHDF", "Origin");
    CHECK(snapshot.read_number("/", "time") == time);
    CHECK(spacing[0] == Approx(4e3 / 24).epsilon(1e-13));
    CHECK(spacing[1] == Approx(L * 1e9 / 30).epsilon(1e-12));
    for (int a : {0, 1}) CHECK(origin[a] == Approx(spacing[a] / 2).epsilon(1e-13));
    CHECK(origin[2] == 0);
    CHECK(snapshot.read_numbers("/VTKHDF", "WholeExtent") == std::vector<double>{0, 23, 0, 29, 0, 1});
    // XDMF counts axes from the slowest.
    CHECK(times[i] == std::vector<double>{time});
    CHECK(spacings[i] == std::vector<double>(spacing.rbegin(), spacing.rend()));
    CHECK(origins[i] == std::vector<double>(origin.rbegin(), origin.rend()));
  }
}

TEST_CASE("every step of a protocol ends by what it asks for, with a row, a snapshot and an entry in the summary") {
  const Workplace place;
  struct Wanted {
    std::string mode, end;
    double j;  // mA/cm2
    std::string toml;
  };
  const std::vector<Wanted> wanted{{"strip", "potential", 4, "potential=\"20 mV\""},
                                   {"rest", "duration", 0, "duration=\"20 s\""},
                                   {"plate", "host_fraction", -2, "host_fraction=0.6"},
                                   {"strip", "capacity", 2, "capacity=\"0.01 mAh/cm2\", duration=\"1 h\""},
                                   {"plate", "duration", -1, "duration=\"5 s\", capacity=\"1 mAh/cm2\""},
                                   {"plate", "potential", -2, "potential=\"10 mV\", host_fraction=0.9"},
                                   {"strip", "host_fraction", 2, "host_fraction=0.55, potential=\"1 V\""}};
  std::string list;
  for (const Wanted& step : wanted) {
    list += fmt::format("{}{{step=\"{}\", {}", list.empty() ? "" : ", ", step.mode, step.toml);
    list += step.j == 0 ? "}" : fmt::format(", current_density=\"{} mA/cm2\"}}", std::abs(step.j));
  }
  const std::string out = run(
      place, solution,
      {protocol(list), "electrode.cycles=2", "time.end=5000 s", "output.every=2 h", "output.timeseries_every=1000"});
  const Table of = table(place);
  const auto steps = finished_steps(place);
  REQUIRE(steps.size() == 14);
  REQUIRE(snapshots(place) == 15);
  CHECK(of.at("time [s]").size() == 15);
  double time = 0, capacity = 0;
  for (std::size_t i = 0; i < 14; ++i) {
    CAPTURE(i);
    const auto& step = steps[i];
    const Wanted& want = wanted[i % 7];
    const auto number = [&](const char* key) { return std::stod(step.at(key)); };
    const auto at = [&](const char* name) { return of.at(name)[i + 1]; };
    CHECK(step.at("step") == std::to_string(i + 1));
    CHECK(step.at("mode") == want.mode);
    CHECK(step.at("ended_by") == want.end);
    CHECK(contains(out, fmt::format("step {} of the protocol, {}, ended by {} at t = ", i + 1, want.mode, want.end)));
    CHECK(number("capacity_requested") == number("capacity"));
    CHECK(number("capacity") - capacity == Approx(want.j / 3600 * (number("time") - time)).margin(1e-12));
    CHECK(number("thickness") == Approx(thickness - number("capacity") * mAh_per_cm2 * V_m / F).epsilon(1e-12));
    if (i == 1 || i == 8) CHECK(number("time") - time == Approx(20).epsilon(1e-9));
    if (i == 4 || i == 11) CHECK(number("time") - time == Approx(5).epsilon(1e-9));
    if (i == 3 || i == 10) CHECK(number("capacity") - capacity == Approx(0.01).epsilon(1e-9));
    // A tenth of a millivolt, and 1e-4 of a fraction, are as far as a step may run past its end.
    if (i == 0 || i == 7) CHECK(number("potential") == Approx(20.05e-3).margin(0.0501e-3));
    if (i == 5 || i == 12) CHECK(number("potential") == Approx(9.95e-3).margin(0.0501e-3));
    if (i == 2 || i == 9) CHECK(1 - at("x_layer") == Approx(0.60005).margin(5.01e-5));
    if (i == 6 || i == 13) CHECK(1 - at("x_layer") == Approx(0.54995).margin(5.01e-5));
    // The row and the snapshot of this end.
    CHECK(at("time [s]") == number("time"));
    CHECK(at("capacity [mAh cm-2]") == Approx(number("capacity")).epsilon(1e-14));
    CHECK(at("potential [V]") == Approx(number("potential")).epsilon(1e-12));
    CHECK(at("current_density [mA cm-2]") == Approx(want.j).margin(1e-13));
    CHECK(Hdf5File::open(place.folder() / snapshot_name(i + 1)).read_number("/", "time") == number("time"));
    time = number("time");
    capacity = number("capacity");
  }
  CHECK(of.at("cycle").front() == 1);
  CHECK(of.at("cycle").back() == 2);
  CHECK(std::abs(of.at("charge_imbalance").back()) < 1e-12);
}

TEST_CASE("a potential that ends a step holds its overpotential and ohmic drop") {
  const Workplace place;
  // At 4 mA/cm2 these are 2 RT/F asinh(2) = 74.18 mV and 40 mV, and at the start the metal is at 9.16 mV.
  const double beyond = 2 * R * T / F * std::asinh(2.0) + 0.04;
  run(place, solution,
      {protocol("{step=\"strip\", current_density=\"4 mA/cm2\", potential=\"130 mV\"}"), "time.end=1000 s",
       no_snapshots, "electrode.exchange_current_density=1 mA/cm2", separator});
  const auto steps = finished_steps(place);
  REQUIRE(steps.size() == 1);
  CHECK(steps[0].at("ended_by") == "potential");
  const Table of = table(place);
  CHECK(of.at("potential [V]").back() == Approx(0.13005).margin(0.0501e-3));
  CHECK(of.at("potential_open [V]").back() == Approx(0.13005 - beyond).margin(0.0501e-3));
  CHECK(of.at("potential_open [V]").front() == Approx(-R * T / F * std::log(0.7)).epsilon(1e-8));
}

TEST_CASE("a C-rate of 1 moves the areal capacity in an hour: all of the host, or what a case gives") {
  const Workplace place;
  const auto current = [&](const std::string& steps, std::vector<std::string> overrides) {
    overrides.insert(overrides.begin(), {protocol(steps), no_snapshots});
    run(place, solution, overrides);
    return table(place).at("current_density [mA cm-2]").back();
  };
  const std::string one = "{step=\"strip\", c_rate=1, duration=\"36 s\"}";
  CHECK(current(one, {}) == Approx(0.7 * host / 3600 / 10).epsilon(1e-12));
  CHECK(table(place).at("host_left").back() == Approx(0.99).epsilon(1e-12));
  CHECK(in_summary(place, "electrode", "capacity") == Approx(0.7 * host / mAh_per_cm2).epsilon(1e-12));
  CHECK(current(one, {"electrode.areal_capacity=2 mAh/cm2"}) == Approx(2).epsilon(1e-12));
  CHECK(table(place).at("capacity [mAh cm-2]").back() == Approx(0.02).epsilon(1e-12));
  CHECK(current("{step=\"plate\", c_rate=0.5, duration=\"36 s\"}", {"electrode.areal_capacity=2 mAh/cm2"}) ==
        Approx(-1).epsilon(1e-12));
  // Where diffusion is no limit the sink runs dry after an hour, less what 1/1000 of the host and the solute come to.
  current("{step=\"strip\", c_rate=1}", {"mobility.D=1e-7 cm2/s", "time.tolerance=1e-3"});
  const auto steps = finished_steps(place);
  REQUIRE(steps.size() == 1);
  CHECK(steps[0].at("ended_by") == "depleted");
  CHECK(std::stod(steps[0].at("time")) == Approx(3600 * (1 - 0.3 / 999 / 0.7)).epsilon(2e-4));
}

TEST_CASE("without time.end a run ends with its protocol, and with a later one as well") {
  const Workplace place;
  // 36 s, 10 s and 36 s.
  const std::string steps =
      "{step=\"strip\", current_density=\"2 mA/cm2\", capacity=\"0.02 mAh/cm2\"}, {step=\"rest\", duration=\"10 s\"}, "
      "{step=\"plate\", current_density=\"1 mA/cm2\", capacity=\"0.01 mAh/cm2\"}";
  for (const std::vector<std::string>& changes : {std::vector<std::string>{}, {"time.end=1000 s"}}) {
    std::vector<std::string> overrides{protocol(steps), "electrode.cycles=2", no_snapshots};
    overrides.insert(overrides.end(), changes.begin(), changes.end());
    run(place, solution, overrides);
    const auto ended = finished_steps(place);
    REQUIRE(ended.size() == 6);
    CHECK(in_summary(place, "final", "time") == Approx(164).epsilon(1e-12));
    CHECK(std::stod(ended.back().at("time")) == Approx(164).epsilon(1e-12));
    CHECK(snapshots(place) == 7);
  }
  // A protocol that ends sooner than it may.
  run(place, solution,
      {protocol("{step=\"strip\", current_density=\"2 mA/cm2\", capacity=\"1 mAh/cm2\", potential=\"11.5 mV\"}"),
       "output.every=20 s"});
  const auto ended = finished_steps(place);
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].at("ended_by") == "potential");
  CHECK(contains(place.read("results/case/resolved.toml"), "\ntime.end = \"1800 s\"\n"));
  const double end = in_summary(place, "final", "time");
  CHECK(end < 1700);
  CHECK(end == std::stod(ended[0].at("time")));
  const std::size_t last = snapshots(place) - 1;
  CHECK(last == static_cast<std::size_t>(end / 20) + 1);
  CHECK(Hdf5File::open(place.folder() / snapshot_name(last)).read_number("/", "time") == end);
  // And one that time.end cuts short.
  run(place, solution, {protocol(steps), "time.end=40 s", no_snapshots});
  CHECK(finished_steps(place).size() == 1);
  CHECK(in_summary(place, "final", "time") == 40);
}

TEST_CASE("the sink takes the host where its layer, its shape, its weight and the contact say") {
  const Workplace place;
  const double v = 10 * V_m / F;
  // Without diffusion x grows by v phi x_0 at first. phi of a layer of 16 cells, 2.5 um, in its planes.
  const auto growth = [&](const std::vector<std::string>& changes) {
    std::vector<std::string> overrides{"electrode.current_density=1 mA/cm2", "time.end=1 s", no_snapshots,
                                       "mobility.D=1e-14 cm2/s", "electrode.layer=2.5 um"};
    overrides.insert(overrides.end(), changes.begin(), changes.end());
    run(place, solution, overrides);
    const Hdf5File file = Hdf5File::open(place.folder() / "results/case/profiles.h5");
    const std::vector<double> x = file.read("x");
    std::vector<double> phi;  // per 2.5 um, of the planes within
    for (std::size_t p = x.size() - 64; p < x.size() - 48; ++p) phi.push_back((x[p] / 0.3 - 1) * 2.5e-6 / v);
    return phi;
  };
  const std::vector<double> cosine = growth({}), triangle = growth({"electrode.layer_shape=triangle"}),
                            uniform = growth({"electrode.layer_shape=uniform"});
  for (std::size_t p = 0; p < 16; ++p) {
    CAPTURE(p);
    const double z = (static_cast<double>(p) + 0.5) / 16;
    CHECK(cosine[p] == Approx(1 + std::cos(std::numbers::pi * z)).margin(0.03));
    CHECK(triangle[p] == Approx(2 - 2 * z).margin(0.06));
    // Waves overshoot at its end.
    CHECK(uniform[p] == Approx(1).margin(p < 12 ? 0.06 : 0.3));
  }
  // The activity of an ideal solution is 1 - x, and a sink that is proportional to it takes less of the face.
  const auto face = [&](const std::string& sink, const std::string& text) {
    run(place, text,
        {"electrode.current_density=4 mA/cm2", "time.end=200 s", no_snapshots, "electrode.sink=" + sink,
         "electrode.layer=2.5 um"});
    return table(place).at("x_face").back();
  };
  CHECK(face("activity", solution) == Approx(face("fraction", solution)).epsilon(1e-9));
  CHECK(face("uniform", solution) > face("fraction", solution) + 0.001);
  const std::string real = with(solution, "\"0 J/mol\"", "\"3 kJ/mol\"");
  CHECK(std::abs(face("activity", real) - face("fraction", real)) > 0.001);

  const std::string plane = with(with(with(solution, "[\"10 um\"]", "[\"10 um\", \"10 um\"]"), "[64]", "[64, 32]"),
                                 "[\"no", "[\"periodic\", \"no");
  // Local currents of a standard deviation of 0.2: so are the increments of x along the first plane.
  const auto uneven = [&](std::vector<std::string> changes) {
    changes.insert(changes.begin(), {"electrode.current_density=1 mA/cm2", "time.end=1 s", no_snapshots,
                                     "mobility.D=1e-14 cm2/s", "output.precision=float64", "electrode.layer=5 um"});
    run(place, plane, changes);
    std::vector<double> x =
        Hdf5File::open(place.folder() / snapshot_name(snapshots(place) - 1)).read("/VTKHDF/PointData/x");
    x.resize(64);
    for (double& value : x) value = (value / 0.3 - 1) * 2.5e-6 / v;
    return x;
  };
  const auto deviation = [](const std::vector<double>& values) {
    double mean = 0, square = 0;
    for (const double value : values) mean += value / static_cast<double>(values.size());
    for (const double value : values) square += std::pow(value - mean, 2) / static_cast<double>(values.size());
    return std::sqrt(square);
  };
  CHECK(deviation(uneven({})) < 1e-9);
  const std::vector<double> one = uneven({"electrode.contact_noise=0.2"});
  CHECK(deviation(one) == Approx(0.2).epsilon(0.1));
  CHECK(uneven({"electrode.contact_noise=0.2", "electrode.contact_seed=2"}) != one);
  // The longer the contact is alike, the smaller the steps from cell to cell.
  const auto step = [](const std::vector<double>& values) {
    double sum = 0;
    for (std::size_t i = 1; i < values.size(); ++i) sum += std::abs(values[i] - values[i - 1]);
    return sum;
  };
  CHECK(step(uneven({"electrode.contact_noise=0.2", "electrode.contact_length=1.25 um"})) < 0.5 * step(one));
}

TEST_CASE("a window keeps its thickness, and solute comes in with the metal or leaves with it") {
  const Workplace place;
  const auto window = [&](double j, const std::vector<std::string>& changes) {
    std::vector<std::string> overrides{"electrode.frame=window", fmt::format("electrode.current_density={} mA/cm2", j),
                                       "time.end=100 s", no_snapshots, every_row};
    overrides.insert(overrides.end(), changes.begin(), changes.end());
    run(place, solution, overrides);
    return table(place);
  };
  // Plating drives metal out at the collector, where nothing of it has arrived yet.
  for (const auto& [j, x_far, changes] : {std::tuple<double, double, std::vector<std::string>>{2, 0.3, {}},
                                          {2, 0.05, {"electrode.x_far=0.05"}},
                                          {2, 0, {"electrode.x_far=0"}},
                                          {-2, 0.3, {"electrode.x_far=0.05"}}}) {
    CAPTURE(j, x_far);
    const Table of = window(j, changes);
    for (std::size_t i = 0; i < of.at("time [s]").size(); ++i) {
      const double charge = j * 10 * of.at("time [s]")[i];
      CHECK(of.at("thickness [m]")[i] == Approx(thickness).epsilon(1e-14));
      CHECK(of.at("capacity [mAh cm-2]")[i] == Approx(charge / mAh_per_cm2).epsilon(1e-12));
      CHECK(std::abs(of.at("host_removed [mAh cm-2]")[i] - charge / mAh_per_cm2) < 1e-12 * host / mAh_per_cm2);
      CHECK(of.at("solute_amount [mol m-2]")[i] - 0.3 * thickness / V_m == Approx(charge * x_far / F).margin(1e-10));
      CHECK(of.at("x_mean")[i] == Approx(0.3 + charge * x_far * V_m / F / thickness).epsilon(1e-9));
    }
    CHECK((of.at("x_face").back() - 0.3) * j > 0);
    const Hdf5File last = Hdf5File::open(place.folder() / snapshot_name(snapshots(place) - 1));
    CHECK(last.read_numbers("/VTKHDF", "Spacing")[0] == Approx(1e4 / 64).epsilon(1e-13));
  }
}

TEST_CASE("a sink that runs dry stops the run: the metal there is not pure solute, and what follows is left out") {
  const Workplace place;
  const std::string steps =
      "{step=\"strip\", current_density=\"4 mA/cm2\", capacity=\"1 mAh/cm2\"}, {step=\"rest\", duration=\"10 s\"}";
  for (const double least : {0.001, 0.02}) {
    const std::string out =
        run(place, solution, {protocol(steps), fmt::format("electrode.least_host={}", least), no_snapshots});
    const Table of = table(place);
    const auto ended = finished_steps(place);
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].at("ended_by") == "depleted");
    CHECK(contains(out, "step 1 of the protocol, strip, ended by depleted at t = "));
    CHECK(contains(out, fmt::format("{:.6g} mAh/cm2 of {:.6g} mAh/cm2 passed", of.at("capacity [mAh cm-2]").back(),
                                    of.at("capacity_requested [mAh cm-2]").back())));
    CHECK(largest(of.at("x_max")) < 1);
    // A tenth of it is how far a step may run past.
    CHECK(1 - of.at("x_max").back() <= least);
    CHECK(1 - of.at("x_max").back() >= 0.9 * least);
    CHECK(of.at("capacity [mAh cm-2]").back() == of.at("capacity_requested [mAh cm-2]").back());
    CHECK(of.at("time [s]").back() == std::stod(ended[0].at("time")));
    CHECK(std::abs(of.at("charge_imbalance").back()) < 1e-12);
  }
  // A half-space of constant D with the sink in its face is dry after 614 s; a layer delays that by its thickness.
  const auto dry = [&](const std::string& layer) {
    run(place, solution,
        {"electrode.current_density=4 mA/cm2", "time.end=1000 s", no_snapshots, "domain.cells=[256]",
         "electrode.layer=" + layer});
    return table(place).at("time [s]").back();
  };
  CHECK(2 * dry("0.2 um") - dry("0.4 um") == Approx(614).epsilon(0.02));
  // A constant current stops as well; the mean of the layer counts where the sink follows the host.
  run(place, solution,
      {"electrode.current_density=4 mA/cm2", "time.end=1000 s", no_snapshots, "electrode.sink=fraction",
       "electrode.least_host=0.05"});
  const Table of = table(place);
  CHECK(of.at("time [s]").back() < 1000);
  CHECK(1 - of.at("x_layer").back() <= 0.05);
  CHECK(1 - of.at("x_layer").back() >= 0.045);
  REQUIRE(finished_steps(place).size() == 1);
  CHECK(finished_steps(place)[0].at("ended_by") == "depleted");
}

TEST_CASE("where depletion limits the current, the run goes on and the ledger has all of the shortfall") {
  const Workplace place;
  run(place, solution,
      {protocol("{step=\"strip\", current_density=\"4 mA/cm2\", capacity=\"0.8 mAh/cm2\"}"), "time.end=3000 s",
       no_snapshots, every_row, "electrode.on_depletion=limit"});
  const Table of = table(place);
  const auto ended = finished_steps(place);
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].at("ended_by") == "capacity");
  CHECK(std::stod(ended[0].at("capacity")) == Approx(0.8).epsilon(1e-9));
  const double time = std::stod(ended[0].at("time")), requested = std::stod(ended[0].at("capacity_requested"));
  CHECK(time > 722);
  CHECK(requested == Approx(4 * time / 3600).epsilon(1e-12));
  CHECK(requested > 0.801);
  double passed = 0;
  std::size_t less = 0;
  for (std::size_t i = 0; i < of.at("time [s]").size(); ++i) {
    const auto at = [&](const char* name) { return of.at(name)[i]; };
    const double j = at("current_density [mA cm-2]"), capacity = at("capacity [mAh cm-2]");
    passed += j * at("dt [s]") / 3600;
    less += j < 4 * (1 - 1e-9) ? 1 : 0;
    CHECK(j >= 0);
    CHECK(j <= 4 * (1 + 1e-12));
    CHECK(at("x_max") < 1);
    CHECK(capacity == Approx(passed).epsilon(1e-11));
    CHECK(at("capacity_requested [mAh cm-2]") == Approx(4 * at("time [s]") / 3600).epsilon(1e-11));
    CHECK(std::abs(at("host_removed [mAh cm-2]") - capacity) < 1e-12 * host / mAh_per_cm2);
    CHECK(at("thickness [m]") == Approx(thickness - capacity * mAh_per_cm2 * V_m / F).epsilon(1e-12));
    // Before diffusion fails to bring enough, nothing is cut.
    if (at("time [s]") < 600) CHECK(j == Approx(4).epsilon(1e-12));
  }
  CHECK(less > 10);
  CHECK(of.at("x_layer").back() > 0.98);
}

TEST_CASE("the resolved config of a protocol, and the same as [[electrode.protocol]], run the same to the last digit") {
  const Workplace place;
  const std::string text = solution + R"(
[electrode]
separator_resistance = "10 ohm cm2"
protocol = [
  { step = "strip", c_rate = 2, capacity = "0.02 mAh/cm2" },
  { step = "rest", duration = "6 s" },
  { step = "plate", current_density = "1 mA/cm2", capacity = "0.01 mAh/cm2" },
]
cycles = 2
)";
  run(place, text, {no_snapshots});
  const std::string resolved = place.read("results/case/resolved.toml"),
                    series = place.read("results/case/timeseries.csv");
  CHECK(finished_steps(place).size() == 6);
  CHECK(
      contains(resolved,
               "\nelectrode.protocol = [{ step = \"strip\", c_rate = 2, capacity = \"720 C m-2\" }, { step = \"rest\", "
               "duration = \"6 s\" }, { step = \"plate\", current_density = \"10 A m-2\", capacity = \"360 C m-2\" "
               "}]\nelectrode.cycles = 2\n"));
  run(place, resolved, {});
  CHECK(place.read("results/case/timeseries.csv") == series);
  CHECK(place.read("results/case/resolved.toml") == resolved);
  const std::string tables = R"(
[electrode]
separator_resistance = "10 ohm cm2"
cycles = 2
[[electrode.protocol]]
step = "strip"
c_rate = 2
capacity = "0.02 mAh/cm2"
[[electrode.protocol]]
step = "rest"
duration = "6 s"
[[electrode.protocol]]
step = "plate"
current_density = "1 mA/cm2"
capacity = "0.01 mAh/cm2"
)";
  run(place, solution + tables, {no_snapshots});
  CHECK(place.read("results/case/timeseries.csv") == series);
}

TEST_CASE("a current or a protocol of the command line replaces that of the file, and does not mix with it") {
  const Workplace place;
  const auto resolved = [&](const std::string& electrode, const std::vector<std::string>& overrides) {
    run(place, solution + "[electrode]\n" + electrode + "\n[time]\nend = \"1 s\"\n[output]\nevery = \"1 s\"\n",
        overrides);
    const std::string text = place.read("results/case/resolved.toml");
    return text.substr(text.find("electrode."), text.find("\ntime.end") - text.find("electrode."));
  };
  const std::string constant = "current_density = \"1 mA/cm2\"",
                    list =
                        "protocol = [{ step = \"strip\", c_rate = 1, capacity = \"1 mAh/cm2\", potential = \"1 V\" }, "
                        "{ step = \"plate\", c_rate = 1, capacity = \"0.1 mAh/cm2\" }, { step = \"rest\", duration = "
                        "\"1 s\" }]";
  const std::string given = "electrode.protocol=[{step=\"strip\", current_density=\"3 mA/cm2\", duration=\"2 s\"}";
  const std::string told =
      "\nelectrode.protocol = [{ step = \"strip\", current_density = \"30 A m-2\", duration = \"2 s\" }";
  CHECK(contains(resolved(constant, {"electrode.current_density=-3 mA/cm2"}),
                 "\nelectrode.current_density = \"-30 A m-2\"\n"));
  CHECK(table(place).at("current_density [mA cm-2]").back() == Approx(-3).epsilon(1e-12));
  // Nothing of the entry in the file is left in the one that replaces it.
  CHECK(contains(resolved(list, {given + "]"}), told + "]\n"));
  CHECK(table(place).at("current_density [mA cm-2]").back() == Approx(3).epsilon(1e-12));
  CHECK(contains(resolved(list, {given + ", {step=\"rest\", duration=\"1 s\"}]"}),
                 told + ", { step = \"rest\", duration = \"1 s\" }]\n"));
  CHECK(contains(resolved(list, {protocol("{step=\"rest\", duration=\"2 s\"}")}),
                 "\nelectrode.protocol = [{ step = \"rest\", duration = \"2 s\" }]\n"));
  const std::string instead = resolved(constant, {given + "]"});
  CHECK(contains(instead, told + "]\n"));
  CHECK_FALSE(contains(instead, "electrode.current_density"));
  CHECK(contains(resolved(list, {"electrode.cycles=7", "electrode.areal_capacity=3 mAh/cm2"}),
                 "\nelectrode.cycles = 7\n"));
  CHECK(table(place).at("current_density [mA cm-2]").back() == Approx(3).epsilon(1e-12));
}

TEST_CASE("check tells of an electrode what it holds, how fast it recedes, and when the separator would run dry") {
  const Workplace place;
  place.write("case.toml", with(solution, "lattice.V_m = \"12.045 cm3/mol\"\n",
                                "lattice.V_m = \"12.045 cm3/mol\"\n"
                                "time.end = \"1 s\"\n"));
  const auto check = [&](std::vector<std::string> overrides) {
    overrides.insert(overrides.begin(), {"check", "case.toml"});
    const Outcome outcome = place.spinode(overrides);
    CHECK(outcome.err.empty());
    CHECK(outcome.code == 0);
    return outcome.out;
  };
  const std::string one = check({"electrode.current_density=1 mA/cm2"});
  // F/V_m 10 um 0.7 = 1.5576 mAh/cm2; v = 10 A/m2 V_m/F; v 10 um/(1e-14 m2/s).
  CHECK(
      contains(one, "\n  electrode     along x, 1.558 mAh/cm2 of Li; sink layer 625 nm (4 cells), shrinking frame\n"));
  CHECK(contains(one, "\n  protocol      strip 1 mA/cm2\n"));
  CHECK(contains(one, "\n  flow          recedes at 1.248 nm/s at 1 mA/cm2, Peclet number 1.25\n"));
  CHECK_FALSE(contains(one, "Peclet number of a cell"));
  // x_s/x_0 = 1 + T/2 + (1 + T/2) erf(sqrt(T)/2) + sqrt(T/pi) exp(-T/4) is 1/0.3 at T = v^2 t/D = 1.53099.
  const std::string four = check({"electrode.current_density=4 mA/cm2"});
  const double dry = 1.53099 * 1e-14 / std::pow(40 * V_m / F, 2);  // s
  CHECK(contains(four,
                 fmt::format("\n  pile-up       by diffusion at x0 (Sand) the face is out of Li after {:.3g} min and "
                             "{:.4g} mAh/cm2\n",
                             dry / 60, 4 * dry / 3600)));
  // Of the real alloy at 2 at%, when the face gets to the spinodal as well; unstable at 30 at%, it says neither.
  place.write("alloy.toml", with(place.read("case.toml"), "free_energy.L = [\"0 J/mol\"]\n", ""));
  CHECK(contains(place.spinode({"check", "alloy.toml", "electrode.current_density=4 mA/cm2", "initial.x=0.02"}).out,
                 "the face reaches the spinodal, x = 0.0355, after "));
  CHECK_FALSE(contains(place.spinode({"check", "alloy.toml", "electrode.current_density=4 mA/cm2"}).out, "pile-up"));

  const std::string cycled =
      check({protocol("{step=\"strip\", c_rate=1, potential=\"0.2 V\", host_fraction=0.1}, {step=\"rest\", "
                      "duration=\"90 s\"}, {step=\"plate\", current_density=\"2 mA/cm2\", capacity=\"0.5 mAh/cm2\"}"),
             "electrode.cycles=3", "electrode.frame=window", "electrode.layer=1.25 um"});
  CHECK(contains(cycled, "sink layer 1.25 um (8 cells), window frame\n"));
  // By itself four cells, or 2 % where that is more.
  CHECK(
      contains(check({"domain.cells=[500]", "electrode.current_density=1 mA/cm2"}), "sink layer 200 nm (10 cells), "));
  CHECK(contains(cycled,
                 "\n  protocol      strip 1.558 mA/cm2 until 200 mV or 1-x = 0.1; rest for 90 s; plate 2 mA/cm2 until "
                 "0.5 mAh/cm2; 3 times\n"));
  // Cells of 156.25 nm: the limit is at 25.6 mA/cm2.
  const std::string warning =
      "warning: the Peclet number of a cell is 0.507, above 0.5: the pile-up at the separator is not resolved; use "
      "more "
      "cells along the last axis\n";
  CHECK(contains(check({"electrode.current_density=26 mA/cm2"}), warning));
  CHECK_FALSE(contains(check({"electrode.current_density=25 mA/cm2"}), "Peclet number of a cell"));
  const std::string plane =
      check({"domain.length=[\"5 um\", \"10 um\"]", "domain.cells=[8, 64]",
             "domain.boundary=[\"periodic\", \"no_flux\"]", "electrode.current_density=26 mA/cm2"});
  CHECK(contains(plane, "electrode     along y, 1.558 mAh/cm2 of Li"));
  CHECK(contains(plane, warning));
  // A sink that follows the host counts as empty sooner.
  CHECK(contains(one, "\nelectrode.least_host = 0.001\n"));
  for (const char* const sink : {"fraction", "activity"})
    CHECK(contains(check({"electrode.current_density=1 mA/cm2", fmt::format("electrode.sink={}", sink)}),
                   "\nelectrode.least_host = 0.01\n"));
  CHECK(contains(place.spinode({"check", "case.toml"}).out, "Na in Li"));
  CHECK_FALSE(contains(place.spinode({"check", "case.toml"}).out, "electrode"));
}

TEST_CASE("a dimensionless electrode has F = 1 and V_m = 1, and numbers without units") {
  const Workplace place;
  const std::string text =
      with(with(double_well(2), "[16.0, 12.0]", "[16.0, 12.0]\nboundary = [\"periodic\", \"no_flux\"]"), "[time]",
           "[electrode]\ncurrent_density = 0.5\nexchange_current_density = 0.25\n"
           "separator_resistance = 0.2\n\n[time]");
  run(place, text, {"output.timeseries_every=1"});
  const Table of = table(place);
  CHECK(contains(head(place), ",current_density [1],capacity_requested [1],capacity [1],host_removed [1],"));
  CHECK(contains(head(place), ",thickness [1],"));
  for (std::size_t i = 0; i < of.at("time [1]").size(); ++i) {
    const double charge = 0.5 * of.at("time [1]")[i];
    CHECK(of.at("current_density [1]")[i] == 0.5);
    CHECK(of.at("capacity [1]")[i] == Approx(charge).epsilon(1e-12));
    CHECK(of.at("thickness [1]")[i] == Approx(12 - charge).epsilon(1e-12));
    CHECK(of.at("solute_amount [1]")[i] == Approx(6).epsilon(1e-12));
    CHECK(of.at("overpotential [1]")[i] == Approx(2 * std::asinh(1.0)).epsilon(1e-12));
    CHECK(of.at("ohmic_drop [1]")[i] == Approx(0.1).epsilon(1e-12));
  }
  const Hdf5File file = Hdf5File::open(place.folder() / "results/case/profiles.h5");
  for (const char* name : {"time", "capacity", "thickness", "reach", "length"})
    CHECK(file.read_text(name, "unit") == "1");
  // 12 (1 - x0) of host; a quarter of an hour of it in 900 units of time.
  run(place, with(text, "current_density = 0.5\n", "protocol = [{ step = \"strip\", c_rate = 90, duration = 0.25 }]\n"),
      {});
  CHECK(table(place).at("current_density [1]").back() == Approx(90.0 * 6 / 3600).epsilon(1e-12));
  const std::string told = place.spinode({"check", "case.toml"}).out;
  CHECK(contains(told, "  electrode     along y, 6 of host; sink layer 4 (4 cells), shrinking frame\n"));
  CHECK(contains(told, "  protocol      strip 0.15 for 0.25\n"));
  CHECK(contains(told, "  flow          recedes at 0.15 at 0.15, Peclet number "));
}

TEST_CASE("an electrode runs in single precision, its ledger to round-off of that") {
  const Workplace place;
  for (const char* const sink : {"uniform", "activity"}) {
    CAPTURE(sink);
    run(place, alloy_plane,
        {"precision=float", "time.end=40 s", no_snapshots, "electrode.current_density=1 mA/cm2",
         fmt::format("electrode.sink={}", sink)});
    const Table of = table(place);
    const double charge = 10 * 40;
    CHECK(of.at("capacity [mAh cm-2]").back() == Approx(charge / mAh_per_cm2).epsilon(1e-12));
    CHECK(of.at("thickness [m]").back() == Approx(5e-6 - charge * V_m / F).epsilon(1e-12));
    CHECK(of.at("solute_amount [mol m-2]").back() == Approx(0.2 * 5e-6 / V_m).epsilon(1e-6));
    CHECK(std::abs(of.at("charge_imbalance").back()) < 1e-4);
    CHECK(of.at("x_max").back() > 0.9);
    CHECK(of.at("x_max").back() < 1);
  }
}
