// Amplitudes of the elastic fields wave by wave. Where an axis has no flux a wave is the sum of its mirror images, so a
// factor odd in k turns i cos(k r) into -sin(k r).
#include "spinode/elasticity/elastic_fields.hpp"

#include <Eigen/Cholesky>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "spinode/parallel.hpp"

namespace spinode {
namespace {

using Eigen::Vector3d;

/// The index pairs of a symmetric tensor, in the order of ParaView.
constexpr std::array<std::array<int, 2>, 6> pairs{{{0, 0}, {1, 1}, {2, 2}, {0, 1}, {1, 2}, {0, 2}}};

}  // namespace

ElasticFields::ElasticFields(const Grid& grid, const Stiffness& stiffness, double chi, Spectrum<double> x_hat)
    : grid_(grid),
      stiffness_(stiffness),
      chi_(chi),
      x_hat_(std::move(x_hat)),
      work_hat_(grid),
      transform_(grid, Planning::estimate) {
  for (int a = 0; a < 3; ++a)
    if (!stiffness.mirrored(a))
      throw std::invalid_argument("a stiffness that is not symmetric about the axes of the grid");
}

Vector3d ElasticFields::displacement_of(const Vector3d& n) const {
  Eigen::Matrix3d acoustic = Eigen::Matrix3d::Zero();
  Vector3d force = Vector3d::Zero();
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j)
      for (int l = 0; l < 3; ++l) {
        force[i] += chi_ * stiffness_(i, j, l, l) * n[j];
        for (int m = 0; m < 3; ++m) acoustic(i, m) += stiffness_(i, j, l, m) * n[j] * n[l];
      }
  return acoustic.llt().solve(force);
}

ElasticFields::Tensor ElasticFields::strain_of(const Vector3d& n) const {
  const Vector3d a = displacement_of(n);
  Tensor strain;
  strain << n[0] * a[0], n[1] * a[1], n[2] * a[2], n[1] * a[2] + n[2] * a[1], n[0] * a[2] + n[2] * a[0],
      n[0] * a[1] + n[1] * a[0];
  return strain;
}

ElasticFields::Tensor ElasticFields::stress_of(const Vector3d& n) const {
  Tensor elastic = strain_of(n);
  elastic.head<3>().array() -= chi_;
  return stiffness_.voigt * elastic;
}

Field<double> ElasticFields::field(const std::function<double(const Vector3d&)>& amplitude, const Odd& odd,
                                   std::complex<double> factor) {
  const std::size_t n = grid_.modes(0), lanes = grid_.lanes();
  // cos(kr) = (e^ikr + e^-ikr)/2, and i sin(kr) = (e^ikr - e^-ikr)/2.
  for (int a = 0; a < grid_.dimension(); ++a)
    if (odd[a] && grid_.axis(a).boundary == Boundary::no_flux) factor *= std::complex<double>(0, 1);
  // The shortest wave of a periodic axis is as much of one sense as of the other: what is odd in k cancels.
  const auto cancels = [&](int a, std::size_t mode) {
    return odd[a] && grid_.axis(a).boundary == Boundary::periodic && 2 * mode == grid_.cells(a);
  };
  for_rows(grid_.mode_rows(), [&](Rows share) {
    for (std::size_t row = share.begin; row < share.end; ++row)
      for (std::size_t m = 0; m < n; ++m) {
        const std::array<std::size_t, 3> mode{m, row % grid_.modes(1), row / grid_.modes(1)};
        Vector3d k = Vector3d::Zero();
        bool nothing = row == 0 && m == 0;  // the mean
        for (int a = 0; a < grid_.dimension(); ++a) {
          k[a] = grid_.wavenumber(a, mode[a]);
          nothing = nothing || cancels(a, mode[a]);
        }
        const std::complex<double> wave = nothing ? 0 : factor * amplitude(k);
        const double* const x = x_hat_.data() + (row * n + m) * lanes;
        double* const out = work_hat_.data() + (row * n + m) * lanes;
        if (lanes == 1) {
          out[0] = wave.real() * x[0];
        } else {
          out[0] = wave.real() * x[0] - wave.imag() * x[1];
          out[1] = wave.real() * x[1] + wave.imag() * x[0];
        }
      }
  });
  Field<double> result(grid_);
  transform_.inverse(work_hat_, result, odd);
  return result;
}

ElasticFields::Components ElasticFields::tensor(Tensor (ElasticFields::*of)(const Vector3d&) const, double shear) {
  Components components;
  for (const auto& [i, j] : pairs) {
    Odd odd{};
    if (i != j) odd[i] = odd[j] = true;
    const int pair = Stiffness::pair(i, j);
    const double weight = i == j ? 1 : shear;
    components.push_back(field([&](const Vector3d& k) { return weight * (this->*of)(k.normalized())[pair]; }, odd));
  }
  return components;
}

ElasticFields::Components ElasticFields::displacement() {
  Components components;
  for (int i = 0; i < 3; ++i) {
    Odd odd{};
    odd[i] = true;
    components.push_back(
        field([&](const Vector3d& k) { return displacement_of(k.normalized())[i] / k.norm(); }, odd, {0, -1}));
  }
  return components;
}

ElasticFields::Components ElasticFields::strain() { return tensor(&ElasticFields::strain_of, 0.5); }

ElasticFields::Components ElasticFields::stress() { return tensor(&ElasticFields::stress_of, 1); }

ElasticFields::Components ElasticFields::pressure() {
  Components components;
  components.push_back(field([&](const Vector3d& k) { return -stress_of(k.normalized()).head<3>().sum() / 3; }, Odd{}));
  return components;
}

ElasticFields::Components ElasticFields::von_mises() {
  Components s = stress();
  for_cells(grid_.size(), [&](std::size_t c) {
    const double xy = s[0][c] - s[1][c], yz = s[1][c] - s[2][c], zx = s[2][c] - s[0][c];
    const double shear = s[3][c] * s[3][c] + s[4][c] * s[4][c] + s[5][c] * s[5][c];
    s[0][c] = std::sqrt((xy * xy + yz * yz + zx * zx) / 2 + 3 * shear);
  });
  s.resize(1);
  return s;
}

ElasticFields::Components ElasticFields::energy_density() {
  Components s = stress();
  const Stiffness::Matrix6 compliance = stiffness_.voigt.llt().solve(Stiffness::Matrix6::Identity());
  for_rows(grid_.rows(), [&](Rows share) {
    for (std::size_t c = share.begin * grid_.cells(0); c < share.end * grid_.cells(0); ++c) {
      Tensor stress;
      for (std::size_t p = 0; p < pairs.size(); ++p) stress[Stiffness::pair(pairs[p][0], pairs[p][1])] = s[p][c];
      s[0][c] = stress.dot(compliance * stress) / 2;
    }
  });
  s.resize(1);
  return s;
}

}  // namespace spinode
