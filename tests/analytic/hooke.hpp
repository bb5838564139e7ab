// Hooke's law of a cubic alloy written out index by index (Nye 1957), and states to try it in: what the tests of
// elasticity compare with.
#pragma once

#include <Eigen/Geometry>
#include <cmath>
#include <vector>

#include "boxes.hpp"
#include "li_na.hpp"
#include "spinode/elasticity/equilibrium.hpp"

namespace spinode::test {

struct Cubic {
  double C11, C12, C44;  // Pa
};

constexpr Cubic lithium{13.42e9, 11.30e9, 8.89e9}, sodium{7.39e9, 6.22e9, 4.19e9};

constexpr Cubic operator*(double factor, const Cubic& m) { return {factor * m.C11, factor * m.C12, factor * m.C44}; }
constexpr Cubic operator+(const Cubic& a, const Cubic& b) { return {a.C11 + b.C11, a.C12 + b.C12, a.C44 + b.C44}; }

inline Tensor trace_part(double value) { return (Tensor() << value, value, value, 0, 0, 0).finished(); }

struct Alloy {
  Cubic host = lithium, solute = sodium;
  Eigen::Matrix3d to_grid = Eigen::Matrix3d::Identity();
  double chi = li_na::chi;

  Medium medium() const {
    return {Moduli::cubic(host.C11, host.C12, host.C44), Moduli::cubic(solute.C11, solute.C12, solute.C44), chi,
            to_grid};
  }

  /// C_ijkl = C12 d_ij d_kl + C44 (d_ik d_jl + d_il d_jk) + (C11 - C12 - 2 C44) sum_a R_ia R_ja R_ka R_la.
  TensorMap stiffness(const Cubic& m) const {
    constexpr int pairs[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
    TensorMap C;
    for (int row = 0; row < 6; ++row)
      for (int column = 0; column < 6; ++column) {
        const auto [i, j] = pairs[row];
        const auto [k, l] = pairs[column];
        double sum = m.C12 * (i == j) * (k == l) + m.C44 * ((i == k) * (j == l) + (i == l) * (j == k));
        for (int a = 0; a < 3; ++a)
          sum += (m.C11 - m.C12 - 2 * m.C44) * to_grid(i, a) * to_grid(j, a) * to_grid(k, a) * to_grid(l, a);
        C(row, column) = sum * (row < 3 ? 1 : std::sqrt(2)) * (column < 3 ? 1 : std::sqrt(2));
      }
    return C;
  }
  TensorMap stiffness(double x) const { return stiffness((1 - x) * host + x * solute); }
  TensorMap slope() const { return stiffness(solute) - stiffness(host); }
};

inline Tensor at(const TensorField& field, std::size_t i) {
  Tensor value;
  for (int c = 0; c < 6; ++c) value[c] = field[c][i];
  return value;
}

inline Tensor mean(const TensorField& field) {
  Tensor value;
  for (int c = 0; c < 6; ++c) value[c] = field[c].array().mean();
  return value;
}

inline double largest(const TensorField& field) {
  double value = 0;
  for (const Field<double>& component : field) value = std::max(value, component.array().abs().maxCoeff());
  return value;
}

inline Eigen::Matrix3d turn(double angle, const Eigen::Vector3d& axis) {
  return Eigen::AngleAxisd(angle, axis.normalized()).toRotationMatrix();
}

/// Ways for a cubic crystal to lie in a box whose walls, if any, do not bend it.
inline std::vector<Eigen::Matrix3d> crystals(const Grid& grid) {
  constexpr double eighth = 0.78539816339744831;  // of a full turn: the diagonals of two faces along the axes
  std::vector<Eigen::Matrix3d> all{Eigen::Matrix3d::Identity(), turn(eighth, Eigen::Vector3d::UnitZ())};
  int walls = 0, wall = 0;
  for (int a = 0; a < grid.dimension(); ++a)
    if (no_flux(grid, a)) {
      ++walls;
      wall = a;
    }
  if (walls == 0) all.push_back(turn(0.7, {1, -2, 0.5}));
  if (walls == 1) all.push_back(turn(0.4, Eigen::Vector3d::Unit(wall)));
  return all;
}

/// Whether a wall bears no such component of the stress; over half a mirrored box it has no average of its own.
inline bool sheared_at_wall(const Grid& grid, int component) {
  const auto [i, j] = Stiffness::pairs[component];
  const auto wall = [&](int a) { return a < grid.dimension() && no_flux(grid, a); };
  return i != j && (wall(i) || wall(j));
}

/// Free of stress, clamped, and strains and stresses prescribed, but for shears at walls.
inline std::vector<AverageState> averages(const Grid& grid, double x_reference) {
  AverageState free, clamped, mixed, loaded;
  clamped.stress_given.fill(false);
  mixed.stress_given = {true, false, true, false, true, false};
  mixed.strain << 0, 0.03, 0, -0.01, 0, 0.02;
  mixed.stress << 2e8, 0, -3e8, 0, 1e8, 0;
  loaded.stress << -1e8, 3e8, 2e8, 2e8, -1e8, 1.5e8;
  std::vector<AverageState> all{free, clamped, mixed, loaded};
  for (AverageState& state : all) {
    state.x_reference = x_reference;
    for (int c = 0; c < 6; ++c)
      if (sheared_at_wall(grid, c)) state.strain[c] = state.stress[c] = 0;
  }
  return all;
}

}  // namespace spinode::test
