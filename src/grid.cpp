#include "spinode/grid.hpp"

#include <algorithm>
#include <numbers>
#include <stdexcept>

namespace spinode {

Grid::Grid(const std::vector<Axis>& axes) : dimension_(static_cast<int>(axes.size())) {
  if (axes.empty() || axes.size() > 3) throw std::invalid_argument("a grid has one to three axes");
  std::size_t cells = 1;
  for (std::size_t a = 0; a < axes.size(); ++a) {
    axes_[a] = axes[a];
    // Before the product, which may overflow.
    if (axes[a].cells > most_cells / cells) throw std::invalid_argument("a grid has at most 2^40 cells");
    cells *= axes[a].cells;
    if (half_axis_ < 0 && axes[a].boundary == Boundary::periodic) half_axis_ = static_cast<int>(a);
  }
  for (int a = 0; a < 3; ++a) modes_[a] = a == half_axis_ ? axes_[a].cells / 2 + 1 : axes_[a].cells;
}

double Grid::measure() const {
  double product = 1;
  for (int a = 0; a < dimension_; ++a) product *= axes_[a].length;
  return product;
}

double Grid::shortest_side() const {
  double shortest = axes_[0].length;
  for (int a = 1; a < dimension_; ++a) shortest = std::min(shortest, axes_[a].length);
  return shortest;
}

Grid Grid::in_units_of(double unit) const {
  Grid scaled = *this;
  for (int a = 0; a < dimension_; ++a) scaled.axes_[a].length /= unit;
  return scaled;
}

Grid Grid::of_thickness(double length) const {
  Grid other = *this;
  other.axes_[dimension_ - 1].length = length;
  return other;
}

double Grid::wavenumber(int a, std::size_t mode) const {
  const Axis& axis = axes_[a];
  const double m = static_cast<double>(mode), n = static_cast<double>(axis.cells);
  if (axis.boundary == Boundary::no_flux) return std::numbers::pi * m / axis.length;
  return 2 * std::numbers::pi * (m <= n / 2 ? m : m - n) / axis.length;
}

double Grid::derivative_wavenumber(int a, std::size_t mode) const {
  const bool both_ways = axes_[a].boundary == Boundary::periodic && 2 * mode == axes_[a].cells;
  return both_ways ? 0 : wavenumber(a, mode);
}

double Grid::multiplicity(int a, std::size_t mode) const {
  if (mode == 0 || a >= dimension_) return 1;
  if (axes_[a].boundary == Boundary::no_flux) return 2;
  return a == half_axis() && 2 * mode != cells(a) ? 2 : 1;
}

}  // namespace spinode
