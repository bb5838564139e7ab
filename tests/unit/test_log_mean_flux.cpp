// The divergence against a cell-by-cell sum over faces, and the identities that the logarithmic mean is chosen for.
#include <catch2/catch.hpp>
#include <random>

#include "spinode/mobility/log_mean_flux.hpp"
#include "support.hpp"

using namespace spinode;

namespace {

struct Fields {
  Field<double> x, y, w;
};

Fields random_fields(const Grid& grid) {
  std::mt19937 generator(3);
  std::uniform_real_distribution<double> uniform(-6, 6);
  Fields f{Field<double>(grid), Field<double>(grid), Field<double>(grid)};
  for (std::size_t i = 0; i < grid.size(); ++i) {
    f.y[i] = i % 3 == 2 ? f.y[i - 1] + 1e-3 * uniform(generator) : uniform(generator);
    f.x[i] = 1 / (1 + std::exp(-f.y[i]));
    f.w[i] = uniform(generator);
  }
  return f;
}

/// x' at two values of y differ by their logarithmic mean times the difference; by integrating x' = x(1-x) over y.
double log_mean_by_quadrature(double ya, double yb) {
  double sum = 0;
  constexpr int n = 2000;
  for (int i = 0; i < n; ++i) {
    const double y = ya + (yb - ya) * (i + 0.5) / n, x = 1 / (1 + std::exp(-y));
    sum += x * (1 - x) / n;
  }
  return sum;
}

}  // namespace

TEST_CASE("the divergence is the sum over the faces of each cell", "[unit]") {
  const Boundary boundary = GENERATE(Boundary::periodic, Boundary::no_flux);
  const Boundary across = GENERATE(Boundary::periodic, Boundary::no_flux);  // the second axis
  const std::size_t dimension = GENERATE(1u, 2u, 3u);
  const int threads = GENERATE(1, 3);
  std::vector<Axis> axes;
  for (std::size_t a = 0; a < dimension; ++a)
    axes.push_back({1.0 + static_cast<double>(a), 5 + a, a == 1 ? across : boundary});
  const Grid grid(axes);
  const Fields f = random_fields(grid);
  const DarkenMobility mobility{2.0, 0.7};
  const double theta = 1.3;
  Field<double> out(grid);
  spinode::test::with_threads(threads,
                              [&] { LogMeanFlux<double>(grid, mobility, theta).divergence(f.x, f.y, f.w, out); });

  const std::array<std::size_t, 3> stride{1, grid.cells(0), grid.cells(0) * grid.cells(1)};
  double worst = 0;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    double sum = 0;
    for (int a = 0; a < grid.dimension(); ++a) {
      const std::size_t n = grid.cells(a), at = i / stride[a] % n;
      const bool wraps = grid.axis(a).boundary == Boundary::periodic;
      const auto flux_to = [&](std::size_t other) {
        const double mid = (f.x[i] + f.x[other]) / 2, d = (1 - mid) * mobility.solute + mid * mobility.host;
        return d *
               (theta * (f.x[other] - f.x[i]) + log_mean_by_quadrature(f.y[i], f.y[other]) * (f.w[other] - f.w[i])) /
               std::pow(grid.axis(a).spacing(), 2);
      };
      if (at + 1 < n || wraps) sum += flux_to(i + stride[a] * ((at + 1) % n) - stride[a] * at);
      if (at > 0 || wraps) sum += flux_to(i + stride[a] * ((at + n - 1) % n) - stride[a] * at);
    }
    worst = std::max(worst, std::abs(sum - out[i]) / (1 + std::abs(sum)));
  }
  CHECK(worst < 1e-5);  // of the quadrature
  CHECK(std::abs(out.array().mean()) < 1e-13);
}

TEST_CASE("where mu is uniform no flux is left, to round-off and across the switch to the series", "[unit]") {
  const Grid grid({{1, 400, Boundary::no_flux}});
  Field<double> x(grid), y(grid), w(grid), out(grid);
  for (std::size_t i = 0; i < grid.size(); ++i) {
    // Differences of y from 1e-9 to 10.
    y[i] = (i % 2 ? 1 : -1) * std::pow(10.0, -9 + static_cast<double>(i) / 40) / 2 - 1;
    x[i] = 1 / (1 + std::exp(-y[i]));
    w[i] = -y[i];
  }
  LogMeanFlux<double> flux(grid, {1, 1}, 1);
  flux.divergence(x, y, w, out);
  const double h2 = std::pow(grid.axis(0).spacing(), 2);
  double worst = 0;
  for (std::size_t i = 1; i + 1 < grid.size(); ++i)
    worst =
        std::max(worst, std::abs(out[i]) * h2 / std::max({std::abs(x[i] - x[i - 1]), std::abs(x[i + 1] - x[i]), 1e-6}));
  CHECK(worst < 1e-9);
}
