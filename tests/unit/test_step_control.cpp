#include <catch2/catch.hpp>
#include <cmath>

#include "spinode/multistep.hpp"
#include "spinode/stepper/step_control.hpp"

using namespace spinode;

TEST_CASE("the next step follows the error with the order of the scheme", "[unit]") {
  const double tolerance = 1e-4;
  for (const int order : {1, 2}) {
    const double aim = tolerance * std::pow(0.9, order + 1), halving = std::pow(2, order + 1);
    CHECK(next_step(3, aim, 0, tolerance, order, 1.8) == Approx(3));
    CHECK(next_step(3, halving * aim, 0, tolerance, order, 1.8) == Approx(1.5));
    CHECK(next_step(3, aim / halving, 0, tolerance, order, 4) == Approx(6));
    // An error that stays gives 0.6 of the change, one that rises less.
    CHECK(next_step(3, aim / halving, aim / halving, tolerance, order, 4) == Approx(3 * std::pow(2, 0.6)));
    CHECK(next_step(3, aim, aim / halving, tolerance, order, 4) == Approx(3 * std::pow(2, -0.4)));
    CHECK(next_step(3, 1, 0, tolerance, order, 1.8) == Approx(0.9));
    CHECK(next_step(3, 1e-12, 0, tolerance, order, 1.1) == Approx(3.3));
    CHECK(next_step(3, 0, 0, tolerance, order, 1.1) == Approx(3.3));
  }
}

TEST_CASE("the formulas are exact for polynomials of their order", "[unit]") {
  // x(t) with the new time at 0: levels at -dt, -dt-before, -dt-before-earlier; rate x'.
  const double dt = 0.7, before = 0.5, earlier = 0.9;
  const double t0 = -dt, t1 = t0 - before, t2 = t1 - earlier;
  for (const int power : {0, 1, 2}) {
    const auto x = [&](double t) { return std::pow(t, power); };
    const auto rate = [&](double t) { return power == 0 ? 0.0 : power * std::pow(t, power - 1); };
    const Multistep f = Multistep::of(2, 3, dt, before, earlier);
    const double implicit = f.history[0] * x(t0) + f.history[1] * x(t1) + dt * rate(0),
                 extrapolated = f.history[0] * x(t0) + f.history[1] * x(t1) +
                                dt * (f.extrapolation[0] * rate(t0) + f.extrapolation[1] * rate(t1));
    CHECK(f.alpha * x(0) == Approx(implicit).margin(1e-14));
    CHECK(f.alpha * x(0) == Approx(extrapolated).margin(1e-14));
    CHECK(f.prediction[0] * x(t0) + f.prediction[1] * x(t1) + f.prediction[2] * x(t2) == Approx(x(0)).margin(1e-14));
  }
  // Of a cubic the difference to the prediction holds the error of BDF2 in the stated share.
  const Multistep f = Multistep::of(2, 3, dt, before, earlier);
  const auto cubic = [](double t) { return t * t * t; };
  const double solution = (f.history[0] * cubic(t0) + f.history[1] * cubic(t1)) / f.alpha,
               prediction = f.prediction[0] * cubic(t0) + f.prediction[1] * cubic(t1) + f.prediction[2] * cubic(t2);
  CHECK(f.error_share * std::abs(solution - prediction) == Approx(std::abs(solution)).epsilon(1e-12));
}
