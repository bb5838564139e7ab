// Polynomials and free energies against direct evaluation, and derivatives against central differences.
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "spinode/thermo/free_energy.hpp"

using namespace spinode;

namespace {

constexpr double RT = 2478.96;

FreeEnergy three_terms() { return redlich_kister(RT, {20109.8, 5772.6, -3100}); }

std::vector<FreeEnergy> every_kind() {
  return {three_terms(), three_terms().plus({0, {0, 0, 12575.7}}), three_terms().scaled(0.3), double_well(5, 0.3, 0.7),
          polynomial({1, -2, 0.5, 3, -4}, -1, 2)};
}

}  // namespace

TEST_CASE("a polynomial recentered, multiplied and added is the same function") {
  const Polynomial p{0.5, {1, -2, 3, 0.25}}, q{-1, {2, 0, -1}};
  for (double x : {-2.0, 0.0, 0.3, 0.5, 4.0}) {
    const double u = x - 0.5, v = x + 1;
    const double p_x = 1 - 2 * u + 3 * u * u + 0.25 * u * u * u, q_x = 2 - v * v;
    CHECK(p(x) == Approx(p_x).epsilon(1e-14));
    CHECK(p.recentered(2)(x) == Approx(p_x).epsilon(1e-13));
    CHECK(p.derivative()(x) == Approx(-2 + 6 * u + 0.75 * u * u).epsilon(1e-14));
    CHECK((p * q)(x) == Approx(p_x * q_x).epsilon(1e-13));
    CHECK((p + q)(x) == Approx(p_x + q_x).epsilon(1e-13));
    CHECK((3 * p)(x) == Approx(3 * p_x).epsilon(1e-14));
  }
}

TEST_CASE("Redlich-Kister is the sum that its name says") {
  const FreeEnergy G = three_terms();
  for (double x : {0.01, 0.2, 0.5, 0.83, 0.999}) {
    const double d = 1 - 2 * x;
    const double expected =
        RT * (x * std::log(x) + (1 - x) * std::log(1 - x)) + x * (1 - x) * (20109.8 + 5772.6 * d - 3100 * d * d);
    CHECK(G.G(x) == Approx(expected).epsilon(1e-13));
  }
  CHECK(std::abs(G.G(0)) < 1e-11);
  CHECK(std::abs(G.G(1)) < 1e-11);
}

TEST_CASE("the double well and the plain polynomial are what they are given as") {
  const FreeEnergy well = double_well(5, 0.3, 0.7);
  const FreeEnergy quartic = polynomial({1, -2, 0.5, 3, -4}, -1, 2);
  for (double x : {-0.2, 0.3, 0.45, 0.7, 1.1}) {
    CHECK(well.G(x) == Approx(5 * std::pow((x - 0.3) * (0.7 - x), 2)).margin(1e-15));
    CHECK(quartic.G(x) == Approx(1 + x * (-2 + x * (0.5 + x * (3 - 4 * x)))).epsilon(1e-14));
  }
  CHECK(well.lower() == Approx(0.1));
  CHECK(well.upper() == Approx(0.9));
  CHECK(quartic.lower() == -1);
  CHECK(quartic.upper() == 2);
}

TEST_CASE("dG and d2G are the derivatives of G") {
  constexpr double h = 1e-4;
  for (const FreeEnergy& G : every_kind())
    for (double x : {0.1, 0.31, 0.5, 0.77, 0.9}) {
      const double scale = 1e-6 * (std::abs(G.d2G(x)) + G.ideal());
      CHECK(G.dG(x) == Approx((G.G(x + h) - G.G(x - h)) / (2 * h)).margin(scale));
      CHECK(G.d2G(x) == Approx((G.dG(x + h) - G.dG(x - h)) / (2 * h)).margin(scale));
      CHECK(G.curvature()(x) == Approx(G.d2G(x) * (G.ideal() > 0 ? x * (1 - x) : 1)).epsilon(1e-12).margin(1e-12));
    }
}

TEST_CASE("partial quantities are the intercepts of the tangent") {
  for (const FreeEnergy& G : every_kind())
    for (double x : {0.1, 0.31, 0.5, 0.77, 0.9}) {
      const double scale = 1e-12 * (std::abs(G.G(x)) + std::abs(G.dG(x)) + G.ideal());
      CHECK(G.mu_host(x) == Approx(G.G(x) - x * G.dG(x)).margin(scale));
      CHECK(G.mu_solute(x) == Approx(G.G(x) + (1 - x) * G.dG(x)).margin(scale));
    }
}

TEST_CASE("scaling and a quadratic term act on the whole of G") {
  const FreeEnergy G = three_terms();
  for (double x : {0.02, 0.4, 0.95}) {
    CHECK(G.scaled(0.3).G(x) == Approx(0.3 * G.G(x)).epsilon(1e-13));
    CHECK(G.plus({0, {0, 0, 700}}).G(x) == Approx(G.G(x) + 700 * x * x).epsilon(1e-12));
  }
}

TEST_CASE("the log-odds forms agree in the middle and hold at both ends") {
  const FreeEnergy G = three_terms();
  for (double x : {0.001, 0.3, 0.8}) {
    CHECK(G.dG_at_logit(logit(x)) == Approx(G.dG(x)).epsilon(1e-12).margin(1e-9));
    CHECK(G.omega_at_logit(logit(x)) == Approx(G.mu_host(x)).epsilon(1e-11));
  }
  // With one L: G' = RT y + L (1-2x) and G - x G' = RT ln(1-x) + L x^2.
  const FreeEnergy regular = redlich_kister(RT, {16000});
  CHECK(regular.dG_at_logit(-60) == Approx(-60 * RT + 16000).epsilon(1e-15));
  CHECK(regular.dG_at_logit(60) == Approx(60 * RT - 16000).epsilon(1e-15));
  CHECK(regular.omega_at_logit(60) == Approx(-60 * RT + 16000).epsilon(1e-15));
  CHECK(std::abs(regular.omega_at_logit(-800)) < 1e-11);
  CHECK(logistic(-50) == Approx(std::exp(-50)).epsilon(1e-15));
}
