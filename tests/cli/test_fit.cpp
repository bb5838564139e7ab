// `spinode fit`: what it prints and writes, and every message.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "workplace.hpp"

using namespace cli;

namespace {

/// Made-up energies; tests/unit/test_fit.cpp has the numbers of numpy for them.
const std::string energies =
    "# made up\nx,formation_energy_J_per_mol,error_J_per_mol\n0,0,0\n0.02,500,10\n0.1,2200,20\n0.25,4300,30\n"
    "0.4,4950,40\n0.55,4700,50\n0.7,3600,30\n0.85,1950,20\n0.98,290,5\n";

/// Two terms, L_0 = 20000 and L_1 = 5000 J/mol, exactly: G = x(1-x) (25000 - 10000 x).
const std::string two_terms = "x,formation_energy_J_per_mol\n0.1,2160\n0.2,3680\n0.5,5000\n0.8,2720\n0.9,1440\n";

std::string fitted(const Workplace& place, std::vector<std::string> options = {}) {
  options.insert(options.begin(), {"fit", "energies.csv"});
  const Outcome outcome = place.spinode(options);
  CHECK(outcome.err.empty());
  CHECK(outcome.code == 0);
  return outcome.out;
}

std::string fitted(const std::string& text, const std::vector<std::string>& options = {}) {
  const Workplace place;
  place.write("energies.csv", text);
  return fitted(place, options);
}

void check_refused(const std::string& text, const std::string& message, std::vector<std::string> options = {}) {
  const Workplace place;
  place.write("energies.csv", text);
  options.insert(options.begin(), {"fit", "energies.csv"});
  const Outcome outcome = place.spinode(options);
  INFO(text.substr(0, 300));
  CHECK(outcome.err == message + "\n");
  CHECK(outcome.code == 2);
  CHECK(outcome.out.empty());
}

}  // namespace

TEST_CASE("fit prints orders, coefficients, residuals and the dilute limit") {
  const std::string out = fitted(energies, {"--solute", "Na"});
  for (const char* part :
       {"energies.csv: 8 formation energies from x = 0.02 to 0.98, weighted by 1/error^2\n",
        "    1                    238.693                205.252\n",
        "    2                    25.1632                 18.111  <\n", "    6                    51.3987 ",
        "2 terms: the fewest within one standard error of the least cross-validation error, that of 4; limit 27.56",
        "x = mole fraction of Na\nL_0 = 19665.376 +- 66.86 J/mol\nL_1 = 5968.4808 +- 121 J/mol\n"
        "errors from those of the energies\n",
        "correlation of the errors\n    1.0000    0.1474\n    0.1474    1.0000\n",
        "reduced chi^2 = 3.184, 6 degrees of freedom\n",
        "        0.25              4300        4246.803                53.2\n",
        "dilute limit from x = 0.02 and 0.98 (dos Santos et al. 2025, Eqs. 8-9)\n",
        "  slopes, first order in x       L_0 = 19750 J/mol, L_1 = 5250 J/mol\n",
        "  two terms through both points  L_0 = 20153.061 J/mol, L_1 = 5580.3571 J/mol\n"}) {
    INFO(part << "\nin\n" << out);
    CHECK(contains(out, part));
  }
  CHECK_FALSE(contains(out, "written"));
}

TEST_CASE("fit takes the number of terms that is asked for") {
  const std::string one = fitted(two_terms, {"--terms", "1"});
  CHECK(contains(one, "of equal weight\n"));
  CHECK(contains(one, "errors from the residuals\n"));
  CHECK(contains(one, "  <\n"));
  CHECK_FALSE(contains(one, "correlation"));
  CHECK_FALSE(contains(one, "L_1 = 5000 +-"));
  CHECK_FALSE(contains(one, "the fewest within"));
  CHECK_FALSE(contains(one, "chi^2"));
  const std::string two = fitted(two_terms);
  CHECK(contains(two, "L_0 = 20000 +- "));
  CHECK(contains(two, "L_1 = 5000 +- "));
  const std::string five = fitted(two_terms, {"--terms", "5"});
  CHECK(contains(five, "L_0 = 20000 J/mol\n"));
  CHECK(contains(five, "errors unknown: as many terms as energies, which have no errors of their own\n"));
  CHECK(contains(five, "    5                          -"));
  CHECK(contains(five, "-: without one of the rows a coefficient is not determined\n"));
  CHECK(contains(fitted("x,formation_energy_eV_per_atom\n0.5,0.05\n", {"--terms", "1"}),
                 "1 formation energy from x = 0.5 to 0.5"));
}

TEST_CASE("fit says why there is no dilute limit") {
  CHECK(contains(fitted("x,formation_energy_J_per_mol\n0.25,3\n0.5,4\n0.9,2\n"),
                 "\ndilute limit not possible: x goes from 0.25 to 0.9, expected x < 0.2 and x > 0.8\n"));
}

TEST_CASE("fit of energies of cells names the pure cells that it measures from") {
  // Pure -2 and -1 eV/atom, and 0.05 eV/atom = 4824.2666 J/mol at x = 1/2: L_0 is four times that.
  const std::string out = fitted("n_host,n_solute,energy_eV\n2,0,-3.9\n16,0,-32\n0,16,-16\n8,8,-23.2\n8,8,-23.2\n",
                                 {"--terms", "1", "--host", "Li"});
  CHECK(contains(out, "pure Li: line 3, 16 atoms, -2 eV/atom, of 2 cells the one with the most atoms\n"));
  CHECK(contains(out, "pure solute: line 4, 16 atoms, -1 eV/atom\n"));
  CHECK(contains(out, "L_0 = 19297.066 +- "));
}

TEST_CASE("fit writes a system file that says where it comes from, on the base of another") {
  const Workplace place;
  place.write("energies.csv", energies);
  place.write("base.toml", "[free_energy]\nmodel = \"redlich_kister\"\nL = [\"1 J/mol\"]\n[lattice]\natoms = 2\n");
  CHECK(contains(fitted(place, {"--host", "Li", "--solute", "Na", "--output", "li-na.toml", "--base", "base.toml"}),
                 "\nwritten li-na.toml\n"));
  const std::string text = place.read("li-na.toml");
  for (const char* part :
       {"# Free energy of Li-Na, x = mole fraction of Na: spinode fit of energies.csv.\n",
        "host = \"Li\"\nsolute = \"Na\"\n", "L = { value = [\"19665.37557201", "\"5968.48084842",
        "error = [\"66.860806860", "correlation = [[1, 0.1474037015", "confidence = \"computed\"\n",
        "[lattice]\natoms = 2\n",
        "source = \"fit of energies.csv: 8 energies, 2 terms, cross-validation error 25.16 J/mol\"\n"}) {
    INFO(part << "\nin\n" << text);
    CHECK(contains(text, part));
  }

  const Outcome again = place.spinode({"fit", "energies.csv", "--output", "li-na.toml"});
  CHECK(again.code == 4);
  CHECK(again.err == "li-na.toml: exists already; give --overwrite to replace it\n");
  CHECK(again.out.empty());
  fitted(place, {"--terms", "8", "--output", "li-na.toml", "--overwrite"});
  CHECK(contains(place.read("li-na.toml"), "8 terms, cross-validation error unknown\"\n"));
  CHECK(contains(place.read("li-na.toml"), "host = \"host\"\nsolute = \"solute\"\n"));
  CHECK(place.spinode({"fit", "energies.csv", "--output", "new.toml", "--base", "none.toml"}).err ==
        "none.toml: no such file\n");
  CHECK_FALSE(place.has("new.toml"));
}

TEST_CASE("fit's base and overwrite go with an output") {
  const Workplace place;
  place.write("energies.csv", energies);
  for (const std::vector<std::string>& option : {std::vector<std::string>{"--base", "base.toml"}, {"--overwrite"}}) {
    const Outcome outcome =
        place.spinode(option.size() > 1 ? std::vector<std::string>{"fit", "energies.csv", option[0], option[1]}
                                        : std::vector<std::string>{"fit", "energies.csv", option[0]});
    CHECK(outcome.code == 2);
    CHECK(contains(outcome.err, option[0] + " requires --output"));
  }
}

TEST_CASE("fit refuses a number of terms that the energies do not determine") {
  const std::string expected = "expected \"auto\" or a whole number from 1 to 10";
  for (const char* given : {"0", "11", "two", "2.5", "3 "})
    check_refused(energies, fmt::format("command line: --terms = \"{}\": {}", given, expected),
                  {fmt::format("--terms={}", given)});
  check_refused("x,formation_energy_J_per_mol\n0.5,1\n0.5,2\n0.3,2\n0.3,3\n",
                "command line: --terms = 3: must be at most 2, as many as the compositions in energies.csv",
                {"--terms", "3"});
  check_refused("x,formation_energy_J_per_mol\n0.5,1\n0.4,2\n",
                "command line: --terms = \"auto\": expected a number, as energies.csv has 2 rows and cross-validation "
                "needs 3");
  check_refused("x,formation_energy_J_per_mol,error_J_per_mol\n0.5,1,1e-6\n0.4,2,1e6\n0.3,2,1e6\n",
                "command line: --terms = \"auto\": expected a number, as cross-validation fails: one row of "
                "energies.csv alone settles a coefficient");
}

TEST_CASE("fit refuses a header that it does not know") {
  const std::string expected =
      "expected n_host,n_solute,energy_eV[,error_eV] or x,formation_energy_UNIT[,error_UNIT] with UNIT J_per_mol, "
      "kJ_per_mol, eV_per_atom or meV_per_atom";
  check_refused("# x\n\nx, energy\n0.5,1\n", "energies.csv:3: header = \"x,energy\": " + expected);
  check_refused("x,formation_energy_eV_per_atom,error_J_per_mol\n",
                "energies.csv:1: header = \"x,formation_energy_eV_per_atom,error_J_per_mol\": " + expected);
  check_refused("x,formation_energy_eV_per_atom,note\n",
                "energies.csv:1: header = \"x,formation_energy_eV_per_atom,note\": " + expected);
  check_refused("", "energies.csv: no header: " + expected);
  check_refused("# nothing\n\n", "energies.csv: no header: " + expected);
}

TEST_CASE("fit lists every bad cell of formation energies") {
  check_refused(
      "x,formation_energy_J_per_mol,error_J_per_mol\n"
      "0,5,1\n1,-2,1\n-0.1,1,1\n1.5,1,1\n1e-10,1,1\n0.9999999999,1,1\n0.5,abc,1\n0.5,nan,1\n0.5,1e999,1\n0.5,1e13,1\n"
      "0.5,1,0\n0.5,1,-3\n0.5,1,\n0.5,1\n0.5,1,1,1\nhalf,1 J,\"1\"\n0.5,0x1p3,1\n0.5,1,1e-13\n",
      "energies.csv:2: formation_energy_J_per_mol = \"5\": must be 0 at x = 0: it is measured from the pure metals\n"
      "energies.csv:3: formation_energy_J_per_mol = \"-2\": must be 0 at x = 1: it is measured from the pure metals\n"
      "energies.csv:4: x = \"-0.1\": must be >= 0 and <= 1\n"
      "energies.csv:5: x = \"1.5\": must be >= 0 and <= 1\n"
      "energies.csv:6: x = \"1e-10\": must be 0, 1 or at least 1e-09 away from them\n"
      "energies.csv:7: x = \"0.9999999999\": must be 0, 1 or at least 1e-09 away from them\n"
      "energies.csv:8: formation_energy_J_per_mol = \"abc\": expected a number\n"
      "energies.csv:9: formation_energy_J_per_mol = \"nan\": expected a number\n"
      "energies.csv:10: formation_energy_J_per_mol = \"1e999\": expected a number\n"
      "energies.csv:11: formation_energy_J_per_mol = \"1e13\": must be >= -1000000000000 and <= 1000000000000\n"
      "energies.csv:12: error_J_per_mol = \"0\": must be > 0, at least 1e-12\n"
      "energies.csv:13: error_J_per_mol = \"-3\": must be >= 0 and <= 1000000000000\n"
      "energies.csv:14: error_J_per_mol = \"\": expected a number\n"
      "energies.csv:15: 2 cells: expected 3, x,formation_energy_J_per_mol,error_J_per_mol\n"
      "energies.csv:16: 4 cells: expected 3, x,formation_energy_J_per_mol,error_J_per_mol\n"
      "energies.csv:17: x = \"half\": expected a number\n"
      "energies.csv:17: formation_energy_J_per_mol = \"1 J\": expected a number\n"
      "energies.csv:17: error_J_per_mol = \"\\\"1\\\"\": expected a number\n"
      "energies.csv:18: formation_energy_J_per_mol = \"0x1p3\": expected a number\n"
      "energies.csv:19: error_J_per_mol = \"1e-13\": must be > 0, at least 1e-12");
}

TEST_CASE("fit lists every bad cell of energies of cells") {
  check_refused(
      "n_host,n_solute,energy_eV,error_eV\n2.5,0,1,1\n0,0,1,1\n-1,2,1,1\n1,2e9,1,1\n1,1,-inf,1\n1,0,-1,0\n1,x,1,1\n",
      "energies.csv:2: n_host = \"2.5\": expected a whole number\n"
      "energies.csv:3: n_solute = \"0\": n_host + n_solute must be at least 1\n"
      "energies.csv:4: n_host = \"-1\": must be >= 0 and <= 1000000000\n"
      "energies.csv:5: n_solute = \"2e9\": must be >= 0 and <= 1000000000\n"
      "energies.csv:6: energy_eV = \"-inf\": expected a number\n"
      "energies.csv:7: error_eV = \"0\": must be > 0, at least 1e-12\n"
      "energies.csv:8: n_solute = \"x\": expected a whole number");
  check_refused("n_host,n_solute,energy_eV\n8,8,1\n",
                "energies.csv: no cell of pure host: expected a row with n_solute = 0\n"
                "energies.csv: no cell of pure solute: expected a row with n_host = 0");
  check_refused("n_host,n_solute,energy_eV\n1,0,1\n0,1,1\n",
                "energies.csv: no energies: expected at least one with 0 < x < 1");
  check_refused("x,formation_energy_J_per_mol\n0,0\n1,0\n",
                "energies.csv: no energies: expected at least one with 0 < x < 1");
}

TEST_CASE("fit lists the first twenty faults and counts the rest") {
  std::string text = "x,formation_energy_J_per_mol\n", message;
  for (int i = 0; i < 45; ++i) text += "2,0\n";
  for (int i = 0; i < 20; ++i) message += fmt::format("energies.csv:{}: x = \"2\": must be >= 0 and <= 1\n", i + 2);
  check_refused(text, message + "energies.csv: 25 more");
}

TEST_CASE("fit refuses a file that is too long, a line that is too long, and a file that is none") {
  check_refused("x,formation_energy_J_per_mol\n0.5," + std::string(997, '1') + "\n",
                "energies.csv:2: must be at most 1000 characters long");
  CHECK(contains(fitted("# " + std::string(998, 'x') + "\n" + two_terms), "L_1 = 5000 +- "));
  check_refused(std::string(5000, '\0'), "energies.csv:1: must be at most 1000 characters long");
  check_refused("#" + std::string(1'000'001, '\n'), "energies.csv: must be at most 1000000 lines long");
  const Workplace place;
  CHECK(place.spinode({"fit", "none.csv"}).err == "none.csv: no such file\n");
  CHECK(place.spinode({"fit", "none.csv"}).code == 4);
  CHECK(place.spinode({"fit", "."}).err == ".: is a folder, expected a CSV file\n");
  CHECK(place.spinode({"fit"}).code == 2);
}
