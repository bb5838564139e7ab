// Kernels as they are compiled for this processor: logarithms in vectors, updates of modes, against their formulas in
// long double.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "../../src/cell_kernels.hpp"
#include "../../src/mode_kernels.hpp"

using namespace spinode;

namespace {

/// Compositions between `least` and 1/2, evenly in their logarithm, and as far from 1; not a whole number of vectors.
template <class Real>
std::vector<Real> compositions(Real least) {
  constexpr int count = 1501;
  std::vector<Real> x;
  for (int i = 0; i < count; ++i) {
    const double far = std::pow(static_cast<double>(least), 1 - i / (count - 1.0)) / 2;
    x.push_back(static_cast<Real>(far));
    x.push_back(static_cast<Real>(1 - far));
  }
  x.push_back(Real(0.25));
  return x;
}

/// Level of random numbers along a run, and what a step makes of them.
template <class Real>
struct Run {
  std::vector<Real> x0, x1, g0, g1, b0, b1, difference, accepted_b;

  explicit Run(std::size_t reals) {
    std::mt19937 generator(3);
    std::uniform_real_distribution<double> uniform(-1, 1);
    for (std::vector<Real>* part : {&x0, &x1, &g0, &g1, &b0, &b1, &difference, &accepted_b})
      for (std::size_t i = 0; i < reals; ++i) part->push_back(static_cast<Real>(uniform(generator)));
  }

  StepRun<Real> view(bool second, bool moving) {
    const auto of = [&](bool there, std::vector<Real>& part) { return there ? part.data() : nullptr; };
    return {{x0.data(), g0.data(), of(moving, b0)},
            {of(second, x1), of(second, g1), of(second && moving, b1)},
            difference.data(),
            of(moving, accepted_b)};
  }

  bool operator==(const Run&) const = default;
};

template <class Real>
struct Operators {
  std::vector<Real> k2, stencil, elastic, multiplicity;

  explicit Operators(std::size_t reals) {
    for (std::size_t i = 0; i < reals; ++i) {
      const Real k = Real(0.01) * static_cast<Real>(i / 2);
      k2.push_back(k * k);
      stencil.push_back(Real(0.9) * k * k);
      elastic.push_back(Real(0.3) + Real(0.001) * static_cast<Real>(i / 2));
      multiplicity.push_back(i < 2 ? Real(1) : Real(2));
    }
  }

  Symbols<Real> symbols() const {
    return {k2.size(), k2.data(), stencil.data(), elastic.data(), multiplicity.data(), Real(0.7),
            Real(0.6), Real(2),   Real(1.5),      Real(0.4),      Real(-0.8),          Real(-1.1)};
  }
};

/// x+ of mode_kernels.hpp at one real.
template <class Real>
long double updated(const Symbols<Real>& s, const UpdateFactors<Real>& f, std::size_t i, long double x0, long double g0,
                    long double b0, long double x1, long double g1, long double b1) {
  const long double k2 = static_cast<long double>(s.k2_along[i]) + s.k2_across, K = s.kappa * k2 + s.elastic[i],
                    L = (static_cast<long double>(s.stencil_along[i]) + s.stencil_across) *
                        (f.diffusion + f.mobility * K),
                    rate = s.rate + s.rate_k2 * k2, whole = s.linear_k2 * k2 * K + L;
  return (f.h0 * x0 + f.h1 * x1 + f.e0 * (rate * g0 + whole * x0) + f.e1 * (rate * g1 + whole * x1) + f.v0 * b0 +
          f.v1 * b1) /
         (f.alpha + f.dt * L);
}

}  // namespace

TEMPLATE_TEST_CASE("log-odds in vectors are within a unit in the last place of their logarithms", "[analytic]", float, double) {
  using std::numeric_limits;
  const TestType ulp = numeric_limits<TestType>::epsilon(), least = std::is_same_v<TestType, float> ? 1e-7F : 1e-12;
  const std::vector<TestType> x = compositions(least);
  std::vector<TestType> y(x.size()), slope(x);
  const double together = log_odds(x.data(), x.size(), TestType(1e-30), 1 - ulp / 2, y.data());
  const LocalEnergy<TestType> ideal(FreeEnergy(1, Polynomial{}), 1e-30);
  CellSums sums;
  local_slope(ideal, slope.data(), slope.size(), sums);
  double worst_y = 0, worst_slope = 0, worst_energy = 0;
  long double whole = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const TestType host = 1 - x[i];
    const long double log_x = std::log(static_cast<long double>(x[i])),
                      log_host = std::log(static_cast<long double>(host)), odds = log_x - log_host,
                      mixing = x[i] * log_x + host * log_host, unit = ulp * (std::abs(log_x) + std::abs(log_host));
    worst_y = std::max(worst_y, static_cast<double>(std::abs(y[i] - odds) / unit));
    worst_slope = std::max(worst_slope, static_cast<double>(std::abs(slope[i] - odds) / unit));
    TestType alone;
    const double energy = log_odds(&x[i], 1, TestType(1e-30), 1 - ulp / 2, &alone);
    worst_energy = std::max(worst_energy, static_cast<double>(std::abs(energy - mixing) / (ulp * std::abs(mixing))));
    whole += mixing;
  }
  CHECK(worst_y < 1);
  CHECK(worst_slope < 1);
  CHECK(worst_energy < 2);
  CHECK(sums.energy == Approx(static_cast<double>(whole)).epsilon(4 * ulp));
  CHECK(together == Approx(static_cast<double>(whole)).epsilon(4 * ulp));
}

TEMPLATE_TEST_CASE("modes are updated by the formula, in one go as in two", "[analytic]", float, double) {
  using Real = TestType;
  const UpdateFactors<Real> accepted{Real(1.4),  Real(0.2),  Real(1.9),   Real(-0.5), Real(0.3),
                                     Real(-0.1), Real(0.05), Real(-0.02), Real(1.2),  Real(0.9)};
  const UpdateFactors<Real> factors{Real(1.5),   Real(0.3),  Real(2),     Real(-0.6), Real(0.35),
                                    Real(-0.12), Real(0.07), Real(-0.03), Real(1.1),  Real(0.8)};
  const std::array<Real, 3> prediction{Real(2.1), Real(-1.2), Real(0.1)};
  const double round_off = 40 * std::numeric_limits<Real>::epsilon();
  for (const std::size_t reals : {2u, 14u, 66u, 1030u})
    for (const bool second : {false, true})
      for (const bool moving : {false, true}) {
        CAPTURE(reals, second, moving);
        const Operators<Real> operators(reals);
        const Symbols<Real> symbols = operators.symbols();
        const Run<Real> given(reals);
        Run<Real> two(given), one(given);
        std::vector<Real> g;
        for (std::size_t i = 0; i < reals; ++i) g.push_back(Real(0.5) - static_cast<Real>(i % 7));
        std::vector<Real> values(g), next(reals);
        ModeSums sums, same, norms;
        take_in(symbols, accepted, two.view(second, moving), g.data());
        propose(symbols, factors, prediction, two.view(second, moving), next.data(), sums);
        take_in_and_propose(symbols, accepted, factors, prediction, one.view(second, moving), values.data(), same);
        CHECK(one == two);
        CHECK(values == next);
        CHECK(sums.error2 == same.error2);
        add_norms(symbols, next.data(), norms);
        CHECK(sums.variance == Approx(norms.variance).epsilon(1e-12));
        CHECK(sums.elastic == Approx(norms.elastic).epsilon(1e-12));

        double worst = 0;
        long double error2 = 0, gradient = 0;
        for (std::size_t i = 0; i < reals; ++i) {
          const auto there = [](bool is, Real value) { return is ? static_cast<long double>(value) : 0; };
          const long double x0 = given.x0[i], g0 = given.g0[i], b0 = there(moving, given.b0[i]),
                            x1 = there(second, given.x1[i]), g1 = there(second, given.g1[i]),
                            b1 = there(second && moving, given.b1[i]), b = there(moving, given.accepted_b[i]);
          const long double fresh = second ? updated(symbols, accepted, i, x1, g1, b1, x0, g0, b0)
                                           : updated(symbols, accepted, i, x0, g0, b0, 0, 0, 0),
                            candidate = updated(symbols, factors, i, fresh, g[i], b, x1, g1, b1),
                            difference = (second ? x1 : fresh) - x0;
          worst = std::max({worst, static_cast<double>(std::abs(two.x0[i] - fresh)),
                            static_cast<double>(std::abs(two.difference[i] - difference)),
                            static_cast<double>(std::abs(next[i] - candidate) / 10)});
          CHECK(two.g0[i] == g[i]);
          const long double error = candidate - prediction[0] * fresh - prediction[1] * x1 + prediction[2] * difference,
                            counted = symbols.multiplicity_along[i] * symbols.multiplicity_across;
          error2 += counted * error * error;
          gradient += counted * symbols.kappa / 2 * (symbols.k2_along[i] + symbols.k2_across) * candidate * candidate;
        }
        CHECK(worst < round_off);
        CHECK(sums.error2 == Approx(static_cast<double>(error2)).epsilon(10 * round_off));
        CHECK(sums.gradient == Approx(static_cast<double>(gradient)).epsilon(10 * round_off));
      }
}
