// `spinode check`, `keys`, `list`, `info`, `--version` and how they are called wrongly.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "spinode/case.hpp"
#include "spinode/hdf5.hpp"
#include "workplace.hpp"

using namespace cli;

namespace {

/// Whether a line begins with this word.
bool has_entry(const std::string& text, const std::string& word) { return contains(text, fmt::format("\n{} ", word)); }

std::string checked(const Workplace& place, std::vector<std::string> overrides = {}) {
  overrides.insert(overrides.begin(), {"check", "case.toml"});
  const Outcome outcome = place.spinode(overrides);
  CHECK(outcome.err.empty());
  CHECK(outcome.code == 0);
  CHECK_FALSE(place.has("results"));
  return outcome.out;
}

}  // namespace

TEST_CASE("check says whether x0 is unstable, metastable or stable") {
  const Workplace place;
  place.write("case.toml", alloy);
  const std::string unstable = checked(place);
  CHECK(contains(unstable, "solute in host at 298.15 K (25 degC), x0 = 0.25 (25 at%)\n"));
  CHECK(contains(unstable, "chemical      unstable, inside the spinodal (0.0355 to 0.8286); phases at x ="));
  CHECK(contains(unstable, "fastest wave  lambda_max = "));
  CHECK(contains(unstable, "parameters\nunits = \"SI\"\n"));
  CHECK(contains(unstable, "code units\n"));
  CHECK(contains(unstable, "memory"));
  const std::string metastable = checked(place, {"initial.x=0.03", "initial.noise=0.001"});
  CHECK(
      contains(metastable, "chemical      metastable, outside the spinodal (0.0355 to 0.8286) but between the phases"));
  CHECK(contains(metastable, "decomposes by nucleation only"));
  CHECK_FALSE(contains(metastable, "lambda_max = "));
  CHECK(contains(checked(place, {"initial.x=1e-5", "initial.noise=1e-7"}), "chemical      stable; phases at x ="));
  const std::string hot = checked(place, {"temperature=2000 K"});
  CHECK(contains(hot, "chemical      stable: there is no miscibility gap at this temperature\n"));
  CHECK_FALSE(contains(hot, "interface "));
}

TEST_CASE("check tells the coherent verdict apart from the chemical one") {
  const Workplace place;
  place.write("case.toml", with(alloy, "[gradient]", "chi = 0.2251\n[gradient]"));
  const std::string out = checked(place, {"elasticity.model=isotropic", "elasticity.E=13.8 GPa", "elasticity.nu=0.33",
                                          "initial.x=0.045", "initial.noise=0.001"});
  CHECK(contains(out, "chemical      unstable"));
  CHECK(contains(out, "coherent      metastable"));
}

TEST_CASE(
    "check warns of an interface of fewer than three points, a box shorter than four waves, a widened interface") {
  const Workplace place;
  place.write("case.toml", alloy);
  CHECK_FALSE(contains(checked(place, {"domain.cells=[192]"}), "warning"));
  const std::string coarse = checked(place, {"domain.cells=[32]"});
  CHECK(contains(coarse, "warning: the interface gets "));
  CHECK(contains(coarse, "grid points, fewer than 3: use cells of at most "));
  CHECK(contains(checked(place, {"domain.length=[\"2 nm\"]"}),
                 "lambda_max long, shorter than 4: the box shapes the pattern"));
  place.write("system.toml", "[gradient]\nkappa = \"4.88e-11 J/m\"\n");
  const std::string wide = checked(place, {"system=system.toml", "gradient.kappa=1.952e-10 J/m"});
  CHECK(contains(wide,
                 "warning: the interface is 2 times as wide as the system's own: lengths and interfacial energies "
                 "are 2 times, times 4 times the real ones"));
}

TEST_CASE("check of a case without units prints none") {
  const Workplace place;
  place.write("case.toml", double_well(1));
  const std::string out = checked(place);
  CHECK(contains(out, "solute in host at RT = 1, x0 = 0.5\n"));
  CHECK(contains(out, "lambda_max = 8.886, grows by e in 4\n"));
  CHECK(contains(out, "energy 0.2357: "));
  CHECK_FALSE(contains(out, "J/m"));
}

TEST_CASE("check reads a system beside the case, whatever the current folder, and the shipped ones") {
  const Workplace place;
  place.write("sub/case.toml", "system = \"system.toml\"\n" + with(alloy, "V_m = \"12.045 cm3/mol\"", ""));
  place.write("sub/system.toml", "[lattice]\nV_m = \"13 cm3/mol\"\n");
  const Outcome own = place.spinode({"check", "sub/case.toml"});
  CHECK(own.err.empty());
  CHECK(contains(own.out, "lattice.V_m = \"1.3e-05 m3 mol-1\"\n"));
  place.write("case.toml", with(alloy, "temperature", "system = \"systems/li-na.toml\"\ntemperature"));
  CHECK(contains(checked(place), "Na in Li at 298.15 K"));
}

TEST_CASE("keys prints every key of every model with its unit, bounds and default") {
  const Workplace place;
  const Outcome outcome = place.spinode({"keys"});
  CHECK(outcome.code == 0);
  const std::string text = fmt::format("\n{}", outcome.out);
  const std::vector<spinode::Declaration> all = spinode::all_keys();
  CHECK(all.size() > 60);
  for (const spinode::Declaration& key : all) CHECK(has_entry(text, key.name));
  for (const char* key : {"free_energy.L_TlnT", "free_energy.W", "free_energy.coefficients", "mobility.M0",
                          "mobility.D_solute", "mobility.Q_host", "elasticity.nu", "elasticity.C44", "initial.dataset",
                          "gradient.interface_energy", "output.first", "time.max_step", "threads", "units"})
    CHECK(has_entry(text, key));
  CHECK(contains(outcome.out, "quantity in s, > 0 s, required\n"));
  CHECK(contains(outcome.out, "quantity, >= 1e-09 and <= 0.5, default 0.0001\n"));
  CHECK(contains(outcome.out, "text, \"SI\", \"none\", default \"SI\"\n"));
  CHECK(contains(outcome.out, "text, optional\n"));
}

TEST_CASE("list prints every model by kind") {
  const Workplace place;
  const Outcome outcome = place.spinode({"list"});
  CHECK(outcome.code == 0);
  for (const char* line :
       {"free_energy.model\n  redlich_kister ", "\n  double_well ", "\n  polynomial ", "mobility.model\n  constant ",
        "\n  degenerate ", "\n  darken ", "elasticity.model\n  none ", "\n  isotropic ", "\n  cubic ",
        "initial.model\n  uniform ", "\n  file ", "\n  layers ", "\n  spheres ", "measures.use\n  structure ",
        "\n  tortuosity ", "time.scheme\n  auto ", "\n  semi_implicit ", "\n  implicit ", "\n  convex_splitting "})
    CHECK(contains(outcome.out, line));
}

TEST_CASE("info tells what a snapshot and a results folder hold, and names what it cannot read") {
  const Workplace place;
  place.write("case.toml", alloy);
  REQUIRE(place.spinode({"run", "case.toml", "output.every=0.5us", "output.fields=[\"x\", \"mu\"]", "--quiet"}).code ==
          0);
  const Outcome file = place.spinode({"info", "results/case/snapshots/case_000001.hdf"});
  CHECK(file.code == 0);
  CHECK(contains(file.out, "results/case/snapshots/case_000001.hdf\n  case case, step "));
  CHECK(contains(file.out, ", time 500 ns\n"));
  CHECK(contains(file.out, "  mu [J mol-1]: 64 cells of 0.25 nm, "));
  CHECK(contains(file.out, "  x [1]: 64 cells of 0.25 nm, "));
  const Outcome folder = place.spinode({"info", "results/case"});
  CHECK(folder.code == 0);
  CHECK(contains(folder.out, "results/case: 3 snapshots from 0 s to 1 us\n"));
  for (const char* name : {"resolved.toml", "timeseries.csv", "structure_factor.h5", "summary.json",
                           "measures/interface.csv", "measures/phases.csv"})
    CHECK(contains(folder.out, fmt::format("  {} ", name)));
  CHECK(contains(folder.out, "results/case/snapshots/case_000002.hdf\n"));

  const auto fails = [&](const std::string& path, const std::string& message) {
    const Outcome outcome = place.spinode({"info", path});
    CHECK(outcome.err == message + "\n");
    CHECK(outcome.code == 4);
  };
  fails("nowhere", "nowhere: no such file or folder");
  fails("case.toml", "case.toml: is not an HDF5 file, or is damaged");
  fails("results", "results: holds no snapshots");
  fails("results/case/structure_factor.h5", "results/case/structure_factor.h5: has no attribute time_unit at /");
  const std::string whole = place.read("results/case/snapshots/case_000002.hdf");
  place.write("cut.hdf", whole.substr(0, whole.size() / 2));
  fails("cut.hdf", "cut.hdf: is not an HDF5 file, or is damaged");
}

TEST_CASE("the options --version and --help end with 0, a wrong call with 2") {
  const Workplace place;
  const Outcome version = place.spinode({"--version"});
  CHECK(version.code == 0);
  CHECK(version.out.find_first_of("0123456789") == 0);
  CHECK(place.spinode({"--help"}).code == 0);
  CHECK(contains(place.spinode({"run", "--help"}).out, "--overwrite"));
  for (const auto& arguments : std::vector<std::vector<std::string>>{{},
                                                                     {"run"},
                                                                     {"walk"},
                                                                     {"info"},
                                                                     {"run", "a.toml", "--thread", "2"},
                                                                     {"run", "a.toml", "--threads", "two"},
                                                                     {"run", "a.toml", "--output"}}) {
    const Outcome outcome = place.spinode(arguments);
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    CHECK(contains(outcome.err, "Run with --help for more information.\n"));
  }
}
