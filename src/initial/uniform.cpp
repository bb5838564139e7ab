#include <Random123/philox.h>

#include <Random123/boxmuller.hpp>
#include <algorithm>

#include "spinode/initial/list.hpp"
#include "spinode/parallel.hpp"

namespace spinode {
namespace {

/// Noise is cut here: beyond it lies one cell in 500 million.
constexpr double most_sigmas = 6;

/// Two independent normal numbers for a pair of cells.
std::array<double, 2> normals(std::uint64_t pair, std::uint64_t seed) {
  const r123::Philox4x32::ctr_type counter{
      {static_cast<std::uint32_t>(pair), static_cast<std::uint32_t>(pair >> 32), 0, 0}};
  const r123::Philox4x32::key_type key{{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}};
  const auto bits = r123::Philox4x32()(counter, key);
  const auto join = [](std::uint32_t low, std::uint32_t high) { return std::uint64_t{high} << 32 | low; };
  const r123::double2 z = r123::boxmuller(join(bits[0], bits[1]), join(bits[2], bits[3]));
  return {std::clamp(z.x, -most_sigmas, most_sigmas), std::clamp(z.y, -most_sigmas, most_sigmas)};
}

struct Total {
  double value = 0;
  Total& operator+=(const Total& other) {
    value += other.value;
    return *this;
  }
};

}  // namespace

UniformInitial UniformInitial::read(Config& config) {
  UniformInitial model{};
  model.x = config.quantity({.name = "initial.x", .help = "mean mole fraction of the solute"});
  model.noise = config.quantity({.name = "initial.noise",
                                 .bounds = not_negative,
                                 .fallback = 0.005,
                                 .help = "standard deviation of the noise in x"});
  model.seed = static_cast<std::uint64_t>(
      config.integer({.name = "initial.seed", .bounds = not_negative, .fallback = 1, .help = "seed of the noise"}));
  return model;
}

void UniformInitial::fill(const Grid& grid, Field<double>& field) const {
  const std::size_t nx = grid.cells(0);
  const auto total = reduce_rows<Total>(grid.rows(), [&](Rows share) {
    Total part;
    for (std::size_t i = share.begin * nx; i < share.end * nx; ++i) {
      field[i] = normals(i / 2, seed)[i % 2];
      part.value += field[i];
    }
    return part;
  });
  const double mean = total.value / static_cast<double>(grid.size());
  for_rows(grid.rows(), [&](Rows share) {
    for (std::size_t i = share.begin * nx; i < share.end * nx; ++i) field[i] = x + noise * (field[i] - mean);
  });
}

}  // namespace spinode
