#include "../random.hpp"
#include "spinode/initial/list.hpp"
#include "spinode/parallel.hpp"

namespace spinode {
namespace {

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
      config.integer({.name = "initial.seed", .bounds = not_negative, .fallback = 1, .help = "seed of the random numbers"}));
  return model;
}

void UniformInitial::fill(const Grid& grid, Field<double>& field) const {
  const std::size_t nx = grid.cells(0);
  const auto total = reduce_rows<Total>(grid.rows(), [&](Rows share) {
    Total part;
    for (std::size_t i = share.begin * nx; i < share.end * nx; ++i) {
      field[i] = normal_pair(i / 2, 0, seed)[i % 2];
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
