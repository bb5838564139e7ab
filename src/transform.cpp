#include "spinode/transform.hpp"

#include <fftw3.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "spinode/parallel.hpp"
#include "spinode/timer.hpp"

namespace spinode {
namespace {

/// FFTW's double and single libraries under one set of names.
template <class Real>
struct Fftw;

template <>
struct Fftw<double> {
  using Plan = fftw_plan;
  using Complex = fftw_complex;
  using Dim = fftw_iodim64;
  static constexpr auto init_threads = fftw_init_threads;
  static constexpr auto plan_threads = fftw_plan_with_nthreads;
  static constexpr auto plan_r2r = fftw_plan_guru64_r2r;
  static constexpr auto plan_r2c = fftw_plan_guru64_dft_r2c;
  static constexpr auto plan_c2r = fftw_plan_guru64_dft_c2r;
  static constexpr auto run_r2r = fftw_execute_r2r;
  static constexpr auto run_r2c = fftw_execute_dft_r2c;
  static constexpr auto run_c2r = fftw_execute_dft_c2r;
  static constexpr auto destroy = fftw_destroy_plan;
};

template <>
struct Fftw<float> {
  using Plan = fftwf_plan;
  using Complex = fftwf_complex;
  using Dim = fftwf_iodim64;
  static constexpr auto init_threads = fftwf_init_threads;
  static constexpr auto plan_threads = fftwf_plan_with_nthreads;
  static constexpr auto plan_r2r = fftwf_plan_guru64_r2r;
  static constexpr auto plan_r2c = fftwf_plan_guru64_dft_r2c;
  static constexpr auto plan_c2r = fftwf_plan_guru64_dft_c2r;
  static constexpr auto run_r2r = fftwf_execute_r2r;
  static constexpr auto run_r2c = fftwf_execute_dft_r2c;
  static constexpr auto run_c2r = fftwf_execute_dft_c2r;
  static constexpr auto destroy = fftwf_destroy_plan;
};

unsigned flags(Planning planning) {
  switch (planning) {
    case Planning::estimate:
      return FFTW_ESTIMATE;
    case Planning::measure:
      return FFTW_MEASURE;
    case Planning::patient:
      return FFTW_PATIENT;
  }
  throw std::logic_error("unknown planning effort");
}

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

/// To be called before anything else of FFTW: its threads are among the ways to compute a transform that wisdom is
/// about.
template <class Real>
void start_threads() {
  static const int ready = Fftw<Real>::init_threads();
  if (!ready) throw std::runtime_error("FFTW cannot start its threads");
}

template <class Real>
void share_among_threads(const Grid& grid) {
  // Below this size starting the threads takes longer than they save.
  constexpr std::size_t least_shared = 4096;
  Fftw<Real>::plan_threads(grid.size() < least_shared ? 1 : thread_count());
}

}  // namespace

template <class Real>
struct Transform<Real>::Plans {
  using Api = Fftw<Real>;
  using Complex = typename Api::Complex;
  struct Destroy {
    void operator()(std::remove_pointer_t<typename Api::Plan>* plan) const { Api::destroy(plan); }
  };
  using Plan = std::unique_ptr<std::remove_pointer_t<typename Api::Plan>, Destroy>;

  bool complex = false;                               // some axis is periodic
  std::vector<typename Api::Dim> cosine, other_axes;  // of the cells: what the cosine transforms run over, and the rest
  Plan fourier_forward, fourier_inverse;
  std::map<Odd, Plan> cosine_forward, cosine_inverse;  // with sines along the odd axes

  /// Where the cosine transforms find the spectrum.
  Real* cosine_modes(Spectrum<Real>& spectrum, Field<Real>& field) const {
    return complex ? field.data() : spectrum.data();
  }

  /// The no-flux axes among those marked.
  static Odd sines(const Grid& grid, const Odd& odd) {
    Odd sines{};
    for (int a = 0; a < grid.dimension(); ++a) sines[a] = odd[a] && grid.axis(a).boundary == Boundary::no_flux;
    return sines;
  }

  /// Cosine transform from cells to modes or back; planned at the first call.
  const Plan& cosine_plan(const Grid& grid, Planning planning, const Odd& sines, bool inverse) {
    Plan& plan = (inverse ? cosine_inverse : cosine_forward)[sines];
    if (plan) return plan;
    // Planning overwrites its arrays, so it gets its own, aligned as every field is.
    Field<Real> field(grid);
    Spectrum<Real> spectrum(grid);
    share_among_threads<Real>(grid);
    std::vector<fftw_r2r_kind> kinds;
    for (int a = 0; a < grid.dimension(); ++a)
      if (grid.axis(a).boundary == Boundary::no_flux)
        kinds.push_back(inverse ? (sines[a] ? FFTW_RODFT01 : FFTW_REDFT01) : (sines[a] ? FFTW_RODFT10 : FFTW_REDFT10));
    Real* const modes = cosine_modes(spectrum, field);
    plan.reset(Api::plan_r2r(static_cast<int>(cosine.size()), cosine.data(), static_cast<int>(other_axes.size()),
                             other_axes.data(), inverse ? modes : field.data(), inverse ? field.data() : modes,
                             kinds.data(), flags(planning)));
    if (!plan) throw std::runtime_error("FFTW finds no plan for this grid");
    return plan;
  }

  /// Calls shift(stride, cells) for every axis that has sines.
  template <class Shift>
  static void for_sines(const Grid& grid, const Odd& sines, Shift shift) {
    std::size_t stride = 1;
    for (int a = 0; a < grid.dimension(); stride *= grid.cells(a++))
      if (sines[a]) shift(stride, grid.cells(a));
  }
};

template <class Real>
Transform<Real>::Transform(const Grid& grid, Planning planning)
    : grid_(grid), planning_(planning), plans_(std::make_unique<Plans>()) {
  using Api = Fftw<Real>;
  using Dim = typename Api::Dim;
  start_threads<Real>();
  share_among_threads<Real>(grid);

  // Strides of a cell in the field and of a mode in the spectrum.
  std::vector<Dim> cosine, fourier, cosine_modes, fourier_cells;
  std::ptrdiff_t cell_stride = 1, mode_stride = 1;
  for (int a = 0; a < grid.dimension(); ++a) {
    const auto n = static_cast<std::ptrdiff_t>(grid.cells(a));
    const bool periodic = grid.axis(a).boundary == Boundary::periodic;
    (periodic ? fourier_cells : cosine).push_back({n, cell_stride, cell_stride});
    // FFTW halves the last dimension that it is given; ours is the first periodic axis.
    if (periodic)
      fourier.insert(fourier.begin(), {n, cell_stride, mode_stride});
    else
      cosine_modes.push_back({n, cell_stride, mode_stride});
    scale_ /= static_cast<Real>(periodic ? n : 2 * n);
    cell_stride *= n;
    mode_stride *= static_cast<std::ptrdiff_t>(grid.modes(a));
  }
  std::vector<Dim> fourier_back = fourier, cosine_modes_back = cosine_modes;
  for (std::vector<Dim>* dims : {&fourier_back, &cosine_modes_back})
    for (Dim& dim : *dims) std::swap(dim.is, dim.os);

  // Planning overwrites its arrays.
  Field<Real> field(grid);
  Spectrum<Real> spectrum(grid);
  auto* const modes = reinterpret_cast<typename Api::Complex*>(spectrum.data());
  const unsigned effort = flags(planning);
  const auto rank = [](const std::vector<Dim>& dims) { return static_cast<int>(dims.size()); };

  plans_->complex = !fourier.empty();
  plans_->cosine = cosine;
  plans_->other_axes = fourier_cells;
  if (!cosine.empty())
    for (const bool inverse : {false, true}) plans_->cosine_plan(grid, planning, Odd{}, inverse);
  if (plans_->complex) {
    plans_->fourier_forward.reset(Api::plan_r2c(rank(fourier), fourier.data(), rank(cosine_modes), cosine_modes.data(),
                                                field.data(), modes, effort | FFTW_DESTROY_INPUT));
    plans_->fourier_inverse.reset(Api::plan_c2r(rank(fourier_back), fourier_back.data(), rank(cosine_modes_back),
                                                cosine_modes_back.data(), modes, field.data(),
                                                effort | FFTW_DESTROY_INPUT));
  }
  if (plans_->complex && (!plans_->fourier_forward || !plans_->fourier_inverse))
    throw std::runtime_error("FFTW finds no plan for this grid");
}

template <class Real>
Transform<Real>::~Transform() = default;

template <class Real>
void Transform<Real>::forward(Field<Real>& field, Spectrum<Real>& spectrum) {
  forward(field, spectrum, Odd{});
}

template <class Real>
void Transform<Real>::forward(Field<Real>& field, Spectrum<Real>& spectrum, const Odd& odd) {
  const Timer timer(seconds_);
  using Api = Fftw<Real>;
  if (!plans_->cosine.empty()) {
    const Odd sines = Plans::sines(grid_, odd);
    Real* const modes = plans_->cosine_modes(spectrum, field);
    Api::run_r2r(plans_->cosine_plan(grid_, planning_, sines, false).get(), field.data(), modes);
    // FFTW's first sine is that of mode 1; its last, that of mode N, no derivative of an even field has.
    Plans::for_sines(grid_, sines,
                     [&](std::size_t stride, std::size_t cells) { shift_up(modes, grid_.size(), stride, cells); });
  }
  if (plans_->complex)
    Api::run_r2c(plans_->fourier_forward.get(), field.data(),
                 reinterpret_cast<typename Api::Complex*>(spectrum.data()));
  ++count_;
}

template <class Real>
void Transform<Real>::inverse(Spectrum<Real>& spectrum, Field<Real>& field) {
  inverse(spectrum, field, Odd{});
}

template <class Real>
void Transform<Real>::inverse(Spectrum<Real>& spectrum, Field<Real>& field, const Odd& odd) {
  const Timer timer(seconds_);
  using Api = Fftw<Real>;
  if (plans_->complex)
    Api::run_c2r(plans_->fourier_inverse.get(), reinterpret_cast<typename Api::Complex*>(spectrum.data()),
                 field.data());
  if (!plans_->cosine.empty()) {
    const Odd sines = Plans::sines(grid_, odd);
    Real* const modes = plans_->cosine_modes(spectrum, field);
    Plans::for_sines(grid_, sines,
                     [&](std::size_t stride, std::size_t cells) { shift_down(modes, grid_.size(), stride, cells); });
    Api::run_r2r(plans_->cosine_plan(grid_, planning_, sines, true).get(), modes, field.data());
  }
  ++count_;
}

template class Transform<float>;
template class Transform<double>;

Wisdom Wisdom::now() {
  const auto text = [](char* exported) {
    const std::unique_ptr<char, decltype(&std::free)> owner(exported, &std::free);
    return std::string(exported ? exported : "");
  };
  return {text(fftw_export_wisdom_to_string()), text(fftwf_export_wisdom_to_string())};
}

void Wisdom::take_over() const {
  start_threads<double>();
  start_threads<float>();
  fftw_import_wisdom_from_string(in_double.c_str());
  fftwf_import_wisdom_from_string(in_single.c_str());
}

}  // namespace spinode
