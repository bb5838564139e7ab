#include "spinode/measure/local_thickness.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "spinode/measure/distance_transform.hpp"
#include "spinode/parallel.hpp"

namespace spinode {
namespace {

using Eigen::Vector3d;

constexpr double endless = std::numeric_limits<double>::infinity();

struct Ball {
  Vector3d centre;  // in the unit of the grid, the first cell at the origin
  double radius;
  double hold;  // square of the distance up to which the centre of a cell counts as held
};

struct Balls : std::vector<Ball> {
  Balls& operator+=(const Balls& more) {
    insert(end(), more.begin(), more.end());
    return *this;
  }
};

using Index = std::array<std::size_t, 3>;

/// The balls inside a phase that lie in no other.
class MaximalBalls {
 public:
  MaximalBalls(const Grid& grid, const Array<Eigen::Vector3f>& to) : grid_(grid), to_(to) {
    double diagonal = 0;
    for (int a = 0; a < grid.dimension(); ++a) {
      spacing_[a] = grid.axis(a).spacing();
      diagonal += spacing_[a] * spacing_[a];
    }
    half_diagonal_ = std::sqrt(diagonal) / 2;
    slack_ = 0.05 * std::sqrt(diagonal / grid.dimension());
  }

  /// The ball of a cell grows while it touches the nearest point of the interface, until it touches another one. None
  /// when its centre then leaves the surroundings of the cell: it comes to those of others, which find it.
  std::optional<Ball> at(const Index& cell) const {
    const Vector3d nearest = -to(cell, {0, 0, 0});
    const double distance = nearest.norm();
    if (distance == 0 || distance == endless) return std::nullopt;
    const Vector3d up = nearest / distance;
    // The way of the centre until a point at -r from the cell is `slack` inside the ball.
    const auto way = [&](const Vector3d& r, double slack) {
      const double within = distance - slack, opening = within - up.dot(r);
      return opening > 0 ? (r.squaredNorm() - within * within) / (2 * opening) : endless;
    };
    double shortest = endless;
    Vector3d stop = Vector3d::Zero();
    for_neighbours([&](const std::array<int, 3>& step) {
      const Vector3d r = -to(cell, step);
      // Slack, because points that are close to each other say little about a ball that touches both.
      if (const double s = way(r, slack_); s < shortest) {
        shortest = s;
        stop = r;
      }
    });
    if (shortest > 1.2 * half_diagonal_) return std::nullopt;
    const double s = std::max(way(stop, 0), 0.0);
    Vector3d centre = s * up;
    for (int a = 0; a < grid_.dimension(); ++a) {
      centre[a] += static_cast<double>(cell[a]) * spacing_[a];
      const Axis& axis = grid_.axis(a);
      if (axis.boundary == Boundary::periodic) centre[a] -= axis.length * std::floor(centre[a] / axis.length);
    }
    // A point that touches the ball between two neighbours is farther from their centres, by Pythagoras, and the points
    // of the interface are not exact either.
    const double radius = distance + s, touch = radius + slack_;
    return Ball{centre, radius, touch * touch + half_diagonal_ * half_diagonal_};
  }

 private:
  template <class Body>
  void for_neighbours(Body body) const {
    const int y = grid_.dimension() > 1 ? 1 : 0, z = grid_.dimension() > 2 ? 1 : 0;
    for (int k = -z; k <= z; ++k)
      for (int j = -y; j <= y; ++j)
        for (int i = -1; i <= 1; ++i) body({i, j, k});
  }

  /// Where a step leads along an axis: around a periodic one, back into the cell that a wall mirrors.
  std::size_t moved(int a, std::size_t at, int step) const {
    const std::size_t last = grid_.cells(a) - 1;
    const bool wall = grid_.axis(a).boundary == Boundary::no_flux;
    if (step < 0 && at == 0) return wall ? 0 : last;
    if (step > 0 && at == last) return wall ? last : 0;
    return at + step;
  }

  /// From a cell to what its neighbour has found.
  Vector3d to(const Index& cell, const std::array<int, 3>& step) const {
    Index neighbour = cell;
    for (int a = 0; a < grid_.dimension(); ++a) neighbour[a] = moved(a, cell[a], step[a]);
    const auto& [i, j, k] = neighbour;
    Vector3d r = to_[i + grid_.cells(0) * (j + grid_.cells(1) * k)].cast<double>();
    for (int a = 0; a < grid_.dimension(); ++a) {
      const bool mirrored = step[a] != 0 && neighbour[a] == cell[a] && grid_.axis(a).boundary == Boundary::no_flux;
      r[a] = (mirrored ? -r[a] : r[a]) + step[a] * spacing_[a];
    }
    return r;
  }

  const Grid& grid_;
  const Array<Eigen::Vector3f>& to_;
  Vector3d spacing_ = Vector3d::Ones();
  double half_diagonal_, slack_;
};

/// Raises the cells of some rows to the radius of each ball that holds them.
class Painter {
 public:
  Painter(const Grid& grid, Rows rows, Array<float>& radius) : grid_(grid), rows_(rows), radius_(radius) {}

  void paint(const Ball& ball) const {
    const auto value = static_cast<float>(ball.radius);
    for_planes(2, ball, ball.hold, [&](std::size_t k, double left_of_plane) {
      if ((k + 1) * grid_.cells(1) <= rows_.begin || k * grid_.cells(1) >= rows_.end) return;
      for_planes(1, ball, left_of_plane, [&](std::size_t j, double left) {
        const std::size_t row = j + grid_.cells(1) * k;
        if (row < rows_.begin || row >= rows_.end) return;
        paint_row(radius_.data() + row * grid_.cells(0), ball, left, value);
      });
    });
  }

 private:
  struct Span {
    std::ptrdiff_t first, last;
  };

  /// Cells within `half` of the centre, their nearest images on a periodic axis.
  Span span(int a, const Ball& ball, double half) const {
    const double h = grid_.axis(a).spacing(), at = ball.centre[a] / h;
    const auto n = static_cast<std::ptrdiff_t>(grid_.cells(a));
    const bool periodic = grid_.axis(a).boundary == Boundary::periodic;
    if (periodic) half = std::min(half, grid_.axis(a).length / 2);
    const auto first = static_cast<std::ptrdiff_t>(std::ceil(at - half / h));
    const auto last = static_cast<std::ptrdiff_t>(std::floor(at + half / h));
    return periodic ? Span{first, last} : Span{std::max<std::ptrdiff_t>(first, 0), std::min(last, n - 1)};
  }

  std::size_t wrapped(int a, std::ptrdiff_t j) const {
    const auto n = static_cast<std::ptrdiff_t>(grid_.cells(a));
    return static_cast<std::size_t>(j < 0 ? j + n : j < n ? j : j - n);
  }

  /// body(j, what is left of the squared radius) for the planes normal to an axis that the ball cuts.
  template <class Body>
  void for_planes(int a, const Ball& ball, double square, Body body) const {
    if (a >= grid_.dimension()) return body(0, square);
    const double h = grid_.axis(a).spacing();
    const Span cut = span(a, ball, std::sqrt(square));
    for (std::ptrdiff_t j = cut.first; j <= cut.last; ++j) {
      const double away = static_cast<double>(j) * h - ball.centre[a];
      body(wrapped(a, j), std::max(square - away * away, 0.0));
    }
  }

  void paint_row(float* row, const Ball& ball, double square, float value) const {
    const auto n = static_cast<std::ptrdiff_t>(grid_.cells(0));
    const auto raise = [&](std::ptrdiff_t first, std::ptrdiff_t last) {
      for (std::ptrdiff_t i = first; i <= last; ++i) row[i] = std::max(row[i], value);
    };
    const Span cut = span(0, ball, std::sqrt(square));
    raise(std::max<std::ptrdiff_t>(cut.first, 0), std::min(cut.last, n - 1));
    if (cut.first < 0) raise(cut.first + n, n - 1);
    if (cut.last >= n) raise(0, cut.last - n);
  }

  const Grid& grid_;
  Rows rows_;
  Array<float>& radius_;
};

}  // namespace

LocalThickness local_thickness(const Grid& grid, const Field<double>& x, double level, Phase phase) {
  const auto inside = [&](std::size_t i) { return Thresholds(level).contain(phase, x[i]); };
  const std::size_t nx = grid.cells(0), ny = grid.cells(1);
  const Array<Eigen::Vector3f> to = to_interface(grid, x, level);
  const MaximalBalls maximal(grid, to);
  Array<float> radius(grid.size());
  const Balls balls = reduce_rows<Balls>(grid.rows(), [&](Rows rows) {
    Balls some;
    for (std::size_t i = rows.begin * nx; i < rows.end * nx; ++i) {
      if (!inside(i)) continue;
      radius[i] = to[i].norm();
      if (const auto ball = maximal.at({i % nx, i / nx % ny, i / (nx * ny)})) some.push_back(*ball);
    }
    return some;
  });
  for_rows(grid.rows(), [&](Rows rows) {
    const Painter painter(grid, rows, radius);
    for (const Ball& ball : balls) painter.paint(ball);
  });
  const auto sum = [&](auto value) {
    return reduce_rows<double>(grid.rows(), [&](Rows rows) {
      double part = 0;
      for (std::size_t i = rows.begin * nx; i < rows.end * nx; ++i)
        if (inside(i)) part += value(2 * static_cast<double>(radius[i]));
      return part;
    });
  };
  LocalThickness result;
  const double cells = sum([](double) { return 1; });
  if (cells == 0) return result;
  result.mean = sum([](double d) { return d; }) / cells;
  for (std::size_t i = 0; i < grid.size(); ++i)
    if (inside(i)) result.largest = std::max(result.largest, 2 * static_cast<double>(radius[i]));
  if (result.largest < endless)
    result.deviation = std::sqrt(sum([&](double d) { return (d - result.mean) * (d - result.mean); }) / cells);
  return result;
}

}  // namespace spinode
