#include "spinode/elasticity/mechanics.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "spinode/archive.hpp"
#include "spinode/error.hpp"
#include "spinode/parallel.hpp"
#include "spinode/timer.hpp"

namespace spinode {

Mechanics::Mechanics(const Grid& grid, const MechanicsParameters& parameters, const Coherency& coherency,
                     Planning planning)
    : grid_(grid),
      parameters_(parameters),
      planning_(planning),
      equilibrium_(grid, parameters.medium, parameters.average, parameters.tolerance, planning),
      linear_(grid, 0, coherency),
      transform_(grid, planning),
      x_(grid),
      candidate_x_(grid),
      work_(grid),
      x_hat_(grid),
      potential_{Field<double>(grid), Field<double>(grid)},
      candidate_potential_(grid) {
  if (!parameters.creep) return;
  for (TensorField* field :
       {&creep_strain_[0], &creep_strain_[1], &creep_strain_[2], &candidate_creep_strain_, &before_})
    *field = tensor_field(grid);
}

template <class Real>
void Mechanics::start(const Field<Real>& x) {
  std::copy_n(x.data(), x.size(), x_.data());
  for (TensorField& level : creep_strain_)
    for (Field<double>& component : level) component.array().setZero();
  dissipated_ = 0;
  settled_ = false;
  settle();
  if (!balance_.converged) throw NumericalError("the initial state has no mechanical equilibrium within reach");
}

Equilibrium& Mechanics::settle() {
  if (settled_) return equilibrium_;
  const Creep* const law = parameters_.creep ? &*parameters_.creep : nullptr;
  balance_ = equilibrium_.solve(x_, {.before = creep_strain(), .law = law, .dt = 0}, &potential_[0]);
  take_out_linear_part(potential_[0], x_);
  iterations_ += balance_.iterations;
  settled_ = true;
  return equilibrium_;
}

template <class Real>
Mechanics::Outcome Mechanics::attempt(const Field<Real>& x, double dt, const Multistep& f) {
  const Timer timer(seconds_);
  settled_ = false;
  std::copy_n(x.data(), x.size(), candidate_x_.data());
  CreepStep step;
  if (parameters_.creep) {
    for (int c = 0; c < 6; ++c) {
      const double *const e0 = creep_strain_[0][c].data(), *const e1 = creep_strain_[1][c].data();
      double* const before = before_[c].data();
      const double h0 = f.history[0] / f.alpha, h1 = f.history[1] / f.alpha;
      for_cells(grid_.size(), [=](std::size_t i) { before[i] = h0 * e0[i] + h1 * e1[i]; });
    }
    step = {.before = &before_, .law = &*parameters_.creep, .dt = dt / f.alpha};
  }
  candidate_balance_ = equilibrium_.solve(candidate_x_, step, &candidate_potential_,
                                          parameters_.creep ? &candidate_creep_strain_ : nullptr);
  iterations_ += candidate_balance_.iterations;
  take_out_linear_part(candidate_potential_, candidate_x_);
  return {candidate_balance_.converged, parameters_.creep ? error(f) : 0};
}

void Mechanics::accept(double dt) {
  dissipated_ += dt * (balance_.dissipation + candidate_balance_.dissipation) / 2;
  std::swap(x_, candidate_x_);
  std::swap(potential_[1], candidate_potential_);
  std::swap(potential_[0], potential_[1]);
  std::swap(creep_strain_[2], candidate_creep_strain_);
  std::rotate(creep_strain_.begin(), creep_strain_.begin() + 2, creep_strain_.end());
  balance_ = candidate_balance_;
  settled_ = true;
}

/// Leaves what the equation does not take as linear in x.
void Mechanics::take_out_linear_part(Field<double>& potential, const Field<double>& x) {
  std::copy_n(x.data(), x.size(), work_.data());
  transform_.forward(work_, x_hat_);
  linear_.apply(x_hat_, x_hat_);
  transform_.inverse(x_hat_, work_);
  const double scale = transform_.scale(), unit = parameters_.per_pascal;
  for_cells(grid_.size(), [=, value = potential.data(), linear = work_.data()](std::size_t i) {
    value[i] = unit * value[i] - scale * linear[i];
  });
}

/// Norm of the misfit strain per unit of x.
double Mechanics::misfit() const {
  const double chi = std::abs(parameters_.medium.chi);
  return chi > 0 ? std::sqrt(3) * chi : 1;
}

/// By the difference of the creep strain from what the known levels predict.
double Mechanics::error(const Multistep& f) const {
  const std::size_t nx = grid_.cells(0);
  const double sum = reduce_rows<double>(grid_.rows(), [&](Rows share) {
    double part = 0;
    for (int c = 0; c < 6; ++c) {
      const double* const creep = candidate_creep_strain_[c].data();
      const std::array known{creep_strain_[0][c].data(), creep_strain_[1][c].data(), creep_strain_[2][c].data()};
#pragma omp simd reduction(+ : part)
      for (std::size_t i = share.begin * nx; i < share.end * nx; ++i) {
        const double difference =
            creep[i] - (f.prediction[0] * known[0][i] + f.prediction[1] * known[1][i] + f.prediction[2] * known[2][i]);
        part += difference * difference;
      }
    }
    return part;
  });
  return f.error_share * std::sqrt(sum / static_cast<double>(grid_.size())) / misfit();
}

void Mechanics::serialize(Archive& archive) {
  archive("equilibrium", equilibrium_);
  archive("x", x_);
  archive("potential0", potential_[0]);
  archive("potential1", potential_[1]);
  if (parameters_.creep)
    for (std::size_t l = 0; l < creep_strain_.size(); ++l)
      archive("creep_strain" + std::to_string(l), creep_strain_[l]);
  archive("settled", settled_, 2);
  archive("balance", balance_);
  archive("dissipated", dissipated_);
  archive("iterations", iterations_);
}

double Mechanics::coherent_energy() const {
  constexpr double rough = 1e-3;  // of the square root of the energy
  Equilibrium coherent(grid_, parameters_.medium, parameters_.average, rough, planning_);
  return coherent.solve(x_).energy;
}

template void Mechanics::start(const Field<float>&);
template void Mechanics::start(const Field<double>&);
template Mechanics::Outcome Mechanics::attempt(const Field<float>&, double, const Multistep&);
template Mechanics::Outcome Mechanics::attempt(const Field<double>&, double, const Multistep&);

}  // namespace spinode
