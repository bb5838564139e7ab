// Elastic stiffness of a crystal in Hooke's law, sigma_ij = C_ijkl epsilon_kl (Voigt 1910; Nye 1957).
#pragma once

#include <Eigen/Core>
#include <array>

namespace spinode {

/// C_ijkl [Pa] as the symmetric matrix over the index pairs 11, 22, 33, 23, 13, 12 (Voigt's order).
struct Stiffness {
  using Matrix6 = Eigen::Matrix<double, 6, 6>;

  Matrix6 voigt;

  /// Young's modulus E [Pa] and Poisson's ratio nu.
  static Stiffness isotropic(double E, double nu);

  /// Cubic constants [Pa], crystal axes along the grid.
  static Stiffness cubic(double C11, double C12, double C44);

  /// The same crystal after an orthogonal map of space (a rotation or a mirror image).
  Stiffness turned(const Eigen::Matrix3d& map) const;

  /// Whether the crystal is its own mirror image about the plane across an axis of the grid, to nine digits.
  bool mirrored(int axis) const;

  /// The pairs of indices in Voigt's order.
  static constexpr std::array<std::array<int, 2>, 6> pairs{{{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}}};

  /// Voigt's index of the pair ij, each 0..2.
  static int pair(int i, int j) { return i == j ? i : 6 - i - j; }

  /// C_ijkl, each index 0..2 [Pa].
  double operator()(int i, int j, int k, int l) const { return voigt(pair(i, j), pair(k, l)); }

  /// 2 C44/(C11 - C12): 1 for an isotropic solid; of use for cubic ones only (Zener 1948).
  double zener_ratio() const { return 2 * voigt(3, 3) / (voigt(0, 0) - voigt(0, 1)); }

  /// Whether every strain costs energy, as in any stable solid (Born 1940).
  bool positive_definite() const;
};

}  // namespace spinode
