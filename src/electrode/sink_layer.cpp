#include "spinode/electrode/sink_layer.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace spinode {

std::vector<std::pair<std::string, std::string>> layer_shape_entries() {
  return {{"raised_cosine", "1 + cos(pi z/layer), smooth at both ends"},
          {"triangle", "1 - z/layer"},
          {"uniform", "the same everywhere in the layer"}};
}

double layer_share(LayerShape shape, double u) {
  u = std::clamp(u, 0.0, 1.0);
  switch (shape) {
    case LayerShape::raised_cosine:
      return u + std::sin(std::numbers::pi * u) / std::numbers::pi;
    case LayerShape::triangle:
      return u * (2 - u);
    case LayerShape::uniform:
      return u;
  }
  throw std::logic_error("unknown shape of a layer");
}

std::vector<double> layer_cells(LayerShape shape, double share, std::size_t cells) {
  std::vector<double> parts(cells);
  const auto below = [&](std::size_t i) {
    return layer_share(shape, static_cast<double>(i) / (share * static_cast<double>(cells)));
  };
  for (std::size_t i = 0; i < cells; ++i) parts[i] = below(i + 1) - below(i);
  return parts;
}

}  // namespace spinode
