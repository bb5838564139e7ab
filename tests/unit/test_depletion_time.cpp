// How fast a solute piles up at a face that recedes: against its Laplace transform, its limits, and Sand's law.
#include <catch2/catch.hpp>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>

#include "spinode/electrode/depletion_time.hpp"

using namespace spinode;

namespace {

constexpr double pi = std::numbers::pi;

/// f(T) of its Laplace transform along a contour about the negative axis (Talbot 1979, as Abate & Valko 2004 fix it).
template <class Transform>
double inverse_laplace(const Transform& transform, double T) {
  using Complex = std::complex<long double>;
  constexpr int points = 32;
  const long double r = 2.0L * points / (5.0L * T);
  long double sum = std::exp(r * static_cast<long double>(T)) / 2 * transform(Complex(r)).real();
  for (int i = 1; i < points; ++i) {
    const long double angle = i * std::numbers::pi_v<long double> / points, cotangent = 1 / std::tan(angle);
    const Complex s = r * angle * Complex(cotangent, 1);
    const Complex slope(1, angle + (angle * cotangent - 1) * cotangent);
    sum += (std::exp(s * static_cast<long double>(T)) * transform(s) * slope).real();
  }
  return static_cast<double>(sum * r / points);
}

}  // namespace

TEST_CASE("the pile-up has the Laplace transform of a half-space that recedes from its solute", "[unit]") {
  // On z > 0 with D = v = 1: x_t = x_zz + x_z and, at the face, x_z + x = 0. For x - x_0 ~ exp(-a z), a = (1 + sqrt(1 +
  // 4s))/2, the face gives (a - 1) x_hat = 1/s: x_s/x_0 has the transform (1/s)(1 + 2/(sqrt(1 + 4s) - 1)).
  const auto transform = [](std::complex<long double> s) {
    return (1.0L + 2.0L / (std::sqrt(1.0L + 4.0L * s) - 1.0L)) / s;
  };
  for (const double T : {1e-4, 1e-3, 0.01, 0.1, 0.44, 1.0, 1.53, 3.0, 8.0, 14.7, 50.0}) {
    CAPTURE(T);
    CHECK(pile_up(T) == Approx(inverse_laplace(transform, T)).epsilon(1e-10));
  }
}

TEST_CASE("the pile-up starts as that of a resting face and ends as that of a steady state", "[unit]") {
  CHECK(pile_up(0) == 1);
  for (const double T : {1e-12, 1e-8, 1e-6, 1e-4}) {
    CAPTURE(T);
    // What is left is T^(3/2)/(6 sqrt(pi)) and smaller.
    CHECK(std::abs(pile_up(T) - (1 + 2 * std::sqrt(T / pi) + T / 2)) < 0.1 * std::pow(T, 1.5) + 1e-15);
  }
  // In a steady state the solute ahead of the face is one diffusion length D/v times what it has more there: 2 + T.
  for (const double T : {150.0, 1e3, 1e6}) CHECK(pile_up(T) == Approx(2 + T).epsilon(1e-15));
  double before = 1;
  for (double T = 1e-6; T < 1e3; T *= 1.1) {
    CHECK(pile_up(T) > before);
    before = pile_up(T);
  }
}

TEST_CASE("a solution is depleted after 14.7, 8.0, 1.53 and 0.44 D/v2 at x = 0.06, 0.1, 0.3 and 0.5", "[unit]") {
  CHECK(std::abs(time_to_pile_up(0.06, 1, 1, 1) - 14.7) < 0.05);
  CHECK(std::abs(time_to_pile_up(0.1, 1, 1, 1) - 8.0) < 0.05);
  CHECK(std::abs(time_to_pile_up(0.3, 1, 1, 1) - 1.53) < 0.005);
  CHECK(std::abs(time_to_pile_up(0.5, 1, 1, 1) - 0.44) < 0.005);
  // In seconds and metres: 1 mA/cm2 of lithium that diffuses with 1e-14 m2/s.
  CHECK(time_to_pile_up(0.3, 1, 1.248e-9, 1e-14) ==
        Approx(time_to_pile_up(0.3, 1, 1, 1) * 1e-14 / (1.248e-9 * 1.248e-9)).epsilon(1e-14));
  CHECK(time_to_pile_up(0.3, 1, -2, 1) == time_to_pile_up(0.3, 1, 2, 1));
}

TEST_CASE("a solution of little host is depleted by Sand's law", "[unit]") {
  const double v = 0.7, D = 3;
  for (const double host : {1e-2, 1e-4, 1e-6}) {
    const double x_0 = 1 - host, sand = pi * D * std::pow(host / (2 * x_0 * v), 2);
    CAPTURE(host);
    // 1/x_0 - 1 = 2 sqrt(T/pi) + T/2: the next term makes T smaller by the share sqrt(pi T)/2 = (pi/4) host.
    const double found = time_to_pile_up(x_0, 1, v, D);
    CHECK(found == Approx(sand).epsilon(host));
    CHECK((1 - found / sand) / host == Approx(pi / 4).epsilon(0.01 + 3e-10 / host));
  }
}

TEST_CASE("the time of a pile-up has that pile-up, to round-off", "[unit]") {
  constexpr double round_off = 4 * std::numeric_limits<double>::epsilon();
  for (const double ratio : {1 + 1e-12, 1 + 1e-6, 1.001, 1.1, 1.5, 2.0, 3.3, 17.0, 1e3, 1e6}) {
    CAPTURE(ratio);
    CHECK(pile_up(time_to_pile_up(0.9 / ratio, 0.9, 1, 1)) == Approx(ratio).epsilon(round_off));
  }
  for (const double T : {1e-6, 1e-2, 0.3, 4.0, 90.0}) {
    CAPTURE(T);
    CHECK(time_to_pile_up(1, pile_up(T), 1, 1) == Approx(T).epsilon(1e-12));
  }
}

TEST_CASE("what is piled up already takes no time", "[unit]") {
  CHECK(time_to_pile_up(0.5, 0.5, 1, 1) == 0);
  CHECK(time_to_pile_up(0.5, 0.2, 1, 1) == 0);
}
