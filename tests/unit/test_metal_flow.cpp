// The flow of metal to the separator: against closed forms, dense matrices, its symmetries and its book-keeping.
#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <memory>
#include <numbers>
#include <numeric>
#include <optional>
#include <vector>

#include "analytic/boxes.hpp"
#include "spinode/electrode/metal_flow.hpp"
#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

namespace {

constexpr double pi = std::numbers::pi;
constexpr std::array shapes{LayerShape::raised_cosine, LayerShape::triangle, LayerShape::uniform};
constexpr std::array weights{SinkWeight::uniform, SinkWeight::host_fraction, SinkWeight::host_activity};
constexpr std::array frames{Frame::shrinking, Frame::window};

FreeEnergy energy() { return redlich_kister(0.7, {1.6, 0.4}); }

/// Electrodes of one to three axes, the lateral ones with every mixture of boundaries. With an odd number of cells
/// along them there is no wave that runs both ways, and so has no slope.
std::vector<Grid> electrodes(std::size_t lateral, std::size_t planes) {
  std::vector<Grid> all;
  for (const Grid& grid : boxes({lateral, lateral + 2, planes}))
    if (grid.dimension() == 3 && no_flux(grid, 2)) all.push_back(grid);
  for (const Boundary boundary : {Boundary::periodic, Boundary::no_flux})
    all.push_back(Grid({{2.3, lateral, boundary}, {3.1, planes, Boundary::no_flux}}));
  all.push_back(Grid({{3.1, planes, Boundary::no_flux}}));
  return all;
}

/// A flow driven one way, and what it makes of a field.
template <class Real>
class Flow {
 public:
  Flow(const Grid& box, const FlowParameters& parameters, double velocity = 1)
      : grid(box), metal(box, parameters), transform_(box, Planning::estimate) {
    metal.drive(velocity);
  }

  /// b per cell.
  Field<Real> rate(const Field<Real>& x) {
    Field<Real> b(grid);
    mean = metal.rate(x, grid, energy(), transform_, b);
    return b;
  }

  /// Of the sink that acts: host is plated wherever there is contact.
  std::vector<double> strengths(const Field<Real>& x) const {
    return metal.strengths(x, energy(), metal.velocity() < 0 ? SinkWeight::uniform : metal.parameters().weight);
  }

  /// s per cell: what the sink takes per length.
  Field<double> sink(const Field<Real>& x) const {
    const std::vector<double> strength = strengths(x);
    Field<double> s(grid);
    for (std::size_t i = 0; i < strength.size(); ++i)
      s[i] = strength[i] * static_cast<double>(grid.size()) / grid.thickness();
    return s;
  }

  Grid grid;
  MetalFlow<Real> metal;
  double mean = 0;  // of the last rate

 private:
  Transform<Real> transform_;
};

Field<double> uniform(const Grid& grid, double x) {
  Field<double> field(grid);
  field.array() = x;
  return field;
}

/// z of the middle of a cell, over the thickness.
double height(const Grid& grid, std::size_t i) {
  return (static_cast<double>(i / grid.plane()) + 0.5) / static_cast<double>(grid.cells(grid.dimension() - 1));
}

/// Between 0.1 and 0.9, smooth, and of no symmetry.
Field<double> smooth(const Grid& grid) {
  Field<double> x(grid);
  for (std::size_t i = 0; i < x.size(); ++i) {
    double value = 0.5 + 0.2 * std::cos(pi * height(grid, i));
    for (int a = 0; a + 1 < grid.dimension(); ++a) {
      const double k = 2 * pi / grid.axis(a).length, r = position(grid, i)[a];
      value += no_flux(grid, a) ? 0.1 * std::cos(k * r / 2) : 0.06 * std::cos(k * r) + 0.04 * std::sin(2 * k * r);
    }
    x[i] = value;
  }
  return x;
}

double largest(const Field<double>& b) { return b.array().abs().maxCoeff(); }

/// The kinds of flow that vary along the separator, or with x.
std::vector<FlowParameters> uneven_flows(int dimension) {
  std::vector<FlowParameters> all;
  for (const LayerShape shape : shapes)
    for (const SinkWeight weight : weights)
      for (const double contact_noise : {0.0, 0.3}) {
        if (contact_noise > 0 ? dimension == 1 : weight == SinkWeight::uniform) continue;
        all.push_back({.shape = shape,
                       .layer = 0.3,
                       .weight = weight,
                       .contact_noise = contact_noise,
                       .contact_length = 0.5,
                       .contact_seed = 7});
      }
  return all;
}

/// phi at z = u times the thickness of the layer, times that thickness.
double density(LayerShape shape, double u) {
  if (u > 1) return 0;
  if (shape == LayerShape::raised_cosine) return 1 + std::cos(pi * u);
  return shape == LayerShape::triangle ? 2 * (1 - u) : 1;
}

}  // namespace

TEST_CASE("a uniform solution piles up where sites vanish: b = x (s - 1/L) in every cell", "[unit]") {
  for (const Grid& grid : electrodes(GENERATE(4u, 5u), 14))
    for (const FlowParameters& parameters : uneven_flows(grid.dimension()))
      for (const double velocity : {1.0, -1.0}) {
        // Contact that varies from cell to cell has the wave that runs both ways.
        if (grid.cells(0) == 4 && parameters.contact_noise > 0) continue;
        CAPTURE(grid.dimension(), no_flux(grid, 0), static_cast<int>(parameters.shape),
                static_cast<int>(parameters.weight), parameters.contact_noise, velocity);
        Flow<double> flow(grid, parameters, velocity);
        const Field<double> x = uniform(grid, 0.3), s = flow.sink(x), b = flow.rate(x);
        const double worst = (b.array() - 0.3 * (s.array() - 1 / grid.thickness())).abs().maxCoeff();
        CHECK(worst < 1e-13 * largest(s));
        CHECK(flow.mean == 0);
      }
}

TEST_CASE("a window of uniform solution gains x_far where sites vanish, and nothing away from them", "[unit]") {
  for (const Grid& grid : electrodes(5, 14))
    for (FlowParameters parameters : uneven_flows(grid.dimension())) {
      CAPTURE(grid.dimension(), no_flux(grid, 0), static_cast<int>(parameters.shape),
              static_cast<int>(parameters.weight), parameters.contact_noise);
      parameters.frame = Frame::window;
      parameters.x_far = 0.3;
      Flow<double> flow(grid, parameters);
      const Field<double> x = uniform(grid, 0.3), s = flow.sink(x), b = flow.rate(x);
      CHECK((b.array() - 0.3 * s.array()).abs().maxCoeff() < 1e-13 * largest(s));
      CHECK(flow.mean == 0.3 * (1 / grid.thickness()));
      // Host is plated from the separator, and the metal that leaves takes its own composition along.
      parameters.x_far = 0.9;
      Flow<double> plating(grid, parameters, -1);
      const Field<double> s_plated = plating.sink(x), b_plated = plating.rate(x);
      CHECK((b_plated.array() - 0.3 * s_plated.array()).abs().maxCoeff() < 1e-13 * largest(s_plated));
      CHECK(plating.mean == Approx(0.3 / grid.thickness()).epsilon(1e-14));
    }
}

namespace {

/// The cell next to another along an axis, one way or the other; none across a wall.
std::optional<std::size_t> next_to(const Grid& grid, std::size_t i, int axis, int way) {
  std::array<std::size_t, 3> at = index_of(grid, i);
  const std::size_t n = grid.cells(axis);
  if (no_flux(grid, axis) && at[axis] == (way > 0 ? n - 1 : 0)) return {};
  at[axis] = (at[axis] + n + way) % n;
  return at[0] + grid.cells(0) * (at[1] + grid.cells(1) * at[2]);
}

/// What metal on its way from one cell to the next one, `way` along an axis, has at the face: half of van Leer's slope
/// beyond the cell it comes from.
double carried(const Grid& grid, const Field<double>& x, std::size_t from, std::size_t to, int axis, int way) {
  const std::size_t before = next_to(grid, from, axis, -way).value_or(from);
  const double ahead = x[to] - x[from], behind = x[from] - x[before];
  return ahead * behind > 0 ? x[from] + ahead * behind / (ahead + behind) : x[from];
}

}  // namespace

TEST_CASE("an uneven flow is that of a potential: the same as from a dense matrix", "[unit]") {
  for (const Grid& grid : electrodes(3, 8)) {
    const auto size = static_cast<Eigen::Index>(grid.size());
    Eigen::MatrixXd laplacian = Eigen::MatrixXd::Zero(size, size);
    for (std::size_t i = 0; i < grid.size(); ++i)
      for (int a = 0; a < grid.dimension(); ++a)
        for (const int way : {1, -1})
          if (const auto j = next_to(grid, i, a, way)) {
            const double weight = std::pow(grid.axis(a).spacing(), -2);
            laplacian(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(*j)) += weight;
            laplacian(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(i)) -= weight;
          }
    const Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd> solver(laplacian);
    const Field<double> x = smooth(grid);
    for (FlowParameters parameters : uneven_flows(grid.dimension()))
      for (const Frame frame : frames) {
        parameters.frame = frame;
        // What enters a window, per length and place, is what a solution of x = 0 shows where x_far = 1.
        Field<double> e = uniform(grid, 1 / grid.thickness());
        if (frame == Frame::window) {
          FlowParameters bare = parameters;
          bare.x_far = 1;
          e.array() = Flow<double>(grid, bare).rate(Field<double>(grid)).array();
        }
        for (const double velocity : {1.0, -1.0}) {
          CAPTURE(grid.dimension(), no_flux(grid, 0), static_cast<int>(parameters.shape),
                  static_cast<int>(parameters.weight), parameters.contact_noise, static_cast<int>(frame), velocity);
          Flow<double> flow(grid, parameters, velocity);
          const Field<double> s = flow.sink(x), b = flow.rate(x);
          const Eigen::VectorXd chi = solver.solve((s.array() - e.array()).matrix());
          double largest_error = 0;
          for (std::size_t i = 0; i < grid.size(); ++i) {
            // Metal that plating pushes out of a window takes its own composition along.
            double expected = frame == Frame::window && velocity < 0 ? e[i] * x[i] : 0;
            for (int a = 0; a < grid.dimension(); ++a)
              for (const int way : {1, -1})
                if (const auto j = next_to(grid, i, a, way)) {
                  const double comes = (chi[static_cast<Eigen::Index>(*j)] - chi[static_cast<Eigen::Index>(i)]) *
                                       std::pow(grid.axis(a).spacing(), -2);
                  expected += comes * (comes > 0 ? carried(grid, x, *j, i, a, -way) : carried(grid, x, i, *j, a, way));
                }
            largest_error = std::max(largest_error, std::abs(b[i] - expected));
          }
          CHECK(largest_error < 1e-12 * largest(s));
        }
      }
  }
}

TEST_CASE("a flow makes no composition that was not there, and takes nothing from where there is none", "[unit]") {
  // Phases of 3e-5 and 0.997 with interfaces of one to three cells, moved by steps as long as the fastest cell allows.
  const Grid grid({{2.0, 16, Boundary::periodic}, {4.0, 32, Boundary::no_flux}});
  for (const double velocity : {1.0, -1.0})
    for (const SinkWeight weight : {SinkWeight::uniform, SinkWeight::host_fraction}) {
      Flow<double> flow(grid, {.layer = 0.2, .weight = weight}, velocity);
      Field<double> x = sampled(grid, [](const Eigen::Vector3d& r) {
        return 3e-5 + 0.997 / (1 + std::exp(12 * (std::hypot(r[0] - 1, r[1] - 2) - 0.6)));
      });
      const double low = x.array().minCoeff();
      const Field<double> b = flow.rate(x), s = flow.sink(x);
      // Where sites vanish x grows by itself; elsewhere, and in the frame that shrinks, it only moves.
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double moved = velocity * (b[i] - x[i] * (s[i] - 1 / grid.thickness()));
        CAPTURE(velocity, static_cast<int>(weight), i, x[i], b[i]);
        if (x[i] < 2 * low) CHECK(moved > -10 * low);
      }
    }
}

TEST_CASE("an even flow of a wave converges to d/dz [(Phi - z/L) x]", "[unit]") {
  const double L = 3.1, layer = 0.25;
  struct Errors {
    double largest = 0, rms = 0;
  };
  const auto errors = [&](LayerShape shape, int m, std::size_t planes) {
    const Grid grid({{1.5, 4, Boundary::periodic}, {L, planes, Boundary::no_flux}});
    Flow<double> flow(grid, {.shape = shape, .layer = layer});
    const double k = pi * m / L;
    Field<double> x(grid);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = 0.5 + 0.3 * std::cos(k * L * height(grid, i));
    const Field<double> b = flow.rate(x);
    CHECK(flow.mean == 0);
    Errors result;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double u = height(grid, i) / layer, z = L * height(grid, i);
      const double expected = (density(shape, u) / (layer * L) - 1 / L) * x[i] -
                              (layer_share(shape, u) - z / L) * 0.3 * k * std::sin(k * z);
      const double error = std::abs(b[i] - expected);
      result.largest = std::max(result.largest, error);
      result.rms += error * error / static_cast<double>(x.size());
    }
    result.rms = std::sqrt(result.rms);
    return result;
  };
  for (const int m : {0, 1, 3}) {
    CAPTURE(m);
    const auto compare = [&](LayerShape shape) { return std::pair(errors(shape, m, 64), errors(shape, m, 128)); };
    // The highest derivative of phi that is bounded sets the order: phi itself is of order 1. Fluxes are flat at the
    // few extrema of x, which leaves order 1 there and 3/2 in the mean square.
    const auto [coarse, fine] = compare(LayerShape::raised_cosine);
    CAPTURE(coarse.rms, fine.rms, fine.largest);
    CHECK(fine.rms < 2e-3);
    CHECK(fine.rms < 0.4 * coarse.rms);
    CHECK(fine.largest < 0.012);
    const auto [coarse_triangle, fine_triangle] = compare(LayerShape::triangle);
    CAPTURE(coarse_triangle.largest, fine_triangle.largest);
    CHECK(fine_triangle.largest < 0.012);
    CHECK(fine_triangle.largest < 0.6 * coarse_triangle.largest + 1e-12);
    const auto [coarse_uniform, fine_uniform] = compare(LayerShape::uniform);
    CAPTURE(coarse_uniform.rms, fine_uniform.rms);
    CHECK(fine_uniform.rms < 0.03);
    CHECK(fine_uniform.rms < 0.8 * coarse_uniform.rms + 1e-12);
  }
}

TEST_CASE("an even window of composition x_far has b = x_far phi, zero away from the separator", "[unit]") {
  const double L = 3.1, layer = 0.25, x_far = 0.3;
  for (const Grid& lateral : electrodes(4, 64)) {
    CAPTURE(lateral.dimension());
    Flow<double> flow(lateral.of_thickness(L),
                      {.frame = Frame::window, .shape = LayerShape::raised_cosine, .layer = layer, .x_far = x_far});
    const Field<double> b = flow.rate(uniform(flow.grid, x_far));
    CHECK(flow.mean == x_far * (1 / L));
    for (std::size_t i = 0; i < b.size(); ++i) {
      const double u = height(flow.grid, i) / layer;
      REQUIRE(b[i] == Approx(x_far * density(LayerShape::raised_cosine, u) / (layer * L)).margin(1e-3));
      if (u > 1.5) REQUIRE(std::abs(b[i]) < 5e-6);
    }
  }
}

TEST_CASE("the mean of b is exactly 0 in the frame that shrinks, and x_far/L in a window", "[unit]") {
  for (const Grid& grid : electrodes(4, 12)) {
    const Field<double> x = smooth(grid);
    std::vector<FlowParameters> all = uneven_flows(grid.dimension());
    for (const LayerShape shape : shapes) all.push_back({.shape = shape, .layer = 0.3});
    for (FlowParameters parameters : all) {
      Flow<double> shrinking(grid, parameters), filling(grid, parameters, -1);
      static_cast<void>(shrinking.rate(x));
      CHECK(shrinking.mean == 0);
      static_cast<void>(filling.rate(x));
      CHECK(filling.mean == 0);
      parameters.frame = Frame::window;
      parameters.x_far = 0.42;
      Flow<double> window(grid, parameters);
      static_cast<void>(window.rate(x));
      CHECK(window.mean == 0.42 * (1 / grid.thickness()));
    }
  }
}

TEST_CASE("metal that plating pushes out of a window has the composition of the layer at the collector", "[unit]") {
  for (const Grid& grid : electrodes(4, 64))
    for (const LayerShape shape : shapes) {
      CAPTURE(grid.dimension(), static_cast<int>(shape));
      Flow<double> flow(grid, {.frame = Frame::window, .shape = shape, .layer = 0.25, .x_far = 0.9}, -1);
      const Field<double> x = smooth(grid);
      static_cast<void>(flow.rate(x));
      // The layer at the collector is that at the separator, mirrored.
      const std::vector<double> parts = layer_cells(shape, 0.25, 64);
      double mean = 0;
      for (std::size_t i = 0; i < x.size(); ++i)
        mean += parts[63 - i / grid.plane()] * x[i] / static_cast<double>(grid.plane());
      CHECK(flow.mean == Approx(mean / grid.thickness()).epsilon(1e-3));
    }
}

TEST_CASE("what enters a window does so in a layer at the collector, all of it", "[unit]") {
  const Grid grid({{1.5, 5, Boundary::periodic}, {3.1, 64, Boundary::no_flux}});
  for (const SinkWeight weight : {SinkWeight::uniform, SinkWeight::host_fraction}) {
    Flow<double> flow(grid, {.frame = Frame::window, .layer = 0.25, .weight = weight, .x_far = 1});
    // In an empty window x_far e is all there is.
    const Field<double> e = flow.rate(Field<double>(grid));
    CHECK(e.array().mean() * grid.thickness() == Approx(1).epsilon(1e-13));
    for (std::size_t i = 0; i < e.size(); ++i) {
      const double u = (1 - height(grid, i)) / 0.25;
      REQUIRE(e[i] == Approx(density(LayerShape::raised_cosine, u) / (0.25 * 3.1)).margin(5e-3));
    }
  }
}

TEST_CASE("a sink in proportion to the host is even where the host is, to second order in the cells", "[unit]") {
  for (const Frame frame : frames) {
    const auto difference = [&](std::size_t planes) {
      const Grid grid({{1.5, 4, Boundary::periodic}, {3.1, planes, Boundary::no_flux}});
      FlowParameters parameters{.frame = frame, .layer = 0.25, .x_far = 0.2};
      Flow<double> even(grid, parameters);
      parameters.weight = SinkWeight::host_fraction;
      Flow<double> uneven(grid, parameters);
      const Field<double> x = uniform(grid, 0.6), b = even.rate(x);
      return largest_difference(b, uneven.rate(x)) / largest(b);
    };
    const double coarse = difference(64), fine = difference(128);
    CAPTURE(static_cast<int>(frame), coarse, fine);
    CHECK(coarse < 3e-3);
    CHECK(fine < 0.3 * coarse + 1e-12);
  }
}

TEST_CASE("the strengths of a sink add up to 1 and follow phi, the contact and the host", "[unit]") {
  const FreeEnergy G = energy();
  for (const Grid& grid : electrodes(4, 20))
    for (const FlowParameters& parameters : uneven_flows(grid.dimension())) {
      CAPTURE(grid.dimension(), static_cast<int>(parameters.shape), static_cast<int>(parameters.weight),
              parameters.contact_noise);
      const Field<double> x = noise(grid, 3, 0.02, 0.98);
      const Flow<double> flow(grid, parameters);
      const std::vector<double> found = flow.strengths(x);
      const std::vector<double> parts = layer_cells(parameters.shape, parameters.layer, 20);
      REQUIRE(found.size() == 6 * grid.plane());  // 0.3 of 20 planes
      CHECK(std::accumulate(found.begin(), found.end(), 0.0) == Approx(1).epsilon(1e-13));
      // Over phi and the law of its weight what is left is the contact: the same in all planes.
      std::vector<double> rest(found.size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        const double law = parameters.weight == SinkWeight::uniform ? 1
                           : parameters.weight == SinkWeight::host_fraction
                               ? 1 - x[i]
                               : std::exp((G.G(x[i]) - x[i] * G.dG(x[i])) / G.ideal());
        rest[i] = found[i] / parts[i / grid.plane()] / law;
      }
      double spread = 0;
      for (std::size_t i = 0; i < rest.size(); ++i) {
        REQUIRE(rest[i] == Approx(rest[i % grid.plane()]).epsilon(1e-12));
        spread = std::max(spread, std::abs(rest[i] / rest[0] - 1));
      }
      CHECK((spread > 0.05) == (parameters.contact_noise > 0));
    }
}

TEST_CASE("a sink takes nothing where there is no host, and one that is even takes no notice", "[unit]") {
  const Grid grid({{1.5, 6, Boundary::periodic}, {3.1, 20, Boundary::no_flux}});
  Field<double> x = uniform(grid, 0.3);
  for (std::size_t p = 0; p < 20; ++p)
    for (const std::size_t i : {1u, 2u}) x[6 * p + i] = i == 1 ? 1 : 1.01;  // a step may take it a little beyond
  for (const SinkWeight weight : {SinkWeight::host_fraction, SinkWeight::host_activity}) {
    Flow<double> flow(grid, {.layer = 0.3, .weight = weight});
    const std::vector<double> strength = flow.strengths(x);
    for (std::size_t i = 0; i < strength.size(); ++i) {
      CAPTURE(i);
      REQUIRE(strength[i] >= 0);
      if (i % 6 == 1 || i % 6 == 2) REQUIRE(strength[i] < 1e-11);
    }
    // As that part of the plane carries none, the rest carries more.
    const std::vector<double> parts = layer_cells(LayerShape::raised_cosine, 0.3, 20);
    CHECK(strength[0] == Approx(parts[0] / 4).epsilon(1e-10));
    CHECK(flow.metal.strengths(x, energy(), SinkWeight::uniform)[1] == Approx(parts[0] / 6).epsilon(1e-13));
    // Below 0 there is no more host than at 0.
    x[0] = -0.1;
    const double below = flow.strengths(x)[0];
    x[0] = 0;
    CHECK(flow.strengths(x)[0] == below);
    x[0] = 0.3;
  }
}

TEST_CASE("the flow of a field in a mirror is the flow in the mirror", "[unit]") {
  for (const Grid& grid : electrodes(6, 16)) {
    const Field<double> x = smooth(grid);
    for (int a = 0; a + 1 < grid.dimension(); ++a) {
      const std::size_t n = grid.cells(a), stride = a == 0 ? 1 : grid.cells(0);
      const auto mirrored = [&](const Field<double>& field) {
        Field<double> image(grid);
        for (std::size_t i = 0; i < field.size(); ++i) {
          const std::size_t at = i / stride % n;
          image[i + (n - 1 - at) * stride - at * stride] = field[i];
        }
        return image;
      };
      for (const SinkWeight weight : weights)
        for (const Frame frame : frames) {
          CAPTURE(grid.dimension(), a, no_flux(grid, a), static_cast<int>(weight), static_cast<int>(frame));
          Flow<double> flow(grid, {.frame = frame, .layer = 0.3, .weight = weight, .x_far = 0.1});
          const Field<double> b = flow.rate(x);
          CHECK(largest_difference(flow.rate(mirrored(x)), mirrored(b)) < 1e-13 * largest(b));
          CHECK(largest_difference(mirrored(b), b) > 1e-3 * largest(b));  // or it would say nothing
        }
    }
  }
}

TEST_CASE("an uneven contact varies as asked, over the length asked, and is the same for the same seed", "[unit]") {
  const Boundary boundary = GENERATE(Boundary::periodic, Boundary::no_flux);
  const std::size_t nx = 96, ny = 80;
  const Grid grid({{9.6, nx, boundary}, {8, ny, boundary}, {2, 4, Boundary::no_flux}});
  const auto contact = [&](double deviation, std::uint64_t seed, double length) {
    const Flow<double> flow(grid,
                            {.layer = 0.5, .contact_noise = deviation, .contact_length = length, .contact_seed = seed});
    std::vector<double> local = flow.strengths(uniform(grid, 0.3));
    local.resize(grid.plane());
    const double mean = std::accumulate(local.begin(), local.end(), 0.0) / static_cast<double>(local.size());
    for (double& value : local) value /= mean;
    return local;
  };
  const auto deviation = [](const std::vector<double>& local) {
    double sum = 0;
    for (const double value : local) sum += (value - 1) * (value - 1);
    return std::sqrt(sum / static_cast<double>(local.size()));
  };
  const std::vector<double> local = contact(0.15, 4, 0.2);
  CHECK(deviation(local) == Approx(0.15).epsilon(1e-10));
  CHECK(local == contact(0.15, 4, 0.2));
  CHECK(local != contact(0.15, 5, 0.2));
  CHECK(deviation(contact(0.15, 5, 0.2)) == Approx(0.15).epsilon(1e-10));
  CHECK(deviation(contact(0.15, 4, 0)) == Approx(0.15).epsilon(1e-10));
  // White noise times exp(-k2 l2/2) is correlated as exp(-r2/4l2); there are some 150 places of it in the plane.
  double same = 0;
  for (std::size_t j = 0; j < ny; ++j)
    for (std::size_t i = 0; i + 2 < nx; ++i) same += (local[i + nx * j] - 1) * (local[i + 2 + nx * j] - 1);
  same /= static_cast<double>((nx - 2) * ny) * 0.15 * 0.15;
  CHECK(same == Approx(std::exp(-0.25)).margin(0.06));
  // Two standard deviations below the mean there would be none: a contact takes no current back, and varies less.
  const std::vector<double> rough = contact(0.5, 4, 0.2);
  CHECK(*std::min_element(rough.begin(), rough.end()) == 0);
  CHECK(deviation(rough) == Approx(0.488).epsilon(0.05));
}

TEST_CASE("one thread and two find the same flow", "[unit]") {
  const Grid grid({{2, 20, Boundary::periodic}, {1.6, 18, Boundary::no_flux}, {3.1, 16, Boundary::no_flux}});
  const Field<double> x = smooth(grid);
  for (const SinkWeight weight : {SinkWeight::uniform, SinkWeight::host_activity})
    for (const double contact_noise : {0.0, 0.2}) {
      CAPTURE(static_cast<int>(weight), contact_noise);
      const FlowParameters parameters{.frame = Frame::window,
                                      .weight = weight,
                                      .x_far = 0.2,
                                      .contact_noise = contact_noise,
                                      .contact_length = 0.2};
      Field<double> one(grid), two(grid);
      with_threads(1, [&] { one = Flow<double>(grid, parameters).rate(x); });
      with_threads(2, [&] { two = Flow<double>(grid, parameters).rate(x); });
      CHECK(largest_difference(one, two) < 1e-12);
    }
}

TEST_CASE("single precision finds the flow of double precision", "[unit]") {
  for (const Grid& grid : electrodes(6, 24)) {
    const Field<double> x = smooth(grid);
    Field<float> x32(grid);
    for (std::size_t i = 0; i < x.size(); ++i) x32[i] = static_cast<float>(x[i]);
    for (const SinkWeight weight : weights)
      for (const Frame frame : frames) {
        CAPTURE(grid.dimension(), static_cast<int>(weight), static_cast<int>(frame));
        const FlowParameters parameters{.frame = frame, .layer = 0.3, .weight = weight, .x_far = 0.2};
        Flow<double> flow(grid, parameters);
        Flow<float> flow32(grid, parameters);
        const Field<double> b = flow.rate(x);
        const Field<float> b32 = flow32.rate(x32);
        // Differences of a potential over cells lose a digit.
        CHECK((b.array() - b32.array().cast<double>()).abs().maxCoeff() < 3e-5 * largest(b));
        CHECK(flow32.mean == Approx(flow.mean).epsilon(1e-7));
      }
  }
}

TEST_CASE("the state of the sink is that of its layer, by direct sums", "[unit]") {
  for (const Grid& grid : electrodes(5, 20))
    for (const LayerShape shape : shapes) {
      CAPTURE(grid.dimension(), static_cast<int>(shape));
      Field<double> x = noise(grid, 9, 0.1, 0.7);
      x[6 * grid.plane()] = 0.95;  // below the layer
      const std::vector<double> parts = layer_cells(shape, 0.3, 20);
      double mean = 0, most = 0, face = 0;
      for (std::size_t i = 0; i < 6 * grid.plane(); ++i) {
        mean += parts[i / grid.plane()] * x[i] / static_cast<double>(grid.plane());
        most = std::max(most, x[i]);
        if (i < grid.plane()) face += x[i] / static_cast<double>(grid.plane());
      }
      for (const SinkWeight weight : weights) {
        const MetalFlow<double> flow(grid, {.shape = shape, .layer = 0.3, .weight = weight});
        const SinkState state = flow.state(x);
        CHECK(state.x == Approx(mean).epsilon(1e-14));
        CHECK(state.host == Approx(1 - mean).epsilon(1e-14));
        CHECK(state.host_least == Approx(1 - most).epsilon(1e-14));
        CHECK(state.x_face == Approx(face).epsilon(1e-14));
        // One that takes the same everywhere stops at the first cell that has none left.
        CHECK(flow.host_available(state) == (weight == SinkWeight::uniform ? state.host_least : state.host));
      }
    }
}

TEST_CASE("the content of a layer is what its strongest part holds", "[unit]") {
  const Grid grid({{4, 400, Boundary::no_flux}});
  // 1 over the largest phi: half of the layer, half of it and all.
  const double layer = 0.25, thickness = 1.7;
  const auto content = [&](LayerShape shape) {
    return MetalFlow<double>(grid, {.shape = shape, .layer = layer}).layer_content(thickness) / (layer * thickness);
  };
  CHECK(content(LayerShape::raised_cosine) == Approx(0.5).epsilon(1e-3));
  // The first of 100 cells has 2 less 1/100.
  CHECK(content(LayerShape::triangle) == Approx(1 / 1.99).epsilon(1e-12));
  CHECK(content(LayerShape::uniform) == Approx(1).epsilon(1e-13));
}

TEST_CASE("a flow is driven, cut and at rest, and thins its electrode where the grid shrinks", "[unit]") {
  const Grid grid({{4, 40, Boundary::no_flux}});
  MetalFlow<double> shrinking(grid, {}), window(grid, {.frame = Frame::window});
  CHECK(shrinking.at_rest());
  CHECK(shrinking.velocity() == 0);
  for (MetalFlow<double>* flow : {&shrinking, &window}) flow->drive(2);
  CHECK_FALSE(shrinking.at_rest());
  CHECK(shrinking.thickness_after(4, 0.25) == 3.5);
  CHECK(window.thickness_after(4, 0.25) == 4);
  shrinking.cut(0.5);
  CHECK(shrinking.velocity() == 0.5);
  CHECK(shrinking.thickness_after(4, 0.25) == 3.875);
  shrinking.cut(0);
  CHECK_FALSE(shrinking.at_rest());
  shrinking.drive(-2);
  CHECK(shrinking.thickness_after(4, 0.25) == 4.5);
  shrinking.drive(0);
  CHECK(shrinking.at_rest());
}
