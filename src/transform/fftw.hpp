// FFTW's double and single libraries under one set of names, and plans that destroy themselves.
#pragma once

#include <fftw3.h>

#include <memory>
#include <stdexcept>
#include <type_traits>

#include "spinode/transform.hpp"

namespace spinode {

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
  static constexpr auto plan_c2c = fftw_plan_guru64_dft;
  static constexpr auto run_r2r = fftw_execute_r2r;
  static constexpr auto run_r2c = fftw_execute_dft_r2c;
  static constexpr auto run_c2r = fftw_execute_dft_c2r;
  static constexpr auto run_c2c = fftw_execute_dft;
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
  static constexpr auto plan_c2c = fftwf_plan_guru64_dft;
  static constexpr auto run_r2r = fftwf_execute_r2r;
  static constexpr auto run_r2c = fftwf_execute_dft_r2c;
  static constexpr auto run_c2r = fftwf_execute_dft_c2r;
  static constexpr auto run_c2c = fftwf_execute_dft;
  static constexpr auto destroy = fftwf_destroy_plan;
};

template <class Real>
struct DestroyPlan {
  void operator()(std::remove_pointer_t<typename Fftw<Real>::Plan>* plan) const { Fftw<Real>::destroy(plan); }
};
template <class Real>
using PlanOf = std::unique_ptr<std::remove_pointer_t<typename Fftw<Real>::Plan>, DestroyPlan<Real>>;

inline unsigned flags(Planning planning) {
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

/// Throws std::runtime_error for a null plan.
template <class Real>
PlanOf<Real> owned(typename Fftw<Real>::Plan plan) {
  if (!plan) throw std::runtime_error("FFTW finds no plan for this grid");
  return PlanOf<Real>(plan);
}

/// To be called before anything else of FFTW: its threads are among the ways to compute a transform that wisdom is
/// about.
template <class Real>
void start_threads() {
  static const int ready = Fftw<Real>::init_threads();
  if (!ready) throw std::runtime_error("FFTW cannot start its threads");
}

}  // namespace spinode
