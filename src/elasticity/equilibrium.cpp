#include "spinode/elasticity/equilibrium.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <stdexcept>
#include <string>

#include "spinode/archive.hpp"
#include "spinode/parallel.hpp"

namespace spinode {
namespace {

/// Cells worked on at a time, so that intermediate values stay in the first-level cache.
constexpr std::size_t block = 128;
constexpr int most_iterations = 2000, most_rounds = 100;
/// Residuals below this share of the energies at hand are round-off.
constexpr double round_off = 1e-28;

constexpr double half_root = std::numbers::sqrt2 / 2;

double least_of(double a, double b) { return std::min(a, b); }
double largest_of(double a, double b) { return std::max(a, b); }

struct TensorSum {
  Tensor value = Tensor::Zero();
  TensorSum& operator+=(const TensorSum& other) {
    value += other.value;
    return *this;
  }
};

/// Calls body(first, n) for the blocks of a share of rows.
template <class Body>
void for_blocks(std::size_t row_length, Rows share, Body body) {
  for (std::size_t first = share.begin * row_length; first < share.end * row_length; first += block)
    body(first, std::min(block, share.end * row_length - first));
}

}  // namespace

/// Strain, then stress, of a block of cells, and the moduli that relate them.
struct Equilibrium::Cells {
  std::size_t n = 0;
  double t[6][block], K[block], C_prime[block], C44[block];

  /// Strain to stress, in place.
  void apply(const TensorMap& tetragonal) {
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) {
      double shear[6], stress[6];
      const double trace = t[0][i] + t[1][i] + t[2][i], third = trace / 3;
#pragma GCC unroll 6
      for (int c = 0; c < 6; ++c) shear[c] = c < 3 ? t[c][i] - third : t[c][i];
#pragma GCC unroll 6
      for (int r = 0; r < 6; ++r) {
        double part = 0;
#pragma GCC unroll 6
        for (int c = 0; c < 6; ++c) part += tetragonal(r, c) * shear[c];
        stress[r] = 2 * (C_prime[i] * part + C44[i] * (shear[r] - part)) + (r < 3 ? K[i] * trace : 0);
      }
#pragma GCC unroll 6
      for (int c = 0; c < 6; ++c) t[c][i] = stress[c];
    }
  }
};

/// Averages over the cells.
struct Equilibrium::Sums {
  double energy = 0, clamped = 0;  // of the strain, and of the misfit alone
  Tensor stress = Tensor::Zero();
  double K = 0, C_prime = 0, C44 = 0;
  std::array<double, 3> least, largest;  // of the moduli

  Sums() {
    least.fill(std::numeric_limits<double>::infinity());
    largest.fill(0);
  }
  Sums& operator+=(const Sums& other) {
    energy += other.energy;
    clamped += other.clamped;
    stress += other.stress;
    K += other.K;
    C_prime += other.C_prime;
    C44 += other.C44;
    std::transform(least.begin(), least.end(), other.least.begin(), least.begin(), least_of);
    std::transform(largest.begin(), largest.end(), other.largest.begin(), largest.begin(), largest_of);
    return *this;
  }
};

Equilibrium::Equilibrium(const Grid& grid, const Medium& medium, const AverageState& average, double tolerance,
                         Planning planning)
    : grid_(grid),
      medium_(medium),
      average_(average),
      tolerance_(tolerance),
      // C' = 1/2 and nothing else.
      tetragonal_(mandel(Stiffness::cubic(2.0 / 3, -1.0 / 3, 0).turned(medium.to_grid))),
      transform_(grid, planning),
      strain_(tensor_field(grid)),
      work_(tensor_field(grid)),
      reference_(medium.stiffness(0.5)),
      work_hat_(grid) {
  bool periodic = false;
  for (int a = 0; a < 3; ++a) {
    const bool wall = a < grid.dimension() && grid.axis(a).boundary == Boundary::no_flux;
    for (std::size_t m = 0; m < grid.modes(a); ++m) {
      k_[a].push_back(a < grid.dimension() ? grid.derivative_wavenumber(a, m) : 0);
      multiplicity_[a].push_back(grid.multiplicity(a, m));
    }
    periodic = periodic || (a < grid.dimension() && !wall);
    if (wall && !medium.mirrored(a)) throw std::invalid_argument("a wall would bend this crystal");
  }
  for (int c = 0; c < 6; ++c) {
    const auto [i, j] = Stiffness::pairs[c];
    // A shear of a mirrored box is odd about the wall: it has no average.
    const bool mirrored = i != j && odd(i, j) != Odd{};
    if (mirrored && (average.stress_given[c] ? average.stress[c] : average.strain[c]) != 0)
      throw std::invalid_argument("a shear along a frictionless wall");
    free_[c] = average.stress_given[c] && !mirrored ? 1 : 0;
    average_strain_[c] = free_[c] > 0 ? 0 : average.strain[c];
  }
  for (int i = 0; i < 3; ++i) {
    // Along an axis that the box does not have, only shears move it: those of a turned crystal, or prescribed ones.
    bool sheared = !medium.mirrored(i);
    for (int c = 3; c < 6; ++c)
      if (Stiffness::pairs[c][0] == i || Stiffness::pairs[c][1] == i)
        sheared = sheared || average.strain[c] != 0 || average.stress[c] != 0;
    moves_[i] = i < grid.dimension() || (sheared && periodic);
    if (!moves_[i]) continue;
    for (Vector* vector : {&displacement_, &residual_, &direction_}) (*vector)[i] = Spectrum<double>(grid);
  }
  for (int c = 0; c < 6; ++c) strain_[c].array().setConstant(average_strain_[c]);
}

/// Whether this component of a strain is more than its average.
bool Equilibrium::varies(int i, int j) const {
  return (moves_[i] && j < grid_.dimension()) || (moves_[j] && i < grid_.dimension());
}

/// The walls about which a component of strain or stress is odd.
Odd Equilibrium::odd(int i, int j) const {
  Odd odd{};
  if (i == j) return odd;
  for (int a : {i, j}) odd[a] = a < grid_.dimension() && grid_.axis(a).boundary == Boundary::no_flux;
  return odd;
}

/// Calls body(first index, k along the second and third axis) for the rows of modes of a share.
template <class Body>
void Equilibrium::for_mode_rows(Rows share, Body body) const {
  for (std::size_t row = share.begin; row < share.end; ++row) {
    const auto [j, k] = grid_.across(row);
    body(row * grid_.modes(0), k_[1][j], k_[2][k]);
  }
}

void Equilibrium::load_trial_strain(std::size_t first, Cells& cells) const {
  for (int c = 0; c < 6; ++c) {
    const double* const strain = strain_[c].data() + first;
    const double *const x = x_->data() + first, misfit = c < 3 ? medium_.chi : 0, reference = average_.x_reference;
    double* const t = cells.t[c];
#pragma omp simd
    for (std::size_t i = 0; i < cells.n; ++i) t[i] = strain[i] - misfit * (x[i] - reference);
    if (!creep_.before) continue;
    const double* const before = (*creep_.before)[c].data() + first;
#pragma omp simd
    for (std::size_t i = 0; i < cells.n; ++i) t[i] -= before[i];
  }
}

/// What relates a trial strain to the stress at the end of a step: creep makes shears softer.
void Equilibrium::load_moduli(std::size_t first, Cells& cells) const {
  const double* const x = x_->data() + first;
  const Moduli &host = medium_.host, &solute = medium_.solute;
#pragma omp simd
  for (std::size_t i = 0; i < cells.n; ++i) {
    const double c = std::min(std::max(x[i], 0.0), 1.0);
    cells.K[i] = host.K + c * (solute.K - host.K);
    cells.C_prime[i] = host.C_prime + c * (solute.C_prime - host.C_prime);
    cells.C44[i] = host.C44 + c * (solute.C44 - host.C44);
  }
  if (yield_.size() == 0) return;
  const double* const yield = yield_.data() + first;
#pragma omp simd
  for (std::size_t i = 0; i < cells.n; ++i) {
    cells.C_prime[i] /= 1 + 2 * cells.C_prime[i] * yield[i];
    cells.C44[i] /= 1 + 2 * cells.C44[i] * yield[i];
  }
}

/// dt Lambda of the stress at the end of the step, the strain being what it is now: y = dt Lambda(sigma(y)), where
/// sigma falls with y.
void Equilibrium::find_yield(std::size_t first, const Cells& cells) {
  const Creep& law = *creep_.law;
  for (std::size_t i = 0; i < cells.n; ++i) {
    const double x = std::clamp((*x_)[first + i], 0.0, 1.0);
    double& yield = yield_[first + i];
    if (law.linear()) {
      yield = creep_.dt * law.fluidity(x, 1);
      continue;
    }
    Tensor shear;
    for (int c = 0; c < 6; ++c) shear[c] = cells.t[c][i];
    shear = deviator(shear);
    const Tensor tetragonal = tetragonal_ * shear;
    const Moduli moduli = medium_.at(x);
    const double trial1 = 2 * moduli.C_prime * tetragonal.norm(), trial2 = 2 * moduli.C44 * (shear - tetragonal).norm();
    // Newton's method in ln y, from above, but not from where a high power of the stress is no number any more. Metals
    // of different exponents have a Lambda that turns sharply, where the method may run in circles: then the interval
    // that holds y is halved.
    double high = creep_.dt * law.fluidity(x, std::sqrt(1.5) * std::hypot(trial1, trial2)), low = 0;
    double y = std::min(high, 0.5 / std::min(moduli.C_prime, moduli.C44));
    double gap_before = std::numeric_limits<double>::infinity();
    constexpr int most = 60;
    for (int iteration = 0; iteration < most && y > 0; ++iteration) {
      const double soft1 = 1 + 2 * moduli.C_prime * y, soft2 = 1 + 2 * moduli.C44 * y;
      const double s1 = trial1 / soft1, s2 = trial2 / soft2, s = std::hypot(s1, s2), von_mises = std::sqrt(1.5) * s;
      const double wanted = creep_.dt * law.fluidity(x, von_mises);
      if (!(wanted > 0 && s > 0)) break;
      low = std::max(low, std::min(y, wanted));
      high = std::min(high, std::max(y, wanted));
      const double fall = (s1 * s1 * (1 - 1 / soft1) + s2 * s2 * (1 - 1 / soft2)) / (s * s);  // -d ln sigma/d ln y
      const double gap = std::log(wanted / y), change = gap / (1 + law.sensitivity(x, von_mises) * fall);
      y = 2 * std::abs(gap) > gap_before ? std::sqrt(low) * std::sqrt(high) : y * std::exp(change);
      if (std::abs(change) < 1e-14) break;
      gap_before = std::abs(gap);
    }
    yield = y;
  }
}

/// Leaves the stress of the present strain in work_.
Equilibrium::Sums Equilibrium::find_stress() {
  const std::size_t nx = grid_.cells(0);
  Sums sums = reduce_rows<Sums>(grid_.rows(), [&](Rows share) {
    Sums part;
    Cells cells;
    for_blocks(nx, share, [&](std::size_t first, std::size_t n) {
      cells.n = n;
      load_trial_strain(first, cells);
      if (creep_.law) find_yield(first, cells);
      load_moduli(first, cells);
      double strain[6][block];
      std::copy_n(&cells.t[0][0], 6 * block, &strain[0][0]);
      cells.apply(tetragonal_);
      for (int c = 0; c < 6; ++c) {
        double* const out = work_[c].data() + first;
        double energy = 0, total = 0;
#pragma omp simd reduction(+ : energy, total)
        for (std::size_t i = 0; i < n; ++i) {
          out[i] = cells.t[c][i];
          total += out[i];
          energy += out[i] * strain[c][i];
        }
        part.energy += energy / 2;
        part.stress[c] += total;
      }
      for (std::size_t i = 0; i < n; ++i) {
        const double misfit = medium_.chi * ((*x_)[first + i] - average_.x_reference);
        part.clamped += 4.5 * cells.K[i] * misfit * misfit;
        const std::array moduli{cells.K[i], cells.C_prime[i], cells.C44[i]};
        for (std::size_t modulus = 0; modulus < moduli.size(); ++modulus) {
          part.least[modulus] = std::min(part.least[modulus], moduli[modulus]);
          part.largest[modulus] = std::max(part.largest[modulus], moduli[modulus]);
        }
        part.K += cells.K[i];
        part.C_prime += cells.C_prime[i];
        part.C44 += cells.C44[i];
      }
    });
    return part;
  });
  const double n = static_cast<double>(grid_.size());
  for (double* sum : {&sums.energy, &sums.clamped, &sums.K, &sums.C_prime, &sums.C44}) *sum /= n;
  sums.stress /= n;
  return sums;
}

/// The inverse of a stiffness over the components of the average that are free, 0 elsewhere.
TensorMap Equilibrium::compliance_of_free(const Moduli& moduli) const {
  TensorMap C = mandel(moduli.stiffness().turned(medium_.to_grid));
  for (int c = 0; c < 6; ++c)
    if (free_[c] == 0) {
      C.row(c).setZero();
      C.col(c).setZero();
      C(c, c) = 1;
    }
  TensorMap S = C.llt().solve(TensorMap::Identity());
  for (int c = 0; c < 6; ++c)
    if (free_[c] == 0) S(c, c) = 0;
  return S;
}

/// The medium half way between the softest cell and the stiffest.
void Equilibrium::set_reference(const Sums& sums) {
  const Moduli middle{(sums.least[0] + sums.largest[0]) / 2, (sums.least[1] + sums.largest[1]) / 2,
                      (sums.least[2] + sums.largest[2]) / 2};
  reference_ = AcousticTensor(middle.stiffness().turned(medium_.to_grid));
  average_compliance_ = compliance_of_free(middle);
}

/// The amplitude of a sum of sines along w walls is i^w times that of a wave: value[lane] = sign[lane]
/// wave[from[lane]].
struct Equilibrium::Phase {
  std::size_t from[2] = {0, 1};
  double sign[2] = {1, 1};

  Phase(int walls, bool back) {
    if (walls == 2) sign[0] = sign[1] = -1;
    if (walls != 1) return;
    std::swap(from[0], from[1]);
    sign[back ? 1 : 0] = -1;
  }
};

/// Leaves the strain of direction_ in work_.
void Equilibrium::strain_of_direction() {
  const std::size_t n = grid_.modes(0), lanes = grid_.lanes();
  for (int c = 0; c < 6; ++c) {
    const auto [i, j] = Stiffness::pairs[c];
    if (!varies(i, j)) {
      work_[c].array().setConstant(average_direction_[c]);
      continue;
    }
    const Odd sines = odd(i, j);
    const Phase phase(static_cast<int>(std::count(sines.begin(), sines.end(), true)), false);
    // (k_j u_i + k_i u_j)/2, times the weight of the component.
    const double weight = i == j ? 0.5 : half_root;
    const double *const u_i = direction_[i].data(), *const u_j = direction_[j].data();
    double* const out = work_hat_.data();
    for_rows(grid_.mode_rows(), [&, i = i, j = j](Rows share) {
      for_mode_rows(share, [&](std::size_t first, double k1, double k2) {
        const double k_row[3] = {0, k1, k2};
        for (std::size_t lane = 0; lane < lanes; ++lane) {
          const std::size_t to = first * lanes + lane, from = first * lanes + phase.from[lane];
          const double factor = weight * phase.sign[lane];
          const auto add = [&](const double* u, int along, bool keep) {
            if (!u) return;
            const double *const k0 = k_[0].data(), k = k_row[along];
#pragma omp simd
            for (std::size_t m = 0; m < n; ++m) {
              const double term = factor * (along == 0 ? k0[m] : k) * u[from + m * lanes];
              out[to + m * lanes] = keep ? out[to + m * lanes] + term : term;
            }
          };
          add(u_i, j, false);
          add(u_j, i, u_i != nullptr);
        }
      });
    });
    out[0] = average_direction_[c];
    transform_.inverse(work_hat_, work_[c], sines);
  }
}

/// direction : stiffness : direction, from its strain in work_.
double Equilibrium::curvature() const {
  const double sum = reduce_rows<double>(grid_.rows(), [&](Rows share) {
    double part = 0;
    Cells cells;
    for_blocks(grid_.cells(0), share, [&](std::size_t first, std::size_t n) {
      cells.n = n;
      for (int c = 0; c < 6; ++c) std::copy_n(work_[c].data() + first, n, cells.t[c]);
      load_moduli(first, cells);
      cells.apply(tetragonal_);
      for (int c = 0; c < 6; ++c) {
        const double* const strain = work_[c].data() + first;
#pragma omp simd reduction(+ : part)
        for (std::size_t i = 0; i < n; ++i) part += strain[i] * cells.t[c][i];
      }
    });
    return part;
  });
  return sum / static_cast<double>(grid_.size());
}

/// A step along the direction whose strain is in work_, which then holds its stress; the average of that stress.
Tensor Equilibrium::advance(double length) {
  const Tensor total = reduce_rows<TensorSum>(grid_.rows(), [&](Rows share) {
                         TensorSum part;
                         Cells cells;
                         for_blocks(grid_.cells(0), share, [&](std::size_t first, std::size_t n) {
                           cells.n = n;
                           for (int c = 0; c < 6; ++c) {
                             const double* const change = work_[c].data() + first;
                             double* const strain = strain_[c].data() + first;
#pragma omp simd
                             for (std::size_t i = 0; i < n; ++i) strain[i] += length * change[i];
                             std::copy_n(change, n, cells.t[c]);
                           }
                           load_moduli(first, cells);
                           cells.apply(tetragonal_);
                           for (int c = 0; c < 6; ++c) {
                             std::copy_n(cells.t[c], n, work_[c].data() + first);
                             part.value[c] += std::accumulate(cells.t[c], cells.t[c] + n, 0.0);
                           }
                         });
                         return part;
                       }).value;
  for (int i = 0; i < 3; ++i)
    if (moves_[i]) {
      double* const u = displacement_[i].data();
      for_cells(displacement_[i].size(),
                [u, p = direction_[i].data(), length](std::size_t at) { u[at] += length * p[at]; });
    }
  average_strain_ += length * average_direction_;
  return total / static_cast<double>(grid_.size());
}

/// residual_ -= factor times the forces of the stress in work_, which is lost.
void Equilibrium::subtract_forces(double factor) {
  const std::size_t n = grid_.modes(0), lanes = grid_.lanes();
  for (int c = 0; c < 6; ++c) {
    const auto [i, j] = Stiffness::pairs[c];
    if (!varies(i, j)) continue;
    const Odd sines = odd(i, j);
    const Phase phase(static_cast<int>(std::count(sines.begin(), sines.end(), true)), true);
    transform_.forward(work_[c], work_hat_, sines);
    const double weight = factor * transform_.scale() * (i == j ? 1 : half_root);
    const double* const stress = work_hat_.data();
    for_rows(grid_.mode_rows(), [&, i = i, j = j](Rows share) {
      for_mode_rows(share, [&](std::size_t first, double k1, double k2) {
        const double k_row[3] = {0, k1, k2};
        for (std::size_t lane = 0; lane < lanes; ++lane) {
          const std::size_t to = first * lanes + lane, from = first * lanes + phase.from[lane];
          const double signed_weight = weight * phase.sign[lane];
          const auto subtract = [&](Spectrum<double>& force, int along) {
            double* const r = force.data();
            if (!r) return;
            const double *const k0 = k_[0].data(), k = k_row[along];
#pragma omp simd
            for (std::size_t m = 0; m < n; ++m)
              r[to + m * lanes] -= signed_weight * (along == 0 ? k0[m] : k) * stress[from + m * lanes];
          };
          subtract(residual_[i], j);
          if (i != j) subtract(residual_[j], i);
        }
      });
    });
  }
}

/// reference^-1 residual along one row of modes, a lane at a time: calls body(lane, u), the values of component i at
/// u[i]. Of the mean it is 0.
template <class Body>
void Equilibrium::for_preconditioned(std::size_t first, double k1, double k2, std::vector<double>& memory,
                                     Body body) const {
  const std::size_t n = grid_.modes(0), lanes = grid_.lanes();
  memory.resize(9 * n);
  double *const omega = memory.data(), *const u[3] = {omega + 6 * n, omega + 7 * n, omega + 8 * n};
  reference_.inverse(k_[0].data(), k1, k2, n, omega, n);
  if (k1 == 0 && k2 == 0)
    for (std::size_t m = 0; m < n; ++m)
      if (k_[0][m] == 0)
        for (int c = 0; c < 6; ++c) omega[c * n + m] = 0;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    std::fill_n(u[0], 3 * n, 0.0);
    for (int j = 0; j < 3; ++j) {
      if (!moves_[j]) continue;
      const double* const r = residual_[j].data() + first * lanes + lane;
      for (int i = 0; i < 3; ++i) {
        const double* const row = omega + Stiffness::pair(i, j) * n;
        double* const sum = u[i];
#pragma omp simd
        for (std::size_t m = 0; m < n; ++m) sum[m] += row[m] * r[m * lanes];
      }
    }
    body(lane, u);
  }
}

/// residual : reference^-1 : residual.
double Equilibrium::residual_norm2() const {
  const std::size_t n = grid_.modes(0), lanes = grid_.lanes();
  const double varying = reduce_rows<double>(grid_.mode_rows(), [&](Rows share) {
    double part = 0;
    std::vector<double> memory;
    std::size_t row = share.begin;
    for_mode_rows(share, [&](std::size_t first, double k1, double k2) {
      const double* const count = multiplicity_[0].data();
      double of_row = 0;
      for_preconditioned(first, k1, k2, memory, [&](std::size_t lane, double* const(&u)[3]) {
        for (int i = 0; i < 3; ++i) {
          if (!moves_[i]) continue;
          const double *const r = residual_[i].data() + first * lanes + lane, *const z = u[i];
#pragma omp simd reduction(+ : of_row)
          for (std::size_t m = 0; m < n; ++m) of_row += count[m] * z[m] * r[m * lanes];
        }
      });
      const auto [j, k] = grid_.across(row++);
      part += of_row * multiplicity_[1][j] * multiplicity_[2][k];
    });
    return part;
  });
  return varying + average_residual_.dot(average_compliance_ * average_residual_);
}

/// direction = reference^-1 residual + keep direction.
void Equilibrium::turn_direction(double keep) {
  const std::size_t n = grid_.modes(0), lanes = grid_.lanes();
  for_rows(grid_.mode_rows(), [&](Rows share) {
    std::vector<double> memory;
    for_mode_rows(share, [&](std::size_t first, double k1, double k2) {
      for_preconditioned(first, k1, k2, memory, [&](std::size_t lane, double* const(&u)[3]) {
        for (int i = 0; i < 3; ++i) {
          if (!moves_[i]) continue;
          double* const p = direction_[i].data() + first * lanes + lane;
          const double* const z = u[i];
#pragma omp simd
          for (std::size_t m = 0; m < n; ++m) p[m * lanes] = z[m] + keep * p[m * lanes];
        }
      });
    });
  });
  average_direction_ = average_compliance_ * average_residual_ + keep * average_direction_;
}

/// Conjugate gradients until the residual, of square norm `norm2`, is within tolerance^2 of the energy.
bool Equilibrium::reduce_residual(double energy, double floor, double norm2) {
  // What an attempt that came to no numbers has left there would stay.
  for (auto& component : direction_) component.array().setZero();
  average_direction_.setZero();
  turn_direction(0);
  while (norm2 > std::max(2 * tolerance_ * tolerance_ * energy, floor)) {
    if (iterations_ == most_iterations) return false;
    ++iterations_;
    strain_of_direction();
    const double length = norm2 / curvature(), load = average_.stress.dot(average_direction_);
    if (!std::isfinite(length)) return false;
    energy += length * (load - norm2 / 2);
    average_residual_ -= length * free_.cwiseProduct(advance(length));
    subtract_forces(length);
    const double before = norm2;
    norm2 = residual_norm2();
    turn_direction(norm2 / before);
  }
  return std::isfinite(norm2);
}

Balance Equilibrium::solve(const Field<double>& x, const CreepStep& creep, Field<double>* potential,
                           TensorField* creep_strain) {
  x_ = &x;
  creep_ = creep;
  if (creep.law && yield_.size() == 0) yield_ = Field<double>(grid_);
  if (!creep.law && yield_.size() > 0) yield_ = {};
  iterations_ = 0;
  // Where creep is no linear one, its softening follows the stress: rounds with the moduli of the last one, each of
  // which lowers the energy, for the softened energy is concave in the square of the strain.
  const bool linear = !creep.law || creep.law->linear();
  bool converged = false;
  for (int round = 0; round < most_rounds && !converged; ++round) {
    const Sums sums = find_stress();
    set_reference(sums);
    for (auto& component : residual_) component.array().setZero();
    average_residual_ = free_.cwiseProduct(average_.stress - sums.stress);
    subtract_forces(1);
    const double norm2 = residual_norm2(), floor = round_off * (sums.clamped + std::abs(sums.energy));
    if (!std::isfinite(norm2)) break;
    converged = norm2 <= std::max(2 * tolerance_ * tolerance_ * sums.energy, floor);
    if (converged) break;
    // A round need not be more exact than the moduli that it has.
    const double rough = linear ? 0 : 0.01 * norm2;
    if (!reduce_residual(sums.energy, std::max(floor, rough), norm2)) break;
    converged = linear;
  }
  if (converged) correct_average();
  Balance balance = finish(potential, creep_strain);
  balance.iterations = iterations_;
  balance.converged = converged;
  return balance;
}

/// The average strain that has the prescribed stress to the last digit.
void Equilibrium::correct_average() {
  if (free_.isZero(0)) return;
  const Sums sums = find_stress();
  const Moduli mean{sums.K, sums.C_prime, sums.C44};
  const Tensor change = compliance_of_free(mean) * free_.cwiseProduct(average_.stress - sums.stress);
  average_strain_ += change;
  for (int c = 0; c < 6; ++c)
    if (change[c] != 0) strain_[c].array() += change[c];
}

Equilibrium::Energy Equilibrium::energy_of(const Tensor& stress, const Moduli& moduli) const {
  const Tensor shear = deviator(stress), tetragonal = tetragonal_ * shear;
  return {std::pow(stress.head<3>().sum() / (3 * moduli.K), 2) / 2,
          tetragonal.squaredNorm() / std::pow(2 * moduli.C_prime, 2),
          (shear - tetragonal).squaredNorm() / std::pow(2 * moduli.C44, 2)};
}

/// Stress, energies and what they do to x and to eps_p.
Balance Equilibrium::finish(Field<double>* potential, TensorField* creep_strain) {
  struct Totals {
    double energy = 0, dissipation = 0, creep_rate2 = 0, von_mises = 0;
    Tensor stress = Tensor::Zero();
    Totals& operator+=(const Totals& other) {
      energy += other.energy;
      dissipation += other.dissipation;
      creep_rate2 += other.creep_rate2;
      von_mises = std::max(von_mises, other.von_mises);
      stress += other.stress;
      return *this;
    }
  };
  const Moduli &host = medium_.host, &solute = medium_.solute;
  const Moduli stiffening{solute.K - host.K, solute.C_prime - host.C_prime, solute.C44 - host.C44};
  const Totals totals = reduce_rows<Totals>(grid_.rows(), [&](Rows share) {
    Totals part;
    Cells cells;
    for_blocks(grid_.cells(0), share, [&](std::size_t first, std::size_t n) {
      cells.n = n;
      load_trial_strain(first, cells);
      load_moduli(first, cells);
      cells.apply(tetragonal_);
      for (std::size_t i = 0; i < n; ++i) {
        const std::size_t cell = first + i;
        Tensor stress;
        for (int c = 0; c < 6; ++c) work_[c][cell] = stress[c] = cells.t[c][i];
        part.stress += stress;
        const double x = (*x_)[cell], inside = std::clamp(x, 0.0, 1.0), equivalent = spinode::von_mises(stress);
        const Moduli moduli = medium_.at(x);
        const Energy energy = energy_of(stress, moduli);
        const Tensor shear = deviator(stress);
        part.energy += energy.of(moduli);
        part.von_mises = std::max(part.von_mises, equivalent);
        if (creep_.law) {
          const double fluidity = creep_.law->fluidity(inside, equivalent), shear2 = shear.squaredNorm();
          part.dissipation += fluidity * shear2;
          part.creep_rate2 += fluidity * fluidity * shear2;
        }
        if (potential)
          (*potential)[cell] = (x == inside ? energy.of(stiffening) : 0) - medium_.chi * stress.head<3>().sum();
        if (creep_strain)
          for (int c = 0; c < 6; ++c)
            (*creep_strain)[c][cell] =
                (creep_.before ? (*creep_.before)[c][cell] : 0) + (creep_.law ? yield_[cell] * shear[c] : 0);
      }
    });
    return part;
  });
  const double n = static_cast<double>(grid_.size());
  return {.energy = totals.energy / n,
          .load = -average_.stress.dot(free_.cwiseProduct(average_strain_)),
          .dissipation = totals.dissipation / n,
          .creep_rate = std::sqrt(totals.creep_rate2 / n),
          .von_mises = totals.von_mises,
          .strain = average_strain_,
          .stress = totals.stress / n};
}

void Equilibrium::serialize(Archive& archive) {
  archive("transform", transform_);
  archive("strain", strain_);
  archive("stress", work_);
  archive("average_strain", average_strain_);
  for (int i = 0; i < 3; ++i)
    if (moves_[i]) archive("displacement" + std::to_string(i), displacement_[i]);
}

Field<double> Equilibrium::displacement(int axis) {
  Field<double> u(grid_);
  if (!moves_[axis]) return u;
  Odd sines{};
  sines[axis] = axis < grid_.dimension() && grid_.axis(axis).boundary == Boundary::no_flux;
  const int lanes = grid_.lanes();
  const double* const held = displacement_[axis].data();
  double* const out = work_hat_.data();
  for (std::size_t at = 0; at < displacement_[axis].size(); at += lanes) {
    const bool sine = sines[axis] || lanes == 1;
    out[at] = sine ? held[at] : held[at + 1];
    if (lanes == 2) out[at + 1] = sine ? held[at + 1] : -held[at];
  }
  transform_.inverse(work_hat_, u, sines);
  return u;
}

}  // namespace spinode
