#include "spinode/measure/interface.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "simplex_cut.hpp"
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

const EulerTable& euler_table() {
  static const EulerTable table;
  return table;
}

/// Of the simplices that the cube owns: those that begin at its first corner and extend along the axes of D.
double euler_characteristic(const Cube& cube, unsigned above, unsigned corners) {
  double total = 0;
  for (unsigned D = 0; D < corners; ++D) {
    double weight = euler_table()(above, D);
    for (int a = 0; a < 3; ++a) weight *= D >> a & 1 ? cube.weight[a] : cube.behind[a] ? 0 : 1;
    total += weight;
  }
  return total;
}

struct Sums {
  CutSums cut;       // over the simplices of cubes that the level set cuts
  double whole = 0;  // cubes that lie above it
  double euler_characteristic = 0;

  Sums& operator+=(const Sums& other) {
    cut += other.cut;
    whole += other.whole;
    euler_characteristic += other.euler_characteristic;
    return *this;
  }
};

/// Works through rows of cubes: finds those that the level set cuts, and cuts many together.
class Cutter {
 public:
  Cutter(const Grid& grid, const Field<double>& x, double level)
      : cubes_(grid), x_(&x), level_(level), dimension_(grid.dimension()) {
    for (int a = 0; a < dimension_; ++a) inverse_squares_[a] = std::pow(grid.axis(a).spacing(), -2);
    for (std::vector<double>& line : lines_) line.resize(cubes_.in_row() + 1);
    above_.resize(cubes_.in_row() + 1);
    found_.resize(cubes_.in_row());
    for (std::vector<double>& values : values_) values.resize(batch + cubes_.in_row());
    inside_.resize(batch + cubes_.in_row());
  }

  Sums operator()(Rows rows) {
    Sums sums;
    for (std::size_t row = rows.begin; row < rows.end; ++row) {
      look_at(cubes_.row(row), sums);
      if (count_ >= batch) cut(sums);
    }
    cut(sums);
    return sums;
  }

 private:
  static constexpr std::size_t batch = 256;

  void look_at(const CubeRow& row, Sums& sums) {
    const unsigned corners = 1u << dimension_, all = (1u << corners) - 1;
    read_lines(row);
    const auto above = [&](std::size_t i) { return static_cast<unsigned>(above_[i] | above_[i + 1] << 1); };
    std::size_t found = 0, whole = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
      found_[found] = i;
      found += above(i) - 1 < all - 1 ? 1 : 0;  // neither 0 nor all
      whole += above(i) == all ? 1 : 0;
    }
    sums.whole += row.weight() * static_cast<double>(whole);
    // Cubes above the level at walls: not whole, and with simplices of their own where walls meet.
    for (const std::size_t end : {std::size_t{0}, row.size() - 1}) {
      if (above(end) != all) continue;
      sums.whole += row.inside(end) - row.weight();
      sums.euler_characteristic += euler_characteristic(row[end], all, corners);
    }
    const EulerTable& table = euler_table();
    int inner = 0;
    for (std::size_t f = 0; f < found; ++f) {
      const double inside = row.inside(found_[f]);
      inside_[count_ + f] = inside;
      if (inside == 1)
        inner += table.total(above(found_[f]));
      else
        sums.euler_characteristic += euler_characteristic(row[found_[f]], above(found_[f]), corners);
    }
    sums.euler_characteristic += inner;
    for (unsigned b = 0; b < corners; ++b) {
      const double* const line = lines_[b >> 1].data() + (b & 1);
      double* const values = values_[b].data() + count_;
      for (std::size_t f = 0; f < found; ++f) values[f] = line[found_[f]];
    }
    count_ += found;
  }

  /// Values less the level in layers of corners, and on which side of it they are.
  void read_lines(const CubeRow& row) {
    const std::size_t layers = row.size() + 1;
    std::fill(above_.begin(), above_.end(), std::uint8_t{0});
    for (unsigned l = 0; l < 1u << (dimension_ - 1); ++l) {
      const double* const from = x_->data() + row.line(l);
      double* const line = lines_[l].data();
      const std::size_t shift = row.first_layer();
#pragma omp simd
      for (std::size_t i = 0; i < row.cells(); ++i) line[i + shift] = from[i] - level_;
      line[0] = from[row.layer(0)] - level_;
      line[layers - 1] = from[row.layer(layers - 1)] - level_;
      std::uint8_t* const above = above_.data();
      const auto bit = static_cast<std::uint8_t>(1u << 2 * l);
#pragma omp simd
      for (std::size_t i = 0; i < layers; ++i) above[i] = static_cast<std::uint8_t>(above[i] | (line[i] > 0 ? bit : 0));
    }
  }

  void cut(Sums& sums) {
    for (const auto& simplex : simplices(dimension_)) {
      std::array<const double*, 4> corner{};
      std::array<double, 3> inverse_square{};
      for (int v = 0; v <= dimension_; ++v) corner[v] = values_[simplex[v]].data();
      for (int v = 0; v < dimension_; ++v)
        inverse_square[v] = inverse_squares_[std::countr_zero(simplex[v] ^ simplex[v + 1])];
      sums.cut += cut_simplices(dimension_, corner, inverse_square, inside_.data(), count_);
    }
    count_ = 0;
  }

  Cubes cubes_;
  const Field<double>* x_;
  double level_;
  int dimension_;
  std::array<double, 3> inverse_squares_{};   // of the spacings
  std::array<std::vector<double>, 4> lines_;  // of a row of cubes, by layers of corners
  std::vector<std::uint8_t> above_;           // bit 2 l: the corner on line l lies above
  std::vector<std::size_t> found_;            // cubes of the row that the level set cuts
  // Those that wait to be cut: how many, their values at each corner, and what of them lies inside the box.
  std::size_t count_ = 0;
  std::array<std::vector<double>, 8> values_;
  std::vector<double> inside_;
};

}  // namespace

Interface interface(const Grid& grid, const Field<double>& x, double level) {
  const auto sums = reduce_rows<Sums>(Cubes(grid).rows(), [&](Rows rows) { return Cutter(grid, x, level)(rows); });
  double cube = 1;
  for (int a = 0; a < grid.dimension(); ++a) cube *= grid.axis(a).spacing();
  const double of_cube = 1 / static_cast<double>(simplices(grid.dimension()).size());
  return {cube * grid.dimension() * of_cube * sums.cut.size,
          (sums.whole + of_cube * sums.cut.share) / static_cast<double>(grid.size()), sums.euler_characteristic};
}

}  // namespace spinode
