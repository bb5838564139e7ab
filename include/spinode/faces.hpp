// Weights on the faces between neighbouring cells, and the sums over neighbours that they define: second-order
// staggered differences on axes that are periodic or closed by a wall.
#pragma once

#include <array>
#include <cstddef>

#include "spinode/field.hpp"
#include "spinode/grid.hpp"

namespace spinode {

/// weight(a)[i] joins cell i to the next one along axis a; the last cell of an axis to its first, with weight 0 where
/// there is a wall. Cells are ordered as in a Field.
template <class Real>
class Faces {
 public:
  Faces() = default;
  Faces(const std::array<std::size_t, 3>& cells, int dimension);
  explicit Faces(const Grid& grid) : Faces({grid.cells(0), grid.cells(1), grid.cells(2)}, grid.dimension()) {}

  const std::array<std::size_t, 3>& cells() const { return cells_; }
  int dimension() const { return dimension_; }
  std::size_t rows() const { return cells_[1] * cells_[2]; }
  std::size_t size() const { return cells_[0] * rows(); }
  Real* weight(int a) { return weight_[a].data(); }
  const Real* weight(int a) const { return weight_[a].data(); }

  /// The same weight on every face of axis `a` that is not a wall.
  void fill(const Grid& grid, int a, Real weight);

  /// The row next to `row` along axis 1 or 2, forward or back, around the end of the axis.
  std::size_t next(int a, std::size_t row) const;
  std::size_t previous(int a, std::size_t row) const;

  /// sum_i = sum_j w_ij v_j over one row of cells, v being the whole field.
  void gather(std::size_t row, const Real* v, Real* sum) const;
  /// The same for w_ij (v_i - v_j): minus the divergence of w grad v. What leaves one cell enters the other to the last
  /// digit of v, whatever the precision of w.
  template <class Value>
  void apply(std::size_t row, const Value* v, Value* sum) const;

 private:
  std::array<std::size_t, 3> cells_{1, 1, 1};
  int dimension_ = 1;
  std::array<Array<Real>, 3> weight_;
};

extern template class Faces<float>;
extern template class Faces<double>;
extern template void Faces<float>::apply(std::size_t, const float*, float*) const;
extern template void Faces<float>::apply(std::size_t, const double*, double*) const;
extern template void Faces<double>::apply(std::size_t, const double*, double*) const;

}  // namespace spinode
