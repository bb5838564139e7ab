// The shipped material systems, against closed forms and the phase boundaries and critical points that their sources
// give.
#include <toml++/toml.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "li_na.hpp"
#include "spinode/case.hpp"
#include "spinode/thermo/critical_point.hpp"
#include "spinode/thermo/phase_diagram.hpp"
#include "support.hpp"

using namespace spinode;
namespace fs = std::filesystem;

namespace {

constexpr double R = li_na::R;
constexpr double electronvolt = 96485.33212;  // J/mol
constexpr double zero_celsius = 273.15;       // K

const fs::path folder = SPINODE_SOURCE_DIR "/configs/systems";

std::vector<fs::path> system_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

System load(const std::string& name, const std::vector<std::string>& overrides = {}) {
  Config config = Config::load(folder / (name + ".toml"), overrides);
  System system = System::read(config);
  config.finish(all_keys(), false);
  return system;
}

MiscibilityGap only_gap(const FreeEnergy& G) {
  const auto gaps = miscibility_gaps(G);
  REQUIRE(gaps.size() == 1);
  return gaps[0];
}

CriticalPoint only_critical_point(const System& system) {
  const auto points = critical_points([&](double T) { return system.chemical(T); }, 100, 3000);
  REQUIRE(points.size() == 1);
  CHECK(points[0].stable);
  CHECK(points[0].closes_upwards);
  return points[0];
}

/// L_0 of a regular solution whose phases at T hold x and 1-x.
double interaction(double x, double T) { return R * T * std::log((1 - x) / x) / (1 - 2 * x); }

const toml::node* beside(const toml::table& table, const char* key) {
  const toml::node* const node = table.get(key);
  return node && node->is_string() ? node : nullptr;
}

/// Every number must say where it comes from and how sure it is: beside itself, or in its table.
void check_sources(const toml::table& table, const std::string& prefix, const toml::node* source,
                   const toml::node* confidence) {
  static const std::set<std::string> levels{"measured", "computed", "derived", "inferred", "order of magnitude"};
  static const std::set<std::string> texts{"description", "source", "confidence", "note", "model"};
  if (const toml::node* own = beside(table, "source")) source = own;
  if (const toml::node* own = beside(table, "confidence")) confidence = own;
  for (const auto& [key, node] : table) {
    const std::string name = std::string(key.str());
    CAPTURE(prefix + name);
    if (const toml::table* inner = node.as_table()) {
      if (name != "species") check_sources(*inner, prefix + name + ".", source, confidence);
    } else if (!texts.contains(name)) {
      REQUIRE(source);
      REQUIRE(confidence);
      CHECK_FALSE(source->as_string()->get().empty());
      CHECK(levels.contains(confidence->as_string()->get()));
    }
  }
}

}  // namespace

TEST_CASE("every shipped system loads, says what it is, and has a gap that closes") {
  CHECK(system_files().size() >= 7);
  for (const fs::path& file : system_files()) {
    CAPTURE(file);
    const System system = load(file.stem());
    CHECK_FALSE(system.description.empty());
    CHECK(system.host != "host");
    CHECK(system.solute != "solute");
    CHECK(only_critical_point(system).T > 273);
  }
}

TEST_CASE("every number of a shipped system has a source and a confidence") {
  for (const fs::path& file : system_files()) {
    CAPTURE(file);
    check_sources(toml::parse_file(file.string()), "", nullptr, nullptr);
  }
}

TEST_CASE("the two assessments of bcc Li-Na differ in nothing but the free energy") {
  toml::table ab_initio = toml::parse_file((folder / "li-na.toml").string()),
              older = toml::parse_file((folder / "li-na_zhang2003.toml").string());
  for (const char* key : {"free_energy", "description"}) {
    CHECK(ab_initio.erase(key) == 1);
    CHECK(older.erase(key) == 1);
  }
  CHECK(ab_initio.size() == 5);
  CHECK(ab_initio == older);
}

TEST_CASE("the gap of a regular solution closes at L_0/2R") {
  const auto check = [](const std::string& name, double L_0, double printed) {
    CAPTURE(name);
    const CriticalPoint point = only_critical_point(load(name));
    CHECK(point.x == Approx(0.5).margin(1e-6));
    CHECK(point.T == Approx(L_0 / (2 * R)).epsilon(1e-9));
    CHECK(std::abs(point.T - printed) <= 0.5);
  };
  check("li-na_zhang2003", 16000, 962);
  check("li2s-li3n", 22960, 1381);
  check("li3as-li2se", 24500, 1473);
  check("li-cs_pressure", 14000, 842);
  check("fe-cr", 20100, 1209);
}

TEST_CASE("bcc Li-Na of the system files is that of the reference table") {
  for (const auto& [name, expected] : {std::pair{"li-na", only_gap(li_na::chemical(298.15))},
                                       std::pair{"li-na_zhang2003", only_gap(li_na::zhang(298.15))}}) {
    const System system = load(name);
    const MiscibilityGap gap = only_gap(system.chemical(298.15));
    CHECK(gap.x_alpha == Approx(expected.x_alpha).epsilon(1e-9));
    CHECK(gap.x_beta == Approx(expected.x_beta).epsilon(1e-9));
    CHECK(*system.lattice.V_m == Approx(li_na::V_m).epsilon(1e-9));
    CHECK(*system.lattice.chi == Approx(li_na::chi).epsilon(1e-9));
  }
}

// Down, Hubberstey and Pulham (1975) measured 10.1 and 97.0 mol% Li, and a critical point at 305 +- 1 degC.
TEST_CASE("liquid Li-Na parts at 443.9 K into 10.3 and 96.7 % Li, within 0.4 % of what was measured") {
  const MiscibilityGap gap = only_gap(load("li-na_liquid").chemical(443.9));
  const double Li_poor = gap.one_minus_x_beta, Li_rich = 1 - gap.x_alpha;
  CHECK(std::abs(Li_poor - 0.103145) < 1e-6);
  CHECK(std::abs(Li_rich - 0.966599) < 1e-6);
  CHECK(Li_poor - 0.101 == Approx(0.0021).margin(1e-4));
  CHECK(Li_rich - 0.970 == Approx(-0.0034).margin(1e-4));
}

TEST_CASE("the gap of liquid Li-Na closes at 581.6 K on the Li side, 3.4 K above what was measured") {
  const CriticalPoint point = only_critical_point(load("li-na_liquid"));
  CHECK(std::abs(point.T - 581.573) < 1e-3);
  CHECK(std::abs(point.x - 0.3249) < 1e-4);
  CHECK(point.T - (305 + zero_celsius) == Approx(3.4).margin(0.05));
}

TEST_CASE("half nitride Li2S-Li3N lies 17 meV per atom above its parts, inside the spinodal at 27 degC") {
  const System system = load("li2s-li3n");
  const double atoms = 3.5, hull = 0.017;  // per anion, eV per atom
  CHECK(system.chemical(1e-6).G(0.5) / electronvolt == Approx(hull * atoms).epsilon(2e-4));
  const FreeEnergy G = system.chemical(300.15);
  CHECK(only_gap(G).x_alpha == Approx(1.012e-4).epsilon(1e-3));
  CHECK(G.d2G(0.5) == Approx(4 * R * 300.15 - 2 * 22960).epsilon(1e-9));
  // a(x = 0.5) = 5.458 angstrom, measured.
  CHECK(5.719 * (1 + *system.lattice.chi * 0.5) == Approx(5.458).margin(5e-4));
  CHECK(*system.lattice.V_m == Approx(6.02214076e23 * std::pow(5.719e-10, 3) / 4).epsilon(1e-12));
}

TEST_CASE("Li3As-Li2Se dissolves 5 to 10 % at 700 degC within the error of L_0") {
  Config config = Config::load(folder / "li3as-li2se.toml");
  const System system = System::read(config);
  REQUIRE(config.uncertainties().size() == 1);
  const double error = config.uncertainties()[0].error.at(0);
  CHECK(error == 2500);
  const double T = 700 + zero_celsius;
  CHECK(interaction(0.10, T) == Approx(24500 - error).epsilon(0.011));
  CHECK(interaction(0.05, T) == Approx(24500 + error).epsilon(0.021));
  for (const double L_0 : {22000.0, 24500.0, 27000.0}) {
    CAPTURE(L_0);
    const System given = load("li3as-li2se", {fmt::format("free_energy.L=[\"{} J/mol\"]", L_0)});
    const MiscibilityGap gap = only_gap(given.chemical(T));
    CHECK(interaction(gap.x_alpha, T) == Approx(L_0).epsilon(1e-9));
    CHECK(gap.x_alpha > 0.045);
    CHECK(gap.x_alpha < 0.105);
  }
}

TEST_CASE("Li-Cs starts to mix at 3 GPa and 298 K, and at 1.9 GPa and 498 K") {
  for (const auto& [pressure, T] : {std::pair{"3 GPa", 298.0}, std::pair{"1.9 GPa", 498.0}}) {
    CAPTURE(pressure);
    const std::string override = std::string("pressure=") + pressure;
    const System system = load("li-cs_pressure", {override});
    // L_0 and V_0 are rounded to three digits.
    CHECK(std::abs(only_critical_point(system).T - T) < 1.3);
    CHECK(miscibility_gaps(system.chemical(T + 2)).empty());
    CHECK(miscibility_gaps(system.chemical(T - 3)).size() == 1);
  }
  const MiscibilityGap unmixed = only_gap(load("li-cs_pressure", {"pressure=0.12 GPa"}).chemical(298.15));
  CHECK(interaction(unmixed.x_alpha, 298.15) == Approx(14000 - 3.02e-6 * 0.12e9).epsilon(1e-9));
}

TEST_CASE("kappa of a shipped system is that of nearest neighbours, L_0 r^2/(3 V_m)") {
  for (const auto& [name, r2_over_a2] :
       {std::pair{"li-na", 3.0 / 4}, std::pair{"li2s-li3n", 1.0 / 2}, std::pair{"li3as-li2se", 1.0 / 2},
        std::pair{"li-cs_pressure", 3.0 / 4}, std::pair{"fe-cr", 3.0 / 4}}) {
    CAPTURE(name);
    Config config = Config::load(folder / fmt::format("{}.toml", name));
    const System system = System::read(config);
    const double kappa = GradientEnergy::read(config).value,
                 a = *config.optional_quantity({.name = "lattice.a_host", .unit = "m", .help = ""}),
                 L_0 = std::get<RedlichKister>(system.free_energy).a[0];
    CHECK(kappa == Approx(L_0 * r2_over_a2 * a * a / (3 * *system.lattice.V_m)).epsilon(1e-3));
  }
}
