#include "spinode/electrode/metal_flow.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "../random.hpp"
#include "spinode/parallel.hpp"
#include "spinode/spectral_derivative.hpp"

namespace spinode {
namespace {

/// Relative local current on one plane: 1 plus Gaussian noise, smooth over a length, never negative.
std::vector<double> uneven_contact(const Grid& grid, const FlowParameters& parameters) {
  std::vector<Axis> axes;
  for (int a = 0; a + 1 < grid.dimension(); ++a) axes.push_back(grid.axis(a));
  const Grid plane(axes);
  Transform<double> transform(plane, Planning::estimate);
  Field<double> noise(plane);
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = normal_pair(i / 2, 1, parameters.contact_seed)[i % 2];
  Spectrum<double> hat(plane);
  transform.forward(noise, hat);
  const std::size_t lanes = plane.lanes();
  for (std::size_t m = 0; m < plane.mode_count(); ++m) {
    double k2 = 0;
    for (int a = 0; a < plane.dimension(); ++a)
      k2 += std::pow(plane.wavenumber(a, a == 0 ? m % plane.modes(0) : m / plane.modes(0)), 2);
    const double factor = k2 > 0 ? std::exp(-k2 * parameters.contact_length * parameters.contact_length / 2) : 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) hat[m * lanes + lane] *= factor;
  }
  transform.inverse(hat, noise);
  const double deviation = std::sqrt(noise.array().square().mean());
  std::vector<double> contact(noise.size());
  for (std::size_t i = 0; i < noise.size(); ++i)
    contact[i] = std::max(0.0, 1 + parameters.contact_noise * noise[i] / deviation);
  return contact;
}

/// In 1D from 0 to 1: the speed at the middle of each plane whose slope is a density of mean 0, and 0 at both ends.
std::vector<double> speed_of(std::vector<double> density) {
  const Grid line({{1, density.size(), Boundary::no_flux}});
  Transform<double> transform(line, Planning::estimate);
  Field<double> values(line);
  std::copy(density.begin(), density.end(), values.data());
  Spectrum<double> hat(line);
  transform.forward(values, hat);
  hat[0] = 0;
  for (std::size_t m = 1; m < density.size(); ++m) hat[m] *= transform.scale() / line.wavenumber(0, m);
  transform.inverse(hat, values, {true});
  std::copy_n(values.data(), density.size(), density.begin());
  return density;
}

}  // namespace

template <class Real>
MetalFlow<Real>::MetalFlow(const Grid& grid, const FlowParameters& parameters)
    : parameters_(parameters), plane_(grid.plane()), planes_(grid.cells(grid.dimension() - 1)), flux_(grid) {
  phi_ = layer_cells(parameters.shape, parameters.layer, planes_);
  while (layer_planes_ < planes_ && phi_[layer_planes_] > 0) ++layer_planes_;
  const double cells = static_cast<double>(planes_);
  layer_content_ = 1 / (cells * *std::max_element(phi_.begin(), phi_.end()));
  entry_.assign(planes_, 1);
  for (std::size_t p = 0; p < planes_ && window(); ++p) entry_[p] = cells * phi_[planes_ - 1 - p];
  std::vector<double> vanishing = entry_;
  for (std::size_t p = 0; p < planes_; ++p) vanishing[p] = cells * phi_[p] - entry_[p];
  speed_along_z_ = speed_of(vanishing);
  if (parameters.contact_noise > 0) contact_ = uneven_contact(grid, parameters);
  if (!parameters.even() || window()) work_hat_ = Spectrum<Real>(grid);
  if (parameters.even()) return;
  speed_ = Field<Real>(grid);
  potential_ = Spectrum<Real>(grid);
}

/// body(plane, its first cell, the cell after its last), shared among the threads.
template <class Real>
template <class Body>
void MetalFlow<Real>::for_planes(Body body) const {
  for_rows(planes_, [&](Rows share) {
    for (std::size_t p = share.begin; p < share.end; ++p) body(p, p * plane_, (p + 1) * plane_);
  });
}

template <class Real>
SinkState MetalFlow<Real>::state(const Field<Real>& x) const {
  struct Sums {
    double x = 0, face = 0, most = 0;
    Sums& operator+=(const Sums& other) {
      x += other.x;
      face += other.face;
      most = std::max(most, other.most);
      return *this;
    }
  };
  const Sums sums = reduce_rows<Sums>(layer_planes_, [&](Rows share) {
    Sums part;
    for (std::size_t p = share.begin; p < share.end; ++p) {
      double plane = 0;
      for (std::size_t i = p * plane_; i < (p + 1) * plane_; ++i) {
        plane += x[i];
        part.most = std::max<double>(part.most, x[i]);
      }
      plane /= static_cast<double>(plane_);
      part.x += phi_[p] * plane;
      if (p == 0) part.face = plane;
    }
    return part;
  });
  return {sums.x, 1 - sums.x, 1 - sums.most, sums.face};
}

template <class Real>
std::vector<double> MetalFlow<Real>::strengths(const Field<Real>& x, const FreeEnergy& G, SinkWeight weight) const {
  std::vector<double> strength(layer_planes_ * plane_);
  const double sum = reduce_rows<double>(layer_planes_, [&](Rows share) {
    double part = 0;
    for (std::size_t p = share.begin; p < share.end; ++p)
      for (std::size_t i = 0; i < plane_; ++i) {
        const double value = x[p * plane_ + i], solute = std::clamp(value, 0.0, 1 - 1e-12);
        double local = phi_[p] * (contact_.empty() ? 1 : contact_[i]);
        if (weight == SinkWeight::host_fraction) local *= 1 - solute;
        if (weight == SinkWeight::host_activity) local *= std::exp(G.mu_host(solute) / G.ideal());
        part += strength[p * plane_ + i] = local;
      }
    return part;
  });
  for (double& local : strength) local /= sum;
  return strength;
}

template <class Real>
void MetalFlow<Real>::rate(const Field<Real>& x, const Grid& grid, const FreeEnergy& G, Transform<Real>& transform,
                           Spectrum<Real>& b_hat) {
  if (parameters_.even())
    even_rate(x, grid, transform, b_hat);
  else
    uneven_rate(x, grid, G, transform, b_hat);
  double mean = 0;
  if (window()) {
    // Metal that leaves takes its own composition along.
    const bool leaves = driven_ < 0;
    const double per_length = 1 / grid.thickness();
    for_planes([&](std::size_t p, std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i)
        flux_[i] = static_cast<Real>(per_length * entry_[p] * (leaves ? static_cast<double>(x[i]) : parameters_.x_far));
    });
    transform.forward(flux_, work_hat_);
    for_cells(b_hat.size(), [=, to = b_hat.data(), from = work_hat_.data(), scale = transform.scale()](std::size_t i) {
      to[i] += scale * from[i];
    });
    mean = leaves ? static_cast<double>(transform.scale() * work_hat_[0]) : per_length * parameters_.x_far;
  }
  // A divergence has no mean but round-off.
  for (int lane = 0; lane < grid.lanes(); ++lane) b_hat[lane] = 0;
  b_hat[0] = static_cast<Real>(mean);
}

/// Along z alone: -c is the integral of s - e.
template <class Real>
void MetalFlow<Real>::even_rate(const Field<Real>& x, const Grid& grid, Transform<Real>& transform,
                                Spectrum<Real>& b_hat) {
  const int z = grid.dimension() - 1;
  for_planes([&](std::size_t p, std::size_t begin, std::size_t end) {
    const auto speed = static_cast<Real>(speed_along_z_[p]);
    for (std::size_t i = begin; i < end; ++i) flux_[i] = speed * x[i];
  });
  Odd odd{};
  odd[z] = true;
  transform.forward(flux_, b_hat, odd);
  differentiate(grid, z, Waves::to_cosines, transform.scale(), b_hat);
}

/// c = grad psi, and k^2 psi = s - e for every wave.
template <class Real>
void MetalFlow<Real>::uneven_rate(const Field<Real>& x, const Grid& grid, const FreeEnergy& G,
                                  Transform<Real>& transform, Spectrum<Real>& b_hat) {
  const std::vector<double> strength = strengths(x, G);
  const double cells = static_cast<double>(x.size()), per_length = 1 / grid.thickness();
  for_planes([&](std::size_t p, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      flux_[i] = static_cast<Real>(per_length * ((p < layer_planes_ ? cells * strength[i] : 0) - entry_[p]));
  });
  transform.forward(flux_, potential_);
  const std::size_t n = grid.modes(0), lanes = grid.lanes();
  std::array<std::vector<double>, 3> k2;
  for (int a = 0; a < 3; ++a)
    for (std::size_t m = 0; m < grid.modes(a); ++m)
      k2[a].push_back(a < grid.dimension() ? std::pow(grid.wavenumber(a, m), 2) : 0);
  for_rows(grid.mode_rows(), [&](Rows share) {
    for (std::size_t r = share.begin; r < share.end; ++r) {
      const double of_row = k2[1][r % grid.modes(1)] + k2[2][r / grid.modes(1)];
      for (std::size_t m = 0; m < n; ++m) {
        const double square = k2[0][m] + of_row;
        const Real factor = square > 0 ? transform.scale() / static_cast<Real>(square) : Real(0);
        for (std::size_t lane = 0; lane < lanes; ++lane) potential_[(r * n + m) * lanes + lane] *= factor;
      }
    }
  });
  for (int a = 0; a < grid.dimension(); ++a) {
    Odd odd{};
    odd[a] = true;
    Spectrum<Real>& slope = work_hat_;
    for_cells(slope.size(), [to = slope.data(), from = potential_.data()](std::size_t i) { to[i] = from[i]; });
    differentiate(grid, a, Waves::to_sines, Real(1), slope);
    transform.inverse(slope, speed_, odd);
    for_cells(x.size(), [flux = flux_.data(), c = speed_.data(), value = x.data()](std::size_t i) {
      flux[i] = -c[i] * value[i];
    });
    Spectrum<Real>& divergence = a == 0 ? b_hat : work_hat_;
    transform.forward(flux_, divergence, odd);
    differentiate(grid, a, Waves::to_cosines, transform.scale(), divergence);
    if (a > 0)
      for_cells(b_hat.size(), [to = b_hat.data(), from = work_hat_.data()](std::size_t i) { to[i] += from[i]; });
  }
}

template class MetalFlow<float>;
template class MetalFlow<double>;

}  // namespace spinode
