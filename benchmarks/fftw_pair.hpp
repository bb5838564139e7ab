// FFTW's own real transform forward and back (r2c + c2r): what the code is measured against.
#pragma once

#include <omp.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "../src/transform/fftw.hpp"
#include "spinode/field.hpp"

namespace spinode {

/// Both transforms on zeros, which they leave as they are: without the normalisation anything else would overflow.
template <class Real>
class FftwPair {
 public:
  FftwPair(const std::vector<long>& cells, bool in_place, Planning planning) {
    using Api = Fftw<Real>;
    start_threads<Real>();
    Api::plan_threads(omp_get_max_threads());
    const std::ptrdiff_t half = cells[0] / 2 + 1;
    std::vector<typename Api::Dim> forward{{cells[0], 1, 1}};  // FFTW halves the last, ours is the first
    std::ptrdiff_t in = in_place ? 2 * half : cells[0], out = half;
    for (std::size_t a = 1; a < cells.size(); ++a) {
      forward.insert(forward.begin(), {cells[a], in, out});
      in *= cells[a];
      out *= cells[a];
    }
    auto inverse = forward;
    for (typename Api::Dim& dim : inverse) std::swap(dim.is, dim.os);
    spectrum_ = Array<Real>(static_cast<std::size_t>(2 * out));
    if (!in_place) field_ = Array<Real>(static_cast<std::size_t>(in));
    auto* const modes = reinterpret_cast<typename Api::Complex*>(spectrum_.data());
    const unsigned effort = flags(planning) | FFTW_DESTROY_INPUT;
    const int rank = static_cast<int>(cells.size());
    forward_ = owned<Real>(Api::plan_r2c(rank, forward.data(), 0, nullptr, field(), modes, effort));
    inverse_ = owned<Real>(Api::plan_c2r(rank, inverse.data(), 0, nullptr, modes, field(), effort));
    for (Array<Real>* values : {&spectrum_, &field_}) std::fill_n(values->data(), values->size(), Real(0));
  }

  void operator()() {
    auto* const modes = reinterpret_cast<typename Fftw<Real>::Complex*>(spectrum_.data());
    Fftw<Real>::run_r2c(forward_.get(), field(), modes);
    Fftw<Real>::run_c2r(inverse_.get(), modes, field());
  }

 private:
  Real* field() { return field_.size() > 0 ? field_.data() : spectrum_.data(); }

  Array<Real> spectrum_, field_;  // the latter empty in place
  PlanOf<Real> forward_, inverse_;
};

}  // namespace spinode
