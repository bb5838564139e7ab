#include "spinode/spectral_potential.hpp"

#include <algorithm>
#include <cmath>

#include "mode_kernels.hpp"
#include "spinode/parallel.hpp"

namespace spinode {

template <class Real>
SpectralPotential<Real>::SpectralPotential(const Grid& grid, double kappa, const Coherency& coherency)
    : grid_(grid),
      kappa_(kappa),
      coherency_of_(coherency),
      elastic_(thread_count(), std::vector<Real>(grid.modes(0) * grid.lanes())) {
  measure_waves();
  if (!coherency) return;
  coherency_ = Array<Real>(grid.mode_count());
  measure_coherency();
}

template <class Real>
void SpectralPotential<Real>::stretch(const Grid& grid) {
  grid_ = grid;
  measure_waves();
  // Where every direction costs the same, turning the waves changes nothing.
  if (coherency_.size() > 0 && !isotropic_) measure_coherency();
}

template <class Real>
void SpectralPotential<Real>::measure_waves() {
  for (int a = 0; a < 3; ++a) {
    k2_[a].clear();
    multiplicity_[a].clear();
    for (std::size_t m = 0; m < grid_.modes(a); ++m) {
      const double k = a < grid_.dimension() ? grid_.wavenumber(a, m) : 0;
      k2_[a].push_back(k * k);
      multiplicity_[a].push_back(grid_.multiplicity(a, m));
    }
  }
  k2_along_.clear();
  multiplicity_along_.clear();
  for (std::size_t m = 0; m < grid_.modes(0); ++m)
    for (int lane = 0; lane < grid_.lanes(); ++lane) {
      k2_along_.push_back(static_cast<Real>(k2_[0][m]));
      multiplicity_along_.push_back(static_cast<Real>(multiplicity_[0][m]));
    }
}

template <class Real>
void SpectralPotential<Real>::measure_coherency() {
  for_rows(grid_.mode_rows(), [&](Rows share) {
    for (std::size_t row = share.begin; row < share.end; ++row)
      for (std::size_t m = 0; m < grid_.modes(0); ++m) {
        if (row == 0 && m == 0) continue;  // no net stress: the mean strain costs nothing
        const std::array<std::size_t, 3> modes = grid_.mode(row * grid_.modes(0) + m);
        std::array<double, 3> k{};
        for (int a = 0; a < grid_.dimension(); ++a) k[a] = grid_.wavenumber(a, modes[a]);
        coherency_[row * grid_.modes(0) + m] = static_cast<Real>(coherency_of_(k));
      }
  });
  if (coherency_.size() < 2) return;
  const auto [least, most] = std::minmax_element(coherency_.data() + 1, coherency_.data() + coherency_.size());
  softest_ = *least;
  isotropic_ = *most - *least <= 1e-6 * std::abs(*most);
}

template <class Real>
void SpectralPotential<Real>::fill(const ModeRun& run, Symbols<Real>& symbols) const {
  const std::size_t lanes = grid_.lanes();
  const auto [j, k] = run.across;
  std::vector<Real>& elastic = elastic_[thread_index()];
  symbols.reals = run.count * lanes;
  symbols.k2_along = k2_along_.data() + run.first * lanes;
  symbols.k2_across = static_cast<Real>(k2_[1][j] + k2_[2][k]);
  symbols.multiplicity_along = multiplicity_along_.data() + run.first * lanes;
  symbols.multiplicity_across = static_cast<Real>(multiplicity_[1][j] * multiplicity_[2][k]);
  symbols.kappa = static_cast<Real>(kappa_);
  symbols.elastic = elastic.data();
  if (coherency_.size() == 0) return;
  const Real* const B = coherency_.data() + run.row * grid_.modes(0) + run.first;
  if (lanes == 2)
    for (std::size_t m = 0; m < run.count; ++m) elastic[2 * m] = elastic[2 * m + 1] = B[m];
  else
    std::copy_n(B, run.count, elastic.data());
}

template <class Real>
void SpectralPotential<Real>::apply(const Spectrum<Real>& x_hat, Spectrum<Real>& out) const {
  const std::size_t length = grid_.modes(0) * grid_.lanes();
  for_rows(grid_.mode_rows(), [&](Rows share) {
    for (std::size_t r = share.begin; r < share.end; ++r)
      apply(ModeRun::whole(grid_, r), x_hat.data() + r * length, out.data() + r * length);
  });
}

template <class Real>
void SpectralPotential<Real>::apply(const ModeRun& run, const Real* x, Real* out) const {
  Symbols<Real> symbols{};
  fill(run, symbols);
  apply_potential(symbols, x, out);
}

template <class Real>
void SpectralPotential<Real>::apply_elastic(const Spectrum<Real>& x_hat, Spectrum<Real>& out) const {
  const std::size_t n = grid_.modes(0), lanes = grid_.lanes();
  for_rows(grid_.mode_rows(), [&](Rows share) {
    for (std::size_t i = share.begin * n * lanes; i < share.end * n * lanes; ++i)
      out[i] = coherency_.size() == 0 ? Real(0) : coherency_[i / lanes] * x_hat[i];
  });
}

template <class Real>
void SpectralPotential<Real>::transport(double a, double b, const Spectrum<Real>& x_hat, Spectrum<Real>& g_hat) const {
  const std::size_t n = grid_.modes(0), length = n * grid_.lanes();
  const Real of_x = static_cast<Real>(a), rate = static_cast<Real>(b);
  for_rows(grid_.mode_rows(), [&](Rows share) {
    Symbols<Real> s{};
    for (std::size_t r = share.begin; r < share.end; ++r) {
      fill(ModeRun::whole(grid_, r), s);
      const Real* const x = x_hat.data() + r * length;
      Real* const g = g_hat.data() + r * length;
#pragma omp simd
      for (std::size_t i = 0; i < length; ++i) {
        const Real k2 = s.k2_along[i] + s.k2_across, K = s.kappa * k2 + s.elastic[i];
        g[i] = of_x * x[i] + rate * k2 * (g[i] + K * x[i]);
      }
    }
  });
}

template <class Real>
typename SpectralPotential<Real>::Energies SpectralPotential<Real>::energies(const Spectrum<Real>& x_hat) const {
  const std::size_t n = grid_.modes(0), length = n * grid_.lanes();
  const auto sums = reduce_rows<ModeSums>(grid_.mode_rows(), [&](Rows share) {
    Symbols<Real> symbols{};
    ModeSums part;
    for (std::size_t r = share.begin; r < share.end; ++r) {
      fill(ModeRun::whole(grid_, r), symbols);
      add_norms(symbols, x_hat.data() + r * length, part);
    }
    return part;
  });
  return {sums.gradient, sums.elastic};
}

template class SpectralPotential<float>;
template class SpectralPotential<double>;

}  // namespace spinode
