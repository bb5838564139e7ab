// What the tests of elasticity share: boxes of every dimension and boundary, and fields in them.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <random>
#include <vector>

#include "spinode/transform.hpp"

namespace spinode::test {

/// Boxes of one to three axes with every mixture of boundaries.
inline std::vector<Grid> boxes(const std::array<std::size_t, 3>& cells) {
  std::vector<Grid> all;
  for (std::size_t dimension = 1; dimension <= 3; ++dimension)
    for (unsigned mask = 0; mask < 1u << dimension; ++mask) {
      std::vector<Axis> axes;
      for (std::size_t a = 0; a < dimension; ++a)
        axes.push_back(
            {3.0 + 0.7 * static_cast<double>(a), cells[a], mask >> a & 1 ? Boundary::no_flux : Boundary::periodic});
      all.emplace_back(axes);
    }
  return all;
}

inline bool no_flux(const Grid& grid, int a) { return grid.axis(a).boundary == Boundary::no_flux; }

inline bool walled(const Grid& grid) {
  for (int a = 0; a < grid.dimension(); ++a)
    if (no_flux(grid, a)) return true;
  return false;
}

inline std::array<std::size_t, 3> index_of(const Grid& grid, std::size_t i) {
  return {i % grid.cells(0), i / grid.cells(0) % grid.cells(1), i / (grid.cells(0) * grid.cells(1))};
}

/// Of a cell; a periodic axis starts at a cell, a no-flux axis half a cell before one.
inline Eigen::Vector3d position(const Grid& grid, std::size_t i) {
  Eigen::Vector3d r = Eigen::Vector3d::Zero();
  for (int a = 0; a < grid.dimension(); ++a)
    r[a] = (static_cast<double>(index_of(grid, i)[a]) + (no_flux(grid, a) ? 0.5 : 0)) * grid.axis(a).spacing();
  return r;
}

using Function = std::function<double(const Eigen::Vector3d&)>;

inline Field<double> sampled(const Grid& grid, const Function& f) {
  Field<double> field(grid);
  for (std::size_t i = 0; i < field.size(); ++i) field[i] = f(position(grid, i));
  return field;
}

/// Uniformly distributed between two numbers, the same ones for the same seed.
inline Field<double> noise(const Grid& grid, unsigned seed = 5, double from = 0, double to = 1) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> uniform(from, to);
  return sampled(grid, [&](const Eigen::Vector3d&) { return uniform(generator); });
}

inline Field<double> copy(const Grid& grid, const Field<double>& field) {
  Field<double> same(grid);
  std::copy_n(field.data(), field.size(), same.data());
  return same;
}

inline Spectrum<double> amplitudes(const Grid& grid, const Field<double>& field) {
  Transform<double> transform(grid, Planning::estimate);
  Field<double> work = copy(grid, field);
  Spectrum<double> x_hat(grid);
  transform.forward(work, x_hat);
  x_hat.array() *= transform.scale();
  return x_hat;
}

}  // namespace spinode::test
