// The same crystal told in larger formula units: n times the sites, the molar energies and the molar volume.
#include <catch2/catch.hpp>

#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

TEST_CASE("a formula unit of two sites gives the run that one of a single site gives") {
  const std::string mobility = GENERATE("degenerate", "constant", "darken");
  const auto end_state = [&](std::vector<std::string> rest) {
    rest.insert(rest.end(), {"mobility.model=" + mobility, "elasticity.model=isotropic", "time.step=\"1 us\""});
    if (mobility == "constant") rest.push_back("mobility.x0=0.25");
    Experiment experiment(li_na(rest));
    experiment.start();
    experiment.run(1e-4);
    return experiment.field();
  };
  const Field<double> one = end_state({"lattice.V_m=\"12 cm3/mol\"", "lattice.chi=0.225"});
  const Field<double> two = end_state({"lattice.V_m=\"24 cm3/mol\"", "lattice.chi=0.225", "free_energy.sites=2",
                                       "free_energy.L=[\"40219.6 J/mol\", \"11545.2 J/mol\"]"});
  CHECK(one.array().maxCoeff() - one.array().minCoeff() > 0.01);
  CHECK(largest_difference(one, two) < 1e-11);
}

TEST_CASE("pressure acts through the excess volumes as if L_k were larger by p V_k") {
  const auto end_state = [](std::vector<std::string> rest) {
    rest.push_back("time.step=\"1 us\"");
    Experiment experiment(li_na(rest));
    experiment.start();
    experiment.run(1e-4);
    return experiment.field();
  };
  const Field<double> shifted = end_state({"free_energy.L=[\"18609.8 J/mol\", \"6272.6 J/mol\"]"});
  const Field<double> pressed = end_state({"pressure=\"0.5 GPa\"", "free_energy.V=[\"-3 cm3/mol\", \"1 cm3/mol\"]"});
  CHECK(largest_difference(shifted, pressed) < 1e-11);
  CHECK(largest_difference(shifted, end_state({})) > 1e-3);
}
