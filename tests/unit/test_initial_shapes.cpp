// Layers and particles as initial states: where they are, how much of them, and what is refused.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <numbers>
#include <string>
#include <vector>

#include "analytic/boxes.hpp"
#include "spinode/error.hpp"
#include "spinode/initial/list.hpp"
#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

namespace {

constexpr auto periodic = Boundary::periodic, walls = Boundary::no_flux;

template <class Model>
Field<double> filled(const Grid& grid, const Model& model) {
  Field<double> x(grid);
  model.fill(grid, x);
  return x;
}

LayersInitial layers(int number, double fraction, double edge = 0, const std::string& axis = "last") {
  return {.phases = {.fraction = fraction, .x_solute = 1, .x_host = 0, .edge = edge}, .axis = axis, .layers = number};
}

SpheresInitial spheres(double radius, double fraction, bool overlap = false, double edge = 0, std::uint64_t seed = 1) {
  return {.phases = {.fraction = fraction, .x_solute = 1, .x_host = 0, .edge = edge},
          .radius = radius,
          .overlap = overlap,
          .seed = seed};
}

std::vector<double> values(const Field<double>& x) { return {x.data(), x.data() + x.size()}; }

double volume(int dimension, double radius) {
  return dimension == 1   ? 2 * radius
         : dimension == 2 ? std::numbers::pi * radius * radius
                          : 4 * std::numbers::pi / 3 * std::pow(radius, 3);
}

std::string fault(const Grid& grid, const auto& model) {
  Field<double> x(grid);
  try {
    model.fill(grid, x);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

/// What a case of this text says of its initial state, and its faults.
InitialModels::Variant chosen(const std::string& text, std::vector<std::string>* faults = nullptr) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "case.toml";
  std::ofstream(file) << text;
  Config config = Config::load(file);
  const auto model = InitialModels::read(config, "initial.model", "uniform", "initial state");
  try {
    config.finish(config.declarations());
  } catch (const ConfigError& error) {
    if (faults) *faults = error.faults;
  }
  return model;
}

}  // namespace

TEST_CASE("layers start with the solute-rich one and take the mean in cells that they cut", "[initial]") {
  const Grid grid({{1, 2, periodic}, {2, 10, walls}});
  const Field<double> x = filled(grid, layers(2, 0.45));
  // Two periods of 5 cells; 0.45 of one are 2.25 cells.
  const std::vector<double> expected{1, 1, 0.25, 0, 0, 1, 1, 0.25, 0, 0};
  for (std::size_t i = 0; i < x.size(); ++i) CHECK(x[i] == Approx(expected[i / 2]).margin(1e-13));
}

TEST_CASE("layers stack along any axis, their mean is exact", "[initial]") {
  const std::vector<std::string> names{"x", "y", "z"};
  for (const Grid& grid : boxes({7, 9, 5}))
    for (int a = 0; a < grid.dimension(); ++a) {
      LayersInitial model = layers(3, 0.37, 0, names[a]);
      model.phases.x_solute = 0.9;
      model.phases.x_host = 0.04;
      for (const double edge : {0.0, 0.05, 0.8, 7.0}) {
        model.phases.edge = edge;
        const Field<double> x = filled(grid, model);
        CAPTURE(grid.dimension(), a, edge, no_flux(grid, a));
        CHECK(x.array().mean() == Approx(0.04 + 0.37 * 0.86).epsilon(1e-12));
        CHECK(x.array().minCoeff() >= 0.04 - 1e-12);
        CHECK(x.array().maxCoeff() <= 0.9 + 1e-12);
        for (std::size_t i = 0; i < grid.size(); ++i) {
          std::size_t stride = 1;
          for (int b = 0; b < a; ++b) stride *= grid.cells(b);
          const std::size_t first = index_of(grid, i)[a] * stride;
          if (x[i] != x[first]) FAIL("x varies within a layer");
        }
      }
    }
}

TEST_CASE("an interface of layers is the hyperbolic tangent of its width", "[initial]") {
  const Grid grid({{1, 4000, periodic}});
  constexpr double edge = 0.04, fraction = 0.3;
  const Field<double> x = filled(grid, layers(1, fraction, edge));
  double steepest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double s = (static_cast<double>(i) + 0.5) / 4000;
    const double distance = std::min(std::abs(s - fraction), std::min(s, 1 - s)) * (s < fraction ? -1 : 1);
    CHECK(x[i] == Approx((1 - std::tanh(2 * distance / edge)) / 2).margin(2e-5));
    steepest = std::max(steepest, std::abs(x[(i + 1) % 4000] - x[i]) * 4000);
  }
  CHECK(1 / steepest == Approx(edge).epsilon(1e-4));
}

TEST_CASE("walls mirror a stack of layers", "[initial]") {
  const Grid half({{1, 20, walls}}), whole({{2, 40, periodic}});
  const Field<double> x = filled(half, layers(1, 0.3, 0.2));
  // The mirror image makes one layer out of two; the periodic stack has it start half a layer later.
  const Field<double> doubled = filled(whole, layers(1, 0.3, 0.2));
  for (std::size_t i = 0; i < 20; ++i) CHECK(x[i] == Approx(doubled[(i + 6) % 40]).margin(1e-12));
  const Field<double> stack = filled(half, layers(3, 0.3, 0.2));
  CHECK(stack[0] > stack[1]);
}

TEST_CASE("layers along an axis that the domain does not have are a fault", "[initial]") {
  CHECK(fault(Grid({{1, 8, periodic}, {1, 8, walls}}), layers(1, 0.5, 0, "z")) ==
        "initial.axis: \"z\": the domain has 2 axes");
  CHECK(fault(Grid({{1, 8, periodic}}), layers(1, 0.5, 0, "y")) == "initial.axis: \"y\": the domain has 1 axis");
}

TEST_CASE("particles have the fraction that is asked, to half a particle", "[initial]") {
  for (const Grid& grid : boxes({60, 48, 40}))
    for (const bool overlap : {false, true})
      for (const double fraction : {0.1, 0.3}) {
        const double radius = 0.3;
        const Field<double> x = filled(grid, spheres(radius, fraction, overlap));
        CAPTURE(grid.dimension(), overlap, fraction);
        CHECK(std::abs(x.array().mean() - fraction) <= 0.52 * volume(grid.dimension(), radius) / grid.measure());
        CHECK(x.array().minCoeff() == 0);
        CHECK(x.array().maxCoeff() == 1);
      }
}

TEST_CASE("particles that may not overlap have the volume of a whole number of them", "[initial]") {
  const Grid grid({{10, 120, periodic}, {8, 96, periodic}, {6, 72, periodic}});
  const double radius = 1, number = std::round(0.25 * grid.measure() / volume(3, radius));
  for (const std::uint64_t seed : {1, 2, 3}) {
    const Field<double> x = filled(grid, spheres(radius, 0.25, false, 0, seed));
    CHECK(x.array().mean() * grid.measure() / volume(3, radius) == Approx(number).margin(0.02));
  }
}

TEST_CASE("particles go through periodic faces and are cut by walls", "[initial]") {
  // A disc alone: its middle, by the mean of the angle along the periodic axis, and what a wall leaves of it.
  const Grid grid({{6, 120, periodic}, {6, 120, periodic}});
  const double radius = 2.4, whole = volume(2, radius);
  bool crossed = false;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const Field<double> x = filled(grid, spheres(radius, whole / 36, false, 0, seed));
    CHECK(x.array().sum() / 400 == Approx(whole).epsilon(1e-3));
    double middle[2];
    for (int a = 0; a < 2; ++a) {
      double sine = 0, cosine = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double angle = 2 * std::numbers::pi * (static_cast<double>(index_of(grid, i)[a]) + 0.5) / 120;
        sine += x[i] * std::sin(angle);
        cosine += x[i] * std::cos(angle);
      }
      middle[a] = std::atan2(sine, cosine) * 3 / std::numbers::pi;
      crossed = crossed || std::abs(middle[a]) < radius;
    }
    for (std::size_t i = 0; i < x.size(); ++i) {
      double sum = 0;
      for (int a = 0; a < 2; ++a) {
        const double d = (static_cast<double>(index_of(grid, i)[a]) + 0.5) * 0.05 - middle[a];
        sum += std::pow(d - 6 * std::round(d / 6), 2);
      }
      if (std::abs(std::sqrt(sum) - radius) < 0.04) continue;
      if (x[i] != (std::sqrt(sum) < radius ? 1 : 0)) FAIL("cell " << i << " is wrong");
    }
  }
  CHECK(crossed);
  const Grid closed({{6, 120, walls}, {6, 120, walls}});
  double least = 1;
  for (std::uint64_t seed = 1; seed <= 8; ++seed)
    least = std::min(least, filled(closed, spheres(radius, 0.26, false, 0, seed)).array().sum() / 400 / whole);
  CHECK(least < 0.8);
}

TEST_CASE("particles of a few cells have the volume of spheres", "[initial]") {
  const Grid grid({{16, 16, periodic}, {16, 16, periodic}, {16, 16, periodic}});
  for (const double radius : {1.0, 2.0, 4.0}) {
    double sum = 0;
    constexpr int draws = 100;
    for (std::uint64_t seed = 1; seed <= draws; ++seed)
      sum += filled(grid, spheres(radius, volume(3, radius) / grid.measure(), false, 0, seed)).array().sum();
    CAPTURE(radius);
    CHECK(sum / draws == Approx(volume(3, radius)).epsilon(0.005));
  }
}

TEST_CASE("particles that may overlap leave the voids that independent ones do", "[initial]") {
  // Discs at a density n leave two points d apart both free with probability exp(-n A), where A is what a disc about
  // each covers together (Torquato 2002, section 5.2).
  const Grid grid({{20, 160, periodic}, {20, 160, periodic}});
  const double radius = 1, fraction = 0.5, one = volume(2, radius), n = -std::log(1 - fraction) / one;
  for (const std::size_t cells : {4, 8, 12, 24}) {
    const double d = static_cast<double>(cells) / 8,
                 lens = d < 2 ? 2 * std::acos(d / 2) - d / 2 * std::sqrt(4 - d * d) : 0;
    double both = 0;
    constexpr int draws = 40;
    for (std::uint64_t seed = 1; seed <= draws; ++seed) {
      const Field<double> x = filled(grid, spheres(radius, fraction, true, 0, seed));
      for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t at = i % 160, other = i - at + (at + cells) % 160;
        both += x[i] < 0.5 && x[other] < 0.5;
      }
    }
    CAPTURE(d);
    CHECK(both / (draws * static_cast<double>(grid.size())) == Approx(std::exp(-n * (2 * one - lens))).epsilon(0.03));
  }
}

TEST_CASE("the edge of particles is the hyperbolic tangent of its width", "[initial]") {
  const Grid grid({{4, 64, periodic}, {4, 64, periodic}, {4, 64, periodic}});
  const double radius = 1, edge = 0.3, one = volume(3, radius) / 64;
  const Field<double> sharp = filled(grid, spheres(radius, one)),
                      smooth = filled(grid, spheres(radius, one, false, edge));
  // Of one sphere, the volume above each level is that of the sphere of the level set.
  CHECK(sharp.array().mean() == Approx(one).epsilon(2e-3));
  for (const double level : {1e-4, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9}) {
    const double level_radius = radius - edge / 2 * std::atanh(2 * level - 1);
    const double share = static_cast<double>((smooth.array() > level).count()) / static_cast<double>(grid.size());
    CHECK(share == Approx(volume(3, level_radius) / 64).epsilon(0.02));
  }
}

TEST_CASE("sharp and smooth particles have the same middle", "[initial]") {
  const Grid grid({{20, 20, periodic}, {20, 20, periodic}, {20, 20, periodic}});
  const auto middle = [&](const Field<double>& x, int a) {
    double sine = 0, cosine = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double angle = 2 * std::numbers::pi * static_cast<double>(index_of(grid, i)[a]) / 20;
      sine += x[i] * std::sin(angle);
      cosine += x[i] * std::cos(angle);
    }
    return std::atan2(sine, cosine) * 20 / (2 * std::numbers::pi);
  };
  const double radius = 5, one = volume(3, radius) / grid.measure();
  for (const std::uint64_t seed : {1, 2, 3}) {
    const Field<double> sharp = filled(grid, spheres(radius, one, false, 0, seed)),
                        smooth = filled(grid, spheres(radius, one, false, 2, seed));
    for (int a = 0; a < 3; ++a)
      CHECK(std::remainder(middle(sharp, a) - middle(smooth, a), 20) == Approx(0).margin(0.03));
  }
}

TEST_CASE("particles depend on the seed, not on the number of threads", "[initial]") {
  const Grid grid({{10, 40, periodic}, {8, 32, walls}, {6, 24, periodic}});
  for (const bool overlap : {false, true})
    for (const double edge : {0.0, 0.3}) {
      std::vector<double> one, three;
      with_threads(1, [&] { one = values(filled(grid, spheres(1, 0.2, overlap, edge))); });
      with_threads(3, [&] { three = values(filled(grid, spheres(1, 0.2, overlap, edge))); });
      CHECK(one == three);
      CHECK(one != values(filled(grid, spheres(1, 0.2, overlap, edge, 2))));
    }
}

TEST_CASE("particles are spread evenly and without preference", "[initial]") {
  const Grid grid({{8, 32, periodic}, {8, 32, walls}, {8, 32, periodic}});
  std::array<double, 6> halves{};
  constexpr int draws = 40;
  for (std::uint64_t seed = 1; seed <= draws; ++seed) {
    const Field<double> x = filled(grid, spheres(0.5, 0.1, true, 0, seed));
    const double sum = x.array().sum();
    for (std::size_t i = 0; i < x.size(); ++i)
      for (int a = 0; a < 3; ++a) halves[2 * a + (index_of(grid, i)[a] < 16 ? 0 : 1)] += x[i] / sum;
  }
  for (const double half : halves) CHECK(half / draws == Approx(0.5).margin(0.02));
}

TEST_CASE("particles that cannot be placed are a fault that says how far it went", "[initial]") {
  const Grid flat({{10, 64, periodic}, {10, 64, periodic}}),
      box({{10, 32, periodic}, {10, 32, walls}, {10, 32, walls}});
  CHECK_THAT(fault(flat, spheres(0.5, 0.7)),
             Catch::StartsWith("initial.fraction: 0.7: ") && Catch::Contains(" particles without overlap reach 0.5"));
  CHECK_THAT(fault(box, spheres(0.8, 0.5)), Catch::Contains(" particles without overlap reach 0.3"));
  CHECK(fault(box, spheres(2, 0.005)) == "initial.fraction: 0.005: less than half a particle of initial.radius");
  CHECK(fault(box, spheres(6, 0.5)) == "initial.radius: 6 m: particles are wider than the domain along axis 1, 10 m");
  CHECK(fault(flat, spheres(0.5, 0.5)) == "");
  CHECK(fault(box, spheres(0.5, 0.3)) == "");
  CHECK(fault(flat, spheres(0.5, 0.99, true)) == "");
}

TEST_CASE("cases choose layers and particles by their keys", "[initial]") {
  const auto layered = std::get<LayersInitial>(
      chosen("initial = {model = \"layers\", fraction = 0.3, x_solute = 0.9, x_host = \"2 at%\", axis = \"y\"}"));
  CHECK(layered.phases.fraction == 0.3);
  CHECK(layered.phases.x_solute == 0.9);
  CHECK(layered.phases.x_host == Approx(0.02));
  CHECK(layered.phases.edge == 0);
  CHECK(layered.axis == "y");
  CHECK(layered.layers == 1);
  const auto particles =
      std::get<SpheresInitial>(chosen("[initial]\nmodel = \"spheres\"\nfraction = 0.3\nradius = \"1 nm\"\noverlap = "
                                      "\"allowed\"\nseed = 7\nedge = \"2 nm\""));
  CHECK(particles.radius == Approx(1e-9));
  CHECK(particles.overlap);
  CHECK(particles.seed == 7);
  CHECK(particles.phases.edge == Approx(2e-9));
  CHECK(particles.phases.x_solute == 1);
  CHECK(particles.phases.x_host == 0);
}

TEST_CASE("keys of layers and particles at fault are listed, and fill nothing", "[initial]") {
  const Grid grid({{1, 8, periodic}, {1, 8, periodic}});
  std::vector<std::string> faults;
  const auto model = chosen("initial = {model = \"spheres\", fraction = 1, radius = \"-1 nm\", axis = \"x\"}", &faults);
  REQUIRE(faults.size() == 3);
  CHECK_THAT(faults[0], Catch::Contains("initial.fraction = 1: must be > 0 and < 1"));
  CHECK_THAT(faults[1], Catch::Contains("initial.radius = \"-1 nm\": must be > 0 m"));
  CHECK_THAT(faults[2], Catch::Contains("unknown key initial.axis"));
  CHECK(std::isnan(filled(grid, std::get<SpheresInitial>(model)).array().mean()));
  CHECK(std::isnan(filled(grid, std::get<LayersInitial>(chosen("initial.model = \"layers\""))).array().mean()));
}
