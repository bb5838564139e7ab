// Latin hypercubes, Sobol's sequence and distributions against what defines them.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <set>
#include <stdexcept>

#include "spinode/study/sampling.hpp"

using namespace spinode;

namespace {

std::set<std::size_t> intervals(const std::vector<std::vector<double>>& points, std::size_t d) {
  std::set<std::size_t> hit;
  for (const auto& point : points) {
    CHECK((point[d] > 0 && point[d] < 1));
    hit.insert(static_cast<std::size_t>(point[d] * static_cast<double>(points.size())));
  }
  return hit;
}

double correlation(const std::vector<std::vector<double>>& points) {
  double sum = 0;
  for (const auto& point : points) sum += 12 * (point[0] - 0.5) * (point[1] - 0.5);
  return sum / static_cast<double>(points.size());
}

}  // namespace

TEST_CASE("a Latin hypercube has one point in each interval of each coordinate, paired at random") {
  for (const std::size_t count : {1, 7, 100}) {
    const auto points = latin_hypercube(count, 5, 3);
    REQUIRE(points.size() == count);
    for (std::size_t d = 0; d < 5; ++d) CHECK(intervals(points, d).size() == count);
  }
  CHECK(latin_hypercube(9, 2, 4) == latin_hypercube(9, 2, 4));
  CHECK(latin_hypercube(9, 2, 4) != latin_hypercube(9, 2, 5));
  // Of 4096 points the correlation of two coordinates has a standard deviation of 1/64.
  CHECK(std::abs(correlation(latin_hypercube(4096, 2, 1))) < 4.0 / 64);
  // Nor does a point lie in the middle of its interval, or at its end, or where the interval itself lies.
  const auto points = latin_hypercube(1000, 1, 2);
  std::vector<std::vector<double>> places;
  double mean = 0;
  for (const auto& point : points) {
    places.push_back({point[0], std::fmod(1000 * point[0], 1.0)});
    mean += places.back()[1] / 1000;
  }
  CHECK(mean == Approx(0.5).margin(4 * std::sqrt(1 / 12e3)));
  CHECK(std::abs(correlation(places)) < 4 / std::sqrt(1e3));
}

TEST_CASE("Sobol's points fill every coordinate, and every rectangle of the first two, evenly") {
  for (const std::uint64_t seed : {0, 1, 77}) {
    constexpr int m = 6;
    const std::size_t count = 1 << m;
    constexpr std::size_t dimensions = 200;
    const auto points = sobol(count, dimensions, seed);
    for (std::size_t d = 0; d < dimensions; ++d) CHECK(intervals(points, d).size() == count);
    // The first two coordinates make a (0, m, 2)-net: one point in each of the 2^m rectangles of 2^-i by 2^-(m-i).
    for (int i = 0; i <= m; ++i) {
      std::set<std::pair<int, int>> hit;
      for (const auto& point : points)
        hit.emplace(static_cast<int>(std::ldexp(point[0], i)), static_cast<int>(std::ldexp(point[1], m - i)));
      CHECK(hit.size() == count);
    }
  }
  CHECK(sobol(8, 3, 1) == sobol(8, 3, 1));
  CHECK(sobol(8, 3, 1) != sobol(8, 3, 2));
  // The first point is the shift alone, and every coordinate has its own.
  const auto first = sobol(1, 2, 1)[0];
  CHECK(first[0] != first[1]);
  CHECK_THROWS_AS(sobol(2, sobol_most_dimensions + 1, 1), std::invalid_argument);
}

TEST_CASE("an integral by Sobol's points converges faster than by independent ones") {
  // Of prod (1 + (x_d - 1/2)), which is 1; independent points err by 0.3/sqrt(n) with these five.
  const auto error = [](std::size_t count) {
    double sum = 0;
    for (const auto& point : sobol(count, 5, 12)) {
      double product = 1;
      for (const double x : point) product *= 0.5 + x;
      sum += product;
    }
    return std::abs(sum / static_cast<double>(count) - 1);
  };
  CHECK(error(4096) < 1e-3);
}

TEST_CASE("quantiles are those of their distributions") {
  const auto q = [](const char* name, std::vector<double> numbers, double u) {
    return Distribution(name, std::move(numbers)).quantile(u);
  };
  CHECK(q("uniform", {-2, 6}, 0.25) == Approx(0).margin(1e-15));
  CHECK(q("log_uniform", {1e-3, 10}, 0.5) == Approx(0.1).epsilon(1e-14));
  CHECK(q("log_uniform", {1e-3, 10}, 0.25) == Approx(1e-2).epsilon(1e-14));
  // The share below one standard deviation above the mean, 1/2 + erf(1/sqrt 2)/2.
  const double one = 0.5 + std::erf(1 / std::sqrt(2.0)) / 2;
  CHECK(q("normal", {3, 0.2}, one) == Approx(3.2).epsilon(1e-13));
  CHECK(q("normal", {3, 0.2}, 1 - one) == Approx(2.8).epsilon(1e-13));
  CHECK(q("log_normal", {3, 2}, one) == Approx(6).epsilon(1e-13));
  CHECK(q("log_normal", {3, 2}, 0.5) == Approx(3).epsilon(1e-14));
  CHECK(q("triangular", {0, 1, 4}, 0.25) == Approx(1).epsilon(1e-14));  // where it is most likely
  CHECK(q("triangular", {0, 0, 1}, 0.75) == Approx(0.5).epsilon(1e-14));
  CHECK(q("triangular", {0, 1, 1}, 0.25) == Approx(0.5).epsilon(1e-14));
  double mean = 0;
  for (int i = 0; i < 10000; ++i) mean += q("triangular", {1, 2, 7}, (i + 0.5) / 1e4) / 1e4;
  CHECK(mean == Approx(10.0 / 3).epsilon(1e-5));
}

TEST_CASE("numbers that make no distribution are refused") {
  const std::vector<std::pair<const char*, std::vector<double>>> bad{
      {"uniform", {2, 1}},       {"uniform", {1, 1}},       {"uniform", {1}},
      {"log_uniform", {0, 1}},   {"log_uniform", {2, 1}},   {"normal", {1, 0}},
      {"normal", {1, -1}},       {"log_normal", {0, 2}},    {"log_normal", {1, 1}},
      {"triangular", {1, 2}},    {"triangular", {1, 1, 1}}, {"triangular", {2, 1, 3}},
      {"triangular", {1, 4, 3}}, {"gauss", {1, 2}},         {"normal", {1, std::nan("")}}};
  for (const auto& [name, numbers] : bad) {
    INFO(name);
    CHECK_THROWS_AS(Distribution(name, numbers), std::invalid_argument);
  }
}
