#include <algorithm>
#include <catch2/catch.hpp>
#include <numbers>
#include <random>

#include "analytic/boxes.hpp"
#include "spinode/measure/structure_factor.hpp"
#include "spinode/transform.hpp"
#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

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

TEST_CASE("the power of all wavevectors is the variance of any field, on every kind of box", "[unit]") {
  for (const Grid& grid : boxes({12, 10, 9})) {
    const Field<double> x = noise(grid);
    const StructureFactor S = structure_factor(grid, amplitudes(grid, x));
    CAPTURE(grid.dimension(), no_flux(grid, 0), no_flux(grid, 1), no_flux(grid, 2));
    CHECK(S.variance == Approx((x.array() - x.array().mean()).square().mean()).epsilon(1e-12));
    // Noise fills the corners of k-space too: shells hold a part.
    double in_shells = 0;
    for (std::size_t s = 0; s < S.S.size(); ++s) in_shells += S.modes[s] * S.S[s] / grid.measure();
    CHECK(in_shells <= S.variance * (1 + 1e-12));
    CHECK(in_shells > 0.2 * S.variance);
  }
}

TEST_CASE("cosines within the shells hold all of the variance there", "[unit]") {
  const Grid grid({{4, 24}, {6, 30, Boundary::no_flux}, {5, 20}});
  const StructureFactor S = of(grid, [](double x, double y, double z) {
    return 0.4 + 0.1 * std::cos(2 * std::numbers::pi * x / 4 * 3) +
           0.05 * std::cos(std::numbers::pi * y / 6 * 5) * std::cos(2 * std::numbers::pi * z / 5 * 2);
  });
  double in_shells = 0;
  for (std::size_t s = 0; s < S.S.size(); ++s) in_shells += S.modes[s] * S.S[s] / grid.measure();
  CHECK(in_shells == Approx(0.1 * 0.1 / 2 + 0.05 * 0.05 / 4).epsilon(1e-12));
  CHECK(S.variance == Approx(0.1 * 0.1 / 2 + 0.05 * 0.05 / 4).epsilon(1e-12));
}

TEST_CASE("waves within 22.5 degrees of an axis give its length", "[unit]") {
  const double L = 8, k = 2 * std::numbers::pi / L;
  const Grid grid({{L, 32}, {L, 32}, {L, 32}});
  const StructureFactor S = of(grid, [&](double x, double y, double z) {
    // Along x; 18.4 degrees off y; halfway between two axes; 24 degrees off z, which is too far.
    return 0.1 * std::cos(4 * k * x) + 0.1 * std::cos(k * (3 * y + z)) + 0.2 * std::cos(k * (3 * x + 3 * y)) +
           0.3 * std::cos(k * (9 * z + 4 * x));
  });
  CHECK(S.length_along(0) == Approx(L / 4).epsilon(1e-12));
  CHECK(S.length_along(1) == Approx(L / 3).epsilon(1e-12));  // the shell of sqrt(10)
  CHECK(*std::max_element(S.S_along[2].begin(), S.S_along[2].end()) < 1e-25);
  // Near an axis the mean is over the waves there alone: 0.05^2 each of a pair, among those of the shell near x.
  int near = 0;
  for (int a = -16; a < 16; ++a)
    for (int b = -16; b < 16; ++b)
      for (int c = -16; c < 16; ++c) {
        const double length = std::sqrt(a * a + b * b + c * c);
        near += static_cast<int>(length + 0.5) == 4 && std::abs(a) >= length * std::cos(std::numbers::pi / 8);
      }
  CHECK(S.S_along[0][3] == Approx(L * L * L * 2 * 0.05 * 0.05 / near).epsilon(1e-12));
}

TEST_CASE("in one dimension every wave is along the axis", "[unit]") {
  const StructureFactor S =
      of(Grid({{5, 30, Boundary::no_flux}}), [](double x, double, double) { return std::cos(4 * x) + std::sin(x); });
  CHECK(S.S_along[0] == S.S);
  CHECK(S.length_along(0) == S.length());
}

TEST_CASE("the peak is found between the shells", "[unit]") {
  // ln S a parabola in ln k: the fit is exact, wherever the peak lies.
  StructureFactor S;
  const double peak = GENERATE(5.3, 5.5, 6.0, 7.45), width = GENERATE(0.2, 0.4);
  for (int s = 1; s <= 20; ++s) {
    S.k.push_back(s);
    S.modes.push_back(6.28 * s);
    S.S.push_back(3 * std::exp(-std::pow(std::log(s / peak) / width, 2)));
  }
  CAPTURE(peak, width);
  CHECK(S.peak_length() == Approx(2 * std::numbers::pi / peak).epsilon(1e-10));
  // No peak: a dip, falling, rising, a single wave.
  for (std::size_t s = 0; s < S.k.size(); ++s) S.S[s] = s < 3 ? 0 : 1 / S.S[s];
  CHECK(std::isnan(S.peak_length()));
  for (std::size_t s = 0; s < S.k.size(); ++s) S.S[s] = 1 / S.k[s];
  CHECK(std::isnan(S.peak_length()));
  for (std::size_t s = 0; s < S.k.size(); ++s) S.S[s] = S.k[s];
  CHECK(std::isnan(S.peak_length()));
  for (std::size_t s = 0; s < S.k.size(); ++s) S.S[s] = s == 4 ? 1 : 0;
  CHECK(std::isnan(S.peak_length()));
}

TEST_CASE("a uniform field has no length", "[unit]") {
  CHECK(of(Grid({{1, 8}, {1, 8}}), [](double, double, double) { return 0.2; }).length() == 0);
}

TEST_CASE("the anisotropy of one wave is that of its direction", "[unit]") {
  // h = (a^4 + b^4 + c^4) / (a^2 + b^2 + c^2)^2 of the integers a, b, c, with isotropic means 3/5 and 3/4.
  struct Wave {
    int a, b, c;
    double anisotropy;
  };
  const Boundary boundary = GENERATE(Boundary::periodic, Boundary::no_flux);
  const double L = 6e-9;  // a box in metres: fourth powers of k must stay finite
  // On a no-flux axis the product of cosines is the wave with all its mirror images.
  const auto wave = [&](const Wave& w, double k) {
    return [=](double x, double y, double z) {
      return 0.3 + 0.01 * std::cos(w.a * k * x) * std::cos(w.b * k * y) * std::cos(w.c * k * z);
    };
  };
  SECTION("in 3D") {
    const Wave w = GENERATE(Wave{5, 0, 0, 1}, Wave{0, 3, 0, 1}, Wave{0, 0, 4, 1}, Wave{3, 3, 0, -0.25},
                            Wave{0, 2, 2, -0.25}, Wave{3, 3, 3, -2.0 / 3}, Wave{1, 2, 3, (98.0 / 196 - 0.6) / 0.4},
                            Wave{2, 0, 1, (17.0 / 25 - 0.6) / 0.4});
    const Grid grid({{L, 16, boundary}, {L, 20}, {L, 18, boundary}});
    CAPTURE(w.a, w.b, w.c);
    // The middle axis is periodic throughout: it takes whole wavelengths.
    CHECK(of(grid, wave(w, 2 * std::numbers::pi / L)).anisotropy == Approx(w.anisotropy).epsilon(1e-10).margin(1e-10));
  }
  SECTION("in 2D") {
    const Wave w = GENERATE(Wave{5, 0, 0, 1}, Wave{0, 6, 0, 1}, Wave{4, 4, 0, -1},
                            Wave{1, 2, 0, (17.0 / 25 - 0.75) * 4}, Wave{6, 2, 0, (82.0 / 100 - 0.75) * 4});
    const Grid grid({{L, 16, boundary}, {L, 20, boundary}});
    CAPTURE(w.a, w.b);
    const double k = (boundary == Boundary::periodic ? 2 : 1) * std::numbers::pi / L;
    CHECK(of(grid, wave(w, k)).anisotropy == Approx(w.anisotropy).epsilon(1e-10).margin(1e-10));
  }
  SECTION("in 1D it is 0") {
    CHECK(of(Grid({{L, 16, boundary}}), wave({3, 0, 0, 0}, 2 * std::numbers::pi / L)).anisotropy == 0);
  }
}

TEST_CASE("the anisotropy weighs waves by their power, on any box", "[unit]") {
  // Amplitudes 0.03 along x and 0.01 along <11> of a box of 3 by 6: powers 9 and 1, and the mean of x counts nothing.
  const Boundary boundary = GENERATE(Boundary::periodic, Boundary::no_flux);
  const Grid grid({{3, 24, boundary}, {6, 48}});
  const double k = 2 * std::numbers::pi / 3;
  const StructureFactor S = of(grid, [&](double x, double y, double) {
    return 0.3 + 0.03 * std::cos(2 * k * x) + 0.02 * std::cos(k * x) * std::cos(k * y);
  });
  // The product of cosines is two plane waves of amplitude 0.01: power 2.
  CHECK(S.anisotropy == Approx((9 * 1.0 + 2 * -1.0) / 11).epsilon(1e-12));
  CHECK(of(grid, [](double, double, double) { return 0.2; }).anisotropy == 0);
}

TEST_CASE("white noise has no preferred direction", "[unit]") {
  const Boundary boundary = GENERATE(Boundary::periodic, Boundary::no_flux);
  const int dimension = GENERATE(2, 3);
  const Grid grid =
      dimension == 2 ? Grid({{4, 128, boundary}, {6, 192}}) : Grid({{4, 32, boundary}, {6, 48}, {4, 32, boundary}});
  std::mt19937 random(3);
  std::normal_distribution<double> normal(0.3, 0.01);
  const double anisotropy = of(grid, [&](double, double, double) { return normal(random); }).anisotropy;
  // Of N waves: standard deviation 1/sqrt(2 N) in 2D, 0.33/sqrt(N) in 3D, both below 0.01 here.
  CAPTURE(boundary == Boundary::periodic, dimension, anisotropy);
  CHECK(std::abs(anisotropy) < 0.03);
}

TEST_CASE("every wavevector is in the shell and near the axis where it belongs, on every kind of box", "[unit]") {
  for (const Grid& grid : boxes({12, 10, 9})) {
    const Spectrum<double> x_hat = amplitudes(grid, noise(grid));
    const StructureFactor S = structure_factor(grid, x_hat);
    std::vector<double> modes(S.k.size() + 1), power(modes);
    std::array<std::vector<double>, 3> modes_along{modes, modes, modes}, power_along(modes_along);
    for (std::size_t i = 1; i < grid.mode_count(); ++i) {
      const std::array<std::size_t, 3> mode = grid.mode(i);
      Eigen::Vector3d k = Eigen::Vector3d::Zero();
      double multiplicity = 1, squared = 0;
      for (int a = 0; a < grid.dimension(); ++a) {
        k[a] = grid.wavenumber(a, mode[a]);
        multiplicity *= grid.multiplicity(a, mode[a]);
      }
      for (int lane = 0; lane < grid.lanes(); ++lane) squared += std::pow(x_hat[grid.lanes() * i + lane], 2);
      const auto shell = static_cast<std::size_t>(std::lround(k.norm() / S.k[0]));
      if (shell >= modes.size()) continue;
      modes[shell] += multiplicity;
      power[shell] += multiplicity * squared;
      for (int a = 0; a < grid.dimension(); ++a)
        if (std::abs(k[a]) / k.norm() > std::cos(std::numbers::pi / 8)) {
          modes_along[a][shell] += multiplicity;
          power_along[a][shell] += multiplicity * squared;
        }
    }
    CAPTURE(grid.dimension(), no_flux(grid, 0), no_flux(grid, 1), no_flux(grid, 2));
    for (std::size_t s = 1; s < modes.size(); ++s) {
      const auto mean = [&](double of, double count) { return count > 0 ? grid.measure() * of / count : 0; };
      CHECK(S.modes[s - 1] == modes[s]);
      CHECK(S.S[s - 1] == Approx(mean(power[s], modes[s])).epsilon(1e-12));
      for (int a = 0; a < grid.dimension(); ++a)
        CHECK(S.S_along[a][s - 1] == Approx(mean(power_along[a][s], modes_along[a][s])).epsilon(1e-12));
    }
  }
}

TEST_CASE("the structure factor does not depend on the number of threads", "[unit]") {
  const Grid grid({{1, 96}, {1, 64}, {1, 64, Boundary::no_flux}});
  const Spectrum<double> x_hat = amplitudes(grid, noise(grid));
  std::vector<StructureFactor> found;
  for (const int threads : {1, 2, 3}) with_threads(threads, [&] { found.push_back(structure_factor(grid, x_hat)); });
  for (const StructureFactor& one : found) {
    CHECK(one.S == found[0].S);
    CHECK(one.S_along == found[0].S_along);
    CHECK(one.variance == found[0].variance);
    CHECK(one.anisotropy == found[0].anisotropy);
  }
}
