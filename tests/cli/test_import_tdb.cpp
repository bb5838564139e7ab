// `spinode import-tdb`: the file it writes serves as a system, and how it is called wrongly.
#include <catch2/catch.hpp>
#include <string>

#include "workplace.hpp"

using namespace cli;

namespace {

const std::string database =
    "PHASE LIQUID:L % 1 1.0 !\nCONSTITUENT LIQUID:L :LI,NA: !\n"
    "PARAMETER L(LIQUID,LI,NA;0) 298.15 10684.37; 3000 N !\n"
    "PARAMETER L(LIQUID,LI,NA;1) 298.15 3896.42-5.4627*T; 3000 N !\n"
    "PARAMETER L(LIQUID,LI,NA;2) 298.15 1580.34; 3000 N !\n";

std::string without_free_energy(const std::string& system) {
  return with("system = \"" + system + "\"\n" + alloy,
              "[free_energy]\nmodel = \"redlich_kister\"\nL = [\"20109.8 J/mol\", \"5772.6 J/mol\"]\n", "");
}

}  // namespace

TEST_CASE("import-tdb writes a system that a case can name") {
  const Workplace place;
  place.write("x.tdb", database);
  const Outcome outcome = place.spinode({"import-tdb", "x.tdb", "--phase", "Liquid", "--elements", "Li,NA"});
  CHECK(outcome.err.empty());
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "li-na_liquid.toml\n");
  place.write("case.toml", without_free_energy("li-na_liquid.toml"));
  const Outcome check = place.spinode({"check", "case.toml", "temperature=443.9 K"});
  CHECK(check.err.empty());
  CHECK(check.code == 0);
  // Of this assessment at 443.9 K: phases at x_Li = 0.103 and 0.967, x = 0.033 and 0.897 of Na.
  CHECK(contains(check.out, "Na in Li at 443.9 K"));
  CHECK(contains(check.out, "phases at x = 0.0334 and 0.8969\n"));
  // Above its critical point of 581.6 K.
  CHECK(contains(place.spinode({"check", "case.toml", "temperature=582 K"}).out, "there is no miscibility gap"));
  CHECK_FALSE(contains(place.spinode({"check", "case.toml", "temperature=581 K"}).out, "there is no miscibility gap"));
}

TEST_CASE("import-tdb of the other host is the mirror image") {
  const Workplace place;
  place.write("x.tdb", database);
  CHECK(place.spinode({"import-tdb", "x.tdb", "--phase", "LIQUID", "--elements", "NA,LI"}).out ==
        "na-li_liquid.toml\n");
  place.write("case.toml", without_free_energy("na-li_liquid.toml"));
  const std::string out = place.spinode({"check", "case.toml", "temperature=443.9 K"}).out;
  CHECK(contains(out, "Li in Na at 443.9 K"));
  CHECK(contains(out, "phases at x = 0.1031 and 0.9666"));
}

TEST_CASE("import-tdb takes the rest from a base, and replaces a file only when told to") {
  const Workplace place;
  place.write("x.tdb", database);
  place.write("base.toml", "[lattice]\nV_m = \"13 cm3/mol\"\n[free_energy]\nL = [\"1 J/mol\"]\n");
  const std::vector<std::string> call{"import-tdb", "x.tdb",    "--phase",   "LIQUID", "--elements",
                                      "LI,NA",      "--output", "made.toml", "--base", "base.toml"};
  CHECK(place.spinode(call).out == "made.toml\n");
  CHECK(contains(place.read("made.toml"), "V_m = '13 cm3/mol'"));
  CHECK(contains(place.read("made.toml"), "L = [\"10684.37 J/mol\", \"3896.42 J/mol\", \"1580.34 J/mol\"]\n"));
  CHECK_FALSE(contains(place.read("made.toml"), "\"1 J/mol\""));
  const Outcome again = place.spinode(call);
  CHECK(again.code == 4);
  CHECK(again.err == "made.toml: exists already; give --overwrite to replace it\n");
  std::vector<std::string> forced = call;
  forced.push_back("--overwrite");
  CHECK(place.spinode(forced).code == 0);
}

TEST_CASE("import-tdb says in one line what is wrong, and writes nothing") {
  const Workplace place;
  place.write("x.tdb", database);
  place.write("squared.tdb", with(database, "5.4627*T", "5.4627*T**2"));
  const auto outcome = [&](const std::string& file, const std::string& phase, const std::string& elements) {
    return place.spinode({"import-tdb", file, "--phase", phase, "--elements", elements, "--output", "made.toml"});
  };
  const auto check = [&](const Outcome& failed, int code, const std::string& message) {
    CHECK(failed.err == message + "\n");
    CHECK(failed.code == code);
    CHECK(failed.out.empty());
    CHECK_FALSE(place.has("made.toml"));
  };
  check(outcome("nowhere.tdb", "LIQUID", "LI,NA"), 4, "nowhere.tdb: no such file");
  check(outcome(".", "LIQUID", "LI,NA"), 4, ".: expected a file");
  check(outcome("x.tdb", "LIQUIT", "LI,NA"), 2, "x.tdb: phase \"LIQUIT\": expected one of LIQUID");
  check(outcome("squared.tdb", "LIQUID", "LI,NA"), 2,
        "squared.tdb:4: L(LIQUID,LI,NA;1): holds -5.4627 T^2: expected a + b T + c T ln T");
  for (const char* elements : {"LI", "LI,LI", "LI,li", "LI,NA,K", "LI,VA", "LI,N2", "LI,", "Lithium,NA"}) {
    const Outcome failed = outcome("x.tdb", "LIQUID", elements);
    CHECK(failed.code == 2);
    CHECK(contains(failed.err, "expected host and solute, such as LI,NA\n"));
  }
  CHECK(place.spinode({"import-tdb", "x.tdb", "--phase", "LIQUID"}).code == 2);
}
