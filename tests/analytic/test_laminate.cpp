// Moduli that vary along one axis: the traction across the layers and the strain in their plane are the same
// everywhere, which leaves algebra (Backus 1962). Inclusions of other moduli: Lame's thick tube and hollow sphere.
#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "hooke.hpp"

using namespace spinode;
using namespace spinode::test;
using Eigen::Vector3d;
using std::numbers::pi;

namespace {

/// Strain and stress of layers of equal thickness that are stacked along an axis.
struct Laminate {
  std::vector<Tensor> strain, stress;
  std::vector<double> potential;
  Tensor mean_strain = Tensor::Zero(), mean_stress = Tensor::Zero();
  double energy = 0;

  Laminate(const Alloy& alloy, const std::vector<double>& x, int axis, const AverageState& average) {
    const double unit = alloy.host.C11, layers = static_cast<double>(x.size());
    Tensor across = Tensor::Zero();  // 1 for the components that the traction holds
    for (int c = 0; c < 6; ++c) {
      const auto [i, j] = Stiffness::pairs[c];
      across[c] = i == axis || j == axis;
    }
    const TensorMap N = across.asDiagonal(), P = TensorMap::Identity() - N;
    // The unknowns v are the tractions across and the strains in the plane; everything else is affine in them.
    std::vector<TensorMap> strain_of, stress_of;
    std::vector<Tensor> strain_at_0, stress_at_0;
    TensorMap mean_strain_of = TensorMap::Zero(), mean_stress_of = TensorMap::Zero();
    Tensor mean_strain_at_0 = Tensor::Zero(), mean_stress_at_0 = Tensor::Zero();
    for (const double x_layer : x) {
      const TensorMap C = alloy.stiffness(x_layer) / unit, inverse = (N * C * N + P).inverse();
      const Tensor misfit = trace_part(alloy.chi * (x_layer - average.x_reference));
      strain_of.push_back(P + N * inverse * (N - N * C * P));
      strain_at_0.push_back(N * (misfit + inverse * N * C * P * misfit));
      stress_of.push_back(C * strain_of.back());
      stress_at_0.push_back(C * (strain_at_0.back() - misfit));
      mean_strain_of += strain_of.back() / layers;
      mean_stress_of += stress_of.back() / layers;
      mean_strain_at_0 += strain_at_0.back() / layers;
      mean_stress_at_0 += stress_at_0.back() / layers;
    }
    TensorMap equations = mean_strain_of;
    Tensor wanted = average.strain - mean_strain_at_0;
    for (int c = 0; c < 6; ++c)
      if (average.stress_given[c]) {
        equations.row(c) = mean_stress_of.row(c);
        wanted[c] = average.stress[c] / unit - mean_stress_at_0[c];
      }
    const Tensor v = equations.fullPivLu().solve(wanted);
    for (std::size_t l = 0; l < x.size(); ++l) {
      strain.push_back(strain_of[l] * v + strain_at_0[l]);
      stress.push_back(unit * (stress_of[l] * v + stress_at_0[l]));
      const Tensor elastic = strain[l] - trace_part(alloy.chi * (x[l] - average.x_reference));
      energy += elastic.dot(stress[l]) / 2 / layers;
      potential.push_back(elastic.dot(alloy.slope() * elastic) / 2 - alloy.chi * stress[l].head<3>().sum());
      mean_strain += strain[l] / layers;
      mean_stress += stress[l] / layers;
    }
  }
};

/// An isotropic alloy, linear in x between two metals, in a box of square cross-section: the solute in the middle.
struct Inclusion {
  struct Metal {
    double E, nu;
    double shear() const { return E / (2 * (1 + nu)); }
    double lame() const { return E * nu / ((1 + nu) * (1 - 2 * nu)); }
  };
  Metal host{13.8e9, 0.36}, solute{4.5e9, 0.31};
  int dimension = 2;
  double radius = 0.2, width = 0.01;
  double chi = li_na::chi, x_reference = 0.3;

  double x(double r) const { return (1 - std::tanh((r - radius) / width)) / 2; }
};

/// Radial and axial stress on the axis of a cylinder, or in the middle of a sphere.
struct Stress {
  double radial, axial;
};

/// Uniform inside when the surface is sharp, the box being a tube or a hollow sphere of the same area or volume free
/// of load (Lame 1852; Hashin 1962): u_r = A r inside, B r + D/r^(dimension - 1) outside, plane cross-sections.
Stress lame(const Inclusion& of) {
  const double n = of.dimension, tube = of.dimension == 2 ? 1 : 0;
  const double f = of.dimension == 2 ? pi * of.radius * of.radius : 4 * pi / 3 * std::pow(of.radius, 3);
  const double l1 = of.solute.lame(), m1 = of.solute.shear(), l0 = of.host.lame(), m0 = of.host.shear();
  const double p1 = (3 * l1 + 2 * m1) * of.chi * (1 - of.x_reference),
               p0 = -(3 * l0 + 2 * m0) * of.chi * of.x_reference;
  const double inside = n * l1 + 2 * m1, outside = n * l0 + 2 * m0, fall = 2 * (n - 1) * m0;
  Eigen::Matrix4d equations;                     // A, B, D/radius^n and the axial strain
  equations << 1, -1, -1, 0,                     // u at the surface
      inside, -outside, fall, tube * (l1 - l0),  // sigma_rr there
      0, outside, -fall * f, tube * l0,          // sigma_rr far out
      tube * 2 * f * l1, tube * 2 * (1 - f) * l0, 0, f * (l1 + 2 * m1) + (1 - f) * (l0 + 2 * m0);  // mean sigma_zz
  const Eigen::Vector4d v =
      equations.fullPivLu().solve(Eigen::Vector4d(0, p1 - p0, p0, tube * (f * p1 + (1 - f) * p0)));
  const double radial = inside * v[0] + tube * l1 * v[3] - p1;
  return {radial, of.dimension == 2 ? 2 * l1 * v[0] + (l1 + 2 * m1) * v[3] - p1 : radial};
}

/// The same with the surface as wide as it is, from dsigma_rr/dr = (dimension - 1)(sigma_tt - sigma_rr)/r.
Stress graded(const Inclusion& of) {
  const double n = of.dimension, tube = of.dimension == 2 ? 1 : 0;
  const double end = of.dimension == 2 ? 1 / std::sqrt(pi) : std::cbrt(3 / (4 * pi));
  // u/r, sigma_rr and the axial force within r, for a start u/r, an axial strain and a share of the misfit.
  const auto outcome = [&](double start, double axial, double misfit) {
    const auto moduli = [&](double r) {
      const double c = of.x(r), lame = of.host.lame() + c * (of.solute.lame() - of.host.lame()),
                   shear = of.host.shear() + c * (of.solute.shear() - of.host.shear());
      return std::array{lame, shear, (3 * lame + 2 * shear) * misfit * of.chi * (c - of.x_reference)};
    };
    const auto rates = [&](double r, const Vector3d& y) {
      const auto [l, m, p] = moduli(r);
      const double hoop = y[0], radial = (y[1] - (n - 1) * l * hoop - tube * l * axial + p) / (l + 2 * m);
      const double sigma_tt = l * (radial + (n - 1) * hoop + tube * axial) + 2 * m * hoop - p;
      const double sigma_zz = l * (radial + hoop + axial) + 2 * m * axial - p;
      return Vector3d((radial - hoop) / r, (n - 1) * (sigma_tt - y[1]) / r, 2 * pi * r * sigma_zz);
    };
    constexpr int steps = 4000;
    const double h = end / steps;
    const auto [l, m, p] = moduli(0);
    const double centre = (n * l + 2 * m) * start + tube * l * axial - p;
    Vector3d y(start, centre, 0);
    for (int step = 1; step < steps; ++step) {  // the first h is uniform
      const double r = step * h;
      const Vector3d k1 = rates(r, y), k2 = rates(r + h / 2, y + h / 2 * k1), k3 = rates(r + h / 2, y + h / 2 * k2),
                     k4 = rates(r + h, y + h * k3);
      y += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
    }
    return Eigen::Vector4d(y[1], y[2], centre, 2 * l * start + (l + 2 * m) * axial - p);
  };
  const Eigen::Vector4d by_start = outcome(1, 0, 0), by_axial = outcome(0, 1, 0), by_misfit = outcome(0, 0, 1);
  Eigen::Matrix2d far_out;
  far_out << by_start.head<2>(), by_axial.head<2>();
  Eigen::Vector2d v(-by_misfit[0] / by_start[0], 0);
  if (of.dimension == 2) v = far_out.fullPivLu().solve(-by_misfit.head<2>());
  const Eigen::Vector4d all = by_misfit + v[0] * by_start + v[1] * by_axial;
  return {all[2], of.dimension == 2 ? all[3] : all[2]};
}

/// In a periodic box of unit length.
Stress solved(const Inclusion& of, std::size_t cells, double tolerance) {
  const Medium medium{Moduli::isotropic(of.host.E, of.host.nu), Moduli::isotropic(of.solute.E, of.solute.nu), of.chi};
  const Grid grid(std::vector<Axis>(of.dimension, {1, cells, Boundary::periodic}));
  const double middle = static_cast<double>(cells / 2) / static_cast<double>(cells);
  const Vector3d centre(middle, middle, of.dimension == 2 ? 0 : middle);
  const Field<double> x = sampled(grid, [&](const Vector3d& r) { return of.x((r - centre).norm()); });
  AverageState average;
  average.x_reference = of.x_reference;
  Equilibrium equilibrium(grid, medium, average, tolerance, Planning::estimate);
  REQUIRE(equilibrium.solve(x).converged);
  std::size_t cell = 0;
  for (int a = 0; a < of.dimension; ++a) cell = cell * cells + cells / 2;
  const Tensor stress = at(equilibrium.stress(), cell);
  CHECK(stress[0] == Approx(stress[1]).epsilon(10 * tolerance));
  CHECK(stress.tail<3>().norm() < 10 * tolerance * std::abs(stress[0]));
  return {stress[0], stress[2]};
}

}  // namespace

TEST_CASE("layers of different moduli have the exact strains and stresses of a laminate") {
  constexpr double x_reference = 0.25;
  for (const Grid& grid : boxes({9, 7, 5}))
    for (int axis = 0; axis < grid.dimension(); ++axis)
      for (const Eigen::Matrix3d& to_grid : crystals(grid))
        for (const AverageState& average : averages(grid, x_reference))
          for (const bool sharp : {true, false}) {
            CAPTURE(grid.dimension(), walled(grid), axis, to_grid.diagonal().transpose(), average.stress_given, sharp);
            const Alloy alloy{.to_grid = to_grid};
            std::vector<double> layers;
            for (std::size_t l = 0; l < grid.cells(axis); ++l) {
              const double phase = (static_cast<double>(l) + 0.5) / static_cast<double>(grid.cells(axis));
              layers.push_back(sharp ? std::array{0.9, 0.02, 0.02, 0.6}[l % 4]
                                     : 0.5 + 0.4 * std::cos(pi * phase) - 0.09 * std::cos(2 * pi * phase));
            }
            Field<double> x(grid), potential(grid);
            for (std::size_t i = 0; i < x.size(); ++i) x[i] = layers[index_of(grid, i)[axis]];
            Equilibrium equilibrium(grid, alloy.medium(), average, 1e-13, Planning::estimate);
            const Balance balance = equilibrium.solve(x, {}, &potential);
            const Laminate exact(alloy, layers, axis, average);

            CHECK(balance.converged);
            CHECK(balance.energy == Approx(exact.energy).epsilon(1e-11));
            CHECK((balance.strain - exact.mean_strain).norm() < 1e-12);
            CHECK((balance.stress - exact.mean_stress).norm() < 1e-12 * lithium.C11);
            CHECK(balance.load == Approx(-exact.mean_strain.dot(average.stress)).epsilon(1e-10).margin(1e-3));
            double strain = 0, stress = 0, mu = 0;
            for (std::size_t i = 0; i < x.size(); ++i) {
              const std::size_t l = index_of(grid, i)[axis];
              strain = std::max(strain, (at(equilibrium.strain(), i) - exact.strain[l]).norm());
              stress = std::max(stress, (at(equilibrium.stress(), i) - exact.stress[l]).norm());
              mu = std::max(mu, std::abs(potential[i] - exact.potential[l]));
            }
            CHECK(strain < 1e-11);
            CHECK(stress < 1e-11 * lithium.C11);
            CHECK(mu < 1e-11 * lithium.C11);
          }
}

TEST_CASE("a wide interface has the stresses of Lame's tube and hollow sphere once it is narrow") {
  for (const int dimension : {2, 3})
    for (const double E : {4.5e9, 40e9}) {
      const auto error = [&](double width) {
        const Inclusion of{.solute = {E, 0.31}, .dimension = dimension, .radius = 0.25, .width = width};
        const Stress wide = graded(of), sharp = lame(of);
        return std::array{wide.radial / sharp.radial - 1, wide.axial / sharp.axial - 1};
      };
      const auto wider = error(2e-3), narrow = error(1e-3);
      for (int i = 0; i < 2; ++i) {
        CHECK(wider[i] / narrow[i] == Approx(2).epsilon(0.05));
        CHECK(std::abs(2 * narrow[i] - wider[i]) < 2e-3);
      }
    }
}

TEST_CASE("a cylinder of other moduli has the stress of a graded tube, the more exactly the smaller and the finer") {
  for (const double E : {4.5e9, 40e9}) {
    const auto error = [&](double radius, double width, std::size_t cells) {
      const Inclusion of{.solute = {E, 0.31}, .radius = radius, .width = width};
      const Stress found = solved(of, cells, 1e-7), wanted = graded(of);
      return std::array{std::abs(found.radial / wanted.radial - 1), std::abs(found.axial / wanted.axial - 1)};
    };
    CAPTURE(E);
    // What the square of neighbours does inside goes with the fourth power of the area fraction.
    const auto large = error(0.35, 3.0 / 65, 65), medium = error(0.25, 3.0 / 65, 65), small = error(0.15, 3.0 / 65, 65);
    const auto rough = error(0.15, 3.0 / 65, 25);
    for (int i = 0; i < 2; ++i) {
      CHECK(large[i] < 0.015);
      CHECK(medium[i] < large[i] / 9);
      CHECK(small[i] < 2e-5);
      CHECK(small[i] < rough[i] / 10);
    }
  }
}

TEST_CASE("a soft cylinder with a surface one cell wide has the stress of Lame's tube within 1 %") {
  const Inclusion of{.radius = 0.15, .width = 0.5 / 65};
  const Stress found = solved(of, 65, 1e-7), wanted = lame(of);
  CHECK(found.radial == Approx(wanted.radial).epsilon(0.01));
  CHECK(found.axial == Approx(wanted.axial).epsilon(0.01));
}

TEST_CASE("a sphere of other moduli has the stress of a graded hollow sphere") {
  for (const double E : {4.5e9, 40e9}) {
    const Inclusion of{.solute = {E, 0.31}, .dimension = 3, .radius = 0.25, .width = 2.0 / 35};
    CHECK(solved(of, 35, 1e-4).radial == Approx(graded(of).radial).epsilon(3e-4));
  }
}

TEST_CASE("displacements of layers have the strains for slopes, along and across the axes of the box") {
  for (const Grid& grid : boxes({9, 7, 5}))
    for (int axis = 0; axis < grid.dimension(); ++axis) {
      if (walled(grid)) continue;
      const Alloy alloy{.to_grid = crystals(grid).back()};
      Equilibrium equilibrium(grid, alloy.medium(), averages(grid, 0.4).at(3), 1e-13, Planning::estimate);
      const std::size_t n = grid.cells(axis);
      const auto layer = [&](std::size_t i) { return index_of(grid, i)[axis]; };
      Field<double> x(grid);
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::array{0.9, 0.02, 0.3, 0.6}[layer(i) % 4];
      REQUIRE(equilibrium.solve(x).converged);
      for (int component = 0; component < 3; ++component) {
        const Field<double> u = equilibrium.displacement(component);
        std::vector<double> of_layer(n);
        for (std::size_t i = 0; i < u.size(); ++i) of_layer[layer(i)] = u[i];
        const int c = Stiffness::pair(axis, component);
        double worst = 0, steepest = 0;
        for (std::size_t i = 0; i < u.size(); ++i) {
          double slope = 0;  // of the trigonometric polynomial through an odd number of layers
          for (std::size_t l = 0; l < n; ++l)
            if (l != layer(i)) {
              const double apart = static_cast<double>(layer(i)) - static_cast<double>(l);
              slope += pi / grid.axis(axis).length * std::cos(pi * apart) /
                       std::sin(pi * apart / static_cast<double>(n)) * of_layer[l];
            }
          const double wanted =
              (equilibrium.strain()[c][i] - equilibrium.average_strain()[c]) * (axis == component ? 1 : std::sqrt(2));
          worst = std::max({worst, std::abs(slope - wanted), std::abs(u[i] - of_layer[layer(i)])});
          steepest = std::max(steepest, std::abs(wanted));
        }
        CAPTURE(grid.dimension(), axis, component);
        CHECK(steepest > 1e-3);
        CHECK(worst < 1e-12);
      }
    }
}
