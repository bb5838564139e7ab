// Flat interfaces: closed forms of the double well (Cahn & Hilliard 1958) and 40-digit quadratures for Li-Na.
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "li_na.hpp"
#include "spinode/thermo/interface.hpp"

using namespace spinode;

namespace {

constexpr double V_m = li_na::V_m;
constexpr double kappa = 2e-10;

std::vector<double> points(double lower, double upper, int count) {
  std::vector<double> z(count);
  for (int i = 0; i < count; ++i) z[i] = lower + (upper - lower) * i / (count - 1);
  return z;
}

}  // namespace

TEST_CASE("a double well has the interface of Cahn and Hilliard") {
  constexpr double W = 900, alpha = 0.2, beta = 0.9, change = beta - alpha;
  const FreeEnergy G = double_well(W, alpha, beta);
  const MiscibilityGap gap = miscibility_gaps(G).at(0);
  const double rate = change * std::sqrt(2 * W / (V_m * kappa));  // of the tanh, 1/m
  const FlatInterface interface = flat_interface(G, gap, kappa, V_m);
  CHECK(interface.energy == Approx(std::sqrt(2 * kappa * W / V_m) * std::pow(change, 3) / 6).epsilon(1e-12));
  CHECK(interface.width == Approx(4 / rate).epsilon(1e-12));
  CHECK(interface.width_10_90 == Approx(2 * std::log(9) / rate).epsilon(1e-12));
  CHECK(interface_integral(G, gap) == Approx(std::sqrt(W) * std::pow(change, 3) / 6).epsilon(1e-12));

  const std::vector<double> z = points(-30 / rate, 30 / rate, 401);
  const std::vector<double> x = flat_profile(G, gap, kappa, V_m, z);
  for (std::size_t i = 0; i < z.size(); ++i) {
    INFO("z = " << z[i] * rate << " / rate");
    CHECK(std::abs(x[i] - ((alpha + beta) / 2 + change / 2 * std::tanh(rate * z[i] / 2))) < 1e-12);
  }
}

TEST_CASE("Li-Na at 298.15 K: the integral of sqrt(dG/RT) is 0.87268 and sigma is 1.2342 sqrt(kappa RT/V_m)") {
  constexpr double RT = li_na::R * li_na::room;
  const FreeEnergy G = li_na::chemical(li_na::room);
  const MiscibilityGap gap = miscibility_gaps(G).at(0);
  const FlatInterface interface = flat_interface(G, gap, kappa, V_m);
  CHECK(interface_integral(G, gap) / std::sqrt(RT) == Approx(0.87268003022290895).epsilon(1e-12));
  CHECK(interface.energy / std::sqrt(kappa * RT / V_m) == Approx(1.2341559343534003).epsilon(1e-12));
  CHECK(interface.width / std::sqrt(kappa * V_m / RT) == Approx(0.59826215487055013).epsilon(1e-12));
  CHECK(interface.width_10_90 / std::sqrt(kappa * V_m / RT) == Approx(0.59083029279958915).epsilon(1e-12));
}

TEST_CASE("kappa follows from the energy or the width that is wanted") {
  for (const FreeEnergy& G : {li_na::chemical(250), li_na::coherent(298.15), double_well(700, 0.1, 0.6)}) {
    const MiscibilityGap gap = miscibility_gaps(G).at(0);
    const FlatInterface interface = flat_interface(G, gap, kappa, V_m);
    CHECK(kappa_for_energy(G, gap, V_m, interface.energy) == Approx(kappa).epsilon(1e-13));
    CHECK(kappa_for_width(G, gap, V_m, interface.width) == Approx(kappa).epsilon(1e-13));
  }
}

TEST_CASE("the energy of a profile is that of the interface, and its steepest slope gives the width") {
  const FreeEnergy two_gaps = redlich_kister(2500, {5000, 0, 10000});
  const FreeEnergy almost_wetted = redlich_kister(2500, {6950, 0, 10000});  // a third phase 8 J/mol above the tangent
  const FreeEnergy one_maximum_two_spinodals = redlich_kister(2500, {12000, 4500, 10000});
  for (const FreeEnergy& G :
       {li_na::chemical(200), li_na::coherent(298.15), two_gaps, almost_wetted, one_maximum_two_spinodals}) {
    const MiscibilityGap gap = miscibility_gaps(G).at(0);
    const FlatInterface interface = flat_interface(G, gap, kappa, V_m);
    const std::vector<double> z = points(-20 * interface.width, 20 * interface.width, 200001);
    const std::vector<double> x = flat_profile(G, gap, kappa, V_m, z);
    const double h = z[1] - z[0];
    double energy = 0, steepest = 0;
    for (std::size_t i = 1; i + 1 < z.size(); ++i) {
      const double slope = (x[i + 1] - x[i - 1]) / (2 * h);
      energy += kappa * slope * slope * h;
      steepest = std::max(steepest, slope);
    }
    CHECK(interface.energy == Approx(energy).epsilon(1e-6));
    CHECK(interface.width == Approx((gap.x_beta - gap.x_alpha) / steepest).epsilon(1e-6));
  }
}

TEST_CASE("a profile is centred, rises from phase to phase and keeps to them far away") {
  const FreeEnergy G = li_na::chemical(li_na::room);
  const MiscibilityGap gap = miscibility_gaps(G).at(0);
  const double width = flat_interface(G, gap, kappa, V_m).width;
  const std::vector<double> x = flat_profile(G, gap, kappa, V_m, points(-5 * width, 5 * width, 1001));
  CHECK(x[500] == Approx((gap.x_alpha + gap.x_beta) / 2).epsilon(1e-14));
  for (std::size_t i = 1; i < x.size(); ++i) REQUIRE(x[i] >= x[i - 1]);
  const std::vector<double> far = flat_profile(G, gap, kappa, V_m, std::vector{-1.0, 1.0});
  CHECK(far[0] == Approx(gap.x_alpha).epsilon(1e-11));
  CHECK(far[1] == Approx(gap.x_beta).epsilon(1e-15));
}

TEST_CASE("just below the critical point the interface follows the double well of Landau's expansion") {
  // Regular solution about x = 1/2, to lowest order in t = 1 - T/T_c: sigma -> sqrt(2 kappa RT/V_m) 2 t^(3/2)/sqrt(3).
  constexpr double L = 16000, t = 1e-4;
  constexpr double RT = L / 2 * (1 - t);
  const FreeEnergy G = redlich_kister(RT, {L});
  const FlatInterface interface = flat_interface(G, miscibility_gaps(G).at(0), kappa, V_m);
  const double landau = std::sqrt(2 * kappa / V_m) * std::sqrt(4 * RT / 3) * std::pow(std::sqrt(3 * t), 3) / 6;
  CHECK(interface.energy == Approx(landau).epsilon(10 * t));
}
