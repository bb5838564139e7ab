// `spinode phase-diagram`: its tables against the reference, its summary, and every way to ask for it wrongly.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "workplace.hpp"

using namespace cli;

namespace {

using Cells = std::vector<std::string>;

const std::string li_na = SPINODE_SOURCE_DIR "/configs/systems/li-na.toml";

/// The older assessment of Li-Na (Zhang et al. 2003) with the lattice and moduli of dos Santos et al. (2025).
const std::string zhang = R"(species = { host = "Li", solute = "Na" }
[free_energy]
model = "redlich_kister"
L = ["16000 J/mol"]
[lattice]
a_host = "3.42 angstrom"
a_solute = "4.19 angstrom"
atoms = 2
[elasticity]
E = "13.8 GPa"
nu = 0.33
)";

const std::string uncertain = R"([free_energy]
model = "redlich_kister"
L = { value = ["16 kJ/mol"], error = ["0.5 kJ/mol"] }
)";

std::vector<Cells> table(const std::string& text) {
  std::vector<Cells> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    Cells cells{""};
    for (const char c : line)
      if (c == ',')
        cells.emplace_back();
      else if (c != '\r')
        cells.back() += c;
    rows.push_back(cells);
  }
  return rows;
}

Outcome diagram(const Workplace& place, const std::string& file, const std::string& temperatures,
                const std::vector<std::string>& rest = {}) {
  std::vector<std::string> arguments{"phase-diagram", file,     "--temperatures", temperatures,
                                     "--output",      "tables", "--overwrite"};
  arguments.insert(arguments.end(), rest.begin(), rest.end());
  return place.spinode(arguments);
}

/// Rows of a table after its head.
std::vector<Cells> rows_of(const Workplace& place, const std::string& name) {
  std::vector<Cells> rows = table(place.read("tables/" + name));
  rows.erase(rows.begin());
  return rows;
}

/// Temperatures [K] in phase_boundaries.csv for a --temperatures.
std::vector<double> temperatures_of(const std::string& text) {
  const Workplace place;
  const Outcome outcome = diagram(place, li_na, text, {"--elasticity", "none"});
  REQUIRE(outcome.err.empty());
  REQUIRE(outcome.code == 0);
  std::vector<double> result;
  for (const Cells& row : rows_of(place, "phase_boundaries.csv")) result.push_back(std::stod(row[2]));
  return result;
}

/// What the command says of bad arguments, which leave no folder behind.
std::string refusal(const std::vector<std::string>& arguments, const std::string& file = zhang) {
  const Workplace place;
  place.write("alloy.toml", file);
  std::vector<std::string> all{"phase-diagram", "alloy.toml"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const Outcome outcome = place.spinode(all);
  CHECK(outcome.code == 2);
  CHECK(outcome.out.empty());
  CHECK_FALSE(place.has("results"));
  return outcome.err;
}

std::string refused_temperatures(const std::string& text) {
  const std::string err = refusal({"--temperatures", text}),
                    lead = fmt::format("command line: --temperatures {}: ", text);
  CAPTURE(err);
  REQUIRE(err.starts_with(lead));
  return err.substr(lead.size());
}

/// The numbers after every `"name" : ` in a JSON text.
std::vector<double> numbers_named(const std::string& json, const std::string& name) {
  const std::string lead = fmt::format("\"{}\" : ", name);
  std::vector<double> numbers;
  for (auto at = json.find(lead); at != std::string::npos; at = json.find(lead, at + 1))
    numbers.push_back(std::stod(json.substr(at + lead.size())));
  return numbers;
}

}  // namespace

TEST_CASE("phase-diagram writes every number of the reference table") {
  const Workplace place;
  place.write("zhang.toml", zhang);
  std::map<std::string, Cells> found;  // by system, kind and temperature
  std::string head;
  for (const auto& [name, file] :
       {std::pair<std::string, std::string>{"LiNa-abinitio", li_na}, {"LiNa-Zhang2003", "zhang.toml"}}) {
    const Outcome outcome = diagram(place, file, "150K,200K,250K,25degC,320K,350K,370K");
    REQUIRE(outcome.err.empty());
    REQUIRE(outcome.code == 0);
    const std::string text = place.read("tables/phase_boundaries.csv");
    head = text.substr(0, text.find('\n'));
    for (const Cells& row : rows_of(place, "phase_boundaries.csv")) {
      REQUIRE(row.size() == 7);
      CHECK(row[0] == (name == "LiNa-abinitio" ? "li-na" : "zhang"));
      CHECK(found.emplace(fmt::format("{} {} {}", name, row[1], std::stod(row[2])), row).second);
    }
  }
  std::ifstream in(SPINODE_SOURCE_DIR "/tests/reference/phase_boundaries.csv");
  std::ostringstream reference_text;
  reference_text << in.rdbuf();
  std::vector<Cells> reference = table(reference_text.str());
  REQUIRE(reference.size() == 29);
  CHECK(head == reference_text.str().substr(0, head.size()));
  reference.erase(reference.begin());
  int numbers = 0;
  for (const Cells& row : reference) {
    const std::string name = fmt::format("{} {} {}", row[0], row[1], std::stod(row[2]));
    INFO(name);
    REQUIRE(found.contains(name));
    REQUIRE(row.size() == 7);
    for (int i = 3; i < 7; ++i) {
      REQUIRE(found[name][i].empty() == row[i].empty());
      if (row[i].empty()) continue;
      CHECK(std::stod(found[name][i]) == Approx(std::stod(row[i])).epsilon(1e-9));
      ++numbers;
    }
  }
  CHECK(numbers == 23 * 4);
  // 7 temperatures; chemical, isotropic and cubic of one system, chemical and isotropic of the other.
  CHECK(found.size() == 7 * 5);
}

TEST_CASE("phase-diagram prints and writes phases, spinodals, dilute limits and critical points") {
  const Workplace place;
  const Outcome outcome = diagram(place, li_na, "150:370:10K");
  REQUIRE(outcome.code == 0);
  for (const char* const line :
       {"li-na: Li-Na bcc, ab initio (dos Santos et al. 2025)\nNa in Li, 23 temperatures from 150 to 370 K\nat 298.15 "
        "K (25 degC)\n",
        "  chemical\n", "phases          x = 2.915e-05 and 0.9969 (1 - x = 0.00309959), mu = -7.59594 J/mol\n",
        "spinodal        x = 0.0355021 to 0.828616\n", "dilute limit    binodal at 2.92146e-05 of Na\n",
        "dilute limit    binodal at 0.00307774 of Li\n", "dilute limit    spinodal at 0.0331167 of Na\n",
        "critical point  34.6 at%, 1384.94 K (1111.8 degC)\n", "  coherent-isotropic: G + 12575.7 J/mol x^2\n",
        "critical point  27.49 at%, 735.066 K (461.92 degC)\n",
        "  coherent-cubic: G + 3474.21 J/mol x^2, softest along (1 0 0)\n",
        "  <100>         x = 0.0396116 to 0.775047\n", "  <110>         x = 0.0633677 to 0.52287\n",
        "  <111>         x = 0.072025 to 0.463537\n", "critical point  33 at%, 1197.91 K (924.76 degC)\n"}) {
    INFO(line);
    CHECK(contains(outcome.out, line));
  }
  const std::string json = place.read("tables/summary.json");
  CHECK(contains(json, "\"system\" : \"li-na\""));
  CHECK(contains(json, "\"host\" : \"Li\""));
  CHECK(contains(json, "\"solute\" : \"Na\""));
  CHECK_FALSE(contains(json, "nan"));
  CHECK_FALSE(contains(json, "samples"));
  // Kinds in the order of the alphabet: chemical, cubic, isotropic.
  const auto check = [&](const std::string& name, const std::vector<double>& expected) {
    INFO(name);
    const std::vector<double> numbers = numbers_named(json, name);
    REQUIRE(numbers.size() == expected.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) CHECK(numbers[i] == Approx(expected[i]).epsilon(1e-9));
  };
  check("T_K", {1384.93574328727969, 1197.90741666793925, 735.066092010219948});
  check("x", {0.345988536632980278, 0.330001583310449260, 0.274866093675194740});
  check("elastic_J_per_mol", {0, 3474.2056057472455, 12575.716746468835});
  check("solubility_in_host", {std::exp(-25882.4 / (8.314462618 * 298.15))});
  check("lower", {0.03550205921223, 0.0396115667613441, 0.0575322115462104});
  check("temperature_K", {298.15});
  check("pressure_Pa", {0});
}

TEST_CASE("phase-diagram tabulates ties, dilute limits, directions and energies") {
  const Workplace place;
  REQUIRE(diagram(place, li_na, "250K,25degC", {"--at", "250K"}).code == 0);
  const auto ties = rows_of(place, "tie_lines.csv");
  REQUIRE(ties.size() == 6);
  CHECK(std::stod(ties[1][5]) == Approx(1 - 0.9969004096201).epsilon(1e-9));
  for (const Cells& row : ties) CHECK(std::stod(row[8]) < 1e-12);
  const double RT = 8.314462618 * 298.15, x = std::stod(ties[1][3]);
  const double mu = RT * (std::log(x) - std::log1p(-x)) + 20109.8 * (1 - 2 * x) + 5772.6 * (1 - 6 * x + 6 * x * x);
  CHECK(std::stod(ties[1][6]) == Approx(mu).margin(1e-8));
  const double G = RT * (x * std::log(x) + (1 - x) * std::log1p(-x)) + x * (1 - x) * (20109.8 + 5772.6 * (1 - 2 * x));
  CHECK(std::stod(ties[1][7]) == Approx(G - x * mu).margin(1e-10));

  const auto limits = rows_of(place, "asymptotes.csv");
  REQUIRE(limits.size() == 6);
  CHECK(std::stod(limits[1][3]) == Approx(std::exp(-25882.4 / RT)).epsilon(1e-10));
  CHECK(std::stod(limits[1][4]) == Approx(RT / (2 * 20109.8 + 6 * 5772.6)).epsilon(1e-10));
  CHECK(std::stod(limits[1][5]) == Approx(RT / (2 * 20109.8 - 6 * 5772.6)).epsilon(1e-10));
  CHECK(std::stod(limits[1][6]) == Approx(std::exp(-14337.2 / RT)).epsilon(1e-10));
  CHECK(limits[3][3].empty());
  CHECK(std::stod(limits[3][4]) == Approx(RT / (2 * 20109.8 + 6 * 5772.6 - 2 * 12575.716746468835)).epsilon(1e-10));
  CHECK(limits[3][6].empty());

  const auto directions = rows_of(place, "spinodal_directions.csv");
  REQUIRE(directions.size() == 6);
  CHECK(directions[3][1] == "<110>");
  CHECK(directions[3][2] == "298.15");
  CHECK(std::stod(directions[3][3]) == Approx(0.0633676712153639).epsilon(1e-10));

  // The tangent lies below G and meets it at the phases.
  double least = 1e9;
  int with_tangent = 0;
  for (const Cells& row : rows_of(place, "energy_curves.csv")) {
    REQUIRE(row[2] == "250");
    const double at = std::stod(row[3]), energy = std::stod(row[4]);
    if (row[1] == "chemical") {
      CHECK(row[5].empty() == (at < 3.907470535298e-6 || at > 0.9989869015168));
      CHECK(std::stod(row[6]) == Approx(at * (1 - at) * (20109.8 + 5772.6 * (1 - 2 * at))).margin(1e-9));
      const double mixing = at > 0 && at < 1 ? at * std::log(at) + (1 - at) * std::log1p(-at) : 0;
      CHECK(energy == Approx(std::stod(row[6]) + 8.314462618 * 250 * mixing).margin(1e-8));
    }
    if (row[5].empty()) continue;
    ++with_tangent;
    least = std::min(least, energy - std::stod(row[5]));
  }
  CHECK(with_tangent > 1000);
  CHECK(least > -1e-9);
  CHECK(least < 1e-3);
}

TEST_CASE("a temperature without a gap is a row of nothing, and the summary says so") {
  const Workplace place;
  place.write("zhang.toml", zhang);
  const Outcome outcome = diagram(place, "zhang.toml", "1000K", {"--elasticity", "none", "--at", "1000K"});
  REQUIRE(outcome.code == 0);
  CHECK(contains(outcome.out, "phases          one: there is no miscibility gap at this temperature\n"));
  CHECK_FALSE(contains(outcome.out, "dilute limit"));
  CHECK(contains(outcome.out, "critical point  50 at%, 962.179 K"));
  CHECK(rows_of(place, "phase_boundaries.csv") == std::vector<Cells>{{"zhang", "chemical", "1000", "", "", "", ""}});
  CHECK(rows_of(place, "tie_lines.csv").empty());
  CHECK_FALSE(place.has("tables/spinodal_directions.csv"));
  CHECK_FALSE(place.has("tables/bands.csv"));
}

TEST_CASE("two gaps at one temperature are two rows") {
  const Workplace place;
  place.write("two.toml", "[free_energy]\nmodel = \"redlich_kister\"\nL = [\"0 J/mol\", \"0 J/mol\", \"10 kJ/mol\"]\n");
  const Outcome outcome = diagram(place, "two.toml", "300K");
  REQUIRE(outcome.code == 0);
  const auto rows = rows_of(place, "phase_boundaries.csv");
  REQUIRE(rows.size() == 2);
  CHECK(std::stod(rows[0][3]) == Approx(1 - std::stod(rows[1][6])).epsilon(1e-9));
  CHECK(std::stod(rows[0][6]) == Approx(1 - std::stod(rows[1][3])).epsilon(1e-9));
  CHECK(std::stod(rows[0][6]) < 0.5);
  CHECK(numbers_named(place.read("tables/summary.json"), "T_K").size() == 2);
}

TEST_CASE("a metastable or lower critical point is called so") {
  const Workplace place;
  place.write("meta.toml",
              "[free_energy]\nmodel = \"redlich_kister\"\nL = [\"11 kJ/mol\", \"2 kJ/mol\", \"4 kJ/mol\"]\n");
  const Outcome metastable = diagram(place, "meta.toml", "300K");
  CHECK(contains(metastable.out, "critical point  80.15 at%, 463.398 K (190.25 degC), metastable\n"));
  CHECK(contains(metastable.out, "critical point  20.46 at%, 740.715 K (467.56 degC)\n"));
  CHECK(contains(place.read("tables/summary.json"), "\"stable\" : false"));
  place.write("lower.toml", "[free_energy]\nmodel = \"redlich_kister\"\nL = [\"-6 kJ/mol\"]\nL_T = [\"30 J/mol/K\"]\n");
  const Outcome lower = diagram(place, "lower.toml", "300K");
  CHECK(contains(lower.out, "critical point  50 at%, 448.73 K (175.58 degC), a lower one\n"));
  CHECK(contains(place.read("tables/summary.json"), "\"closes\" : \"below\""));
}

TEST_CASE("temperatures are a range with a step, in any unit, or a list") {
  const std::vector<double> kelvin = temperatures_of("150:370:1K");
  REQUIRE(kelvin.size() == 221);
  for (int i = 0; i < 221; ++i) CHECK(kelvin[i] == 150 + i);
  const std::vector<double> celsius = temperatures_of("25:100:5degC");
  REQUIRE(celsius.size() == 16);
  CHECK(celsius[0] == 298.15);
  CHECK(celsius[1] == 303.15);
  CHECK(celsius[15] == 373.15);
  CHECK(temperatures_of("25:26:0.1degC")[2] == 298.35);
  CHECK(temperatures_of("25:26:0.1degC").size() == 11);
  CHECK(temperatures_of("200.1:200.7:0.2K").size() == 4);
  CHECK(temperatures_of("300.35:300.45:0.001K").size() == 101);
  CHECK(temperatures_of("100:101:0.3K") == std::vector<double>{100, 100.3, 100.6, 100.9});
  CHECK(temperatures_of("250K:25degC:20K") == std::vector<double>{250, 270, 290});
  CHECK(temperatures_of("300:300:1 K") == std::vector<double>{300});
  CHECK(temperatures_of("250K,25degC") == std::vector<double>{250, 298.15});
  CHECK(temperatures_of("300K,200K") == std::vector<double>{300, 200});
  CHECK(temperatures_of("1K,1e4K") == std::vector<double>{1, 1e4});
}

TEST_CASE("temperatures that cannot be are refused with what is allowed") {
  const std::string order = "expected start <= end and a step > 0\n",
                    shape = "expected start:end:step with a unit, such as 150:370:1K, or a list such as 250K,25degC\n",
                    number = "expected a temperature (K)\n",
                    unit = "expected a temperature (K) with its unit, such as \"25 degC\"\n";
  for (const auto& [given, expected] : {std::pair<std::string, std::string>{"370:150:1K", order},
                                        {"150:370:0K", order},
                                        {"150:370:-1K", order},
                                        {"150:370:1", unit},
                                        {"300", unit},
                                        {"150:370K", shape},
                                        {"1:2:3:4K", shape},
                                        {"a:b:cK", number},
                                        {"nan:300:1K", number},
                                        {"300K,,200K", number},
                                        {"300K,inf K", number},
                                        {"", number},
                                        {"300 m", number},
                                        {"0:10:1K", "must be >= 1 K and finite\n"},
                                        {"-300degC", "must be >= 1 K and finite\n"},
                                        {"1e308 MK", "must be >= 1 K and finite\n"},
                                        {"1:1001:1mK", "must be >= 1 K and finite\n"},
                                        {"100:1100.1:0.001K", "expected at most 1000000 temperatures\n"},
                                        {"1e308MK:1e308MK:1K", "expected at most 1000000 temperatures\n"},
                                        {"1:1e300:1e-300K", "expected at most 1000000 temperatures\n"}}) {
    INFO(given);
    CHECK(refused_temperatures(given) == expected);
  }
  CHECK(contains(refusal({}), "--temperatures is required"));
  CHECK(contains(refusal({"--temperatures", "300K", "--at", "300"}),
                 "command line: --at 300: expected a temperature (K) with its unit"));
  CHECK(refusal({"--temperatures", "300K", "--at", "300K,400K"}) ==
        "command line: --at 300K,400K: expected one temperature\n");
}

TEST_CASE("a folder that holds a diagram is kept unless it may be overwritten") {
  const Workplace place;
  place.write("zhang.toml", zhang);
  const std::vector<std::string> call{"phase-diagram", "zhang.toml", "--temperatures", "300K"};
  REQUIRE(place.spinode(call).code == 0);
  const std::string first = place.read("results/zhang_phase_diagram/phase_boundaries.csv");
  const Outcome again =
      place.spinode({"phase-diagram", "zhang.toml", "--temperatures", "200K", "--elasticity", "none"});
  CHECK(again.code == 4);
  CHECK(again.out.empty());
  CHECK(again.err == "results/zhang_phase_diagram: holds results already; give --overwrite to replace them\n");
  CHECK(place.read("results/zhang_phase_diagram/phase_boundaries.csv") == first);
  CHECK(place.spinode({"phase-diagram", "zhang.toml", "--temperatures", "200K", "--overwrite"}).code == 0);
  CHECK(place.read("results/zhang_phase_diagram/phase_boundaries.csv") != first);
  place.write("file", "");
  const Outcome blocked =
      place.spinode({"phase-diagram", "zhang.toml", "--temperatures", "200K", "--output", "file/folder"});
  CHECK(blocked.code == 4);
  CHECK(contains(blocked.err, "file/folder: cannot be made: "));
}

TEST_CASE("tables that a diagram no longer has do not stay behind") {
  const Workplace place;
  place.write("alloy.toml", uncertain);
  REQUIRE(diagram(place, li_na, "300K").code == 0);
  CHECK(place.has("tables/spinodal_directions.csv"));
  REQUIRE(diagram(place, "alloy.toml", "300K", {"--samples", "10"}).code == 0);
  CHECK(place.has("tables/bands.csv"));
  CHECK_FALSE(place.has("tables/spinodal_directions.csv"));
  REQUIRE(diagram(place, "alloy.toml", "300K").code == 0);
  CHECK_FALSE(place.has("tables/bands.csv"));
}

TEST_CASE("samples give bands, which the seed alone decides") {
  const Workplace place;
  place.write("alloy.toml", uncertain);
  const auto bands = [&](const std::string& seed) {
    const Outcome outcome = diagram(place, "alloy.toml", "300K,950K", {"--samples", "60", "--seed", seed});
    REQUIRE(outcome.err.empty());
    CHECK(contains(outcome.out, "from the errors: 9"));
    CHECK_FALSE(contains(outcome.out, "left out"));
    return place.read("tables/bands.csv");
  };
  const std::string first = bands("1");
  CHECK(bands("1") == first);
  CHECK(bands("2") != first);
  const auto rows = rows_of(place, "bands.csv");
  REQUIRE(rows.size() == 8);
  const std::array<std::string, 4> names{"binodal_host_side", "spinodal_host_side", "spinodal_solute_side",
                                         "binodal_solute_side"};
  for (int i = 0; i < 8; ++i) {
    REQUIRE(rows[i].size() == 10);
    CHECK(rows[i][2] == (i < 4 ? "300" : "950"));
    CHECK(rows[i][3] == names[i % 4]);
    for (int q = 5; q < 9; ++q) CHECK(std::stod(rows[i][q]) > std::stod(rows[i][q - 1]));
    CHECK((rows[i][9] == "1") == (i < 4));
  }
  const std::string json = place.read("tables/summary.json");
  CHECK(numbers_named(json, "samples") == std::vector<double>{60});
  CHECK(numbers_named(json, "samples_left_out") == std::vector<double>{0});
  CHECK(contains(json, "\"critical_temperature_quantiles_K\" : ["));
}

TEST_CASE("samples outside their bounds are told") {
  const Workplace place;
  place.write("alloy.toml",
              "[free_energy]\nmodel = \"redlich_kister\"\nL = [\"16 kJ/mol\"]\nsites = { value = 1, error = 1 }\n");
  const Outcome outcome = diagram(place, "alloy.toml", "300K", {"--samples", "40"});
  CHECK(outcome.code == 0);
  CHECK(contains(outcome.out, " of 40 samples had numbers outside their bounds and were left out\n"));
  CHECK(numbers_named(place.read("tables/summary.json"), "samples_left_out")[0] > 0);
}

TEST_CASE("samples need an error among the numbers of the diagram") {
  const std::string expected =
      "command line: --samples 9: none of the numbers that the diagram takes from alloy.toml has an error, { value = "
      "..., error = ... }\n";
  CHECK(refusal({"--temperatures", "300K", "--samples", "9"}) == expected);
  CHECK(refusal({"--temperatures", "300K", "--samples", "9"},
                "temperature = { value = \"300 K\", error = \"1 K\" }\n" + zhang) == expected);
  CHECK(contains(refusal({"--temperatures", "300K", "--samples", "-1"}), "--samples"));
}

TEST_CASE("errors beside numbers leave the diagram as it is, and an override replaces number and error") {
  const Workplace place;
  place.write("alloy.toml", uncertain);
  REQUIRE(diagram(place, "alloy.toml", "300K").code == 0);
  const std::string first = place.read("tables/phase_boundaries.csv");
  REQUIRE(diagram(place, "alloy.toml", "300K", {"--samples", "5"}).code == 0);
  CHECK(place.read("tables/phase_boundaries.csv") == first);
  const Outcome overridden = place.spinode({"phase-diagram", "alloy.toml", "free_energy.L=[\"16000 J/mol\"]",
                                            "--temperatures", "300K", "--output", "other"});
  CHECK(overridden.err.empty());
  CHECK(overridden.code == 0);
  CHECK(place.read("other/phase_boundaries.csv") == first);
}

TEST_CASE("faults of the system file are told all at once, and leave no folder") {
  const std::string cubic = refusal({"--temperatures", "300K", "--elasticity", "cubic"}, uncertain);
  for (const char* const key : {"elasticity.C11", "elasticity.C12", "elasticity.C44", "lattice.chi", "lattice.V_m"})
    CHECK(contains(cubic, fmt::format("alloy.toml: missing key {}: ", key)));
  CHECK(refusal({"--temperatures", "300K"}, zhang + "EE = 3\n") ==
        "alloy.toml:12: unknown key elasticity.EE; did you mean elasticity.E?\n");
  CHECK(contains(refusal({"--temperatures", "300K"}, "[free_energy]\nmodel = \"redlich_kister\"\nL = [16000]\n"),
                 "alloy.toml:3: free_energy.L, entry 1 = 16000: expected a molar energy"));
  CHECK(refusal({"--temperatures", "300K"}, "units = \"none\"\n[free_energy]\nmodel = \"redlich_kister\"\nL = [3]\n") ==
        "alloy.toml: units = \"none\": a phase diagram needs numbers with units\n");
  CHECK(contains(refusal({"--temperatures", "300K", "--elasticity", "hard"}), "--elasticity"));
}

TEST_CASE("phase-diagram takes a case as well, at its temperature unless told otherwise") {
  const Workplace place;
  place.write("case.toml", with(alloy, "298.15 K", "250 K"));
  const Outcome own = diagram(place, "case.toml", "250K");
  CHECK(own.err.empty());
  CHECK(own.code == 0);
  CHECK(contains(own.out, "at 250 K (-23.15 degC)\n"));
  CHECK(contains(own.out, "x = 3.90747e-06 and "));
  const Outcome told = diagram(place, "case.toml", "250K", {"--at", "25degC"});
  CHECK(contains(told.out, "at 298.15 K (25 degC)\n"));
  CHECK(numbers_named(place.read("tables/summary.json"), "temperature_K") == std::vector<double>{298.15});
  const Outcome overridden =
      place.spinode({"phase-diagram", "case.toml", "temperature=200 K", "--temperatures", "250K", "--output", "other"});
  CHECK(contains(overridden.out, "at 200 K (-73.15 degC)\n"));
}

TEST_CASE("a case that names its system has the diagram of that system, at the pressure of the case") {
  const Workplace place;
  place.write("alloy.toml", "[free_energy]\nmodel = \"redlich_kister\"\nL = [\"16 kJ/mol\"]\nV = [\"1 cm3/mol\"]\n");
  place.write("case.toml", "system = \"alloy.toml\"\npressure = \"1 GPa\"\ndescription = \"pressed\"\n");
  const Outcome outcome = diagram(place, "case.toml", "300K");
  CHECK(outcome.err.empty());
  CHECK(contains(outcome.out, "case: pressed\nsolute in host at 1 GPa, 1 temperature from 300 to 300 K\n"));
  // T_c = (L0 + p V0)/2R.
  CHECK(numbers_named(place.read("tables/summary.json"), "T_K")[0] == Approx(17000 / (2 * 8.314462618)).epsilon(1e-12));
}

TEST_CASE("a name with a comma is one cell of the tables") {
  const Workplace place;
  place.write("a,\"b\".toml", zhang);
  REQUIRE(diagram(place, "a,\"b\".toml", "300K", {"--elasticity", "none"}).code == 0);
  CHECK(contains(place.read("tables/phase_boundaries.csv"), "\n\"a,\"\"b\"\"\",chemical,300,"));
  CHECK(contains(place.read("tables/summary.json"), "\"system\" : \"a,\\\"b\\\"\""));
}

TEST_CASE("at 1 K phases are pure beyond the range of numbers, and no table holds a NaN") {
  const Workplace place;
  REQUIRE(diagram(place, li_na, "1K", {"--at", "1K"}).code == 0);
  const auto rows = rows_of(place, "phase_boundaries.csv");
  REQUIRE(rows.size() == 3);
  CHECK(std::stod(rows[0][3]) == 0);
  CHECK(std::stod(rows[0][6]) == 1);
  for (const char* const name : {"phase_boundaries.csv", "tie_lines.csv", "asymptotes.csv", "energy_curves.csv",
                                 "spinodal_directions.csv", "summary.json"}) {
    INFO(name);
    const std::string text = place.read(std::string("tables/") + name);
    CHECK_FALSE(contains(text, "nan"));
    CHECK_FALSE(contains(text, "inf"));
  }
}

TEST_CASE(
    "a diagram with moduli of both metals says so, and cannot have metals a thousand times as soft as each other") {
  const Workplace place;
  const auto run = [&](const std::string& solute) {
    return place.spinode({"phase-diagram", li_na, "--temperatures", "298.15K", "--elasticity", "cubic", "--output",
                          "tables", "--overwrite", "elasticity.moduli=mixed", solute});
  };
  const Outcome outcome = run("elasticity.solute.C44=4.19 GPa");
  CHECK(outcome.code == 0);
  CHECK(contains(outcome.out,
                 "coherent-cubic: G + 3474.21 J/mol x^2 near x = 0, moduli linear in x, softest along (1 0 0)\n"));
  CHECK(contains(outcome.out, "<100>         x = 0.0395301 to 0.795837\n"));
  CHECK(contains(outcome.out, "<111>         x = 0.0693981 to 0.597343\n"));
  const Outcome far = run("elasticity.solute={C11=\"13 MPa\", C12=\"11 MPa\", C44=\"9 MPa\"}");
  CHECK(far.code == 2);
  CHECK(contains(
      far.err,
      "elasticity.moduli = \"mixed\": a diagram cannot have moduli that differ too much for a polynomial in x\n"));
}
