#include "spinode/measure/interface.hpp"

#include "level_set.hpp"
#include "simplices.hpp"

namespace spinode {
namespace {

/// For each set of corners above the level: the sum over the simplices of any dimension that begin at the first corner,
/// end at corner D and lie above it with all their corners, of (-1)^dimension.
class EulerTable {
 public:
  EulerTable() {
    for (unsigned above = 0; above < 256; ++above)
      for (unsigned D = 0; D < 8; ++D) totals_[above] += sums_[above][D] = sum(above, D);
  }
  int operator()(unsigned above, unsigned D) const { return sums_[above][D]; }
  /// Over all D.
  int total(unsigned above) const { return totals_[above]; }

 private:
  static int sum(unsigned above, unsigned D) {
    if (!(above >> D & 1)) return 0;
    if (D == 0) return 1;
    int total = 0;
    for (unsigned before = 0; before < D; ++before)
      if ((before & D) == before) total -= sum(above, before);
    return total;
  }

  std::array<std::array<int, 8>, 256> sums_{};
  std::array<int, 256> totals_{};
};

/// Of the simplices that the cube owns: those that begin at its first corner and extend along the axes of D.
double euler_characteristic(const Cube& cube, unsigned above, unsigned corners) {
  static const EulerTable table;
  if (cube.inside() == 1) return table.total(above);
  double total = 0;
  for (unsigned D = 0; D < corners; ++D) {
    double weight = table(above, D);
    for (int a = 0; a < 3; ++a) weight *= D >> a & 1 ? cube.weight[a] : cube.behind[a] ? 0 : 1;
    total += weight;
  }
  return total;
}

struct Sums {
  double area = 0, fraction = 0, euler_characteristic = 0;

  Sums& operator+=(const Sums& other) {
    area += other.area;
    fraction += other.fraction;
    euler_characteristic += other.euler_characteristic;
    return *this;
  }
};

}  // namespace

Interface interface(const Grid& grid, const Field<double>& x, double level) {
  const Cubes cubes(grid);
  const int dimension = grid.dimension();
  const unsigned corners = static_cast<unsigned>(cubes.corners()), all = (1u << corners) - 1;
  const std::vector<std::array<unsigned, 4>>& parts = simplices(dimension);
  const double share = 1 / static_cast<double>(parts.size());
  Point spacing{};
  for (int a = 0; a < dimension; ++a) spacing[a] = grid.axis(a).spacing();
  const auto sums = reduce_rows<Sums>(cubes.rows(), [&](Rows rows) {
    Sums part;
    cubes.for_each(rows, [&](const Cube& cube) {
      unsigned above = 0;
      for (unsigned b = 0; b < corners; ++b) above |= (x[cube.cell[b]] > level ? 1u : 0u) << b;
      if (above == 0) return;
      const double inside = cube.inside();
      part.euler_characteristic += euler_characteristic(cube, above, corners);
      if (above == all) {
        part.fraction += inside;
        return;
      }
      std::array<double, 8> values{};
      for (unsigned b = 0; b < corners; ++b) values[b] = x[cube.cell[b]] - level;
      double area = 0, fraction = 0;
      for (const auto& simplex : parts)
        fraction += level_set(dimension, values, simplex, [&](const auto& piece) { area += size_of(piece, spacing); });
      part.area += inside * area;
      part.fraction += inside * share * fraction;
    });
    return part;
  });
  return {sums.area, sums.fraction / static_cast<double>(grid.size()), sums.euler_characteristic};
}

}  // namespace spinode
