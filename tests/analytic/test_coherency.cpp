// B(n): isotropic (Cahn 1961) and cubic closed forms (Khachaturyan 1983), the tensor formula by loops, and Li-Na.
#include <Eigen/Geometry>
#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "li_na.hpp"
#include "spinode/elasticity/coherency.hpp"
#include "spinode/thermo/phase_diagram.hpp"

using namespace spinode;
using Eigen::Vector3d;

namespace {

constexpr double chi = li_na::chi;
constexpr double C11 = 13.42e9, C12 = 11.30e9, C44 = 8.89e9;
const Stiffness lithium = Stiffness::cubic(C11, C12, C44);

std::vector<Vector3d> random_directions(int count) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  std::vector<Vector3d> directions(count);
  for (Vector3d& n : directions) n = Vector3d(normal(random), normal(random), normal(random)).normalized();
  return directions;
}

double khachaturyan(const Vector3d& n) {
  const double l2 = n[0] * n[0], m2 = n[1] * n[1], q2 = n[2] * n[2];
  const double s = l2 * m2 + m2 * q2 + q2 * l2, p = l2 * m2 * q2;
  const double xi = (C11 - C12 - 2 * C44) / C44, bulk3 = C11 + 2 * C12;
  return chi * chi * bulk3 *
         (3 - bulk3 * (1 + 2 * xi * s + 3 * xi * xi * p) /
                  (C11 + xi * (C11 + C12) * s + xi * xi * (C11 + 2 * C12 + C44) * p));
}

double by_loops(const Stiffness& C, const Vector3d& n) {
  Eigen::Matrix3d stress = Eigen::Matrix3d::Zero(), acoustic = Eigen::Matrix3d::Zero();
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 3; ++k) {
        stress(i, j) += chi * C(i, j, k, k);
        for (int l = 0; l < 3; ++l) acoustic(i, k) += C(i, j, l, k) * n[j] * n[l];
      }
  const Vector3d force = stress * n;
  return chi * stress.trace() - force.dot(acoustic.inverse() * force);
}

Stiffness rotated(const Stiffness& C, const Eigen::Matrix3d& Q) {
  Stiffness result{Stiffness::Matrix6::Zero()};
  for (auto [i, j] : {std::pair{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}})
    for (auto [k, l] : {std::pair{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}})
      for (int a = 0; a < 3; ++a)
        for (int b = 0; b < 3; ++b)
          for (int c = 0; c < 3; ++c)
            for (int d = 0; d < 3; ++d)
              result.voigt(Stiffness::pair(i, j), Stiffness::pair(k, l)) +=
                  Q(i, a) * Q(j, b) * Q(k, c) * Q(l, d) * C(a, b, c, d);
  return result;
}

const Eigen::Matrix3d tilt = Eigen::AngleAxisd(0.7, Vector3d(1, -2, 0.5).normalized()).toRotationMatrix();

// Y of the coherent energy V_m chi^2 Y x^2.
double Y(const Vector3d& n) { return CoherencyModulus(lithium, chi)(n) / (2 * chi * chi); }

}  // namespace

TEST_CASE("an isotropic solid has B = 2 E chi^2/(1-nu) in every direction") {
  const CoherencyModulus B(Stiffness::isotropic(li_na::E, li_na::nu), chi);
  for (const Vector3d& n : random_directions(200))
    CHECK(B(n) == Approx(2 * li_na::E * chi * chi / (1 - li_na::nu)).epsilon(1e-13));
}

TEST_CASE("the coherent energy of isotropic Li-Na is 12575.7 J/mol times x^2") {
  const CoherencyModulus B(Stiffness::isotropic(li_na::E, li_na::nu), chi);
  CHECK(li_na::V_m * B({1, 2, 3}) / 2 == Approx(12575.7).margin(0.05));
  CHECK(li_na::V_m == Approx(1.204479e-5).epsilon(5e-7));
}

TEST_CASE("a cubic crystal follows Khachaturyan's closed form in 200 directions") {
  const CoherencyModulus B(lithium, chi);
  for (const Vector3d& n : random_directions(200)) CHECK(B(n) == Approx(khachaturyan(n)).epsilon(1e-12));
}

TEST_CASE("Y of lithium is 5.690, 23.50 and 26.84 GPa along <100>, <110> and <111>") {
  const double bulk3 = C11 + 2 * C12;
  CHECK(Y({1, 0, 0}) == Approx(bulk3 * (C11 - C12) / C11).epsilon(1e-12));
  CHECK(Y({0, 1, -1}) == Approx(bulk3 * (C11 - C12 + 6 * C44) / (2 * (C11 + C12 + 2 * C44))).epsilon(1e-12));
  CHECK(Y({-1, 1, 1}) == Approx(6 * C44 * bulk3 / (bulk3 + 4 * C44)).epsilon(1e-12));
  CHECK(Y({1, 0, 0}) == Approx(5.690e9).margin(0.0005e9));
  CHECK(Y({1, 1, 0}) == Approx(23.50e9).margin(0.005e9));
  CHECK(Y({1, 1, 1}) == Approx(26.84e9).margin(0.005e9));
}

TEST_CASE("at 298.15 K the coherent spinodal of cubic Li-Na starts at 0.03961, 0.06337 and 0.07202") {
  const auto onset = [](const Vector3d& n) {
    const double coherent_energy = li_na::V_m * chi * chi * Y(n);
    return spinodal_intervals(li_na::chemical(li_na::room).plus({0, {0, 0, coherent_energy}})).at(0).lower;
  };
  CHECK(onset({1, 0, 0}) == Approx(0.03961).margin(5e-6));
  CHECK(onset({1, 1, 0}) == Approx(0.06337).margin(5e-6));
  CHECK(onset({1, 1, 1}) == Approx(0.07202).margin(5e-6));
}

TEST_CASE("a stiffness of low symmetry follows the tensor formula, and B turns with the crystal") {
  Stiffness triclinic = rotated(lithium, tilt);
  Stiffness::Matrix6 change;
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j < 6; ++j) change(i, j) = 0.2e9 * std::sin(1 + i + j + 3 * i * j);
  triclinic.voigt += change;
  REQUIRE(triclinic.positive_definite());
  const CoherencyModulus B(triclinic, chi), straight(lithium, chi), turned(rotated(lithium, tilt), chi);
  for (const Vector3d& n : random_directions(200)) {
    CHECK(B(n) == Approx(by_loops(triclinic, n)).epsilon(1e-11));
    CHECK(turned(tilt * n) == Approx(straight(n)).epsilon(1e-11));
    CHECK(straight(3e9 * n) == Approx(straight(n)).epsilon(1e-13));
  }
}

TEST_CASE("the softest direction of a crystal with Zener ratio above 1 is a cube axis, below 1 a diagonal") {
  const Stiffness hard_axes = Stiffness::cubic(20e9, 5e9, 3e9);
  for (int dimensions : {1, 2, 3}) {
    const auto [direction, B] = softest_direction(CoherencyModulus(lithium, chi), dimensions);
    CHECK(direction == Vector3d(1, 0, 0));
    CHECK(B == CoherencyModulus(lithium, chi)(direction));
    CHECK(direction.norm() == Approx(1).epsilon(1e-15));
  }
  CHECK(softest_direction(CoherencyModulus(hard_axes, chi), 1).direction == Vector3d(1, 0, 0));
  const Vector3d in_plane = softest_direction(CoherencyModulus(hard_axes, chi), 2).direction;
  CHECK((in_plane.cwiseAbs() - Vector3d(1, 1, 0).normalized()).norm() < 1e-7);
  const Vector3d in_space = softest_direction(CoherencyModulus(hard_axes, chi), 3).direction;
  CHECK((in_space.cwiseAbs() - Vector3d(1, 1, 1).normalized()).norm() < 1e-7);
}

TEST_CASE("the softest direction of a turned crystal is found between the directions that are scanned") {
  const auto [direction, B] = softest_direction(CoherencyModulus(rotated(lithium, tilt), chi), 3);
  CHECK(B == Approx(CoherencyModulus(lithium, chi)({1, 0, 0})).epsilon(1e-12));
  CHECK((tilt.transpose() * direction).cwiseAbs().maxCoeff() == Approx(1).epsilon(1e-11));

  const CoherencyModulus turned(rotated(lithium, tilt), chi);
  double least = turned({1, 0, 0});
  for (double angle = 0; angle < 3.1416; angle += 1e-5)
    least = std::min(least, turned({std::cos(angle), std::sin(angle), 0}));
  const auto in_plane = softest_direction(CoherencyModulus(rotated(lithium, tilt), chi), 2);
  CHECK(in_plane.direction[2] == 0);
  CHECK(in_plane.B == Approx(least).epsilon(1e-9));
}

TEST_CASE("an isotropic solid has no softest direction: x is taken, with the exact B") {
  const auto [direction, B] = softest_direction(CoherencyModulus(Stiffness::isotropic(li_na::E, li_na::nu), chi), 3);
  CHECK(direction == Vector3d(1, 0, 0));
  CHECK(B == Approx(2 * li_na::E * chi * chi / (1 - li_na::nu)).epsilon(1e-14));
}

TEST_CASE("the coherent energy of moduli that vary has V_m B of every composition for its second derivative") {
  const Medium medium{Moduli::cubic(13.42e9, 11.30e9, 8.89e9), Moduli::cubic(7.39e9, 6.22e9, 4.19e9), chi};
  for (const Vector3d& n : {Vector3d(1, 0, 0), Vector3d(1, 1, 0), Vector3d(1, 1, 1), Vector3d(0.3, 0.5, 0.9)}) {
    const Polynomial energy = coherent_energy(medium, n, li_na::V_m), slope = energy.derivative(),
                     curvature = slope.derivative();
    CHECK(std::abs(energy(0)) < 1e-9);
    CHECK(std::abs(slope(0)) < 1e-9);
    for (int i = 0; i <= 50; ++i) {
      const double x = i / 50.0, rest = 1 - x;
      const Stiffness between =
          Stiffness::cubic(rest * 13.42e9 + x * 7.39e9, rest * 11.30e9 + x * 6.22e9, rest * 8.89e9 + x * 4.19e9);
      CHECK(curvature(x) == Approx(li_na::V_m * CoherencyModulus(between, chi)(n)).epsilon(1e-10));
    }
  }
  const Medium one{medium.host, medium.host, chi};
  const Polynomial quadratic = coherent_energy(one, {1, 1, 0}, li_na::V_m);
  REQUIRE(quadratic.c.size() == 3);
  CHECK(quadratic.c[2] == Approx(li_na::V_m * chi * chi * Y({1, 1, 0})).epsilon(1e-13));
  const Medium hardly_solid{medium.host, Moduli::cubic(13e6, 11e6, 9e6), chi};
  CHECK_THROWS_AS(coherent_energy(hardly_solid, {1, 0, 0}, li_na::V_m), std::domain_error);
}

TEST_CASE("with moduli of both metals the coherent spinodals of Li-Na are roots of G'' + 2 V_m chi^2 Y(x)") {
  const Medium medium{Moduli::cubic(13.42e9, 11.30e9, 8.89e9), Moduli::cubic(7.39e9, 6.22e9, 4.19e9), chi};
  const auto spinodal = [&](const Vector3d& n) {
    return spinodal_intervals(li_na::chemical(li_na::room).plus(coherent_energy(medium, n, li_na::V_m))).at(0);
  };
  // By bisection of Cahn's closed forms of Y along the three, outside this program.
  const auto check = [&](const Vector3d& n, double lower, double upper) {
    CHECK(spinodal(n).lower == Approx(lower).epsilon(1e-10));
    CHECK(spinodal(n).upper == Approx(upper).epsilon(1e-10));
  };
  check({1, 0, 0}, 0.039530091944, 0.795837175535);
  check({1, 1, 0}, 0.061809660810, 0.641954393535);
  check({1, 1, 1}, 0.069398080952, 0.597342656125);
}
