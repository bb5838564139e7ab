// The law of coarsening: exact powers, noise, windows, and histories that hold none.
#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "spinode/measure/coarsening.hpp"

using namespace spinode;

namespace {

/// L^n = L0^n + K t at times evenly spread over the logarithm, with relative noise; formed from the start.
LengthHistory law(double n, double L0, double K, double noise = 0, unsigned seed = 1, int points = 200) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal(0, 1);
  LengthHistory history;
  for (int i = 0; i < points; ++i) {
    const double t = 1e-6 * std::pow(1e4, i / (points - 1.0));
    history.time.push_back(t);
    history.length.push_back(std::pow(std::pow(L0, n) + K * t, 1 / n) * (1 + noise * normal(generator)));
    history.deviation.push_back(0.3);
  }
  return history;
}

constexpr TimeWindow all{0, 1};

}  // namespace

TEST_CASE("an exact law is found, with its power, rate and first length", "[unit]") {
  const double n = GENERATE(2.0, 3.0, 3.7, 4.0), L0 = 2e-9, K = std::pow(L0, n) / 2e-5;
  const CoarseningFit fit = fit_coarsening(law(n, L0, K), all);
  REQUIRE(fit.law);
  CAPTURE(n, fit.law->n);
  CHECK(fit.law->n == Approx(n).epsilon(1e-6));
  CHECK(fit.law->exponent == Approx(1 / n).epsilon(1e-6));
  CHECK(fit.law->K == Approx(K).epsilon(1e-4));  // in m^n/s: an error of n is one of K times ln of a nanometre
  CHECK(fit.law->L0 == Approx(L0).epsilon(1e-5));
  CHECK(fit.law->n_error < 1e-5);
  CHECK(fit.law->points == 60);
  CHECK(fit.law->window.from == Approx(1e-6));
  CHECK(fit.law->window.to == Approx(1e-2));
}

TEST_CASE("the stated error is the spread over repeated noise, which is the least that there can be", "[unit]") {
  const double n = 3, L0 = 2e-9, K = std::pow(L0, n) / 2e-5, noise = 0.01;
  double sum = 0, squares = 0, stated = 0;
  constexpr int repeats = 300;
  for (unsigned seed = 1; seed <= repeats; ++seed) {
    const CoarseningFit fit = fit_coarsening(law(n, L0, K, noise, seed, 60), all);
    REQUIRE(fit.law);
    sum += fit.law->exponent;
    squares += fit.law->exponent * fit.law->exponent;
    stated += fit.law->exponent_error / repeats;
  }
  const double mean = sum / repeats, spread = std::sqrt(squares / repeats - mean * mean);
  // The bound of Cramer and Rao for ln L = ln(A + K t)/n, in units in which A = 1.
  Eigen::Matrix3d information = Eigen::Matrix3d::Zero();
  for (const double t : law(n, L0, K, 0, 1, 60).time) {
    const double u = t / 2e-5, power = 1 + u;
    const Eigen::Vector3d slopes(std::log(power), 1 / (n * power), u / (n * power));  // by 1/n, A, K
    information += slopes * slopes.transpose() / (noise * noise);
  }
  const double least = std::sqrt(information.inverse()(0, 0));
  CAPTURE(mean, spread, stated, least);
  CHECK(mean == Approx(1.0 / 3).epsilon(0.01));
  CHECK(spread == Approx(least).epsilon(0.15));
  // Eight blocks leave the jackknife its own uncertainty; the ends of the window weigh more than its middle.
  CHECK(stated > 0.8 * spread);
  CHECK(stated < 2 * spread);
}

TEST_CASE("a length that begins to grow late has no first length", "[unit]") {
  LengthHistory history = law(3, 2e-9, 1e-22);
  for (std::size_t i = 0; i < history.time.size(); ++i) history.length[i] = std::cbrt(1e-22 * (history.time[i] - 2e-5));
  const CoarseningFit fit = fit_coarsening(history, {1e-4, 1});
  REQUIRE(fit.law);
  CHECK(fit.law->L0 == 0);
  CHECK(fit.law->n < 3);
  CHECK(fit.law->n > 2.5);
}

TEST_CASE("an exponent that drifts has a large error", "[unit]") {
  // t^(1/4) that turns into t^(1/3): no single law.
  LengthHistory history = law(3, 1e-9, 1e-22);
  for (std::size_t i = 0; i < history.time.size(); ++i) {
    const double t = history.time[i] / 1e-4;
    history.length[i] = 1e-9 * (std::pow(t, 0.25) + std::pow(t, 1.0 / 3));
  }
  const CoarseningFit fit = fit_coarsening(history, all);
  REQUIRE(fit.law);
  CAPTURE(fit.law->exponent, fit.law->exponent_error);
  CHECK(fit.law->exponent > 0.25);
  CHECK(fit.law->exponent < 1.0 / 3);
  CHECK(fit.law->exponent_error > 0.001);
}

TEST_CASE("only the window counts", "[unit]") {
  LengthHistory history = law(3, 2e-9, 1e-22);
  for (std::size_t i = 0; i < history.time.size(); ++i)
    if (history.time[i] < 1e-4 || history.time[i] > 5e-3) history.length[i] = 7e-9;
  const CoarseningFit fit = fit_coarsening(history, {1e-4, 5e-3});
  REQUIRE(fit.law);
  CHECK(fit.law->n == Approx(3).epsilon(1e-5));
  CHECK(fit.law->window.from >= 1e-4);
  CHECK(fit.law->window.to <= 5e-3);
}

TEST_CASE("the window runs from twice the time of formation to a quarter of the box", "[unit]") {
  LengthHistory history = law(3, 2e-9, std::pow(8e-9, 3) / 1e-2);
  for (std::size_t i = 0; i < history.time.size(); ++i)
    history.deviation[i] = 0.4 * (1 - std::exp(-history.time[i] / 1e-4));
  const TimeWindow whole = coarsening_window(history, 1, {}, {});
  CHECK(whole.from == Approx(2 * 1e-4 * std::log(10)).epsilon(0.06));  // rows are 5 % apart
  CHECK(whole.to == history.time.back());
  const TimeWindow small = coarsening_window(history, 4 * 5e-9, {}, {});
  CHECK(small.to == Approx((125.0 - 8) / 512 * 1e-2).epsilon(0.06));
  const TimeWindow given = coarsening_window(history, 1, 3e-5, 2e-3);
  CHECK(given.from == 3e-5);
  CHECK(given.to == 2e-3);
}

TEST_CASE("what is no coarsening gets a reason, not a number", "[unit]") {
  const auto reason = [](const LengthHistory& history, const TimeWindow& window = all) {
    const CoarseningFit fit = fit_coarsening(history, window);
    CHECK(!fit.law);
    return fit.reason;
  };
  LengthHistory uniform = law(3, 2e-9, 1e-22);
  for (std::size_t i = 0; i < uniform.time.size(); ++i) uniform.deviation[i] = 0.01 / (1 + uniform.time[i] / 1e-4);
  CHECK(reason(uniform) == "x evens out: its deviation fell from 0.0099 to 9.9e-05");
  CHECK(reason(law(3, 1e-9, 1e-22), {2e-3, 1e-3}) ==
        "the window ends before it begins: phases have formed late in the run, or the box is small");
  CHECK(reason({}) == "0 times in the window, 10 are needed");
  CHECK(reason(law(3, 1e-9, 1e-22), {1e-6, 1.2e-6}) == "4 times in the window, 10 are needed");
  CHECK(reason(law(3, 1e-9, 1e-28)) == "the length grows by a factor of 1 in the window, 1.2 is needed");
  LengthHistory wild = law(3, 1e-9, 1e-22);
  for (std::size_t i = 0; i < wild.time.size(); ++i) wild.length[i] = 1e-9 * std::exp(3 * wild.time[i] / 1e-2);
  CHECK(reason(wild) == "no power between 1 and 10 fits");
}
