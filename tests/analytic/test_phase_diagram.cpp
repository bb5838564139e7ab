// Binodals and spinodals: Li-Na as published by dos Santos et al. (2025), closed forms, and random systems.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <random>
#include <sstream>
#include <string>

#include "li_na.hpp"
#include "spinode/thermo/phase_diagram.hpp"

using namespace spinode;

namespace {

MiscibilityGap only_gap(const FreeEnergy& G) {
  const auto gaps = miscibility_gaps(G);
  REQUIRE(gaps.size() == 1);
  return gaps[0];
}

Interval only_spinodal(const FreeEnergy& G) {
  const auto spinodals = spinodal_intervals(G);
  REQUIRE(spinodals.size() == 1);
  return spinodals[0];
}

// A number printed with so many significant digits.
double rounded(double value, int digits) {
  std::ostringstream text;
  text.precision(digits);
  text << value;
  return std::stod(text.str());
}

}  // namespace

TEST_CASE("phase boundaries of Li-Na match the reference table") {
  std::ifstream table(SPINODE_SOURCE_DIR "/tests/reference/phase_boundaries.csv");
  REQUIRE(table);
  std::string line;
  std::getline(table, line);
  int rows = 0;
  while (std::getline(table, line)) {
    INFO(line);
    std::istringstream cells(line);
    std::string system, kind, T, cell;
    std::getline(cells, system, ',');
    std::getline(cells, kind, ',');
    std::getline(cells, T, ',');
    std::vector<double> expected;
    while (std::getline(cells, cell, ','))
      if (cell.find_first_of("0123456789") != std::string::npos) expected.push_back(std::stod(cell));

    const FreeEnergy chemical = system == "LiNa-abinitio" ? li_na::chemical(std::stod(T)) : li_na::zhang(std::stod(T));
    const FreeEnergy G = kind == "chemical" ? chemical : chemical.plus({0, {0, 0, li_na::coherent_energy}});
    std::vector<double> found;
    for (const auto& gap : miscibility_gaps(G)) found = {gap.x_alpha, gap.x_beta};
    for (const auto& spinodal : spinodal_intervals(G))
      found.insert(found.begin() + 1, {spinodal.lower, spinodal.upper});

    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == Approx(expected[i]).epsilon(1e-9));
    ++rows;
  }
  CHECK(rows == 28);
}

// The paper prints values at "room temperature"; they are met between 298.15 K and 300 K.
TEST_CASE("the chemical solubility of Na in Li is 3e-5 at room temperature") {
  CHECK(rounded(only_gap(li_na::chemical(li_na::room)).x_alpha, 1) == 3e-5);
}

TEST_CASE("the chemical spinodal of Li-Na starts at 3.6 at%") {
  CHECK(rounded(only_spinodal(li_na::chemical(li_na::room)).lower, 2) == 0.036);
}

TEST_CASE("the coherent solubility of Na in Li is 3.8e-3") {
  CHECK(only_gap(li_na::coherent(298.15)).x_alpha < 3.8e-3);
  CHECK(only_gap(li_na::coherent(300)).x_alpha > 3.8e-3);
}

TEST_CASE("the coherent spinodal of Li-Na starts at 5.8 at%") {
  CHECK(rounded(only_spinodal(li_na::coherent(li_na::room)).lower, 2) == 0.058);
}

TEST_CASE("the older assessment with elasticity has its critical point at about 205 K") {
  CHECK(miscibility_gaps(li_na::zhang_coherent(205)).size() == 1);
  CHECK(miscibility_gaps(li_na::zhang_coherent(206)).empty());
  const double T_c = (16000 - li_na::coherent_energy) / (2 * li_na::R);
  CHECK(T_c == Approx(205.9).margin(0.05));
  CHECK(miscibility_gaps(li_na::zhang_coherent(T_c - 0.01)).size() == 1);
  CHECK(miscibility_gaps(li_na::zhang_coherent(T_c + 0.01)).empty());
}

TEST_CASE("solubilities tend to exp(-(L0 +- L1)/RT) and spinodals to RT/(2 L0 +- 6 L1)") {
  constexpr double L0 = 20109.8, L1 = 5772.6;
  constexpr double cold = li_na::R * 60;
  const MiscibilityGap gap = only_gap(li_na::chemical(60));
  CHECK(gap.x_alpha == Approx(std::exp(-(L0 + L1) / cold)).epsilon(1e-9));
  CHECK(gap.one_minus_x_beta == Approx(std::exp(-(L0 - L1) / cold)).epsilon(1e-9));

  // RT/[x(1-x)] = D -+ 12 L1 x, D = 2 L0 +- 6 L1, is x = (RT/D) [1 + (1 +- 12 L1/D) RT/D] to the next order.
  const auto next_order = [](double RT, double L0_, double L1_) {
    const double D = 2 * L0_ + 6 * L1_;
    return RT / D * (1 + (1 + 12 * L1_ / D) * RT / D);
  };
  for (double T : {0.5, 2.0}) {
    const Interval spinodal = only_spinodal(li_na::chemical(T));
    CHECK(spinodal.lower == Approx(next_order(li_na::R * T, L0, L1)).epsilon(1e-6));
    CHECK(1 - spinodal.upper == Approx(next_order(li_na::R * T, L0, -L1)).epsilon(3e-3));
  }
}

TEST_CASE("the dilute limits of Li-Na are exp(-(L0 +- L1)/RT) and RT/(2 L0 +- 6 L1)") {
  for (const double T : {60.0, 298.15, 370.0}) {
    const double RT = li_na::R * T;
    const DiluteLimits limits = dilute_limits(li_na::chemical(T));
    CHECK(limits.solubility_in_host == Approx(std::exp(-25882.4 / RT)).epsilon(1e-12));
    CHECK(limits.solubility_in_solute == Approx(std::exp(-14337.2 / RT)).epsilon(1e-12));
    CHECK(limits.spinodal_host_side == Approx(RT / 74855.2).epsilon(1e-12));
    CHECK(limits.spinodal_solute_side == Approx(RT / 5584.0).epsilon(1e-12));
  }
}

TEST_CASE("dilute limits count mixing sites, every L_k and the elastic energy") {
  // G_ex' is sum L_k at 0 and -sum (-1)^k L_k at 1; G_ex'' is -sum (2k+2) L_k and -sum (-1)^k (2k+2) L_k.
  const DiluteLimits limits = dilute_limits(redlich_kister(3 * 2500, {9000, 2000, -500}).plus({0, {0, 0, 300}}));
  CHECK(limits.solubility_in_host == Approx(std::exp(-10500 / 7500.0)).epsilon(1e-13));
  CHECK(limits.solubility_in_solute == Approx(std::exp(-(6500 - 600) / 7500.0)).epsilon(1e-13));
  CHECK(limits.spinodal_host_side == Approx(7500.0 / (18000 + 12000 - 5000 - 600)).epsilon(1e-13));
  CHECK(dilute_limits(redlich_kister(7500, {9000, 500})).spinodal_solute_side ==
        Approx(7500.0 / (18000 - 3000)).epsilon(1e-13));
}

TEST_CASE("dilute limits that do not exist are NaN") {
  const auto all_missing = [](const DiluteLimits& limits) {
    return std::isnan(limits.solubility_in_host) && std::isnan(limits.solubility_in_solute) &&
           std::isnan(limits.spinodal_host_side) && std::isnan(limits.spinodal_solute_side);
  };
  CHECK(all_missing(dilute_limits(redlich_kister(2500, {}))));
  CHECK(all_missing(dilute_limits(redlich_kister(2500, {-9000}))));
  CHECK(all_missing(dilute_limits(double_well(5, 0.3, 0.7))));
  CHECK(all_missing(dilute_limits(polynomial({0, 1, -2}, 0, 1))));
  // L0 - L1 < 0 and 2 L0 - 6 L1 < 0: the solute end has none.
  const DiluteLimits one_sided = dilute_limits(redlich_kister(2500, {5000, 8000}));
  CHECK(one_sided.solubility_in_host == Approx(std::exp(-5.2)).epsilon(1e-13));
  CHECK(one_sided.spinodal_host_side == Approx(2500.0 / 58000).epsilon(1e-13));
  CHECK(std::isnan(one_sided.solubility_in_solute));
  CHECK(std::isnan(one_sided.spinodal_solute_side));
}

TEST_CASE("phases too pure for a number are there all the same") {
  for (const double L : {1e3, 1e7, 1e10}) {
    const MiscibilityGap gap = only_gap(redlich_kister(1, {L}));
    CHECK(gap.x_alpha < 1e-300);
    CHECK(gap.one_minus_x_beta < 1e-300);
    CHECK(std::abs(gap.mu) < 1e-11 * L);
    CHECK(only_spinodal(redlich_kister(1, {L})).lower == Approx(1 / (2 * L)).epsilon(2 / L + 1e-5));
  }
}

TEST_CASE("phases as pure as 1e-80 keep their relative precision") {
  constexpr double T = 16.6, RT = li_na::R * T;
  const MiscibilityGap gap = only_gap(li_na::chemical(T));
  CHECK(gap.x_alpha < 1e-80);
  CHECK(std::log(gap.x_alpha) == Approx(-(20109.8 + 5772.6) / RT).epsilon(1e-14));
  CHECK(std::log(gap.one_minus_x_beta) == Approx(-(20109.8 - 5772.6) / RT).epsilon(1e-14));
  CHECK(gap.residual < 1e-12);
}

TEST_CASE("a regular solution has the binodal ln(x/(1-x)) = -L (1-2x)/RT and mu = 0") {
  for (double T : {200.0, 600.0, 900.0, 960.0}) {
    const MiscibilityGap gap = only_gap(redlich_kister(li_na::R * T, {16000}));
    CHECK(logit(gap.x_alpha) == Approx(-16000 / (li_na::R * T) * (1 - 2 * gap.x_alpha)).epsilon(1e-12));
    CHECK(gap.one_minus_x_beta == Approx(gap.x_alpha).epsilon(1e-11));
    CHECK(std::abs(gap.mu) < 1e-11 * 16000);
    CHECK(gap.omega == Approx(redlich_kister(li_na::R * T, {16000}).G(gap.x_alpha)).epsilon(1e-9));
  }
}

TEST_CASE("a double well has its phases at the wells and its spinodal at 1/sqrt(12) of the gap from the middle") {
  for (const auto& [alpha, beta] : {std::pair{0.3, 0.7}, {-1.0, 1.0}, {0.05, 0.95}}) {
    const FreeEnergy G = double_well(5, alpha, beta);
    const MiscibilityGap gap = only_gap(G);
    CHECK(gap.x_alpha == Approx(alpha).epsilon(1e-14));
    CHECK(gap.x_beta == Approx(beta).epsilon(1e-14));
    CHECK(gap.one_minus_x_beta == Approx(1 - beta).margin(1e-15));
    CHECK(gap.residual < 1e-12);
    const Interval spinodal = only_spinodal(G);
    CHECK(spinodal.lower == Approx((alpha + beta) / 2 - (beta - alpha) / std::sqrt(12)).margin(1e-15));
    CHECK(spinodal.upper == Approx((alpha + beta) / 2 + (beta - alpha) / std::sqrt(12)).margin(1e-15));
  }
}

TEST_CASE("a tilted double well keeps its phases and takes the tilt as mu") {
  // (x-0.3)^2 (0.7-x)^2 + 0.25 - 0.8 x in powers of x.
  const MiscibilityGap gap = only_gap(polynomial({0.21 * 0.21 + 0.25, -0.42 - 0.8, 1.42, -2, 1}, 0, 1));
  CHECK(gap.x_alpha == Approx(0.3).epsilon(1e-12));
  CHECK(gap.x_beta == Approx(0.7).epsilon(1e-12));
  CHECK(gap.mu == Approx(-0.8).epsilon(1e-12));
  CHECK(gap.omega == Approx(0.25).epsilon(1e-12));
}

TEST_CASE("a well outside the range of a polynomial is no phase") {
  // Wells at 0.3 and 0.7, spinodal from 0.385 to 0.615.
  for (double upper : {0.5, 0.65, 0.69})
    CHECK(miscibility_gaps(polynomial({0.0441, -0.42, 1.42, -2, 1}, 0, upper)).empty());
  for (double lower : {0.31, 0.35, 0.5})
    CHECK(miscibility_gaps(polynomial({0.0441, -0.42, 1.42, -2, 1}, lower, 1)).empty());
  CHECK(miscibility_gaps(polynomial({0, 0, -1}, 0, 1)).empty());
}

TEST_CASE("systems without a gap return nothing") {
  for (const FreeEnergy& G : {redlich_kister(2500, {}), redlich_kister(2500, {4999}),
                              redlich_kister(2500, {-20000, 500}), polynomial({0, 1, 2}, 0, 1)}) {
    CHECK(miscibility_gaps(G).empty());
    CHECK(spinodal_intervals(G).empty());
  }
}

TEST_CASE("a system with a stable compound has two gaps, mirror images of each other") {
  const FreeEnergy G = redlich_kister(2500, {0, 0, 10000});
  const auto gaps = miscibility_gaps(G);
  REQUIRE(gaps.size() == 2);
  CHECK(spinodal_intervals(G).size() == 2);
  CHECK(gaps[0].x_beta < 0.5);
  CHECK(gaps[0].x_alpha == Approx(gaps[1].one_minus_x_beta).epsilon(1e-10));
  CHECK(gaps[0].x_beta == Approx(1 - gaps[1].x_alpha).epsilon(1e-10));
  CHECK(gaps[0].mu == Approx(-gaps[1].mu).epsilon(1e-10));
  CHECK(gaps[0].mu < gaps[1].mu);
}

TEST_CASE("a compound above the common tangent of its neighbours is skipped") {
  const FreeEnergy G = redlich_kister(2500, {10000, 0, 10000});
  REQUIRE(spinodal_intervals(G).size() == 2);
  REQUIRE(G.d2G(0.5) > 0);
  const MiscibilityGap gap = only_gap(G);
  CHECK(std::abs(gap.mu) < 1e-9);
  CHECK(gap.omega < G.G(0.5));
}

TEST_CASE("random Redlich-Kister systems: every tangent supports G, spinodals nest in gaps, G is convex elsewhere") {
  std::mt19937_64 random(2025);
  std::uniform_real_distribution<double> L(-30e3, 30e3), T(150, 1500);
  std::uniform_int_distribution<int> terms(1, 5);
  int systems_by_gaps[5] = {};
  for (int trial = 0; trial < 500; ++trial) {
    std::vector<double> parameters(terms(random));
    for (double& parameter : parameters) parameter = L(random);
    const double RT = li_na::R * T(random);
    const FreeEnergy G = redlich_kister(RT, parameters);
    const auto gaps = miscibility_gaps(G);
    const auto spinodals = spinodal_intervals(G);
    INFO("trial " << trial << ", RT " << RT << ", L " << Catch::StringMaker<std::vector<double>>::convert(parameters));

    REQUIRE(gaps.size() <= 4);
    ++systems_by_gaps[gaps.size()];
    REQUIRE(gaps.empty() == spinodals.empty());
    for (const auto& spinodal : spinodals) {
      const auto outside = [&](const auto& gap) { return gap.x_alpha < spinodal.lower && spinodal.upper < gap.x_beta; };
      CHECK(std::any_of(gaps.begin(), gaps.end(), outside));
    }
    for (std::size_t i = 0; i < gaps.size(); ++i) {
      CHECK(gaps[i].residual < 1e-12);
      CHECK(gaps[i].x_alpha < gaps[i].x_beta);
      if (i > 0) CHECK(gaps[i - 1].x_beta < gaps[i].x_alpha);
    }

    bool supported = true, convex = true, concave = true;
    for (double y = -30; y <= 30; y += 0.05) {
      const double x = logistic(y);
      const auto in_gap = [x](const auto& gap) { return gap.x_alpha <= x && x <= gap.x_beta; };
      const auto in_spinodal = [x](const auto& spinodal) { return spinodal.lower < x && x < spinodal.upper; };
      const bool unstable = std::any_of(spinodals.begin(), spinodals.end(), in_spinodal);
      for (const auto& gap : gaps) supported &= G.G(x) >= gap.omega + gap.mu * x - 1e-12 * (RT + 150e3);
      if (std::none_of(gaps.begin(), gaps.end(), in_gap)) convex &= G.d2G(x) > 0;
      concave &= (G.d2G(x) < 0) == unstable;
    }
    CHECK(supported);
    CHECK(convex);
    CHECK(concave);
  }
  CHECK(systems_by_gaps[0] > 50);
  CHECK(systems_by_gaps[1] > 50);
  CHECK(systems_by_gaps[2] > 5);
}
