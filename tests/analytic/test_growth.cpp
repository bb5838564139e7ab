// A small wave grows or decays at the rate of linear theory, physics: omega(k) = -M k^2 [G'' + V_m B(n) + V_m kappa
// k^2] (Cahn 1961), whatever the dimension, the boundaries, the mobility, the elasticity and the wave.
#include <Eigen/Geometry>
#include <catch2/catch.hpp>
#include <numbers>

#include "spinode/elasticity/coherency.hpp"
#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

namespace {

struct Wave {
  std::vector<std::string> domain;
  std::array<int, 3> periods;  // half periods along a no-flux axis
};

/// Waves on boxes of every dimension and kind of boundary; at least 64 cells to a period along the wave, for the
/// staggered divergence is of second order in the spacing: (k h)^2/12.
const std::vector<Wave> waves{
    {{"domain.length=[\"2 nm\"]", "domain.cells=[96]"}, {1, 0, 0}},
    {{"domain.length=[\"4 nm\"]", "domain.cells=[256]"}, {3, 0, 0}},
    {{"domain.length=[\"1.5 nm\"]", "domain.cells=[96]", "domain.boundary=[\"no_flux\"]"}, {1, 0, 0}},
    {{"domain.length=[\"2.4 nm\"]", "domain.cells=[128]", "domain.boundary=[\"no_flux\"]"}, {3, 0, 0}},
    {{"domain.length=[\"2 nm\", \"3 nm\"]", "domain.cells=[96, 144]"}, {1, 2, 0}},
    {{"domain.length=[\"3 nm\", \"2 nm\"]", "domain.cells=[100, 96]", "domain.boundary=[\"no_flux\", \"periodic\"]"},
     {2, 1, 0}},
    {{"domain.length=[\"2 nm\", \"2 nm\"]", "domain.cells=[96, 96]", "domain.boundary=[\"no_flux\", \"no_flux\"]"},
     {2, 2, 0}},
    {{"domain.length=[\"2 nm\", \"1 nm\", \"1 nm\"]", "domain.cells=[96, 4, 8]"}, {1, 0, 0}},
    {{"domain.length=[\"1 nm\", \"1 nm\", \"1.6 nm\"]", "domain.cells=[8, 4, 80]",
      "domain.boundary=[\"periodic\", \"periodic\", \"no_flux\"]"},
     {0, 0, 2}},
    {{"domain.length=[\"2 nm\", \"2.5 nm\", \"2 nm\"]", "domain.cells=[64, 80, 48]",
      "domain.boundary=[\"periodic\", \"periodic\", \"no_flux\"]"},
     {1, 1, 1}},
    {{"domain.length=[\"2 nm\", \"2 nm\", \"2 nm\"]", "domain.cells=[48, 64, 64]",
      "domain.boundary=[\"no_flux\", \"periodic\", \"periodic\"]"},
     {1, 1, 1}},
};

double k_of(const Grid& grid, int a, int periods) {
  return periods * std::numbers::pi / grid.axis(a).length * (grid.axis(a).boundary == Boundary::periodic ? 2 : 1);
}

/// Growth rate [1/s] of a wave of amplitude 1e-5, from its projection at the end of a short run.
double measured_rate(const Case& config, const std::array<int, 3>& periods, double time) {
  Experiment experiment(config);
  const double x0 = 0.25, amplitude = 1e-5;
  const auto wave = [&](const auto& r) {
    double product = 1;
    for (int a = 0; a < config.grid.dimension(); ++a) product *= std::cos(k_of(config.grid, a, periods[a]) * r[a]);
    return product;
  };
  const auto amplitude_of = [&](const Field<double>& x) {
    double projection = 0, norm = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double w = wave(experiment.position(i));
      projection += (x[i] - x0) * w;
      norm += w * w;
    }
    return projection / norm;
  };
  experiment.start([&](const auto& r) { return x0 + amplitude * wave(r); });
  // The first step, of first order, is not what is measured.
  const double begin = time / 10;
  experiment.run(begin);
  const double before = amplitude_of(experiment.field());
  experiment.run(time);
  return std::log(amplitude_of(experiment.field()) / before) / (time - begin);
}

}  // namespace

TEST_CASE("a small wave grows at the rate of linear theory", "[analytic]") {
  const std::string mobility = GENERATE("degenerate", "constant", "darken");
  const std::string elasticity = GENERATE("none", "isotropic", "cubic");
  for (const Wave& wave : waves) {
    std::vector<std::string> rest = wave.domain;
    rest.push_back("elasticity.model=" + elasticity);
    rest.push_back("mobility.model=" + mobility);
    if (mobility == "constant") rest.push_back("mobility.x0=0.25");
    if (mobility == "darken") rest.push_back("mobility.D_host=\"3e-11 cm2/s\"");
    Case config = li_na(rest);
    const Grid& grid = config.grid;

    // Linear theory from the numbers of the case alone.
    const double RT = 8.314462618 * 298.15, x0 = 0.25, V_m = 6.02214076e23 * std::pow(3.42e-10, 3) / 2,
                 chi = 4.19 / 3.42 - 1, kappa = 4.88e-11;
    Eigen::Vector3d k = Eigen::Vector3d::Zero();
    for (int a = 0; a < grid.dimension(); ++a) k[a] = k_of(grid, a, wave.periods[a]);
    const double curvature = RT / (x0 * (1 - x0)) - 2 * 20109.8 + 5772.6 * (12 * x0 - 6);
    double B = 0;
    if (elasticity == "isotropic") B = 2 * 13.8e9 * chi * chi / (1 - 0.33);
    if (elasticity == "cubic") B = CoherencyModulus(Stiffness::cubic(13.42e9, 11.30e9, 8.89e9), chi)(k);
    const double D = mobility == "darken" ? (1 - x0) * 1e-14 + x0 * 3e-15 : 1e-14, M = D * x0 * (1 - x0) / RT;
    const double omega = -M * k.squaredNorm() * (curvature + V_m * B + V_m * kappa * k.squaredNorm());

    // A tenth of the time of growth, in steps that resolve the largest rate that the scheme takes explicitly: omega is
    // what little the chemical, elastic and gradient terms leave of each other.
    const double time = 0.1 / std::abs(omega), explicit_rate = M * k.squaredNorm() * 5e4;
    config.time.step = time / std::ceil(std::max(40.0, time * explicit_rate / 0.05));
    const double measured = measured_rate(config, wave.periods, time);
    INFO(fmt::format(
        "{} mobility, elasticity {}, {}, periods {} {} {}: omega {:.6g}, measured {:.6g} 1/s, ratio - 1 = {:.2e}",
        mobility, elasticity, wave.domain.front(), wave.periods[0], wave.periods[1], wave.periods[2], omega, measured,
        measured / omega - 1));
    CHECK(measured == Approx(omega).epsilon(1e-3));
  }
}

TEST_CASE("a small wave in a turned crystal grows as along its direction of the crystal", "[analytic]") {
  // Crystal directions (1 2 0) and (-2 1 0) along x and y, or what Euler angles say.
  const Eigen::Vector3d a = Eigen::Vector3d(1, 2, 0).normalized(), b = Eigen::Vector3d(-2, 1, 0).normalized();
  const double phi1 = 0.5, Phi = 0.4;
  const auto [orientation, crystal_of] =
      GENERATE_COPY(table<std::vector<std::string>, std::function<Eigen::Vector3d(Eigen::Vector3d)>>(
          {{{"elasticity.x_axis=[1, 2, 0]", "elasticity.y_axis=[-2, 1, 0]"},
            [=](Eigen::Vector3d n) -> Eigen::Vector3d { return n[0] * a + n[1] * b + n[2] * a.cross(b); }},
           {{fmt::format("elasticity.euler=[\"{} rad\", \"{} rad\", \"0 degree\"]", phi1, Phi)},
            [=](Eigen::Vector3d n) -> Eigen::Vector3d {
              // Bunge's matrix for phi2 = 0, row by row.
              return {std::cos(phi1) * n[0] + std::sin(phi1) * n[1],
                      std::cos(Phi) * (-std::sin(phi1) * n[0] + std::cos(phi1) * n[1]) + std::sin(Phi) * n[2],
                      std::sin(Phi) * (std::sin(phi1) * n[0] - std::cos(phi1) * n[1]) + std::cos(Phi) * n[2]};
            }}}));
  const double coherency = GENERATE(1.0, 0.5, 0.0);
  std::vector<std::string> rest{"domain.length=[\"3 nm\", \"3 nm\", \"3 nm\"]",
                                "domain.cells=[12, 12, 12]",
                                "elasticity.model=cubic",
                                "mobility.model=constant",
                                "mobility.x0=0.25",
                                fmt::format("elasticity.coherency={}", coherency)};
  rest.insert(rest.end(), orientation.begin(), orientation.end());
  for (const std::array<int, 3> periods : {std::array{1, 0, 0}, {1, 1, 0}, {1, 1, 1}, {0, 1, 2}}) {
    Case config = li_na(rest);
    Eigen::Vector3d k;
    for (int axis = 0; axis < 3; ++axis) k[axis] = k_of(config.grid, axis, periods[axis]);
    const double RT = 8.314462618 * 298.15, x0 = 0.25, V_m = 6.02214076e23 * std::pow(3.42e-10, 3) / 2,
                 chi = coherency * (4.19 / 3.42 - 1), M = 1e-14 * x0 * (1 - x0) / RT;
    const double B = CoherencyModulus(Stiffness::cubic(13.42e9, 11.30e9, 8.89e9), chi)(crystal_of(k));
    const double curvature = RT / (x0 * (1 - x0)) - 2 * 20109.8 + 5772.6 * (12 * x0 - 6);
    const double omega = -M * k.squaredNorm() * (curvature + V_m * B + V_m * 4.88e-11 * k.squaredNorm());
    const double time = 0.1 / std::abs(omega), explicit_rate = M * k.squaredNorm() * 5e4;
    config.time.step = time / std::ceil(std::max(40.0, time * explicit_rate / 0.05));
    Experiment experiment(config);
    const auto wave = [&](const auto& r) { return std::cos(k[0] * r[0] + k[1] * r[1] + k[2] * r[2]); };
    const auto amplitude = [&] {
      const Field<double> x = experiment.field();
      double sum = 0;
      for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - x0) * wave(experiment.position(i));
      return sum;
    };
    experiment.start([&](const auto& r) { return x0 + 1e-5 * wave(r); });
    experiment.run(time / 10);
    const double before = amplitude();
    experiment.run(time);
    INFO(orientation[0] << ", coherency " << coherency << ", periods " << periods[0] << periods[1] << periods[2]);
    CHECK(std::log(amplitude() / before) / (0.9 * time) == Approx(omega).epsilon(1e-3));
  }
}

TEST_CASE("the spectral rate of constant mobility is that of linear theory on a coarse grid too", "[analytic]") {
  // Seven cells to a period: no finite difference would come near.
  Case config = double_well_case({"domain.cells=[28]", "domain.length=[56]"});
  const double k = 2 * std::numbers::pi * 4 / 56, curvature = 5 * (2 * 0.2 * 0.2 * -2),
               omega = -5 * k * k * (curvature + 2 * k * k);
  config.time.step = 1e-3 / std::abs(omega);
  Experiment experiment(config);
  const auto amplitude = [&] {
    const Field<double> x = experiment.field();
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - 0.5) * std::cos(k * experiment.position(i)[0]);
    return 2 * sum / static_cast<double>(x.size());
  };
  experiment.start([&](const auto& r) { return 0.5 + 1e-5 * std::cos(k * r[0]); });
  const double begin = 0.01 / std::abs(omega), end = 0.1 / std::abs(omega);
  experiment.run(begin);
  const double before = amplitude();
  experiment.run(end);
  CHECK(std::log(amplitude() / before) / (end - begin) == Approx(omega).epsilon(1e-5));
}
