#include "spinode/mobility/log_mean_flux.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "../vector_clones.hpp"
#include "spinode/parallel.hpp"

namespace spinode {
namespace {

/// (b-a)/dy of two compositions whose log-odds differ by dy.
template <class Real>
SPINODE_INLINE Real log_mean(Real low, Real high, Real dy) {
  // Below this distance in y the quotient loses digits and the series about the mean composition is exact to round-off.
  constexpr Real near = std::is_same_v<Real, float> ? Real(0.1) : Real(0.02);
  constexpr Real least = static_cast<Real>(LogMeanFlux<Real>::edge),
                 most = 1 - (std::is_same_v<Real, float> ? Real(6e-8) : least);
  const auto inside = [&](Real x) { return x < least ? least : x > most ? most : x; };
  const Real a = inside(low), b = inside(high);
  const Real mean = (a + b) / 2, half = (b - a) / 2, m = mean * (1 - mean);
  // One division for either: (b-a)/dy, or s = (half/m)^2 of
  // M = m [1 - (1-3m) s/3 - ((1-5m+5m^2)/5 - (1-3m)^2/9) s^2 + ...].
  const bool close = std::abs(dy) < near;
  const Real quotient = (close ? half * half : b - a) / (close ? m * m : dy), s = quotient, c = 1 - 3 * m;
  constexpr Real third = Real(1) / 3, fifth = Real(1) / 5, ninth = Real(1) / 9;
  const Real series = m * (1 - s * (c * third + s * ((1 - 5 * m + 5 * m * m) * fifth - c * c * ninth)));
  return close ? series : quotient;
}

/// Numbers of a row of cells.
template <class Real>
struct CellRow {
  const Real *x, *y, *w;

  CellRow from(std::size_t i) const { return {x + i, y + i, w + i}; }
};

template <class Real>
struct FluxLaw {
  Real theta, d_solute, d_host;
};

/// Flux from the high to the low side of a face.
template <class Real>
SPINODE_INLINE Real flux_between(const CellRow<Real>& low, const CellRow<Real>& high, std::size_t i,
                                 const FluxLaw<Real>& law) {
  const Real mid = (low.x[i] + high.x[i]) / 2, mobility = log_mean(low.x[i], high.x[i], high.y[i] - low.y[i]);
  return ((1 - mid) * law.d_solute + mid * law.d_host) *
         (law.theta * (high.x[i] - low.x[i]) + mobility * (high.w[i] - low.w[i]));
}

/// Fluxes through the faces between two rows.
template <class Real>
void find_fluxes(CellRow<Real> low, CellRow<Real> high, FluxLaw<Real> law, std::size_t n, Real* flux);
/// out += factor (flux - lower) with these, which take the place of `lower`.
template <class Real>
void add_differences(CellRow<Real> low, CellRow<Real> high, FluxLaw<Real> law, Real factor, std::size_t n, Real* lower,
                     Real* out);

// Clones cannot be templates.
#define SPINODE_FLUX_KERNELS(Real)                                                                                  \
  template <>                                                                                                       \
  SPINODE_VECTOR_CLONES void find_fluxes(CellRow<Real> low, CellRow<Real> high, FluxLaw<Real> law, std::size_t n,   \
                                         Real* flux) {                                                              \
    _Pragma("omp simd") for (std::size_t i = 0; i < n; ++i) flux[i] = flux_between(low, high, i, law);              \
  }                                                                                                                 \
  template <>                                                                                                       \
  SPINODE_VECTOR_CLONES void add_differences(CellRow<Real> low, CellRow<Real> high, FluxLaw<Real> law, Real factor, \
                                             std::size_t n, Real* lower, Real* out) {                               \
    _Pragma("omp simd") for (std::size_t i = 0; i < n; ++i) {                                                       \
      const Real flux = flux_between(low, high, i, law);                                                            \
      out[i] += factor * (flux - lower[i]);                                                                         \
      lower[i] = flux;                                                                                              \
    }                                                                                                               \
  }

SPINODE_FLUX_KERNELS(float)
SPINODE_FLUX_KERNELS(double)

}  // namespace

template <class Real>
LogMeanFlux<Real>::LogMeanFlux(const Grid& grid, const DarkenMobility& mobility, double theta)
    : grid_(grid), kept_(thread_count()) {
  set(mobility, theta);
}

template <class Real>
void LogMeanFlux<Real>::set(const DarkenMobility& mobility, double theta) {
  theta_ = static_cast<Real>(theta);
  d_solute_ = static_cast<Real>(mobility.solute);
  d_host_ = static_cast<Real>(mobility.host);
}

template <class Real>
void LogMeanFlux<Real>::divergence(const Field<Real>& x, const Field<Real>& y, const Field<Real>& w, Field<Real>& out) {
  begin();
  const RowPlaces places(grid_.rows());
  const FluxCells<Real> cells{x.data(), y.data(), w.data(), &places};
  for_rows(grid_.rows(), [&](Rows share) {
    for (std::size_t row = share.begin; row < share.end; ++row)
      divergence_row(cells, row, out.data() + row * grid_.cells(0));
  });
}

template <class Real>
void LogMeanFlux<Real>::divergence_row(const FluxCells<Real>& cells, std::size_t row, Real* out) {
  const std::size_t nx = grid_.cells(0), ny = grid_.cells(1), nz = grid_.cells(2);
  const std::size_t j = row % ny, k = row / ny;
  const auto periodic = [&](int a) { return grid_.axis(a).boundary == Boundary::periodic; };
  const auto inverse_h2 = [&](int a) {
    return static_cast<Real>(1 / (grid_.axis(a).spacing() * grid_.axis(a).spacing()));
  };
  const auto row_at = [&](std::size_t second, std::size_t third) {
    const std::size_t first = nx * (*cells.places)(second + ny * third);
    return CellRow<Real>{cells.x + first, cells.y + first, cells.w + first};
  };
  const FluxLaw<Real> law{theta_, d_solute_, d_host_};

  Kept& own = kept_[thread_index()];
  if (own.state != state_) {
    own.state = state_;
    own.row = 0;
    own.planes.assign(ny, 0);
    own.fluxes.resize(nx * ((nz > 1 ? ny : 0) + 2) + 1);
  }
  Real* const flux = own.fluxes.data();  // one more than nx: along x, both ends
  Real* const below_y = flux + nx + 1;
  Real* const below_z = below_y + nx;

  // Adds the difference of the fluxes through the two faces of axis a. The lower one is that of the row below, kept
  // from when this thread worked on it, or worked out here.
  const auto add = [&](int a, std::size_t position, bool kept, Real* lower, CellRow<Real> here, CellRow<Real> down,
                       CellRow<Real> up) {
    const bool wraps = periodic(a);
    if (!kept) {
      if (position > 0 || wraps)
        find_fluxes(down, here, law, nx, lower);
      else
        std::fill_n(lower, nx, Real(0));
    }
    const Real factor = inverse_h2(a);
    if (position + 1 < grid_.cells(a) || wraps)
      add_differences(here, up, law, factor, nx, lower, out);
    else
      for (std::size_t i = 0; i < nx; ++i) out[i] -= factor * lower[i];
  };

  const CellRow<Real> here = row_at(j, k);
  find_fluxes(here, here.from(1), law, nx - 1, flux + 1);
  flux[0] = 0;
  if (periodic(0)) find_fluxes(here.from(nx - 1), here, law, 1, flux);
  flux[nx] = flux[0];
  const Real along = inverse_h2(0);
#pragma omp simd
  for (std::size_t i = 0; i < nx; ++i) out[i] = along * (flux[i + 1] - flux[i]);

  if (ny > 1) {
    add(1, j, j > 0 && own.row == row, below_y, here, row_at((j + ny - 1) % ny, k), row_at((j + 1) % ny, k));
    own.row = row + 1;
  }
  if (nz > 1) {
    add(2, k, k > 0 && own.planes[j] == k, below_z + nx * j, here, row_at(j, (k + nz - 1) % nz),
        row_at(j, (k + 1) % nz));
    own.planes[j] = k + 1;
  }
}

template <class Real>
void LogMeanFlux<Real>::mobilities(const Field<Real>& x, const Field<Real>& y, Real factor, Faces<float>& out) const {
  const std::size_t nx = grid_.cells(0);
  const Real d_solute = d_solute_, d_host = d_host_;
  for (int a = 0; a < grid_.dimension(); ++a) {
    const std::size_t count = grid_.cells(a);
    const bool periodic = grid_.axis(a).boundary == Boundary::periodic && count > 1;
    const Real scale = factor / static_cast<Real>(grid_.axis(a).spacing() * grid_.axis(a).spacing());
    for_rows(grid_.rows(), [&](Rows share) {
      for (std::size_t r = share.begin; r < share.end; ++r) {
        const auto fill = [&](std::size_t here, std::size_t there, std::size_t n) {
          const Real *xa = x.data() + here, *xb = x.data() + there, *ya = y.data() + here, *yb = y.data() + there;
          float* const weight = out.weight(a) + here;
#pragma omp simd
          for (std::size_t i = 0; i < n; ++i) {
            const Real mid = (xa[i] + xb[i]) / 2;
            weight[i] = static_cast<float>(scale * ((1 - mid) * d_solute + mid * d_host) *
                                           log_mean(xa[i], xb[i], yb[i] - ya[i]));
          }
        };
        const std::size_t first = r * nx;
        if (a == 0) {
          fill(first, first + 1, nx - 1);
          if (periodic) fill(first + nx - 1, first, 1);
        } else {
          const std::size_t position = a == 1 ? r % grid_.cells(1) : r / grid_.cells(1);
          if (position + 1 < count || periodic) fill(first, out.next(a, r) * nx, nx);
        }
      }
    });
  }
}

template class LogMeanFlux<float>;
template class LogMeanFlux<double>;

}  // namespace spinode
