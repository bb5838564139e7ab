// The partial molar energy of the host where a sink takes it: G - x G' of a phase, the common tangent at an interface
// (Cahn & Hilliard 1958), and what the energy of an electrode loses with the host.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "boxes.hpp"
#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

namespace {

/// Keys of a 1D electrode without current, of this length and with a sink layer of this share, beside others.
std::vector<std::string> electrode(double length, const std::string& unit, int cells, double layer,
                                   const std::vector<std::string>& more) {
  const auto quantity = [](double value, const std::string& in) {
    return in.empty() ? fmt::format("{}", value) : fmt::format("\"{} {}\"", value, in);
  };
  std::vector<std::string> keys{fmt::format("domain.length=[{}]", quantity(length, unit)),
                                fmt::format("domain.cells=[{}]", cells), "domain.boundary=[\"no_flux\"]",
                                "electrode.current_density=" + quantity(0, unit.empty() ? "" : "A/m2"),
                                "electrode.layer=" + quantity(layer * length, unit)};
  keys.insert(keys.end(), more.begin(), more.end());
  return keys;
}

Case double_well_electrode(int cells, double layer, const std::vector<std::string>& more) {
  return double_well_case(electrode(60, "", cells, layer, more));
}

Case li_na_electrode(int cells, double layer, const std::vector<std::string>& more) {
  return li_na(electrode(5.5, "nm", cells, layer, more));
}

/// An electrode at rest with a flat interface, from the solute-poor phase at the separator to the other, or back.
class Interface {
 public:
  /// `at`: distance of the interface from the separator, over the thickness. Energies are those of the equation.
  Interface(const Case& config, double at, double time, bool solute_first = false) : experiment_(config) {
    const double T = config.temperature.at(0), L = config.grid.thickness(), unit = experiment_.model.units().energy;
    const FreeEnergy G = experiment_.model.energy(T), chemical = experiment_.model.chemical(T);
    gap = miscibility_gaps(G).at(0);
    const double width = flat_interface(G, gap, experiment_.model.kappa(), experiment_.model.V_m()).width;
    const int z = config.grid.dimension() - 1;
    experiment_.start([&](const auto& r) {
      const double blend = 0.5 * (1 + std::tanh((solute_first ? -2 : 2) * (r[z] - at * L) / width));
      return gap.x_alpha * 1.2 + (gap.x_beta - 1.2 * gap.x_alpha - 0.2 * gap.one_minus_x_beta) * blend;
    });
    experiment_.run(time);
    RT = experiment_.model.RT(T) / unit;
    mean = experiment_.stepper.state()[0];
    // Coherent waves cost a (x - mean)^2 = a x^2 - 2 a mean x + a mean^2, and the tangent to G + a x^2 lacks the last.
    tangent = (gap.omega + G.G(mean) - chemical.G(mean)) / unit;
    const double middle = (gap.x_alpha + gap.x_beta) / 2;
    barrier = (G.G(middle) - gap.omega - gap.mu * middle) / unit;
  }

  double host_potential() { return experiment_.equation.host_potential(experiment_.stepper.state()); }

  /// What a unit of velocity takes from the energy of the electrode, per area, in a unit of time.
  double energy_taken() {
    CahnHilliard<double>& equation = experiment_.equation;
    const Spectrum<double>& x_hat = experiment_.stepper.state();
    const double L = equation.grid().thickness(), dt = 1e-5 * L;
    Spectrum<double> b_hat(equation.grid()), moved(equation.grid());
    equation.flow()->drive(1);
    equation.present(x_hat);
    equation.evaluate(nullptr, &b_hat);
    const auto energy_after = [&](double time) {
      const double thickness = L - time;
      equation.set_thickness(thickness);
      moved.array() = L * (x_hat.array() + time * b_hat.array()) / thickness;
      const CellReport cells = equation.survey(moved);
      const auto energies = equation.linear().energies(moved);
      equation.set_thickness(L);
      return thickness * (cells.chemical + energies.gradient + energies.elastic);
    };
    const double taken = (energy_after(-dt) - energy_after(dt)) / (2 * dt);
    equation.flow()->drive(0);
    return taken;
  }

  MiscibilityGap gap{};
  double RT = 1, mean = 0, tangent = 0, barrier = 0;

 private:
  Experiment<double> experiment_;
};

}  // namespace

TEST_CASE("a uniform electrode has the host potential G - x G', whatever the sink", "[analytic]") {
  const FreeEnergy logarithmic = redlich_kister(1, {8.1, 2.3}), polynomial = double_well(5, 0.3, 0.7);
  const Coherency coherency = [](const std::array<double, 3>&) { return 1.7; };
  for (const Grid& grid : boxes({8, 6, 10})) {
    if (!no_flux(grid, grid.dimension() - 1)) continue;
    for (const FreeEnergy* G : {&logarithmic, &polynomial})
      for (const SinkWeight weight : {SinkWeight::uniform, SinkWeight::host_fraction, SinkWeight::host_activity}) {
        if (G == &polynomial && weight == SinkWeight::host_activity) continue;
        CahnHilliard<double> equation(grid,
                                      {.G = *G,
                                       .coherency = coherency,
                                       .flow = FlowParameters{.layer = 0.5,
                                                              .weight = weight,
                                                              .contact_noise = grid.dimension() > 1 ? 0.3 : 0,
                                                              .contact_length = 1}},
                                      Planning::estimate);
        for (const double x : {0.01, 0.3, 0.55, 0.97}) {
          CAPTURE(grid.dimension(), G->ideal(), static_cast<int>(weight), x);
          Spectrum<double> x_hat(grid);
          x_hat[0] = x;
          CHECK(equation.host_potential(x_hat) == Approx(G->G(x) - x * G->dG(x)).epsilon(1e-13).margin(1e-13));
        }
      }
  }
}

TEST_CASE("the host potential is that of the places where the sink takes the host", "[analytic]") {
  const Grid grid({{3, 6, Boundary::periodic}, {4, 12, Boundary::no_flux}});
  const FreeEnergy G = redlich_kister(1, {1.4, 0.3});
  const Field<double> x = noise(grid, 5, 0.05, 0.95);
  double before = 0;
  for (const SinkWeight weight : {SinkWeight::uniform, SinkWeight::host_fraction, SinkWeight::host_activity}) {
    // Without a gradient energy each cell has its own.
    const FlowParameters flow{.layer = 0.5, .weight = weight, .contact_noise = 0.3, .contact_length = 0.5};
    CahnHilliard<double> equation(grid, {.G = G, .kappa = 0, .flow = flow}, Planning::estimate);
    const std::vector<double> strength = equation.flow()->strengths(x, G, weight);
    double expected = 0;
    for (std::size_t i = 0; i < strength.size(); ++i) expected += strength[i] * (G.G(x[i]) - x[i] * G.dG(x[i]));
    const Spectrum<double> x_hat = amplitudes(grid, x);
    equation.flow()->drive(1);
    const double found = equation.host_potential(x_hat);
    CAPTURE(static_cast<int>(weight));
    CHECK(found == Approx(expected).epsilon(1e-12));
    CHECK(std::abs(found - before) > 0.01);
    before = found;
    // The state of the sink comes along with the rate.
    SinkState sink;
    equation.present(x_hat);
    equation.evaluate(nullptr, nullptr, &sink);
    CHECK(sink.x == Approx(equation.flow()->state(x).x).epsilon(1e-13));
    CHECK(sink.host_least == Approx(equation.flow()->state(x).host_least).epsilon(1e-13));
  }
}

TEST_CASE("a double well in equilibrium has one host potential, in its phases and across its interface", "[analytic]") {
  const std::string sink = GENERATE("uniform", "fraction");
  const std::vector<std::string> keys{"electrode.sink=" + sink};
  SECTION("in either phase") {
    for (const bool solute_first : {false, true}) {
      CAPTURE(sink, solute_first);
      Interface found(double_well_electrode(60, 0.1, keys), 0.5, 1e4, solute_first);
      CHECK(std::abs(found.host_potential() - found.tangent) < 1e-6 * found.barrier);
    }
  }
  SECTION("across the interface, to second order in the cells") {
    const auto error = [&](int cells) {
      Interface found(double_well_electrode(cells, 0.5, keys), 0.25, 1e4);
      return std::abs(found.host_potential() - found.tangent) / found.barrier;
    };
    const double coarse = error(60), fine = error(120);
    CAPTURE(sink, coarse, fine);
    CHECK(coarse < 4e-3);  // 4.5 cells to the width of the interface
    CHECK(fine < 0.3 * coarse + 1e-6);
  }
  SECTION("where the interface stands upright on the separator") {
    Experiment experiment(double_well_case({"domain.length=[60, 10]", "domain.cells=[60, 8]",
                                            "domain.boundary=[\"no_flux\", \"no_flux\"]", "electrode.layer=5",
                                            "electrode.current_density=0", keys[0]}));
    experiment.start([](const auto& r) { return 0.5 + 0.19 * std::tanh((r[0] - 27) / 4); });
    experiment.run(1e4);
    const double barrier = 5 * std::pow(0.2, 4);
    CHECK(std::abs(experiment.equation.host_potential(experiment.stepper.state())) < 4e-3 * barrier);
  }
}

TEST_CASE("Li-Na in equilibrium has the host potential of the common tangent, across its interface too", "[analytic]") {
  for (const std::string sink : {"uniform", "fraction"}) {
    Interface found(li_na_electrode(128, 0.5, {"electrode.sink=" + sink}), 0.25, 2e-3);
    CAPTURE(sink, found.host_potential(), found.tangent, found.RT);
    CHECK(std::abs(found.host_potential() - found.tangent) < 5e-3 * found.RT);
    CHECK(found.tangent == Approx(0).margin(1e-3));
  }
}

TEST_CASE("coherent Li-Na in equilibrium has the host potential of the coherent tangent", "[analytic]") {
  const std::string sink = GENERATE("uniform", "fraction", "activity");
  const std::string mobility = GENERATE("degenerate", "constant");
  std::vector<std::string> keys{"electrode.sink=" + sink, "mobility.model=" + mobility, "elasticity.model=isotropic"};
  if (mobility == "constant") keys.push_back("mobility.x0=0.25");
  CAPTURE(sink, mobility);
  // The energy a (mean)^2 that sets this apart from the tangent is of the order of RT.
  SECTION("in either phase") {
    for (const bool solute_first : {false, true}) {
      CAPTURE(solute_first);
      Interface found(li_na_electrode(64, 0.125, keys), 0.5, 4e-3, solute_first);
      CAPTURE(found.host_potential(), found.tangent, found.mean);
      CHECK(std::abs(found.host_potential() - found.tangent) < 1e-3 * found.RT);
    }
  }
  SECTION("across the interface") {
    Interface found(li_na_electrode(64, 0.5, keys), 0.25, 4e-3);
    CAPTURE(found.host_potential(), found.tangent, found.mean);
    CHECK(std::abs(found.host_potential() - found.tangent) < 2e-3 * found.RT);
  }
}

TEST_CASE("an electrode in equilibrium loses the host potential with the host", "[analytic]") {
  SECTION("in a double well") {
    for (const double at : {0.15, 0.25, 0.7}) {
      Interface found(double_well_electrode(120, 0.5, {}), at, 1e4);
      CAPTURE(at, found.energy_taken(), found.host_potential(), found.barrier);
      CHECK(std::abs(found.energy_taken() - found.tangent) < 1e-6 * found.barrier);
      CHECK(std::abs(found.energy_taken() - found.host_potential()) < 2e-3 * found.barrier);
    }
  }
  SECTION("in coherent Li-Na, with the energy of its misfit") {
    for (const double at : {0.15, 0.25, 0.7}) {
      Interface found(li_na_electrode(64, 0.5, {"elasticity.model=isotropic", "electrode.sink=fraction"}), at, 4e-3);
      CAPTURE(at, found.energy_taken(), found.host_potential(), found.tangent, found.RT);
      CHECK(std::abs(found.energy_taken() - found.tangent) < 2e-5 * found.RT);
      CHECK(std::abs(found.energy_taken() - found.host_potential()) < 3e-3 * found.RT);
    }
  }
}
