#include "spinode/measure/chords.hpp"

#include <cmath>

#include "spinode/parallel.hpp"

namespace spinode {
namespace {

struct Lines {
  double above = 0, crossings = 0;  // length above the level, in cells

  Lines& operator+=(const Lines& other) {
    above += other.above;
    crossings += other.crossings;
    return *this;
  }
};

Lines lines_along(const Grid& grid, int axis, const Field<double>& x, double level) {
  std::size_t stride = 1;
  for (int a = 0; a < axis; ++a) stride *= grid.cells(a);
  const std::size_t n = grid.cells(axis);
  const bool periodic = grid.axis(axis).boundary == Boundary::periodic;
  return reduce_rows<Lines>(grid.size() / n, [&](Rows share) {
    Lines part;
    for (std::size_t line = share.begin; line < share.end; ++line) {
      const double* const first = x.data() + line / stride * stride * n + line % stride;
      if (!periodic)
        for (const std::size_t end : {std::size_t{0}, n - 1}) part.above += first[end * stride] > level ? 0.5 : 0;
      for (std::size_t i = 0; i + (periodic ? 0 : 1) < n; ++i) {
        const double from = first[i * stride] - level, to = first[(i + 1 < n ? i + 1 : 0) * stride] - level;
        if ((from > 0) == (to > 0)) {
          part.above += from > 0 ? 1 : 0;
        } else {
          part.above += std::max(from, to) / std::abs(from - to);
          part.crossings += 1;
        }
      }
    }
    return part;
  });
}

}  // namespace

Chords chords(const Grid& grid, const Field<double>& x, double level) {
  Chords result;
  for (int a = 0; a < grid.dimension(); ++a) {
    const Lines lines = lines_along(grid, a, x, level);
    const double h = grid.axis(a).spacing(), below = static_cast<double>(grid.size()) - lines.above;
    const auto mean = [&](double length) { return length > 0 ? 2 * h * length / lines.crossings : 0; };
    result.host[a] = mean(below);
    result.solute[a] = mean(lines.above);
  }
  return result;
}

}  // namespace spinode
