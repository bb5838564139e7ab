#include <catch2/catch.hpp>
#include <numbers>

#include "spinode/measure/structure_factor.hpp"
#include "spinode/transform.hpp"
#include "support.hpp"

using namespace spinode;

namespace {

StructureFactor of(const Grid& grid, const std::function<double(double, double, double)>& x) {
  Transform<double> transform(grid, Planning::estimate);
  Field<double> field(grid);
  Spectrum<double> spectrum(grid);
  for (std::size_t i = 0; i < field.size(); ++i) {
    const auto at = [&](int a, std::size_t index) {
      return (static_cast<double>(index) + 0.5) * grid.axis(a).spacing();
    };
    field[i] = x(at(0, i % grid.cells(0)), at(1, i / grid.cells(0) % grid.cells(1)),
                 at(2, i / (grid.cells(0) * grid.cells(1))));
  }
  transform.forward(field, spectrum);
  for (std::size_t i = 0; i < spectrum.size(); ++i) spectrum[i] *= transform.scale();
  return structure_factor(grid, spectrum);
}

}  // namespace

TEST_CASE("a cosine shows in its own shell, with its power", "[unit]") {
  const double L = 6;
  const Grid grid({{L, 24}, {L, 24}, {L, 24, Boundary::periodic}});
  const double k = 2 * std::numbers::pi / L * 3;
  const StructureFactor S = of(grid, [&](double x, double, double) { return 0.3 + 0.1 * std::cos(k * x); });
  CHECK(S.length() == Approx(2 * std::numbers::pi / k).epsilon(1e-12));
  CHECK(S.k[2] == Approx(k));
  double rest = 0;
  for (std::size_t s = 0; s < S.S.size(); ++s) rest += s == 2 ? 0 : S.S[s];
  CHECK(rest < 1e-25);
  // Two wavevectors of amplitude 0.05 among those of the shell.
  int shell = 0;
  for (int a = -12; a < 12; ++a)
    for (int b = -12; b < 12; ++b)
      for (int c = -12; c < 12; ++c) shell += static_cast<int>(std::sqrt(a * a + b * b + c * c) + 0.5) == 3;
  CHECK(S.S[2] == Approx(L * L * L * 2 * 0.05 * 0.05 / shell).epsilon(1e-12));
}

TEST_CASE("the variance of a field is the sum of S over all modes", "[unit]") {
  const double L = 4;
  const Grid grid({{L, 16, Boundary::no_flux}});
  // In 1D every shell of a no-flux axis holds one cosine: multiplicity 2.
  const StructureFactor S = of(grid, [&](double x, double, double) {
    return 0.5 + 0.1 * std::cos(std::numbers::pi * x / L) + 0.05 * std::cos(7 * std::numbers::pi * x / L);
  });
  double variance = 0;
  for (double value : S.S) variance += 2 * value / L;
  CHECK(variance == Approx(0.1 * 0.1 / 2 + 0.05 * 0.05 / 2).epsilon(1e-12));
}

TEST_CASE("a uniform field has no length", "[unit]") {
  CHECK(of(Grid({{1, 8}, {1, 8}}), [](double, double, double) { return 0.2; }).length() == 0);
}
