#include "spinode/stepper/gmres.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "spinode/parallel.hpp"

namespace spinode {
namespace {

/// Numbers handled at a time, so that a run of one vector stays in cache while the basis passes by.
constexpr std::size_t run = 2048;
constexpr int most_vectors = 32;

std::size_t runs(std::size_t size) { return (size + run - 1) / run; }

struct Products {
  std::array<double, most_vectors> value{};
  Products& operator+=(const Products& other) {
    for (int i = 0; i < most_vectors; ++i) value[i] += other.value[i];
    return *this;
  }
};

/// basis_i . w for the first `count` vectors, and w . w as the one after.
Products products(const std::vector<Field<float>>& basis, int count, const Field<float>& w) {
  return reduce_rows<Products>(runs(w.size()), [&](Rows share) {
    Products part;
    for (std::size_t first = share.begin * run; first < std::min(share.end * run, w.size()); first += run) {
      const std::size_t n = std::min(run, w.size() - first);
      const float* const b = w.data() + first;
      for (int i = 0; i <= count; ++i) {
        const float* const a = i < count ? basis[i].data() + first : b;
        double sum = 0;
#pragma omp simd reduction(+ : sum)
        for (std::size_t c = 0; c < n; ++c) sum += static_cast<double>(a[c]) * b[c];
        part.value[i] += sum;
      }
    }
    return part;
  });
}

/// w += sum of factor_i basis_i.
void add(const std::vector<Field<float>>& basis, const std::vector<double>& factor, Field<float>& w) {
  for_rows(runs(w.size()), [&](Rows share) {
    for (std::size_t first = share.begin * run; first < std::min(share.end * run, w.size()); first += run) {
      const std::size_t n = std::min(run, w.size() - first);
      float* const b = w.data() + first;
      for (std::size_t i = 0; i < factor.size(); ++i) {
        const float* const a = basis[i].data() + first;
        const float f = static_cast<float>(factor[i]);
#pragma omp simd
        for (std::size_t c = 0; c < n; ++c) b[c] += f * a[c];
      }
    }
  });
}

void fill(Field<float>& x, float value) {
  for_cells(x.size(), [value, out = x.data()](std::size_t i) { out[i] = value; });
}

void scale(Field<float>& x, double factor) {
  for_cells(x.size(), [f = static_cast<float>(factor), out = x.data()](std::size_t i) { out[i] *= f; });
}

/// y += x.
void add(const Field<float>& x, Field<float>& y) {
  for_cells(x.size(), [in = x.data(), out = y.data()](std::size_t i) { out[i] += in[i]; });
}

}  // namespace

Gmres::Gmres(const Grid& grid, int restart) : restart_(std::min(restart, most_vectors - 2)), work_(grid) {
  for (int i = 0; i <= restart_; ++i) basis_.emplace_back(grid);
}

Gmres::Result Gmres::solve(const Map& A, const Map& preconditioner, Vector& x, double tolerance, int most) {
  Result result;
  fill(x, 0);
  const double whole = std::sqrt(products(basis_, 0, basis_[0]).value[0]);
  if (whole == 0) return {0, 0};
  double norm = whole;
  while (true) {
    scale(basis_[0], 1 / norm);
    // H = Q R by Givens rotations; g holds the rotated right-hand side.
    std::vector<std::vector<double>> R;
    std::vector<double> cosine, sine, g{norm};
    int n = 0;
    while (n < restart_ && result.iterations < most) {
      preconditioner(basis_[n], work_);
      Vector& next = basis_[n + 1];
      A(work_, next);
      std::vector<double> column(n + 2);
      // Gram-Schmidt, and again where little is left: in single precision that is no longer orthogonal.
      for (int pass = 0; pass < 2; ++pass) {
        const Products h = products(basis_, n + 1, next);
        const double square = h.value[n + 1];
        double left = square;
        std::vector<double> factor(n + 1);
        for (int i = 0; i <= n; ++i) {
          factor[i] = -h.value[i];
          column[i] += h.value[i];
          left -= h.value[i] * h.value[i];
        }
        add(basis_, factor, next);
        if (left > 0.01 * square) break;
      }
      column[n + 1] = std::sqrt(products(basis_, 0, next).value[0]);
      if (column[n + 1] > 0) scale(next, 1 / column[n + 1]);
      for (int i = 0; i < n; ++i) {
        const double upper = cosine[i] * column[i] + sine[i] * column[i + 1];
        column[i + 1] = -sine[i] * column[i] + cosine[i] * column[i + 1];
        column[i] = upper;
      }
      const double length = std::hypot(column[n], column[n + 1]);
      cosine.push_back(length > 0 ? column[n] / length : 1);
      sine.push_back(length > 0 ? column[n + 1] / length : 0);
      column[n] = length;
      g.push_back(-sine[n] * g[n]);
      g[n] *= cosine[n];
      R.push_back(std::move(column));
      ++n;
      ++result.iterations;
      result.residual = std::abs(g[n]) / whole;
      // Written so that a residual that is not a number ends the search.
      if (!(result.residual > tolerance)) break;
    }
    std::vector<double> y(n);
    for (int i = n; i-- > 0;) {
      double sum = g[i];
      for (int j = i + 1; j < n; ++j) sum -= R[j][i] * y[j];
      y[i] = R[i][i] != 0 ? sum / R[i][i] : 0;
    }
    fill(work_, 0);
    add(basis_, y, work_);
    const bool done = !(result.residual > tolerance) || result.iterations >= most;
    if (!done) {
      // What is left of the right-hand side is the last of the rotated directions: turned back, it is where to go on.
      std::vector<double> rest(n + 1);
      rest[n] = g[n];
      for (int i = n; i-- > 0;) {
        rest[i] = -sine[i] * rest[i + 1];
        rest[i + 1] *= cosine[i];
      }
      scale(basis_[0], std::exchange(rest[0], 0));
      add(basis_, rest, basis_[0]);
      norm = std::abs(g[n]);
    }
    // The preconditioner is linear: it is applied to the combination, not to each vector. The basis makes room for it.
    preconditioner(work_, basis_[1]);
    add(basis_[1], x);
    if (done) return result;
  }
}

}  // namespace spinode
