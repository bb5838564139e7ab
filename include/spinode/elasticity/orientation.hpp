// How a crystal lies in the grid: by the crystal directions along two of the grid's axes, or by Euler angles (Bunge
// 1982).
#pragma once

#include <Eigen/Core>

#include "spinode/config.hpp"
#include "spinode/elasticity/medium.hpp"
#include "spinode/grid.hpp"

namespace spinode {

struct Orientation {
  Eigen::Matrix3d to_grid = Eigen::Matrix3d::Identity();  // from components along the crystal's axes to the grid's

  /// Crystal directions along the grid's x and y; of any length, at right angles.
  static Orientation of_axes(const Eigen::Vector3d& x, const Eigen::Vector3d& y);
  /// Bunge's angles [degree]: the grid turned by phi1 about z, Phi about the new x, phi2 about the new z is the
  /// crystal.
  static Orientation of_euler(double phi1, double Phi, double phi2);
  /// From elasticity.x_axis and elasticity.y_axis, or elasticity.euler; the crystal lies along the grid without them.
  static Orientation read(Config& config);

  bool aligned() const { return to_grid.isIdentity(0); }
};

/// The no-flux axis, 0 to 2, of which the crystal is no mirror image, or -1: a wall there would bend such a crystal.
int asymmetric_wall(const Medium& medium, const Grid& grid);

}  // namespace spinode
