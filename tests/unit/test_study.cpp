// What a study file means: its cases, their order, their values, and the draws from errors.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>

#include "spinode/error.hpp"
#include "spinode/study/design.hpp"
#include "spinode/study/study.hpp"
#include "support.hpp"

using namespace spinode;

namespace {

const std::string base = R"(temperature = "298.15 K"
domain = { length = ["16 nm", "8 nm"], cells = [32, 16] }
initial = { x = 0.25, noise = 0.005 }
free_energy.model = "redlich_kister"
free_energy.L = { value = ["20109.8 J/mol", "5772.6 J/mol"], error = ["200 J/mol", "100 J/mol"], correlation = [[1, -0.5], [-0.5, 1]] }
lattice.V_m = "12.045 cm3/mol"
gradient.kappa = "4.88e-11 J/m"
mobility.D = "1e-14 m2/s"
time.end = "1 us"
)";

struct Files {
  spinode::test::TemporaryFolder folder;

  Study read(const std::string& text, const std::vector<std::string>& overrides = {}) const {
    std::ofstream(folder.path() / "base.toml") << base;
    std::ofstream(folder.path() / "study.toml") << "base = \"base.toml\"\n" << text;
    return Study::read(folder.path() / "study.toml", overrides);
  }
  /// Faults without the folder.
  std::vector<std::string> faults(const std::string& text) const {
    std::vector<std::string> lines;
    try {
      check(read(text));
    } catch (const ConfigError& error) {
      lines = error.faults;
    }
    const std::string prefix = folder.path().string() + "/";
    for (std::string& line : lines)
      if (line.starts_with(prefix)) line.erase(0, prefix.size());
    return lines;
  }
};

std::vector<std::string> labels(const Design& design) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < design.cases(); ++i) all.push_back(design.label(i));
  return all;
}

}  // namespace

TEST_CASE("axes are crossed, keys of one axis go together, replicas vary fastest") {
  const Files files;
  const Study study = files.read(R"(replicas = 2
[[axes]]
temperature = ["25 degC", "40 degC"]
time.end = ["1 us", "2 us"]
[[axes]]
initial.x = [0.2, 0.3]
)");
  CHECK(labels(study.design()) ==
        std::vector<std::string>{"temperature = 25 degC, time.end = 1 us, initial.x = 0.2, replica 1",
                                 "temperature = 25 degC, time.end = 1 us, initial.x = 0.2, replica 2",
                                 "temperature = 25 degC, time.end = 1 us, initial.x = 0.3, replica 1",
                                 "temperature = 25 degC, time.end = 1 us, initial.x = 0.3, replica 2",
                                 "temperature = 40 degC, time.end = 2 us, initial.x = 0.2, replica 1",
                                 "temperature = 40 degC, time.end = 2 us, initial.x = 0.2, replica 2",
                                 "temperature = 40 degC, time.end = 2 us, initial.x = 0.3, replica 1",
                                 "temperature = 40 degC, time.end = 2 us, initial.x = 0.3, replica 2"});
  const Case last = study.load(7);
  CHECK(last.temperature.at(0) == 313.15);
  CHECK(last.time.end == 2e-6);
  CHECK(last.mean_composition() == 0.3);
  CHECK(last.system.name == "study_0008");
  CHECK(std::get<UniformInitial>(last.initial).seed == 2);
  CHECK(std::get<UniformInitial>(study.load(6).initial).seed == 1);
}

TEST_CASE("a study without axes is one case") {
  const Files files;
  const Study study = files.read("set.time.end = \"3 us\"\n");
  CHECK(study.design().cases() == 1);
  CHECK(study.load(0).time.end == 3e-6);
}

TEST_CASE("values on a line and on a logarithmic one") {
  const Files files;
  const Design design = files
                            .read(R"([[axes]]
temperature = { linspace = ["25 degC", "26 degC", 4] }
mobility.D = { logspace = ["1e-12 cm2/s", "1e-9 cm2/s", 4] }
initial.seed = { linspace = [1, 10, 4] }
initial.x = { linspace = [0, 1, 4] }
initial.noise = { linspace = [0.0, 3, 4] }
domain.length = [["1 nm"], ["2 nm"], ["3 nm"], ["4 nm"]]
time.end = ["+1 s ", "2 s", " 3 s", "-0 s"]
)")
                            .design();
  const auto values = [&](const std::string& key) {
    for (const Parameter& parameter : design.parameters)
      if (parameter.key == key) return parameter;
    throw std::logic_error(key);
  };
  CHECK(values("temperature").values == std::vector<std::string>{"25", "25.3333333333", "25.6666666667", "26"});
  CHECK(values("temperature").column() == "temperature [degC]");
  CHECK(values("mobility.D").values == std::vector<std::string>{"1e-12", "1e-11", "1e-10", "1e-09"});
  CHECK(values("initial.seed").values == std::vector<std::string>{"1", "4", "7", "10"});
  CHECK(values("initial.x").values == std::vector<std::string>{"0", "0.333333333333", "0.666666666667", "1"});
  CHECK(values("initial.noise").values == std::vector<std::string>{"0", "1", "2", "3"});
  CHECK(values("domain.length").values[1] == "[\"2 nm\"]");
  CHECK_FALSE(values("domain.length").numeric);
  CHECK(values("time.end").values == std::vector<std::string>{"1", "2", "3", "0"});
  CHECK(values("time.end").unit == "s");
}

TEST_CASE("values of different units are texts, and keys of one line stay in their order") {
  const Files files;
  const Design design =
      files.read("axes = [{ time.end = [\"1 us\", \"2000 ns\"], initial.x = [0.2, 0.3] }]\n").design();
  REQUIRE(design.parameters.size() == 2);
  CHECK(design.parameters[0].key == "time.end");
  CHECK_FALSE(design.parameters[0].numeric);
  CHECK(design.parameters[0].values == std::vector<std::string>{"1 us", "2000 ns"});
}

TEST_CASE("of what is said of a case the command line and the axes go before [set], and so do the seeds") {
  const Files files;
  const std::string seeded = "replicas = 2\nset = { initial.seed = 7, time.end = \"5 us\", time.tolerance = 0.01 }\n";
  const auto seed = [](const Case& one) { return std::get<UniformInitial>(one.initial).seed; };
  const Case second = files.read(seeded, {"time.end=6 us", "domain.cells[1]=8"}).load(1);
  CHECK(seed(second) == 2);
  CHECK(second.time.end == 6e-6);
  CHECK(second.time.tolerance == 0.01);
  CHECK(second.grid.cells(0) == 32);
  CHECK(second.grid.cells(1) == 8);
  CHECK(files.read(seeded + "[[axes]]\ntime.end = [\"8 us\"]\n").load(1).time.end == 8e-6);
  CHECK(seed(files.read("set.initial.seed = 7\n").load(0)) == 7);
  CHECK(seed(files.read("seeds = []\n" + seeded).load(1)) == 7);
  const Case other = files.read("seeds = [\"threads\"]\n" + seeded).load(1);
  CHECK(seed(other) == 7);
  CHECK(other.run.threads == 2);
}

TEST_CASE("an entry of a list is varied alone, and beside another one") {
  const Files files;
  const Study study = files.read(R"([[axes]]
"domain.length[1]" = ["9 nm", "10 nm"]
"domain.cells[1]" = [18, 20]
[[axes]]
"domain.length[0]" = ["20 nm", "30 nm"]
)");
  const Grid grid = study.load(3).grid;
  CHECK(grid.axis(0).length == 30e-9);
  CHECK(grid.axis(1).length == 10e-9);
  CHECK(grid.cells(0) == 32);
  CHECK(grid.cells(1) == 20);
}

TEST_CASE("an entry that no list has is a fault of the case") {
  const Files files;
  for (const auto& [key, said] : std::vector<std::pair<std::string, std::string>>{
           {"domain.cells[2]", "domain.cells has 2 entries, counted from 0"},
           {"domain.cells[0x]", "expected name[number], counted from 0"},
           {"domain.cells[]", "expected name[number], counted from 0"},
           {"domain.cells[0", "expected name[number], counted from 0"},
           {"domain.cells[0].a", "the entries of domain.cells are no tables"},
           {"domain.cells[0][1]", "the entries of domain.cells are no tables"},
           {"initial.x[0]", "there is no list initial.x"},
           {"nothing[0]", "there is no list nothing"}}) {
    CHECK(files.faults("[[axes]]\n\"" + key + "\" = [8]\n") ==
          std::vector<std::string>{"study.toml:3: " + key + " = 8: " + said});
  }
  const std::string steps = "set.electrode.protocol = [{ step = \"strip\" }]\n[[axes]]\n\"electrode.protocol[0]";
  const auto has = [&](const std::string& key, const std::string& line) {
    const auto lines = files.faults(steps + key);
    return std::any_of(lines.begin(), lines.end(),
                       [&](const auto& one) { return one.starts_with("study.toml:4: " + line); });
  };
  CHECK(has(".step\" = [\"leap\"]\n", "electrode.protocol[0].step = \"leap\": expected one of "));
  for (const char* key : {".a.b", ".", ".a[0]", "a"})
    CHECK(has(fmt::format("{}\" = [8]\n", key), fmt::format("electrode.protocol[0]{} = 8: expected a key of the entry, "
                                                            "electrode.protocol[0].key",
                                                            key)));
}

TEST_CASE("draws have the distributions that they are given, and the errors of the files with their correlation") {
  const Files files;
  const Study study = files.read(R"([[axes]]
sample = "latin_hypercube"
count = 4000
seed = 5
free_energy.L = "errors"
gradient.kappa = { log_normal = ["4.88e-11 J/m", 1.5] }
initial.x = { uniform = ["20 at%", "30 at%"] }
)");
  const Design& design = study.design();
  REQUIRE(design.parameters.size() == 4);
  const auto numbers = [&](const std::string& key) {
    std::vector<double> all;
    for (const Parameter& parameter : design.parameters)
      if (parameter.key == key)
        for (const std::string& value : parameter.values) all.push_back(std::stod(value));
    REQUIRE(all.size() == 4000);
    return all;
  };
  const auto moment = [](const std::vector<double>& a, const std::vector<double>& b) {
    double mean_a = 0, mean_b = 0, product = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      mean_a += a[i] / static_cast<double>(a.size());
      mean_b += b[i] / static_cast<double>(a.size());
      product += a[i] * b[i] / static_cast<double>(a.size());
    }
    return std::array{mean_a, product - mean_a * mean_b};
  };
  const auto L0 = numbers("free_energy.L[0]"), L1 = numbers("free_energy.L[1]");
  CHECK(moment(L0, L0)[0] == Approx(20109.8).margin(1));
  CHECK(std::sqrt(moment(L0, L0)[1]) == Approx(200).epsilon(0.01));
  CHECK(moment(L1, L1)[0] == Approx(5772.6).margin(8));
  CHECK(std::sqrt(moment(L1, L1)[1]) == Approx(100).epsilon(0.05));
  CHECK(moment(L0, L1)[1] / (200 * 100) == Approx(-0.5).margin(0.05));
  std::vector<double> logs;
  for (const double kappa : numbers("gradient.kappa")) logs.push_back(std::log(kappa));
  CHECK(std::sqrt(moment(logs, logs)[1]) == Approx(std::log(1.5)).epsilon(0.01));
  CHECK(moment(numbers("initial.x"), L0)[0] == Approx(25).epsilon(1e-4));
  // The case has what the table says.
  const Case some = study.load(1234);
  CHECK(some.mean_composition() == Approx(numbers("initial.x")[1234] / 100).epsilon(1e-12));
  CHECK(some.gradient.value == numbers("gradient.kappa")[1234]);
}

TEST_CASE("draws are those of their seed, 1 unless given, and errors may be set by the study") {
  const Files files;
  const auto draws = [&](const std::string& seed) {
    return files
        .read(
            "[set]\ngradient.kappa = { value = \"4e-11 J/m\", error = \"1e-12 J/m\" }\n[[axes]]\nsample = "
            "\"latin_hypercube\"\ncount = 9\ngradient.kappa = \"errors\"\n" +
            seed)
        .design()
        .parameters.at(0);
  };
  CHECK(draws("").values == draws("seed = 1\n").values);
  CHECK(draws("").values != draws("seed = 0\n").values);
  CHECK(draws("").column() == "gradient.kappa [J m-1]");
  CHECK(
      files.faults("set.gradient.kappa = { value = \"4e-11 J/m\", error = \"1 K\" }\n[[axes]]\nsample = "
                   "\"sobol\"\ncount = 2\ngradient.kappa = \"errors\"\n") ==
      std::vector<std::string>{"study.toml:6: gradient.kappa = \"errors\": " + files.folder.path().string() +
                               "/study.toml:2: gradient.kappa.error = \"1 K\": expected a gradient-energy coefficient "
                               "(J m-1)"});
  const Study plain = files.read(
      "[set]\ninitial.x = { value = 0.25, error = 0.01 }\n[[axes]]\nsample = \"sobol\"\ncount = 2\ninitial.x = "
      "\"errors\"\n");
  CHECK(plain.design().parameters.at(0).column() == "initial.x");
}

TEST_CASE("what a study needs is what its cases need most of, or together") {
  const Files files;
  const CheckedCases checked = check(files.read(R"([[axes]]
"domain.cells[0]" = [64, 32]
threads = [1, 2]
)"));
  const CheckedCases large = check(files.read("set.domain.cells = [64, 16]\nset.threads = 1\n"));
  const CheckedCases small = check(files.read("set.threads = 2\n"));
  CHECK(checked.threads == std::vector<int>{1, 2});
  CHECK(checked.memory == large.memory);
  CHECK(large.memory > small.memory);
  CHECK(checked.output == Approx(large.output + small.output));
  CHECK(large.resolved.size() == 1);
}

TEST_CASE("how a study is run is read from its file") {
  const Files files;
  const Study study = files.read("jobs = 3\nscheduler.slurm = [\"--time=1\", \"--mem=1G\"]\n");
  CHECK(study.jobs() == 3);
  CHECK(study.slurm_options() == std::vector<std::string>{"--time=1", "--mem=1G"});
  CHECK_FALSE(files.read("").jobs());
}

TEST_CASE("a design is read as it was written") {
  const Files files;
  const Design written = files
                             .read(R"(replicas = 3
description = "a \"quoted\" word"
[[axes]]
temperature = ["25 degC", "40.123456789 degC"]
output.fields = [["x"], ["x", "mu"]]
[[axes]]
sample = "sobol"
count = 5
gradient.kappa = { log_normal = ["4.88e-11 J/m", 1.5] }
)")
                             .design();
  const auto file = files.folder.path() / "design.toml";
  std::ofstream(file) << written.toml();
  const Design read = Design::read(file);
  CHECK(read.name == "study");
  CHECK(read.description == written.description);
  CHECK(read.cases() == 2 * 5 * 3);
  CHECK(labels(read) == labels(written));
  CHECK(read.parameters[0].numeric != read.parameters[1].numeric);
  CHECK(read.parameters[2].sampled);
  for (const char* damaged : {"cases = 3\nreplicas = 1\n", "cases = 0\nreplicas = 0\n",
                              "cases = 1\nreplicas = 1\n[[parameters]]\nname = \"b\"\n", "= 3\n"}) {
    std::ofstream(file) << "name = \"a\"\n" << damaged;
    CHECK_THROWS_AS(Design::read(file), ConfigError);
  }
  CHECK_THROWS_AS(Design::read(files.folder.path() / "none.toml"), IoError);
}

TEST_CASE("faults of a study file are told together, each at its line") {
  const Files files;
  const auto faults = files.faults(R"(name = "a/b"
replicas = 0
jobs = "two"
sets = 3
set = 4
seeds = "initial.seed"
scheduler = { pbs = ["-l"] }
[[axes]]
temperature = { linspace = ["250 K", "300 degC", 3] }
initial.x = []
initial.noise = { logspace = [0, 1, 3] }
"no key" = [1]
[[axes]]
temperature = ["3 K"]
initial.seed = [1, 2]
count = 3
[[axes]]
temperature = ["3 K", "4 K"]
[[axes]]
sample = "random"
time.end = { normal = ["1 s", "1 m"] }
time.tolerance = { log_normal = [1, "2 s"] }
time.band = { uniform = [2, 1] }
lattice.V_m = "errors"
output.every = ["1 s"]
)");
  CHECK(
      faults ==
      std::vector<std::string>{
          "study.toml:2: name = \"a/b\": expected the name of a folder, without slash or line break",
          "study.toml:3: replicas = 0: expected an integer >= 1 and <= 100000",
          "study.toml:4: jobs = \"two\": expected an integer >= 1 and <= 65536",
          "study.toml:5: unknown key sets of a study; did you mean set?",
          "study.toml:6: set = 4: expected a table, [set]",
          "study.toml:7: seeds = \"initial.seed\": expected a list of texts",
          "study.toml:8: scheduler = { pbs = [\"-l\"] }: expected slurm = [\"--time=02:00:00\", ...] in it",
          "study.toml:10: temperature = { linspace = [\"250 K\", \"300 degC\", 3] }: expected two numbers in the same "
          "unit, and how many values",
          "study.toml:11: initial.x = []: expected a list of values, { linspace = [from, to, count] } or { logspace = "
          "[from, to, count] }",
          "study.toml:12: initial.noise = { logspace = [0, 1, 3] }: expected numbers > 0",
          "study.toml:13: \"no key\": expected a key of a case",
          "study.toml:16: initial.seed: 2 values here, 1 for temperature: keys of one [[axes]] vary together",
          "study.toml:17: count: belongs to a sample: sample = \"latin_hypercube\" or \"sobol\"",
          "study.toml:19: temperature: is varied already",
          "study.toml:21: sample = \"random\": expected one of \"latin_hypercube\", \"sobol\"",
          "study.toml:21: count is missing: expected an integer >= 1 and <= 100000",
          "study.toml:22: time.end = { normal = [\"1 s\", \"1 m\"] }: expected numbers in the same unit",
          "study.toml:23: time.tolerance = { log_normal = [1, \"2 s\"] }: expected a factor without a unit",
          "study.toml:24: time.band = { uniform = [2, 1] }: expected uniform = [from, to] with from < to",
          "study.toml:25: lattice.V_m = \"errors\": the case and its system file give no error of it, { value = ..., "
          "error = ... }",
          "study.toml:26: output.every = [\"1 s\"]: expected a distribution, { uniform = [...] }, { log_uniform = "
          "[...] }, "
          "{ normal = [...] }, { log_normal = [...] }, { triangular = [...] }, or \"errors\""});
}

TEST_CASE("lists, generators and distributions that are almost right are faults") {
  const Files files;
  CHECK(files.faults(R"(axes = [1])") == std::vector<std::string>{"study.toml:2: axes: expected tables, [[axes]]"});
  CHECK(files.faults(R"(seeds = ["initial seed"]
scheduler.slurm = ["--time=1\nrm"]
[[axes]]
[[axes]]
initial.x = { linspace = [0.2, 0.3, 1] }
initial.noise = { logspace = [1, 0, 3] }
time.end = { linspace = ["1 s", "2 s", 3, 4] }
time.step = { linspace = ["1 s", "2 s", 3], step = 3 }
temperature = { linspace = ["1 K", "2 K", 100001] }
[[axes]]
sample = "sobol"
count = 2
seed = -1
initial.x = { uniform = [0.2, 0.3, "x"] }
time.end = { uniform = ["1 s", "2 s"], normal = ["1 s", "2 s"] }
)") == std::vector<std::string>{
           "study.toml:2: seeds = [\"initial seed\"]: expected keys of a case",
           "study.toml:3: scheduler.slurm = [\"--time=1\\nrm\"]: expected a list of texts",
           "study.toml:4: axes: expected keys of a case in each [[axes]]",
           "study.toml:6: initial.x = { linspace = [0.2, 0.3, 1] }: expected 2 to 100000 values",
           "study.toml:7: initial.noise = { logspace = [1, 0, 3] }: expected numbers > 0",
           "study.toml:8: time.end = { linspace = [\"1 s\", \"2 s\", 3, 4] }: expected a list of values, { linspace = "
           "[from, to, count] } or { logspace = [from, to, count] }",
           "study.toml:9: time.step = { linspace = [\"1 s\", \"2 s\", 3], step = 3 }: expected a list of values, { "
           "linspace = [from, to, count] } or { logspace = [from, to, count] }",
           "study.toml:10: temperature = { linspace = [\"1 K\", \"2 K\", 100001] }: expected 2 to 100000 values",
           "study.toml:14: seed = -1: expected an integer >= 0",
           "study.toml:15: initial.x = { uniform = [0.2, 0.3, \"x\"] }: expected numbers in the same unit",
           "study.toml:16: time.end = { normal = [\"1 s\", \"2 s\"], uniform = [\"1 s\", \"2 s\"] }: expected a "
           "distribution, { uniform = [...] }, { log_uniform = [...] }, { normal = [...] }, { log_normal = [...] }, "
           "{ triangular = [...] }, or \"errors\""});
}

TEST_CASE("a study is named by a folder's name, if only that of its file") {
  const Files files;
  CHECK(files.faults("name = \".hidden\"\nbases = 1\nx = 1\n") ==
        std::vector<std::string>{
            "study.toml:2: name = \".hidden\": expected the name of a folder, without slash or line break",
            "study.toml:3: unknown key bases of a study; did you mean base?",
            "study.toml:4: unknown key x of a study; keys of its cases belong into [set]"});
  const std::string longest(100, 'n');
  CHECK(files.read("name = \"" + longest + "\"\n").design().name == longest);
  CHECK(files.faults("name = \"" + longest + "n\"\n").size() == 1);
  const auto hidden = files.folder.path() / ".study.toml";
  std::ofstream(hidden) << "base = \"base.toml\"\n";
  CHECK_THROWS_WITH(Study::read(hidden),
                    Catch::EndsWith(":1: name = \".study\": expected the name of a folder, without "
                                    "slash or line break"));
}

TEST_CASE("keys that only begin alike are varied apart, and 100000 cases are not too many") {
  const Files files;
  CHECK(files
            .read("[[axes]]\ninitial.seed = { linspace = [1, 1000, 1000] }\n[[axes]]\ntime.step_max = { linspace = "
                  "[\"1 s\", \"2 s\", 100] }\n\"domain.cells[0]\" = { linspace = [1, 100, 100] }\ntime.step = { "
                  "linspace = [\"1 s\", \"2 s\", 100] }\n")
            .design()
            .cases() == 100'000);
  CHECK(files.faults("[[axes]]\ndomain.cells = [[8, 8]]\n\"domain.cells[0]\" = [8]\n") ==
        std::vector<std::string>{"study.toml:4: domain.cells[0]: is varied already as domain.cells"});
}

TEST_CASE("a key is varied once, and a study has a base") {
  const Files files;
  CHECK(files.faults("[[axes]]\ninitial.x = [0.2]\n[[axes]]\ninitial.x = [0.3]\n\"domain.cells[0]\" = [8]\n[[axes]]\n"
                     "domain.cells = [[8, 8]]\n") ==
        std::vector<std::string>{"study.toml:5: initial.x: is varied already",
                                 "study.toml:8: domain.cells: is varied already as domain.cells[0]"});
  CHECK(files.faults("replicas = 1000\n[[axes]]\ninitial.x = { linspace = [0.1, 0.2, 1000] }\n") ==
        std::vector<std::string>{"study.toml:1: 1000000 cases: at most 100000 can be in one study"});
  for (const char* given : {"initial.x=0.3", "domain.cells[1]=8", "domain.cells=[8, 8]"})
    CHECK_THROWS_WITH(files.read("[[axes]]\ninitial.x = [0.2]\n\"domain.cells[0]\" = [16]\n", {given}),
                      Catch::StartsWith("command line: ") && Catch::Contains(" is varied by "));
  std::ofstream(files.folder.path() / "none.toml") << "replicas = 2\n";
  CHECK_THROWS_WITH(Study::read(files.folder.path() / "none.toml"),
                    Catch::EndsWith("missing key base: expected the case file that the study varies"));
  std::ofstream(files.folder.path() / "none.toml") << "base = \"nowhere.toml\"\n";
  CHECK_THROWS_WITH(Study::read(files.folder.path() / "none.toml"),
                    Catch::EndsWith("none.toml:1: base = \"nowhere.toml\": no such file beside the study or among the "
                                    "shipped configs"));
  CHECK_THROWS_AS(Study::read(files.folder.path() / "no.toml"), IoError);
}

TEST_CASE("a seed is set by replicas or otherwise") {
  const Files files;
  const std::string fault =
      "study.toml:2: replicas: they set initial.seed, which is given otherwise; seeds = [] repeats a case as it is";
  CHECK(files.faults("replicas = 2\n[[axes]]\ninitial.seed = [1, 2]\n") == std::vector<std::string>{fault});
  CHECK_THROWS_WITH(files.read("replicas = 2\n", {"initial.seed=3"}), Catch::EndsWith(fault));
  CHECK(files.faults("replicas = 2\nseeds = []\n[[axes]]\ninitial.seed = [1, 2]\n").empty());
}

TEST_CASE("faults of cases are told once, with the cases that have them") {
  const Files files;
  CHECK(files.faults("replicas = 2\nseeds = [\"initial.sed\"]\n") ==
        std::vector<std::string>{"study.toml:2: unknown key initial.sed; did you mean initial.seed? (all 2 cases)"});
  CHECK(files.faults("set.planing = \"estimate\"\n") ==
        std::vector<std::string>{"study.toml:2: unknown key planing; did you mean planning?"});
  CHECK(
      files.faults(R"(set.planing = "estimate"
[[axes]]
temperature = ["-5 K", "300 K"]
[[axes]]
initial.x = ["25 at%", "125 at%"]
"domain.cells[2]" = [8, 9]
)") ==
      std::vector<std::string>{
          "study.toml:2: unknown key planing; did you mean planning? (all 4 cases)",
          "study.toml:4: temperature = \"-5 K\": must be > 0 K (2 of 4 cases, the first is case 1: temperature = -5 K, "
          "initial.x = 25 at%, domain.cells[2] = 8)",
          "study.toml:7: domain.cells[2] = 8: domain.cells has 2 entries, counted from 0 (2 of 4 cases, the first is "
          "case 1: temperature = -5 K, initial.x = 25 at%, domain.cells[2] = 8)",
          "study.toml:6: initial.x = \"125 at%\": must be > 0 and < 1 (2 of 4 cases, the first is case 2: temperature "
          "= -5 K, initial.x = 125 at%, domain.cells[2] = 9)",
          "study.toml:7: domain.cells[2] = 9: domain.cells has 2 entries, counted from 0 (2 of 4 cases, the first is "
          "case 2: temperature = -5 K, initial.x = 125 at%, domain.cells[2] = 9)"});
}
