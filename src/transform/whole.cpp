#include "whole.hpp"

#include <algorithm>

#include "spinode/timer.hpp"

namespace spinode {
namespace {

/// Moves every value one place down along an axis; the last place becomes 0.
template <class Real>
void shift_down(Real* values, std::size_t size, std::size_t stride, std::size_t cells) {
  for (Real* line = values; line < values + size; line += stride * cells) {
    std::copy(line + stride, line + stride * cells, line);
    std::fill_n(line + stride * (cells - 1), stride, Real(0));
  }
}

/// The way back: every value one place up along an axis, 0 in the first.
template <class Real>
void shift_up(Real* values, std::size_t size, std::size_t stride, std::size_t cells) {
  for (Real* line = values; line < values + size; line += stride * cells) {
    std::copy_backward(line, line + stride * (cells - 1), line + stride * cells);
    std::fill_n(line, stride, Real(0));
  }
}

}  // namespace

template <class Real>
void Transform<Real>::Whole::share_among_threads() const {
  // Below this size starting the threads takes longer than they save.
  constexpr std::size_t least_shared = 4096;
  Api::plan_threads(grid_.size() < least_shared ? 1 : thread_count());
}

/// The no-flux axes among those marked.
template <class Real>
Odd Transform<Real>::Whole::sines(const Odd& odd) const {
  Odd sines{};
  for (int a = 0; a < grid_.dimension(); ++a) sines[a] = odd[a] && grid_.axis(a).boundary == Boundary::no_flux;
  return sines;
}

/// Cosine transform from cells to modes or back; planned at the first call.
template <class Real>
const PlanOf<Real>& Transform<Real>::Whole::cosine_plan(const Odd& sines, bool inverse) {
  PlanOf<Real>& plan = (inverse ? cosine_inverse_ : cosine_forward_)[sines];
  if (plan) return plan;
  // Planning overwrites its arrays, so it gets its own, aligned as every field is.
  Field<Real> field(grid_);
  Spectrum<Real> spectrum(grid_);
  share_among_threads();
  std::vector<fftw_r2r_kind> kinds;
  for (int a = 0; a < grid_.dimension(); ++a)
    if (grid_.axis(a).boundary == Boundary::no_flux)
      kinds.push_back(inverse ? (sines[a] ? FFTW_RODFT01 : FFTW_REDFT01) : (sines[a] ? FFTW_RODFT10 : FFTW_REDFT10));
  Real* const modes = cosine_modes(spectrum, field);
  plan = owned<Real>(Api::plan_r2r(
      static_cast<int>(cosine_.size()), cosine_.data(), static_cast<int>(other_axes_.size()), other_axes_.data(),
      inverse ? modes : field.data(), inverse ? field.data() : modes, kinds.data(), flags(planning_)));
  return plan;
}

/// Calls shift(stride, cells) for every axis that has sines.
template <class Real>
template <class Shift>
void Transform<Real>::Whole::for_sines(const Odd& sines, Shift shift) const {
  std::size_t stride = 1;
  for (int a = 0; a < grid_.dimension(); stride *= grid_.cells(a++))
    if (sines[a]) shift(stride, grid_.cells(a));
}

template <class Real>
Transform<Real>::Whole::Whole(const Grid& grid, Planning planning) : grid_(grid), planning_(planning) {
  start_threads<Real>();
  share_among_threads();

  // Strides of a cell in the field and of a mode in the spectrum.
  std::vector<Dim> fourier, cosine_modes;
  std::ptrdiff_t cell_stride = 1, mode_stride = 1;
  for (int a = 0; a < grid.dimension(); ++a) {
    const auto n = static_cast<std::ptrdiff_t>(grid.cells(a));
    const bool periodic = grid.axis(a).boundary == Boundary::periodic;
    (periodic ? other_axes_ : cosine_).push_back({n, cell_stride, cell_stride});
    // FFTW halves the last dimension that it is given; ours is the first periodic axis.
    if (periodic)
      fourier.insert(fourier.begin(), {n, cell_stride, mode_stride});
    else
      cosine_modes.push_back({n, cell_stride, mode_stride});
    cell_stride *= n;
    mode_stride *= static_cast<std::ptrdiff_t>(grid.modes(a));
  }
  std::vector<Dim> fourier_back = fourier, cosine_modes_back = cosine_modes;
  for (std::vector<Dim>* dims : {&fourier_back, &cosine_modes_back})
    for (Dim& dim : *dims) std::swap(dim.is, dim.os);

  complex_ = !fourier.empty();
  for (const bool inverse : {false, true}) cosine_plan(Odd{}, inverse);
  if (!complex_) return;
  // Planning overwrites its arrays.
  Field<Real> field(grid);
  Spectrum<Real> spectrum(grid);
  auto* const modes = reinterpret_cast<typename Api::Complex*>(spectrum.data());
  const unsigned effort = flags(planning) | FFTW_DESTROY_INPUT;
  const auto rank = [](const std::vector<Dim>& dims) { return static_cast<int>(dims.size()); };
  fourier_forward_ = owned<Real>(Api::plan_r2c(rank(fourier), fourier.data(), rank(cosine_modes), cosine_modes.data(),
                                               field.data(), modes, effort));
  fourier_inverse_ = owned<Real>(Api::plan_c2r(rank(fourier_back), fourier_back.data(), rank(cosine_modes_back),
                                               cosine_modes_back.data(), modes, field.data(), effort));
}

template <class Real>
void Transform<Real>::Whole::forward(Field<Real>& field, Spectrum<Real>& spectrum, const Odd& odd) {
  const Timer timer(seconds_);
  const Odd sines = this->sines(odd);
  Real* const modes = cosine_modes(spectrum, field);
  Api::run_r2r(cosine_plan(sines, false).get(), field.data(), modes);
  // FFTW's first sine is that of mode 1; its last, that of mode N, no derivative of an even field has.
  for_sines(sines, [&](std::size_t stride, std::size_t cells) { shift_up(modes, grid_.size(), stride, cells); });
  if (complex_)
    Api::run_r2c(fourier_forward_.get(), field.data(), reinterpret_cast<typename Api::Complex*>(spectrum.data()));
}

template <class Real>
void Transform<Real>::Whole::inverse(Spectrum<Real>& spectrum, Field<Real>& field, const Odd& odd) {
  const Timer timer(seconds_);
  if (complex_)
    Api::run_c2r(fourier_inverse_.get(), reinterpret_cast<typename Api::Complex*>(spectrum.data()), field.data());
  const Odd sines = this->sines(odd);
  Real* const modes = cosine_modes(spectrum, field);
  for_sines(sines, [&](std::size_t stride, std::size_t cells) { shift_down(modes, grid_.size(), stride, cells); });
  Api::run_r2r(cosine_plan(sines, true).get(), modes, field.data());
}

template class Transform<float>::Whole;
template class Transform<double>::Whole;

}  // namespace spinode
