// Runs whose temperature changes: linear theory integrated over the ramp, jumps, and what holds whatever the course.
#include <catch2/catch.hpp>
#include <numbers>

#include "spinode/units.hpp"
#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

namespace {

/// A dimensionless regular solution with L_0 = 3, mean 0.4.
Case regular_solution(const std::string& temperature, const std::vector<std::string>& rest = {}) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "case.toml";
  std::ofstream(file) << "units = \"none\"\ninitial.x = 0.4\ninitial.noise = 0.01\ndomain.length = [60]\n"
                      << "domain.cells = [96]\nfree_energy = {model = \"redlich_kister\", L = [3]}\n"
                      << "gradient.kappa = 1\nmobility = {model = \"degenerate\", D = 1, Q = 2}\ntime.end = 100\n"
                      << "planning = \"estimate\"\ntemperature = " << temperature << "\n";
  return Case::load(file, rest);
}

}  // namespace

TEST_CASE("over a ramp a small wave grows by the integral of its rate", "[analytic]") {
  const std::string mobility = GENERATE("constant", "degenerate");
  const std::string scheme = GENERATE("semi_implicit", "implicit");
  constexpr double D0 = 2e-9, Q = 30e3, L0 = 20109.8, L1 = 5772.6, hot = 330, cold = 270;
  constexpr double x0 = 0.25, length = 3e-9, end = 8e-6, R = constants::R;
  const Case config = li_na({"domain.length=[\"3 nm\"]", "domain.cells=[160]", "mobility.model=" + mobility,
                             mobility == "constant" ? "mobility.x0=0.25" : "time.order=2", "time.tolerance=1e-6",
                             "time.max_step=\"50 ns\"", "mobility.D=\"2e-9 m2/s\"", "mobility.Q=\"30 kJ/mol\"",
                             "time.scheme=" + scheme, "temperature=[[\"0 s\", \"330 K\"], [\"8 us\", \"270 K\"]]"});
  Experiment experiment(config);
  const double k = 2 * std::numbers::pi / length;
  const auto amplitude = [&](const Field<double>& x) {
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - x0) * std::cos(k * experiment.position(i)[0]);
    return 2 * sum / static_cast<double>(x.size());
  };
  experiment.start([&](const auto& r) { return x0 + 1e-6 * std::cos(k * r[0]); });
  experiment.run(end);

  // omega(k) = -M k^2 (G'' + V_m kappa k^2); on staggered faces one k^2 is that of the stencil.
  const double V_m = constants::N_A * std::pow(3.42e-10, 3) / 2, kappa = 4.88e-11, h = length / 160;
  const double k2_flux = mobility == "constant" ? k * k : std::pow(2 * std::sin(k * h / 2) / h, 2);
  const auto rate = [&](double t) {
    const double T = hot + (cold - hot) * t / end, M = D0 * std::exp(-Q / (R * T)) * x0 * (1 - x0) / (R * T);
    const double excess = -2 * L0 - 6 * L1 * (1 - 2 * x0);
    return -M * k2_flux * (R * T / (x0 * (1 - x0)) + excess + V_m * kappa * k * k);
  };
  double integral = 0;
  constexpr int intervals = 200;
  for (int i = 0; i <= intervals; ++i)
    integral += (i == 0 || i == intervals ? 1 : i % 2 ? 4 : 2) * rate(end * i / intervals) * end / intervals / 3;
  INFO(mobility << ", " << scheme << ", " << experiment.stepper.counts().accepted << " steps");
  CHECK(integral > 1);
  CHECK(std::log(amplitude(experiment.field()) / 1e-6) == Approx(integral).epsilon(1e-3));
}

TEST_CASE("a programme that stays at one temperature is that temperature, bit for bit") {
  const std::string scheme = GENERATE("semi_implicit", "implicit");
  const auto end_state = [&](const std::string& temperature) {
    Experiment experiment(regular_solution(temperature, {"time.scheme=" + scheme}));
    experiment.start();
    experiment.run(100);
    return experiment.field();
  };
  const Field<double> constant = end_state("0.9");
  CHECK(largest_difference(end_state("[[0, 0.9]]"), constant) == 0);
  CHECK(largest_difference(end_state("[[0, 0.9], [500, 0.9]]"), constant) == 0);
}

TEST_CASE("after a jump a run goes on as one that starts there at the new temperature") {
  const std::string scheme = GENERATE("semi_implicit", "implicit", "auto");
  Experiment jump(regular_solution("[[0, 1.2], [50, 1.2], [50, 0.9]]", {"time.scheme=" + scheme}));
  jump.start();
  double time = 0;
  std::vector<double> times;
  jump.run(120, [&] { times.push_back(time = jump.clock.time); });
  CHECK(std::find(times.begin(), times.end(), 50) != times.end());

  Experiment before(regular_solution("1.2", {"time.scheme=" + scheme})),
      after(regular_solution("0.9", {"time.scheme=" + scheme}));
  before.start();
  before.run(50);
  const Field<double> kept = before.field();
  std::size_t i = 0;
  after.start([&](const auto&) { return kept[i++]; });
  after.run(70);
  CHECK(largest_difference(jump.field(), after.field()) < 1e-9);
  CHECK(jump.stepper.counts().accepted == before.stepper.counts().accepted + after.stepper.counts().accepted);
}

TEST_CASE("through quench and anneal x stays inside, its amount stays, and at constant temperature the energy falls") {
  const std::string scheme = GENERATE("auto", "implicit", "semi_implicit");
  Experiment experiment(regular_solution(
      "[[0, 1.6], [20, 0.8], [150, 0.8], [200, 1.3], [260, 1.3], [260, 0.9], [400, 0.9]]", {"time.scheme=" + scheme}));
  experiment.start();
  const Programme& temperature = experiment.config.temperature;
  double mean = experiment.stepper.state()[0], energy = experiment.stepper.report().energy(), before = 0;
  int rises = 0, falls = 0;
  experiment.run(400, [&] {
    const double now = experiment.clock.time, T = temperature.at(now);
    const StateReport& report = experiment.stepper.report();
    const double rise = report.energy() - energy;
    const bool held = temperature.slope_after(before) == 0 && temperature.after(before) == temperature.at(before);
    INFO("t = " << now << ", T = " << T);
    if (held)
      CHECK(rise <= 1e-11 * std::abs(report.energy()));
    else
      ++(rise > 0 ? rises : falls);
    if (scheme != "semi_implicit") CHECK((report.cells.x_min > 0 && report.cells.x_max < 1));
    CHECK(experiment.stepper.state()[0] == Approx(mean).epsilon(1e-13));
    // No step skips much of a ramp.
    if (temperature.slope_after(before) != 0) CHECK(std::abs(T / temperature.after(before) - 1) < 0.0051);
    energy = report.energy();
    before = now;
  });
  CHECK(rises > 10);
  CHECK(falls > 10);
  CHECK(experiment.stepper.counts().rejected[static_cast<std::size_t>(Rejection::energy)] <= 3);
}

TEST_CASE("an anneal above the critical temperature dissolves what the quench has formed") {
  Experiment experiment(regular_solution("[[0, 0.9], [200, 0.9], [220, 1.7], [1500, 1.7]]"));
  experiment.start();
  experiment.run(200);
  const Field<double> quenched = experiment.field();
  CHECK(quenched.array().maxCoeff() - quenched.array().minCoeff() > 0.8);
  experiment.run(1500);
  const Field<double> annealed = experiment.field();
  CHECK(annealed.array().maxCoeff() - annealed.array().minCoeff() < 0.05);
}

TEST_CASE("an interface asked for by its width is that of the coldest temperature") {
  const auto kappa = [](const std::string& temperature) {
    const TemporaryFolder folder;
    const std::filesystem::path file = folder.path() / "case.toml";
    std::ofstream(file) << "temperature = " << temperature
                        << "\ninitial.x = 0.3\ndomain.length = [\"50 nm\"]\ndomain.cells = [64]\n"
                        << "free_energy = {model = \"redlich_kister\", L = [\"16 kJ/mol\"]}\n"
                        << "gradient.interface_width = \"2 nm\"\nlattice.V_m = \"12 cm3/mol\"\n"
                        << "mobility = {model = \"degenerate\", D = \"1e-14 m2/s\"}\ntime.end = \"1 s\"\n";
    return Model(Case::load(file)).kappa();
  };
  // At 1100 K there is no interface.
  CHECK(kappa("[[\"0 s\", \"1100 K\"], [\"1 s\", \"400 K\"], [\"2 s\", \"600 K\"]]") == kappa("\"400 K\""));
}
