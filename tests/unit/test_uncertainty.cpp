// Errors and correlations beside values: how they are read, their faults, and the draws that they give.
#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>

#include "spinode/config.hpp"
#include "support.hpp"

using namespace spinode;

namespace {

using Lines = std::vector<std::string>;

const QuantityKey energy{.name = "free.energy", .unit = "J mol-1", .help = "an energy"};
const QuantityKey length{.name = "box.length", .unit = "m", .bounds = positive, .help = "a length"};
const QuantityKey heat{.name = "heat", .unit = "K", .bounds = positive, .help = "a temperature"};
const QuantityKey plain{.name = "plain", .help = "a number"};
const QuantityKey terms{.name = "L", .unit = "J mol-1", .help = "energies"};

struct Files {
  spinode::test::TemporaryFolder folder;

  Config load(const std::string& text, const std::vector<std::string>& overrides = {}) const {
    write("case.toml", text);
    return Config::load(folder.path() / "case.toml", overrides);
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder.path() / name) << text; }
  /// Faults without the folder.
  Lines faults(Config& config) const {
    Lines lines;
    try {
      config.finish(config.declarations());
    } catch (const ConfigError& error) {
      lines = error.faults;
    }
    const std::string prefix = folder.path().string() + "/";
    for (std::string& line : lines)
      if (line.starts_with(prefix)) line.erase(0, prefix.size());
    return lines;
  }
};

/// The faults of `L = ...`, which has two entries, written into a case; `beside` follows the value.
Lines faults_beside_list(const std::string& beside) {
  const Files files;
  Config config = files.load("L = { value = [\"1 J/mol\", \"2 J/mol\"], " + beside + " }\n");
  config.quantities(terms);
  return files.faults(config);
}

Lines faults_beside_plain(const std::string& beside) {
  const Files files;
  Config config = files.load("plain = { value = 1, " + beside + " }\n");
  config.quantity(plain);
  return files.faults(config);
}

struct Moments {
  double mean, deviation;
};

Moments moments(const std::vector<double>& values) {
  double sum = 0, squares = 0;
  for (const double value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, std::sqrt(squares / static_cast<double>(values.size()))};
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const Moments of_a = moments(a), of_b = moments(b);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - of_a.mean) * (b[i] - of_b.mean);
  return sum / static_cast<double>(a.size()) / of_a.deviation / of_b.deviation;
}

constexpr std::size_t draws = 4000;

}  // namespace

TEST_CASE("errors are read in the unit of their key, and change no value") {
  const Files files;
  Config config = files.load(
      "plain = { value = 2, error = 0.5, source = \"s\" }\nheat = { value = \"25 degC\", error = \"2 degC\" }\n"
      "L = { value = [\"1 kJ/mol\", \"-2 J/mol\"], error = [\"0.5 kJ/mol\", \"3 J/mol\"], correlation = [[1, 0.5], "
      "[0.5, 1]] }\n[free]\nenergy = { value = \"16 kJ/mol\", error = \"0.2 kJ/mol\" }\n[box]\nlength = \"1 um\"\n");
  CHECK(config.quantity(energy) == 16000);
  CHECK(config.quantity(plain) == 2);
  CHECK(config.quantity(heat) == 298.15);
  CHECK(config.quantity(length) == 1e-6);
  CHECK(config.quantities(terms) == std::vector<double>{1000, -2});
  CHECK(files.faults(config).empty());
  const auto& known = config.uncertainties();
  REQUIRE(known.size() == 4);
  CHECK(known[0].name == "free.energy");
  CHECK(known[0].unit == "J mol-1");
  CHECK(known[0].error == std::vector<double>{200});
  CHECK(known[1].error == std::vector<double>{0.5});
  CHECK(known[2].name == "heat");
  CHECK(known[2].error == std::vector<double>{2});
  CHECK(known[3].error == std::vector<double>{500, 3});
  CHECK(config.resolved() ==
        "units = \"SI\"\nfree.energy = \"16000 J mol-1\"\nplain = 2\nheat = \"298.15 K\"\nbox.length = \"1e-06 m\"\n"
        "L = [\"1000 J mol-1\", \"-2 J mol-1\"]\n");
}

TEST_CASE("one error may stand for every entry of a list, and numbers without units have errors without them") {
  const Files files;
  Config config = files.load("units = \"none\"\nL = { value = [1, 2, 3], error = 0.25 }\n");
  CHECK(config.quantities(terms) == std::vector<double>{1, 2, 3});
  CHECK(files.faults(config).empty());
  REQUIRE(config.uncertainties().size() == 1);
  CHECK(config.uncertainties()[0].unit == "1");
  CHECK(config.uncertainties()[0].error == std::vector<double>{0.25, 0.25, 0.25});
}

TEST_CASE("an error that cannot be one is a single fault that says what is allowed") {
  CHECK(faults_beside_list("error = [\"1 J/mol\"]") ==
        Lines{"case.toml:1: L.error = [\"1 J/mol\"]: expected 2 entries"});
  CHECK(faults_beside_list("error = [\"1 J/mol\", \"-1 J/mol\"]") ==
        Lines{"case.toml:1: L.error = [\"1 J/mol\", \"-1 J/mol\"]: must be >= 0 J mol-1"});
  CHECK(faults_beside_list("error = \"1 K\"") ==
        Lines{"case.toml:1: L.error = \"1 K\": expected a molar energy (J mol-1)"});
  CHECK(faults_beside_list("error = 1") ==
        Lines{"case.toml:1: L.error = 1: expected a molar energy (J mol-1) with its unit, such as \"20.1 kJ/mol\""});
  CHECK(faults_beside_list("error = [\"1 J/mol\", true]") ==
        Lines{"case.toml:1: L.error = [\"1 J/mol\", true]: expected a molar energy (J mol-1)"});
  CHECK(faults_beside_plain("error = -0.5") == Lines{"case.toml:1: plain.error = -0.5: must be >= 0"});
  CHECK(faults_beside_plain("error = inf") == Lines{"case.toml:1: plain.error = inf: must be finite"});
  CHECK(faults_beside_plain("error = {}") == Lines{"case.toml:1: plain.error = {}: expected a number"});
  CHECK(faults_beside_plain("error = [0.5, 0.5]") ==
        Lines{"case.toml:1: plain.error = [0.5, 0.5]: expected 1 entries"});
}

TEST_CASE("a correlation is a symmetric, positive definite matrix beside an error") {
  const std::string error = "error = \"1 J/mol\", correlation = ",
                    expected = ": expected 2 rows of a symmetric, positive definite matrix with ones on its diagonal";
  CHECK(faults_beside_list(error + "[[1, -0.99], [-0.99, 1]]").empty());
  for (const std::string given : {"[[1, 0.5], [0.4, 1]]", "[[1, 1], [1, 1]]", "[[1, 0], [0, 0.5]]", "[[1, 0.5]]", "0.5",
                                  "\"high\"", "[[1, 0, 0], [0, 1, 0], [0, 0, 1]]", "[]"})
    CHECK(faults_beside_list(error + given) == Lines{"case.toml:1: L.correlation = " + given + expected});
  CHECK(faults_beside_list(error + "[[1, 2], [0.5, 1]]") ==
        Lines{"case.toml:1: L.correlation = [1, 2]: must be >= -1 and <= 1"});
  CHECK(faults_beside_list(error + "[[1, 0.5], [0.5]]") ==
        Lines{"case.toml:1: L.correlation = [0.5]: expected 2 entries"});
  CHECK(faults_beside_list("correlation = [[1, 0.5], [0.5, 1]]") ==
        Lines{"case.toml:1: L.correlation = [[1, 0.5], [0.5, 1]]: needs L.error beside it"});
}

TEST_CASE("three errors whose correlations contradict each other are a fault") {
  const Files files;
  Config config = files.load(
      "L = { value = [\"1 J/mol\", \"2 J/mol\", \"3 J/mol\"], error = \"1 J/mol\", "
      "correlation = [[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]] }\n");
  config.quantities(terms);
  CHECK(files.faults(config) ==
        Lines{"case.toml:1: L.correlation = [[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]: expected 3 rows of a "
              "symmetric, positive definite matrix with ones on its diagonal"});
}

TEST_CASE("only quantities have errors") {
  const Files files;
  Config config = files.load(
      "error = 1\nplain = { value = 1, eror = 0.5 }\ncount = { value = 3, error = 1 }\n"
      "word = { value = \"yes\", error = 1 }\n[free]\nerror = 2\n");
  config.quantity(plain);
  config.integer({.name = "count", .help = ""});
  config.text({.name = "word", .help = ""});
  config.optional_quantity(energy);
  CHECK(files.faults(config) == Lines{"case.toml:1: unknown key error",
                                      "case.toml:2: unknown key plain.eror; did you mean plain.error?",
                                      "case.toml:3: unknown key count.error", "case.toml:4: unknown key word.error",
                                      "case.toml:6: unknown key free.error"});
}

TEST_CASE("a fault of the value hides no error beside it, nor makes it an unknown key") {
  const Files files;
  Config config = files.load(
      "plain = { value = \"x\", error = 1 }\nL = { value = [], error = [] }\nbox.length = { value = \"-1 m\", error = "
      "\"0.1 m\" }\n");
  config.quantity(plain);
  config.quantities(terms);
  config.quantity(length);
  CHECK(files.faults(config) == Lines{"case.toml:1: plain = \"x\": expected a number",
                                      "case.toml:2: L = []: expected a list, each a molar energy (J mol-1)",
                                      "case.toml:3: box.length = \"-1 m\": must be > 0 m"});
}

TEST_CASE("a value that replaces one with an error is certain, and the error that it replaces no fault") {
  const Files files;
  files.write("system.toml",
              "plain = { value = 1, error = 0.5 }\nL = { value = [\"1 J/mol\"], error = \"1 J/mol\" }\n");
  Config config =
      files.load("system = \"system.toml\"\nL = { value = [\"5 J/mol\"], error = [\"2 J/mol\"] }\n", {"plain=3"});
  CHECK(config.quantity(plain) == 3);
  config.quantities(terms);
  CHECK(files.faults(config).empty());
  REQUIRE(config.uncertainties().size() == 1);
  CHECK(config.uncertainties()[0].name == "L");
  CHECK(config.uncertainties()[0].error == std::vector<double>{2});
}

TEST_CASE("draws have the mean, the standard deviation and the correlation that the file states") {
  const Files files;
  const Config unread = files.load(
      "plain = { value = -3, error = 0.5 }\nheat = { value = \"300 K\", error = \"2 degC\" }\n"
      "L = { value = [\"10 kJ/mol\", \"5 kJ/mol\", \"1 kJ/mol\"], error = [\"0.1 kJ/mol\", \"300 J/mol\", \"0 "
      "J/mol\"], "
      "correlation = [[1, -0.8, 0], [-0.8, 1, 0], [0, 0, 1]] }\n");
  std::vector<double> number, temperature, L0, L1;
  for (std::size_t i = 0; i < draws; ++i) {
    Config draw = unread.sample(7, i);
    number.push_back(draw.quantity(plain));
    temperature.push_back(draw.quantity(heat));
    const auto L = draw.quantities(terms);
    L0.push_back(L[0]);
    L1.push_back(L[1]);
    REQUIRE(L[2] == 1000);
  }
  // Four standard errors of a mean are 0.063, and of a deviation 0.045, in units of the deviation.
  const auto check = [](const std::vector<double>& values, double mean, double deviation) {
    const Moments found = moments(values);
    CHECK(std::abs(found.mean - mean) < 0.063 * deviation);
    CHECK(found.deviation == Approx(deviation).epsilon(0.045));
  };
  check(number, -3, 0.5);
  check(temperature, 300, 2);
  check(L0, 10000, 100);
  check(L1, 5000, 300);
  CHECK(correlation(L0, L1) == Approx(-0.8).margin(0.03));
  CHECK(std::abs(correlation(number, temperature)) < 0.063);
  CHECK(std::abs(correlation(number, L0)) < 0.063);
  CHECK(std::abs(correlation(temperature, L1)) < 0.063);
  std::vector<double> next(number.begin() + 1, number.end()), before(number.begin(), number.end() - 1);
  CHECK(std::abs(correlation(before, next)) < 0.063);
}

TEST_CASE("the entries of a list without correlation are independent") {
  const Files files;
  const Config unread = files.load("L = { value = [\"0 J/mol\", \"0 J/mol\"], error = \"1 J/mol\" }\n");
  std::vector<double> first, second;
  for (std::size_t i = 0; i < draws; ++i) {
    Config draw = unread.sample(1, i);
    const auto L = draw.quantities(terms);
    first.push_back(L[0]);
    second.push_back(L[1]);
  }
  CHECK(std::abs(correlation(first, second)) < 0.063);
  first.erase(first.begin());
  second.pop_back();
  CHECK(std::abs(correlation(first, second)) < 0.063);
}

TEST_CASE("a draw depends on seed, index and key alone") {
  const Files files;
  const std::string both =
      "plain = { value = 1, error = 0.5 }\n[free]\nenergy = { value = \"2 J/mol\", error = \"1 J/mol\" }\n";
  const Config unread = files.load(both);
  const auto plain_of = [](Config draw) { return draw.quantity(plain); };
  const double drawn = plain_of(unread.sample(3, 17));
  CHECK(drawn != 1);
  CHECK(plain_of(unread.sample(3, 17)) == drawn);
  CHECK(plain_of(unread.sample(3, 18)) != drawn);
  CHECK(plain_of(unread.sample(4, 17)) != drawn);
  Config other_order = unread.sample(3, 17);
  const double energy_drawn = other_order.quantity(energy);
  CHECK(other_order.quantity(plain) == drawn);
  CHECK(plain_of(files.load("plain = { value = 1, error = 0.5 }\n").sample(3, 17)) == drawn);
  // The same numbers of deviations for no two keys.
  CHECK(energy_drawn - 2 != Approx((drawn - 1) / 0.5));
  Config itself = files.load(both);
  CHECK(itself.quantity(plain) == 1);
  CHECK(itself.quantity(energy) == 2);
}

TEST_CASE("a draw outside the bounds of its key is a fault of the sample alone") {
  const Files files;
  const Config unread = files.load("box.length = { value = \"1 m\", error = \"1 m\" }\n");
  std::size_t outside = 0;
  for (std::size_t i = 0; i < draws; ++i) {
    Config draw = unread.sample(1, i);
    const double value = draw.quantity(length);
    const Lines faults = files.faults(draw);
    REQUIRE(faults.empty() == (value > 0));
    if (faults.empty()) continue;
    ++outside;
    REQUIRE(faults.size() == 1);
    REQUIRE(faults[0] ==
            fmt::format("case.toml:1: box.length = \"1 m\": a draw of {} lies outside: must be > 0 m", value));
  }
  // P(z < -1) = 0.15866.
  CHECK(static_cast<double>(outside) / draws == Approx(0.15866).margin(0.024));
}

TEST_CASE("a case with errors beside its numbers is the case without them") {
  const Case with_errors =
      spinode::test::li_na({"free_energy.L={value = [\"20109.8 J/mol\", \"5772.6 J/mol\"], error = \"100 J/mol\"}",
                            "temperature={value = \"298.15 K\", error = \"1 K\"}"});
  const Case without = spinode::test::li_na({});
  CHECK(with_errors.resolved_config == without.resolved_config);
}
