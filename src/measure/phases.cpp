#include "spinode/measure/phases.hpp"

#include <algorithm>

#include "spinode/parallel.hpp"
#include "../vector_clones.hpp"

namespace spinode {
namespace {

struct Contents {
  double host = 0, solute = 0, x_host = 0, x_solute = 0;

  Contents& operator+=(const Contents& other) {
    host += other.host;
    solute += other.solute;
    x_host += other.x_host;
    x_solute += other.x_solute;
    return *this;
  }
};

SPINODE_VECTOR_CLONES Contents contents(const double* x, std::size_t n, double up_to, double above) {
  double host = 0, solute = 0, x_host = 0, x_solute = 0;
#pragma omp simd reduction(+ : host, solute, x_host, x_solute)
  for (std::size_t i = 0; i < n; ++i) {
    const double in_host = x[i] <= up_to ? 1 : 0, in_solute = x[i] > above ? 1 : 0;
    host += in_host;
    solute += in_solute;
    x_host += in_host * x[i];
    x_solute += in_solute * x[i];
  }
  return {host, solute, x_host, x_solute};
}

}  // namespace

PhaseContents phase_contents(const Field<double>& x, const Thresholds& thresholds) {
  const std::size_t blocks = std::min<std::size_t>(x.size() / 8192 + 1, 128);
  const auto sums = reduce_rows<Contents>(blocks, [&](Rows share) {
    const std::size_t begin = x.size() * share.begin / blocks, end = x.size() * share.end / blocks;
    return contents(x.data() + begin, end - begin, thresholds.host, thresholds.solute);
  });
  const double cells = static_cast<double>(x.size());
  return {sums.host / cells, sums.solute / cells, sums.x_host / sums.host, sums.x_solute / sums.solute};
}

}  // namespace spinode
