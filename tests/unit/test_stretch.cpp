// A box that changes its thickness: the equation in it is the one that starts there, and going back leaves no trace.
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>
#include <vector>

#include "analytic/boxes.hpp"
#include "analytic/li_na.hpp"
#include "spinode/cahn_hilliard.hpp"
#include "spinode/elasticity/coherency.hpp"
#include "spinode/stepper/multigrid.hpp"
#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

namespace {

constexpr double kappa = 1.3, first = 2.9, second = 2.75;

Coherency coherency_of(const Stiffness& C) {
  // Of order 1, as energies are in code units.
  const CoherencyModulus B(C, li_na::chi);
  const double unit = B(Eigen::Vector3d(1, 0, 0));
  return [=](const std::array<double, 3>& k) { return B(Eigen::Vector3d(k[0], k[1], k[2])) / unit; };
}

const Coherency cubic = coherency_of(Stiffness::cubic(13.42e9, 11.30e9, 8.89e9)),
                isotropic = coherency_of(Stiffness::isotropic(li_na::E, li_na::nu));

/// Boxes of a last axis with walls, as long as `thickness`.
std::vector<Grid> electrodes(double thickness) {
  std::vector<Grid> all;
  for (const Grid& grid : boxes({6, 5, 8}))
    if (no_flux(grid, grid.dimension() - 1)) all.push_back(grid.of_thickness(thickness));
  return all;
}

/// None, and one that depends on the direction, where there is more than one.
std::vector<Coherency> coherencies(const Grid& grid) {
  return grid.dimension() > 1 ? std::vector<Coherency>{{}, cubic} : std::vector<Coherency>{{}};
}

std::vector<Mobility> mobilities() { return {ConstantMobility{0.8}, DarkenMobility{0.6, 1.1}}; }

CahnHilliardParameters parameters(const Mobility& mobility, const Coherency& coherency) {
  return {.G = redlich_kister(0.9, {2.4, 0.3}),
          .kappa = kappa,
          .mobility = mobility,
          .log_cutoff = 1e-3,
          .coherency = coherency,
          .flow = FlowParameters{.layer = 0.5}};
}

/// All that the equation says about a state.
struct Numbers {
  std::vector<double> all;

  template <class Real>
  void add(const Real* values, std::size_t count) {
    all.insert(all.end(), values, values + count);
  }
  void add(const Symbols<double>& s) {
    for (const double* values : {s.k2_along, s.stencil_along, s.elastic, s.multiplicity_along})
      if (values) add(values, s.reals);
    for (const double value :
         {s.k2_across, s.stencil_across, s.multiplicity_across, s.kappa, s.rate, s.rate_k2, s.linear_k2})
      all.push_back(value);
  }
  bool operator==(const Numbers& other) const { return all == other.all; }
  /// The largest relative difference.
  double difference(const Numbers& other) const {
    double most = 0;
    for (std::size_t i = 0; i < all.size(); ++i)
      most = std::max(most, std::abs(all[i] - other.all[i]) / (1 + std::abs(all[i])));
    return most;
  }
};

Numbers linear_part(const SpectralPotential<double>& linear, const Grid& grid, const Spectrum<double>& x_hat) {
  Numbers found;
  Spectrum<double> out(grid);
  linear.apply(x_hat, out);
  found.add(out.data(), out.size());
  linear.apply_elastic(x_hat, out);
  found.add(out.data(), out.size());
  out.array() = x_hat.array();
  linear.transport(0.3, -0.7, x_hat, out);
  found.add(out.data(), out.size());
  const auto energies = linear.energies(x_hat);
  for (const double value : {energies.gradient, energies.elastic, linear.softest(), linear.kappa()})
    found.all.push_back(value);
  for (std::size_t r = 0; r < grid.mode_rows(); ++r) {
    Symbols<double> symbols{};
    linear.fill(ModeRun::whole(grid, r), symbols);
    found.add(symbols);
  }
  return found;
}

Numbers whole(CahnHilliard<double>& equation, const Spectrum<double>& x_hat) {
  const Grid& grid = equation.grid();
  Numbers found = linear_part(equation.linear(), grid, x_hat);
  Field<double> mu(grid);
  equation.diffusion_potential(x_hat, mu);
  found.add(mu.data(), mu.size());
  Spectrum<double> b_hat(grid);
  SinkState sink;
  equation.flow()->drive(1);
  equation.present(x_hat);
  const CellReport cells = equation.evaluate(nullptr, &b_hat, &sink);
  found.add(equation.half().data(), equation.half().size());
  found.add(b_hat.data(), b_hat.size());
  const auto implicit = equation.implicit_part(cells, 0.5);
  for (const double value : {implicit.diffusion, implicit.mobility}) found.all.push_back(value);
  for (std::size_t r = 0; r < grid.mode_rows(); ++r) found.add(equation.symbols(ModeRun::whole(grid, r)));
  const auto speed = equation.speed(x_hat);
  for (const double value : {cells.chemical, cells.x_min, cells.x_max, sink.x, sink.host_least, speed.rate,
                             speed.fluctuation, equation.host_potential(x_hat), grid.thickness()})
    found.all.push_back(value);
  return found;
}

}  // namespace

TEST_CASE("a box of another thickness has other waves along its last axis alone", "[unit]") {
  const Grid grid({{3, 6, Boundary::periodic}, {4, 5, Boundary::no_flux}, {7, 8, Boundary::no_flux}});
  const Grid thin = grid.of_thickness(3.5);
  CHECK(grid.thickness() == 7);
  CHECK(thin.thickness() == 3.5);
  CHECK(thin.plane() == 30);
  CHECK(thin.size() == grid.size());
  CHECK(thin.measure() == grid.measure() / 2);
  for (std::size_t m = 0; m < grid.modes(2); ++m) CHECK(thin.wavenumber(2, m) == 2 * grid.wavenumber(2, m));
  for (int a = 0; a < 2; ++a)
    for (std::size_t m = 0; m < grid.modes(a); ++m) CHECK(thin.wavenumber(a, m) == grid.wavenumber(a, m));
  CHECK(Grid({{2, 9, Boundary::no_flux}}).plane() == 1);
  CHECK(Grid({{2, 9}, {5, 4, Boundary::no_flux}}).thickness() == 5);
}

TEST_CASE("a stretched potential is that of the other box, bit for bit, and so is the way back", "[unit]") {
  const std::vector<Grid> from = electrodes(first), to = electrodes(second);
  for (std::size_t g = 0; g < from.size(); ++g)
    for (const Coherency& coherency : coherencies(from[g])) {
      CAPTURE(from[g].dimension(), no_flux(from[g], 0), no_flux(from[g], 1), !!coherency);
      const Spectrum<double> x_hat = amplitudes(from[g], noise(from[g], 5, 0.1, 0.9));
      SpectralPotential<double> linear(from[g], kappa, coherency);
      const Numbers before = linear_part(linear, from[g], x_hat),
                    expected = linear_part(SpectralPotential<double>(to[g], kappa, coherency), to[g], x_hat);
      linear.stretch(to[g]);
      CHECK(linear_part(linear, to[g], x_hat) == expected);
      CHECK(before.difference(expected) > 1e-3);  // or it would say nothing
      linear.stretch(from[g]);
      CHECK(linear_part(linear, from[g], x_hat) == before);
    }
}

TEST_CASE("an equation in a box that was stretched is the one that starts there, bit for bit", "[unit]") {
  const std::vector<Grid> from = electrodes(first), to = electrodes(second);
  for (std::size_t g = 0; g < from.size(); ++g)
    for (const Mobility& mobility : mobilities())
      for (const Coherency& coherency : coherencies(from[g])) {
        CAPTURE(from[g].dimension(), no_flux(from[g], 0), no_flux(from[g], 1), mobility.index(), !!coherency);
        const Spectrum<double> x_hat = amplitudes(from[g], noise(from[g], 5, 0.1, 0.9));
        CahnHilliard<double> equation(from[g], parameters(mobility, coherency), Planning::estimate),
            fresh(to[g], parameters(mobility, coherency), Planning::estimate);
        const Numbers before = whole(equation, x_hat), expected = whole(fresh, x_hat);
        equation.set_thickness(second);
        CHECK(equation.grid().thickness() == second);
        CHECK(whole(equation, x_hat) == expected);
        equation.set_thickness(second);  // as it is
        CHECK(whole(equation, x_hat) == expected);
        equation.set_thickness(first);
        CHECK(whole(equation, x_hat) == before);
        CHECK(before.difference(expected) > 1e-3);
      }
}

TEST_CASE("where every direction costs the same, stretching changes it by round-off at most", "[unit]") {
  const std::vector<Grid> from = electrodes(first), to = electrodes(second);
  for (std::size_t g = 0; g < from.size(); ++g)
    for (const Mobility& mobility : mobilities()) {
      CAPTURE(from[g].dimension(), no_flux(from[g], 0), no_flux(from[g], 1), mobility.index());
      const Spectrum<double> x_hat = amplitudes(from[g], noise(from[g], 5, 0.1, 0.9));
      CahnHilliard<double> equation(from[g], parameters(mobility, isotropic), Planning::estimate),
          fresh(to[g], parameters(mobility, isotropic), Planning::estimate);
      const Numbers before = whole(equation, x_hat);
      equation.set_thickness(second);
      CHECK(whole(equation, x_hat).difference(whole(fresh, x_hat)) < 1e-11);
      equation.set_thickness(first);
      CHECK(whole(equation, x_hat) == before);
    }
}

TEST_CASE("multigrid and staggered fluxes in a stretched box are those of the other box, bit for bit", "[unit]") {
  const std::vector<Grid> from = electrodes(first), to = electrodes(second);
  for (std::size_t g = 0; g < from.size(); ++g) {
    CAPTURE(from[g].dimension(), no_flux(from[g], 0), no_flux(from[g], 1));
    const std::size_t size = from[g].size();
    const Field<double> x = noise(from[g], 5, 0.1, 0.9), w = noise(from[g], 6);
    Field<double> y(from[g]);
    for (std::size_t i = 0; i < size; ++i) y[i] = std::log(x[i] / (1 - x[i]));
    const auto solve = [&](Multigrid& multigrid, const Grid& grid) {
      for (int a = 0; a < grid.dimension(); ++a)
        multigrid.diffusion().fill(grid, a, static_cast<float>(0.3 / std::pow(grid.axis(a).spacing(), 2)));
      Array<float> r(size), d(size);
      for (std::size_t i = 0; i < size; ++i) {
        multigrid.weight()[i] = static_cast<float>(x[i] * (1 - x[i]));
        multigrid.curvature()[i] = static_cast<float>(1 / (x[i] * (1 - x[i])) - 3);
        r[i] = static_cast<float>(w[i] - 0.5);
      }
      multigrid.prepare(1.5);
      multigrid.solve(r, d);
      return Numbers{{d.data(), d.data() + size}};
    };
    Multigrid multigrid(from[g], kappa, 0.4), fresh_multigrid(to[g], kappa, 0.4);
    const Numbers before = solve(multigrid, from[g]);
    multigrid.stretch(to[g]);
    CHECK(solve(multigrid, to[g]) == solve(fresh_multigrid, to[g]));
    CHECK_FALSE(solve(multigrid, to[g]) == before);
    multigrid.stretch(from[g]);
    CHECK(solve(multigrid, from[g]) == before);

    const DarkenMobility mobility{0.6, 1.1};
    const auto divergence = [&](LogMeanFlux<double>& flux) {
      Field<double> out(from[g]);
      flux.divergence(x, y, w, out);
      return Numbers{{out.data(), out.data() + size}};
    };
    const auto weights = [&](LogMeanFlux<double>& flux) {
      Faces<float> faces(from[g]);
      flux.mobilities(x, y, 0.7, faces);
      Numbers found;
      for (int a = 0; a < from[g].dimension(); ++a) found.add(faces.weight(a), size);
      return found;
    };
    LogMeanFlux<double> flux(from[g], mobility, 0.9), fresh(to[g], mobility, 0.9);
    const Numbers flux_before = divergence(flux), weights_before = weights(flux);
    flux.stretch(to[g]);
    CHECK(divergence(flux) == divergence(fresh));
    CHECK(weights(flux) == weights(fresh));
    CHECK_FALSE(divergence(flux) == flux_before);
    flux.stretch(from[g]);
    CHECK(divergence(flux) == flux_before);
    CHECK(weights(flux) == weights_before);
  }
}
