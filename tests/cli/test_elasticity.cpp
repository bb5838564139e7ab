// Elasticity as a user has it: fields of snapshots, loads, moduli of both metals and creep in the files and words of a
// run, and what is wrong with a case that asks for them.
#include <fmt/format.h>

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <complex>
#include <map>
#include <numbers>
#include <sstream>

#include "spinode/case.hpp"
#include "spinode/hdf5.hpp"
#include "spinode/needs.hpp"
#include "workplace.hpp"

using namespace cli;
using spinode::Hdf5File;

namespace {

/// Li-Na in 1D, isotropic, with the misfit that it needs.
std::string coherent() {
  return with(with(alloy, "V_m = \"12.045 cm3/mol\"", "V_m = \"12.045 cm3/mol\"\nchi = 0.25"), "\"none\"",
              "\"isotropic\"\nE = \"14 GPa\"\nnu = 0.3");
}

/// The columns of the last row of a time series, by their heads.
std::map<std::string, double> last_row(const Workplace& place) {
  std::istringstream rows(place.read("results/case/timeseries.csv"));
  std::string head, row, last, name, value;
  std::getline(rows, head);
  while (std::getline(rows, row)) last = row;
  std::istringstream names(head), values(last);
  std::map<std::string, double> columns;
  while (std::getline(names, name, ',') && std::getline(values, value, ',')) columns[name] = std::stod(value);
  return columns;
}

}  // namespace

TEST_CASE("the elastic fields of a run are written with their units, shapes and components, and info prints them") {
  // Isotropic, E chi/(1-nu) = 5 GPa: the pressure is 2/3 of that times x - x_mean, whatever the shape of x.
  const std::string all =
      "output.fields=[\"x\", \"stress\", \"von_mises\", \"displacement\", \"strain\", \"pressure\", "
      "\"elastic_energy_density\"]";
  // Odd numbers of cells along periodic axes: every wave has a derivative.
  const std::vector<std::string> line{"domain.length=[\"15.75 nm\"]", "domain.cells=[63]"},
      plane{"domain.length=[\"3.75 nm\", \"3 nm\"]", "domain.cells=[15, 12]",
            "domain.boundary=[\"periodic\", \"no_flux\"]"},
      box{"domain.length=[\"2 nm\", \"2 nm\", \"1 nm\"]", "domain.cells=[10, 8, 6]",
          "domain.boundary=[\"no_flux\", \"no_flux\", \"no_flux\"]"};
  const Workplace place;
  place.write("case.toml", coherent());
  for (const auto& [shape, changes] : {std::pair<std::vector<std::size_t>, std::vector<std::string>>{{2, 2, 63}, line},
                                       {{2, 12, 15}, plane},
                                       {{6, 8, 10}, box}})
    for (const char* precision : {"double", "float"}) {
      std::vector<std::string> arguments{"run",
                                         "case.toml",
                                         all,
                                         "planning=estimate",
                                         "output.every=0.5us",
                                         "--overwrite",
                                         "--quiet",
                                         fmt::format("precision={}", precision),
                                         "output.precision=float64"};
      arguments.insert(arguments.end(), changes.begin(), changes.end());
      const Outcome outcome = place.spinode(arguments);
      CHECK(outcome.err.empty());
      REQUIRE(outcome.code == 0);
      const std::string name = "results/case/snapshots/case_000002.hdf";
      const Hdf5File snapshot = Hdf5File::open(place.folder() / name);
      const auto data = [&](const std::string& field) { return "/VTKHDF/PointData/" + field; };
      std::vector<std::size_t> vector = shape, tensor = shape;
      vector.push_back(3);
      tensor.push_back(6);
      for (const auto& [field, unit, extents] : {std::tuple{"x", "1", shape},
                                                 {"stress", "Pa", tensor},
                                                 {"strain", "1", tensor},
                                                 {"displacement", "nm", vector},
                                                 {"von_mises", "Pa", shape},
                                                 {"pressure", "Pa", shape},
                                                 {"elastic_energy_density", "J m-3", shape}}) {
        CAPTURE(field);
        CHECK(snapshot.shape(data(field)) == extents);
        CHECK(snapshot.read_text(data(field), "unit") == unit);
      }
      CHECK(snapshot.read_text(data("stress"), "components") == "xx yy zz xy yz xz");
      CHECK(snapshot.read_text(data("displacement"), "components") == "x y z");

      const auto x = snapshot.read(data("x")), stress = snapshot.read(data("stress")),
                 pressure = snapshot.read(data("pressure")), displacement = snapshot.read(data("displacement"));
      double mean = 0, spread = 0;
      for (const double value : x) mean += value / static_cast<double>(x.size());
      for (const double value : x) spread = std::max(spread, std::abs(value - mean));
      REQUIRE(spread > 1e-3);
      double worst = 0, trace = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        worst = std::max(worst, std::abs(pressure[i] - 10e9 / 3 * (x[i] - mean)));
        trace = std::max(trace, std::abs(stress[6 * i] + stress[6 * i + 1] + stress[6 * i + 2] + 3 * pressure[i]));
      }
      const double round_off = std::string(precision) == "float" ? 1e-5 : 1e-11;
      CHECK(worst < round_off * 1e9);
      CHECK(trace < round_off * 1e9);
      if (shape[1] == 2) {
        // The longest wave: x = cos(kr) goes with u = chi (1+nu)/(1-nu) sin(kr)/k, k = 2 pi/(15.75 nm).
        std::complex<double> of_x = 0, of_u = 0;
        const double k = 2 * std::numbers::pi / 15.75;
        for (std::size_t i = 0; i < 63; ++i) {
          const std::complex<double> wave = std::polar(1.0, -k * 0.25 * static_cast<double>(i));
          of_x += wave * x[i];
          of_u += wave * displacement[3 * i];
        }
        REQUIRE(std::abs(of_x) > 1e-3);
        const std::complex<double> wanted = 0.25 * 1.3 / 0.7 * of_x / std::complex<double>(0, k);
        CHECK(std::abs(of_u - wanted) < 1e-4 * std::abs(wanted));
      }

      const std::string cells = shape[1] == 2   ? "63 cells of 0.25 nm"
                                : shape[0] == 2 ? "15 x 12 cells of 0.25 nm"
                                                : "10 x 8 x 6 cells of 0.2 nm";
      const Outcome info = place.spinode({"info", name});
      CHECK(info.code == 0);
      for (const char* field : {"stress xx [Pa]", "stress xz [Pa]", "strain yy [1]", "displacement z [nm]",
                                "von_mises [Pa]", "pressure [Pa]", "elastic_energy_density [J m-3]", "x [1]"})
        CHECK(contains(info.out, fmt::format("  {}: {}, ", field, cells)));
      const std::string index = place.read("results/case/case.xdmf");
      CHECK(contains(index, fmt::format("<Attribute Name=\"stress\" AttributeType=\"Matrix\" Center=\"Node\">\n"
                                        "          <DataItem Format=\"HDF\" NumberType=\"Float\" Precision=\"8\" "
                                        "Dimensions=\"{} {} {} 6\">",
                                        shape[0], shape[1], shape[2])));
      CHECK(contains(index, "<Attribute Name=\"displacement\" AttributeType=\"Vector\""));
      CHECK(contains(index, "<Attribute Name=\"von_mises\" AttributeType=\"Scalar\""));
    }
}

TEST_CASE("a dimensionless case has elastic fields without units") {
  const Workplace place;
  place.write("well.toml", double_well(2) +
                               "fields = [\"x\", \"stress\", \"displacement\"]\n\n[lattice]\nchi = 0.01\n\n"
                               "[elasticity]\nmodel = \"cubic\"\nC11 = 3\nC12 = 1\nC44 = 2\n");
  const Outcome outcome = place.spinode({"run", "well.toml", "--quiet"});
  CHECK(outcome.err.empty());
  REQUIRE(outcome.code == 0);
  const Hdf5File snapshot = Hdf5File::open(place.folder() / "results/well/snapshots/well_000002.hdf");
  CHECK(snapshot.read_text("/VTKHDF/PointData/stress", "unit") == "1");
  CHECK(snapshot.read_text("/VTKHDF/PointData/displacement", "unit") == "1");
  CHECK(snapshot.shape("/VTKHDF/PointData/displacement") == std::vector<std::size_t>{2, 12, 16, 3});
}

TEST_CASE("check names the tables of measures, and counts the components of fields in the size of the output") {
  const Workplace place;
  place.write("case.toml", coherent());
  const std::string plain = place.spinode({"check", "case.toml"}).out,
                    unmeasured = place.spinode({"check", "case.toml", "measures.use=[]"}).out,
                    measured = place
                                   .spinode({"check", "case.toml", "measures.use=[\"curvature\", \"phases\"]",
                                             "domain.length=[\"16 nm\", \"4 nm\"]", "domain.cells=[64, 16]",
                                             "domain.boundary=[]"})
                                   .out;
  CHECK(contains(plain,
                 "\n  measures      structure, phases, interface, connectivity every 100 steps and at snapshots\n"));
  CHECK(contains(measured, "\n  measures      curvature at snapshots\n  measures      phases every 100 steps"));
  CHECK_FALSE(contains(unmeasured, "measures      "));
  // Of 64 cells in 1D, two layers along both other axes, in single precision; 1 and 10 numbers a cell.
  const auto config = [&](const std::vector<std::string>& keys) {
    return spinode::Case::load(place.folder() / "case.toml", keys);
  };
  CHECK(contains(plain, "\n  output        21 snapshots of "));
  CHECK(spinode::snapshot_bytes(config({"output.fields=[\"x\", \"stress\", \"displacement\"]"})) -
            spinode::snapshot_bytes(config({})) ==
        Approx(4 * 64 * 4 * 9).margin(100));
}

TEST_CASE("stresses in a snapshot are those of the coherent share of the misfit") {
  const auto largest = [](const char* coherency) {
    const Workplace place;
    place.write("case.toml", with(alloy, "[gradient]", "chi = 0.2251\n[gradient]"));
    const Outcome outcome =
        place.spinode({"run", "case.toml", "elasticity.model=isotropic", "elasticity.E=13.8 GPa", "elasticity.nu=0.33",
                       coherency, "output.fields=[\"von_mises\"]", "output.precision=float64", "time.end=1 ns"});
    REQUIRE(outcome.err.empty());
    const std::vector<double> values =
        Hdf5File::open(place.folder() / "results/case/snapshots/case_000000.hdf").read("/VTKHDF/PointData/von_mises");
    return *std::max_element(values.begin(), values.end());
  };
  const double whole = largest("elasticity.coherency=1");
  CHECK(whole > 1e6);
  CHECK(largest("elasticity.coherency=0.5") == Approx(whole / 2).epsilon(1e-12));
  CHECK(largest("elasticity.coherency=0") == 0);
}

TEST_CASE("a crystal turned by an angle that its symmetry allows has stresses too") {
  for (const char* const angle : {"45 degree", "90 degree"}) {
    const Workplace place;
    place.write("case.toml", with(alloy, "[gradient]", "chi = 0.2251\n[gradient]"));
    const Outcome outcome = place.spinode({"run", "case.toml", "elasticity.model=cubic", "elasticity.C11=13.42 GPa",
                                           "elasticity.C12=11.30 GPa", "elasticity.C44=8.89 GPa",
                                           fmt::format("elasticity.euler=[\"{}\", \"0 degree\", \"0 degree\"]", angle),
                                           "output.fields=[\"stress\"]", "time.end=1 ns"});
    CHECK(outcome.err.empty());
    CHECK(outcome.code == 0);
  }
}

TEST_CASE("a run with moduli of both metals, a load and creep tells of them in words, columns and fields") {
  const Workplace place;
  place.write("case.toml", coherent());
  const std::vector<std::string> all{"elasticity.moduli=mixed",
                                     "elasticity.solute={E=\"6 GPa\", nu=0.32}",
                                     "elasticity.average=clamped",
                                     "elasticity.average_stress.xx=-50 MPa",
                                     "elasticity.average_strain.yz=0.1 %",
                                     "elasticity.creep={model=\"viscous\", viscosity=\"3 kPa s\"}",
                                     "elasticity.creep.solute.relaxation_time=2 us",
                                     "output.fields=[\"x\", \"stress\", \"creep_strain\"]",
                                     "output.precision=float64"};
  std::vector<std::string> check{"check", "case.toml"}, run{"run", "case.toml", "--quiet"};
  check.insert(check.end(), all.begin(), all.end());
  run.insert(run.end(), all.begin(), all.end());
  const std::string told = place.spinode(check).out;
  CHECK(contains(told,
                 "  elasticity    moduli linear in x between host and solute; average stress xx = -50 MPa; average "
                 "strain yz = 0.001; clamped yy zz xz xy\n"));
  // Shear modulus of the host 14/2.6 GPa.
  CHECK(contains(told, "  creep         relaxes a shear in 557.1 ns (host), 2 us (solute)\n"));
  const Outcome outcome = place.spinode(run);
  CHECK(outcome.err.empty());
  REQUIRE(outcome.code == 0);
  const auto columns = last_row(place);
  for (const char* name :
       {"energy_load [J m-2]", "energy_dissipated [J m-2]", "coherency_relaxed", "von_mises_max [Pa]"})
    CHECK(columns.count(name) == 1);
  CHECK(columns.at("energy_dissipated [J m-2]") > 0);
  CHECK(columns.at("coherency_relaxed") > 0);
  CHECK(columns.at("coherency_relaxed") < 1);
  CHECK(columns.at("energy_total [J m-2]") ==
        Approx(columns.at("energy_chemical [J m-2]") + columns.at("energy_gradient [J m-2]") +
               columns.at("energy_elastic [J m-2]") + columns.at("energy_load [J m-2]"))
            .epsilon(1e-14));
  const std::string summary = place.read("results/case/summary.json");
  for (const char* name : {"\"energy_load\" : ", "\"von_mises_max\" : ", "\"coherency_relaxed\" : ",
                           "\"energy_dissipated\" : ", "\"elastic_iterations\" : "})
    CHECK(contains(summary, name));
  const Hdf5File last = Hdf5File::open(place.folder() / "results/case/snapshots/case_000020.hdf");
  const auto stress = last.read("/VTKHDF/PointData/stress"), creep = last.read("/VTKHDF/PointData/creep_strain");
  CHECK(last.read_text("/VTKHDF/PointData/creep_strain", "unit") == "1");
  double average = 0, trace = 0, largest = 0;
  const std::size_t points = stress.size() / 6;
  for (std::size_t i = 0; i < points; ++i) {
    average += stress[6 * i] / static_cast<double>(points);
    trace = std::max(trace, std::abs(creep[6 * i] + creep[6 * i + 1] + creep[6 * i + 2]));
    largest = std::max(largest, std::abs(creep[6 * i]));
  }
  CHECK(average == Approx(-50e6).epsilon(1e-8));
  CHECK(largest > 1e-6);
  CHECK(trace < 1e-14);
}

TEST_CASE("columns of load, creep and stress are only those that a case has") {
  const Workplace place;
  place.write("case.toml", coherent());
  const auto head = [&](const std::vector<std::string>& overrides) {
    std::vector<std::string> arguments{"run", "case.toml", "--quiet", "--overwrite", "time.end=1 ns"};
    arguments.insert(arguments.end(), overrides.begin(), overrides.end());
    REQUIRE(place.spinode(arguments).err.empty());
    const std::string series = place.read("results/case/timeseries.csv");
    return series.substr(0, series.find('\n'));
  };
  const std::string plain = head({});
  for (const char* name : {"energy_load", "energy_dissipated", "coherency_relaxed", "von_mises_max"})
    CHECK_FALSE(contains(plain, name));
  CHECK(head({"elasticity.average_stress.xx=-5 MPa"}) ==
        with(plain, ",energy_total", ",energy_load [J m-2],energy_total"));
  CHECK(head({"elasticity.moduli=mixed", "elasticity.solute={E=\"6 GPa\", nu=0.3}"}) ==
        with(plain, ",length", ",von_mises_max [Pa],length"));
  CHECK(head({"elasticity.creep={model=\"viscous\", relaxation_time=\"1 us\"}"}) ==
        with(plain, ",length", ",energy_dissipated [J m-2],coherency_relaxed,von_mises_max [Pa],length"));
}

TEST_CASE("a uniform load on one stiffness costs a constant energy, by Hooke's law") {
  const Workplace place;
  place.write("case.toml", coherent());
  const auto energies = [&](const std::vector<std::string>& overrides) {
    std::vector<std::string> arguments{"run", "case.toml", "--quiet", "--overwrite", "time.end=1 ns"};
    arguments.insert(arguments.end(), overrides.begin(), overrides.end());
    REQUIRE(place.spinode(arguments).err.empty());
    return last_row(place);
  };
  const double plain = energies({}).at("energy_elastic [J m-2]");
  // 16 nm of it. Stress s along x, free sideways: s^2/2E stored, -s^2/E of load; strain e along x, clamped sideways:
  // e^2/2 times E (1-nu)/((1+nu)(1-2nu)).
  const auto loaded = energies({"elasticity.average_stress.xx=-0.7 GPa"});
  CHECK(loaded.at("energy_elastic [J m-2]") - plain == Approx(16e-9 * 0.7e9 * 0.7e9 / 28e9).epsilon(1e-9));
  CHECK(loaded.at("energy_load [J m-2]") == Approx(-16e-9 * 0.7e9 * 0.7e9 / 14e9).epsilon(1e-9));
  const auto strained = energies({"elasticity.average=clamped", "elasticity.average_strain.xx=5 %"});
  CHECK(strained.at("energy_elastic [J m-2]") - plain ==
        Approx(16e-9 * 0.05 * 0.05 / 2 * 14e9 * 0.7 / (1.3 * 0.4)).epsilon(1e-9));
}

TEST_CASE("bad config: moduli, averages and creep") {
  const Workplace place;
  place.write("case.toml", coherent());
  const auto error = [&](const std::vector<std::string>& overrides) {
    std::vector<std::string> arguments{"check", "case.toml"};
    arguments.insert(arguments.end(), overrides.begin(), overrides.end());
    const Outcome outcome = place.spinode(arguments);
    CHECK(outcome.code == (outcome.err.empty() ? 0 : 2));
    return outcome.err;
  };
  CHECK(contains(error({"elasticity.moduli=both"}),
                 "elasticity.moduli = \"both\": expected one of \"host\", \"mixed\"\n"));
  const std::string lacking = error({"elasticity.moduli=mixed"});
  CHECK(contains(lacking,
                 "case.toml: missing key elasticity.solute.E: expected a stress (Pa) > 0 Pa: Young's modulus of the "
                 "pure solute\n"));
  CHECK(contains(lacking, "case.toml: missing key elasticity.solute.nu: "));
  CHECK(
      contains(error({"elasticity.average=free"}), "elasticity.average = \"free\": expected one of \"stress_free\", "));
  place.write("twice.toml",
              with(coherent(), "nu = 0.3", "nu = 0.3\naverage_strain.xx = 0.01\naverage_stress.xx = \"1 MPa\""));
  CHECK(contains(
      place.spinode({"check", "twice.toml"}).err,
      "elasticity.average_stress.xx = \"1 MPa\": elasticity.average_strain.xx is given already; give one of the "
      "two\n"));
  CHECK(contains(error({"elasticity.average_stress.xx=5 K"}),
                 "elasticity.average_stress.xx = \"5 K\": expected a stress (Pa)"));
  CHECK(contains(error({"domain.boundary=[\"no_flux\"]", "elasticity.average_stress.xy=5 MPa"}),
                 "elasticity.average_stress.xy = \"5 MPa\": a no_flux axis ends at a frictionless wall, which bears no "
                 "shear\n"));
  CHECK(error({"domain.boundary=[\"no_flux\"]", "elasticity.average_stress.yz=5 MPa"}).empty());
  CHECK(contains(error({"elasticity.tolerance=0"}), "elasticity.tolerance = 0: must be >= 1e-12 and <= 0.1\n"));
  CHECK(contains(error({"elasticity.creep.model=viscous"}),
                 "missing key elasticity.creep.viscosity: give it, or elasticity.creep.relaxation_time\n"));
  CHECK(contains(error({"elasticity.creep={model=\"viscous\", viscosity=\"1 Pa s\", relaxation_time=\"1 s\"}"}),
                 "elasticity.creep.viscosity is given already; give one of the two\n"));
  CHECK(contains(error({"elasticity.creep={model=\"power_law\", rate=\"1e-5 s-1\", stress=\"1 MPa\", exponent=0.5}"}),
                 "elasticity.creep.exponent = 0.5: must be >= 1 and <= 20\n"));
  CHECK(contains(error({"output.fields=[\"x\", \"creep_strain\"]"}),
                 "\"creep_strain\" needs an elasticity.creep.model other than \"none\"\n"));
  // Without elasticity none of it is read.
  CHECK(contains(error({"elasticity={model=\"none\", average=\"clamped\"}"}), "elasticity.average"));
}

TEST_CASE("a power law of creep far beyond the stresses that it is measured at is warned of") {
  const Workplace place;
  place.write("case.toml", coherent());
  const std::string creep = "elasticity.creep={model=\"power_law\", rate=\"1e-5 s-1\", stress=\"0.4 MPa\", exponent=6}";
  const Outcome outcome = place.spinode({"check", "case.toml", creep});
  CHECK(outcome.code == 0);
  CHECK(
      contains(outcome.out,
               "  creep         1e-05 /s at 400 kPa in host, exponent 6; 1e-05 /s at 400 kPa in solute, exponent 6\n"));
  CHECK(contains(outcome.out, "warning: coherent phases 10 at% apart bear about 538.5 MPa"));
  CHECK_FALSE(contains(place.spinode({"check", "case.toml", creep, "elasticity.coherency=0.0001"}).out, "power laws"));
}
