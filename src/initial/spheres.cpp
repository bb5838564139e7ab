#include <Random123/philox.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "spinode/error.hpp"
#include "spinode/initial/list.hpp"
#include "spinode/parallel.hpp"

namespace spinode {
namespace {

using Point = std::array<double, 3>;
using Index = std::array<std::ptrdiff_t, 3>;

constexpr int samples_an_axis = 4;
/// In a row: of particles that overlap, or add nothing.
constexpr int most_rejections = 100000;

/// Particles, and which of the samples of each cell they cover: 64 in 3D, one bit each.
class Packing {
 public:
  Packing(const Grid& grid, double radius, bool overlap)
      : grid_(grid), radius_(radius), overlap_(overlap), covered_samples_(grid.size()) {
    std::size_t bins = 1;
    for (int a = 0; a < 3; ++a) {
      if (a < grid.dimension()) samples_ *= samples_an_axis;
      const double most = a < grid.dimension() ? grid.axis(a).length / (2 * radius) : 1;
      bins_[a] = std::clamp(static_cast<std::ptrdiff_t>(std::min(most, 1e9)), std::ptrdiff_t{1},
                            static_cast<std::ptrdiff_t>(grid.cells(a)));
      bins *= static_cast<std::size_t>(bins_[a]);
    }
    bin_.resize(bins);
  }

  const std::vector<Point>& centres() const { return centres_; }
  double fraction() const { return static_cast<double>(covered_) / whole(); }
  double share(std::size_t cell) const { return static_cast<double>(std::popcount(covered_samples_[cell])) / samples_; }

  /// Adds particles until less than half of one is lacking; false when there is no place left.
  bool fill(double fraction, std::uint64_t seed) {
    const double enough = fraction * whole() - one() / 2;
    for (std::uint64_t attempt = 0, last = 0; static_cast<double>(covered_) < enough; ++attempt) {
      if (attempt - last == most_rejections) return false;
      const Point centre = point(attempt, seed);
      if ((overlap_ || !overlaps(centre)) && add(centre)) last = attempt;
    }
    return true;
  }

  /// Calls body(cell, position of its middle from the centre) for all images of the cells in a box about it.
  template <class Body>
  void for_cells_about(const Point& centre, double reach, Body body) const {
    Index first{}, last{};
    for (int a = 0; a < grid_.dimension(); ++a) {
      const double h = grid_.axis(a).spacing();
      first[a] = static_cast<std::ptrdiff_t>(std::floor((centre[a] - reach) / h));
      last[a] = static_cast<std::ptrdiff_t>(std::floor((centre[a] + reach) / h));
    }
    for (int a = 0; a < grid_.dimension(); ++a)
      if (!periodic(a)) {
        first[a] = std::max<std::ptrdiff_t>(first[a], 0);
        last[a] = std::min(last[a], static_cast<std::ptrdiff_t>(grid_.cells(a)) - 1);
      }
    const auto wrapped = [&](int a, std::ptrdiff_t at) {
      const auto n = static_cast<std::ptrdiff_t>(grid_.cells(a));
      return static_cast<std::size_t>((at % n + n) % n);
    };
    const auto from_centre = [&](int a, std::ptrdiff_t at) {
      return a < grid_.dimension() ? (static_cast<double>(at) + 0.5) * grid_.axis(a).spacing() - centre[a] : 0;
    };
    const std::size_t nx = grid_.cells(0);
    for (std::ptrdiff_t k = first[2]; k <= last[2]; ++k)
      for (std::ptrdiff_t j = first[1]; j <= last[1]; ++j) {
        const std::size_t row = nx * (wrapped(1, j) + grid_.cells(1) * wrapped(2, k));
        Point r{0, from_centre(1, j), from_centre(2, k)};
        std::size_t cell = wrapped(0, first[0]);
        for (std::ptrdiff_t i = first[0]; i <= last[0]; ++i) {
          r[0] = from_centre(0, i);
          body(row + cell, r);
          if (++cell == nx) cell = 0;
        }
      }
  }

 private:
  bool periodic(int a) const { return grid_.axis(a).boundary == Boundary::periodic; }
  /// A whole particle, and the box, in samples.
  double one() const {
    const double volume = grid_.dimension() == 1   ? 2 * radius_
                          : grid_.dimension() == 2 ? std::numbers::pi * std::pow(radius_, 2)
                                                   : 4 * std::numbers::pi / 3 * std::pow(radius_, 3);
    return volume / grid_.measure() * whole();
  }
  double whole() const { return static_cast<double>(grid_.size()) * samples_; }

  Point point(std::uint64_t attempt, std::uint64_t seed) const {
    const auto low = [](std::uint64_t bits) { return static_cast<std::uint32_t>(bits); };
    const auto high = [](std::uint64_t bits) { return static_cast<std::uint32_t>(bits >> 32); };
    const auto bits = r123::Philox4x32()({{low(attempt), high(attempt), 0, 0}}, {{low(seed), high(seed)}});
    Point centre{};
    for (int a = 0; a < grid_.dimension(); ++a) centre[a] = (bits[a] + 0.5) / 0x1p32 * grid_.axis(a).length;
    return centre;
  }

  Index bin_at(const Point& centre) const {
    Index bin{};
    for (int a = 0; a < grid_.dimension(); ++a)
      bin[a] = std::min(static_cast<std::ptrdiff_t>(centre[a] / grid_.axis(a).length * static_cast<double>(bins_[a])),
                        bins_[a] - 1);
    return bin;
  }
  std::size_t bin_number(const Index& bin) const {
    Index wrapped{};
    for (int a = 0; a < 3; ++a) wrapped[a] = (bin[a] + bins_[a]) % bins_[a];
    return static_cast<std::size_t>(wrapped[0] + bins_[0] * (wrapped[1] + bins_[1] * wrapped[2]));
  }

  /// Bins are no smaller than a particle: those that overlap are in the next bin at most.
  bool overlaps(const Point& centre) const {
    const Index home = bin_at(centre);
    Index step{};
    for (step[2] = -1; step[2] <= 1; ++step[2])
      for (step[1] = -1; step[1] <= 1; ++step[1])
        for (step[0] = -1; step[0] <= 1; ++step[0])
          for (const std::size_t other : bin_[bin_number({home[0] + step[0], home[1] + step[1], home[2] + step[2]})])
            if (distance2(centre, centres_[other]) < 4 * radius_ * radius_) return true;
    return false;
  }

  double distance2(const Point& r, const Point& s) const {
    double sum = 0;
    for (int a = 0; a < grid_.dimension(); ++a) {
      const double length = grid_.axis(a).length, d = r[a] - s[a];
      sum += std::pow(periodic(a) ? d - length * std::round(d / length) : d, 2);
    }
    return sum;
  }

  /// Samples of a cell that a particle covers, its middle being at r from the particle's.
  std::uint64_t covered(const Point& r) const {
    double distance = 0, diagonal = 0;
    Point h{};
    for (int a = 0; a < grid_.dimension(); ++a) {
      h[a] = grid_.axis(a).spacing();
      distance += r[a] * r[a];
      diagonal += h[a] * h[a];
    }
    distance = std::sqrt(distance);
    diagonal = std::sqrt(diagonal);
    if (distance > radius_ + diagonal / 2) return 0;
    if (distance < radius_ - diagonal / 2) return ~std::uint64_t{0} >> (64 - samples_);
    std::uint64_t bits = 0;
    for (int sample = 0; sample < samples_; ++sample) {
      double sum = 0;
      for (int a = 0, rest = sample; a < grid_.dimension(); ++a, rest /= samples_an_axis)
        sum += std::pow(r[a] + ((rest % samples_an_axis + 0.5) / samples_an_axis - 0.5) * h[a], 2);
      if (sum < radius_ * radius_) bits |= std::uint64_t{1} << sample;
    }
    return bits;
  }

  /// False when it covers nothing new.
  bool add(const Point& centre) {
    const std::size_t before = covered_;
    for_cells_about(centre, radius_, [&](std::size_t cell, const Point& r) {
      const std::uint64_t added = covered(r) & ~covered_samples_[cell];
      covered_samples_[cell] |= added;
      covered_ += static_cast<std::size_t>(std::popcount(added));
    });
    if (covered_ == before) return false;
    bin_[bin_number(bin_at(centre))].push_back(centres_.size());
    centres_.push_back(centre);
    return true;
  }

  const Grid& grid_;
  double radius_;
  bool overlap_;
  int samples_ = 1;  // of a cell
  std::vector<std::uint64_t> covered_samples_;
  std::size_t covered_ = 0;
  Index bins_{};
  std::vector<std::vector<std::size_t>> bin_;
  std::vector<Point> centres_;
};

}  // namespace

SpheresInitial SpheresInitial::read(Config& config) {
  SpheresInitial model{};
  model.phases = TwoPhases::read(config);
  model.radius =
      config.quantity({.name = "initial.radius", .unit = "m", .bounds = positive, .help = "radius of the particles"});
  model.overlap =
      config.text({.name = "initial.overlap",
                   .choices = {"forbidden", "allowed"},
                   .fallback = "forbidden",
                   .help = "whether particles may overlap; without, up to about 0.35 (0.5 in 2D)"}) == "allowed";
  model.seed = static_cast<std::uint64_t>(
      config.integer({.name = "initial.seed", .bounds = not_negative, .fallback = 1, .help = "seed of the places"}));
  return model;
}

void SpheresInitial::fill(const Grid& grid, Field<double>& field) const {
  // A key at fault is not a number: the case will not run.
  if (std::isnan(radius + phases.fraction + phases.edge)) {
    field.array().setConstant(std::numeric_limits<double>::quiet_NaN());
    return;
  }
  for (int a = 0; a < grid.dimension(); ++a)
    if (grid.axis(a).boundary == Boundary::periodic && 2 * radius > grid.axis(a).length)
      throw ConfigError(
          fmt::format("initial.radius: {:.4g} m: particles are wider than the domain along axis {}, {:.4g} m", radius,
                      a + 1, grid.axis(a).length));
  double longest = 0;
  for (int a = 0; a < grid.dimension(); ++a) longest = std::max(longest, grid.axis(a).length);
  if (radius > longest)
    throw ConfigError(
        fmt::format("initial.radius: {:.4g} m: must be at most the longest side, {:.4g} m", radius, longest));
  if (phases.edge > radius)
    throw ConfigError(
        fmt::format("initial.edge: {:.4g} m: must be at most initial.radius, {:.4g} m", phases.edge, radius));
  Packing packing(grid, radius, overlap);
  if (!packing.fill(phases.fraction, seed))
    throw ConfigError(fmt::format("initial.fraction: {:.4g}: {} particles{} reach {:.4g}", phases.fraction,
                                  packing.centres().size(), overlap ? "" : " without overlap", packing.fraction()));
  if (packing.centres().empty())
    throw ConfigError(
        fmt::format("initial.fraction: {:.4g}: less than half a particle of initial.radius", phases.fraction));
  if (phases.edge == 0) {
    for_cells(grid.size(), [&](std::size_t i) { field[i] = phases.x(packing.share(i)); });
    return;
  }
  // Square of the distance to the nearest middle, where an interface is still felt: tanh(20) is 1.
  field.array().setConstant(std::numeric_limits<double>::infinity());
  for (const Point& centre : packing.centres())
    packing.for_cells_about(centre, radius + 10 * phases.edge, [&](std::size_t cell, const Point& r) {
      field[cell] = std::min(field[cell], r[0] * r[0] + r[1] * r[1] + r[2] * r[2]);
    });
  for_cells(grid.size(), [&](std::size_t i) {
    field[i] = phases.x((1 - std::tanh(2 * (std::sqrt(field[i]) - radius) / phases.edge)) / 2);
  });
}

}  // namespace spinode
