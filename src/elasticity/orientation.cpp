#include "spinode/elasticity/orientation.hpp"

#include <Eigen/Geometry>
#include <cmath>
#include <numbers>

namespace spinode {

using Eigen::AngleAxisd;
using Eigen::Vector3d;

Orientation Orientation::of_axes(const Vector3d& x, const Vector3d& y) {
  Orientation orientation;
  const Vector3d first = x.normalized(), second = (y - y.dot(first) * first).normalized();
  orientation.to_grid << first.transpose(), second.transpose(), first.cross(second).transpose();
  return orientation;
}

Orientation Orientation::of_euler(double phi1, double Phi, double phi2) {
  constexpr double degree = std::numbers::pi / 180;
  // The columns of this product are the crystal's axes in the grid.
  return {(AngleAxisd(phi1 * degree, Vector3d::UnitZ()) * AngleAxisd(Phi * degree, Vector3d::UnitX()) *
           AngleAxisd(phi2 * degree, Vector3d::UnitZ()))
              .toRotationMatrix()};
}

Orientation Orientation::read(Config& config) {
  const QuantityKey x_key{.name = "elasticity.x_axis",
                          .help = "crystal direction along the grid's x, such as [1, 1, 0]"},
      y_key{.name = "elasticity.y_axis", .help = "crystal direction along the grid's y, at right angles to x_axis"},
      euler_key{.name = "elasticity.euler", .unit = "degree", .help = "Bunge's angles phi1, Phi, phi2 of the crystal"};
  const std::string chosen = config.choose({x_key.name, euler_key.name});
  const auto read = [&](const QuantityKey& key) {
    const std::vector<double> v = config.quantities(key, std::vector<double>{}, 3);
    return v.size() == 3 ? Vector3d(v[0], v[1], v[2]) : Vector3d::Zero().eval();
  };
  if (config.describing() || chosen == euler_key.name) {
    const Vector3d angles = read(euler_key);
    if (!config.describing()) return of_euler(angles[0], angles[1], angles[2]);
  }
  if (!config.describing() && chosen.empty() && !config.has(y_key.name)) return {};
  const Vector3d x = read(x_key), y = read(y_key);
  if (config.describing()) return {};
  for (const auto& [key, v] : {std::pair{x_key.name, x}, {y_key.name, y}})
    if (v.isZero(0)) {
      config.fault(key, "give the crystal directions along both x and y, three numbers each");
      return {};
    }
  constexpr double right_angle = 1e-9;
  if (std::abs(x.normalized().dot(y.normalized())) > right_angle) {
    config.fault(y_key.name, "must be at right angles to elasticity.x_axis");
    return {};
  }
  return of_axes(x, y);
}

int asymmetric_wall(const Medium& medium, const Grid& grid) {
  if (!medium.stiffness(0).voigt.allFinite()) return -1;  // a constant is missing, and told so
  for (int a = 0; a < grid.dimension(); ++a)
    if (grid.axis(a).boundary == Boundary::no_flux && !medium.mirrored(a)) return a;
  return -1;
}

}  // namespace spinode
