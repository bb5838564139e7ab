#include <catch2/catch.hpp>
#include <complex>
#include <numbers>
#include <random>

#include "spinode/transform.hpp"

using namespace spinode;

namespace {

/// Boxes with every mixture of boundaries, even and odd sizes, of one piece and of several.
std::vector<Grid> grids() {
  std::vector<Grid> all;
  for (const std::vector<std::size_t>& cells :
       std::vector<std::vector<std::size_t>>{{6}, {6, 5}, {6, 5, 8}, {39, 10}, {40, 9}, {4, 11, 3}}) {
    const std::size_t dimension = cells.size();
    for (unsigned mask = 0; mask < 1u << dimension; ++mask) {
      std::vector<Axis> axes;
      for (std::size_t a = 0; a < dimension; ++a)
        axes.push_back(
            {1.5 + static_cast<double>(a), cells[a], mask >> a & 1 ? Boundary::no_flux : Boundary::periodic});
      all.emplace_back(axes);
    }
  }
  return all;
}

template <class Real>
Field<Real> random_field(const Grid& grid) {
  std::mt19937 generator(5);
  std::uniform_real_distribution<double> uniform(-1, 1);
  Field<Real> x(grid);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<Real>(uniform(generator));
  return x;
}

/// Amplitude of one mode by its definition: the mean of x times exp(-ikr) or cos(kr) along each axis.
std::complex<double> amplitude(const Grid& grid, const Field<double>& x, const std::array<std::size_t, 3>& mode) {
  std::complex<double> sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::array<std::size_t, 3> cell{i % grid.cells(0), i / grid.cells(0) % grid.cells(1),
                                          i / (grid.cells(0) * grid.cells(1))};
    std::complex<double> basis = 1;
    for (int a = 0; a < grid.dimension(); ++a) {
      const double k = grid.wavenumber(a, mode[a]), h = grid.axis(a).spacing();
      if (grid.axis(a).boundary == Boundary::periodic)
        basis *= std::polar(1.0, -k * h * static_cast<double>(cell[a]));
      else
        basis *= std::cos(k * h * (static_cast<double>(cell[a]) + 0.5));
    }
    sum += x[i] * basis;
  }
  return sum / static_cast<double>(x.size());
}

}  // namespace

TEST_CASE("amplitudes are what their definition says, on every mixture of boundaries", "[unit]") {
  for (const Grid& grid : grids()) {
    Transform<double> transform(grid, Planning::estimate);
    const Field<double> x = random_field<double>(grid);
    Field<double> work = random_field<double>(grid);
    Spectrum<double> x_hat(grid);
    transform.forward(work, x_hat);
    double worst = 0;
    for (std::size_t m = 0; m < grid.mode_count(); ++m) {
      const std::complex<double> wanted = amplitude(grid, x, grid.mode(m));
      const std::complex<double> found =
          grid.lanes() == 2 ? std::complex<double>(x_hat[2 * m], x_hat[2 * m + 1]) : std::complex<double>(x_hat[m], 0);
      worst = std::max(worst, std::abs(found * transform.scale() - wanted));
    }
    CHECK(worst < 1e-15 * 10);
  }
}

TEMPLATE_TEST_CASE("forward and inverse give the field back, and Parseval holds", "[unit]", float, double) {
  const double round_off = std::is_same_v<TestType, float> ? 1e-6 : 1e-14;
  std::vector<Grid> boxes = grids();
  boxes.emplace_back(std::vector<Axis>{{1, 64}, {2, 2100}});  // too large to be transformed in place
  for (const Grid& grid : boxes) {
    Transform<TestType> transform(grid, Planning::estimate);
    const Field<TestType> x = random_field<TestType>(grid);
    Field<TestType> work = random_field<TestType>(grid);
    Spectrum<TestType> x_hat(grid);
    transform.forward(work, x_hat);
    double power = 0;
    const std::size_t lanes = grid.lanes();
    for (std::size_t i = 0; i < x_hat.size(); ++i) {
      x_hat[i] *= transform.scale();
      const std::array<std::size_t, 3> mode = grid.mode(i / lanes);
      power += grid.multiplicity(0, mode[0]) * grid.multiplicity(1, mode[1]) * grid.multiplicity(2, mode[2]) *
               x_hat[i] * x_hat[i];
    }
    CHECK(power == Approx(x.array().template cast<double>().square().mean()).epsilon(round_off));
    Spectrum<TestType> half(grid);
    transform.template modes_to_half<NoSum>(half, [&](const ModeRun& run, TestType* values, NoSum&) {
      std::copy_n(x_hat.data() + (run.row * grid.modes(0) + run.first) * lanes, run.count * lanes, values);
    });
    transform.inverse(x_hat, work);
    CHECK((work.array() - x.array()).abs().maxCoeff() < round_off);
    CHECK((transform.half_to_field(half).array() == work.array()).all());
  }
}

TEST_CASE("an inverse with sines is the sum that says so, for every choice of odd axes", "[unit]") {
  for (const Grid& grid : grids())
    for (const Planning planning : {Planning::estimate, Planning::measure})
      for (unsigned mask = 0; mask < 8; ++mask) {
        const Odd odd{(mask & 1) != 0, (mask & 2) != 0, (mask & 4) != 0};
        CAPTURE(grid.dimension(), mask);
        Transform<double> transform(grid, planning);
        Field<double> field = random_field<double>(grid);
        Spectrum<double> x_hat(grid);
        transform.forward(field, x_hat);
        x_hat.array() *= transform.scale();
        std::vector<double> wanted(grid.size());
        for (std::size_t i = 0; i < grid.size(); ++i)
          for (std::size_t m = 0; m < grid.mode_count(); ++m) {
            const std::array<std::size_t, 3> cell{i % grid.cells(0), i / grid.cells(0) % grid.cells(1),
                                                  i / (grid.cells(0) * grid.cells(1))},
                mode = grid.mode(m);
            std::complex<double> term =
                grid.lanes() == 2 ? std::complex<double>(x_hat[2 * m], x_hat[2 * m + 1]) : x_hat[m];
            for (int a = 0; a < grid.dimension(); ++a) {
              const double k = grid.wavenumber(a, mode[a]), h = grid.axis(a).spacing();
              const double r = static_cast<double>(cell[a]);
              if (grid.axis(a).boundary == Boundary::periodic)
                term *= std::polar(1.0, k * h * r);
              else
                term *= odd[a] ? std::sin(k * h * (r + 0.5)) : std::cos(k * h * (r + 0.5));
              term *= grid.multiplicity(a, mode[a]);
            }
            wanted[i] += term.real();
          }
        // Twice: with the plan that the first call made.
        for (int call = 0; call < 2; ++call) {
          Spectrum<double> work(grid);
          std::copy_n(x_hat.data(), x_hat.size(), work.data());
          transform.inverse(work, field, odd);
          double worst = 0;
          for (std::size_t i = 0; i < grid.size(); ++i) worst = std::max(worst, std::abs(field[i] - wanted[i]));
          CHECK(worst < 1e-13);
        }
      }
}

TEST_CASE("a transform with sines undoes its inverse, for every choice of odd axes", "[unit]") {
  for (const Grid& grid : grids())
    for (unsigned mask = 0; mask < 8; ++mask) {
      const Odd odd{(mask & 1) != 0, (mask & 2) != 0, (mask & 4) != 0};
      CAPTURE(grid.dimension(), mask);
      Transform<double> transform(grid, Planning::estimate);
      Field<double> field = random_field<double>(grid);
      Spectrum<double> x_hat(grid), back(grid), work(grid);
      transform.forward(field, x_hat);
      x_hat.array() *= transform.scale();
      std::copy_n(x_hat.data(), x_hat.size(), work.data());
      transform.inverse(work, field, odd);
      transform.forward(field, back, odd);
      double worst = 0;
      for (std::size_t i = 0; i < back.size(); ++i) {
        const std::size_t m = i / grid.lanes();
        const std::array<std::size_t, 3> mode = grid.mode(m);
        bool flat = false;  // along an odd axis: no sine
        for (int a = 0; a < grid.dimension(); ++a)
          flat = flat || (odd[a] && mode[a] == 0 && grid.axis(a).boundary == Boundary::no_flux);
        worst = std::max(worst, std::abs(transform.scale() * back[i] - (flat ? 0 : x_hat[i])));
      }
      CHECK(worst < 1e-14);
    }
}
