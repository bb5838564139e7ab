// Linear stability of uniform solutions (Cahn 1961): which grow, and how fast.
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "li_na.hpp"
#include "spinode/thermo/stability.hpp"

using namespace spinode;

namespace {

constexpr double kappa = 2e-10, M = 3e-19, V_m = li_na::V_m;

}  // namespace

TEST_CASE("3 at% Na in Li is metastable at room temperature, and compositions around it are what they should be") {
  const FreeEnergy G = li_na::chemical(li_na::room);
  CHECK(classify(G, 1e-5) == Stability::stable);
  CHECK(classify(G, 0.03) == Stability::metastable);
  CHECK(classify(G, 0.1) == Stability::unstable);
  CHECK(classify(G, 0.9) == Stability::metastable);
  CHECK(classify(G, 0.999) == Stability::stable);
  CHECK(classify(li_na::coherent(li_na::room), 0.003) == Stability::stable);
  CHECK(classify(double_well(1, 0.3, 0.7), 0.5) == Stability::unstable);
  CHECK(classify(double_well(1, 0.3, 0.7), 0.25) == Stability::stable);
}

TEST_CASE(
    "omega_max = M (G'' + V_m B)^2/(4 V_m kappa) at k_max, and half-way to the sqrt(2) k_max that does not grow") {
  const double curvature = li_na::coherent(li_na::room).d2G(0.2);
  const auto mode = fastest_mode(curvature, kappa, V_m, M);
  REQUIRE(mode);
  CHECK(mode->omega == Approx(M * curvature * curvature / (4 * V_m * kappa)).epsilon(1e-14));
  CHECK(mode->k * mode->k == Approx(-curvature / (2 * V_m * kappa)).epsilon(1e-14));
  CHECK(mode->lambda == Approx(2 * std::numbers::pi / mode->k).epsilon(1e-14));
  for (double factor : {0.99, 1.01}) CHECK(growth_rate(factor * mode->k, curvature, kappa, V_m, M) < mode->omega);
  CHECK(std::abs(growth_rate(std::numbers::sqrt2 * mode->k, curvature, kappa, V_m, M)) < 1e-14 * mode->omega);
}

TEST_CASE("no mode grows in a stable solution: decay is M k^2 (G'' + V_m kappa k^2)") {
  const double curvature = li_na::chemical(li_na::room).d2G(0.03);
  REQUIRE(curvature > 0);
  CHECK_FALSE(fastest_mode(curvature, kappa, V_m, M));
  CHECK_FALSE(fastest_mode(0, kappa, V_m, M));
  CHECK(growth_rate(0, curvature, kappa, V_m, M) == 0);
  CHECK(growth_rate(1e8, curvature, kappa, V_m, M) ==
        Approx(-M * 1e16 * (curvature + V_m * kappa * 1e16)).epsilon(1e-14));
}
