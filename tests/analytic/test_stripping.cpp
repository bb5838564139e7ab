// Stripping against what is known of it: the pile-up of a rejected solute in front of a moving face, Sand's law, and a
// one-dimensional finite-volume method that shares nothing with the solver.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numbers>

#include "spinode/electrode/depletion_time.hpp"
#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

namespace {

constexpr double D = 1e-14;                                                                  // m2/s
constexpr double V_m = 6.02214076e23 * 3.42e-10 * 3.42e-10 * 3.42e-10 / 2, F = 96485.33212;  // m3/mol, C/mol

/// Velocity at a current density in mA/cm2 [m/s].
double velocity(double current) { return 10 * current * V_m / F; }

/// A solution without interactions, whose diffusion is Fick's, or of interaction L_0, in 1D.
Case solution(double x, const std::string& length, int cells, const std::vector<std::string>& more, double L_0 = 0) {
  std::vector<std::string> rest{fmt::format("free_energy.L=[\"{} J/mol\"]", L_0),
                                fmt::format("initial.x={}", x),
                                "initial.noise=0",
                                "gradient.kappa=\"1e-15 J/m\"",
                                "domain.boundary=[\"no_flux\"]",
                                "domain.length=[\"" + length + "\"]",
                                fmt::format("domain.cells=[{}]", cells),
                                "time.end=\"1e6 s\""};
  rest.insert(rest.end(), more.begin(), more.end());
  return li_na(rest);
}

/// Cells of equal share of an electrode that shrinks: dN/dt of the amounts N = x L/n by diffusion with D f(x) and by
/// the flow of metal v (Phi(zeta) - zeta) towards a raised-cosine sink, both through the faces; explicit Runge-Kutta
/// steps of order two. Written for these tests alone.
struct FiniteVolumes {
  double L, v, layer, interaction;  // m, m/s, m at the start, L_0/RT
  std::vector<double> x;
  double time = 0, first_L = L;

  std::vector<double> rate(const std::vector<double>& at, double length) const {
    const std::size_t n = at.size();
    const double h = length / static_cast<double>(n);
    std::vector<double> change(n);
    for (std::size_t i = 0; i + 1 < n; ++i) {
      const double zeta = static_cast<double>(i + 1) / static_cast<double>(n), middle = (at[i] + at[i + 1]) / 2;
      const double u = std::min(zeta * first_L / layer, 1.0);
      const double down = v * (u + std::sin(std::numbers::pi * u) / std::numbers::pi - zeta) * middle;
      const double diffusion = D * (1 - 2 * interaction * middle * (1 - middle)) * (at[i + 1] - at[i]) / h;
      change[i] += (diffusion + down) / h;
      change[i + 1] -= (diffusion + down) / h;
    }
    return change;  // of L x, over L
  }

  void step(double dt) {
    const double after = L - v * dt;
    const std::vector<double> first = rate(x, L);
    std::vector<double> guess(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) guess[i] = L * (x[i] + dt * first[i]) / after;
    const std::vector<double> second = rate(guess, after);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = (L * x[i] + dt / 2 * (L * first[i] + after * second[i])) / after;
    L = after;
    time += dt;
  }

  void run(double until) {
    while (time < until) {
      const double h = L / static_cast<double>(x.size());
      step(std::min(0.2 * h * h / D, until - time));
    }
  }
};

}  // namespace

TEST_CASE("a rejected solute piles up in a window as the exact solution says", "[electrode]") {
  // Of a half-space that enters at x0 and rejects all solute: x = x0 [1 + (1 + T - Z) exp(-Z)], T = v^2 t/D, Z = v z/D.
  // It gains what enters and is never at rest.
  const double v = velocity(1), x0 = 0.02;
  const std::string scheme = GENERATE("semi_implicit", "implicit");
  std::vector<double> errors;
  for (int cells : {768, 1536, 3072}) {
    Case config = solution(
        x0, "120 um", cells,
        {"electrode.current_density=\"1 mA/cm2\"", "electrode.frame=window",
         fmt::format("electrode.layer=\"{} um\"", 480.0 / cells), "time.tolerance=1e-8", "time.scheme=" + scheme});
    Experiment experiment(config);
    const auto exact = [&](double z, double T) { return x0 * (1 + (1 + T - v * z / D) * std::exp(-v * z / D)); };
    experiment.start([&](const auto& r) { return exact(r[0], 1); });
    experiment.run(1.5 * D / (v * v));
    const Field<double> x = experiment.field();
    double largest = 0;
    // From twice the layer to where the end of the window does not matter yet.
    for (std::size_t i = 8; i < x.size() / 2; ++i) {
      const double z = experiment.position(i)[0];
      largest = std::max(largest, std::abs(x[i] / exact(z, 2.5) - 1));
    }
    errors.push_back(largest);
  }
  INFO(fmt::format("{}: errors {:.2e}, {:.2e}, {:.2e} for layers of 0.625, 0.3125 and 0.156 um", scheme, errors[0],
                   errors[1], errors[2]));
  CHECK(errors[2] < 0.005);
  // It falls with the square of the thickness of the layer.
  CHECK(std::log2(errors[0] / errors[1]) == Approx(2).margin(0.1));
  CHECK(std::log2(errors[1] / errors[2]) == Approx(2).margin(0.1));
}

TEST_CASE("the face of a half-space follows the pile-up of a uniform start", "[electrode]") {
  const double v = velocity(1), x0 = 0.03;
  Experiment experiment(
      solution(x0, "60 um", 2048,
               {"electrode.current_density=\"1 mA/cm2\"", "electrode.layer=\"0.12 um\"", "time.tolerance=1e-5"}));
  experiment.start();
  double largest = 0;
  for (const double T : {0.05, 0.2, 0.5, 1.0}) {
    experiment.run(T * D / (v * v));
    largest = std::max(largest, std::abs(experiment.stepper.sink().x_face / (x0 * pile_up(T)) - 1));
  }
  INFO(fmt::format("largest relative error {:.2e}", largest));
  CHECK(largest < 0.005);
}

TEST_CASE("an electrode that shrinks is that of an independent finite-volume method, until it is depleted",
          "[electrode]") {
  const double interaction = GENERATE(0.0, 1.0), RT = 8.314462618 * 298.15;
  const std::string scheme = GENERATE("semi_implicit", "implicit");
  const double current = 3, x0 = 0.3, L = 10e-6, layer = 0.5e-6;
  Experiment experiment(solution(x0, "10 um", 256,
                                 {"electrode.current_density=\"3 mA/cm2\"", "electrode.layer=\"0.5 um\"",
                                  "time.tolerance=1e-5", "time.scheme=" + scheme},
                                 interaction * RT));
  FiniteVolumes reference{L, velocity(current), layer, interaction, std::vector<double>(256, x0)};
  experiment.start();
  // On the way, and at the end.
  for (const double until : {100.0, 300.0, std::numeric_limits<double>::infinity()}) {
    experiment.run(std::isfinite(until) ? until : 1e6);
    reference.run(experiment.clock.time * experiment.model.units().time);
    const Field<double> x = experiment.field();
    double largest = 0;
    for (std::size_t i = 0; i < x.size(); ++i) largest = std::max(largest, std::abs(x[i] / reference.x[i] - 1));
    INFO(fmt::format("interaction {}, {}: t = {} s, L = {} m, largest relative difference {:.2e}", interaction, scheme,
                     reference.time, reference.L, largest));
    CHECK(largest < 0.002);
    CHECK(experiment.stepper.extent().thickness * experiment.model.units().length ==
          Approx(reference.L).epsilon(1e-10));
  }
  REQUIRE(experiment.stepper.cycler()->finished());
  const FinishedStep& end = experiment.stepper.cycler()->history().back();
  CHECK(end.end == StepEnd::depleted);
  CHECK(reference.L < 0.8 * L);  // much of it is gone
  // Depleted where the least 1-x is a thousandth, within a tenth of it.
  CHECK(experiment.stepper.sink().host_least == Approx(0.001).epsilon(0.11));
  CHECK(*std::max_element(reference.x.begin(), reference.x.end()) == Approx(0.999).margin(0.002));
}

TEST_CASE("an alloy of little host is depleted when Sand's law says", "[electrode]") {
  // Where the host is nearly gone metal hardly moves: t = pi D ((1-x0)/(2 x0 v))^2.
  const double x0 = 0.98, v = velocity(1);
  Experiment experiment(solution(x0, "0.8 um", 2048,
                                 {"electrode.current_density=\"1 mA/cm2\"", "electrode.layer=\"1.5625 nm\"",
                                  "electrode.least_host=1e-5", "time.tolerance=1e-5"}));
  experiment.start();
  experiment.run(100);
  const double sand = std::numbers::pi * D * std::pow((1 - x0) / (2 * x0 * v), 2),
               reached = experiment.clock.time * experiment.model.units().time;
  INFO(fmt::format("depleted after {:.5g} s, Sand's law {:.5g} s, with convection {:.5g} s", reached, sand,
                   time_to_pile_up(x0, 1, v, D)));
  REQUIRE(experiment.stepper.cycler()->history().size() == 1);
  CHECK(experiment.stepper.cycler()->history()[0].end == StepEnd::depleted);
  CHECK(reached == Approx(sand).epsilon(0.02));
  CHECK(reached == Approx(time_to_pile_up(x0, 1, v, D)).epsilon(0.01));
}

TEST_CASE("the current of a depleted sink is what diffusion brings to it", "[electrode]") {
  const std::string scheme = GENERATE("semi_implicit", "implicit");
  const double x0 = 0.6, L = 10e-6, current = 5;
  Experiment experiment(solution(x0, "10 um", 256,
                                 {"electrode.current_density=\"5 mA/cm2\"", "electrode.layer=\"0.4 um\"",
                                  "electrode.on_depletion=limit", "time.tolerance=1e-5", "time.scheme=" + scheme}));
  FiniteVolumes reference{L, velocity(current), 0.4e-6, 0, std::vector<double>(256, x0)};
  const double length = experiment.model.units().length, time = experiment.model.units().time;
  experiment.start();
  for (const double until : {50.0, 200.0, 1000.0}) {
    experiment.run(until);
    while (reference.time < until) {
      // As soon as the first cell is as empty as it may get, the current that keeps it so.
      reference.v = velocity(current);
      if (reference.x[0] >= 0.999) {
        const double full = reference.rate(reference.x, reference.L)[0] + reference.v * reference.x[0] / reference.L;
        reference.v = 0;
        const double none = reference.rate(reference.x, reference.L)[0];
        reference.v = std::clamp(none / (none - full), 0.0, 1.0) * velocity(current);
      }
      const double h = reference.L / 256;
      reference.step(std::min(0.2 * h * h / D, until - reference.time));
    }
    const double thickness = experiment.stepper.extent().thickness * length;
    INFO(fmt::format("{}: t = {}, {:.6g} and {:.6g} m, at {:.4g} and {:.4g} m/s of {:.4g}, 1-x {:.4g}", scheme, until,
                     thickness, reference.L, experiment.stepper.velocity() * length / time, reference.v,
                     velocity(current), experiment.stepper.sink().host_least));
    CHECK(L - thickness == Approx(L - reference.L).epsilon(0.005));
    CHECK(experiment.stepper.sink().host_least > 0.0005);
    if (until < 200) continue;
    CHECK(experiment.stepper.velocity() * length / time < 0.5 * velocity(current));
    CHECK(experiment.stepper.sink().host_least < 0.0015);
    // What was not delivered is on the books.
    const Ledger& ledger = experiment.stepper.cycler()->ledger();
    CHECK(ledger.requested * length == Approx(velocity(current) * until).epsilon(1e-10));
    CHECK(ledger.delivered * length == Approx(L - thickness).epsilon(1e-10));
    CHECK(thickness * experiment.field().array().mean() == Approx(x0 * L).epsilon(1e-12));
  }
}
