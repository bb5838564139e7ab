#include "spinode/measure/profiles.hpp"

#include <algorithm>
#include <cmath>

#include "spinode/gradient.hpp"
#include "spinode/measure/structure_factor.hpp"
#include "spinode/parallel.hpp"
#include "spinode/transform.hpp"

namespace spinode {

Profiles profiles(const Grid& grid, const Field<double>& x, const Phases& phases) {
  const std::size_t planes = grid.cells(grid.dimension() - 1), plane = grid.plane();
  const double cells = static_cast<double>(plane), middle = phases.threshold(),
               half = std::abs(phases.x_solute - phases.x_host) / 2;
  // 0 in the host, 1 in the solute, and a slope over the middle half of the way between.
  const auto between = [=](double value) { return std::clamp((value - middle) / half + 0.5, 0.0, 1.0); };
  Profiles result;
  for (std::vector<double>* values : {&result.x, &result.solute_rich, &result.interface_density})
    values->resize(planes);
  for_rows(planes, [&](Rows share) {
    for (std::size_t p = share.begin; p < share.end; ++p) {
      double sum = 0, rich = 0, slope = 0;
      for (std::size_t i = p * plane; i < (p + 1) * plane; ++i) {
        sum += x[i];
        rich += x[i] > middle ? 1 : 0;
        slope += std::sqrt(gradient_squared(grid, i, [&](std::size_t j) { return between(x[j]); }));
      }
      result.x[p] = sum / cells;
      result.solute_rich[p] = rich / cells;
      result.interface_density[p] = slope / cells;
    }
  });
  if (grid.dimension() == 1) return result;

  std::vector<Axis> axes;
  for (int a = 0; a + 1 < grid.dimension(); ++a) axes.push_back(grid.axis(a));
  const Grid of_plane(axes);
  Transform<double> transform(of_plane, Planning::estimate);
  Field<double> values(of_plane);
  Spectrum<double> hat(of_plane);
  for (std::size_t p = 0; p < planes; ++p) {
    std::copy_n(x.data() + p * plane, plane, values.data());
    transform.forward(values, hat);
    result.length.push_back(structure_factor(of_plane, hat).length());
  }
  return result;
}

}  // namespace spinode
