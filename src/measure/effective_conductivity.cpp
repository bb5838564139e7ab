#include "spinode/measure/effective_conductivity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "spinode/error.hpp"
#include "spinode/faces.hpp"
#include "spinode/measure/connectivity.hpp"
#include "spinode/parallel.hpp"

namespace spinode {
namespace {

constexpr int most_iterations = 20000;
constexpr std::size_t least_window = 4;
/// Residuals below this share of the energy at hand are round-off.
constexpr double round_off = 1e-30;
/// Keeps the bound of the error off the smallest eigenvalue itself, where it is unstable.
constexpr double margin = 0.9;

/// Of the conductivities above 0.
struct Extremes {
  double least = std::numeric_limits<double>::infinity(), largest = 0;
  bool insulators = false;
};

Extremes extremes_of(const Field<double>& sigma) {
  Extremes result;
  for (std::size_t i = 0; i < sigma.size(); ++i) {
    if (!(sigma[i] >= 0) || !std::isfinite(sigma[i]))
      throw std::invalid_argument("a conductivity is negative or not finite");
    result.insulators = result.insulators || sigma[i] == 0;
    if (sigma[i] > 0) result.least = std::min(result.least, sigma[i]);
    result.largest = std::max(result.largest, sigma[i]);
  }
  return result;
}

/// -div(sigma grad u) = div(sigma e) for the fluctuation u of the potential, lengths in spacings along the axis of the
/// mean field e, conductivities in shares of the largest.
class Conduction {
 public:
  Conduction(const Grid& grid, const Field<double>& sigma, const Extremes& extremes, int axis, Planning planning)
      : grid_(grid.in_units_of(grid.axis(axis).spacing())),
        sigma_(sigma),
        unit_(1 / extremes.largest),
        worst_(margin * extremes.least / extremes.largest),
        insulates_(extremes.insulators),
        axis_(axis),
        walled_(grid.axis(axis).boundary == Boundary::no_flux),
        faces_(grid),
        transform_(grid, planning),
        u_(grid),
        residual_(grid),
        direction_(grid),
        work_(grid),
        work_hat_(grid) {
    for (int a = 0; a < 3; ++a)
      for (std::size_t m = 0; m < grid.modes(a); ++m) {
        multiplicity_[a].push_back(grid.multiplicity(a, m));
        laplacian_[a].push_back(a < grid.dimension() ? laplacian(a, m) : 0);
      }
    for (int a = 0; a < grid.dimension(); ++a) set_faces(a);
  }

  /// Returns the number of iterations, or throws NumericalError.
  int solve(double tolerance) {
    const double start = energy(), least = round_off * start;
    double now = start, rho = start_residual(), turn = 0;
    // What is left to lower is at most bound rho (Gauss-Radau: Meurant & Tichy 2013) while no eigenvalue lies below
    // that of the worst conductor. Insulators can push some there, which ends the bound.
    double bound = 1 / worst_;
    std::vector<double> lowered;
    for (;;) {
      const int iterations = static_cast<int>(lowered.size());
      const double left = std::max(bound * rho, insulates_ && rho > least ? latest_gain(lowered) : 0);
      if (left <= tolerance * std::max(now, std::numeric_limits<double>::epsilon() * start)) break;
      turn_direction(turn);
      const double length = rho / curvature();
      if (iterations == most_iterations || !std::isfinite(length))
        throw NumericalError(fmt::format(
            "the effective conductivity along axis {} has not converged after {} iterations", axis_ + 1, iterations));
      advance(length);
      lowered.push_back(length * rho);
      now -= lowered.back();
      turn = 1 / rho;
      rho = precondition();
      turn *= rho;
      bound = bound > length ? (bound - length) / (worst_ * (bound - length) + turn) : 0;
    }
    return static_cast<int>(lowered.size());
  }

  /// Sum of sigma |e + grad u|^2 over the cells.
  double energy() const {
    return reduce_rows<double>(grid_.rows(), [&](Rows share) {
      double sum = 0;
      for (std::size_t row = share.begin; row < share.end; ++row) {
        for (int a = 0; a < grid_.dimension(); ++a) {
          const double mean = a == axis_ ? 1 : 0;
          for_row(row, [&](std::size_t i) {
            const double drop = mean + u_[next(a, row, i)] - u_[i];
            sum += faces_.weight(a)[i] * drop * drop;
          });
        }
        for_ends(row, [&](std::size_t i, int side) {
          const double drop = 0.5 - side * u_[i];
          sum += end_weight(i) * drop * drop;
        });
      }
      return sum;
    });
  }

 private:
  /// By the last quarter of the steps, and four at least: with this much gained, less is left to gain.
  static double latest_gain(const std::vector<double>& lowered) {
    const std::size_t steps = std::max(least_window, lowered.size() / 4);
    if (lowered.size() < steps) return std::numeric_limits<double>::infinity();
    return std::accumulate(lowered.end() - static_cast<std::ptrdiff_t>(steps), lowered.end(), 0.0);
  }

  /// Eigenvalue of minus the discrete Laplacian. Sines are the cosines from the other end of the spectrum, the field
  /// having changed sign in every other cell: sin(pi (n-m)(j+1/2)/n) = (-1)^j cos(pi m (j+1/2)/n).
  double laplacian(int a, std::size_t mode) const {
    const Axis& along = grid_.axis(a);
    const double h = along.spacing(), pi = std::numbers::pi;
    const double k = sines(a) ? pi / h - grid_.wavenumber(a, mode) : grid_.wavenumber(a, mode);
    return std::pow(2 / h * std::sin(k * h / 2), 2);
  }

  bool sines(int a) const { return a == axis_ && walled_; }

  void set_faces(int a) {
    const double h = grid_.axis(a).spacing();
    const bool walled = grid_.axis(a).boundary == Boundary::no_flux;
    for_rows(grid_.rows(), [&](Rows share) {
      for (std::size_t row = share.begin; row < share.end; ++row)
        for_row(row, [&](std::size_t i) {
          const std::size_t j = next(a, row, i);
          const double here = unit_ * sigma_[i], there = unit_ * sigma_[j];
          const bool insulates = here == 0 || there == 0 || (walled && j <= i);
          faces_.weight(a)[i] = insulates ? 0 : 2 / (1 / here + 1 / there) / (h * h);
        });
    });
  }

  /// Between the middle of a cell and an equipotential face, over half a spacing.
  double end_weight(std::size_t i) const { return 2 * unit_ * sigma_[i]; }

  template <class Body>
  void for_row(std::size_t row, Body body) const {
    const std::size_t n = grid_.cells(0);
    for (std::size_t i = row * n; i < (row + 1) * n; ++i) body(i);
  }

  /// Calls body(cell, side) for the cells of a row at an equipotential face: side -1 below, 1 above.
  template <class Body>
  void for_ends(std::size_t row, Body body) const {
    if (!walled_) return;
    const std::size_t n = grid_.cells(0);
    if (axis_ == 0) {
      body(row * n, -1);
      body(row * n + n - 1, 1);
      return;
    }
    const std::size_t place = place_of(row);
    if (place == 0) for_row(row, [&](std::size_t i) { body(i, -1); });
    if (place + 1 == grid_.cells(axis_)) for_row(row, [&](std::size_t i) { body(i, 1); });
  }

  /// Of a row, along axis 1 or 2.
  std::size_t place_of(std::size_t row) const { return axis_ == 1 ? row % grid_.cells(1) : row / grid_.cells(1); }

  std::size_t next(int a, std::size_t row, std::size_t i) const {
    const std::size_t n = grid_.cells(0), first = row * n;
    return a == 0 ? first + (i - first + 1) % n : faces_.next(a, row) * n + i - first;
  }
  std::size_t previous(int a, std::size_t row, std::size_t i) const {
    const std::size_t n = grid_.cells(0), first = row * n;
    return a == 0 ? first + (i - first + n - 1) % n : faces_.previous(a, row) * n + i - first;
  }

  /// Changes the sign of every other cell of a row along an axis of sines.
  void alternate(std::size_t row, double* field) const {
    if (!walled_) return;
    const std::size_t n = grid_.cells(0);
    double* const line = field + row * n;
    if (axis_ == 0)
      for (std::size_t i = 1; i < n; i += 2) line[i] = -line[i];
    else if (place_of(row) % 2 == 1)
      for (std::size_t i = 0; i < n; ++i) line[i] = -line[i];
  }

  /// Sets the residual of u = 0 and preconditions it.
  double start_residual() {
    for_rows(grid_.rows(), [&](Rows share) {
      for (std::size_t row = share.begin; row < share.end; ++row) {
        const double* const weight = faces_.weight(axis_);
        for_row(row, [&](std::size_t i) { residual_[i] = weight[i] - weight[previous(axis_, row, i)]; });
        for_ends(row, [&](std::size_t i, int side) { residual_[i] += side * end_weight(i) / 2; });
        for_row(row, [&](std::size_t i) { work_[i] = residual_[i]; });
        alternate(row, work_.data());
      }
    });
    return precondition();
  }

  /// z = inverse Laplacian of r in place of r, both with alternating signs; returns r.z.
  double precondition() {
    transform_.forward(work_, work_hat_);
    const int lanes = grid_.lanes();
    const std::size_t n = grid_.modes(0);
    const double scale = transform_.scale(), cells = static_cast<double>(grid_.size());
    const double rho = reduce_rows<double>(grid_.mode_rows(), [&](Rows share) {
      double sum = 0;
      for (std::size_t row = share.begin; row < share.end; ++row) {
        const auto [j, k] = grid_.across(row);
        const double across = laplacian_[1][j] + laplacian_[2][k],
                     count = multiplicity_[1][j] * multiplicity_[2][k] * cells * scale;
        for (std::size_t i = 0; i < n; ++i) {
          const double symbol = laplacian_[0][i] + across, inverse = symbol > 0 ? scale / symbol : 0;
          double* const mode = work_hat_.data() + (row * n + i) * lanes;
          for (int lane = 0; lane < lanes; ++lane) {
            sum += multiplicity_[0][i] * count * inverse * mode[lane] * mode[lane];
            mode[lane] *= inverse;
          }
        }
      }
      return sum;
    });
    transform_.inverse(work_hat_, work_);
    return rho;
  }

  /// p = z + share p.
  void turn_direction(double share_kept) {
    for_rows(grid_.rows(), [&](Rows share) {
      for (std::size_t row = share.begin; row < share.end; ++row) {
        alternate(row, work_.data());
        for_row(row, [&](std::size_t i) { direction_[i] = work_[i] + share_kept * direction_[i]; });
      }
    });
  }

  /// q = -div(sigma grad p); returns p.q.
  double curvature() {
    return reduce_rows<double>(grid_.rows(), [&](Rows share) {
      double sum = 0;
      for (std::size_t row = share.begin; row < share.end; ++row) {
        faces_.apply(row, direction_.data(), work_.data() + row * grid_.cells(0));
        for_ends(row, [&](std::size_t i, int) { work_[i] += end_weight(i) * direction_[i]; });
        for_row(row, [&](std::size_t i) { sum += direction_[i] * work_[i]; });
      }
      return sum;
    });
  }

  /// A step of this length along p; leaves the new residual, with alternating signs, to be preconditioned.
  void advance(double length) {
    for_rows(grid_.rows(), [&](Rows share) {
      for (std::size_t row = share.begin; row < share.end; ++row) {
        for_row(row, [&](std::size_t i) {
          u_[i] += length * direction_[i];
          residual_[i] -= length * work_[i];
          work_[i] = residual_[i];
        });
        alternate(row, work_.data());
      }
    });
  }

  Grid grid_;
  const Field<double>& sigma_;
  double unit_, worst_;
  bool insulates_;
  int axis_;
  bool walled_;
  Faces<double> faces_;
  Transform<double> transform_;
  std::array<std::vector<double>, 3> laplacian_, multiplicity_;  // by axis and mode
  Field<double> u_, residual_, direction_, work_;
  Spectrum<double> work_hat_;
};

}  // namespace

EffectiveConductivity effective_conductivity(const Grid& grid, const Field<double>& sigma, int axis, double tolerance,
                                             Planning planning) {
  if (axis < 0 || axis >= grid.dimension()) throw std::invalid_argument("the grid has no such axis");
  const Extremes extremes = extremes_of(sigma);
  if (connectivity(grid, sigma, Thresholds(0), Phase::solute).percolating[axis] == 0) return {};
  Conduction conduction(grid, sigma, extremes, axis, planning);
  const int iterations = conduction.solve(tolerance);
  return {extremes.largest * conduction.energy() / static_cast<double>(grid.size()), iterations};
}

}  // namespace spinode
