#include "spinode/electrode/metal_flow.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "../random.hpp"
#include "spinode/parallel.hpp"

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

/// Value at a face that metal reaches from cell `from`, on its way to `to`; `before` is the cell behind it. With the
/// harmonic mean of the two slopes, 0 at an extremum, so that flow makes no new extremum (van Leer 1974): spectral
/// derivatives ring by more than the 3e-5 that a phase may hold.
template <class Real>
inline Real at_face(Real before, Real from, Real to) {
  const Real rise = to - from, last = from - before, product = rise * last;
  return product > 0 ? from + product / (rise + last) : from;
}

}  // namespace

template <class Real>
MetalFlow<Real>::MetalFlow(const Grid& grid, const FlowParameters& parameters)
    : parameters_(parameters), plane_(grid.plane()), planes_(grid.cells(grid.dimension() - 1)) {
  phi_ = layer_cells(parameters.shape, parameters.layer, planes_);
  while (layer_planes_ < planes_ && phi_[layer_planes_] > 0) ++layer_planes_;
  const double cells = static_cast<double>(planes_);
  layer_content_ = 1 / (cells * *std::max_element(phi_.begin(), phi_.end()));
  entry_.assign(planes_, 1);
  for (std::size_t p = 0; p < planes_ && window(); ++p) entry_[p] = cells * phi_[planes_ - 1 - p];
  speed_along_z_.resize(planes_);
  double speed = 0;
  for (std::size_t p = 0; p < planes_; ++p) speed_along_z_[p] = speed += phi_[p] - entry_[p] / cells;
  if (parameters.contact_noise > 0) contact_ = uneven_contact(grid, parameters);
  if (parameters.even()) return;
  potential_ = Field<Real>(grid);
  potential_hat_ = Spectrum<Real>(grid);
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
double MetalFlow<Real>::rate(const Field<Real>& x, const Grid& grid, const FreeEnergy& G, Transform<Real>& transform,
                             Field<Real>& b) {
  const int z = grid.dimension() - 1;
  for_cells(b.size(), [to = b.data()](std::size_t i) { to[i] = 0; });
  if (parameters_.even()) {
    add_flow(
        grid, z, x, [&](std::size_t i, std::size_t) { return static_cast<Real>(speed_along_z_[i / plane_]); }, b);
  } else {
    find_potential(x, grid, G, transform);
    for (int a = 0; a < grid.dimension(); ++a) {
      const Real per_spacing = static_cast<Real>(1 / grid.axis(a).spacing());
      add_flow(
          grid, a, x,
          [&, per_spacing](std::size_t i, std::size_t j) { return per_spacing * (potential_[i] - potential_[j]); }, b);
    }
  }
  // A divergence has no mean.
  if (!window()) return 0;
  // Metal that leaves takes its own composition along.
  const bool leaves = driven_ < 0;
  const double per_length = 1 / grid.thickness();
  const double entered = reduce_rows<double>(planes_, [&](Rows share) {
    double part = 0;
    for (std::size_t p = share.begin; p < share.end; ++p)
      for (std::size_t i = p * plane_; i < (p + 1) * plane_; ++i) {
        const double entering = entry_[p] * (leaves ? static_cast<double>(x[i]) : parameters_.x_far);
        b[i] += static_cast<Real>(per_length * entering);
        part += entering / static_cast<double>(x.size());
      }
    return part;
  });
  return per_length * (leaves ? entered : parameters_.x_far);
}

/// Adds the divergence of speed x along one axis; speed(i, j) is that of the metal through the face from cell j, the
/// next one, to cell i.
template <class Real>
template <class Speed>
void MetalFlow<Real>::add_flow(const Grid& grid, int axis, const Field<Real>& x, const Speed& speed,
                               Field<Real>& b) const {
  std::size_t stride = 1;
  for (int a = 0; a < axis; ++a) stride *= grid.cells(a);
  const std::size_t n = grid.cells(axis);
  const bool periodic = grid.axis(axis).boundary == Boundary::periodic;
  const Real per_spacing = static_cast<Real>(1 / grid.axis(axis).spacing());
  // Lines along the axis, each worked on by one thread.
  for_rows(grid.size() / n, [&](Rows share) {
    for (std::size_t line = share.begin; line < share.end; ++line) {
      const std::size_t first = line / stride * stride * n + line % stride;
      const auto cell = [&](std::size_t at) { return first + at * stride; };
      const auto flux = [&](std::size_t at) {  // through the face after `at`, towards it
        const std::size_t next = at + 1 < n ? at + 1 : 0;
        const std::size_t below = at > 0     ? at - 1
                                  : periodic ? n - 1
                                             : 0,
                          above = next + 1 < n ? next + 1
                                  : periodic   ? (next + 1) % n
                                               : next;
        const Real u = speed(cell(at), cell(next));
        return u * (u > 0 ? at_face(x[cell(above)], x[cell(next)], x[cell(at)])
                          : at_face(x[cell(below)], x[cell(at)], x[cell(next)]));
      };
      Real lower = periodic ? flux(n - 1) : Real(0);
      for (std::size_t at = 0; at < n; ++at) {
        const Real upper = at + 1 < n || periodic ? flux(at) : Real(0);
        b[cell(at)] += per_spacing * (upper - lower);
        lower = upper;
      }
    }
  });
}

/// potential_ whose differences between neighbours are the speeds -c, with divergence s - e in every cell.
template <class Real>
void MetalFlow<Real>::find_potential(const Field<Real>& x, const Grid& grid, const FreeEnergy& G,
                                     Transform<Real>& transform) {
  const std::vector<double> strength = strengths(x, G);
  const double cells = static_cast<double>(x.size()), per_length = 1 / grid.thickness();
  for_rows(planes_, [&](Rows share) {
    for (std::size_t p = share.begin; p < share.end; ++p)
      for (std::size_t i = p * plane_; i < (p + 1) * plane_; ++i)
        potential_[i] = static_cast<Real>(per_length * ((p < layer_planes_ ? cells * strength[i] : 0) - entry_[p]));
  });
  transform.forward(potential_, potential_hat_);
  const std::size_t n = grid.modes(0), lanes = grid.lanes();
  std::array<std::vector<double>, 3> k2;  // of second differences
  for (int a = 0; a < 3; ++a)
    for (std::size_t m = 0; m < grid.modes(a); ++m) {
      const double h = grid.axis(a).spacing();
      k2[a].push_back(a < grid.dimension() ? std::pow(2 * std::sin(grid.wavenumber(a, m) * h / 2) / h, 2) : 0);
    }
  for_rows(grid.mode_rows(), [&](Rows share) {
    for (std::size_t r = share.begin; r < share.end; ++r) {
      const auto [j, k] = grid.across(r);
      const double of_row = k2[1][j] + k2[2][k];
      for (std::size_t m = 0; m < n; ++m) {
        const double square = k2[0][m] + of_row;
        const Real factor = square > 0 ? transform.scale() / static_cast<Real>(square) : Real(0);
        for (std::size_t lane = 0; lane < lanes; ++lane) potential_hat_[(r * n + m) * lanes + lane] *= factor;
      }
    }
  });
  transform.inverse(potential_hat_, potential_);
}

template class MetalFlow<float>;
template class MetalFlow<double>;

}  // namespace spinode
