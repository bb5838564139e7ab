// Orientations of a crystal, stiffness turned with it, and walls that it does not bear.
#include <Eigen/Geometry>
#include <catch2/catch.hpp>
#include <numbers>

#include "spinode/elasticity/orientation.hpp"

using namespace spinode;
using Eigen::Vector3d;

namespace {

const Stiffness lithium = Stiffness::cubic(13.42e9, 11.30e9, 8.89e9);

Grid grid_of(const std::vector<Boundary>& boundaries) {
  std::vector<Axis> axes;
  for (const Boundary boundary : boundaries) axes.push_back({1, 8, boundary});
  return Grid(axes);
}

}  // namespace

TEST_CASE("crystal directions along two axes of the grid fix the third") {
  const Orientation orientation = Orientation::of_axes({1, 1, 0}, {0, 0, 2});
  CHECK((orientation.to_grid * Vector3d(1, 1, 0).normalized() - Vector3d::UnitX()).norm() < 1e-15);
  CHECK((orientation.to_grid * Vector3d::UnitZ() - Vector3d::UnitY()).norm() < 1e-15);
  CHECK((orientation.to_grid * Vector3d(1, -1, 0).normalized() - Vector3d::UnitZ()).norm() < 1e-15);
  CHECK(orientation.to_grid.determinant() == Approx(1).epsilon(1e-15));
  CHECK_FALSE(orientation.aligned());
  CHECK(Orientation::of_axes({2, 0, 0}, {0, 1, 0}).aligned());
}

TEST_CASE("Euler angles: phi1 turns the crystal about z, Phi then about its x") {
  const double c = std::cos(std::numbers::pi / 6), s = 0.5;
  const Orientation about_z = Orientation::of_euler(30, 0, 0);
  CHECK((about_z.to_grid * Vector3d::UnitX() - Vector3d(c, s, 0)).norm() < 1e-15);
  CHECK((Orientation::of_euler(0, 0, 30).to_grid - about_z.to_grid).norm() < 1e-15);
  // The crystal's z, tilted by Phi about the grid's x turned by phi1.
  const Orientation tilted = Orientation::of_euler(90, 30, 0);
  CHECK((tilted.to_grid * Vector3d::UnitX() - Vector3d::UnitY()).norm() < 1e-15);
  CHECK((tilted.to_grid * Vector3d::UnitZ() - Vector3d(s, 0, c)).norm() < 1e-15);
}

TEST_CASE("a turned stiffness gives a turned strain the turned stress") {
  const Eigen::Matrix3d Q = Eigen::AngleAxisd(0.8, Vector3d(1, -2, 0.5).normalized()).toRotationMatrix();
  const auto stress = [](const Stiffness& C, const Eigen::Matrix3d& strain) {
    Eigen::Matrix3d sigma = Eigen::Matrix3d::Zero();
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j)
        for (int k = 0; k < 3; ++k)
          for (int l = 0; l < 3; ++l) sigma(i, j) += C(i, j, k, l) * strain(k, l);
    return sigma;
  };
  Eigen::Matrix3d strain;
  strain << 1, 0.3, -0.2, 0.3, -2, 0.7, -0.2, 0.7, 0.5;
  const Eigen::Matrix3d expected = Q * stress(lithium, strain) * Q.transpose();
  CHECK((stress(lithium.turned(Q), Q * strain * Q.transpose()) - expected).norm() < 1e-14 * expected.norm());
  CHECK(lithium.turned(Eigen::Matrix3d::Identity()).voigt == lithium.voigt);
  CHECK(lithium.turned(Orientation::of_euler(90, 0, 0).to_grid).voigt.isApprox(lithium.voigt, 1e-14));
}

TEST_CASE("a wall needs a crystal that is its own mirror image there") {
  constexpr Boundary periodic = Boundary::periodic, wall = Boundary::no_flux;
  const Moduli moduli = Moduli::cubic(13.42e9, 11.30e9, 8.89e9);
  const auto turned = [&](const Orientation& o) { return Medium{moduli, moduli, 0.2, o.to_grid}; };
  const Medium straight = turned({}), about_z = turned(Orientation::of_euler(20, 0, 0)),
               diagonal = turned(Orientation::of_euler(45, 0, 0)), any = turned(Orientation::of_euler(20, 30, 40));
  CHECK(asymmetric_wall(straight, grid_of({wall, wall, wall})) == -1);
  CHECK(asymmetric_wall(diagonal, grid_of({wall, wall, wall})) == -1);
  CHECK(asymmetric_wall(about_z, grid_of({periodic, periodic, wall})) == -1);
  CHECK(asymmetric_wall(about_z, grid_of({wall, periodic, wall})) == 0);
  CHECK(asymmetric_wall(about_z, grid_of({periodic, wall})) == 1);
  CHECK(asymmetric_wall(any, grid_of({periodic, periodic, wall})) == 2);
  CHECK(asymmetric_wall(any, grid_of({periodic, periodic, periodic})) == -1);
}
