// Creep and moduli that vary with x: what no run may change, that a medium of one stiffness is the spectral one, and
// that the elastic state goes with the composition through rejected steps, changes of scheme and of temperature.
#include <catch2/catch.hpp>
#include <complex>
#include <numbers>

#include "spinode/stepper/implicit.hpp"
#include "spinode/stepper/semi_implicit.hpp"
#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

namespace {

using Keys = std::vector<std::string>;
using std::numbers::pi;

Keys operator+(Keys keys, const Keys& more) {
  keys.insert(keys.end(), more.begin(), more.end());
  return keys;
}

const Keys cubic{"elasticity.model=cubic"};
const Keys mixed = cubic + Keys{"elasticity.moduli=mixed", "elasticity.solute.C11=\"7.4 GPa\"",
                                "elasticity.solute.C12=\"6.2 GPa\"", "elasticity.solute.C44=\"4.2 GPa\""};
const Keys viscous{"elasticity.creep.model=viscous", "elasticity.creep.relaxation_time=\"3 us\"",
                   "elasticity.creep.solute.relaxation_time=\"1 us\""};
const Keys power = test::power_law("3000 s-1", "300 MPa", 3) + Keys{"elasticity.creep.solute.rate=\"5000 s-1\"",
                                                                    "elasticity.creep.solute.stress=\"200 MPa\"",
                                                                    "elasticity.creep.solute.exponent=2"};
const Keys pressed{"elasticity.average_stress.xx=\"-200 MPa\"", "elasticity.average_stress.zz=\"100 MPa\""};
const Keys clamped{"elasticity.average=clamped", "elasticity.average_strain.xx=0.01", "elasticity.x_reference=0.2"};

Keys mobility(const std::string& model) {
  return model == "constant" ? Keys{"mobility.model=constant", "mobility.x0=0.25"} : Keys{"mobility.model=" + model};
}

template <class Real>
double creep_difference(const Experiment<Real>& a, const Experiment<Real>& b) {
  const TensorField &p = *a.equation.mechanics()->creep_strain(), &q = *b.equation.mechanics()->creep_strain();
  double largest = 0;
  for (int c = 0; c < 6; ++c) largest = std::max(largest, largest_difference(p[c], q[c]));
  return largest;
}

template <class Real>
double largest_creep(const Experiment<Real>& a) {
  double largest = 0;
  for (const Field<double>& p : *a.equation.mechanics()->creep_strain())
    largest = std::max(largest, p.array().abs().maxCoeff());
  return largest;
}

/// A solute as the host but for the twelfth digit: enough for the general way.
Keys nearly_mixed() {
  Keys keys{"elasticity.moduli=mixed"};
  for (const auto& [name, value] : {std::pair{"C11", 13.42e9}, {"C12", 11.30e9}, {"C44", 8.89e9}})
    keys.push_back(fmt::format("elasticity.solute.{}=\"{:.17g} Pa\"", name, value * (1 + 1e-12)));
  return keys;
}

struct Box {
  std::string name;
  Keys keys;
};

/// Odd numbers of cells along periodic axes, for the shortest wave of an even number has no derivative.
const std::vector<Box> boxes{
    {"1D", {"domain.length=[\"6 nm\"]", "domain.cells=[63]"}},
    {"1D, walls", {"domain.length=[\"6 nm\"]", "domain.cells=[64]", "domain.boundary=[\"no_flux\"]"}},
    {"2D", {"domain.length=[\"3 nm\", \"2.4 nm\"]", "domain.cells=[21, 17]"}},
    {"2D, a wall",
     {"domain.length=[\"3 nm\", \"2.4 nm\"]", "domain.cells=[21, 16]", "domain.boundary=[\"periodic\", \"no_flux\"]"}},
    {"3D",
     {"domain.length=[\"2.5 nm\", \"2 nm\", \"2 nm\"]", "domain.cells=[11, 8, 9]",
      "domain.boundary=[\"periodic\", \"no_flux\", \"periodic\"]"}}};

}  // namespace

TEST_CASE("moduli that hardly vary give the run of one stiffness", "[invariant]") {
  const std::string scheme = GENERATE("semi_implicit", "implicit", "convex_splitting", "auto");
  const std::string model = GENERATE("degenerate", "constant");
  for (const Box& box : boxes) {
    const auto experiment = [&](const Keys& keys) {
      Case config = li_na(box.keys + mobility(model) + cubic + pressed + keys +
                          Keys{"time.scheme=" + scheme, "elasticity.average_strain.yy=0.01",
                               "elasticity.x_reference=0.2", "initial.noise=0.02"});
      config.time.step = 5e-8;
      config.time.tolerance = 1e-9;
      return config;
    };
    Experiment one(experiment({})), many(experiment(nearly_mixed()));
    REQUIRE(one.equation.mechanics() == nullptr);
    REQUIRE(many.equation.mechanics() != nullptr);
    one.start();
    many.start();
    one.run(3e-6);
    many.run(3e-6);
    const Field<double> a = one.field(), b = many.field();
    const StateReport &of_one = one.stepper.report(), &of_many = many.stepper.report();
    const double scale = of_one.elastic;
    INFO(fmt::format(
        "{}, {}, {}: x from {:.3f} to {:.3f}, off by {:.1e}; elastic energy by {:.1e}, load by {:.1e} of {:.3e}",
        scheme, model, box.name, a.array().minCoeff(), a.array().maxCoeff(), largest_difference(a, b),
        of_many.elastic / scale - 1, of_many.load - of_one.load, of_one.load));
    CHECK(a.array().maxCoeff() - a.array().minCoeff() > 0.02);
    // Newton's method ends at a tenth of the error that the step has by its own estimate.
    CHECK(largest_difference(a, b) < (scheme == "semi_implicit" || scheme == "auto" ? 1e-12 : 5e-9));
    CHECK(of_many.elastic == Approx(scale).epsilon(1e-9));
    CHECK(of_many.load == Approx(of_one.load).margin(1e-9 * scale));
    CHECK(of_one.load != 0);
    // The potential differs by its mean, which moves nothing.
    Field<double> mu(one.config.grid), nu(one.config.grid);
    one.equation.diffusion_potential(one.stepper.state(), mu);
    many.equation.diffusion_potential(many.stepper.state(), nu);
    mu.array() -= mu.array().mean();
    nu.array() -= nu.array().mean();
    CHECK(largest_difference(mu, nu) < 1e-7 * mu.array().abs().maxCoeff());
  }
}

TEST_CASE("in single precision moduli that hardly vary give the run of one stiffness", "[invariant]") {
  const std::string scheme = GENERATE("semi_implicit", "implicit");
  const auto end = [&](const Keys& keys) {
    Case config = li_na(boxes[2].keys + cubic + keys + Keys{"time.scheme=" + scheme});
    config.time.step = 2e-7;
    Experiment<float> experiment(config);
    experiment.start([](const auto& r) { return 0.25 + 0.03 * std::cos(2 * pi * (r[0] / 3e-9 + r[1] / 2.4e-9)); });
    experiment.run(1e-5);
    return experiment.field();
  };
  const Field<float> one = end({}), many = end(nearly_mixed());
  INFO(fmt::format("{}: off by {:.1e}", scheme, largest_difference(one, many)));
  CHECK(one.array().maxCoeff() - one.array().minCoeff() > 0.05F);
  CHECK(largest_difference(one, many) < 2e-5F);
}

TEST_CASE("with creep and mixed moduli the energy falls, the amount stays and x stays inside", "[invariant]") {
  const std::string scheme = GENERATE("auto", "implicit");
  const Box line{"1D", {"domain.length=[\"8 nm\"]", "domain.cells=[96]"}},
      plane{"2D",
            {"domain.length=[\"2.6 nm\", \"2.6 nm\"]", "domain.cells=[24, 24]",
             "domain.boundary=[\"periodic\", \"no_flux\"]"}};
  struct Alloy {
    std::string name;
    Keys keys;
  };
  for (const Alloy& alloy : {Alloy{"viscous, pressed", viscous + pressed},
                             {"power law, clamped", power + clamped},
                             {"power law, pressed", power + pressed},
                             {"no creep, pressed", pressed}})
    for (const Box& box : {line, plane}) {
      if (scheme == "implicit" && (box.name == "1D") == (alloy.name.find("pressed") == std::string::npos)) continue;
      Case config = li_na(box.keys + mobility(box.name == "1D" ? "constant" : "degenerate") + mixed + alloy.keys +
                          Keys{"initial.x=0.3", "time.scheme=" + scheme, "time.tolerance=1e-3"});
      Experiment experiment(config);
      experiment.start();
      const StateReport first = experiment.stepper.report();
      double energy = first.energy(), rise = -1, low = 1, high = 0, amount = 0, heat = 0, excess = -1;
      const Mechanics& mechanics = *experiment.equation.mechanics();
      experiment.run(1e-4, [&] {
        const StateReport& report = experiment.stepper.report();
        const double scale = std::abs(report.cells.chemical) + report.elastic + std::abs(report.load);
        rise = std::max(rise, (report.energy() - energy - report.tolerated) / scale);
        energy = report.energy();
        low = std::min(low, report.cells.x_min);
        high = std::max(high, report.cells.x_max);
        amount = std::max(amount, std::abs(experiment.field().array().mean() - 0.3));
        heat = mechanics.dissipated() * mechanics.parameters().per_pascal;
        excess = std::max(excess, heat - (first.energy() - energy));
      });
      INFO(fmt::format(
          "{}, {}, {}: {} steps, energy {:.5f} to {:.5f}, dissipated by creep {:.5f}, largest rise {:.1e}, x "
          "{:.2e} to 1 - {:.2e}, amount off by {:.1e}, rejected {} {} {} {} {}",
          scheme, box.name, alloy.name, experiment.stepper.counts().accepted, first.energy(), energy, heat, rise, low,
          1 - high, amount, experiment.stepper.counts().rejected[0], experiment.stepper.counts().rejected[1],
          experiment.stepper.counts().rejected[2], experiment.stepper.counts().rejected[3],
          experiment.stepper.counts().rejected[4]));
      CHECK(rise <= 2e-11);
      CHECK(low > 0);
      CHECK(high < 1);
      CHECK(amount <= 1e-13);
      CHECK(energy < first.energy() - 0.01);
      CHECK(experiment.stepper.counts().accepted < 2000);
      // Creep takes some of what is lost, never more.
      CHECK(excess < 1e-3 * (first.energy() - energy));
      CHECK((mechanics.creep_strain() == nullptr ? heat == 0 : heat > 0.003));
    }
}

TEST_CASE("the energy that is lost is what diffusion and creep dissipate", "[invariant]") {
  const std::string scheme = GENERATE("semi_implicit", "implicit");
  // dE/dt = -<M |grad mu|^2> - <Lambda s : s>, by trapezoids over steps that are of second order.
  for (const auto& [name, keys] : {std::pair{"viscous, pressed", mixed + viscous + pressed},
                                   {"power law, clamped", mixed + power + clamped},
                                   {"no creep, pressed", mixed + pressed},
                                   {"one stiffness, viscous", cubic + viscous}}) {
    std::vector<double> defects;
    double lost = 0, by_creep = 0, by_diffusion = 0;
    for (const int steps : {200, 400}) {
      Case config = li_na(keys + mobility("constant") +
                          Keys{"domain.length=[\"3 nm\"]", "domain.cells=[31]", "time.scheme=" + scheme,
                               "time.tolerance=1e-8", "elasticity.tolerance=1e-10"});
      config.time.step = 6e-6 / steps;
      Experiment experiment(config);
      const Grid& grid = experiment.equation.grid();
      const double M = std::get<ConstantMobility>(experiment.equation.parameters().mobility).M;
      const auto power_of_diffusion = [&] {
        Field<double> mu(grid);
        experiment.equation.diffusion_potential(experiment.stepper.state(), mu);
        const std::size_t n = mu.size();
        double sum = 0;
        for (std::size_t m = 1; m <= n / 2; ++m) {
          std::complex<double> amplitude = 0;
          for (std::size_t i = 0; i < n; ++i)
            amplitude += mu[i] * std::polar(1.0, -2 * pi * static_cast<double>(m * i) / static_cast<double>(n));
          const double k = 2 * pi * static_cast<double>(m) / grid.axis(0).length;
          sum += 2 * k * k * std::norm(amplitude) / static_cast<double>(n * n);
        }
        return M * sum;
      };
      experiment.start([](const auto& r) {
        const double u = 2 * pi * r[0] / 3e-9;
        return 0.3 + 0.08 * std::cos(u) + 0.03 * std::cos(2 * u + 0.4);
      });
      const double start = experiment.stepper.report().energy();
      double before = power_of_diffusion();
      by_diffusion = 0;
      experiment.run(6e-6, [&] {
        const double now = power_of_diffusion();
        by_diffusion += experiment.clock.last_step * (before + now) / 2;
        before = now;
      });
      const Mechanics& mechanics = *experiment.equation.mechanics();
      by_creep = mechanics.dissipated() * mechanics.parameters().per_pascal;
      lost = start - experiment.stepper.report().energy();
      defects.push_back((by_diffusion + by_creep) / lost - 1);
    }
    INFO(fmt::format("{}, {}: lost {:.5f}, by diffusion {:.5f}, by creep {:.5f}, off by {:.2e} and {:.2e}", scheme,
                     name, lost, by_diffusion, by_creep, defects[0], defects[1]));
    CHECK(lost > 0.01);
    if (std::string(name).find("no creep") == std::string::npos) CHECK(by_creep > 0.01 * lost);
    CHECK(std::abs(defects[1]) < 2e-4);
    CHECK(std::abs(defects[1]) < 0.35 * std::abs(defects[0]));
  }
}

TEST_CASE("a change of scheme takes the creep strain along", "[invariant]") {
  const Keys keys = mixed + viscous +
                    Keys{"domain.length=[\"8 nm\"]", "domain.cells=[96]", "initial.x=0.3", "time.tolerance=1e-5",
                         "elasticity.tolerance=1e-8"};
  const auto experiment = [&](const std::string& scheme) {
    return std::make_unique<Experiment<double>>(li_na(keys + Keys{"time.scheme=" + scheme}));
  };
  const auto automatic = experiment("auto"), implicit = experiment("implicit");
  for (const auto& run : {automatic.get(), implicit.get()}) {
    run->start();
    run->run(2.5e-5);
  }
  const double of_x = rms_difference(automatic->field(), implicit->field()),
               of_creep = creep_difference(*automatic, *implicit);
  INFO(fmt::format("{} switches, x off by {:.1e}, creep by {:.1e} of {:.1e}, x up to {:.3f}",
                   automatic->stepper.switches().size(), of_x, of_creep, largest_creep(*implicit),
                   implicit->field().array().maxCoeff()));
  CHECK(automatic->stepper.switches().size() > 0);
  CHECK(automatic->stepper.counts().accepted_by[1] > 0);
  CHECK(automatic->stepper.counts().accepted_by[0] > 0);
  CHECK(largest_creep(*implicit) > 0.01);
  CHECK(of_x < 5e-4);
  CHECK(of_creep < 5e-4);
  CHECK(automatic->equation.mechanics()->dissipated() ==
        Approx(implicit->equation.mechanics()->dissipated()).epsilon(2e-3));
}

TEST_CASE("a jump of the temperature leaves the creep strain as it is", "[invariant]") {
  // One by nothing to speak of: it costs the run a step of first order.
  const std::string scheme = GENERATE("semi_implicit", "implicit", "auto");
  const auto experiment = [&](const std::string& temperature) {
    Case config = li_na(mixed + power + pressed + boxes[0].keys +
                        Keys{"time.scheme=" + scheme, "temperature=" + temperature, "elasticity.tolerance=1e-9",
                             "elasticity.creep.Q=\"50 kJ/mol\"", "time.tolerance=1e-8", "initial.noise=0.02"});
    config.time.step = 1e-8;
    return std::make_unique<Experiment<double>>(config);
  };
  const auto smooth = experiment("\"298.15 K\""),
             jump = experiment("[[\"0 s\", \"298.15 K\"], [\"2 us\", \"298.15 K\"], [\"2 us\", \"298.1500001 K\"]]");
  smooth->start();
  jump->start();
  smooth->run(2e-6);
  jump->run(2e-6);
  CHECK(creep_difference(*smooth, *jump) == 0);
  const double elastic = jump->stepper.report().elastic;
  jump->run(2.01e-6);
  CHECK(jump->stepper.report().elastic == Approx(elastic).epsilon(2e-2));
  smooth->run(4e-6);
  jump->run(4e-6);
  const double of_x = largest_difference(smooth->field(), jump->field()), of_creep = creep_difference(*smooth, *jump);
  INFO(fmt::format("{}: x off by {:.1e}, creep by {:.1e} of {:.1e}", scheme, of_x, of_creep, largest_creep(*smooth)));
  CHECK(largest_creep(*smooth) > 1e-3);
  CHECK(of_x < 5e-6);
  CHECK(of_creep < 5e-7);
}

TEST_CASE("with creep a run repeats bit for bit, and threads agree", "[invariant]") {
  const std::string scheme = GENERATE("semi_implicit", "implicit");
  const auto creep = GENERATE(viscous, power);
  std::vector<std::unique_ptr<Experiment<double>>> runs;
  for (const int threads : {1, 1, 2})
    with_threads(threads, [&] {
      Case config = li_na(mixed + creep + pressed +
                          Keys{"domain.length=[\"2.4 nm\", \"2.4 nm\", \"2.4 nm\"]", "domain.cells=[10, 12, 11]",
                               "domain.boundary=[\"periodic\", \"periodic\", \"no_flux\"]", "time.scheme=" + scheme,
                               "elasticity.tolerance=1e-12"});
      config.time.step = 4e-7;
      runs.push_back(std::make_unique<Experiment<double>>(config));
      runs.back()->start();
      runs.back()->run(2e-6);
    });
  CHECK(largest_creep(*runs[0]) > 1e-4);
  CHECK(largest_difference(runs[0]->field(), runs[1]->field()) == 0);
  CHECK(creep_difference(*runs[0], *runs[1]) == 0);
  INFO(fmt::format("{}: x off by {:.1e}, creep by {:.1e}", scheme,
                   largest_difference(runs[0]->field(), runs[2]->field()), creep_difference(*runs[0], *runs[2])));
  CHECK(largest_difference(runs[0]->field(), runs[2]->field()) < 1e-11);
  CHECK(creep_difference(*runs[0], *runs[2]) < 1e-11);
}

TEST_CASE("attempts that are not accepted leave no trace", "[invariant]") {
  const bool implicit = GENERATE(false, true);
  const auto creep = GENERATE(viscous, power);
  const Case config = li_na(mixed + creep + pressed + boxes[2].keys + Keys{"elasticity.tolerance=1e-12"});
  struct End {
    explicit End(const Case& config) : experiment(config) {}

    Experiment<double> experiment;
    Field<double> x;
    StateReport report;
  };
  const auto run = [&](bool disturbed) {
    auto end = std::make_unique<End>(config);
    Experiment<double>& experiment = end->experiment;
    experiment.start();
    std::unique_ptr<Scheme<double>> scheme;
    if (implicit)
      scheme = std::make_unique<Implicit<double>>(experiment.equation, 2, 1e-8, false, Planning::estimate);
    else
      scheme = std::make_unique<SemiImplicit<double>>(experiment.equation, 2);
    History<double> history;
    history.x_hat.emplace_back(config.grid);
    history.x_hat[0].array() = experiment.stepper.state().array();
    history.dt = {0};
    history.extent.resize(1);
    scheme->start(std::move(history));
    const double dt = 2e-7 / experiment.model.units().time;
    constexpr double any = std::numeric_limits<double>::infinity();
    for (int step = 0; step < 25; ++step) {
      if (disturbed)
        for (const double factor : {0.3, 7.0}) static_cast<void>(scheme->attempt(factor * dt, any));
      // What fields are taken of is the present state, whatever was tried.
      if (disturbed && step % 3 == 0) {
        Mechanics& mechanics = *experiment.equation.mechanics();
        const double elastic = mechanics.balance().energy;
        const Equilibrium& present = mechanics.settle();
        CHECK(mechanics.balance().energy == Approx(elastic).epsilon(1e-10));
        double xx = 0;
        for (std::size_t i = 0; i < present.grid().size(); ++i) xx += present.stress()[0][i];
        CHECK(xx / static_cast<double>(present.grid().size()) == Approx(-2e8).epsilon(1e-9));
        CHECK(present.strain()[1].array().mean() == Approx(mechanics.balance().strain[1]).epsilon(1e-9));
      }
      const Attempt attempt = scheme->attempt(dt, any);
      REQUIRE(!attempt.failure);
      scheme->accept(dt);
      end->report = attempt.state;
    }
    end->x = Field<double>(config.grid);
    experiment.equation.synthesise(scheme->state(), end->x);
    return end;
  };
  const auto plain = run(false), disturbed = run(true);
  const double of_x = largest_difference(plain->x, disturbed->x),
               of_creep = creep_difference(plain->experiment, disturbed->experiment),
               heat = plain->experiment.equation.mechanics()->dissipated();
  INFO(fmt::format("implicit {}: x off by {:.1e}, creep by {:.1e} of {:.1e}", implicit, of_x, of_creep,
                   largest_creep(plain->experiment)));
  CHECK(largest_creep(plain->experiment) > 1e-3);
  // Equilibrium is sought from elsewhere, and found within its tolerance.
  CHECK(of_x < (implicit ? 1e-9 : 1e-11));
  CHECK(of_creep < (implicit ? 1e-9 : 1e-11));
  CHECK(disturbed->experiment.equation.mechanics()->dissipated() == Approx(heat).epsilon(1e-9));
  CHECK(disturbed->report.energy() == Approx(plain->report.energy()).epsilon(1e-11));
}

TEST_CASE("a run that starts with steps far too large ends where one with small ones does", "[invariant]") {
  const std::string scheme = GENERATE("semi_implicit", "implicit");
  const auto run = [&](const Keys& keys) {
    auto experiment = std::make_unique<Experiment<double>>(
        li_na(mixed + viscous + boxes[0].keys + keys +
              Keys{"time.scheme=" + scheme, "time.order=1", "initial.x=0.3", "elasticity.tolerance=1e-8"}));
    experiment->start([](const auto& r) { return 0.3 + 0.05 * std::cos(4 * pi * r[0] / 6e-9); });
    experiment->run(4e-6);
    return experiment;
  };
  const auto reference = run({"time.tolerance=1e-7"}),
             forced = run({"time.tolerance=1e-5", "time.initial_step=\"400 ns\""}),
             plain = run({"time.tolerance=1e-5"});
  const double of_x = rms_difference(forced->field(), reference->field()),
               of_creep = creep_difference(*forced, *reference),
               plain_x = rms_difference(plain->field(), reference->field());
  const auto& rejected = forced->stepper.counts().rejected;
  INFO(fmt::format("{}: {} steps, rejected {} {} {} {} {}; x off by {:.1e} ({:.1e} without), creep by {:.1e} of {:.1e}",
                   scheme, forced->stepper.counts().accepted, rejected[0], rejected[1], rejected[2], rejected[3],
                   rejected[4], of_x, plain_x, of_creep, largest_creep(*reference)));
  CHECK(rejected[static_cast<std::size_t>(Rejection::error)] > 0);
  CHECK(of_x < 1e-3);
  CHECK(of_creep < 1e-3);
}

TEST_CASE("a second start forgets what the first run has left", "[invariant]") {
  const std::string scheme = GENERATE("semi_implicit", "implicit");
  Case config = li_na(mixed + viscous + pressed + boxes[0].keys + Keys{"time.scheme=" + scheme});
  config.time.step = 1e-7;
  Experiment experiment(config), fresh(config);
  fresh.start();
  fresh.run(4e-6);
  experiment.start();
  experiment.run(3e-6);
  CHECK(largest_creep(experiment) > 1e-3);
  experiment.clock = {};
  experiment.start();
  CHECK(largest_creep(experiment) == 0);
  CHECK(experiment.equation.mechanics()->dissipated() == 0);
  experiment.run(4e-6);
  // Equilibrium is sought from where it was last.
  CHECK(largest_difference(experiment.field(), fresh.field()) < 1e-6);
  CHECK(creep_difference(experiment, fresh) < 1e-6);
}

TEST_CASE("the coherent energy is that of a state that has not crept", "[invariant]") {
  Case config = li_na(mixed + viscous + clamped + boxes[2].keys);
  Experiment relaxed(config);
  relaxed.start();
  const double start = relaxed.equation.mechanics()->balance().energy;
  CHECK(relaxed.equation.mechanics()->coherent_energy() == Approx(start).epsilon(1e-5));
  relaxed.run(2e-5);
  const Mechanics& mechanics = *relaxed.equation.mechanics();
  // Of a run without creep that starts from the same composition.
  Experiment coherent(li_na(mixed + clamped + boxes[2].keys));
  const Field<double> x = relaxed.field();
  std::size_t i = 0;
  coherent.start([&](const auto&) { return x[i++]; });
  const double energy = coherent.equation.mechanics()->balance().energy;
  CHECK(mechanics.coherent_energy() == Approx(energy).epsilon(1e-5));
  CHECK(energy > 1.2 * mechanics.balance().energy);
}

TEST_CASE("a scheme that starts from the levels of another goes on as it would have", "[invariant]") {
  const bool implicit = GENERATE(false, true);
  const auto creep = GENERATE(viscous, power);
  const Case config = li_na(mixed + creep + pressed + boxes[2].keys + Keys{"elasticity.tolerance=1e-12"});
  const auto run = [&](bool handed_on) {
    auto experiment = std::make_unique<Experiment<double>>(config);
    experiment->start();
    const auto make = [&]() -> std::unique_ptr<Scheme<double>> {
      if (implicit) return std::make_unique<Implicit<double>>(experiment->equation, 2, 1e-9, false, Planning::estimate);
      return std::make_unique<SemiImplicit<double>>(experiment->equation, 2);
    };
    History<double> history;
    history.x_hat.emplace_back(config.grid);
    history.x_hat[0].array() = experiment->stepper.state().array();
    history.dt = {0};
    history.extent.resize(1);
    auto scheme = make();
    scheme->start(std::move(history));
    for (int step = 0; step < 20; ++step) {
      if (handed_on && step % 4 == 3) {
        History<double> levels = scheme->history();
        scheme = make();
        const StateReport report = scheme->start(std::move(levels));
        CHECK(report.elastic == Approx(experiment->equation.mechanics()->balance().energy *
                                       experiment->equation.mechanics()->parameters().per_pascal)
                                    .epsilon(1e-13));
      }
      const double dt = (step % 3 == 0 ? 1.5e-7 : 2e-7) / experiment->model.units().time;
      REQUIRE(!scheme->attempt(dt, std::numeric_limits<double>::infinity()).failure);
      scheme->accept(dt);
    }
    auto x = std::make_unique<Field<double>>(config.grid);
    experiment->equation.synthesise(scheme->state(), *x);
    return std::pair(std::move(experiment), std::move(x));
  };
  const auto [plain, x] = run(false);
  const auto [handed, y] = run(true);
  INFO(fmt::format("implicit {}: x off by {:.1e}, creep by {:.1e}", implicit, largest_difference(*x, *y),
                   creep_difference(*plain, *handed)));
  CHECK(largest_creep(*plain) > 1e-3);
  CHECK(largest_difference(*x, *y) < (implicit ? 1e-9 : 1e-12));
  CHECK(creep_difference(*plain, *handed) < (implicit ? 1e-9 : 1e-12));
}

TEST_CASE("a load that does work on phases which creep unequally raises their elastic energy, not the total",
          "[invariant]") {
  // Tension along the layers of a hot alloy without misfit: the soft ones creep, the others take over their share.
  const std::string scheme = GENERATE("semi_implicit", "implicit", "auto");
  const Case config = li_na(mixed + Keys{"domain.length=[\"40 nm\"]", "domain.cells=[48]", "temperature=\"2000 K\"",
                                         "elasticity.coherency=0", "elasticity.average_stress.yy=\"300 MPa\"",
                                         "elasticity.creep.model=viscous", "elasticity.creep.viscosity=\"1e5 Pa s\"",
                                         "elasticity.creep.solute.viscosity=\"10 Pa s\"", "time.scheme=" + scheme});
  Experiment experiment(config);
  experiment.start([](const auto& r) { return 0.5 + 0.4 * std::cos(2 * pi * r[0] / 4e-8); });
  const StateReport start = experiment.stepper.report();
  double energy = start.energy(), rise = -1;
  experiment.run(1e-6, [&] {
    const StateReport& report = experiment.stepper.report();
    rise = std::max(rise, (report.energy() - energy) / std::abs(energy));
    energy = report.energy();
  });
  const StateReport& end = experiment.stepper.report();
  const auto& counts = experiment.stepper.counts();
  INFO(fmt::format(
      "{}: {} steps, elastic {:.6f} to {:.6f}, load {:.6f} to {:.6f}, chemical {:.6f} to {:.6f}, largest rise {:.1e}",
      scheme, counts.accepted, start.elastic, end.elastic, start.load, end.load, start.cells.chemical,
      end.cells.chemical, rise));
  CHECK(rise < 1e-10);
  CHECK(end.elastic + end.cells.chemical + end.gradient > start.elastic + start.cells.chemical + start.gradient + 1e-4);
  CHECK(counts.rejected[static_cast<std::size_t>(Rejection::energy)] == 0);
  CHECK(counts.accepted < 400);
}
