#include "spinode/measure/structure_factor.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "spinode/parallel.hpp"

namespace spinode {
namespace {

struct Shells {
  std::vector<double> power, count;
  double harmonic = 0;  // sum of power times the cubic harmonic

  Shells& operator+=(const Shells& other) {
    power.resize(std::max(power.size(), other.power.size()));
    count.resize(power.size());
    for (std::size_t s = 0; s < other.power.size(); ++s) {
      power[s] += other.power[s];
      count[s] += other.count[s];
    }
    harmonic += other.harmonic;
    return *this;
  }
};

}  // namespace

double StructureFactor::length() const {
  double moment = 0, total = 0;
  for (std::size_t s = 0; s < k.size(); ++s) {
    moment += k[s] * S[s];
    total += S[s];
  }
  return total > 0 ? 2 * std::numbers::pi * total / moment : 0;
}

template <class Real>
StructureFactor structure_factor(const Grid& grid, const Spectrum<Real>& x_hat, const Grid& shells_of) {
  double width = std::numeric_limits<double>::infinity(), nyquist = width;
  for (int a = 0; a < grid.dimension(); ++a) {
    width = std::min(width, shells_of.wavenumber(a, 1));
    nyquist = std::min(nyquist, std::numbers::pi / shells_of.axis(a).spacing());
  }
  const auto shells = static_cast<std::size_t>(nyquist / width + 0.5);
  const std::size_t n = grid.modes(0), lanes = grid.lanes();
  const auto sums = reduce_rows<Shells>(grid.mode_rows(), [&](Rows share) {
    Shells part{std::vector<double>(shells + 1), std::vector<double>(shells + 1)};
    for (std::size_t row = share.begin; row < share.end; ++row) {
      const std::size_t m1 = row % grid.modes(1), m2 = row / grid.modes(1);
      const double k1 = grid.dimension() > 1 ? grid.wavenumber(1, m1) : 0,
                   k2 = grid.dimension() > 2 ? grid.wavenumber(2, m2) : 0;
      const double row_multiplicity = grid.multiplicity(1, m1) * grid.multiplicity(2, m2);
      const Real* x = x_hat.data() + row * n * lanes;
      for (std::size_t m = 0; m < n; ++m, x += lanes) {
        const double k0 = grid.wavenumber(0, m), square = k0 * k0 + k1 * k1 + k2 * k2, k = std::sqrt(square);
        const auto shell = static_cast<std::size_t>(k / width + 0.5);
        if (shell > shells) continue;
        const double multiplicity = row_multiplicity * grid.multiplicity(0, m);
        double power = static_cast<double>(x[0]) * x[0];
        if (lanes == 2) power += static_cast<double>(x[1]) * x[1];
        part.power[shell] += multiplicity * power;
        part.count[shell] += multiplicity;
        if (shell > 0)
          part.harmonic +=
              multiplicity * power * (k0 * k0 * k0 * k0 + k1 * k1 * k1 * k1 + k2 * k2 * k2 * k2) / (square * square);
      }
    }
    return part;
  });
  StructureFactor result;
  double total = 0;
  // The first shell would hold the mean of x.
  for (std::size_t s = 1; s <= shells; ++s) {
    result.k.push_back(static_cast<double>(s) * width);
    result.S.push_back(sums.count[s] > 0 ? grid.measure() * sums.power[s] / sums.count[s] : 0);
    total += sums.power[s];
  }
  const double isotropic = 3.0 / (grid.dimension() + 2);
  if (grid.dimension() > 1 && total > 0) result.anisotropy = (sums.harmonic / total - isotropic) / (1 - isotropic);
  return result;
}

template <class Real>
StructureFactor structure_factor(const Grid& grid, const Spectrum<Real>& x_hat) {
  return structure_factor(grid, x_hat, grid);
}

template StructureFactor structure_factor(const Grid&, const Spectrum<float>&);
template StructureFactor structure_factor(const Grid&, const Spectrum<double>&);
template StructureFactor structure_factor(const Grid&, const Spectrum<float>&, const Grid&);
template StructureFactor structure_factor(const Grid&, const Spectrum<double>&, const Grid&);

}  // namespace spinode
