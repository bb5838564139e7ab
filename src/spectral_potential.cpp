#include "spinode/spectral_potential.hpp"

#include <algorithm>
#include <cmath>

#include "spinode/parallel.hpp"

namespace spinode {

template <class Real>
SpectralPotential<Real>::SpectralPotential(const Grid& grid, double kappa, const Coherency& coherency)
    : grid_(grid), kappa_(kappa), coherency_of_(coherency) {
  measure_waves();
  if (!coherency) return;
  coherency_.resize(grid.mode_count());
  measure_coherency();
}

template <class Real>
void SpectralPotential<Real>::stretch(const Grid& grid) {
  grid_ = grid;
  measure_waves();
  // Where every direction costs the same, turning the waves changes nothing.
  if (!coherency_.empty() && !isotropic_) measure_coherency();
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
}

template <class Real>
void SpectralPotential<Real>::measure_coherency() {
  for_rows(grid_.mode_rows(), [&](Rows share) {
    for (std::size_t row = share.begin; row < share.end; ++row)
      for (std::size_t m = 0; m < grid_.modes(0); ++m) {
        if (row == 0 && m == 0) continue;  // no net stress: the mean strain costs nothing
        const std::array<std::size_t, 3> modes{m, row % grid_.modes(1), row / grid_.modes(1)};
        std::array<double, 3> k{};
        for (int a = 0; a < grid_.dimension(); ++a) k[a] = grid_.wavenumber(a, modes[a]);
        coherency_[row * grid_.modes(0) + m] = static_cast<Real>(coherency_of_(k));
      }
  });
  if (coherency_.size() < 2) return;
  const auto [least, most] = std::minmax_element(coherency_.begin() + 1, coherency_.end());
  softest_ = *least;
  isotropic_ = *most - *least <= 1e-6 * std::abs(*most);
}

template <class Real>
void SpectralPotential<Real>::row(std::size_t row, Real* k2, Real* elastic) const {
  const std::size_t n = grid_.modes(0);
  const double k2_row = k2_[1][row % grid_.modes(1)] + k2_[2][row / grid_.modes(1)];
  const double* const along = k2_[0].data();
#pragma omp simd
  for (std::size_t m = 0; m < n; ++m) k2[m] = static_cast<Real>(along[m] + k2_row);
  if (coherency_.empty())
    std::fill_n(elastic, n, Real(0));
  else
    std::copy_n(coherency_.data() + row * n, n, elastic);
}

template <class Real>
void SpectralPotential<Real>::multiplicity(std::size_t row, Real* multiplicity) const {
  const double of_row = multiplicity_[1][row % grid_.modes(1)] * multiplicity_[2][row / grid_.modes(1)];
  const double* const along = multiplicity_[0].data();
  for (std::size_t m = 0; m < grid_.modes(0); ++m) multiplicity[m] = static_cast<Real>(of_row * along[m]);
}

template <class Real>
void SpectralPotential<Real>::apply(const Spectrum<Real>& x_hat, Spectrum<Real>& out) const {
  const std::size_t n = grid_.modes(0), lanes = grid_.lanes();
  const Real kappa = static_cast<Real>(kappa_);
  for_rows(grid_.mode_rows(), [&](Rows share) {
    std::vector<Real> k2(n), elastic(n);
    for (std::size_t r = share.begin; r < share.end; ++r) {
      row(r, k2.data(), elastic.data());
      const Real* const in = x_hat.data() + r * n * lanes;
      Real* const result = out.data() + r * n * lanes;
      for (std::size_t m = 0; m < n; ++m) {
        const Real K = kappa * k2[m] + elastic[m];
        for (std::size_t lane = 0; lane < lanes; ++lane) result[m * lanes + lane] = K * in[m * lanes + lane];
      }
    }
  });
}

template <class Real>
void SpectralPotential<Real>::apply_elastic(const Spectrum<Real>& x_hat, Spectrum<Real>& out) const {
  const std::size_t n = grid_.modes(0), lanes = grid_.lanes();
  for_rows(grid_.mode_rows(), [&](Rows share) {
    for (std::size_t i = share.begin * n * lanes; i < share.end * n * lanes; ++i)
      out[i] = coherency_.empty() ? Real(0) : coherency_[i / lanes] * x_hat[i];
  });
}

template <class Real>
void SpectralPotential<Real>::transport(double a, double b, double c, const Spectrum<Real>& x_hat,
                                        Spectrum<Real>& g_hat) const {
  const std::size_t n = grid_.modes(0), lanes = grid_.lanes();
  const Real of_x = static_cast<Real>(a), rate = static_cast<Real>(b), of_g = static_cast<Real>(c),
             kappa = static_cast<Real>(kappa_);
  for_rows(grid_.mode_rows(), [&](Rows share) {
    std::vector<Real> k2(n), elastic(n);
    for (std::size_t r = share.begin; r < share.end; ++r) {
      row(r, k2.data(), elastic.data());
      const Real* const x = x_hat.data() + r * n * lanes;
      Real* const g = g_hat.data() + r * n * lanes;
      for (std::size_t m = 0; m < n; ++m) {
        const Real K = kappa * k2[m] + elastic[m];
        for (std::size_t i = m * lanes; i < (m + 1) * lanes; ++i)
          g[i] = of_x * x[i] + rate * k2[m] * (of_g * g[i] + K * x[i]);
      }
    }
  });
}

template <class Real>
typename SpectralPotential<Real>::Energies& SpectralPotential<Real>::Energies::operator+=(const Energies& other) {
  gradient += other.gradient;
  elastic += other.elastic;
  return *this;
}

template <class Real>
typename SpectralPotential<Real>::Energies SpectralPotential<Real>::energies(const Spectrum<Real>& x_hat) const {
  const std::size_t n = grid_.modes(0), lanes = grid_.lanes();
  return reduce_rows<Energies>(grid_.mode_rows(), [&](Rows share) {
    std::vector<Real> k2(n), elastic(n), count(n);
    Energies part;
    for (std::size_t r = share.begin; r < share.end; ++r) {
      row(r, k2.data(), elastic.data());
      multiplicity(r, count.data());
      const Real* const x = x_hat.data() + r * n * lanes;
      for (std::size_t m = 0; m < n; ++m) {
        double square = 0;
        for (std::size_t lane = 0; lane < lanes; ++lane)
          square += static_cast<double>(x[m * lanes + lane]) * x[m * lanes + lane];
        square *= count[m] / 2;
        part.gradient += kappa_ * k2[m] * square;
        part.elastic += elastic[m] * square;
      }
    }
    return part;
  });
}

template class SpectralPotential<float>;
template class SpectralPotential<double>;

}  // namespace spinode
