// Loops over rows of a field, shared among OpenMP threads; sums do not depend on the number of threads.
#pragma once

#include <omp.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace spinode {

/// Half-open range of rows that one thread works through in order.
struct Rows {
  std::size_t begin, end;
};

inline int thread_count() { return omp_get_max_threads(); }
inline int thread_index() { return omp_get_thread_num(); }

/// Calls body(Rows) once per thread, with contiguous shares.
template <class Body>
void for_rows(std::size_t rows, Body body) {
#pragma omp parallel if (rows > 1)
  {
    const std::size_t threads = omp_get_num_threads(), thread = omp_get_thread_num();
    const Rows share{rows * thread / threads, rows * (thread + 1) / threads};
    if (share.begin < share.end) body(share);
  }
}

/// body(i) for every i below `count`, shared among the threads where that pays.
template <class Body>
void for_cells(std::size_t count, Body body) {
#pragma omp parallel for simd schedule(static) if (count >= 4096)
  for (std::size_t i = 0; i < count; ++i) body(i);
}

/// The sum of what has none.
struct NoSum {
  NoSum& operator+=(NoSum) { return *this; }
};

/// Sum (operator +=) of body(Rows) over blocks whose bounds depend on `rows` alone, added in order.
template <class Sum, class Body>
Sum reduce_rows(std::size_t rows, Body body) {
  std::array<Sum, 128> partial{};
  const std::size_t blocks = std::min<std::size_t>(rows, partial.size());
#pragma omp parallel for schedule(static) if (blocks > 1)
  for (std::size_t b = 0; b < blocks; ++b) partial[b] = body(Rows{rows * b / blocks, rows * (b + 1) / blocks});
  Sum total{};
  for (std::size_t b = 0; b < blocks; ++b) total += partial[b];
  return total;
}

}  // namespace spinode
