// FFTW's own real transform forward and back (r2c + c2r): what the code is measured against.
#pragma once

#include <fftw3.h>
#include <omp.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "spinode/field.hpp"
#include "spinode/transform.hpp"

namespace spinode {

/// FFTW's double and single libraries under one set of names.
template <class Real>
struct Fftw;

template <>
struct Fftw<double> {
  using Plan = fftw_plan;
  using Complex = fftw_complex;
  static constexpr auto init_threads = fftw_init_threads;
  static constexpr auto plan_threads = fftw_plan_with_nthreads;
  static constexpr auto plan_r2c = fftw_plan_dft_r2c;
  static constexpr auto plan_c2r = fftw_plan_dft_c2r;
  static constexpr auto execute = fftw_execute;
  static constexpr auto destroy = fftw_destroy_plan;
};

template <>
struct Fftw<float> {
  using Plan = fftwf_plan;
  using Complex = fftwf_complex;
  static constexpr auto init_threads = fftwf_init_threads;
  static constexpr auto plan_threads = fftwf_plan_with_nthreads;
  static constexpr auto plan_r2c = fftwf_plan_dft_r2c;
  static constexpr auto plan_c2r = fftwf_plan_dft_c2r;
  static constexpr auto execute = fftwf_execute;
  static constexpr auto destroy = fftwf_destroy_plan;
};

inline unsigned flag(Planning planning) {
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

/// Both transforms on zeros, which they leave as they are: without the normalisation anything else would overflow.
template <class Real>
class FftwPair {
 public:
  FftwPair(const std::vector<long>& cells, bool in_place, Planning planning) {
    using Api = Fftw<Real>;
    if (!Api::init_threads()) throw std::runtime_error("FFTW cannot start its threads");
    Api::plan_threads(omp_get_max_threads());
    const std::vector<int> n(cells.rbegin(), cells.rend());  // FFTW's last axis is the fastest
    std::size_t rows = 1;
    for (std::size_t a = 0; a + 1 < n.size(); ++a) rows *= static_cast<std::size_t>(n[a]);
    const std::size_t line = static_cast<std::size_t>(n.back());
    spectrum_ = Array<Real>(rows * 2 * (line / 2 + 1));
    if (!in_place) field_ = Array<Real>(rows * line);
    Real* const field = in_place ? spectrum_.data() : field_.data();
    auto* const modes = reinterpret_cast<typename Api::Complex*>(spectrum_.data());
    const unsigned flags = flag(planning) | FFTW_DESTROY_INPUT;
    forward_.reset(Api::plan_r2c(static_cast<int>(n.size()), n.data(), field, modes, flags));
    inverse_.reset(Api::plan_c2r(static_cast<int>(n.size()), n.data(), modes, field, flags));
    if (!forward_ || !inverse_) throw std::runtime_error("FFTW finds no plan for this grid");
    for (Array<Real>* values : {&spectrum_, &field_}) std::fill_n(values->data(), values->size(), Real(0));
  }

  void operator()() const {
    Fftw<Real>::execute(forward_.get());
    Fftw<Real>::execute(inverse_.get());
  }

 private:
  struct Destroy {
    void operator()(std::remove_pointer_t<typename Fftw<Real>::Plan>* plan) const { Fftw<Real>::destroy(plan); }
  };
  using Plan = std::unique_ptr<std::remove_pointer_t<typename Fftw<Real>::Plan>, Destroy>;

  Array<Real> spectrum_, field_;
  Plan forward_, inverse_;
};

}  // namespace spinode
