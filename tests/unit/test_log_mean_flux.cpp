// The divergence against a cell-by-cell sum over faces, and the identities that the logarithmic mean is chosen for.
#include <catch2/catch.hpp>
#include <random>

#include "spinode/mobility/log_mean_flux.hpp"
#include "spinode/transform.hpp"
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

TEST_CASE("the divergence along a sweep of transforms is that of whole fields", "[unit]") {
  // One layer, fewer layers than threads, and many; in 2D layers are of several rows.
  const auto cells = GENERATE(
      values<std::vector<std::size_t>>({{9}, {6, 5}, {6, 8}, {6, 203}, {4, 3, 2}, {5, 6, 9}, {6, 1, 8}, {4, 5, 31}}));
  const unsigned walls = GENERATE(0u, 1u, 2u, 4u, 6u);  // bits: axes
  const int threads = GENERATE(1, 2, 3, 8);
  std::vector<Axis> axes;
  for (std::size_t a = 0; a < cells.size(); ++a)
    axes.push_back({1.0 + static_cast<double>(a), cells[a], walls >> a & 1 ? Boundary::no_flux : Boundary::periodic});
  CAPTURE(cells, walls, threads);
  const Grid grid(axes);
  const std::size_t n = grid.cells(0);
  Fields f = random_fields(grid);
  const auto log_odds = [](double x) { return std::log(x / (1 - x)); };
  for (std::size_t i = 0; i < grid.size(); ++i) f.y[i] = log_odds(f.x[i]);
  Field<double> whole(grid), found(grid);
  double total = 0;
  std::size_t places = 0;
  spinode::test::with_threads(threads, [&] {
    LogMeanFlux<double> flux(grid, {2.0, 0.7}, 1.3);
    flux.divergence(f.x, f.y, f.w, whole);
    Transform<double> transform(grid, Planning::estimate);
    Spectrum<double> half(grid), other(grid);
    const auto put = [&](const Field<double>& field, Spectrum<double>& there) {
      transform.cells_to_half<NoSum>(
          there, [&](std::size_t row, double* to, NoSum&) { std::copy_n(field.data() + row * n, n, to); });
      transform.through_modes<NoSum>(there, [&](const ModeRun& run, double* values, NoSum&) {
        for (std::size_t i = 0; i < run.count * grid.lanes(); ++i) values[i] *= transform.scale();
      });
    };
    put(f.x, half);
    put(f.w, other);
    const RowPlaces& place = transform.places();
    Array<double> x(place.count() * n), y(place.count() * n), w(place.count() * n);
    flux.begin();
    total = transform.through_cells<double>(
        half, other, [&](std::size_t row, const double* values) { std::copy_n(values, n, x.data() + place(row) * n); },
        [&](std::size_t row, const double* values, double& sum) {
          for (std::size_t i = 0, at = place(row) * n; i < n; ++i, ++at) {
            y[at] = log_odds(x[at]);
            sum += w[at] = values[i];
          }
        },
        [&](std::size_t row, double* to) {
          flux.divergence_row({x.data(), y.data(), w.data(), &place}, row, to);
        });
    transform.through_modes<NoSum>(half, [&](const ModeRun& run, double* values, NoSum&) {
      for (std::size_t i = 0; i < run.count * grid.lanes(); ++i) values[i] *= transform.scale();
    });
    transform.half_to_cells<NoSum>(
        half, [&](std::size_t row, const double* values, NoSum&) { std::copy_n(values, n, found.data() + row * n); });
    places = place.count();
  });
  CHECK(total == Approx(f.w.array().sum()).epsilon(1e-12));
  CHECK((found.array() - whole.array()).abs().maxCoeff() < 1e-11 * whole.array().abs().maxCoeff());
  CHECK(places <= grid.rows());
  if (cells.size() == 3 && cells[2] == 31 && threads == 2 && grid.half_axis() == 0) CHECK(places == 8 * 5);
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
