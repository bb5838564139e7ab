// Transforms of many complex lines along one axis, side by side in a buffer: Fourier, or cosine and sine by way of it
// (Makhoul 1980). Since those are linear, they act on the real and imaginary parts of complex numbers alike.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <numbers>
#include <vector>

#include "fftw.hpp"

namespace spinode {

template <class Real>
class LinePass {
 public:
  LinePass() = default;
  /// Of lines of `cells` numbers.
  LinePass(std::size_t cells, Boundary boundary) : cells_(cells), even_(boundary == Boundary::no_flux), order_(cells) {
    // A cosine transform begins with every other cell upwards and goes on with the rest downwards.
    for (std::size_t p = 0; p < cells; ++p) order_[p] = !even_ ? p : 2 * p < cells ? 2 * p : 2 * (cells - p) - 1;
    for (std::size_t k = 0; even_ && k <= cells / 2; ++k) {
      const double angle = std::numbers::pi * static_cast<double>(k) / (2 * static_cast<double>(cells));
      cos_.push_back(static_cast<Real>(std::cos(angle)));
      sin_.push_back(static_cast<Real>(std::sin(angle)));
    }
  }

  /// Plans for `width` lines side by side whose numbers are `pitch` apart, in an array that is like all to come.
  void plan(std::size_t width, std::size_t pitch, Real* buffer, unsigned effort) {
    auto* const lines = reinterpret_cast<typename Fftw<Real>::Complex*>(buffer);
    const auto step = static_cast<std::ptrdiff_t>(pitch), many = static_cast<std::ptrdiff_t>(width);
    const typename Fftw<Real>::Dim along{static_cast<std::ptrdiff_t>(cells_), step, step}, across{many, 1, 1};
    Plans& plans = plans_[width];
    plans.to_modes = owned<Real>(Fftw<Real>::plan_c2c(1, &along, 1, &across, lines, lines, FFTW_FORWARD, effort));
    plans.to_cells = owned<Real>(Fftw<Real>::plan_c2c(1, &along, 1, &across, lines, lines, FFTW_BACKWARD, effort));
  }

  std::size_t cells() const { return cells_; }
  /// Which cell belongs in each place of the buffer. Those with odd numbers change sign where sines take the place of
  /// cosines.
  const std::vector<std::size_t>& order() const { return order_; }
  bool even() const { return even_; }

  /// In place. `sines`: of an odd field, along a no-flux axis.
  void to_modes(Real* buffer, std::size_t width, std::size_t pitch, bool sines) const {
    const Plans& plans = plans_.at(width);
    auto* const lines = reinterpret_cast<typename Fftw<Real>::Complex*>(buffer);
    Fftw<Real>::run_c2c(plans.to_modes.get(), lines, lines);
    if (!even_) return;
    const std::size_t n = 2 * width;
    const auto line = [&](std::size_t k) { return buffer + 2 * pitch * k; };
    scale(line(0), n, sines ? Real(0) : Real(2));
    for (std::size_t k = 1; 2 * k <= cells_; ++k) {
      const Real c = cos_[k], s = sin_[k];
      if (2 * k == cells_) {
        scale(line(k), n, 2 * c);
        break;
      }
      // With w = exp(-i pi k/2N):  C(k) = w V(k) + w* V(N-k),  C(N-k) = i (w V(k) - w* V(N-k)).
      Real *const low = line(k), *const high = line(cells_ - k);
      Real *const cosine = sines ? high : low, *const other = sines ? low : high;
#pragma omp simd
      for (std::size_t i = 0; i < n; i += 2) {
        const Real a_re = c * low[i] + s * low[i + 1], a_im = c * low[i + 1] - s * low[i];
        const Real b_re = c * high[i] - s * high[i + 1], b_im = c * high[i + 1] + s * high[i];
        cosine[i] = a_re + b_re;
        cosine[i + 1] = a_im + b_im;
        other[i] = b_im - a_im;
        other[i + 1] = a_re - b_re;
      }
    }
  }

  void to_cells(Real* buffer, std::size_t width, std::size_t pitch, bool sines) const {
    const Plans& plans = plans_.at(width);
    if (even_) {
      const std::size_t n = 2 * width;
      const auto line = [&](std::size_t k) { return buffer + 2 * pitch * k; };
      if (sines) scale(line(0), n, Real(0));
      for (std::size_t k = 1; 2 * k <= cells_; ++k) {
        const Real c = cos_[k], s = sin_[k];
        if (2 * k == cells_) {
          scale(line(k), n, 2 * c);
          break;
        }
        // V(k) = w* (C(k) - i C(N-k)),  V(N-k) = w (C(k) + i C(N-k)).
        Real *const low = line(k), *const high = line(cells_ - k);
        const Real *const cosine = sines ? high : low, *const other = sines ? low : high;
#pragma omp simd
        for (std::size_t i = 0; i < n; i += 2) {
          const Real a_re = cosine[i] + other[i + 1], a_im = cosine[i + 1] - other[i];
          const Real b_re = cosine[i] - other[i + 1], b_im = cosine[i + 1] + other[i];
          low[i] = c * a_re - s * a_im;
          low[i + 1] = c * a_im + s * a_re;
          high[i] = c * b_re + s * b_im;
          high[i + 1] = c * b_im - s * b_re;
        }
      }
    }
    auto* const lines = reinterpret_cast<typename Fftw<Real>::Complex*>(buffer);
    Fftw<Real>::run_c2c(plans.to_cells.get(), lines, lines);
  }

 private:
  struct Plans {
    PlanOf<Real> to_modes, to_cells;
  };

  static void scale(Real* line, std::size_t n, Real factor) {
    for (std::size_t i = 0; i < n; ++i) line[i] *= factor;
  }

  std::size_t cells_ = 1;
  bool even_ = false;
  std::vector<std::size_t> order_;
  std::vector<Real> cos_, sin_;
  std::map<std::size_t, Plans> plans_;  // by width
};

}  // namespace spinode
