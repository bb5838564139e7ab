#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "spinode/error.hpp"
#include "spinode/initial/list.hpp"
#include "spinode/parallel.hpp"

namespace spinode {
namespace {

/// Integral of tanh(2 s / edge)/2, and of its limit at edge = 0.
double ramp(double s, double edge) {
  const double distance = std::abs(s);
  return distance / 2 + (edge > 0 ? edge / 4 * (std::log1p(std::exp(-4 * distance / edge)) - std::numbers::ln2) : 0);
}

}  // namespace

LayersInitial LayersInitial::read(Config& config) {
  LayersInitial model{};
  model.phases = TwoPhases::read(config);
  model.axis = config.text({.name = "initial.axis",
                            .choices = {"x", "y", "z", "last"},
                            .fallback = "last",
                            .help = "axis that crosses the layers; last is that of the separator and the collector"});
  model.layers = static_cast<int>(config.integer({.name = "initial.layers",
                                                  .bounds = {.min = 1, .max = 10000},
                                                  .fallback = 1,
                                                  .help = "solute-rich layers, each followed by one of the host"}));
  return model;
}

int LayersInitial::axis_in(const Grid& grid) const {
  const int a = axis == "last" ? grid.dimension() - 1 : axis[0] - 'x';
  if (a >= grid.dimension())
    throw ConfigError(fmt::format("initial.axis: \"{}\": the domain has {} ax{}s", axis, grid.dimension(),
                                  grid.dimension() == 1 ? "i" : "e"));
  if (const double length = grid.axis(a).length; phases.edge > 10 * length)
    throw ConfigError(fmt::format(
        "initial.edge: {:.4g} m: interfaces are more than ten times as wide as the domain along axis {}, {:.4g} m",
        phases.edge, a + 1, length));
  return a;
}

double LayersInitial::mean(const Grid& grid) const {
  static_cast<void>(axis_in(grid));
  return phases.x(phases.fraction);
}

void LayersInitial::fill(const Grid& grid, Field<double>& field) const {
  const int a = axis_in(grid);
  const std::size_t n = grid.cells(a);
  if (static_cast<std::size_t>(layers) > n)
    throw ConfigError(fmt::format("initial.layers: {}: must be at most the cells along axis {}, {}", layers, a + 1, n));
  if (const double most = 10 * grid.axis(a).length; phases.edge > most)
    throw ConfigError(
        fmt::format("initial.edge: {:.4g} m: must be at most ten times the domain along axis {}, {:.4g} m", phases.edge,
                    a + 1, most));
  const double length = grid.axis(a).length, h = grid.axis(a).spacing(), period = length / layers;
  const bool mirrored = grid.axis(a).boundary == Boundary::no_flux;
  // Images of the stack from where an interface is still felt: tanh(20) is 1.
  const int images = 1 + (phases.edge > 0 ? static_cast<int>(10 * phases.edge / length) : 0);
  std::vector<double> share(n);
  for (int image = -images; image <= images; ++image)
    for (int layer = 0; layer < layers; ++layer) {
      double low = layer * period, high = low + phases.fraction * period;
      if (mirrored && image % 2 != 0) {
        std::swap(low, high);
        low = length - low;
        high = length - high;
      }
      for (std::size_t i = 0; i < n; ++i) {
        const double s = static_cast<double>(i) * h - image * length;
        share[i] += (ramp(s + h - low, phases.edge) - ramp(s - low, phases.edge) - ramp(s + h - high, phases.edge) +
                     ramp(s - high, phases.edge)) /
                    h;
      }
    }
  std::size_t stride = 1;
  for (int b = 0; b < a; ++b) stride *= grid.cells(b);
  for_cells(grid.size(), [&](std::size_t i) { field[i] = phases.x(std::clamp(share[i / stride % n], 0.0, 1.0)); });
}

}  // namespace spinode
