// What no current may change: the books of charge and solute, whatever the steps; a closed system at no current; the
// way back; the result with the number of threads and mirrors.
#include <fmt/ranges.h>

#include <catch2/catch.hpp>
#include <numbers>
#include <numeric>

#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

namespace {

/// An electrode of 4 nm in 1D, 2D or 3D, whose steps are those of a run: adaptive, with rejections.
std::vector<std::string> electrode(int dimension, const std::vector<std::string>& more) {
  const std::vector<std::string> boxes[3] = {
      {"domain.length=[\"8 nm\"]", "domain.cells=[64]", "domain.boundary=[\"no_flux\"]"},
      {"domain.length=[\"4 nm\", \"8 nm\"]", "domain.cells=[32, 64]", "domain.boundary=[\"periodic\", \"no_flux\"]"},
      {"domain.length=[\"2 nm\", \"2 nm\", \"4 nm\"]", "domain.cells=[12, 16, 32]",
       "domain.boundary=[\"periodic\", \"no_flux\", \"no_flux\"]"}};
  std::vector<std::string> rest = boxes[dimension - 1];
  rest.insert(rest.end(), {"initial.x=0.1", "elasticity.model=isotropic", "time.tolerance=1e-3"});
  rest.insert(rest.end(), more.begin(), more.end());
  return rest;
}

/// Amounts of a state, as lengths of metal: what the cells hold, and what the books say.
struct Amounts {
  double solute, host, thickness;

  explicit Amounts(Experiment<double>& experiment) : thickness(experiment.stepper.extent().thickness) {
    const Field<double> x = experiment.field();
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += x[i];
    solute = thickness * sum / static_cast<double>(x.size());
    host = thickness - solute;
  }
};

}  // namespace

TEST_CASE("the host that leaves is the charge that passed, and the solute stays", "[electrode]") {
  // Faraday's law for the sums over cells, after every step of runs that decompose, change scheme and reject steps.
  const int dimension = GENERATE(1, 2, 3);
  const std::string scheme = GENERATE("auto", "semi_implicit", "implicit");
  const std::string protocol =
      "electrode.protocol=[{step=\"strip\", current_density=\"1e5 A/m2\", duration=\"60 us\"}, {step=\"rest\", "
      "duration=\"5 us\"}, {step=\"plate\", current_density=\"2e5 A/m2\", capacity=\"2 C/m2\"}]";
  // The first steps are too long, so that some are rejected in every run.
  std::vector<std::string> more{protocol, "time.scheme=" + scheme, "electrode.on_depletion=limit",
                                "time.initial_step=\"3 us\""};
  if (dimension > 1) more.insert(more.end(), {"electrode.sink=fraction", "electrode.contact_noise=0.1"});
  Experiment experiment(li_na(electrode(dimension, more)));
  experiment.start();
  const Amounts before(experiment);
  double host_off = 0, solute_off = 0, x_most = 0;
  experiment.run(80e-6, [&] {
    const Amounts now(experiment);
    const Ledger& ledger = experiment.stepper.cycler()->ledger();
    host_off = std::max(host_off, std::abs(before.host - now.host - ledger.delivered) / before.host);
    solute_off = std::max(solute_off, std::abs(now.solute / before.solute - 1));
    x_most = std::max(x_most, experiment.stepper.report().cells.x_max);
  });
  const Amounts after(experiment);
  const Cycler& cycler = *experiment.stepper.cycler();
  const StepCounts& counts = experiment.stepper.counts();
  INFO(
      fmt::format("{}D, {}: {} steps, rejected {}, {} changes of scheme, x up to {:.6f}; host off by {:.2e}, solute by "
                  "{:.2e}",
                  dimension, scheme, counts.accepted, fmt::join(counts.rejected, " "),
                  experiment.stepper.switches().size(), x_most, host_off, solute_off));
  CHECK(cycler.finished());
  CHECK(cycler.history().size() == 3);
  CHECK(host_off < 1e-13);
  CHECK(solute_off < 1e-13);
  CHECK(std::accumulate(counts.rejected.begin(), counts.rejected.end(), std::int64_t{0}) > 0);
  CHECK(std::abs(before.host - after.host - cycler.ledger().delivered) < 1e-12 * cycler.ledger().throughput);
  CHECK(cycler.ledger().delivered > 0.05 * before.host);  // not a trickle
  CHECK(x_most < 1);
}

TEST_CASE("a window gains what enters it", "[electrode]") {
  const std::string scheme = GENERATE("auto", "semi_implicit", "implicit"), sink = GENERATE("uniform", "fraction");
  Experiment experiment(
      li_na(electrode(2, {"electrode.current_density=\"1e5 A/m2\"", "electrode.frame=window", "electrode.x_far=0.07",
                          "electrode.sink=" + sink, "time.scheme=" + scheme})));
  experiment.start();
  const Amounts before(experiment);
  double solute_off = 0, host_off = 0;
  experiment.run(20e-6, [&] {
    const Amounts now(experiment);
    const double entered = experiment.stepper.cycler()->ledger().delivered;
    solute_off = std::max(solute_off, std::abs(now.solute - before.solute - 0.07 * entered) / before.solute);
    // Host enters with the metal, and leaves as charge.
    host_off = std::max(host_off, std::abs(now.host - before.host - 0.93 * entered + entered) / before.host);
  });
  const double gained = Amounts(experiment).solute - before.solute,
               expected = 0.07 * experiment.stepper.cycler()->ledger().delivered;
  INFO(fmt::format("{}, {}: solute off by {:.2e}, host by {:.2e}, gained {:.6e} of {:.6e}", scheme, sink, solute_off,
                   host_off, gained, expected));
  CHECK(solute_off < 1e-12);
  CHECK(host_off < 1e-12);
  CHECK(gained == Approx(expected).epsilon(1e-12));
  CHECK(expected > 0.005 * before.solute);
  CHECK(experiment.stepper.extent().thickness == before.thickness);
}

TEST_CASE("an electrode without a current is the closed system, bit for bit", "[electrode]") {
  const int dimension = GENERATE(1, 2);
  const std::string scheme = GENERATE("auto", "semi_implicit", "implicit"),
                    mobility = GENERATE("degenerate", "constant");
  const auto state = [&](const std::vector<std::string>& more) {
    std::vector<std::string> keys = electrode(
        dimension, {"time.scheme=" + scheme, "mobility.model=" + mobility, "initial.x=0.3", "elasticity.model=cubic"});
    if (mobility == "constant") keys.push_back("mobility.x0=0.25");
    keys.insert(keys.end(), more.begin(), more.end());
    Experiment experiment(li_na(keys));
    experiment.start();
    experiment.run(2e-5);
    return std::pair(experiment.field(), experiment.stepper.report().energy());
  };
  const auto closed = state({});
  CHECK((closed.first.array() - 0.3).abs().maxCoeff() > 0.01);
  for (const std::vector<std::string>& at_rest :
       {std::vector<std::string>{"electrode.current_density=\"0 mA/cm2\""},
        {"electrode.protocol=[{step=\"rest\", duration=\"1 s\"}]", "electrode.sink=fraction"},
        {"electrode.current_density=\"0 mA/cm2\"", "electrode.frame=window", "electrode.x_far=0.1"}}) {
    const auto electrode_state = state(at_rest);
    INFO(scheme << ", " << mobility << ", " << at_rest.back());
    CHECK(largest_difference(closed.first, electrode_state.first) == 0);
    CHECK(closed.second == electrode_state.second);
  }
}

TEST_CASE("what is stripped and plated again leaves the electrode as it was", "[electrode]") {
  // A solution without interactions, and a rest in which it becomes uniform again.
  const int dimension = GENERATE(1, 2);
  const std::string scheme = GENERATE("semi_implicit", "implicit");
  Case config = li_na(electrode(
      dimension,
      {"free_energy.L=[\"0 J/mol\"]", "elasticity.model=none", "initial.noise=0", "time.scheme=" + scheme,
       "time.tolerance=1e-4",
       "electrode.protocol=[{step=\"strip\", current_density=\"1e5 A/m2\", capacity=\"10 C/m2\"}, {step=\"plate\", "
       "current_density=\"3e5 A/m2\", capacity=\"10 C/m2\"}, {step=\"rest\", duration=\"20 ms\"}]"}));
  Experiment experiment(config);
  experiment.start();
  const double start = experiment.stepper.extent().thickness;
  double least = start, most = 0;
  experiment.run(1, [&] {
    least = std::min(least, experiment.stepper.extent().thickness);
    most = std::max(most, experiment.stepper.report().cells.x_max);
  });
  REQUIRE(experiment.stepper.cycler()->history().size() == 3);
  INFO(fmt::format("{}D, {}: thickness {} to {} and back to {}, x up to {}", dimension, scheme, start, least,
                   experiment.stepper.extent().thickness, most));
  CHECK(least < 0.9 * start);
  CHECK(most > 0.12);
  CHECK(std::abs(experiment.stepper.extent().thickness / start - 1) < 1e-12);
  CHECK((experiment.field().array() - 0.1).abs().maxCoeff() < 1e-7);
}

TEST_CASE("one and two threads strip alike", "[electrode]") {
  const std::string scheme = GENERATE("semi_implicit", "implicit");
  std::vector<Field<double>> states;
  for (int threads : {1, 2})
    with_threads(threads, [&] {
      Experiment experiment(
          li_na(electrode(3, {"electrode.current_density=\"1e5 A/m2\"", "electrode.sink=fraction",
                              "electrode.contact_noise=0.2", "elasticity.model=cubic", "time.scheme=" + scheme})));
      experiment.start();
      experiment.run(1e-5);
      states.push_back(experiment.field());
    });
  CHECK((states[0].array() - 0.1).abs().maxCoeff() > 0.05);
  CHECK(largest_difference(states[0], states[1]) < 1e-11);
}

TEST_CASE("a plane that is stripped is half of itself and its mirror image", "[electrode]") {
  const auto state = [](bool mirrored) {
    Experiment experiment(li_na(electrode(
        2, {mirrored ? "domain.length=[\"8 nm\", \"8 nm\"]" : "domain.length=[\"4 nm\", \"8 nm\"]",
            mirrored ? "domain.cells=[64, 64]" : "domain.cells=[32, 64]",
            mirrored ? "domain.boundary=[\"periodic\", \"no_flux\"]" : "domain.boundary=[\"no_flux\", \"no_flux\"]",
            "electrode.current_density=\"1e5 A/m2\"", "electrode.sink=fraction", "time.step=\"0.05 us\"",
            "time.scheme=semi_implicit"})));
    experiment.start([](const auto& r) {
      return 0.1 + 0.02 * std::cos(std::numbers::pi * r[0] / 4e-9) * std::cos(std::numbers::pi * r[1] / 8e-9);
    });
    experiment.run(1e-5);
    return experiment.field();
  };
  const Field<double> half = state(false), whole = state(true);
  double largest = 0, lateral = 0;
  for (std::size_t j = 0; j < 64; ++j)
    for (std::size_t i = 0; i < 32; ++i) {
      largest = std::max(largest, std::abs(half[i + 32 * j] - whole[i + 64 * j]));
      lateral = std::max(lateral, std::abs(half[i + 32 * j] - half[32 * j]));
    }
  CHECK(lateral > 0.01);
  CHECK(largest < 1e-11);
}
