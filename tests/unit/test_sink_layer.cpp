// The sink layer: Phi of each shape against the integral of its phi, and what falls to each cell.
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>
#include <numeric>

#include "spinode/electrode/sink_layer.hpp"

using namespace spinode;

namespace {

constexpr std::array shapes{LayerShape::raised_cosine, LayerShape::triangle, LayerShape::uniform};

/// phi times the thickness of the layer, at z = u times it.
double density(LayerShape shape, double u) {
  if (u > 1) return 0;
  if (shape == LayerShape::raised_cosine) return 1 + std::cos(std::numbers::pi * u);
  return shape == LayerShape::triangle ? 2 * (1 - u) : 1;
}

/// By Simpson's rule.
double integral_of_density(LayerShape shape, double from, double to) {
  constexpr int pairs = 400;
  const double h = (to - from) / (2 * pairs);
  double sum = 0;
  for (int i = 0; i < pairs; ++i) {
    const double u = from + 2 * i * h;
    sum += h / 3 * (density(shape, u) + 4 * density(shape, u + h) + density(shape, u + 2 * h));
  }
  return sum;
}

}  // namespace

TEST_CASE("Phi is the integral of phi, from 0 at the separator to 1 at the end of the layer", "[unit]") {
  for (const LayerShape shape : shapes) {
    CAPTURE(static_cast<int>(shape));
    CHECK(layer_share(shape, 0) == 0);
    CHECK(layer_share(shape, 1) == 1);
    CHECK(layer_share(shape, -0.3) == 0);
    CHECK(layer_share(shape, 7) == 1);
    double before = 0;
    for (int i = 1; i <= 50; ++i) {
      const double u = i / 50.0, share = layer_share(shape, u);
      CAPTURE(u);
      CHECK(share == Approx(integral_of_density(shape, 0, u)).epsilon(1e-12));
      CHECK(share > before);
      before = share;
    }
  }
  CHECK(layer_share(LayerShape::raised_cosine, 0.5) == Approx(0.5 + 1 / std::numbers::pi).epsilon(1e-15));
  CHECK(layer_share(LayerShape::raised_cosine, 0.25) ==
        Approx(0.25 + std::sqrt(0.5) / std::numbers::pi).epsilon(1e-15));
  CHECK(layer_share(LayerShape::triangle, 0.5) == 0.75);
  CHECK(layer_share(LayerShape::uniform, 0.3) == 0.3);
}

TEST_CASE("the slope of Phi is phi, and its integral over the layer is 1", "[unit]") {
  constexpr int points = 1000;
  constexpr double step = 1e-5;
  for (const LayerShape shape : shapes) {
    CAPTURE(static_cast<int>(shape));
    double sum = 0, worst = 0;
    for (int i = 0; i < points; ++i) {
      const double u = (i + 0.5) / points,
                   slope = (layer_share(shape, u + step) - layer_share(shape, u - step)) / (2 * step);
      sum += slope / points;
      worst = std::max(worst, std::abs(slope - density(shape, u)));
    }
    // The midpoint rule is exact here: phi is straight, or of no slope at both ends. Differences leave pi^2 step^2/6.
    CHECK(sum == Approx(1).epsilon(1e-9));
    CHECK(worst < 1e-9);
  }
}

TEST_CASE("the parts of the cells are those of phi, add up to 1 and end with the layer", "[unit]") {
  for (const LayerShape shape : shapes)
    for (const std::size_t cells : {4u, 7u, 64u, 301u})
      for (const double share : {0.013, 0.1, 1.0 / 3, 0.5, 0.777, 1.0}) {
        CAPTURE(static_cast<int>(shape), cells, share);
        const std::vector<double> parts = layer_cells(shape, share, cells);
        REQUIRE(parts.size() == cells);
        CHECK(std::abs(std::accumulate(parts.begin(), parts.end(), 0.0) - 1) < 1e-15);
        const double width = share * static_cast<double>(cells);
        for (std::size_t i = 0; i < cells; ++i) {
          const double low = static_cast<double>(i) / width, high = static_cast<double>(i + 1) / width;
          CAPTURE(i);
          CHECK(parts[i] >= 0);
          if (low >= 1)
            CHECK(parts[i] == 0);
          else
            CHECK(parts[i] == Approx(integral_of_density(shape, low, std::min(high, 1.0))).margin(1e-12));
        }
      }
}

TEST_CASE("every shape of a layer has its name", "[unit]") {
  const auto entries = layer_shape_entries();
  REQUIRE(entries.size() == shapes.size());
  CHECK(entries[static_cast<std::size_t>(LayerShape::raised_cosine)].first == "raised_cosine");
  CHECK(entries[static_cast<std::size_t>(LayerShape::triangle)].first == "triangle");
  CHECK(entries[static_cast<std::size_t>(LayerShape::uniform)].first == "uniform");
}
