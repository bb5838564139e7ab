// Every fault of a case stops the command before it writes anything: exit code 2, one line each, "where: key = given:
// what is allowed".
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "workplace.hpp"

using namespace cli;

namespace {

struct Edit {
  std::string from, to, message;
};

/// Edits a good case one by one; each edit alone must give its message.
void check_faults(const std::string& good, const std::vector<Edit>& edits, const std::string& system = "") {
  for (const Edit& edit : edits) {
    CAPTURE(edit.from, edit.to);
    const Workplace place;
    place.write("case.toml", with(good, edit.from, edit.to));
    if (!system.empty()) place.write("system.toml", system);
    const Outcome outcome = place.spinode({"run", "case.toml"});
    CHECK(outcome.err == edit.message + "\n");
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    CHECK_FALSE(place.has("results"));
  }
}

}  // namespace

TEST_CASE("the cases that are edited below are good") {
  const Workplace place;
  place.write("alloy.toml", alloy);
  CHECK(place.spinode({"check", "alloy.toml"}).err.empty());
  for (int dimension : {1, 2, 3}) {
    place.write("case.toml", double_well(dimension));
    const Outcome outcome = place.spinode({"check", "case.toml"});
    CHECK(outcome.err.empty());
    CHECK(outcome.code == 0);
  }
}

TEST_CASE("bad config: courses of the temperature") {
  const std::string constant = "\"298.15 K\"", entry = "case.toml:1: temperature, entry ";
  check_faults(
      alloy, {{constant, "[]", "case.toml:1: temperature = []: expected at least one [time, quantity]"},
              {constant, "[\"300 K\"]", entry + "1 = \"300 K\": expected [time, quantity]"},
              {constant, "[[\"0 s\", \"300 K\", 1]]", entry + "1 = [\"0 s\", \"300 K\", 1]: expected [time, quantity]"},
              {constant, "[[\"0 K\", \"300 K\"]]", entry + "1 = [\"0 K\", \"300 K\"]: expected a time (s)"},
              {constant, "[[\"-1 s\", \"300 K\"]]", entry + "1 = [\"-1 s\", \"300 K\"]: must be >= 0 s"},
              {constant, "[[\"0 s\", \"0 K\"]]", entry + "1 = [\"0 s\", \"0 K\"]: must be > 0 K"},
              {constant, "[[\"1 s\", \"300 K\"], [\"0 s\", \"300 K\"]]",
               entry + "2 = [\"0 s\", \"300 K\"]: times must not fall"},
              {constant, "[[\"0 s\", \"1 K\"], [\"0 s\", \"2 K\"], [\"0 s\", \"3 K\"]]",
               entry + "3 = [\"0 s\", \"3 K\"]: expected at most two points at one time"}});
}

TEST_CASE("bad config: units") {
  check_faults(
      alloy,
      {{"\"298.15 K\"", "\"298.15 s\"", "case.toml:1: temperature = \"298.15 s\": expected a temperature (K)"},
       {"\"1 us\"", "\"1 um\"", "case.toml:30: time.end = \"1 um\": expected a time (s)"},
       {"4.88e-11 J/m", "4.88e-11 J/m2",
        "case.toml:20: gradient.kappa = \"4.88e-11 J/m2\": expected a gradient-energy coefficient (J m-1)"},
       {"\"1 us\"", "\"1 usek\"", "case.toml:30: time.end = \"1 usek\": unknown unit \"usek\"; expected a time (s)"},
       {"\"16 nm\"", "\"10 500 nm\"",
        "case.toml:4: domain.length, entry 1 = \"10 500 nm\": unknown unit \"500 nm\"; expected a length (m)"},
       {"\"298.15 K\"", "298.15",
        "case.toml:1: temperature = 298.15: expected a temperature (K) with its unit, such as \"25 degC\""},
       {"\"298.15 K\"", "\"298.15\"",
        "case.toml:1: temperature = \"298.15\": expected a temperature (K) with its unit, such as \"25 degC\""},
       {"\"16 nm\"", "16e-9",
        "case.toml:4: domain.length, entry 1 = 1.6e-08: expected a length (m) with its unit, such as \"10 um\""},
       {"x = 0.25", "x = \"0.25 m\"", "case.toml:9: initial.x = \"0.25 m\": expected a number"},
       {"12.045 cm3/mol", "about 12 cm3/mol",
        "case.toml:17: lattice.V_m = \"about 12 cm3/mol\": expected a molar volume (m3 mol-1)"},
       {"temperature = \"298.15 K\"", "temperature = 'a \"hot\" \\ day'",
        "case.toml:1: temperature = \"a \\\"hot\\\" \\\\ day\": expected a temperature (K)"},
       {"temperature", "units = \"Si\"\ntemperature",
        "case.toml:1: units = \"Si\": expected one of \"SI\", \"none\""}});
  check_faults(double_well(1),
               {{"end = 0.5", "end = \"0.5 s\"",
                 "case.toml:26: time.end = \"0.5 s\": expected a plain number, since units = \"none\""},
                {"[16.0]", "[\"16 um\"]",
                 "case.toml:5: domain.length, entry 1 = \"16 um\": expected a plain number, since units = \"none\""}});
}

TEST_CASE("bad config: numbers out of range") {
  check_faults(
      alloy,
      {{"\"1 us\"", "\"0 s\"", "case.toml:30: time.end = \"0 s\": must be > 0 s"},
       {"\"1 us\"", "\"-1 us\"", "case.toml:30: time.end = \"-1 us\": must be > 0 s"},
       {"\"298.15 K\"", "\"-300 degC\"", "case.toml:1: temperature = \"-300 degC\": must be > 0 K"},
       {"[\"16 nm\"]", "[\"-16 nm\"]", "case.toml:4: domain.length, entry 1 = \"-16 nm\": must be > 0 m"},
       {"[64]", "[3]", "case.toml:5: domain.cells, entry 1 = 3: expected an integer >= 4 and <= 1048576"},
       {"[64]", "[1048577]", "case.toml:5: domain.cells, entry 1 = 1048577: expected an integer >= 4 and <= 1048576"},
       {"noise = 0.005", "noise = -0.005", "case.toml:10: initial.noise = -0.005: must be >= 0"},
       {"end =", "tolerance = 0.6\nend =", "case.toml:30: time.tolerance = 0.6: must be >= 1e-09 and <= 0.5"},
       {"end =", "order = 3\nend =", "case.toml:30: time.order = 3: expected an integer >= 1 and <= 2"},
       {"x = 0.25", "x = nan", "case.toml:9: initial.x = nan: must be finite"},
       {"x = 0.25", "x = -inf", "case.toml:9: initial.x = -inf: must be finite"},
       {"noise = 0.005", "noise = inf", "case.toml:10: initial.noise = inf: must be finite"},
       {"\"1 us\"", "\"inf s\"", "case.toml:30: time.end = \"inf s\": expected a time (s)"},
       {"\"1 us\"", "\"1e400 s\"", "case.toml:30: time.end = \"1e400 s\": expected a time (s)"},
       {"x = 0.25", "x = 1.25", "case.toml:9: initial.x = 1.25: must be > 0 and < 1"},
       {"x = 0.25", "x = 0", "case.toml:9: initial.x = 0: must be > 0 and < 1"},
       {"x = 0.25", "x = \"125 at%\"", "case.toml:9: initial.x = \"125 at%\": must be > 0 and < 1"},
       {"noise = 0.005", "noise = 0.05",
        "case.toml:10: initial.noise = 0.05: must be <= 0.04167, a sixth of the distance from x to 0 or 1"},
       {"x = 0.25\nnoise = 0.005", "x = 0.003",
        "case.toml: initial.noise = 0.005 (its default): must be <= 0.0005, a sixth of the distance from x to 0 or 1"},
       {"[time]", "[output]\ncompression = 10\n\n[time]",
        "case.toml:30: output.compression = 10: expected an integer >= 0 and <= 9"},
       {"temperature", "threads = -1\ntemperature",
        "case.toml:1: threads = -1: expected an integer >= 0 and <= 1024"}});
}

TEST_CASE("bad config: elastic constants") {
  const std::string elastic = with(alloy, "[gradient]", "chi = 0.2251\n[gradient]");
  const std::string isotropic = with(elastic, "\"none\"", "\"isotropic\"\nE = \"13.8 GPa\"\nnu = 0.33"),
                    cubic = with(elastic, "\"none\"",
                                 "\"cubic\"\nC11 = \"13.42 GPa\"\nC12 = \"11.3 GPa\"\nC44 = \"8.89 GPa\"");
  check_faults(
      isotropic,
      {{"nu = 0.33", "nu = 0.5", "case.toml:30: elasticity.nu = 0.5: must be > -1 and < 0.5"},
       {"nu = 0.33", "nu = -1", "case.toml:30: elasticity.nu = -1: must be > -1 and < 0.5"},
       {"13.8 GPa", "13.8 GPaskal",
        "case.toml:29: elasticity.E = \"13.8 GPaskal\": unknown unit \"GPaskal\"; expected a stress (Pa)"},
       {"13.8 GPa", "0 GPa", "case.toml:29: elasticity.E = \"0 GPa\": must be > 0 Pa"},
       {"nu = 0.33", "", "case.toml: missing key elasticity.nu: expected a number > -1 and < 0.5: Poisson's ratio"},
       {"chi = 0.2251", "",
        "case.toml:28: elasticity.model = \"isotropic\": needs the misfit: give lattice.chi, or lattice.a_host and "
        "lattice.a_solute"}});
  check_faults(
      cubic,
      {{"11.3 GPa", "14 GPa", "case.toml:30: elasticity.C12 = \"14 GPa\": a stable crystal has -C11/2 < C12 < C11"},
       {"11.3 GPa", "-7 GPa", "case.toml:30: elasticity.C12 = \"-7 GPa\": a stable crystal has -C11/2 < C12 < C11"},
       {"C44 = \"8.89 GPa\"", "nu = 0.33\nC44 = \"8.89 GPa\"",
        "case.toml:31: key elasticity.nu is not used by the models chosen here; remove it"}});
}

TEST_CASE("bad config: keys and tables") {
  check_faults(
      alloy,
      {{"end =", "End =",
        "case.toml:30: unknown key time.End; did you mean time.end?\n"
        "case.toml: missing key time.end: expected a time (s) > 0 s: when the run ends; the "
        "longest that electrode.protocol can take when left out"},
       {"noise = 0.005", "niose = 0.005", "case.toml:10: unknown key initial.niose; did you mean initial.noise?"},
       {"[time]", "[time]\nnoise = 0.01", "case.toml:30: unknown key time.noise; did you mean initial.noise?"},
       {"temperature", "colour = \"red\"\ntemperature", "case.toml:1: unknown key colour"},
       {"temperature", "\"time.end\" = \"1 s\"\ntemperature",
        "case.toml:1: unknown key \"time.end\"; did you mean time.end?"},
       {"[time]", "[outptu]\ncompression = 1\n[time]", "case.toml:29: unknown table outptu; did you mean output?"},
       {"[time]", "[electrodes]\n[time]", "case.toml:29: unknown table electrodes; did you mean electrode?"},
       {"[time]", "[time.step]\n[time]", "case.toml:29: time.step = {}: expected a time (s)"},
       {"temperature", "time = 3\ntemperature",
        "case.toml:30: not valid TOML: cannot redefine existing integer 'time' as table"},
       {"D = \"1e-10 cm2/s\"", "D = \"1e-10 cm2/s\"\nM0 = \"1e-18 m2 mol/J/s\"",
        "case.toml:25: key mobility.M0 is not used by the models chosen here; remove it"},
       {"kappa = \"4.88e-11 J/m\"", "kappa = { value = \"4.88e-11 J/m\", sorce = \"own\" }",
        "case.toml:20: unknown key gradient.kappa.sorce; did you mean gradient.kappa.source?"},
       {"kappa = \"4.88e-11 J/m\"", "kappa = { value = \"4.88 J\", source = \"own\" }",
        "case.toml:20: gradient.kappa = \"4.88 J\": expected a gradient-energy coefficient (J m-1)"},
       {"temperature = \"298.15 K\"", "",
        "case.toml: missing key temperature: expected a temperature (K) > 0 K: temperature (RT when units = \"none\"), "
        "or its course: [[time, temperature], ...] with linear segments"},
       {"length = [\"16 nm\"]", "",
        "case.toml: missing key domain.length: expected a list, each a length (m) > 0 m: size of the box along each of "
        "its one to three axes"},
       {"cells = [64]", "",
        "case.toml: missing key domain.cells: expected a list of integers, each >= 4 and <= 1048576: number of cells "
        "along each axis; 2^40 in all at most"},
       {"V_m = \"12.045 cm3/mol\"", "",
        "case.toml: missing key lattice.V_m: give the molar volume, or lattice.a_host and lattice.atoms"},
       {"kappa = \"4.88e-11 J/m\"", "",
        "case.toml: missing key gradient.kappa: give it, or gradient.interface_width, or gradient.interface_energy"},
       {"model = \"redlich_kister\"\nL = [\"20109.8 J/mol\", \"5772.6 J/mol\"]", "",
        "case.toml: missing key free_energy.model: expected one of \"redlich_kister\", \"double_well\", "
        "\"polynomial\": molar free energy of mixing G(x)"},
       {"[lattice]\nV_m = \"12.045 cm3/mol\"", "[[lattice]]\nV_m = \"12.045 cm3/mol\"",
        "case.toml:16: lattice = [{ V_m = \"12.045 cm3/mol\" }]: expected a table, [lattice]"}});
}

TEST_CASE("bad config: types and lists") {
  check_faults(
      alloy,
      {{"[64]", "[64.0]", "case.toml:5: domain.cells, entry 1 = 64.0: expected an integer >= 4 and <= 1048576"},
       {"[64]", "[\"64\"]", "case.toml:5: domain.cells, entry 1 = \"64\": expected an integer >= 4 and <= 1048576"},
       {"[64]", "64", "case.toml:5: domain.cells = 64: expected a list of integers, each >= 4 and <= 1048576"},
       {"[64]", "[]", "case.toml:5: domain.cells = []: expected a list of integers, each >= 4 and <= 1048576"},
       {"[\"16 nm\"]", "\"16 nm\"", "case.toml:4: domain.length = \"16 nm\": expected a list, each a length (m) > 0 m"},
       {"[\"16 nm\"]", "[]", "case.toml:4: domain.length = []: expected a list, each a length (m) > 0 m"},
       {"[\"16 nm\"]", "[true]", "case.toml:4: domain.length, entry 1 = true: expected a length (m)"},
       {"x = 0.25", "x = [0.25]", "case.toml:9: initial.x = [0.25]: expected a number"},
       {"x = 0.25", "x = { mean = 0.25 }", "case.toml:9: initial.x = { mean = 0.25 }: expected a number"},
       {"x = 0.25", "x = 0.25\nseed = 1.5", "case.toml:10: initial.seed = 1.5: expected an integer >= 0"},
       {"x = 0.25", "x = 0.25\nseed = \"1\"", "case.toml:10: initial.seed = \"1\": expected an integer >= 0"},
       {"temperature", "description = 3\ntemperature", "case.toml:1: description = 3: expected a text"},
       {"\"298.15 K\"", "2024-01-31", "case.toml:1: temperature = 2024-01-31: expected a temperature (K)"},
       {"[\"16 nm\"]", "[\"16 nm\", \"16 nm\"]",
        "case.toml:5: domain.cells = [64]: expected 2 entries, as domain.length has"},
       {"[\"periodic\"]", "[\"periodic\", \"no_flux\"]",
        "case.toml:6: domain.boundary = [\"periodic\", \"no_flux\"]: expected 1 entry, as domain.length has"},
       {"length = [\"16 nm\"]\ncells = [64]\nboundary = [\"periodic\"]",
        "length = [\"1 nm\", \"2 nm\", \"3 nm\", \"4 nm\"]\ncells = [4, 4, 4, 4]",
        "case.toml:4: domain.length = [\"1 nm\", \"2 nm\", \"3 nm\", \"4 nm\"]: expected one to three entries"},
       {"5772.6 J/mol\"]", "5772.6 J/mol\"]\nL_T = [\"1 J/mol/K\", \"1 J/mol/K\", \"1 J/mol/K\"]",
        "case.toml:15: free_energy.L_T = [\"1 J/mol/K\", \"1 J/mol/K\", \"1 J/mol/K\"]: expected no more entries than "
        "free_energy.L has"},
       {"\"5772.6 J/mol\"]", "\n\"5772.6 J\"]",
        "case.toml:15: free_energy.L, entry 2 = \"5772.6 J\": expected a molar energy (J mol-1)"},
       {"[time]", "[output]\nfields = []\n[time]",
        "case.toml:30: output.fields = []: expected a list of texts, each one of \"x\", \"mu\", \"displacement\", "
        "\"strain\", \"stress\", \"pressure\", \"von_mises\", \"elastic_energy_density\", \"creep_strain\""},
       {"[time]", "[output]\nfields = [\"x\", \"x\"]\n[time]",
        "case.toml:30: output.fields = [\"x\", \"x\"]: expected each field once"},
       {"[time]", "[output]\nfields = [\"x\", \"phi\"]\n[time]",
        "case.toml:30: output.fields, entry 2 = \"phi\": expected one of \"x\", \"mu\", \"displacement\", \"strain\", "
        "\"stress\", \"pressure\", \"von_mises\", \"elastic_energy_density\", \"creep_strain\""},
       {"[time]", "[output]\nfields = [\"x\", \"stress\", \"strain\"]\n[time]",
        "case.toml:30: output.fields = [\"x\", \"stress\", \"strain\"]: \"stress\" needs an elasticity.model other "
        "than "
        "\"none\""}});
}

TEST_CASE("bad config: choices") {
  check_faults(
      alloy,
      {{"redlich_kister", "regular",
        "case.toml:13: free_energy.model = \"regular\": expected one of \"redlich_kister\", \"double_well\", "
        "\"polynomial\""},
       {"degenerate", "variable",
        "case.toml:23: mobility.model = \"variable\": expected one of \"constant\", \"degenerate\", \"darken\""},
       {"[\"periodic\"]", "[\"neumann\"]",
        "case.toml:6: domain.boundary, entry 1 = \"neumann\": expected one of \"periodic\", \"no_flux\""},
       {"end =", "scheme = \"euler\"\nend =",
        "case.toml:30: time.scheme = \"euler\": expected one of \"auto\", \"semi_implicit\", \"implicit\", "
        "\"convex_splitting\""},
       {"[gradient]", "[gradient]\ninterface_width = \"1 nm\"",
        "case.toml:20: gradient.interface_width = \"1 nm\": gradient.kappa is given already; give one of the two"},
       {"[time]", "[output]\nevery = \"0.1 us\"\ntimes = [\"0.5 us\"]\n[time]",
        "case.toml:31: output.times = [\"0.5 us\"]: output.every is given already; give one of the two"},
       {"[time]", "[output]\ntimes = [\"0.5 us\", \"0.2 us\"]\n[time]",
        "case.toml:30: output.times = [\"0.5 us\", \"0.2 us\"]: must rise"},
       {"[time]", "[output]\ntimes = [\"0.5 us\", \"2 us\"]\n[time]",
        "case.toml:30: output.times = [\"0.5 us\", \"2 us\"]: must not be later than time.end"},
       {"[time]", "[output]\nevery = \"1 fs\"\n[time]",
        "case.toml:30: output.every = \"1 fs\": gives more than 100000 snapshots before time.end"},
       {"[time]", "[output]\nper_decade = 3\nfirst = \"1 us\"\n[time]",
        "case.toml:31: output.first = \"1 us\": must be earlier than time.end"},
       {"[time]", "[output]\nfirst = \"0.1 us\"\n[time]",
        "case.toml:30: key output.first is not used by the models chosen here; remove it"},
       {"model = \"degenerate\"\nD = \"1e-10 cm2/s\"", "model = \"constant\"\nD = \"1e-10 cm2/s\"",
        "case.toml: missing key mobility.x0: expected a number > 0 and < 1: composition at which M0 = D "
        "x0(1-x0)/(sites RT)"},
       {"x = 0.25\nnoise = 0.005", "model = \"file\"\nfile = \"none.hdf\"",
        "case.toml:10: initial.file = \"none.hdf\": no such file"}});
  check_faults(double_well(1), {{"alpha = 0\nbeta = 1", "alpha = 1\nbeta = 0",
                                 "case.toml:16: free_energy.beta = 0: must be greater than free_energy.alpha"}});
}

TEST_CASE("bad config: an interface is wanted where no miscibility gap is") {
  const std::string wide = with(alloy, "kappa = \"4.88e-11 J/m\"", "interface_width = \"1 nm\"");
  check_faults(
      wide,
      {{"298.15 K", "2000 K",
        "case.toml:20: gradient.interface_width = \"1 nm\": there is no miscibility gap at this temperature, so no "
        "interface; give gradient.kappa"}});
}

TEST_CASE("bad config: TOML syntax") {
  check_faults(
      alloy,
      {{"[\"16 nm\"]", "[\"16 nm\"", "case.toml:5: not valid TOML: expected comma or closing ']', saw 'c'"},
       {"[time]", "[time", "case.toml:29: not valid TOML: expected ']', saw '\\n'"},
       {"x = 0.25", "x = 0.25\nx = 0.3", "case.toml:10: not valid TOML: cannot redefine existing floating-point 'x'"},
       {"x = 0.25", "x =", "case.toml:9: not valid TOML: expected value, saw '\\n'"}});
}

TEST_CASE("bad config: five faults in one go, in the order of the file") {
  const Workplace place;
  std::string text = with(alloy, "298.15 K", "25 V");
  text = with(text, "[64]", "[2]");
  text = with(text, "noise", "nois");
  text = with(text, "degenerate", "const");
  text = with(text, "\"1 us\"", "\"1 us\"\nstep = \"-0.1 s\"");
  place.write("case.toml", text);
  const Outcome outcome = place.spinode({"run", "case.toml"});
  CHECK(outcome.err ==
        "case.toml:1: temperature = \"25 V\": expected a temperature (K)\n"
        "case.toml:5: domain.cells, entry 1 = 2: expected an integer >= 4 and <= 1048576\n"
        "case.toml:10: unknown key initial.nois; did you mean initial.noise?\n"
        "case.toml:23: mobility.model = \"const\": expected one of \"constant\", \"degenerate\", \"darken\"\n"
        "case.toml:31: time.step = \"-0.1 s\": must be > 0 s\n");
  CHECK(outcome.code == 2);
  CHECK_FALSE(place.has("results"));
}

TEST_CASE("bad config: overrides") {
  const auto check = [](const std::vector<std::string>& overrides, const std::string& message) {
    const Workplace place;
    place.write("case.toml", alloy);
    std::vector<std::string> arguments{"run", "case.toml"};
    arguments.insert(arguments.end(), overrides.begin(), overrides.end());
    const Outcome outcome = place.spinode(arguments);
    CHECK(outcome.err == message + "\n");
    CHECK(outcome.code == 2);
    CHECK_FALSE(place.has("results"));
  };
  check({"time.end"}, "command line: \"time.end\": expected key=value");
  check({"=3"}, "command line: \"=3\": expected key=value");
  check({"time end=3"}, "command line: \"time end=3\": expected key=value");
  check({"time.end=\"3 us"},
        "command line: \"time.end=\\\"3 us\": the value is not valid TOML; texts inside a list or table need quotes");
  check({"domain.length=[1um]"},
        "command line: \"domain.length=[1um]\": the value is not valid TOML; texts inside a list or table need quotes");
  check({"time.ende=3us"}, "command line: unknown key time.ende; did you mean time.end?");
  check({"time=3us"}, "command line: time = \"3us\": expected a table, [time]");
  check({"time.end=3"}, "command line: time.end = 3: expected a time (s) with its unit, such as \"5 ms\"");
  check({"time.end="}, "command line: time.end = \"\": expected a time (s)");
  check({"system=nowhere.toml"},
        "command line: system = \"nowhere.toml\": no such file beside the case or among the shipped configs");
  check({"threads=-2", "temperature=warm"},
        "command line: threads = -2: expected an integer >= 0 and <= 1024\n"
        "command line: temperature = \"warm\": expected a temperature (K)");
  check({"--threads", "-2"}, "command line: threads = -2: expected an integer >= 0 and <= 1024");
}

TEST_CASE("bad config: the system file") {
  const std::string with_system = "system = \"system.toml\"\n" + alloy, system = "[species]\nhost = \"Li\"\n";
  check_faults(with_system, {{"system.toml", "nowhere.toml",
                              "case.toml:1: system = \"nowhere.toml\": no such file beside the case or among the "
                              "shipped configs"}});
  check_faults(with(with_system, "D = \"1e-10 cm2/s\"", ""),
               {{"noise = 0.005", "noise = 0.005",
                 "system.toml:4: mobility.D = \"1e-10 cm2\": expected a diffusivity (m2 s-1)"}},
               system + "[mobility]\nD = \"1e-10 cm2\"\n");
  check_faults(
      with_system,
      {{"noise = 0.005", "noise = 0.005", "system.toml:3: unknown key species.slute; did you mean species.solute?"}},
      system + "slute = \"Na\"\n");
  check_faults(with_system,
               {{"x = 0.25", "x = 2",
                 "case.toml:10: initial.x = 2: must be > 0 and < 1\n"
                 "system.toml:3: unknown table lattices; did you mean lattice?"}},
               system + "[lattices]\n");
  check_faults(with_system, {{"x = 0.25", "x = 0.25", "system.toml:1: not valid TOML: expected ']', saw '\\n'"}},
               "[species\n");
}

TEST_CASE("bad config: orientation of a crystal") {
  const std::string cubic = with(double_well(2), "[time]",
                                 "[lattice]\nchi = 0.1\n[elasticity]\nmodel = \"cubic\"\nC11 = 13\nC12 = 11\nC44 = 9\n"
                                 "x_axis = [1, 1, 0]\ny_axis = [-1, 1, 0]\n[time]");
  const Workplace place;
  place.write("case.toml", cubic);
  const auto error = [&](const std::vector<std::string>& overrides) {
    std::vector<std::string> arguments{"check", "case.toml"};
    arguments.insert(arguments.end(), overrides.begin(), overrides.end());
    return place.spinode(arguments).err;
  };
  CHECK(error({}).empty());
  CHECK(contains(error({"elasticity.y_axis=[0, 1, 0]"}),
                 "command line: elasticity.y_axis = [0, 1, 0]: must be at right angles to elasticity.x_axis\n"));
  CHECK(contains(error({"elasticity.x_axis=[0, 0, 0]"}),
                 "command line: elasticity.x_axis = [0, 0, 0]: give the crystal "
                 "directions along both x and y, three numbers each\n"));
  CHECK(
      contains(error({"elasticity.x_axis=[1, 0]"}), "command line: elasticity.x_axis = [1, 0]: expected 3 entries\n"));
  CHECK(contains(error({"elasticity.coherency=1.5"}), "elasticity.coherency = 1.5: must be >= 0 and <= 1\n"));
  CHECK(contains(
      error({"elasticity.x_axis=[2, 1, 0]", "elasticity.y_axis=[-1, 2, 0]",
             "domain.boundary=[\"periodic\", \"no_flux\"]"}),
      "domain.boundary = [\"periodic\", \"no_flux\"]: axis 2 has no_flux, but the crystal as elasticity.x_axis "
      "turns it is no mirror image of itself there"));
  CHECK(error({"domain.boundary=[\"periodic\", \"no_flux\"]", "output.fields=[\"stress\"]"}).empty());
  CHECK(error({"elasticity.x_axis=[2, 1, 0]", "elasticity.y_axis=[-1, 2, 0]", "output.fields=[\"stress\"]"}).empty());
}
