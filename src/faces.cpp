#include "spinode/faces.hpp"

#include <algorithm>

namespace spinode {

template <class Real>
Faces<Real>::Faces(const std::array<std::size_t, 3>& cells, int dimension) : cells_(cells), dimension_(dimension) {
  for (int a = 0; a < dimension; ++a) weight_[a] = Array<Real>(size());
}

template <class Real>
void Faces<Real>::fill(const Grid& grid, int a, Real weight) {
  const std::size_t n = cells_[0];
  const bool wall = grid.axis(a).boundary == Boundary::no_flux || cells_[a] == 1;
  std::fill_n(weight_[a].data(), size(), weight);
  if (!wall) return;
  for (std::size_t r = 0; r < rows(); ++r) {
    const std::size_t position = a == 1 ? r % cells_[1] : r / cells_[1];
    if (a == 0)
      weight_[0][r * n + n - 1] = 0;
    else if (position + 1 == cells_[a])
      std::fill_n(weight_[a].data() + r * n, n, Real(0));
  }
}

template <class Real>
std::size_t Faces<Real>::next(int a, std::size_t row) const {
  const std::size_t j = row % cells_[1], k = row / cells_[1];
  return a == 1 ? (j + 1) % cells_[1] + cells_[1] * k : j + cells_[1] * ((k + 1) % cells_[2]);
}

template <class Real>
std::size_t Faces<Real>::previous(int a, std::size_t row) const {
  const std::size_t j = row % cells_[1], k = row / cells_[1];
  return a == 1 ? (j + cells_[1] - 1) % cells_[1] + cells_[1] * k : j + cells_[1] * ((k + cells_[2] - 1) % cells_[2]);
}

template <class Real>
void Faces<Real>::gather(std::size_t row, const Real* v, Real* sum) const {
  const std::size_t n = cells_[0], last = n - 1;
  const Real *along = weight(0) + row * n, *here = v + row * n;
  sum[last] = along[last] * here[0];
#pragma omp simd
  for (std::size_t i = 0; i < last; ++i) sum[i] = along[i] * here[i + 1];
#pragma omp simd
  for (std::size_t i = 0; i < last; ++i) sum[i + 1] += along[i] * here[i];
  sum[0] += along[last] * here[last];
  for (int a = 1; a < dimension_; ++a) {
    const std::size_t back = previous(a, row) * n;
    const Real *upper = weight(a) + row * n, *lower = weight(a) + back;
    const Real *after = v + next(a, row) * n, *before = v + back;
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) sum[i] += upper[i] * after[i] + lower[i] * before[i];
  }
}

template <class Real>
template <class Value>
void Faces<Real>::apply(std::size_t row, const Value* v, Value* sum) const {
  const std::size_t n = cells_[0], last = n - 1;
  const Real* const along = weight(0) + row * n;
  const Value* const here = v + row * n;
  sum[last] = along[last] * (here[last] - here[0]);
#pragma omp simd
  for (std::size_t i = 0; i < last; ++i) sum[i] = along[i] * (here[i] - here[i + 1]);
#pragma omp simd
  for (std::size_t i = 0; i < last; ++i) sum[i + 1] += along[i] * (here[i + 1] - here[i]);
  sum[0] += along[last] * (here[0] - here[last]);
  for (int a = 1; a < dimension_; ++a) {
    const std::size_t back = previous(a, row) * n;
    const Real *upper = weight(a) + row * n, *lower = weight(a) + back;
    const Value *after = v + next(a, row) * n, *before = v + back;
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) sum[i] += upper[i] * (here[i] - after[i]) + lower[i] * (here[i] - before[i]);
  }
}

template class Faces<float>;
template class Faces<double>;
template void Faces<float>::apply(std::size_t, const float*, float*) const;
template void Faces<float>::apply(std::size_t, const double*, double*) const;
template void Faces<double>::apply(std::size_t, const double*, double*) const;

}  // namespace spinode
