#include "spinode/measure/phases.hpp"

#include <algorithm>

#include "spinode/parallel.hpp"

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

}  // namespace

PhaseContents phase_contents(const Field<double>& x, const Thresholds& thresholds) {
  const std::size_t blocks = std::min<std::size_t>(x.size(), 128);
  const auto sums = reduce_rows<Contents>(blocks, [&](Rows share) {
    Contents part;
    for (std::size_t i = x.size() * share.begin / blocks; i < x.size() * share.end / blocks; ++i) {
      const double in_host = thresholds.contain(Phase::host, x[i]) ? 1 : 0,
                   in_solute = thresholds.contain(Phase::solute, x[i]) ? 1 : 0;
      part.host += in_host;
      part.solute += in_solute;
      part.x_host += in_host * x[i];
      part.x_solute += in_solute * x[i];
    }
    return part;
  });
  const double cells = static_cast<double>(x.size());
  return {sums.host / cells, sums.solute / cells, sums.x_host / sums.host, sums.x_solute / sums.solute};
}

}  // namespace spinode
