// Every fault in what a case says of its electrode stops the command before it writes anything: exit code 2, one line,
// "where: key = given: what is allowed".
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "workplace.hpp"

using namespace cli;

namespace {

/// An ideal Li-Na of 10 um and 64 cells; [electrode] is line 13.
const std::string good = fmt::format(R"(system = "{}/configs/systems/li-na.toml"
temperature = "25 degC"
free_energy.L = ["0 J/mol"]
initial.x = 0.3

[domain]
length = ["10 um"]
cells = [64]
boundary = ["no_flux"]

[time]
end = "1 ms"
[electrode]
)",
                                     SPINODE_SOURCE_DIR);
const std::string constant = good + "current_density = \"1 mA/cm2\"\n";
std::string plane() {
  return with(with(with(constant, "[\"10 um\"]", "[\"10 um\", \"10 um\"]"), "[64]", "[8, 64]"), "[\"no_flux",
              "[\"periodic\", \"no_flux");
}
std::string without_end() { return with(good, "[time]\nend = \"1 ms\"\n", ""); }

/// What is wrong with a case, which must stop it.
std::string fault(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const Workplace place;
  place.write("case.toml", text);
  std::vector<std::string> arguments{"run", "case.toml"};
  arguments.insert(arguments.end(), overrides.begin(), overrides.end());
  const Outcome outcome = place.spinode(arguments);
  CHECK(outcome.code == 2);
  CHECK(outcome.out.empty());
  CHECK_FALSE(place.has("results"));
  return outcome.err;
}

struct Line {
  std::string given, message;
};

/// Each line alone, at the end of a case, must give its message; it stands in line `number` of the file.
void check_lines(const std::string& text, int number, const std::vector<Line>& lines) {
  for (const Line& line : lines) {
    CAPTURE(line.given);
    CHECK(fault(text + line.given + "\n") == fmt::format("case.toml:{}: {}\n", number, line.message));
  }
}

/// Each entry, in a line of its own, the second of a protocol, must give its message.
void check_entries(const std::vector<Line>& entries) {
  const std::string list = good + "protocol = [\n  { step = \"rest\", duration = \"1 s\" },\n  { ";
  for (const Line& entry : entries) {
    CAPTURE(entry.given);
    CHECK(fault(list + entry.given + " },\n]\n") ==
          fmt::format("case.toml:16: {}{}\n", entry.message.starts_with("unknown") ? "" : "electrode.protocol[1].",
                      entry.message));
  }
}

}  // namespace

TEST_CASE("the electrodes that are edited below are good") {
  const Workplace place;
  for (const std::string& text :
       {constant, plane(),
        good + "protocol = [{ step = \"strip\", c_rate = 1 }]\ncycles = 2\nareal_capacity = \"1 mAh/cm2\"\n",
        without_end() + "protocol = [{ step = \"strip\", c_rate = 1 }]\n"}) {
    place.write("case.toml", text);
    const Outcome outcome = place.spinode({"check", "case.toml"});
    CHECK(outcome.err.empty());
    CHECK(outcome.code == 0);
  }
}

TEST_CASE("bad electrode: where it lies and what drives it") {
  CHECK(
      fault(with(constant, "[\"no_flux\"]", "[\"periodic\"]")) ==
      "case.toml:9: domain.boundary = [\"periodic\"]: the last axis is the electrode from separator to collector: make "
      "it no_flux\n");
  CHECK(
      fault(with(constant, "boundary = [\"no_flux\"]\n", "")) ==
      "case.toml: domain.boundary = [] (its default): the last axis is the electrode from separator to collector: make "
      "it no_flux\n");
  CHECK(fault(with(plane(), "[\"periodic\", \"no_flux\"]", "[\"no_flux\", \"periodic\"]")) ==
        "case.toml:9: domain.boundary = [\"no_flux\", \"periodic\"]: the last axis is the electrode from separator to "
        "collector: make it no_flux\n");
  check_lines(
      good, 14,
      {{"current_density = 1",
        "electrode.current_density = 1: expected a current density (A m-2) with its unit, such as \"0.5 mA/cm2\""},
       {"current_density = \"1 V\"", "electrode.current_density = \"1 V\": expected a current density (A m-2)"},
       {"current_density = \"1 mAh/cm2\"",
        "electrode.current_density = \"1 mAh/cm2\": expected a current density (A m-2)"},
       {"current_density = [\"1 mA/cm2\"]",
        "electrode.current_density = [\"1 mA/cm2\"]: expected a current density (A m-2)"},
       {"curent_density = \"1 mA/cm2\"",
        "unknown key electrode.curent_density; did you mean electrode.current_density?"}});
  // Of both, in the order of the file.
  CHECK(contains(
      fault(constant + "protocol = [{ step = \"rest\", duration = \"1 s\" }]\n"),
      "case.toml:15: electrode.protocol = [{ duration = \"1 s\", step = \"rest\" }]: electrode.current_density "
      "is given already; give one of the two\n"));
  CHECK(fault(with(without_end(), "[electrode]", "[electrode]\ncurrent_density = \"1 mA/cm2\"")) ==
        "case.toml: missing key time.end: expected a time (s) > 0 s: when the run ends; the longest that "
        "electrode.protocol can take when left out\n");
  // Nothing but a state ends these: more metal comes into a window, and plating needs none.
  for (const char* const steps : {"protocol = [{ step = \"strip\", c_rate = 1 }]\nframe = \"window\"\n",
                                  "protocol = [{ step = \"plate\", c_rate = 1, potential = \"1 mV\" }]\n"})
    CHECK(contains(fault(without_end() + steps), "case.toml: missing key time.end: "));
}

TEST_CASE("bad electrode: the list of a protocol") {
  const std::string expected = ": expected a list of tables, [{ ... }, ...]";
  check_lines(good, 14,
              {{"protocol = 3", "electrode.protocol = 3" + expected},
               {"protocol = []", "electrode.protocol = []" + expected},
               {"protocol = \"rest\"", "electrode.protocol = \"rest\"" + expected},
               {"protocol = [\"rest\"]", "electrode.protocol = [\"rest\"]" + expected},
               {"protocol = { step = \"rest\" }", "electrode.protocol = { step = \"rest\" }" + expected}});
  CHECK(fault(constant, {"electrode.protocol=rest"}) ==
        "command line: electrode.protocol = \"rest\"" + expected + "\n");
  CHECK(fault(constant, {"electrode.protocol=[{step=\"rest\", duration=\"1 m\"}]"}) ==
        "command line: electrode.protocol[0].duration = \"1 m\": expected a time (s)\n");
  CHECK(fault(constant, {"electrode.protocol=[{step=rest}]"}) ==
        "command line: \"electrode.protocol=[{step=rest}]\": the value is not valid TOML; texts inside a list or table "
        "need quotes\n");
  CHECK(fault(constant, {"electrode.protocol[0].c_rate=1"}) ==
        "command line: electrode.protocol[0].c_rate = 1: there is no list electrode.protocol\n");
  // What hangs on a list that is none is neither asked for nor called useless.
  CHECK(fault(without_end() + "protocol = 3\n") == "case.toml:12: electrode.protocol = 3" + expected + "\n");
  CHECK(fault(good + "protocol = 3\nareal_capacity = \"1 mAh/cm2\"\n") ==
        "case.toml:14: electrode.protocol = 3" + expected + "\n");
  const std::string steps = good + "protocol = [{ step = \"strip\", c_rate = 1 }]\n";
  check_lines(
      steps, 15,
      {{"cycles = 0", "electrode.cycles = 0: expected an integer >= 1 and <= 1000000"},
       {"cycles = 1.5", "electrode.cycles = 1.5: expected an integer >= 1 and <= 1000000"},
       {"areal_capacity = \"1 mAh\"", "electrode.areal_capacity = \"1 mAh\": expected a charge per area (C m-2)"},
       {"areal_capacity = \"-1 mAh/cm2\"", "electrode.areal_capacity = \"-1 mAh/cm2\": must be > 0 C m-2"}});
}

TEST_CASE("bad electrode: the steps of a protocol, each fault in the line of its entry") {
  const std::string j = "current_density = \"1 mA/cm2\"", strip = "step = \"strip\", " + j,
                    plate = "step = \"plate\", " + j, rest = "step = \"rest\", duration = \"1 s\"";
  check_entries(
      {{"step = \"charge\", " + j, "step = \"charge\": expected one of \"strip\", \"plate\", \"rest\""},
       {"step = 3, " + j, "step = 3: expected one of \"strip\", \"plate\", \"rest\""},
       {"step = \"strip\", duration = \"1 s\"", "step = \"strip\": needs a current_density or a c_rate"},
       {"step = \"plate\", duration = \"1 s\"", "step = \"plate\": needs a current_density or a c_rate"},
       {strip + ", c_rate = 1",
        "c_rate = 1: electrode.protocol[1].current_density is given already; give one of the two"},
       {plate, "step = \"plate\": needs an end: a duration, capacity, potential or host_fraction"},
       {"step = \"rest\"", "step = \"rest\": needs a duration"},
       {"step = \"strip\", current_density = \"1 mA\"",
        "current_density = \"1 mA\": expected a current density (A m-2)"},
       {"step = \"strip\", current_density = \"-1 mA/cm2\"", "current_density = \"-1 mA/cm2\": must be > 0 A m-2"},
       {"step = \"plate\", current_density = \"-1 mA/cm2\", duration = \"1 s\"",
        "current_density = \"-1 mA/cm2\": must be > 0 A m-2"},
       {"step = \"strip\", c_rate = 0", "c_rate = 0: must be > 0"},
       {"step = \"strip\", c_rate = -1", "c_rate = -1: must be > 0"},
       {"step = \"strip\", c_rate = \"1 mA/cm2\"", "c_rate = \"1 mA/cm2\": expected a number"},
       {strip + ", duration = \"1 m\"", "duration = \"1 m\": expected a time (s)"},
       {strip + ", duration = \"0 s\"", "duration = \"0 s\": must be > 0 s"},
       {strip + ", capacity = \"1 mAh\"", "capacity = \"1 mAh\": expected a charge per area (C m-2)"},
       {strip + ", capacity = \"-1 mAh/cm2\"", "capacity = \"-1 mAh/cm2\": must be > 0 C m-2"},
       {strip + ", potential = \"1 mA\"", "potential = \"1 mA\": expected a potential (V)"},
       {strip + ", potential = 1", "potential = 1: expected a potential (V) with its unit, such as \"50 mV\""},
       {strip + ", host_fraction = 1", "host_fraction = 1: must be > 0 and < 1"},
       {plate + ", host_fraction = 0", "host_fraction = 0: must be > 0 and < 1"},
       {strip + ", host_fraction = \"0.1 V\"", "host_fraction = \"0.1 V\": expected a number"},
       {rest + ", durations = \"1 s\"",
        "unknown key electrode.protocol[1].durations; did you mean electrode.protocol[].duration?"},
       {strip + ", c_rte = 1", "unknown key electrode.protocol[1].c_rte; did you mean electrode.protocol[].c_rate?"}});
  // A rest takes no current, and no end but its duration.
  for (const char* const key :
       {"c_rate = 1", "potential = \"1 V\"", "capacity = \"1 mAh/cm2\"", "host_fraction = 0.5"}) {
    const std::string name = std::string(key).substr(0, std::string(key).find(' '));
    CHECK(fault(good + "protocol = [{ " + rest + ", " + key + " }]\n") ==
          fmt::format("case.toml:14: key electrode.protocol[0].{} is not used by the models chosen here; remove it\n",
                      name));
  }
  CHECK(contains(
      fault(good + "protocol = [{ duration = \"1 s\" }]\n"),
      "case.toml: missing key electrode.protocol[0].step: expected one of \"strip\", \"plate\", \"rest\": what "
      "a step of the protocol does\n"));
  // The tables of a list have lines of their own, and their faults come in the order of the file.
  CHECK(fault(good + "[[electrode.protocol]]\nstep = \"rest\"\nduration = \"1 m\"\n[[electrode.protocol]]\nstep = "
                     "\"strip\"\nc_rate = -1\ncapcity = 3\n") ==
        "case.toml:16: electrode.protocol[0].duration = \"1 m\": expected a time (s)\n"
        "case.toml:19: electrode.protocol[1].c_rate = -1: must be > 0\n"
        "case.toml:20: unknown key electrode.protocol[1].capcity; did you mean electrode.protocol[].capacity?\n");
}

TEST_CASE("bad electrode: the sink layer, the frame and the contact") {
  check_lines(
      constant, 15,
      {{"layer = \"0.62 um\"", "electrode.layer = \"0.62 um\": must be at least four cells, 6.25e-07 m"},
       {"layer = \"5.01 um\"", "electrode.layer = \"5.01 um\": must be at most half of the electrode"},
       {"layer = \"-1 um\"", "electrode.layer = \"-1 um\": must be > 0 m"},
       {"layer = \"1 s\"", "electrode.layer = \"1 s\": expected a length (m)"},
       {"layer = 1", "electrode.layer = 1: expected a length (m) with its unit, such as \"10 um\""},
       {"layer_shape = \"gauss\"",
        "electrode.layer_shape = \"gauss\": expected one of \"raised_cosine\", \"triangle\", \"uniform\""},
       {"sink = \"host\"", "electrode.sink = \"host\": expected one of \"uniform\", \"fraction\", \"activity\""},
       {"frame = \"moving\"", "electrode.frame = \"moving\": expected one of \"shrinking\", \"window\""},
       {"x_far = 0.1", "key electrode.x_far is not used by the models chosen here; remove it"},
       {"contact_noise = 0.1", "electrode.contact_noise = 0.1: an electrode in 1D has no places along the separator"},
       {"contact_length = \"1 um\"", "key electrode.contact_length is not used by the models chosen here; remove it"}});
  check_lines(
      plane(), 15,
      {{"contact_noise = 0.6", "electrode.contact_noise = 0.6: must be >= 0 and <= 0.3"},
       {"contact_noise = -0.1", "electrode.contact_noise = -0.1: must be >= 0 and <= 0.3"},
       {"contact_length = \"1 um\"", "key electrode.contact_length is not used by the models chosen here; remove it"},
       {"contact_seed = 2", "key electrode.contact_seed is not used by the models chosen here; remove it"}});
  check_lines(
      plane() + "contact_noise = 0.1\n", 16,
      {{"contact_length = \"-1 um\"", "electrode.contact_length = \"-1 um\": must be > 0 m"},
       {"contact_length = \"1.2 um\"",
        "electrode.contact_length = \"1.2 um\": must be at least a cell, 1.25e-06 m, and at most a quarter of the "
        "separator, 2.5e-06 m"},
       {"contact_length = \"2.6 um\"",
        "electrode.contact_length = \"2.6 um\": must be at least a cell, 1.25e-06 m, and at most a quarter of the "
        "separator, 2.5e-06 m"},
       {"contact_seed = -1", "electrode.contact_seed = -1: expected an integer >= 0"}});
  check_lines(constant + "frame = \"window\"\n", 16,
              {{"x_far = 1.1", "electrode.x_far = 1.1: must be >= 0 and <= 1"},
               {"x_far = \"1 um\"", "electrode.x_far = \"1 um\": expected a number"}});
}

TEST_CASE("bad electrode: depletion and kinetics") {
  check_lines(
      constant, 15,
      {{"on_depletion = \"halt\"", "electrode.on_depletion = \"halt\": expected one of \"stop\", \"limit\""},
       {"least_host = 0", "electrode.least_host = 0: must be >= 1e-06 and <= 0.5"},
       {"least_host = 0.6", "electrode.least_host = 0.6: must be >= 1e-06 and <= 0.5"},
       {"exchange_current_density = \"0 A/m2\"", "electrode.exchange_current_density = \"0 A/m2\": must be > 0 A m-2"},
       {"exchange_current_density = \"1 V\"",
        "electrode.exchange_current_density = \"1 V\": expected a current density (A m-2)"},
       {"separator_resistance = \"1 ohm\"",
        "electrode.separator_resistance = \"1 ohm\": expected an area resistance (ohm m2)"},
       {"separator_resistance = \"-1 ohm cm2\"",
        "electrode.separator_resistance = \"-1 ohm cm2\": must be >= 0 ohm m2"}});
}

TEST_CASE("bad electrode: keys that nothing uses, without a current, a protocol or a C-rate") {
  const auto unused = [](const std::string& key) {
    return fmt::format("key electrode.{} is not used by the models chosen here; remove it", key);
  };
  check_lines(good, 14,
              {{"layer = \"1 um\"", unused("layer")},
               {"frame = \"window\"", unused("frame")},
               {"cycles = 2", unused("cycles")},
               {"on_depletion = \"limit\"", unused("on_depletion")},
               {"separator_resistance = \"1 ohm cm2\"", unused("separator_resistance")},
               {"areal_capacity = \"1 mAh/cm2\"", unused("areal_capacity")}});
  check_lines(constant, 15,
              {{"cycles = 2", unused("cycles")}, {"areal_capacity = \"1 mAh/cm2\"", unused("areal_capacity")}});
  check_lines(good + "protocol = [{ step = \"strip\", current_density = \"1 mA/cm2\" }]\n", 15,
              {{"areal_capacity = \"1 mAh/cm2\"", unused("areal_capacity")}});
}

TEST_CASE("bad electrode: energies and elasticity that it does not go with") {
  CHECK(fault(with(constant, "free_energy.L = [\"0 J/mol\"]",
                   "free_energy = { model = \"double_well\", W = \"1 kJ/mol\", alpha = 0, beta = 1 }") +
              "sink = \"activity\"\n") ==
        "case.toml:15: electrode.sink = \"activity\": \"activity\" needs a free energy with a logarithm\n");
  const std::string elastic = constant + "[elasticity]\nmodel = \"isotropic\"\n";
  const std::string alone = "an electrode needs the moduli of the host alone, and no creep",
                    unloaded = "an electrode is free of net stress: leave out average strains and stresses";
  for (const auto& [given, why] :
       {std::pair<std::string, std::string>{"moduli = \"mixed\"\nsolute = { E = \"6 GPa\", nu = 0.32 }", alone},
        {"creep = { model = \"viscous\", viscosity = \"3 kPa s\" }", alone},
        {"average = \"clamped\"", unloaded},
        {"average_stress.zz = \"-5 MPa\"", unloaded},
        {"average_strain.xx = 0.01", unloaded}}) {
    CAPTURE(given);
    CHECK(fault(elastic + given + "\n") == "case.toml:16: elasticity.model = \"isotropic\": " + why + "\n");
  }
  // Without an electrode each of them is good.
  const Workplace place;
  place.write("case.toml", elastic + "moduli = \"mixed\"\nsolute = { E = \"6 GPa\", nu = 0.32 }\n");
  CHECK(place.spinode({"check", "case.toml"}).code == 2);
  place.write("case.toml", with(with(elastic, "[electrode]\n", ""), "current_density = \"1 mA/cm2\"\n", "") +
                               "moduli = \"mixed\"\nsolute = { E = \"6 GPa\", nu = 0.32 }\n");
  CHECK(place.spinode({"check", "case.toml"}).code == 0);
}

TEST_CASE("bad electrode: units where a case has none") {
  const std::string well = with(double_well(1), "[16.0]", "[16.0]\nboundary = [\"no_flux\"]");
  CHECK(fault(with(well, "[time]", "[electrode]\ncurrent_density = \"1 mA/cm2\"\n[time]")) ==
        "case.toml:27: electrode.current_density = \"1 mA/cm2\": expected a plain number, since units = \"none\"\n");
  CHECK(fault(with(well, "[time]", "[electrode]\nprotocol = [{ step = \"rest\", duration = \"1 s\" }]\n[time]")) ==
        "case.toml:27: electrode.protocol[0].duration = \"1 s\": expected a plain number, since units = \"none\"\n");
}
