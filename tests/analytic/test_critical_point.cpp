// Critical points against closed forms, and against roots of the numerator of dT/dw: G'' = 0 gives T(w), w = 1-2x, in
// closed form where L_k is linear in T, and a critical point is where it turns.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "li_na.hpp"
#include "spinode/thermo/critical_point.hpp"

using namespace spinode;
using li_na::R;

namespace {

using Terms = std::vector<double>;

/// L_k = a_k + b_k T + c_k T ln T, with an elastic energy [J/mol].
std::vector<CriticalPoint> found_in(const Terms& a, const Terms& b = {}, const Terms& c = {}, double elastic = 0,
                                    double sites = 1, double T_min = 1, double T_max = 1e4) {
  const auto G_at = [&](double T) {
    Terms L = a;
    for (std::size_t k = 0; k < b.size(); ++k) L[k] += b[k] * T;
    for (std::size_t k = 0; k < c.size(); ++k) L[k] += c[k] * T * std::log(T);
    return redlich_kister(sites * R * T, L).plus({0, {0, 0, elastic}});
  };
  return critical_points(G_at, T_min, T_max);
}

void check(const CriticalPoint& found, double x, double T, bool closes_upwards = true, bool stable = true) {
  CAPTURE(found.x, x, found.T, T);
  CHECK(std::abs(found.x - x) < 1e-12);
  CHECK(std::abs(found.T - T) < 1e-12 * T);
  CHECK(found.closes_upwards == closes_upwards);
  CHECK(found.stable == stable);
}

}  // namespace

TEST_CASE("a regular solution has its critical point at x = 1/2, T = L0/2R") {
  for (const double L0 : {100.0, 16000.0, 20109.8, 150000.0}) {
    const auto points = found_in({L0});
    REQUIRE(points.size() == 1);
    check(points[0], 0.5, L0 / (2 * R));
  }
}

TEST_CASE("mixing on several sites divides the critical temperature by their number") {
  for (const double sites : {0.5, 2.0, 3.0}) {
    const auto points = found_in({20109.8, 5772.6}, {}, {}, 0, sites);
    REQUIRE(points.size() == 1);
    check(points[0], 0.345988536632980278, 1384.93574328727969 / sites);
  }
}

TEST_CASE("the elastic energy a x^2 lowers the critical temperature of a regular solution to (L0 - a)/2R") {
  const auto points = found_in({16000}, {}, {}, li_na::coherent_energy);
  REQUIRE(points.size() == 1);
  check(points[0], 0.5, (16000 - li_na::coherent_energy) / (2 * R));
  CHECK(points[0].T == Approx(205.92331).epsilon(1e-7));
  CHECK(found_in({16000}, {}, {}, 16001).empty());
}

TEST_CASE("L0 = a + bT with a < 0 and b > 2R has a lower critical point at a/(2R-b)") {
  const auto points = found_in({-6000}, {30});
  REQUIRE(points.size() == 1);
  check(points[0], 0.5, -6000 / (2 * R - 30), false);
}

// a and b solve L0 = 2RT at 300 and 500 K for c = -50.
TEST_CASE("a T ln T term closes a loop between a lower and an upper critical point") {
  const auto points = found_in({-19155.960891224650}, {365.67125193955888837}, {-50});
  REQUIRE(points.size() == 2);
  check(points[0], 0.5, 300, false);
  check(points[1], 0.5, 500, true);
}

TEST_CASE("the critical point of a sub-regular system lies off the middle") {
  const auto points = found_in({20109.8, 5772.6});
  REQUIRE(points.size() == 1);
  check(points[0], 0.345988536632980278, 1384.93574328727969);
  const auto mirrored = found_in({20109.8, -5772.6});
  REQUIRE(mirrored.size() == 1);
  check(mirrored[0], 1 - 0.345988536632980278, 1384.93574328727969);
  const auto coherent = found_in({20109.8, 5772.6}, {}, {}, li_na::coherent_energy);
  REQUIRE(coherent.size() == 1);
  check(coherent[0], 0.274866093675194740, 735.066092010219948);
}

TEST_CASE("L_k that depend on temperature move the critical point") {
  const auto upper = found_in({20000, 3000}, {-5, 2});
  REQUIRE(upper.size() == 1);
  check(upper[0], 0.329717054136865616, 1059.62173039991719);
  const auto two_sites = found_in({20000, 3000}, {-5, 2}, {}, 0, 2);
  REQUIRE(two_sites.size() == 1);
  check(two_sites[0], 0.360855678365182586, 571.473172916961308);
  const auto lower = found_in({-6000, 900}, {30, -1});
  REQUIRE(lower.size() == 1);
  check(lower[0], 0.454450870156924060, 444.031321084734691, false);
}

TEST_CASE("two gaps have two critical points, at one temperature when they mirror each other") {
  const auto points = found_in({6000, 4000, 12000}, {2, -3, 1});
  REQUIRE(points.size() == 2);
  check(points[0], 0.868065695883738452, 951.226017538663145);
  check(points[1], 0.137503377969059210, 1083.34826996274656);
  auto mirrored = found_in({0, 0, 10000});
  REQUIRE(mirrored.size() == 2);
  std::sort(mirrored.begin(), mirrored.end(), [](const auto& a, const auto& b) { return a.x < b.x; });
  check(mirrored[0], 0.118118692087013333, 626.418515859076695);
  check(mirrored[1], 0.881881307912986667, 626.418515859076695);
}

TEST_CASE("a critical point inside another miscibility gap is metastable") {
  const auto points = found_in({11000, 2000, 4000});
  REQUIRE(points.size() == 2);
  check(points[0], 0.801483310355338700, 463.398215025555990, true, false);
  check(points[1], 0.204556147203555931, 740.714973816087556);
}

TEST_CASE("energies without a critical point have none") {
  CHECK(found_in({}).empty());
  CHECK(found_in({0}).empty());
  CHECK(found_in({-20000, 500}).empty());
  CHECK(critical_points([](double) { return double_well(5, 0.3, 0.7); }, 1, 1e4).empty());
  CHECK(critical_points([](double) { return polynomial({0, 0, -1, 0, 1}, -1, 1); }, 1, 1e4).empty());
}

TEST_CASE("only critical points between the two temperatures are found") {
  CHECK(found_in({16000}, {}, {}, 0, 1, 1, 962).empty());
  CHECK(found_in({16000}, {}, {}, 0, 1, 963, 1e4).empty());
  const auto points = found_in({16000}, {}, {}, 0, 1, 962, 963);
  REQUIRE(points.size() == 1);
  check(points[0], 0.5, 16000 / (2 * R));
}

// A maximum of T(w) where x(1-x)G'' has its least value is an upper critical point, whatever else the system does.
TEST_CASE("random systems with constant L_k have a critical point at every maximum of T(w), and no other") {
  std::mt19937_64 random(1876);
  std::uniform_real_distribution<double> L(-20e3, 20e3);
  int points_in_all = 0;
  for (int trial = 0; trial < 60; ++trial) {
    Terms terms(1 + trial % 4);
    for (double& term : terms) term = L(random);
    INFO("trial " << trial << ", L " << Catch::StringMaker<Terms>::convert(terms));
    const auto T_of = [&](double w) {
      double sum = 0;
      for (int k = 0; k < static_cast<int>(terms.size()); ++k)
        sum += terms[k] * ((k + 2) * (k + 1) * std::pow(w, k) - (k > 1 ? k * (k - 1) * std::pow(w, k - 2) : 0));
      return (1 - w * w) * sum / (4 * R);
    };
    std::vector<double> maxima;
    constexpr double h = 1e-3;
    for (double w = -1 + h; w < 1 - h / 2; w += h)
      if (const double T = T_of(w); T > 20 && T >= T_of(w - h) && T > T_of(w + h)) maxima.push_back(T);
    std::sort(maxima.begin(), maxima.end());
    std::vector<double> found;
    for (const CriticalPoint& point : found_in(terms))
      if (point.T > 20) found.push_back(point.T);
    REQUIRE(found.size() == maxima.size());
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == Approx(maxima[i]).epsilon(1e-3));
    points_in_all += static_cast<int>(found.size());
  }
  CHECK(points_in_all > 40);
}
