// The solvers inside Newton's method, against dense matrices.
#include <fmt/format.h>

#include <Eigen/Dense>
#include <catch2/catch.hpp>
#include <functional>
#include <random>

#include "spinode/stepper/gmres.hpp"
#include "spinode/stepper/multigrid.hpp"
#include "support.hpp"

using namespace spinode;

namespace {

Field<float> random_field(const Grid& grid, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Field<float> x(grid);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = normal(random);
  return x;
}

Eigen::VectorXd in_double(const Field<float>& x) { return x.array().cast<double>().matrix(); }

/// q^2 as a matrix: faces of weight 1/h^2, built face by face.
Eigen::MatrixXd differences(const Grid& grid, const std::function<double(std::size_t, std::size_t)>& weight) {
  const auto size = static_cast<Eigen::Index>(grid.size());
  Eigen::MatrixXd q2 = Eigen::MatrixXd::Zero(size, size);
  std::size_t stride = 1;
  for (int a = 0; a < grid.dimension(); ++a) {
    const std::size_t n = grid.cells(a);
    for (std::size_t i = 0; i < grid.size(); ++i) {
      const std::size_t position = i / stride % n;
      if (position + 1 == n && grid.axis(a).boundary == Boundary::no_flux) continue;
      const std::size_t j = position + 1 == n ? i - position * stride : i + stride;
      const double w = weight(i, j) / std::pow(grid.axis(a).spacing(), 2);
      q2(i, i) += w;
      q2(j, j) += w;
      q2(i, j) -= w;
      q2(j, i) -= w;
    }
    stride *= n;
  }
  return q2;
}

}  // namespace

TEST_CASE("GMRES solves what a dense factorisation solves, across restarts", "[unit]") {
  const Grid grid({{1, 60}});
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  Eigen::MatrixXd A(60, 60);
  for (double& entry : A.reshaped()) entry = 0.1 * normal(random);
  A.diagonal().array() += Eigen::ArrayXd::LinSpaced(60, 1, 4);
  const Field<float> rhs = random_field(grid, 4);
  Field<float> x(grid);
  Gmres gmres(grid, 8);
  gmres.rhs().array() = rhs.array();
  const auto result = gmres.solve(
      [&](const Field<float>& in, Field<float>& out) { out.array() = (A * in_double(in)).cast<float>().array(); },
      // Half of the diagonal, as a preconditioner that is neither the identity nor symmetric to A.
      [&](const Field<float>& in, Field<float>& out) {
        out.array() = (2 * in_double(in).array() / A.diagonal().array()).cast<float>();
      },
      x, 1e-5, 200);
  const Eigen::VectorXd exact = A.lu().solve(in_double(rhs));
  CHECK(result.iterations > 8);
  CHECK(result.iterations < 100);
  CHECK(result.residual <= 1e-5);
  CHECK((A * in_double(x) - in_double(rhs)).norm() < 2e-5 * in_double(rhs).norm());
  CHECK((in_double(x) - exact).norm() < 1e-4 * exact.norm());

  gmres.rhs().array().setZero();
  const auto nothing = [](const Field<float>&, Field<float>&) {};
  CHECK(gmres.solve(nothing, nothing, x, 1e-5, 200).iterations == 0);
  CHECK(x.array().abs().maxCoeff() == 0);
}

TEST_CASE("multigrid cycles converge to the solution of the step's linear system", "[unit]") {
  const auto [name, axes] =
      GENERATE(table<std::string, std::vector<Axis>>({{"1D", {{16, 64}}},
                                                      {"1D, odd, walls", {{10, 37, Boundary::no_flux}}},
                                                      {"2D", {{6, 24}, {6, 24, Boundary::no_flux}}},
                                                      {"2D, odd", {{5.25, 21}, {3.75, 15}}},
                                                      {"2D, unequal spacings", {{8, 32}, {8, 8}}},
                                                      {"3D", {{2, 8}, {2, 8}, {1.5, 6, Boundary::no_flux}}},
                                                      {"3D, odd", {{1.75, 7}, {1.25, 5}, {2.25, 9}}}}));
  const Grid grid(axes);
  const double alpha = 1.5, dt = GENERATE(0.1, 3.0), kappa = 2;
  // Phases of 1e-4 and 0.99 with interfaces of some cells, where G curves upwards everywhere.
  Field<double> x(grid);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double position = (static_cast<double>(i % grid.cells(0)) + 0.5) * grid.axis(0).spacing(),
                 across = static_cast<double>(i / grid.cells(0)) * 0.1;
    const double wave = std::sin(2 * 3.14159265358979 * position / grid.axis(0).length + across);
    x[i] = 1e-4 + 0.99 / (1 + std::exp(-8 * wave));
  }
  const auto m = [&](std::size_t i) { return x[i] * (1 - x[i]); };
  Multigrid multigrid(grid, kappa, 0);
  for (int a = 0; a < grid.dimension(); ++a) {
    // Weights of faces as means of their cells.
    const double scale = dt / std::pow(grid.axis(a).spacing(), 2);
    Faces<float> open(grid);
    open.fill(grid, a, 1);
    const std::size_t stride = a == 0 ? 1 : a == 1 ? grid.cells(0) : grid.cells(0) * grid.cells(1);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t position = i / stride % grid.cells(a);
      const std::size_t j = position + 1 == grid.cells(a) ? i - position * stride : i + stride;
      multigrid.diffusion().weight(a)[i] = open.weight(a)[i] * static_cast<float>(scale * (m(i) + m(j)) / 2);
    }
  }
  const auto size = static_cast<Eigen::Index>(x.size());
  Eigen::MatrixXd H = kappa * differences(grid, [](std::size_t, std::size_t) { return 1.0; });
  for (Eigen::Index i = 0; i < size; ++i) {
    // The curvature is chosen so that multigrid need not raise it: at least what q^2 m asks for.
    double D = 1 / m(i);
    double q2m = 0;
    for (Eigen::Index j = 0; j < size; ++j) q2m += H(i, j) * m(j);
    D = std::max(D, -q2m / m(i));
    multigrid.weight()[i] = static_cast<float>(m(i));
    multigrid.curvature()[i] = static_cast<float>(D);
    H(i, i) += D;
  }
  const Eigen::MatrixXd A = dt * differences(grid, [&](std::size_t i, std::size_t j) { return (m(i) + m(j)) / 2; });
  const Eigen::MatrixXd system = alpha * Eigen::MatrixXd::Identity(size, size) + A * H;
  const Field<float> rhs = random_field(grid, 5);
  Field<float> x_found(grid);
  multigrid.prepare(alpha);
  Gmres gmres(grid, 20);
  gmres.rhs().array() = rhs.array();
  const auto result = gmres.solve(
      [&](const Field<float>& in, Field<float>& out) { out.array() = (system * in_double(in)).cast<float>().array(); },
      [&](const Field<float>& in, Field<float>& out) { multigrid.solve(in, out); }, x_found, 1e-4, 60);
  const Eigen::VectorXd exact = system.lu().solve(in_double(rhs));
  INFO(fmt::format("{}, dt {}: {} iterations, residual {:.2e}", name, dt, result.iterations, result.residual));
  CHECK(result.iterations <= 20);
  CHECK((in_double(x_found) - exact).norm() < 1e-2 * exact.norm());
}

TEST_CASE("a multigrid cycle does not depend on the number of threads", "[unit]") {
  const std::vector<Axis> axes = GENERATE(std::vector<Axis>{{16, 64}, {24, 96, Boundary::no_flux}},
                                          std::vector<Axis>{{4, 16}, {4.5, 18}, {6, 24, Boundary::no_flux}},
                                          std::vector<Axis>{{4, 16}, {4.25, 17}, {4.75, 19}});
  const Grid grid(axes);
  const Field<float> rhs = random_field(grid, 6), noise = random_field(grid, 7);
  std::vector<Field<float>> results;
  for (int threads : {1, 2, 3})
    test::with_threads(threads, [&] {
      Multigrid multigrid(grid, 2, 1);
      for (int a = 0; a < grid.dimension(); ++a) multigrid.diffusion().fill(grid, a, 3);
      for (std::size_t i = 0; i < grid.size(); ++i) {
        multigrid.weight()[i] = 0.1f + 0.01f * noise[i] * noise[i];
        multigrid.curvature()[i] = 5 + noise[i];
      }
      multigrid.prepare(1.5);
      results.emplace_back(grid);
      multigrid.solve(rhs, results.back());
    });
  CHECK(results[0].array().abs().maxCoeff() > 0.01);
  CHECK((results[1].array() == results[0].array()).all());
  CHECK((results[2].array() == results[0].array()).all());
}
