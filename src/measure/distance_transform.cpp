#include "spinode/measure/distance_transform.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "spinode/parallel.hpp"

namespace spinode {
namespace {

using Vectors = Array<Eigen::Vector3f>;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The cells of a line along one axis are first, first + stride, ...
struct Line {
  std::size_t first, stride;

  std::size_t operator[](std::size_t j) const { return first + j * stride; }
};

/// search(line) for all lines along an axis, by a copy of `search` per thread: it owns the memory that a line needs.
template <class Search>
void for_lines(const Grid& grid, int axis, const Search& search) {
  std::size_t stride = 1;
  for (int a = 0; a < axis; ++a) stride *= grid.cells(a);
  const std::size_t n = grid.cells(axis);
  for_rows(grid.size() / n, [&](Rows share) {
    Search own = search;
    for (std::size_t l = share.begin; l < share.end; ++l) own(Line{l / stride * stride * n + l % stride, stride});
  });
}

/// Looks along the axis itself: from each cell to the nearest point of its own line.
class AlongLine {
 public:
  AlongLine(const Grid& grid, int axis, const Field<double>& x, double level, Vectors& to)
      : axis_(axis),
        cells_(grid.cells(axis)),
        spacing_(grid.axis(axis).spacing()),
        periodic_(grid.axis(axis).boundary == Boundary::periodic),
        x_(x),
        level_(level),
        to_(to) {}

  void operator()(Line line) {
    const double n = static_cast<double>(cells_);
    points_.clear();
    for (std::size_t j = 0; j + 1 < cells_; ++j) add(j, x_[line[j]], x_[line[j + 1]]);
    if (periodic_) add(cells_ - 1, x_[line[cells_ - 1]], x_[line[0]]);
    if (points_.empty()) {
      for (std::size_t j = 0; j < cells_; ++j) to_[line[j]].setConstant(std::numeric_limits<float>::infinity());
      return;
    }
    if (periodic_) {
      const double first = points_.front(), last = points_.back();
      points_.insert(points_.begin(), last - n);
      points_.push_back(first + n);
    }
    std::size_t nearest = 0;
    for (std::size_t j = 0; j < cells_; ++j) {
      const auto from = [&](std::size_t point) { return points_[point] - static_cast<double>(j); };
      while (nearest + 1 < points_.size() && std::abs(from(nearest + 1)) < std::abs(from(nearest))) ++nearest;
      Eigen::Vector3f& to = to_[line[j]];
      to.setZero();
      to[axis_] = static_cast<float>(from(nearest) * spacing_);
    }
  }

 private:
  void add(std::size_t j, double x, double next) {
    if ((x > level_) != (next > level_)) points_.push_back(static_cast<double>(j) + (level_ - x) / (next - x));
  }

  int axis_;
  std::size_t cells_;
  double spacing_;
  bool periodic_;
  const Field<double>& x_;
  double level_;
  Vectors& to_;
  std::vector<double> points_;  // in cells from the first one of the line, ascending
};

/// Looks along one more axis: of what the cells of a line point at, to the nearest from each, by the lower envelope of
/// the parabolas of their squared distances.
class AcrossLines {
 public:
  AcrossLines(const Grid& grid, int axis, Vectors& to)
      : axis_(axis),
        cells_(grid.cells(axis)),
        spacing_(grid.axis(axis).spacing()),
        periodic_(grid.axis(axis).boundary == Boundary::periodic),
        to_(to),
        source_(cells_),
        square_(cells_ + 1),
        apex_(cells_ + 1),
        from_(cells_ + 1) {}

  void operator()(Line line) {
    const double unit = spacing_ * spacing_;
    for (std::size_t j = 0; j < cells_; ++j) {
      source_[j] = to_[line[j]];
      square_[j] = static_cast<double>(source_[j].squaredNorm()) / unit;
    }
    // Nothing beyond the nearest of all is of use on this side of it, so the line of a periodic axis may start there
    // and end at its image. Images in a wall are farther than what they are images of.
    std::size_t start = 0, sources = cells_;
    if (periodic_) {
      const auto least = std::min_element(square_.begin(), square_.end() - 1);
      start = static_cast<std::size_t>(least - square_.begin());
      std::rotate(source_.begin(), source_.begin() + static_cast<std::ptrdiff_t>(start), source_.end());
      std::rotate(square_.begin(), least, square_.end() - 1);
      square_[sources++] = square_[0];
    }
    const std::size_t parabolas = envelope(sources);
    if (parabolas == 0) return;
    std::size_t lowest = 0;
    for (std::size_t m = 0; m < cells_; ++m) {
      while (lowest + 1 < parabolas && from_[lowest + 1] < static_cast<double>(m)) ++lowest;
      const std::size_t apex = apex_[lowest], j = start + m < cells_ ? start + m : start + m - cells_;
      Eigen::Vector3f to = source_[apex < cells_ ? apex : 0];
      to[axis_] = static_cast<float>((static_cast<double>(apex) - static_cast<double>(m)) * spacing_);
      to_[line[j]] = to;
    }
  }

 private:
  /// How many parabolas are the lowest somewhere; the p-th of them has its apex at apex_[p] and is it from from_[p] on.
  std::size_t envelope(std::size_t sources) {
    std::size_t parabolas = 0;
    for (std::size_t m = 0; m < sources; ++m) {
      if (square_[m] == infinity) continue;
      double crossing = -infinity;
      for (; parabolas > 0; --parabolas) {
        const std::size_t p = apex_[parabolas - 1];
        crossing = (static_cast<double>(m + p) + (square_[m] - square_[p]) / static_cast<double>(m - p)) / 2;
        if (crossing > from_[parabolas - 1]) break;
        crossing = -infinity;
      }
      apex_[parabolas] = m;
      from_[parabolas++] = crossing;
    }
    return parabolas;
  }

  int axis_;
  std::size_t cells_;
  double spacing_;
  bool periodic_;
  Vectors& to_;
  std::vector<Eigen::Vector3f> source_;
  std::vector<double> square_;  // in squared spacings
  std::vector<std::size_t> apex_;
  std::vector<double> from_;
};

}  // namespace

Array<Eigen::Vector3f> to_interface(const Grid& grid, const Field<double>& x, double level) {
  Vectors nearest(grid.size()), to(grid.size());
  for (int a = 0; a < grid.dimension(); ++a) {
    // Points between cells along a lie on the lines along a, so this axis comes first.
    Vectors& found = a == 0 ? nearest : to;
    for_lines(grid, a, AlongLine(grid, a, x, level, found));
    for (int b = 0; b < grid.dimension(); ++b)
      if (b != a) for_lines(grid, b, AcrossLines(grid, b, found));
    if (a > 0)
      for_cells(grid.size(), [&](std::size_t i) {
        if (to[i].squaredNorm() < nearest[i].squaredNorm()) nearest[i] = to[i];
      });
  }
  return nearest;
}

}  // namespace spinode
