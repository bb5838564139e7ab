// The bookkeeping of a protocol, without any field: what ends its steps, the ledger of charge, and the kinetics.
#include <catch2/catch.hpp>
#include <cmath>

#include "spinode/electrode/cycler.hpp"

using namespace spinode;

namespace {

constexpr double potential_tolerance = 1e-3;

Cycler cycler_of(std::vector<ProtocolStep> steps, int cycles = 1, const Depletion& depletion = {},
                 const Kinetics& kinetics = {}) {
  return Cycler({.steps = std::move(steps), .cycles = cycles}, depletion, kinetics, potential_tolerance);
}

/// host, of the mean and the least alike, and a potential.
Signals signals(double host, double potential = 0) { return {host, host, potential}; }

const ProtocolStep strip{.mode = StepMode::strip, .velocity = 2}, plate{.mode = StepMode::plate, .velocity = -0.5},
    rest{.mode = StepMode::rest};

ProtocolStep with_duration(ProtocolStep step, double duration) {
  step.duration = duration;
  return step;
}
ProtocolStep with_charge(ProtocolStep step, double charge) {
  step.charge = charge;
  return step;
}
ProtocolStep with_potential(ProtocolStep step, double potential) {
  step.potential = potential;
  return step;
}
ProtocolStep with_host_fraction(ProtocolStep step, double host_fraction) {
  step.host_fraction = host_fraction;
  return step;
}

}  // namespace

TEST_CASE("a step of a protocol ends with its duration", "[unit]") {
  const ProtocolStep step = with_duration(GENERATE(strip, plate, rest), 3);
  Cycler cycler = cycler_of({step});
  const double v = cycler.velocity();
  CHECK(v == step.velocity);
  CHECK(cycler.time_left(v) == 3);
  cycler.advance(1.25, v);
  CHECK(cycler.time_left(v) == 1.75);
  CHECK_FALSE(cycler.over(signals(0.9)));
  cycler.advance(1.75 * (1 - 1e-8), v);
  CHECK_FALSE(cycler.over(signals(0.9)));
  // To round-off, so that no step of no length follows.
  cycler.advance(1.75 * 0.9e-8, v);
  CHECK(cycler.over(signals(0.9)) == StepEnd::duration);
}

TEST_CASE("a step of a protocol ends with its charge, whatever its sign", "[unit]") {
  const ProtocolStep step = with_charge(GENERATE(strip, plate), 3);
  Cycler cycler = cycler_of({step});
  const double v = step.velocity, whole = 3 / std::abs(v);
  CHECK(cycler.time_left(v) == Approx(whole).epsilon(1e-15));
  // At half the current it takes twice as long, and for ever without any.
  CHECK(cycler.time_left(v / 2) == Approx(2 * whole).epsilon(1e-15));
  CHECK(std::isinf(cycler.time_left(0)));
  cycler.advance(0.5 * whole, v);
  CHECK(cycler.time_left(v) == Approx(0.5 * whole).epsilon(1e-15));
  cycler.advance(whole, 0);
  CHECK(cycler.time_left(v) == Approx(0.5 * whole).epsilon(1e-15));
  CHECK_FALSE(cycler.over(signals(0.9)));
  cycler.advance(cycler.time_left(v), v);
  CHECK(cycler.over(signals(0.9)) == StepEnd::capacity);
}

TEST_CASE("the first of a duration and a charge ends a step", "[unit]") {
  Cycler cycler = cycler_of({with_charge(with_duration(strip, 4), 6)});
  CHECK(cycler.time_left(2) == 3);
  CHECK(cycler.time_left(1) == 4);
  CHECK(cycler.time_left(0) == 4);
  cycler.advance(3, 2);
  CHECK(cycler.over(signals(1)) == StepEnd::capacity);
  cycler = cycler_of({with_charge(with_duration(strip, 4), 6)});
  cycler.advance(4, 1);
  CHECK(cycler.over(signals(1)) == StepEnd::duration);
}

TEST_CASE("stripping ends where the potential rises to its limit, plating where it falls to it", "[unit]") {
  const Cycler stripping = cycler_of({with_potential(strip, 0.5)}), plating = cycler_of({with_potential(plate, -0.2)});
  CHECK(stripping.needs_potential());
  CHECK_FALSE(cycler_of({strip}).needs_potential());
  CHECK(std::isinf(stripping.time_left(2)));
  Cycler ended = stripping;
  ended.finish_step(StepEnd::potential, 1, 1, 0.5);
  CHECK_FALSE(ended.needs_potential());
  CHECK_FALSE(stripping.over(signals(0.9, 0.4999)));
  CHECK(stripping.over(signals(0.9, 0.5)) == StepEnd::potential);
  CHECK(stripping.over(signals(0.9, 0.7)) == StepEnd::potential);
  CHECK_FALSE(plating.over(signals(0.9, 0.7)));
  CHECK_FALSE(plating.over(signals(0.9, -0.1999)));
  CHECK(plating.over(signals(0.9, -0.2)) == StepEnd::potential);
  CHECK(plating.over(signals(0.9, -0.3)) == StepEnd::potential);
}

TEST_CASE("stripping ends where the host of the sink falls to its limit, plating where it rises to it", "[unit]") {
  const Cycler stripping = cycler_of({with_host_fraction(strip, 0.25)}),
               plating = cycler_of({with_host_fraction(plate, 0.75)});
  CHECK_FALSE(stripping.over(signals(0.26)));
  CHECK(stripping.over(signals(0.25)) == StepEnd::host_fraction);
  CHECK(stripping.over(signals(0.1)) == StepEnd::host_fraction);
  CHECK_FALSE(plating.over(signals(0.1)));
  CHECK_FALSE(plating.over(signals(0.74)));
  CHECK(plating.over(signals(0.75)) == StepEnd::host_fraction);
  CHECK(plating.over(signals(0.9)) == StepEnd::host_fraction);
  // The mean of the layer counts, not what the sink lives on.
  CHECK_FALSE(stripping.over({.host = 0.3, .available = 0.1}));
}

TEST_CASE("a depleted sink ends the whole protocol, where it is not to limit the current", "[unit]") {
  const Depletion stop{.stop = true, .least = 0.01}, limit{.stop = false, .least = 0.01};
  const std::vector<ProtocolStep> steps{strip, with_duration(rest, 1)};
  Cycler cycler = cycler_of(steps, 3, stop);
  CHECK_FALSE(cycler.over({.host = 0.001, .available = 0.011}));
  CHECK(cycler.over({.host = 0.5, .available = 0.01}) == StepEnd::depleted);
  CHECK_FALSE(cycler_of(steps, 3, limit).over({.host = 0.5, .available = 0}));
  // Only what is stripped runs out.
  CHECK_FALSE(cycler_of({plate}, 1, stop).over(signals(0)));
  CHECK_FALSE(cycler_of({with_duration(rest, 1)}, 1, stop).over(signals(0)));
  cycler.finish_step(StepEnd::depleted, 8, 5, 0.3);
  CHECK(cycler.number() == 6);
  CHECK(cycler.finished());
  CHECK(cycler.velocity() == 0);
  CHECK_FALSE(cycler.needs_potential());
  CHECK(std::isinf(cycler.time_left(2)));
  CHECK_FALSE(cycler.over(signals(0)));
  CHECK_FALSE(cycler.passed(signals(1), signals(0)));
  REQUIRE(cycler.history().size() == 1);
  CHECK(cycler.history()[0].end == StepEnd::depleted);
  CHECK(cycler.history()[0].number == 0);
}

TEST_CASE("a protocol runs its steps in order, as often as it has cycles", "[unit]") {
  Cycler cycler = cycler_of({with_charge(strip, 1), with_duration(rest, 2), with_charge(plate, 1)}, 2);
  double time = 0;
  for (std::size_t number = 0; number < 6; ++number) {
    CAPTURE(number);
    REQUIRE_FALSE(cycler.finished());
    CHECK(cycler.number() == number);
    const std::array modes{StepMode::strip, StepMode::rest, StepMode::plate};
    CHECK(cycler.step().mode == modes[number % 3]);
    const double v = cycler.velocity(), left = cycler.time_left(v);
    // Every step starts anew: what the one before took does not count.
    CHECK(left == Approx(std::array{0.5, 2.0, 2.0}[number % 3]).epsilon(1e-15));
    CHECK_FALSE(cycler.over(signals(0.9)));
    cycler.advance(left, v);
    time += left;
    const auto end = cycler.over(signals(0.9));
    REQUIRE(end == (number % 3 == 1 ? StepEnd::duration : StepEnd::capacity));
    cycler.finish_step(*end, time, 10 - cycler.ledger().delivered, 0.1 * static_cast<double>(number));
  }
  CHECK(cycler.finished());
  REQUIRE(cycler.history().size() == 6);
  const std::array<double, 6> times{0.5, 2.5, 4.5, 5, 7, 9}, delivered{1, 1, 0, 1, 1, 0};
  for (std::size_t i = 0; i < 6; ++i) {
    CAPTURE(i);
    const FinishedStep& step = cycler.history()[i];
    CHECK(step.number == i);
    CHECK(step.mode == std::array{StepMode::strip, StepMode::rest, StepMode::plate}[i % 3]);
    CHECK(step.end == (i % 3 == 1 ? StepEnd::duration : StepEnd::capacity));
    CHECK(step.time == Approx(times[i]).epsilon(1e-14));
    CHECK(step.requested == Approx(delivered[i]).margin(1e-14));
    CHECK(step.delivered == Approx(delivered[i]).margin(1e-14));
    CHECK(step.thickness == Approx(10 - delivered[i]).epsilon(1e-14));
    CHECK(step.potential == 0.1 * static_cast<double>(i));
  }
  CHECK(cycler.ledger().throughput == Approx(4).epsilon(1e-14));
}

TEST_CASE("the ledger tells what was asked for from what passed, and counts both ways", "[unit]") {
  Cycler cycler = cycler_of({with_charge(strip, 3), with_duration(plate, 2)}, 1, {.stop = false, .least = 0.01});
  cycler.advance(1, 2);
  cycler.advance(1, 0.5);  // cut to what arrives at the sink
  cycler.advance(1, 0);
  CHECK(cycler.ledger().requested == 6);
  CHECK(cycler.ledger().delivered == 2.5);
  CHECK(cycler.ledger().throughput == 2.5);
  // The charge that ends the step is the one that passed.
  CHECK_FALSE(cycler.over(signals(0.9)));
  CHECK(cycler.time_left(0.5) == 1);
  cycler.advance(1, 0.5);
  CHECK(cycler.over(signals(0.9)) == StepEnd::capacity);
  cycler.finish_step(StepEnd::capacity, 4, 7, 0.2);
  CHECK(cycler.history()[0].requested == 8);
  CHECK(cycler.history()[0].delivered == 3);
  cycler.advance(2, -0.5);
  CHECK(cycler.ledger().requested == 7);
  CHECK(cycler.ledger().delivered == 2);
  CHECK(cycler.ledger().throughput == 4);
}

TEST_CASE("a time step too far past a limit says after which share of it the limit was passed", "[unit]") {
  SECTION("of the potential") {
    const Cycler cycler = cycler_of({with_potential(strip, 0.5)});
    CHECK(cycler.passed(signals(0.9, 0.2), signals(0.9, 0.6)).value() == Approx(0.75).epsilon(1e-14));
    CHECK_FALSE(cycler.passed(signals(0.9, 0.2), signals(0.9, 0.4)));
    CHECK_FALSE(cycler.passed(signals(0.9, 0.2), signals(0.9, 0.5 + 0.9 * potential_tolerance)));
    CHECK(cycler.passed(signals(0.9, 0.2), signals(0.9, 0.5 + 1.1 * potential_tolerance)));
    // Where the step began past the limit there is nothing to find.
    CHECK_FALSE(cycler.passed(signals(0.9, 0.6), signals(0.9, 0.7)));
    const Cycler plating = cycler_of({with_potential(plate, -0.2)});
    CHECK(plating.passed(signals(0.9, 0.4), signals(0.9, -0.6)).value() == Approx(0.6).epsilon(1e-14));
    CHECK_FALSE(plating.passed(signals(0.9, 0.4), signals(0.9, 0.8)));
  }
  SECTION("of the host in the layer") {
    const Cycler cycler = cycler_of({with_host_fraction(strip, 0.25)});
    CHECK(cycler.passed(signals(0.35), signals(0.15)).value() == Approx(0.5).epsilon(1e-14));
    CHECK_FALSE(cycler.passed(signals(0.35), signals(0.26)));
    CHECK_FALSE(cycler.passed(signals(0.35), signals(0.24995)));
    const Cycler plating = cycler_of({with_host_fraction(plate, 0.75)});
    CHECK(plating.passed(signals(0.7), signals(0.95)).value() == Approx(0.2).epsilon(1e-13));
    CHECK_FALSE(plating.passed(signals(0.7), signals(0.6)));
  }
  SECTION("of depletion") {
    const Cycler cycler = cycler_of({strip}, 1, {.stop = true, .least = 0.01});
    CHECK(cycler.passed(signals(0.04), signals(0)).value() == Approx(0.75).epsilon(1e-14));
    CHECK_FALSE(cycler.passed(signals(0.04), signals(0.0095)));
    CHECK_FALSE(cycler_of({strip}, 1, {.stop = false, .least = 0.01}).passed(signals(0.04), signals(0)));
    CHECK_FALSE(cycler_of({plate}, 1, {.stop = true, .least = 0.01}).passed(signals(0.04), signals(0)));
    // What the sink lives on counts, not the mean of the layer.
    CHECK(cycler.passed({.host = 0.5, .available = 0.03}, {.host = 0.4, .available = 0}).value() ==
          Approx(2.0 / 3).epsilon(1e-14));
  }
  SECTION("the first of several") {
    const Cycler cycler =
        cycler_of({with_potential(with_host_fraction(strip, 0.25), 0.5)}, 1, {.stop = true, .least = 0.01});
    CHECK(cycler.passed(signals(0.45, 0), signals(0.05, 1)).value() == Approx(0.5).epsilon(1e-14));
    CHECK(cycler.passed(signals(0.3, 0), signals(0.05, 1)).value() == Approx(0.2).epsilon(1e-13));
    CHECK(cycler.passed(signals(0.9, 0.4), signals(0, 1)).value() == Approx(1.0 / 6).epsilon(1e-13));
  }
}

TEST_CASE("charge transfer follows the law of Butler and Volmer, and the separator that of Ohm", "[unit]") {
  const double j0 = 0.3, RT = 1.7;
  const Kinetics kinetics{.exchange_velocity = j0, .resistance = 4};
  // j = j0 (exp(eta/2RT) - exp(-eta/2RT)), with eta in units of RT/F.
  for (const double eta : {-20.0, -3.0, -0.1, 1e-3, 0.5, 8.0}) {
    CAPTURE(eta);
    const double j = j0 * 2 * std::sinh(eta / (2 * RT));
    CHECK(kinetics.overpotential(j, RT) == Approx(eta).epsilon(1e-13));
    CHECK(kinetics.overpotential(-j, RT) == -kinetics.overpotential(j, RT));
  }
  CHECK(kinetics.overpotential(0, RT) == 0);
  // Small currents: RT j/j0, less by (j/2j0)^2/6. Large ones, after Tafel: 2RT ln(j/j0), more by (j0/j)^2.
  CHECK(kinetics.overpotential(1e-5 * j0, RT) == Approx(1e-5 * RT).epsilon(1e-11));
  CHECK(kinetics.overpotential(1e5 * j0, RT) == Approx(2 * RT * std::log(1e5)).epsilon(1e-11));
  CHECK(kinetics.ohmic_drop(0.25) == 1);
  CHECK(kinetics.ohmic_drop(-0.25) == -1);
  CHECK(Kinetics{}.overpotential(3, RT) == 0);
  CHECK(Kinetics{}.ohmic_drop(3) == 0);
  CHECK(cycler_of({strip}, 1, {}, kinetics).kinetics().resistance == 4);
}
