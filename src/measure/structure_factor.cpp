#include "spinode/measure/structure_factor.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "spinode/parallel.hpp"

namespace spinode {
namespace {

constexpr double peak_window = 1.5;  // largest wavenumber of the fit over that of the peak, and that over the smallest
constexpr double cosine_squared = (2 + std::numbers::sqrt2) / 4;  // of 22.5 degrees

struct Shells {
  struct Sums {
    std::vector<double> power, count;

    Sums& operator+=(const Sums& other) {
      power.resize(std::max(power.size(), other.power.size()));
      count.resize(power.size());
      for (std::size_t s = 0; s < other.power.size(); ++s) {
        power[s] += other.power[s];
        count[s] += other.count[s];
      }
      return *this;
    }
  };
  Sums all;
  std::array<Sums, 3> along;
  double harmonic = 0;  // sum of power times the cubic harmonic
  double variance = 0;

  Shells() = default;
  Shells(std::size_t shells, int dimension) {
    const Sums none{std::vector<double>(shells), std::vector<double>(shells)};
    all = none;
    std::fill_n(along.begin(), dimension, none);
  }
  Shells& operator+=(const Shells& other) {
    all += other.all;
    for (int a = 0; a < 3; ++a) along[a] += other.along[a];
    harmonic += other.harmonic;
    variance += other.variance;
    return *this;
  }
};

double first_moment_length(const std::vector<double>& k, const std::vector<double>& S) {
  double moment = 0, total = 0;
  for (std::size_t s = 0; s < k.size(); ++s) {
    moment += k[s] * S[s];
    total += S[s];
  }
  return total > 0 ? 2 * std::numbers::pi * total / moment : 0;
}

/// Width of the shells of a box.
double shell_width(const Grid& grid) {
  double width = std::numeric_limits<double>::infinity();
  for (int a = 0; a < grid.dimension(); ++a) width = std::min(width, grid.wavenumber(a, 1));
  return width;
}

}  // namespace

std::size_t shell_count(const Grid& grid) {
  double nyquist = std::numeric_limits<double>::infinity();
  for (int a = 0; a < grid.dimension(); ++a) nyquist = std::min(nyquist, std::numbers::pi / grid.axis(a).spacing());
  return static_cast<std::size_t>(nyquist / shell_width(grid) + 0.5);
}

double StructureFactor::length() const { return first_moment_length(k, S); }

double StructureFactor::length_along(int axis) const { return first_moment_length(k, S_along[axis]); }

double StructureFactor::peak_length() const {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  constexpr int rounds = 20;
  const double first = length(), half_width = std::log(peak_window);
  if (!(first > 0)) return none;
  double centre = std::log(2 * std::numbers::pi / first), shift = 0;
  for (int round = 0; round < rounds; ++round) {
    Eigen::Matrix3d normal = Eigen::Matrix3d::Zero();
    Eigen::Vector3d moments = Eigen::Vector3d::Zero();
    int shells = 0;
    for (std::size_t s = 0; s < k.size(); ++s) {
      const double u = std::log(k[s]) - centre;
      if (std::abs(u) > half_width || !(S[s] > 0)) continue;
      const Eigen::Vector3d powers(1, u, u * u);
      normal += modes[s] * powers * powers.transpose();
      moments += modes[s] * powers * std::log(S[s]);
      ++shells;
    }
    if (shells < 3) return none;
    const Eigen::Vector3d c = normal.ldlt().solve(moments);
    if (!(c[2] < 0)) return none;
    shift = -c[1] / (2 * c[2]);
    centre += std::clamp(shift, -half_width, half_width);
  }
  return std::abs(shift) < half_width ? 2 * std::numbers::pi / std::exp(centre) : none;
}

template <class Real>
StructureFactor structure_factor(const Grid& grid, const Spectrum<Real>& x_hat, const Grid& shells_of) {
  const double width = shell_width(shells_of);
  const std::size_t shells = shell_count(shells_of);
  const std::size_t n = grid.modes(0), lanes = grid.lanes();
  const auto sums = reduce_rows<Shells>(grid.mode_rows(), [&](Rows share) {
    Shells part(shells + 1, grid.dimension());
    for (std::size_t row = share.begin; row < share.end; ++row) {
      const std::size_t m1 = row % grid.modes(1), m2 = row / grid.modes(1);
      const double k1 = grid.dimension() > 1 ? grid.wavenumber(1, m1) : 0,
                   k2 = grid.dimension() > 2 ? grid.wavenumber(2, m2) : 0;
      const double row_multiplicity = grid.multiplicity(1, m1) * grid.multiplicity(2, m2);
      const Real* x = x_hat.data() + row * n * lanes;
      for (std::size_t m = 0; m < n; ++m, x += lanes) {
        const double k0 = grid.wavenumber(0, m), square = k0 * k0 + k1 * k1 + k2 * k2, k = std::sqrt(square);
        const auto shell = static_cast<std::size_t>(k / width + 0.5);
        const double multiplicity = row_multiplicity * grid.multiplicity(0, m);
        double power = static_cast<double>(x[0]) * x[0];
        if (lanes == 2) power += static_cast<double>(x[1]) * x[1];
        power *= multiplicity;
        if (square == 0) continue;  // the mean of x
        part.variance += power;
        if (shell > shells) continue;
        part.all.power[shell] += power;
        part.all.count[shell] += multiplicity;
        const std::array<double, 3> squares{k0 * k0, k1 * k1, k2 * k2};
        part.harmonic +=
            power * (squares[0] * squares[0] + squares[1] * squares[1] + squares[2] * squares[2]) / (square * square);
        for (int a = 0; a < grid.dimension(); ++a)
          if (squares[a] >= cosine_squared * square) {
            part.along[a].power[shell] += power;
            part.along[a].count[shell] += multiplicity;
          }
      }
    }
    return part;
  });
  const auto mean = [&](const Shells::Sums& of, std::size_t s) {
    return of.count[s] > 0 ? grid.measure() * of.power[s] / of.count[s] : 0;
  };
  StructureFactor result;
  result.variance = sums.variance;
  double total = 0;
  for (std::size_t s = 1; s <= shells; ++s) {
    result.k.push_back(static_cast<double>(s) * width);
    result.S.push_back(mean(sums.all, s));
    result.modes.push_back(sums.all.count[s]);
    for (int a = 0; a < grid.dimension(); ++a) result.S_along[a].push_back(mean(sums.along[a], s));
    total += sums.all.power[s];
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
