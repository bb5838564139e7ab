#include "spinode/measure/structure_factor.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>

#include "../vector_clones.hpp"
#include "spinode/parallel.hpp"

namespace spinode {
namespace {

constexpr double peak_window = 1.5;  // largest wavenumber of the fit over that of the peak, and that over the smallest
constexpr std::size_t least_block = 32768;                        // modes that are worth a thread
constexpr double cosine_squared = (2 + std::numbers::sqrt2) / 4;  // of 22.5 degrees

struct Bin {
  double power = 0, modes = 0;
};

/// Four bins to a shell, of what is near no axis and near each; the last shell takes all that lies beyond.
struct Histogram {
  std::vector<Bin> bins;
  double harmonic = 0;  // sum of power times the cubic harmonic, within the shells

  Histogram& operator+=(const Histogram& other) {
    bins.resize(other.bins.size());
    for (std::size_t b = 0; b < bins.size(); ++b) {
      bins[b].power += other.bins[b].power;
      bins[b].modes += other.bins[b].modes;
    }
    harmonic += other.harmonic;
    return *this;
  }
};

/// Modes of an axis of which the spectrum holds both signs come in pairs of one |k|, and are looked at as one.
class Pairs {
 public:
  Pairs(const Grid& grid, int a)
      : modes_(grid.modes(a)),
        both_signs_(a < grid.dimension() && grid.axis(a).boundary == Boundary::periodic && a != grid.half_axis()) {}

  std::size_t count() const { return both_signs_ ? modes_ / 2 + 1 : modes_; }

  template <class Visit>
  void for_each(std::size_t mode, Visit visit) const {
    visit(mode);
    if (both_signs_ && mode != 0 && 2 * mode != modes_) visit(modes_ - mode);
  }

 private:
  std::size_t modes_;
  bool both_signs_;
};

/// Adds a row's share of the sum of x^2 over all wavevectors, each of which counts `multiplicity` times.
template <class Real>
SPINODE_INLINE void add_power_body(const Real* x, std::size_t modes, int lanes, double multiplicity, double* power) {
  if (lanes == 1) {
#pragma omp simd
    for (std::size_t m = 0; m < modes; ++m) power[m] += multiplicity * x[m] * x[m];
  } else {
#pragma omp simd
    for (std::size_t m = 0; m < modes; ++m) {
      const double real = x[2 * m], imaginary = x[2 * m + 1];
      power[m] += multiplicity * (real * real + imaginary * imaginary);
    }
  }
}
SPINODE_VECTOR_CLONES void add_power(const float* x, std::size_t modes, int lanes, double multiplicity, double* power) {
  add_power_body(x, modes, lanes, multiplicity, power);
}
SPINODE_VECTOR_CLONES void add_power(const double* x, std::size_t modes, int lanes, double multiplicity,
                                     double* power) {
  add_power_body(x, modes, lanes, multiplicity, power);
}

/// The modes along the first axis, and how the shells lie.
struct Along {
  std::vector<double> square, multiplicity;
  double width, beyond;  // of a shell; the number of the first that is not looked at

  Along(const Grid& grid, double width_of_shell, std::size_t shells)
      : width(width_of_shell), beyond(static_cast<double>(shells + 1)) {
    for (std::size_t m = 0; m < grid.modes(0); ++m) {
      const double k = grid.wavenumber(0, m);
      square.push_back(k * k);
      multiplicity.push_back(grid.multiplicity(0, m));
    }
  }
};

/// Bins of a row of modes which share the squares of k1 and k2, from `first` on, none of them k = 0. Returns the sum of
/// power times the cubic harmonic.
SPINODE_VECTOR_CLONES double sort_row(const Along& along, std::size_t first, double square1, double square2,
                                      const double* power, std::int32_t* bin) {
  const double *const squares = along.square.data(), *const multiplicity = along.multiplicity.data();
  const double width = along.width, beyond = along.beyond, fourths = square1 * square1 + square2 * square2;
  const std::size_t modes = along.square.size();
#pragma omp simd
  for (std::size_t m = first; m < modes; ++m) {
    const double square = squares[m] + square1 + square2, near = cosine_squared * square;
    const double shell = std::sqrt(square) / width + 0.5;
    const double axis =
        (squares[m] >= near ? 1.0 : 0.0) + (square1 >= near ? 2.0 : 0.0) + (square2 >= near ? 3.0 : 0.0);
    bin[m] = 4 * static_cast<std::int32_t>(shell < beyond ? shell : beyond) + static_cast<std::int32_t>(axis);
  }
  std::size_t inside = modes;  // |k| rises along the row
  while (inside > first && bin[inside - 1] >= 4 * static_cast<std::int32_t>(beyond)) --inside;
  double harmonic = 0;
#pragma omp simd reduction(+ : harmonic)
  for (std::size_t m = first; m < inside; ++m) {
    const double square = squares[m] + square1 + square2;
    harmonic += multiplicity[m] * power[m] * (squares[m] * squares[m] + fourths) / (square * square);
  }
  return harmonic;
}

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
  const Along along(grid, width, shells);
  const Pairs pairs1(grid, 1), pairs2(grid, 2);
  const std::size_t n = grid.modes(0), rows = pairs1.count() * pairs2.count();
  const std::size_t blocks = std::min({rows, rows * n / least_block + 1, std::size_t{128}});
  const auto sums = reduce_rows<Histogram>(blocks, [&](Rows share) {
    Histogram part{std::vector<Bin>(4 * (shells + 2))};
    std::vector<double> power(n);
    std::vector<std::int32_t> bin(n);
    for (std::size_t row = rows * share.begin / blocks; row < rows * share.end / blocks; ++row) {
      const std::size_t m1 = row / pairs2.count(), m2 = row % pairs2.count();
      std::fill(power.begin(), power.end(), 0.0);
      const double once = grid.multiplicity(1, m1) * grid.multiplicity(2, m2);
      double multiplicity = 0;
      pairs1.for_each(m1, [&](std::size_t i) {
        pairs2.for_each(m2, [&](std::size_t j) {
          add_power(x_hat.data() + grid.mode_row(i, j) * n * grid.lanes(), n, grid.lanes(), once, power.data());
          multiplicity += once;
        });
      });
      const double k1 = grid.dimension() > 1 ? grid.wavenumber(1, m1) : 0,
                   k2 = grid.dimension() > 2 ? grid.wavenumber(2, m2) : 0;
      const std::size_t first = row == 0 ? 1 : 0;
      part.harmonic += sort_row(along, first, k1 * k1, k2 * k2, power.data(), bin.data());
      for (std::size_t m = first; m < n; ++m) {
        Bin& into = part.bins[bin[m]];
        into.power += along.multiplicity[m] * power[m];
        into.modes += along.multiplicity[m] * multiplicity;
      }
    }
    return part;
  });
  StructureFactor result;
  double total = 0;
  for (std::size_t s = 0; s < shells + 2; ++s) {
    const Bin* const bins = sums.bins.data() + 4 * s;
    const double power = bins[0].power + bins[1].power + bins[2].power + bins[3].power,
                 modes = bins[0].modes + bins[1].modes + bins[2].modes + bins[3].modes;
    result.variance += power;
    if (s == 0 || s > shells) continue;
    const auto mean = [&](double of, double count) { return count > 0 ? grid.measure() * of / count : 0; };
    result.k.push_back(static_cast<double>(s) * width);
    result.S.push_back(mean(power, modes));
    result.modes.push_back(modes);
    for (int a = 0; a < grid.dimension(); ++a) result.S_along[a].push_back(mean(bins[a + 1].power, bins[a + 1].modes));
    total += power;
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
