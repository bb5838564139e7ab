// Stress, strain and displacement: plane waves in closed form and by loops over indices (Khachaturyan 1983), Eshelby's
// sphere and cylinder (Eshelby 1957), mirror images, and the energy of a run.
#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>
#include <complex>
#include <functional>
#include <numbers>

#include "boxes.hpp"
#include "li_na.hpp"
#include "spinode/elasticity/elastic_fields.hpp"
#include "support.hpp"

using namespace spinode;
using Eigen::Matrix3d;
using Eigen::Vector3d;
using test::amplitudes;
using test::boxes;
using test::Function;
using test::index_of;
using test::no_flux;
using test::noise;
using test::sampled;

namespace {

using std::numbers::pi;
constexpr double chi = li_na::chi, E = li_na::E, nu = li_na::nu;
const Moduli isotropic = Moduli::isotropic(E, nu), cubic = Moduli::cubic(13.42e9, 11.30e9, 8.89e9);
const double C11 = 13.42e9;
constexpr std::array<std::array<int, 2>, 6> pairs{{{0, 0}, {1, 1}, {2, 2}, {0, 1}, {1, 2}, {0, 2}}};

Medium medium(const Moduli& moduli) { return {moduli, moduli, chi}; }

/// The equilibrium of a composition, free of average stress, and its fields.
struct Solution {
  Solution(const Grid& grid, const Moduli& moduli, const Field<double>& composition)
      : x(grid), equilibrium(grid, medium(moduli), average(composition), 1e-14, Planning::estimate) {
    x.array() = composition.array();
    balance = equilibrium.solve(x);
    REQUIRE(balance.converged);
  }

  static AverageState average(const Field<double>& x) {
    AverageState state;
    state.x_reference = x.array().mean();
    return state;
  }

  ElasticFields fields() { return {equilibrium, x, nullptr, 1}; }

  Field<double> x;
  Equilibrium equilibrium;
  Balance balance;
};

double largest_error(const Grid& grid, const Field<double>& found, const Function& wanted) {
  return test::largest_difference(found, sampled(grid, wanted));
}

/// i |k| u, strain and stress of cos(k r) with k along the unit vector n, index by index; n = 0 for a wave that has no
/// derivative.
struct Wave {
  Vector3d shift = Vector3d::Zero();
  Matrix3d strain = Matrix3d::Zero(), stress = Matrix3d::Zero();

  Wave(const Stiffness& C, const Vector3d& n) {
    Matrix3d acoustic = Matrix3d::Zero();
    Vector3d force = Vector3d::Zero();
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j)
        for (int l = 0; l < 3; ++l) {
          force[i] += chi * C(i, j, l, l) * n[j];
          for (int m = 0; m < 3; ++m) acoustic(i, m) += C(i, j, l, m) * n[j] * n[l];
        }
    if (!n.isZero(0)) shift = acoustic.inverse() * force;
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j) strain(i, j) = (n[i] * shift[j] + n[j] * shift[i]) / 2;
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j)
        for (int l = 0; l < 3; ++l)
          for (int m = 0; m < 3; ++m) stress(i, j) += C(i, j, l, m) * (strain(l, m) - (l == m ? chi : 0));
  }
};

}  // namespace

TEST_CASE("a wave along any axis of an isotropic solid has no stress across it and -E chi dx/(1-nu) in its plane") {
  const double plane = E * chi / (1 - nu), across = chi * (1 + nu) / (1 - nu);
  for (const Grid& grid : boxes({12, 9, 10}))
    for (int axis = 0; axis < grid.dimension(); ++axis) {
      CAPTURE(grid.dimension(), axis, no_flux(grid, axis));
      const double k = (no_flux(grid, axis) ? 3 : 4) * pi / grid.axis(axis).length;
      const double phase = no_flux(grid, axis) ? 0 : 0.4;
      const Function dx = [&](const Vector3d& r) { return 0.2 * std::cos(k * r[axis] + phase); };
      Solution solution(grid, isotropic, sampled(grid, [&](const auto& r) { return 0.3 + dx(r); }));
      ElasticFields fields = solution.fields();
      const auto stress = fields.stress(), strain = fields.strain(), displacement = fields.displacement();
      REQUIRE(stress.size() == 6);
      REQUIRE(strain.size() == 6);
      REQUIRE(displacement.size() == 3);
      for (int c = 0; c < 6; ++c) {
        CAPTURE(c);
        const bool in_plane = c < 3 && c != axis;
        CHECK(largest_error(grid, stress[c], [&](const auto& r) { return in_plane ? -plane * dx(r) : 0; }) <
              1e-13 * plane);
        CHECK(largest_error(grid, strain[c], [&](const auto& r) { return c == axis ? across * dx(r) : 0; }) < 1e-14);
      }
      for (int i = 0; i < 3; ++i)
        CHECK(largest_error(grid, displacement[i], [&](const auto& r) {
                return i == axis ? across * 0.2 * std::sin(k * r[axis] + phase) / k : 0;
              }) < 1e-14);
      CHECK(largest_error(grid, fields.pressure().at(0), [&](const auto& r) { return 2 * plane * dx(r) / 3; }) <
            1e-13 * plane);
      CHECK(largest_error(grid, fields.von_mises().at(0), [&](const auto& r) { return std::abs(plane * dx(r)); }) <
            1e-13 * plane);
      CHECK(largest_error(grid, fields.energy_density().at(0),
                          [&](const auto& r) { return plane * chi * dx(r) * dx(r); }) < 1e-13 * plane * chi);
    }
}

TEST_CASE("an oblique wave and its mirror images follow the tensor formula, the shortest wave without a derivative") {
  for (const Moduli& moduli : {isotropic, cubic})
    for (const std::array<int, 3> mode : {std::array{2, 1, 2}, std::array{1, -2, 3}, std::array{4, 1, -1}})
      for (const Grid& grid : boxes({8, 7, 6})) {
        Vector3d k = Vector3d::Zero();
        Vector3d seen = Vector3d::Ones();  // 0 along the shortest wave of a periodic axis: it has no derivative
        std::vector<int> mirrors;          // axes along which the wave runs both ways
        bool periodic = false;
        for (int a = 0; a < grid.dimension(); ++a) {
          k[a] = (no_flux(grid, a) ? pi : 2 * pi) * mode[a] / grid.axis(a).length;
          if (2 * std::abs(mode[a]) == static_cast<int>(grid.cells(a)) && !no_flux(grid, a)) seen[a] = 0;
          if (no_flux(grid, a) || seen[a] == 0)
            mirrors.push_back(a);
          else
            periodic = true;
        }
        CAPTURE(grid.dimension(), mirrors, mode);
        const double phase = periodic ? 0.7 : 0;
        const auto mean = [&](const std::function<double(const Vector3d& k)>& f) {
          double sum = 0;
          for (unsigned image = 0; image < 1u << mirrors.size(); ++image) {
            Vector3d q = k;
            for (std::size_t a = 0; a < mirrors.size(); ++a)
              if (image >> a & 1) q[mirrors[a]] *= -1;
            sum += f(q);
          }
          return sum / static_cast<double>(1u << mirrors.size());
        };
        const auto wave = [&](const Vector3d& q) {
          return Wave(moduli.stiffness(), q.cwiseProduct(seen).normalized());
        };
        Solution solution(grid, moduli, sampled(grid, [&](const Vector3d& r) {
                            return mean([&](const auto& q) { return std::cos(q.dot(r) + phase); });
                          }));
        ElasticFields fields = solution.fields();
        const auto stress = fields.stress(), strain = fields.strain(), displacement = fields.displacement();
        for (int c = 0; c < 6; ++c) {
          CAPTURE(c);
          const auto [i, j] = pairs[c];
          CHECK(largest_error(grid, stress[c], [&, i = i, j = j](const Vector3d& r) {
                  return mean([&](const auto& q) { return wave(q).stress(i, j) * std::cos(q.dot(r) + phase); });
                }) < 1e-13 * C11);
          CHECK(largest_error(grid, strain[c], [&, i = i, j = j](const Vector3d& r) {
                  return mean([&](const auto& q) { return wave(q).strain(i, j) * std::cos(q.dot(r) + phase); });
                }) < 1e-13);
        }
        for (int i = 0; i < 3; ++i)
          CHECK(largest_error(grid, displacement[i], [&](const Vector3d& r) {
                  return mean([&](const auto& q) {
                    return wave(q).shift[i] / std::max(k.cwiseProduct(seen).norm(), 1e-300) *
                           std::sin(q.dot(r) + phase);
                  });
                }) < 1e-13);
        const auto total = [&](const Vector3d& r, Matrix3d Wave::*of) {
          Matrix3d sum;
          for (int i = 0; i < 3; ++i)
            for (int j = 0; j < 3; ++j)
              sum(i, j) = mean([&](const auto& q) { return (wave(q).*of)(i, j) * std::cos(q.dot(r) + phase); });
          return sum;
        };
        const auto x = [&](const Vector3d& r) {
          return mean([&](const auto& q) { return std::cos(q.dot(r) + phase); });
        };
        CHECK(largest_error(grid, fields.pressure().at(0),
                            [&](const auto& r) { return -total(r, &Wave::stress).trace() / 3; }) < 1e-13 * C11);
        CHECK(largest_error(grid, fields.von_mises().at(0), [&](const auto& r) {
                const Matrix3d s = total(r, &Wave::stress), deviator = s - s.trace() / 3 * Matrix3d::Identity();
                return std::sqrt(1.5 * deviator.squaredNorm());
              }) < 1e-13 * C11);
        CHECK(largest_error(grid, fields.energy_density().at(0), [&](const auto& r) {
                const Matrix3d elastic = total(r, &Wave::strain) - chi * x(r) * Matrix3d::Identity();
                return total(r, &Wave::stress).cwiseProduct(elastic).sum() / 2;
              }) < 1e-13 * C11);
      }
}

TEST_CASE("the mean of the elastic energy density is the elastic energy of the run") {
  for (const char* domain :
       {"domain={length=[\"4 nm\"], cells=[15]}", "domain={length=[\"4 nm\"], cells=[16], boundary=[\"no_flux\"]}",
        "domain={length=[\"4 nm\", \"3 nm\"], cells=[15, 12], boundary=[\"periodic\", \"no_flux\"]}",
        "domain={length=[\"3 nm\", \"4 nm\", \"2 nm\"], cells=[9, 11, 7]}",
        "domain={length=[\"3 nm\", \"4 nm\", \"2 nm\"], cells=[8, 11, 6], boundary=[\"no_flux\", \"periodic\", "
        "\"no_flux\"]}"})
    for (const char* elasticity :
         {"elasticity={model=\"isotropic\", E=\"13.8 GPa\", nu=0.33}",
          "elasticity={model=\"cubic\", C11=\"13.42 GPa\", C12=\"11.3 GPa\", C44=\"8.89 GPa\"}"}) {
      CAPTURE(domain, elasticity);
      test::Experiment<> experiment(test::li_na({domain, elasticity, "initial.noise=0.02"}));
      experiment.start();
      experiment.run(1e-6);
      const Case& config = experiment.config;
      Field<double> x = experiment.field();
      Equilibrium equilibrium(config.grid, *experiment.model.medium(), experiment.model.average(), 1e-14,
                              Planning::estimate);
      equilibrium.solve(x);
      ElasticFields fields(equilibrium, x, nullptr, 1);
      const double energy =
          experiment.stepper.report().elastic * experiment.model.units().energy / experiment.model.V_m();  // J/m3
      REQUIRE(energy > 1e3);
      CHECK(fields.energy_density().at(0).array().mean() == Approx(energy).epsilon(1e-12));
    }
}

TEST_CASE("the stress of any periodic composition is in equilibrium, and its mean is zero") {
  const Grid grid({{3, 9, Boundary::periodic}, {4, 7, Boundary::periodic}, {2.5, 5, Boundary::periodic}});
  for (const Moduli& moduli : {isotropic, cubic}) {
    const auto stress = Solution(grid, moduli, noise(grid)).fields().stress();
    std::vector<Spectrum<double>> hat;
    for (const Field<double>& component : stress) {
      hat.push_back(amplitudes(grid, component));
      CHECK(std::abs(component.array().mean()) < 1e-15 * C11);
    }
    double largest = 0, force = 0;
    for (std::size_t m = 1; m < grid.mode_count(); ++m) {
      const std::array<std::size_t, 3> mode = grid.mode(m);
      Eigen::Vector3cd sum = Eigen::Vector3cd::Zero();
      for (int c = 0; c < 6; ++c) {
        const auto [i, j] = pairs[c];
        const std::complex<double> s(hat[c][2 * m], hat[c][2 * m + 1]);
        sum[i] += grid.wavenumber(j, mode[j]) * s;
        if (i != j) sum[j] += grid.wavenumber(i, mode[i]) * s;
        largest = std::max(largest, std::abs(s));
      }
      force = std::max(force, sum.cwiseAbs().maxCoeff());
    }
    CHECK(largest > 1e6);
    CHECK(force < 1e-12 * largest);
  }
}

TEST_CASE("a box without flux is the half of a periodic one that its mirror image completes") {
  for (const Grid& half : boxes({6, 5, 4})) {
    const Field<double> x = noise(half);
    std::vector<Axis> axes;
    for (int a = 0; a < half.dimension(); ++a) {
      axes.push_back(half.axis(a));
      if (no_flux(half, a)) axes.back() = {2 * axes.back().length, 2 * axes.back().cells, Boundary::periodic};
    }
    const Grid whole(axes);
    const auto in_half = [&](std::size_t i) {
      auto [p, q, r] = index_of(whole, i);
      p = p < half.cells(0) ? p : whole.cells(0) - 1 - p;
      q = q < half.cells(1) ? q : whole.cells(1) - 1 - q;
      r = r < half.cells(2) ? r : whole.cells(2) - 1 - r;
      return p + half.cells(0) * (q + half.cells(1) * r);
    };
    Field<double> mirrored(whole);
    for (std::size_t i = 0; i < mirrored.size(); ++i) mirrored[i] = x[in_half(i)];
    Solution in_half_box(half, cubic, x), in_whole_box(whole, cubic, mirrored);
    ElasticFields fields = in_half_box.fields(), doubled = in_whole_box.fields();
    for (const auto of : {&ElasticFields::displacement, &ElasticFields::strain, &ElasticFields::stress,
                          &ElasticFields::pressure, &ElasticFields::von_mises, &ElasticFields::energy_density}) {
      const auto part = (fields.*of)(), all = (doubled.*of)();
      REQUIRE(part.size() == all.size());
      double largest = 0;
      for (const Field<double>& component : all) largest = std::max(largest, component.array().abs().maxCoeff());
      for (std::size_t c = 0; c < part.size(); ++c) {
        double worst = 0;
        for (std::size_t i = 0; i < half.size(); ++i) {
          const auto [p, q, r] = index_of(half, i);
          worst = std::max(worst, std::abs(part[c][i] - all[c][p + whole.cells(0) * (q + whole.cells(1) * r)]));
        }
        CAPTURE(c, half.dimension());
        CHECK(worst <= 1e-12 * largest);
      }
    }
  }
}

TEST_CASE("a coherent sphere has Eshelby's stress, within 1 % in a box of 64^3 and nearer the smaller it is") {
  constexpr double L = 1, inside = 2 * E * chi / (3 * (1 - nu));
  double before = 1;
  for (const double radius : {0.18, 0.11}) {
    const Grid grid({{L, 64, Boundary::periodic}, {L, 64, Boundary::periodic}, {L, 64, Boundary::periodic}});
    const double width = L / 64;
    const Field<double> x = sampled(grid, [&](const Vector3d& r) {
      return (1 - std::tanh(((r - Vector3d::Constant(L / 2)).norm() - radius) / width)) / 2;
    });
    Solution solution(grid, isotropic, x);
    ElasticFields fields = solution.fields();
    const auto stress = fields.stress(), displacement = fields.displacement();
    const double f = x.array().mean();
    CHECK(f == Approx(4 * pi / 3 * std::pow(radius, 3)).epsilon(0.07));  // the interface adds pi^2/4 (width/radius)^2
    const auto at = [](std::size_t i, std::size_t j, std::size_t k) { return i + 64 * (j + 64 * k); };
    const std::size_t centre = at(32, 32, 32);
    double error = 0;
    for (int c = 0; c < 3; ++c) error = std::max(error, std::abs(stress[c][centre] / -inside - 1));
    CHECK(error < 0.01 + (radius > 0.15 ? 0.02 : 0));
    CHECK(error < before);
    before = error;
    for (int c = 0; c < 3; ++c) CHECK(stress[c][centre] == Approx(-inside * (1 - f)).epsilon(2e-4));
    for (int c = 3; c < 6; ++c) CHECK(std::abs(stress[c][centre]) < 1e-6 * inside);

    // Half way to the surface: uniform; outside, at 3/2 of the radius: sigma_rr = -inside (R/r)^3, half of it around.
    const std::size_t half = static_cast<std::size_t>(32 * radius), out = static_cast<std::size_t>(96 * radius);
    CHECK(stress[0][at(32 + half, 32, 32)] == Approx(-inside * (1 - f)).epsilon(0.01));
    CHECK(stress[1][at(32 + half, 32, 32)] == Approx(-inside * (1 - f)).epsilon(0.01));
    const double cube = std::pow(radius / (static_cast<double>(out) / 64), 3) * f / (4 * pi / 3 * std::pow(radius, 3));
    CHECK(stress[0][at(32 + out, 32, 32)] == Approx(-inside * (cube - f)).margin(0.015 * inside));
    CHECK(stress[1][at(32 + out, 32, 32)] == Approx(inside * (cube / 2 + f)).margin(0.015 * inside));
    const double r = static_cast<double>(half) / 64;
    CHECK(displacement[0][at(32 + half, 32, 32)] ==
          Approx(chi * (1 + nu) / (3 * (1 - nu)) * (1 - f) * r).epsilon(0.01));
    CHECK(displacement[2][at(32, 32, 32 - half)] ==
          Approx(-chi * (1 + nu) / (3 * (1 - nu)) * (1 - f) * r).epsilon(0.01));
  }
}

TEST_CASE("a coherent cylinder has the stress of plane strain: half as much across its axis as along it") {
  const double along = E * chi / (1 - nu);
  for (const auto& [cells, radius, tolerance] :
       {std::tuple<std::size_t, double, double>{65, 0.15, 0.08}, {129, 0.07, 0.02}, {257, 0.05, 0.01}}) {
    const Grid grid({{1, cells, Boundary::periodic}, {1, cells, Boundary::periodic}});
    const double width = 1 / static_cast<double>(cells), middle = static_cast<double>(cells / 2) * width;
    const Field<double> x = sampled(grid, [&, R = radius](const Vector3d& r) {
      return (1 - std::tanh((std::hypot(r[0] - middle, r[1] - middle) - R) / width)) / 2;
    });
    const auto stress = Solution(grid, isotropic, x).fields().stress();
    const std::size_t centre = cells / 2 * (cells + 1);
    const double f = x.array().mean();
    for (const auto& [component, wanted] : {std::pair{0, along / 2}, {1, along / 2}, {2, along}}) {
      CHECK(stress[component][centre] == Approx(-wanted * (1 - f)).epsilon(2e-4));
      CHECK(stress[component][centre] == Approx(-wanted).epsilon(tolerance));
    }
    CHECK(std::abs(stress[3][centre]) < 1e-6 * along);
  }
}

TEST_CASE("central differences of the displacement tend to the strain with the square of the spacing") {
  const auto error = [](std::size_t n) {
    const Grid grid({{3, n, Boundary::periodic}, {2, n, Boundary::no_flux}});
    Solution solution(grid, cubic, sampled(grid, [](const Vector3d& r) {
                        return 0.3 + 0.1 * std::cos(2 * pi * r[0] / 3 + 1) * std::cos(pi * r[1]) +
                               0.05 * std::cos(pi * r[1] / 2) * std::sin(2 * pi * r[0] / 3);
                      }));
    ElasticFields fields = solution.fields();
    const auto u = fields.displacement(), strain = fields.strain();
    double worst = 0;
    for (std::size_t j = 1; j + 1 < n; ++j)
      for (std::size_t i = 1; i + 1 < n; ++i) {
        const std::size_t c = i + n * j;
        const auto slope = [&](int component, int axis) {
          const std::size_t stride = axis == 0 ? 1 : n;
          return (u[component][c + stride] - u[component][c - stride]) / (2 * grid.axis(axis).spacing());
        };
        for (const auto& [component, wanted] :
             {std::pair{0, slope(0, 0)}, {1, slope(1, 1)}, {3, (slope(0, 1) + slope(1, 0)) / 2}})
          worst = std::max(worst, std::abs(strain[component][c] - wanted));
      }
    return worst;
  };
  CHECK(error(64) < 3e-4);
  CHECK(error(32) / error(64) == Approx(4).epsilon(0.03));
}

TEST_CASE("a crystal that a wall would bend is refused") {
  Medium tilted = medium(cubic);
  tilted.to_grid << std::cos(0.3), -std::sin(0.3), 0, std::sin(0.3), std::cos(0.3), 0, 0, 0, 1;
  const auto solver = [&](Boundary boundary) {
    return Equilibrium(Grid({{3, 8, boundary}, {3, 8, Boundary::periodic}}), tilted, AverageState{}, 1e-6,
                       Planning::estimate);
  };
  CHECK_NOTHROW(solver(Boundary::periodic));
  CHECK_THROWS_AS(solver(Boundary::no_flux), std::invalid_argument);
}
