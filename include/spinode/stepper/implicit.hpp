// Implicit steps with the true logarithm: BDF2 of variable size,
//   alpha x+ - dt div M* grad mu(x+) = (1+r) x - r^2/(1+r) x-,   alpha = (1+2r)/(1+r),
// M* from the extrapolated state, x+ by Newton's method.
// Where that has no unique solution: backward Euler with the concave part of G taken at the old state (Eyre 1998),
// which has one for any step and never raises the energy.
#pragma once

#include <array>

#include "spinode/multistep.hpp"
#include "spinode/stepper/scheme.hpp"
#include "spinode/stepper/step_equation.hpp"

namespace spinode {

template <class Real>
class Implicit final : public Scheme<Real> {
 public:
  /// tolerance: of the error that Attempt reports; Newton's method ends well below it. always_split: only convex
  /// splitting, of first order.
  Implicit(CahnHilliard<Real>& equation, int order, double tolerance, bool always_split, Planning planning);

  StateReport start(History<Real> history) override;
  StateReport restate() override;
  Attempt attempt(double dt, double largest_error) override;
  void accept(double dt) override;

  void settle() override {}
  const Spectrum<Real>& state() override { return step_.amplitudes(levels_[0].x); }
  const Extent& extent() const override { return levels_[0].extent; }
  const Spectrum<Real>& candidate() override { return step_.amplitudes(candidate_); }
  History<Real> history() override;
  Work work() const override {
    Work work = step_.work();
    work.transforms += flow_transforms_;
    return work;
  }
  double transform_seconds() const override { return step_.transform_seconds(); }
  double recovery() const override { return 1.05; }
  double growth() const override { return fastest_growth; }
  void serialize(Archive& archive) override;

 private:
  struct Level {
    Field<Real> x;
    double dt = 0;
    Extent extent;
    Field<Real> b;         // of the flow of metal; empty until there is one
    double mean_flow = 0;  // of b
  };
  struct Update {
    double change2 = 0, limited = 0;  // sum of squares; cells whose change was held back
    Update& operator+=(const Update& other);
  };
  /// Of the candidate, as root mean squares: its error, and how x varies. Sums of squares while being added up.
  struct Spread {
    double error = 0, fluctuation = 0;
    Spread& operator+=(const Spread& other) {
      error += other.error;
      fluctuation += other.fluctuation;
      return *this;
    }
  };
  static constexpr Real least_x = StepEquation<Real>::least_x, least_rest = StepEquation<Real>::least_rest;

  bool logarithmic() const { return equation_->parameters().G.ideal() > 0; }
  void find_phases();
  void predict(const Multistep& formula);
  void find_flow(Level& level);
  Update apply(const Field<float>& correction);
  void keep_amount(Field<Real>& x) const;
  Spread spread(const Multistep& formula) const;

  CahnHilliard<Real>* equation_;
  int order_;
  double tolerance_;
  bool always_split_;
  double mean_ = 0;                          // of the candidate
  double lowest_ = 0.5, lowest_rest_ = 0.5;  // least x and 1-x of phases at equilibrium
  std::size_t revision_ = 0;                 // of the law that these phases belong to
  CellReport cells_, candidate_cells_;
  Extent candidate_extent_;
  StepEquation<Real> step_;
  std::array<Level, 3> levels_;
  Field<Real> candidate_;
  int known_levels_ = 0, attempts_ = 0;
  std::int64_t flow_transforms_ = 0;
};

extern template class Implicit<float>;
extern template class Implicit<double>;

}  // namespace spinode
