// The phase diagram of a system file: kinds, rows, directions, pressure, and bands from the errors of its numbers.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <random>

#include "li_na.hpp"
#include "spinode/case.hpp"
#include "spinode/diagram.hpp"
#include "support.hpp"

using namespace spinode;
using Catch::Matchers::Contains;
using li_na::R;
using spinode::test::TemporaryFolder;

namespace {

using Row = std::array<double, 4>;

const std::string li_na_file = SPINODE_SOURCE_DIR "/configs/systems/li-na.toml";

Config config_of(const std::string& text) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "alloy.toml";
  std::ofstream(file) << text;
  return Config::load(file);
}

Alloy read(Config config, const std::string& elasticity) {
  Alloy alloy = Alloy::read(config, elasticity);
  config.finish(all_keys(), false);
  return alloy;
}

Alloy li_na_alloy(const std::string& elasticity) { return read(Config::load(li_na_file), elasticity); }

std::vector<std::string> names(const Alloy& alloy) {
  std::vector<std::string> result;
  for (const DiagramKind& kind : alloy.kinds) result.push_back(kind.name);
  return result;
}

std::string fault_of(const std::string& text, const std::string& elasticity) {
  try {
    read(config_of(text), elasticity);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

std::string system_of(const std::string& free_energy, const std::string& rest = "") {
  return "[free_energy]\nmodel = \"redlich_kister\"\n" + free_energy + "\n" + rest;
}

MiscibilityGap gap(double x_alpha, double x_beta) { return {x_alpha, x_beta, 1 - x_beta, 0, 0, 0}; }

/// Rows are alike, NaN with NaN.
void check_rows(const std::vector<Row>& rows, const std::vector<Row>& expected) {
  REQUIRE(rows.size() == expected.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (int j = 0; j < 4; ++j)
      if (std::isnan(expected[i][j]))
        CHECK(std::isnan(rows[i][j]));
      else
        CHECK(rows[i][j] == expected[i][j]);
}

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr std::array levels{-1.959963985, -0.994457883, 0.0, 0.994457883, 1.959963985};

DiagramBands bands_of(const std::string& text, const std::string& elasticity, const std::vector<double>& temperatures,
                      std::size_t samples, std::uint64_t seed = 1) {
  return diagram_bands(config_of(text), elasticity, temperatures, samples, seed);
}

}  // namespace

TEST_CASE("a gap has one row with the first of its spinodals, and each further one has a row without binodals") {
  check_rows(PhaseBoundaries{300, {gap(0.1, 0.9)}, {{0.2, 0.8}}}.rows(), {{0.1, 0.2, 0.8, 0.9}});
  check_rows(PhaseBoundaries{300, {gap(0.1, 0.9)}, {{0.2, 0.4}, {0.6, 0.8}}}.rows(),
             {{0.1, 0.2, 0.4, 0.9}, {none, 0.6, 0.8, none}});
  check_rows(PhaseBoundaries{300, {gap(0.5, 0.9)}, {{0.1, 0.2}, {0.6, 0.7}}}.rows(),
             {{none, 0.1, 0.2, none}, {0.5, 0.6, 0.7, 0.9}});
  check_rows(PhaseBoundaries{300, {gap(0.1, 0.4), gap(0.5, 0.9)}, {{0.2, 0.3}, {0.6, 0.8}}}.rows(),
             {{0.1, 0.2, 0.3, 0.4}, {0.5, 0.6, 0.8, 0.9}});
}

TEST_CASE("a spinodal outside all gaps has its own row, and a gap without spinodals keeps its binodals") {
  check_rows(PhaseBoundaries{300, {gap(0.1, 0.4)}, {{0.2, 0.3}, {0.6, 0.8}}}.rows(),
             {{0.1, 0.2, 0.3, 0.4}, {none, 0.6, 0.8, none}});
  check_rows(PhaseBoundaries{300, {}, {{0.6, 0.8}}}.rows(), {{none, 0.6, 0.8, none}});
  check_rows(PhaseBoundaries{300, {gap(0.1, 0.4)}, {}}.rows(), {{0.1, none, none, 0.4}});
}

TEST_CASE("nothing is a row of nothing") {
  check_rows(PhaseBoundaries{300, {}, {}}.rows(), {{none, none, none, none}});
}

TEST_CASE("a system has the kinds that are asked for, or all that it has constants for") {
  CHECK(names(li_na_alloy("none")) == std::vector<std::string>{"chemical"});
  CHECK(names(li_na_alloy("isotropic")) == std::vector<std::string>{"chemical", "coherent-isotropic"});
  CHECK(names(li_na_alloy("cubic")) == std::vector<std::string>{"chemical", "coherent-cubic"});
  CHECK(names(li_na_alloy("all")) == std::vector<std::string>{"chemical", "coherent-isotropic", "coherent-cubic"});
  const std::string bare = system_of("L = [\"16 kJ/mol\"]");
  CHECK(names(read(config_of(bare), "all")) == std::vector<std::string>{"chemical"});
  const std::string lattice = "[lattice]\nchi = 0.2\nV_m = \"12 cm3/mol\"\n";
  const std::string isotropic = bare + lattice + "[elasticity]\nE = \"13.8 GPa\"\nnu = 0.33\n";
  CHECK(names(read(config_of(isotropic), "all")) == std::vector<std::string>{"chemical", "coherent-isotropic"});
  const std::string cubic = bare + lattice + "[elasticity]\nC11 = \"13 GPa\"\nC12 = \"11 GPa\"\nC44 = \"9 GPa\"\n";
  CHECK(names(read(config_of(cubic), "all")) == std::vector<std::string>{"chemical", "coherent-cubic"});
}

TEST_CASE("the elastic energies of Li-Na are V_m chi^2 Y, softest along <100>") {
  const Alloy alloy = li_na_alloy("all");
  CHECK(alloy.system.name == "li-na");
  CHECK(alloy.system.host == "Li");
  CHECK(alloy.system.solute == "Na");
  CHECK(alloy.system.sites() == 1);
  CHECK(alloy.kinds[0].elastic == 0);
  CHECK(alloy.kinds[0].directions.empty());
  CHECK(alloy.kinds[1].elastic == Approx(12575.716746468835).epsilon(1e-13));
  CHECK(alloy.kinds[1].directions.empty());
  const DiagramKind& cubic = alloy.kinds[2];
  CHECK(cubic.elastic == Approx(3474.2056057472455).epsilon(1e-13));
  CHECK(cubic.softest.cwiseAbs().maxCoeff() == Approx(1).epsilon(1e-12));
  REQUIRE(cubic.directions.size() == 3);
  const double per_Y = li_na::V_m * li_na::chi * li_na::chi;
  const std::array labels{"<100>", "<110>", "<111>"};
  const std::array Y{5690193740.685544, 23501990588.235294, 26841391450.125733};
  for (int i = 0; i < 3; ++i) {
    CHECK(cubic.directions[i].first == labels[i]);
    CHECK(cubic.directions[i].second.c.at(2) == Approx(per_Y * Y[i]).epsilon(1e-12));
  }
}

TEST_CASE("cubic spinodals of Li-Na start at 0.03961 along <100>, 0.06337 along <110>, 0.07202 along <111>") {
  const Alloy alloy = li_na_alloy("cubic");
  const std::array lower{0.0396115667613441, 0.0633676712153639, 0.0720249917644486};
  const std::array upper{0.775047035495899, 0.522869892525549, 0.463537343043097};
  for (int i = 0; i < 3; ++i) {
    const auto spinodals = spinodal_intervals(alloy.system.chemical(298.15).plus(alloy.kinds[1].directions[i].second));
    REQUIRE(spinodals.size() == 1);
    CHECK(spinodals[0].lower == Approx(lower[i]).epsilon(1e-11));
    CHECK(spinodals[0].upper == Approx(upper[i]).epsilon(1e-11));
  }
  const PhaseBoundaries found = phase_boundaries(alloy, alloy.kinds[1], {298.15})[0];
  REQUIRE(found.spinodals.size() == 1);
  CHECK(found.spinodals[0].lower == Approx(lower[0]).epsilon(1e-11));
}

TEST_CASE("a crystal stiffer along <100> is softest along <111>") {
  // Y<111> = 6 C44 (C11+2C12)/(C11+2C12+4C44) is the least where 2 C44 < C11 - C12.
  const Alloy alloy = read(config_of(system_of("L = [\"16 kJ/mol\"]",
                                               "[lattice]\nchi = 0.1\nV_m = \"10 cm3/mol\"\n[elasticity]\n"
                                               "C11 = \"100 GPa\"\nC12 = \"20 GPa\"\nC44 = \"10 GPa\"\n")),
                           "cubic");
  CHECK(alloy.kinds[1].elastic == Approx(10e-6 * 0.01 * 6 * 10e9 * 140 / 180).epsilon(1e-12));
  CHECK(alloy.kinds[1].softest.cwiseAbs().minCoeff() == Approx(1 / std::sqrt(3)).epsilon(1e-6));
}

TEST_CASE("coherent phases without lattice or constants are faults that name what is missing") {
  const std::string bare = system_of("L = [\"16 kJ/mol\"]"), lattice = "[lattice]\nchi = 0.2\nV_m = \"12 cm3/mol\"\n";
  const std::string constants = fault_of(bare, "cubic");
  for (const char* const key : {"C11", "C12", "C44"})
    CHECK_THAT(constants, Contains(fmt::format("missing key elasticity.{}: ", key)));
  CHECK_THAT(constants, Contains("missing key lattice.chi: coherent phases need the misfit"));
  CHECK_THAT(constants, Contains("missing key lattice.V_m: coherent phases need the molar volume"));
  CHECK_THAT(fault_of(bare + lattice, "isotropic"), Contains("missing key elasticity.E: "));
  CHECK_THAT(fault_of(bare + lattice + "[elasticity]\nE = \"13.8 GPa\"\n", "all"),
             Contains("missing key elasticity.nu: "));
  CHECK_THAT(fault_of(bare + "[lattice]\nchi = 0.2\n[elasticity]\nE = \"13.8 GPa\"\nnu = 0.33\n", "all"),
             Contains("missing key lattice.V_m") && !Contains("lattice.chi:"));
  CHECK_THAT(fault_of(bare + lattice + "[elasticity]\nC11 = \"10 GPa\"\nC12 = \"11 GPa\"\nC44 = \"9 GPa\"\n", "cubic"),
             Contains("elasticity.C12 = \"11 GPa\": a stable crystal has -C11/2 < C12 < C11"));
}

TEST_CASE("a system's G has temperature terms, mixing sites, and p V^xs of the pressure") {
  const System system =
      read(config_of("pressure = \"2 GPa\"\n" + system_of("L = [\"20 kJ/mol\", \"3 kJ/mol\"]\nL_T = [\"-5 J/mol/K\"]\n"
                                                          "L_TlnT = [\"0.5 J/mol/K\", \"-0.25 J/mol/K\"]\n"
                                                          "V = [\"0.4 cm3/mol\", \"-0.3 cm3/mol\"]\nsites = 3")),
           "none")
          .system;
  CHECK(system.sites() == 3);
  CHECK(system.pressure == 2e9);
  for (const double T : {100.0, 298.15, 900.0})
    for (const double x : {1e-6, 0.2, 0.5, 0.93}) {
      const double L0 = 20000 - 5 * T + 0.5 * T * std::log(T) + 2e9 * 0.4e-6,
                   L1 = 3000 - 0.25 * T * std::log(T) - 2e9 * 0.3e-6;
      const double G =
          3 * R * T * (x * std::log(x) + (1 - x) * std::log(1 - x)) + x * (1 - x) * (L0 + L1 * (1 - 2 * x));
      CHECK(std::abs(system.chemical(T).G(x) - G) < 1e-10);
    }
  CHECK(system.chemical(0).G(0.5) == Approx((20000 + 800) / 4.0).epsilon(1e-14));
}

TEST_CASE("a system without pressure does not feel its excess volumes") {
  const System system = read(config_of(system_of("L = [\"20 kJ/mol\"]\nV = [\"1 cm3/mol\"]")), "none").system;
  CHECK(system.chemical(300).G(0.5) == Approx(-R * 300 * std::log(2) + 5000).epsilon(1e-14));
}

TEST_CASE("boundaries come in the order of the temperatures, and the critical point bounds them") {
  const Alloy alloy = li_na_alloy("isotropic");
  const auto found = phase_boundaries(alloy, alloy.kinds[1], {800, 300, 700});
  REQUIRE(found.size() == 3);
  CHECK(found[0].T == 800);
  CHECK(found[0].gaps.empty());
  CHECK(found[1].T == 300);
  CHECK(found[1].gaps.size() == 1);
  CHECK(found[2].gaps.size() == 1);
  const auto points = critical_points(alloy, alloy.kinds[1]);
  REQUIRE(points.size() == 1);
  CHECK(points[0].T == Approx(735.066092010219948).epsilon(1e-12));
  CHECK(points[0].x == Approx(0.274866093675194740).margin(1e-9));
}

TEST_CASE("close below a critical temperature each gap still has its spinodal inside") {
  const Alloy alloy = li_na_alloy("all");
  for (const DiagramKind& kind : alloy.kinds) {
    const double T_c = critical_points(alloy, kind).back().T;
    for (const double below : {1e-3, 1e-6, 1e-9}) {
      INFO(kind.name << ", " << below << " below");
      const auto rows = phase_boundaries(alloy, kind, {T_c * (1 - below)})[0].rows();
      REQUIRE(rows.size() == 1);
      CHECK(rows[0][0] < rows[0][1]);
      CHECK(rows[0][1] < rows[0][2]);
      CHECK(rows[0][2] < rows[0][3]);
    }
  }
}

TEST_CASE("random systems of up to ten terms that depend on temperature: residuals stay at round-off") {
  std::mt19937_64 random(1948);
  std::uniform_real_distribution<double> a(-30e3, 30e3), b(-20, 20), c(-2, 2), T(50, 2000), elastic(0, 15e3);
  int gaps = 0;
  for (int trial = 0; trial < 600; ++trial) {
    RedlichKister model;
    for (int k = 0; k <= trial % 10; ++k) {
      model.a.push_back(a(random));
      model.b.push_back(b(random));
      model.c.push_back(c(random));
    }
    Alloy alloy;
    alloy.system.free_energy = model;
    alloy.kinds = {{.name = "coherent", .elastic = elastic(random)}};
    for (const PhaseBoundaries& found : phase_boundaries(alloy, alloy.kinds[0], {T(random), T(random)})) {
      INFO("trial " << trial << ", T " << found.T);
      CHECK(found.gaps.empty() == found.spinodals.empty());
      for (const MiscibilityGap& gap : found.gaps) {
        ++gaps;
        CHECK(gap.residual < 1e-12);
        CHECK(gap.x_alpha < gap.x_beta);
      }
      for (const Row& row : found.rows())
        if (!std::isnan(row[0])) CHECK((row[0] <= row[1] && row[1] < row[2] && row[2] <= row[3]));
    }
  }
  CHECK(gaps > 500);
}

TEST_CASE("bands of a regular solution follow from the quantiles of its L0") {
  // The outer quantiles of 800 draws have a standard error of 0.095 s.
  constexpr double L0 = 16000, s = 800, T = 500;
  const DiagramBands bands =
      bands_of(system_of("L = { value = [\"16 kJ/mol\"], error = [\"0.8 kJ/mol\"] }"), "none", {T, 300}, 800);
  CHECK(bands.samples == 800);
  CHECK(bands.left_out == 0);
  REQUIRE(bands.boundaries.size() == 1);
  REQUIRE(bands.boundaries[0].size() == 2);
  REQUIRE(bands.critical_temperature.size() == 1);
  const Band& T_c = bands.critical_temperature[0];
  CHECK(T_c.share == 1);
  for (int q = 0; q < 5; ++q) {
    CHECK(std::abs(T_c.quantiles[q] - (L0 + levels[q] * s) / (2 * R)) < 0.28 * s / (2 * R));
    if (q > 0) CHECK(T_c.quantiles[q] > T_c.quantiles[q - 1]);
  }
  // Both boundaries of a side rise or fall with L0, so that quantiles map onto quantiles, up to their interpolation.
  for (int q = 0; q < 5; ++q) {
    const FreeEnergy G = redlich_kister(R * T, {2 * R * T_c.quantiles[q]});
    const double binodal = miscibility_gaps(G)[0].x_alpha, spinodal = spinodal_intervals(G)[0].lower;
    const auto& row = bands.boundaries[0][0];
    CHECK(row[0].quantiles[4 - q] == Approx(binodal).epsilon(1e-3));
    CHECK(row[1].quantiles[4 - q] == Approx(spinodal).epsilon(1e-3));
    CHECK(row[2].quantiles[q] == Approx(1 - spinodal).epsilon(1e-3));
    CHECK(row[3].quantiles[q] == Approx(1 - binodal).epsilon(1e-3));
    for (const Band& band : row) CHECK(band.share == 1);
  }
}

TEST_CASE("the correlation of L0 and L1 widens or narrows the solubility exp(-(L0+L1)/RT)") {
  constexpr double s0 = 300, s1 = 200, T = 250;
  double width[3] = {};
  const std::array rho{-0.99, 0.0, 0.99};
  for (int i = 0; i < 3; ++i) {
    const DiagramBands bands = bands_of(
        system_of(fmt::format("L = {{ value = [\"20109.8 J/mol\", \"5772.6 J/mol\"], error = [\"{} J/mol\", \"{} "
                              "J/mol\"], correlation = [[1, {}], [{}, 1]] }}",
                              s0, s1, rho[i], rho[i])),
        "none", {T}, 600);
    const auto& q = bands.boundaries[0][0][0].quantiles;
    width[i] = std::log(q[4] / q[0]) / (2 * 1.959963985);
    const double predicted = std::sqrt(s0 * s0 + s1 * s1 + 2 * rho[i] * s0 * s1) / (R * T);
    CHECK(width[i] == Approx(predicted).epsilon(0.12));
    CHECK(std::log(q[2]) == Approx(std::log(3.907470535298e-6)).margin(4 * predicted / std::sqrt(600)));
  }
  CHECK(width[0] < 0.4 * width[1]);
  CHECK(width[2] > 1.3 * width[1]);
}

TEST_CASE("near the critical temperature only a share of the samples has a gap") {
  constexpr double L0 = 16000, s = 400;
  // L0 + z s > 2RT for z > 1.
  const DiagramBands bands = bands_of(system_of("L = { value = [\"16 kJ/mol\"], error = \"400 J/mol\" }"), "none",
                                      {(L0 + s) / (2 * R), (L0 + 7 * s) / (2 * R)}, 800);
  for (const Band& band : bands.boundaries[0][0]) {
    CHECK(band.share == Approx(0.15866).margin(0.039));
    CHECK_FALSE(std::isnan(band.quantiles[2]));
  }
  for (const Band& band : bands.boundaries[0][1]) {
    CHECK(band.share == 0);
    for (const double quantile : band.quantiles) CHECK(std::isnan(quantile));
  }
  CHECK(bands.left_out == 0);
}

TEST_CASE("bands are those of the widest gap") {
  // Two gaps, the left one wider.
  const std::string two = system_of(
      "L = { value = [\"6 kJ/mol\", \"4 kJ/mol\", \"12 kJ/mol\"], error = \"1e-6 J/mol\" }\n"
      "L_T = [\"2 J/mol/K\", \"-3 J/mol/K\", \"1 J/mol/K\"]");
  const Alloy alloy = read(config_of(two), "none");
  const auto rows = phase_boundaries(alloy, alloy.kinds[0], {900})[0].rows();
  REQUIRE(rows.size() == 2);
  const Row& widest = rows[0][3] - rows[0][0] > rows[1][3] - rows[1][0] ? rows[0] : rows[1];
  const DiagramBands bands = bands_of(two, "none", {900}, 20);
  for (int b = 0; b < 4; ++b) CHECK(bands.boundaries[0][0][b].quantiles[2] == Approx(widest[b]).epsilon(1e-6));
  CHECK(bands.critical_temperature[0].quantiles[2] == Approx(1083.34826996274656).epsilon(1e-8));
}

// Five times {24, 14, 13} kJ/mol: the upper critical point lies above 10,000 K, and the other inside its gap.
TEST_CASE("a metastable critical point has no band") {
  const DiagramBands bands =
      bands_of(system_of("L = { value = [\"120 kJ/mol\", \"70 kJ/mol\", \"65 kJ/mol\"], error = \"1 J/mol\" }"), "none",
               {300}, 3);
  CHECK(bands.critical_temperature[0].share == 0);
}

TEST_CASE("draws outside their bounds are left out and counted, and the others remain") {
  // nu = 0.45 +- 0.05 passes 1/2 at z = 1.
  const std::string text = system_of("L = [\"16 kJ/mol\"]",
                                     "[lattice]\nchi = 0.1\nV_m = \"12 cm3/mol\"\n[elasticity]\nE = \"10 GPa\"\n"
                                     "nu = { value = 0.45, error = 0.05 }\n");
  const DiagramBands bands = bands_of(text, "all", {300}, 500);
  CHECK(bands.samples == 500);
  CHECK(static_cast<double>(bands.left_out) / 500 == Approx(0.15866).margin(0.049));
  REQUIRE(bands.boundaries.size() == 2);
  CHECK(bands.boundaries[1][0][0].share == 1);
  CHECK(bands.boundaries[0][0][0].quantiles[0] == bands.boundaries[0][0][0].quantiles[4]);

  std::uint64_t seed = 1;
  while (seed < 50 && bands_of(text, "all", {300}, 1, seed).left_out == 0) ++seed;
  const DiagramBands nothing = bands_of(text, "all", {300}, 1, seed);
  CHECK(nothing.left_out == 1);
  CHECK(nothing.boundaries.empty());
  CHECK(nothing.critical_temperature.empty());
}

TEST_CASE("the numbers of lattice and elasticity have bands too") {
  const std::string text = system_of("L = [\"16 kJ/mol\"]",
                                     "[lattice]\nchi = 0.1\nV_m = \"12 cm3/mol\"\n[elasticity]\n"
                                     "E = { value = \"20 GPa\", error = \"1 GPa\" }\nnu = 0.25\n");
  const DiagramBands bands = bands_of(text, "isotropic", {300}, 500);
  // T_c = (L0 - V_m chi^2 E/(1-nu))/2R.
  const double per_E = 12e-6 * 0.01 / 0.75;
  const Band& T_c = bands.critical_temperature[1];
  for (int q = 0; q < 5; ++q)
    CHECK(std::abs(T_c.quantiles[q] - (16000 - per_E * (20e9 - levels[q] * 1e9)) / (2 * R)) <
          0.25 * per_E * 1e9 / (2 * R));
  CHECK(bands.critical_temperature[0].quantiles[0] == bands.critical_temperature[0].quantiles[4]);
}

TEST_CASE("a seed gives the same bands whatever the number of threads, and another seed others") {
  const std::string text =
      system_of("L = { value = [\"20109.8 J/mol\", \"5772.6 J/mol\"], error = [\"300 J/mol\", \"200 J/mol\"] }");
  std::vector<double> by_threads[2];
  const auto flatten = [](const DiagramBands& bands) {
    std::vector<double> all(bands.critical_temperature[0].quantiles.begin(),
                            bands.critical_temperature[0].quantiles.end());
    for (const Band& band : bands.boundaries[0][0]) all.insert(all.end(), band.quantiles.begin(), band.quantiles.end());
    return all;
  };
  for (int threads : {1, 2})
    spinode::test::with_threads(threads,
                                [&] { by_threads[threads - 1] = flatten(bands_of(text, "none", {298.15}, 50, 3)); });
  CHECK(by_threads[0] == by_threads[1]);
  CHECK(flatten(bands_of(text, "none", {298.15}, 50, 4)) != by_threads[0]);
}
