// Creep and moduli that vary with x: a uniform box relaxes as its law integrated by hand, and a small wave follows
// linear theory, worked out here index by index (elasticity: Khachaturyan 1983; creep: Norton 1929, Odqvist 1934).
#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <numbers>

#include "li_na.hpp"
#include "support.hpp"

using namespace spinode;
using namespace spinode::test;
using Eigen::Matrix3d;
using Eigen::Vector3d;

namespace {

using Keys = std::vector<std::string>;
using std::numbers::pi;
using std::numbers::sqrt2;

Keys operator+(Keys keys, const Keys& more) {
  keys.insert(keys.end(), more.begin(), more.end());
  return keys;
}

/// Cubic constants [Pa]: those of the systems file, and a solute that differs in all of them.
struct Cubic {
  double C11, C12, C44;
  double K() const { return (C11 + 2 * C12) / 3; }
  double C_prime() const { return (C11 - C12) / 2; }
  /// Mean over all orientations (Voigt 1889).
  double shear() const { return (C11 - C12 + 3 * C44) / 5; }
};
constexpr Cubic lithium{13.42e9, 11.30e9, 8.89e9}, soft{7.4e9, 6.2e9, 4.2e9};

Cubic between(double x) {
  return {(1 - x) * lithium.C11 + x * soft.C11, (1 - x) * lithium.C12 + x * soft.C12,
          (1 - x) * lithium.C44 + x * soft.C44};
}

const Keys cubic{"elasticity.model=cubic"};
const Keys mixed = cubic + Keys{"elasticity.moduli=mixed", "elasticity.solute.C11=\"7.4 GPa\"",
                                "elasticity.solute.C12=\"6.2 GPa\"", "elasticity.solute.C44=\"4.2 GPa\""};

Keys strain(const std::string& component, double value) {
  return {fmt::format("elasticity.average_strain.{}={}", component, value)};
}

Keys stress(const std::string& component, double value) {
  return {fmt::format("elasticity.average_stress.{}=\"{} Pa\"", component, value)};
}

Keys viscous(double relaxation_time) {
  return {"elasticity.creep.model=viscous", fmt::format("elasticity.creep.relaxation_time=\"{} s\"", relaxation_time)};
}

/// A box without noise that stays uniform: a dilute solution at room temperature, or any at 2000 K.
Keys uniform(double x) {
  return {fmt::format("initial.x={}", x), "initial.noise=0", "domain.cells=[4]",
          fmt::format("temperature=\"{} K\"", x > 0.02 ? 2000 : 298.15)};
}

/// What a run of fixed steps makes of a uniform box.
struct Relaxation {
  Balance start, end;
  double dissipated = 0, deviatoric_trace = 0;
};

Relaxation relax(const Keys& keys, double end, int steps) {
  Case config = test::li_na(keys);
  if (steps > 0) config.time.step = end / steps;
  Experiment experiment(config);
  experiment.start();
  const Mechanics& mechanics = *experiment.equation.mechanics();
  Relaxation result{};
  result.start = mechanics.balance();
  experiment.run(end);
  if (steps > 0) CHECK(experiment.stepper.counts().accepted == steps);
  CHECK(largest_difference(experiment.field(), [&] {
          Field<double> x(config.grid);
          x.array().setConstant(config.mean_composition());
          return x;
        }()) < 1e-14);
  result.end = mechanics.balance();
  result.dissipated = mechanics.dissipated();
  if (const TensorField* const creep = mechanics.creep_strain())
    result.deviatoric_trace = std::abs((*creep)[0][0] + (*creep)[1][0] + (*creep)[2][0]);
  return result;
}

double equivalent(const Tensor& s) {
  const double mean = (s[0] + s[1] + s[2]) / 3;
  return std::sqrt(1.5 * (std::pow(s[0] - mean, 2) + std::pow(s[1] - mean, 2) + std::pow(s[2] - mean, 2) +
                          s.tail<3>().squaredNorm()));
}

}  // namespace

TEST_CASE("a clamped uniform box relaxes its shears as exp(-t modulus/viscosity), with the order of the scheme",
          "[analytic]") {
  const auto [scheme, order] = GENERATE(table<std::string, int>(
      {{"semi_implicit", 1}, {"semi_implicit", 2}, {"implicit", 1}, {"implicit", 2}, {"convex_splitting", 1}}));
  const Keys time{"time.scheme=" + scheme, fmt::format("time.order={}", order)};
  constexpr double tau = 1e-6, end = 1e-6, h = 2e-4, e = 1e-3;
  // The viscosity is one number; a shear between cube axes relaxes with C44, one along them with C'.
  struct Shear {
    Keys keys;
    double modulus;
    int component;
    double stress;
  };
  const std::vector<Shear> shears{
      {strain("xy", e) + strain("xx", h) + strain("yy", h) + strain("zz", h), lithium.C44, 5,
       sqrt2 * 2 * lithium.C44 * e},
      {strain("xx", h + e) + strain("yy", h - e) + strain("zz", h), lithium.C_prime(), 0, 2 * lithium.C_prime() * e}};
  for (const Shear& shear : shears) {
    const double rate = shear.modulus / (lithium.shear() * tau), pressure = 3 * lithium.K() * h,
                 exact = shear.stress * std::exp(-rate * end);
    std::vector<double> errors, lost;
    for (const int steps : {100, 200, 400}) {
      const Relaxation run = relax(uniform(0.01) + cubic + viscous(tau) + shear.keys + time, end, steps);
      const auto shear_of = [&](const Balance& b) {
        return b.stress[shear.component] - (shear.component < 3) * pressure;
      };
      CHECK(shear_of(run.start) == Approx(shear.stress).epsilon(1e-12));
      errors.push_back(shear_of(run.end) / exact - 1);
      // What does not shear does not relax: the mean stress stays to round-off, and creep changes no volume.
      CHECK(run.end.stress.head<3>().mean() == Approx(pressure).epsilon(1e-13));
      CHECK(run.deviatoric_trace < 1e-18);
      CHECK(run.end.load == 0);
      CHECK(run.end.von_mises == Approx(equivalent(run.end.stress)).epsilon(1e-12));
      // The energy of shear, which goes where it is said to go.
      const double energy = 4.5 * lithium.K() * h * h, released = run.start.energy - run.end.energy;
      CHECK(run.start.energy == Approx(energy + 2 * shear.modulus * e * e).epsilon(1e-12));
      CHECK(run.end.energy == Approx(energy + std::pow(shear_of(run.end) * (shear.component < 3 ? 1 : 1 / sqrt2), 2) /
                                                  (2 * shear.modulus))
                                  .epsilon(1e-12));
      lost.push_back(run.dissipated / released - 1);
    }
    INFO(fmt::format("{}, order {}, component {}: errors {:.2e} {:.2e} {:.2e}, of the balance {:.2e} {:.2e} {:.2e}",
                     scheme, order, shear.component, errors[0], errors[1], errors[2], lost[0], lost[1], lost[2]));
    CHECK(std::log2(errors[1] / errors[2]) == Approx(order).margin(0.05));
    CHECK(std::abs(errors[2]) < (order == 1 ? 4e-3 : 2e-5) * rate * rate);
    // Trapezoids of the dissipation are of second order, of states that are of the scheme's.
    CHECK(std::log2(std::abs(lost[1] / lost[2])) == Approx(order).margin(0.1));
  }
}

TEST_CASE("an alloy relaxes with its own moduli, and with the rates of its metals by their shares", "[analytic]") {
  constexpr double x = 0.3, end = 1e-6, e = 1e-3, eta_host = 6e3, eta_solute = 2e3, tau_solute = 0.7e-6;
  const Cubic alloy = between(x);
  const Keys host{"elasticity.creep.model=viscous", "elasticity.creep.viscosity=\"6000 Pa s\""};
  const auto stress_left = [&](const Keys& creep) {
    const Relaxation run =
        relax(uniform(x) + mixed + creep + strain("yz", e) + Keys{"elasticity.average=clamped"}, end, 1000);
    CHECK(run.start.stress[3] == Approx(sqrt2 * 2 * alloy.C44 * e).epsilon(1e-12));
    return run.end.stress[3] / run.start.stress[3];
  };
  const auto exact = [&](double eta) { return std::exp(-end * alloy.C44 * ((1 - x) / eta_host + x / eta)); };
  // BDF2 of 1000 steps: (rate dt)^2/3 of the exponent.
  CHECK(stress_left(host) == Approx(exact(eta_host)).epsilon(2e-6));
  CHECK(stress_left(host + Keys{"elasticity.creep.solute.viscosity=\"2000 Pa s\""}) ==
        Approx(exact(eta_solute)).epsilon(5e-6));
  CHECK(stress_left(host + Keys{"elasticity.creep.solute.relaxation_time=\"0.7 us\""}) ==
        Approx(exact(tau_solute * soft.shear())).epsilon(5e-6));
  // Isotropic metals: E/(2 (1 + nu)) of each.
  const Relaxation isotropic = relax(
      uniform(x) +
          Keys{"elasticity.model=isotropic", "elasticity.moduli=mixed", "elasticity.solute.E=\"6 GPa\"",
               "elasticity.solute.nu=0.28", "elasticity.creep.model=viscous",
               "elasticity.creep.relaxation_time=\"1 us\"", "elasticity.creep.solute.relaxation_time=\"0.5 us\""} +
          strain("xz", e),
      end, 1000);
  const double host_shear = li_na::E / (2 * (1 + li_na::nu)), solute_shear = 6e9 / (2 * 1.28),
               shear = (1 - x) * host_shear + x * solute_shear;
  CHECK(isotropic.start.stress[4] == Approx(sqrt2 * 2 * shear * e).epsilon(1e-12));
  CHECK(isotropic.end.stress[4] / isotropic.start.stress[4] ==
        Approx(std::exp(-shear * ((1 - x) / host_shear + x / (solute_shear / 2)))).epsilon(5e-6));
  // A misfit with the lattice that the walls were made for is pressure, and stays.
  const Relaxation squeezed =
      relax(uniform(x) + mixed + host + Keys{"elasticity.average=clamped", "elasticity.x_reference=0.28"}, end, 10);
  CHECK(squeezed.end.stress.head<3>().mean() == Approx(-3 * alloy.K() * li_na::chi * 0.02).epsilon(1e-12));
  CHECK(squeezed.end.energy == Approx(4.5 * alloy.K() * std::pow(li_na::chi * 0.02, 2)).epsilon(1e-12));
  CHECK(squeezed.dissipated < 1e-20 * squeezed.end.energy);
}

TEST_CASE("under a steady stress a uniform box creeps at the rate of the law, whatever the steps", "[analytic]") {
  const std::string scheme = GENERATE("semi_implicit", "implicit", "convex_splitting");
  constexpr double end = 1e-5, load = 2e7, shear = 1.5e7, rate = 300, reference = 1e7;
  const int exponent = GENERATE(1, 4);
  const Keys law = test::power_law("300 s-1", "10 MPa", exponent);
  const Relaxation run = relax(uniform(0.01) + cubic + law + stress("zz", -load) + stress("xz", shear) +
                                   Keys{"time.scheme=" + scheme, "elasticity.tolerance=1e-12"},
                               end, 7);
  const double von_mises = std::sqrt(load * load + 3 * shear * shear);
  const double fluidity = 1.5 * rate / reference * std::pow(von_mises / reference, exponent - 1);
  // Elastic strain of the load, then creep along the deviator for all the time.
  const double K = lithium.K(), C_prime = lithium.C_prime();
  const double zz = -load * (1 / (9 * K) + 1 / (3 * C_prime)), xx = -load * (1 / (9 * K) - 1 / (6 * C_prime)),
               xz = shear / (2 * lithium.C44);
  CHECK(run.start.strain[2] == Approx(zz).epsilon(1e-12));
  CHECK(run.start.strain[4] == Approx(sqrt2 * xz).epsilon(1e-12));
  INFO(scheme << ", exponent " << exponent);
  CHECK(run.end.strain[2] == Approx(zz - 2 * load / 3 * fluidity * end).epsilon(1e-11));
  CHECK(run.end.strain[0] == Approx(xx + load / 3 * fluidity * end).epsilon(1e-11));
  CHECK(run.end.strain[4] == Approx(sqrt2 * (xz + shear * fluidity * end)).epsilon(1e-11));
  CHECK(run.end.stress[2] == Approx(-load).epsilon(1e-13));
  CHECK(run.end.stress[0] == Approx(0).margin(1e-6));
  // The energy of the box stays, and what the load gives creep takes.
  CHECK(run.end.energy == Approx(run.start.energy).epsilon(1e-11));
  const double power = von_mises * rate * std::pow(von_mises / reference, exponent);
  CHECK(run.start.load - run.end.load == Approx(power * end).epsilon(1e-11));
  CHECK(run.dissipated * 1e-6 == Approx(power * end * 1e-6).epsilon(1e-11));
}

TEST_CASE("a power law relaxes a shear by its closed form, faster by Arrhenius' factor where it is warmer",
          "[analytic]") {
  const std::string scheme = GENERATE("semi_implicit", "implicit");
  const double exponent = GENERATE(1.0, 2.0, 3.5);
  constexpr double e = 1e-3, rate = 60, reference = 1.2e7, end = 2e-6, Q = 50e3, T_rate = 280;
  Keys law = test::power_law("60 s-1", "12 MPa", exponent);
  for (const std::string metal : {"", "solute."})
    law = law +
          Keys{"elasticity.creep." + metal + "Q=\"50 kJ/mol\"", "elasticity.creep." + metal + "temperature=\"280 K\""};
  const auto factor = [&](double T) { return std::exp(Q / li_na::R * (1 / T_rate - 1 / T)); };
  // sigma_vm of a pure shear along a cube plane falls as d sigma/dt = -3 C44 rate (sigma/reference)^n.
  const double start = std::sqrt(3) * 2 * lithium.C44 * e;
  const auto closed_form = [&](double time) {
    const double fall = 3 * lithium.C44 * rate * time / reference;
    if (exponent == 1) return start * std::exp(-fall);
    return reference * std::pow(std::pow(start / reference, 1 - exponent) + (exponent - 1) * fall, 1 / (1 - exponent));
  };
  const auto end_stress = [&](const std::string& temperature, int steps) {
    return relax(uniform(0.01) + cubic + law + strain("xy", e) +
                     Keys{"time.scheme=" + scheme, "temperature=" + temperature, "elasticity.tolerance=1e-9"},
                 end, steps)
        .end.von_mises;
  };
  const auto check = [&](const std::string& temperature, double exact) {
    std::vector<double> errors;
    for (const int steps : {300, 600}) errors.push_back(end_stress(temperature, steps) / exact - 1);
    INFO(fmt::format("{}, exponent {}, {}: {:.6g} of {:.6g} Pa, errors {:.2e} {:.2e}", scheme, exponent, temperature,
                     exact, start, errors[0], errors[1]));
    CHECK(exact < 0.95 * start);
    CHECK(std::abs(errors[1]) < 2e-5);
    CHECK(std::abs(errors[1]) < 0.3 * std::abs(errors[0]));  // of second order, its terms of either sign
  };
  check("\"280 K\"", closed_form(end));
  check("\"298.15 K\"", closed_form(end * factor(298.15)));
  check("\"270 K\"", closed_form(end * factor(270)));

  // A ramp integrates the factor, by Simpson's rule; a jump changes it at once.
  double integral = 0;
  constexpr int intervals = 200;
  for (int i = 0; i <= intervals; ++i)
    integral += (i == 0 || i == intervals ? 1 : i % 2 ? 4 : 2) * factor(270 + 20.0 * i / intervals) / intervals / 3;
  check("[[\"0 s\", \"270 K\"], [\"2 us\", \"290 K\"]]", closed_form(end * integral));
  check("[[\"0 s\", \"290 K\"], [\"1 us\", \"290 K\"], [\"1 us\", \"270 K\"], [\"9 us\", \"270 K\"]]",
        closed_form(end / 2 * (factor(290) + factor(270))));
}

TEST_CASE("the rate of a power law is that at the temperature stated, and at every temperature without Q",
          "[analytic]") {
  const auto rate_at = [](const std::string& temperature, const Keys& rest) {
    const Relaxation run = relax(uniform(0.01) + cubic + test::power_law("300 s-1", "10 MPa", 1) +
                                     Keys{"temperature=" + temperature} + rest + stress("yy", 1e7),
                                 1e-6, 3);
    return (run.end.strain[1] - run.start.strain[1]) / 1e-6;
  };
  const Keys activated{"elasticity.creep.Q=\"40 kJ/mol\"", "elasticity.creep.solute.Q=\"40 kJ/mol\""};
  CHECK(rate_at("\"298.15 K\"", activated) == Approx(300).epsilon(1e-10));
  CHECK(rate_at("\"320 K\"", activated) ==
        Approx(300 * std::exp(40e3 / li_na::R * (1 / 298.15 - 1 / 320.0))).epsilon(1e-10));
  CHECK(rate_at("\"320 K\"", {}) == Approx(300).epsilon(1e-10));
}

TEST_CASE("metals with power laws of their own share the creep of their alloy", "[analytic]") {
  constexpr double x = 0.3, e = 1e-3, end = 1e-6, T = 2000, Q = 30e3;
  const Keys law = test::power_law("3000 s-1", "12 MPa", 1) +
                   Keys{"elasticity.creep.solute.rate=\"2000 s-1\"", "elasticity.creep.solute.stress=\"8 MPa\"",
                        "elasticity.creep.solute.exponent=3", "elasticity.creep.solute.Q=\"30 kJ/mol\"",
                        "elasticity.creep.solute.temperature=\"1500 K\""};
  const Relaxation run = relax(uniform(x) + mixed + law + strain("xy", e), end, 800);
  // d sigma/dt = -3 C44 (a sigma + b sigma^3) has sigma^-2 + b/a = const exp(6 C44 a t).
  const double C44 = between(x).C44, a = (1 - x) * 3000 / 12e6,
               b = x * 2000 * std::exp(Q / li_na::R * (1 / 1500.0 - 1 / T)) / std::pow(8e6, 3),
               start = std::sqrt(3) * 2 * C44 * e;
  const double exact = 1 / std::sqrt((1 / (start * start) + b / a) * std::exp(6 * C44 * a * end) - b / a);
  CHECK(run.start.von_mises == Approx(start).epsilon(1e-12));
  CHECK(exact < 0.7 * start);
  CHECK(run.end.von_mises == Approx(exact).epsilon(1e-4));
}

namespace {

/// C_ijkl of a crystal along the grid, or its slope in x.
double modulus(const Cubic& c, int i, int j, int k, int l) {
  const double same = i == j && j == k && k == l ? c.C11 - c.C12 - 2 * c.C44 : 0;
  return same + (i == j && k == l ? c.C12 : 0) + c.C44 * ((i == k && j == l ? 1 : 0) + (i == l && j == k ? 1 : 0));
}

Matrix3d contract(const Cubic& c, const Matrix3d& e) {
  Matrix3d s = Matrix3d::Zero();
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 3; ++k)
        for (int l = 0; l < 3; ++l) s(i, j) += modulus(c, i, j, k, l) * e(k, l);
  return s;
}

Matrix3d shear_of(const Matrix3d& s) { return s - s.trace() / 3 * Matrix3d::Identity(); }

struct Norton {
  double rate = 0, stress = 1, exponent = 1;
  double fluidity(double von_mises) const { return 1.5 * rate / stress * std::pow(von_mises / stress, exponent - 1); }
};

/// Of a wave in x about a uniform box: d(a, p)/dt, a its amplitude and p that of its creep strain. The box is at rest
/// under a stress, or strained without creep.
struct LinearTheory {
  double x0 = 0.25, T = li_na::room;
  Cubic host = lithium, solute = lithium;
  Matrix3d elastic = Matrix3d::Zero();  // strain of the box
  Vector3d k = Vector3d::Zero();        // 1/m
  double k2_flux = 0;                   // as the divergence sees it
  Norton host_creep{}, solute_creep{};
  bool elasticity = true;

  using State = Eigen::Matrix<double, 10, 1>;
  using Map = Eigen::Matrix<double, 10, 10>;

  Cubic at(double x) const {
    return {host.C11 + x * (solute.C11 - host.C11), host.C12 + x * (solute.C12 - host.C12),
            host.C44 + x * (solute.C44 - host.C44)};
  }

  State rate(const State& state) const {
    const double a = state[0], RT = li_na::R * T;
    Matrix3d p = Eigen::Map<const Matrix3d>(state.data() + 1);
    const Cubic C = at(x0), slope{solute.C11 - host.C11, solute.C12 - host.C12, solute.C44 - host.C44};
    // n (C : (n u) - C : (chi a + p) + a C' : elastic) = 0 gives the wave of displacement u, once i |k| is taken out.
    const Vector3d n = k.normalized();
    Matrix3d acoustic = Matrix3d::Zero();
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j)
        for (int l = 0; l < 3; ++l)
          for (int m = 0; m < 3; ++m) acoustic(i, m) += modulus(C, i, j, l, m) * n[j] * n[l];
    const Matrix3d free = li_na::chi * a * Matrix3d::Identity() + p, stiffened = a * contract(slope, elastic);
    const Vector3d u = acoustic.inverse() * ((contract(C, free) - stiffened) * n);
    const Matrix3d e = (n * u.transpose() + u * n.transpose()) / 2 - free, sigma = contract(C, e) + stiffened;
    // mu_el = -chi tr(C(x) : e) + e : C' : e/2, to first order.
    const double mu_el = -li_na::chi * sigma.trace() + elastic.cwiseProduct(contract(slope, e)).sum();
    const double curvature = RT / (x0 * (1 - x0)) - 2 * 20109.8 + 5772.6 * (12 * x0 - 6);
    const double mu = (curvature + li_na::V_m * 4.88e-11 * k.squaredNorm()) * a + (elasticity ? li_na::V_m * mu_el : 0);
    State result = State::Zero();
    result[0] = -1e-14 * x0 * (1 - x0) / RT * k2_flux * mu;
    // The shear of the wave, and what it and x change of the fluidity under the shear of the box.
    const Matrix3d box = shear_of(contract(C, elastic)), s = shear_of(sigma);
    const double von_mises = std::sqrt(1.5) * box.norm();
    const double of_host = host_creep.fluidity(von_mises), of_solute = solute_creep.fluidity(von_mises);
    const double fluidity = (1 - x0) * of_host + x0 * of_solute;
    Matrix3d creep = fluidity * s + a * (of_solute - of_host) * box;
    if (von_mises > 0)
      creep += ((1 - x0) * of_host * (host_creep.exponent - 1) + x0 * of_solute * (solute_creep.exponent - 1)) *
               box.cwiseProduct(s).sum() / box.squaredNorm() * box;
    Eigen::Map<Matrix3d>(result.data() + 1) = creep;
    return result;
  }

  /// By how much a wave without creep grows over a time [s]: a column of exp(map time), its series after halvings.
  double growth(double time) const {
    Map map;
    for (int c = 0; c < 10; ++c) map.col(c) = rate(State::Unit(c));
    const int halvings = static_cast<int>(std::max(0.0, std::ceil(std::log2(map.norm() * time) + 4)));
    const Map small = map * std::ldexp(time, -halvings);
    Map term = Map::Identity(), sum = term;
    for (int i = 1; i < 20; ++i) sum += term = Map(term * small) / i;
    for (int i = 0; i < halvings; ++i) sum = Map(sum * sum);
    return sum(0, 0);
  }
};

/// A wave in a small box; the fluxes between the cells see its stencil's k^2.
struct Box {
  Keys keys;
  std::array<int, 3> periods;
  bool no_flux = false;  // along every axis, where periods are halves
};

Keys domain(const std::vector<int>& cells, double spacing) {
  std::string lengths, numbers;
  for (const int n : cells) {
    lengths += fmt::format("{}\"{} m\"", lengths.empty() ? "" : ", ", n * spacing);
    numbers += fmt::format("{}{}", numbers.empty() ? "" : ", ", n);
  }
  return {"domain.length=[" + lengths + "]", "domain.cells=[" + numbers + "]"};
}

/// Measured growth of a wave of amplitude 1e-6 over a time, in fixed steps; `theory` learns of the wave.
double measured_growth(const Keys& keys, const Box& box, double time, int steps, LinearTheory& theory) {
  Case config = test::li_na(keys + box.keys + Keys{"time.tolerance=1e-9", "elasticity.tolerance=1e-10"});
  config.time.step = time / steps;
  theory.k2_flux = 0;
  for (int a = 0; a < config.grid.dimension(); ++a) {
    const Axis& axis = config.grid.axis(a);
    theory.k[a] = box.periods[a] * pi / axis.length * (axis.boundary == Boundary::no_flux ? 1 : 2);
    const double h = axis.spacing();
    theory.k2_flux += std::holds_alternative<ConstantMobilityModel>(config.mobility)
                          ? theory.k[a] * theory.k[a]
                          : std::pow(2 * std::sin(theory.k[a] * h / 2) / h, 2);
  }
  Experiment experiment(config);
  const auto wave = [&](const auto& r) {
    double phase = 0, product = 1;
    for (int a = 0; a < config.grid.dimension(); ++a) {
      phase += theory.k[a] * r[a];
      product *= std::cos(theory.k[a] * r[a]);
    }
    return box.no_flux ? product : std::cos(phase);
  };
  const auto amplitude = [&] {
    const Field<double> x = experiment.field();
    double sum = 0, norm = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double w = wave(experiment.position(i));
      sum += (x[i] - theory.x0) * w;
      norm += w * w;
    }
    return sum / norm;
  };
  experiment.start([&](const auto& r) { return theory.x0 + 1e-6 * wave(r); });
  const double start = amplitude();
  experiment.run(time);
  CHECK(experiment.stepper.counts().accepted == steps);
  return amplitude() / start;
}

/// The same to second order: steps of first order are extrapolated from two sizes.
double second_order_growth(const std::string& scheme, const Keys& keys, const Box& box, double time, int steps,
                           LinearTheory& theory) {
  const Keys all = keys + Keys{"time.scheme=" + scheme};
  const double growth = measured_growth(all, box, time, steps, theory);
  return scheme == "convex_splitting" ? 2 * measured_growth(all, box, time, 2 * steps, theory) - growth : growth;
}

const Keys degenerate{"initial.x=0.25"}, constant{"initial.x=0.25", "mobility.model=constant", "mobility.x0=0.25"};
/// About 20 cells to a wave of 2 nm, which grows by e in some 10 us if coherent.
const Box line{domain({21}, 1e-10), {1, 0, 0}}, oblique{domain({15, 13}, 2e-10), {1, 1, 0}},
    steep{domain({9, 11}, 4e-10), {1, 2, 0}}, spatial{domain({9, 7, 9}, 4e-10), {1, 1, 1}},
    walled{domain({12, 10}, 1e-10) + Keys{"domain.boundary=[\"no_flux\", \"no_flux\"]"}, {1, 1, 0}, true};

/// Every box by the cheapest scheme; the dearest takes the simplest one.
std::vector<std::pair<Keys, Box>> waves_for(const std::string& scheme) {
  if (scheme == "semi_implicit")
    return {{degenerate, oblique}, {constant, steep}, {degenerate, walled}, {constant, spatial}, {degenerate, line}};
  if (scheme == "convex_splitting") return {{degenerate, line}};
  return {{degenerate, oblique}, {constant, line}};
}

Norton viscosity(double eta) { return {.rate = 1 / (3 * eta)}; }

Keys viscosity_keys(const std::string& prefix, double eta) {
  return {"elasticity.creep.model=viscous", fmt::format("elasticity.creep.{}viscosity=\"{} Pa s\"", prefix, eta)};
}

}  // namespace

TEST_CASE("a small wave in an isotropic viscous alloy follows its two linear equations", "[analytic]") {
  // Of x = a cos(k r) and eps_p = p (n n - 1/3) cos(k r): mu_el = 4 chi K G (3 chi a - p)/L, dp/dt = G K (3 chi a -
  // p)/(eta L), L = K + 4 G/3. Their exponential has the eigenvalues of the two by two matrix.
  const std::string scheme = GENERATE("semi_implicit", "implicit", "convex_splitting", "auto");
  const double relaxation_time = GENERATE(2e-7, 1e-5, 2e-4);
  constexpr double time = 1e-5;
  const double G = li_na::E / (2 * (1 + li_na::nu)), K = li_na::E / (3 * (1 - 2 * li_na::nu)), L = K + 4 * G / 3;
  for (const auto& [mobility, box] : waves_for(scheme)) {
    LinearTheory wave;
    const int steps = relaxation_time < 1e-6 ? 800 : 300;
    const double measured = second_order_growth(
        scheme, mobility + Keys{"elasticity.model=isotropic"} + viscous(relaxation_time), box, time, steps, wave);
    const double curvature = li_na::R * li_na::room / (0.25 * 0.75) - 2 * 20109.8 - 3 * 5772.6;
    const double M = 1e-14 * 0.25 * 0.75 / (li_na::R * li_na::room);
    const double chemical = -M * wave.k2_flux * (curvature + li_na::V_m * 4.88e-11 * wave.k.squaredNorm()),
                 elastic = -M * wave.k2_flux * li_na::V_m * 4 * li_na::chi * K * G / L,
                 rate = K / (relaxation_time * L);
    // [[chemical + 3 chi elastic, -elastic], [3 chi rate, -rate]]
    const double trace = chemical + 3 * li_na::chi * elastic - rate, determinant = -chemical * rate,
                 root = std::sqrt(trace * trace / 4 - determinant), fast = trace / 2 - root, slow = trace / 2 + root;
    const double a = chemical + 3 * li_na::chi * elastic;
    const double exact = ((a - fast) * std::exp(slow * time) - (a - slow) * std::exp(fast * time)) / (slow - fast);
    INFO(fmt::format(
        "{}, relaxation {} s, {}: growth {:.6g}, exact {:.6g}, off by {:.1e}; coherent {:.4g}, chemical {:.4g}", scheme,
        relaxation_time, box.keys.front(), measured, exact, measured / exact - 1, std::exp(a * time),
        std::exp(chemical * time)));
    CHECK(exact > 1.3);
    CHECK(measured == Approx(exact).epsilon(1e-3));
  }
}

TEST_CASE("an oblique wave grows by the moduli of its composition, stress-free, under stress and in a strained box",
          "[analytic]") {
  const std::string scheme = GENERATE("semi_implicit", "implicit", "convex_splitting");
  struct Load {
    Keys keys;
    Matrix3d stress = Matrix3d::Zero(), strain = Matrix3d::Zero();
    bool clamped = false;
  };
  std::vector<Load> loads(4);
  // Large ones: a stress of a twentieth of the moduli, and a strain of some per cent.
  loads[1].keys = stress("zz", -4e8) + stress("xy", 3e8);
  loads[1].stress(2, 2) = -4e8;
  loads[1].stress(0, 1) = loads[1].stress(1, 0) = 3e8;
  loads[2].keys = stress("xx", 3e8) + stress("yz", -2e8);
  loads[2].stress(0, 0) = 3e8;
  loads[2].stress(1, 2) = loads[2].stress(2, 1) = -2e8;
  loads[3].keys = strain("xx", 0.02) + strain("yy", -0.03) + strain("xy", 0.02) + strain("xz", -0.01) +
                  Keys{"elasticity.average=clamped"};
  loads[3].strain << 0.02, 0.02, -0.01, 0.02, -0.03, 0, -0.01, 0, 0;
  loads[3].clamped = true;
  constexpr double time = 6e-6;
  for (std::size_t l = 0; l < loads.size(); ++l)
    for (const auto& [mobility, box] : waves_for(scheme)) {
      if (box.no_flux && l > 0) continue;  // walls bear no shear
      LinearTheory theory{.solute = soft};
      const Cubic C = between(theory.x0);
      if (loads[l].clamped) {
        theory.elastic = loads[l].strain;
      } else {
        // Inverse of Hooke's law.
        const Matrix3d& s = loads[l].stress;
        theory.elastic = s / (2 * C.C44);
        const double mean = s.trace() / 3;
        for (int i = 0; i < 3; ++i) theory.elastic(i, i) = mean / (3 * C.K()) + (s(i, i) - mean) / (2 * C.C_prime());
      }
      const double measured = second_order_growth(scheme, mobility + mixed + loads[l].keys, box, time, 200, theory),
                   exact = theory.growth(time);
      LinearTheory unloaded = theory, host = theory;
      unloaded.elastic.setZero();
      host.solute = lithium;
      INFO(fmt::format(
          "{}, load {}, {}: growth {:.6g}, exact {:.6g}, off by {:.1e}; {:.4g} without load, {:.4g} with the "
          "host's moduli",
          scheme, l, box.keys.front(), measured, exact, measured / exact - 1, unloaded.growth(time),
          host.growth(time)));
      CHECK(measured == Approx(exact).epsilon(3e-4));
      CHECK(std::abs(host.growth(time) / exact - 1) > 0.03);
      if (l > 0) CHECK(std::abs(unloaded.growth(time) / exact - 1) > 0.01);
    }
}

TEST_CASE("a small wave in a loaded cubic alloy of mixed moduli follows linear theory while it creeps", "[analytic]") {
  const std::string scheme = GENERATE("semi_implicit", "implicit", "convex_splitting");
  constexpr double time = 8e-6;
  constexpr int steps = 300;
  const Keys pull = stress("zz", 4e8) + stress("xy", 2e8);
  Matrix3d sigma = Matrix3d::Zero();
  sigma(2, 2) = 4e8;
  sigma(0, 1) = sigma(1, 0) = 2e8;
  struct Law {
    Keys keys;
    Norton host, solute;
  };
  const Keys power = test::power_law("2000 s-1", "300 MPa", 3);
  const std::vector<Law> laws{
      {viscosity_keys("", 2e4), viscosity(2e4), viscosity(2e4)},
      {viscosity_keys("", 2e5) + viscosity_keys("solute.", 8e3), viscosity(2e5), viscosity(8e3)},
      {power, {2000, 3e8, 3}, {2000, 3e8, 3}},
      {power + Keys{"elasticity.creep.solute.rate=\"3000 s-1\"", "elasticity.creep.solute.stress=\"200 MPa\"",
                    "elasticity.creep.solute.exponent=1.5"},
       {2000, 3e8, 3},
       {3000, 2e8, 1.5}}};
  for (std::size_t l = 0; l < laws.size(); ++l)
    for (const auto& [mobility, box] : {std::pair{degenerate, oblique}, {constant, line}}) {
      if (scheme != "semi_implicit" && (l % 2 == 0 || box.periods == oblique.periods)) continue;
      LinearTheory theory{.solute = soft, .host_creep = laws[l].host, .solute_creep = laws[l].solute};
      const Cubic C = between(theory.x0);
      theory.elastic = sigma / (2 * C.C44);
      const double mean = sigma.trace() / 3;
      for (int i = 0; i < 3; ++i) theory.elastic(i, i) = mean / (3 * C.K()) + (sigma(i, i) - mean) / (2 * C.C_prime());
      const double measured =
                       second_order_growth(scheme, mobility + mixed + pull + laws[l].keys, box, time, steps, theory),
                   exact = theory.growth(time);
      LinearTheory coherent = theory, unloaded = theory;
      coherent.host_creep = coherent.solute_creep = {};
      unloaded.elastic.setZero();
      INFO(fmt::format(
          "{}, law {}, {}: growth {:.6g}, exact {:.6g}, off by {:.1e}; {:.4g} without creep, {:.4g} without load",
          scheme, l, box.keys.front(), measured, exact, measured / exact - 1, coherent.growth(time),
          unloaded.growth(time)));
      CHECK(measured == Approx(exact).epsilon(3e-4));
      CHECK(exact / coherent.growth(time) > 1.005);
      if (l != 1) CHECK(exact / coherent.growth(time) > 1.03);
    }
}

TEST_CASE("creep too slow to matter leaves the coherent run, and creep at once the chemical one", "[analytic]") {
  const std::string scheme = GENERATE("semi_implicit", "implicit", "convex_splitting");
  // Four growth times of a coherent wave, into the nonlinear.
  constexpr double time = 4e-5;
  const auto run = [&](const Keys& keys, double end, int steps) {
    Case config = test::li_na(degenerate + line.keys + keys + Keys{"time.scheme=" + scheme});
    config.time.step = end / steps;
    config.time.tolerance = 1e-8;
    Experiment experiment(config);
    experiment.start([](const auto& r) {
      return 0.25 + 0.02 * std::cos(2 * pi * r[0] / 2.1e-9) + 0.01 * std::sin(4 * pi * r[0] / 2.1e-9);
    });
    experiment.run(end);
    return experiment.field();
  };
  const Keys isotropic{"elasticity.model=isotropic", "elasticity.tolerance=1e-9"};
  const Field<double> coherent = run(isotropic, time, 200);
  CHECK(coherent.array().maxCoeff() - coherent.array().minCoeff() > 0.1);
  const double slow = largest_difference(run(isotropic + viscous(1e3 * time), time, 200), coherent),
               slower = largest_difference(run(isotropic + viscous(1e5 * time), time, 200), coherent),
               slowest = largest_difference(run(isotropic + viscous(1e9 * time), time, 200), coherent);
  INFO(fmt::format("{}: off the coherent run by {:.3e}, {:.3e}, {:.3e}", scheme, slow, slower, slowest));
  CHECK(slow < 1e-3);
  CHECK(slow > 1e-6);
  CHECK(slow / slower == Approx(100).epsilon(0.01));
  CHECK(slowest < 1e-9);

  // The chemical wave grows by e in some 3 us.
  constexpr double early = 4e-6;
  const Field<double> chemical = run({}, early, 2000);
  CHECK(chemical.array().maxCoeff() - chemical.array().minCoeff() > 0.1);
  const double fast = largest_difference(run(isotropic + viscous(early / 200), early, 2000), chemical),
               faster = largest_difference(run(isotropic + viscous(early / 800), early, 2000), chemical);
  INFO(fmt::format("{}: off the chemical run by {:.3e} and {:.3e}", scheme, fast, faster));
  // Stresses live for a relaxation time, and in steps of first order for one more step.
  CHECK(fast < 0.01);
  CHECK(fast / faster == Approx(4).epsilon(scheme == "convex_splitting" ? 0.25 : 0.08));
}

TEST_CASE("creep alone keeps the steps within the tolerance, from the first on", "[analytic]") {
  const std::string scheme = GENERATE("semi_implicit", "implicit", "auto");
  const double noise = GENERATE(0.0, 1e-4);
  constexpr double tau = 1e-7, end = 3e-7, e = 2e-2;
  for (const double tolerance : {1e-3, 1e-4, 1e-5}) {
    Case config = test::li_na(uniform(0.01) + cubic + viscous(tau) + strain("xy", e) +
                              Keys{"time.scheme=" + scheme, fmt::format("time.tolerance={}", tolerance),
                                   fmt::format("initial.noise={}", noise)});
    Experiment experiment(config);
    experiment.start();
    experiment.run(end);
    // The creep strain that is left to come, over the misfit: what the tolerance is of.
    const double exact = e * std::exp(-end / tau * lithium.C44 / lithium.shear()),
                 left = e - (*experiment.equation.mechanics()->creep_strain())[5].array().mean() / sqrt2,
                 error = std::abs(left - exact) * sqrt2 / (std::sqrt(3) * li_na::chi);
    INFO(fmt::format("{}, noise {}, tolerance {:.0e}: {} steps, off by {:.2e} of the misfit", scheme, noise, tolerance,
                     experiment.stepper.counts().accepted, error));
    CHECK(error < 2 * tolerance);
  }
}

TEST_CASE("the error and the rate of creep are measured against the misfit strain", "[analytic]") {
  const Case config = test::li_na(uniform(0.01) + cubic + viscous(1e-6) + strain("xy", 1e-3));
  Experiment experiment(config);
  experiment.start();
  Mechanics& mechanics = *experiment.equation.mechanics();
  const double misfit = std::sqrt(3) * li_na::chi;
  const double rate = lithium.C44 / (lithium.shear() * 1e-6) * sqrt2 * 1e-3;  // of the creep strain [1/s]
  CHECK(mechanics.rate() == Approx(rate * experiment.model.units().time / misfit).epsilon(1e-12));

  // Steps of 1, 2 and 3: the candidate less what the levels before predict, and Milne's share of it.
  const Field<double> x = experiment.field();
  std::vector<double> creep{0};
  const auto step = [&](double dt, const Multistep& formula, double share, double prediction) {
    const Mechanics::Outcome outcome = mechanics.attempt(x, dt, formula);
    mechanics.accept(dt);
    creep.push_back((*mechanics.creep_strain())[5][0]);
    CHECK(outcome.converged);
    CHECK(outcome.error == Approx(share * std::abs(creep.back() - prediction) / misfit).epsilon(1e-10));
  };
  const double dt = 1e-7 / experiment.model.units().time;
  step(dt, Multistep::of(2, 1, dt, 0, 0), 0, 0);
  // Backward Euler: -dt^2/2 p'' against dt (dt + before)/2 p''.
  step(2 * dt, Multistep::of(1, 2, 2 * dt, dt, 0), 2.0 / 5, 3 * creep[1] - 2 * creep[0]);
  // BDF2 of ratio 3/2, Wang & Ruuth (2008): (1 + r)^2/(6 r (1 + 2 r)) dt^3 p''' against that of the parabola.
  const double scheme = 2.5 * 2.5 * 27 / (6 * 1.5 * 4), parabola = 3 * 5 * 6 / 6.0;
  const double predicted = 5 * 6 / (2.0 * 3) * creep[2] - 3 * 6 / (2.0 * 1) * creep[1] + 3 * 5 / (1.0 * 3) * creep[0];
  step(3 * dt, Multistep::of(2, 3, 3 * dt, 2 * dt, dt), scheme / (scheme + parabola), predicted);
}

TEST_CASE("after a jump to where creep is fast the first step is as small as it must be", "[analytic]") {
  const std::string scheme = GENERATE("semi_implicit", "implicit");
  constexpr double e = 2e-2, Q = 80e3, cold = 250, hot = 330, reference = 1e7, rate = 0.02, jump = 1e-6, end = 2e-6;
  const auto factor = [](double T) { return std::exp(Q / li_na::R * (1 / 298.15 - 1 / T)); };
  for (const double tolerance : {1e-3, 1e-4}) {
    Case config = test::li_na(
        uniform(0.01) + cubic + strain("xy", e) + test::power_law("20 s-1", "10 MPa", 1) +
        Keys{
            "elasticity.creep.Q=\"80 kJ/mol\"", "elasticity.creep.solute.Q=\"80 kJ/mol\"", "time.scheme=" + scheme,
            fmt::format("time.tolerance={}", tolerance),
            "temperature=[[\"0 s\", \"250 K\"], [\"1 us\", \"250 K\"], [\"1 us\", \"330 K\"], [\"9 us\", \"330 K\"]]"});
    Experiment experiment(config);
    experiment.start();
    const Mechanics& mechanics = *experiment.equation.mechanics();
    const double energy = mechanics.balance().energy;
    experiment.run(end);
    const double decay = 3 * lithium.C44 * 1e3 * rate / reference * (jump * factor(cold) + (end - jump) * factor(hot)),
                 left = e - (*mechanics.creep_strain())[5].array().mean() / sqrt2,
                 error = std::abs(left - e * std::exp(-decay)) * sqrt2 / (std::sqrt(3) * li_na::chi);
    INFO(fmt::format("{}, tolerance {:.0e}: {} steps, decay {:.3f}, off by {:.2e} of the misfit, dissipated {:.2e} off",
                     scheme, tolerance, experiment.stepper.counts().accepted, decay, error,
                     mechanics.dissipated() / (energy - mechanics.balance().energy) - 1));
    CHECK(decay > 0.5);
    CHECK(error < 2 * tolerance);
    CHECK(mechanics.dissipated() == Approx(energy - mechanics.balance().energy).epsilon(20 * tolerance));
  }
}
