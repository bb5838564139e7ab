// Semi-implicit Fourier steps of order one and two with variable size (IMEX: Ascher, Ruuth & Wetton 1995, eqs. 2.8 and
// 2.13 generalised to r = dt_n/dt_{n-1} by Wang & Ruuth 2008),
//   alpha x+ - (1+r) x + r^2/(1+r) x-  =  dt [ (1+r) (F + L x) - r (F- + L x-) - L x+ ],   alpha = (1+2r)/(1+r),
// where F is the whole rate of a state and L the part of it, diagonal in k-space, that is taken at the new time.
#pragma once

#include <array>

#include "spinode/multistep.hpp"
#include "spinode/stepper/scheme.hpp"

namespace spinode {

struct ModeSums;
template <class Real>
struct UpdateFactors;
template <class Real>
struct StepRun;

template <class Real>
class SemiImplicit final : public Scheme<Real> {
 public:
  SemiImplicit(CahnHilliard<Real>& equation, int order);

  StateReport start(History<Real> history) override;
  StateReport restate() override;
  Attempt attempt(double dt, double largest_error) override;
  void accept(double dt) override;

  void settle() override;
  const Spectrum<Real>& state() override;
  const Extent& extent() const override { return levels_[0].extent; }
  const Spectrum<Real>& candidate() override;
  History<Real> history() override;
  Work work() const override { return {.transforms = transforms_}; }
  /// Its steps are at the limit of stability most of the time: slow, for every overstep costs a step.
  double recovery() const override { return 1.01; }
  /// Where L and the explicit curvature nearly cancel, as for the motion of an interface, extrapolation by steps that
  /// grow by r amplifies a mode by sqrt(r) a step (the product of the two roots is r).
  double growth() const override { return 1.1; }
  void serialize(Archive& archive) override;

 private:
  /// A state, its nonlinear part, the flow of metal in it, and the step that led to it.
  struct Level {
    Spectrum<Real> x_hat, g_hat, b_hat;
    double dt = 0;
    Extent extent;
  };
  /// What makes the candidate of the levels.
  struct Step {
    double dt = 0;
    Multistep formula;
    MovingStep moving;
    typename CahnHilliard<Real>::Implicit implicit;

    UpdateFactors<Real> factors() const;
    /// The zeroth mode after it.
    Real mean(Real before, std::size_t lane) const {
      return moving.moving && lane == 0 ? static_cast<Real>(moving.after.mean()) : before;
    }
  };

  std::size_t first_of(const ModeRun& run) const { return run.row * row_reals_ + run.first * lanes_; }
  CellReport evaluate(const Field<double>* nu, Spectrum<Real>* b_hat, SinkState* sink);
  StateReport report(const CellReport& cells);
  StepRun<Real> run_of(std::size_t first);
  void take_in_mean(const Real* g);
  void propose_mean(Real* next, ModeSums& sums) const;
  void make_room();
  ModeSums propose();

  CahnHilliard<Real>* equation_;
  int order_;
  std::size_t lanes_, row_reals_;  // of a mode and of a row of modes
  CellReport cells_, candidate_cells_;
  // As many states as the order is. One more, of which the prediction alone knows, as what the last of them has more.
  std::array<Level, 2> levels_;
  Spectrum<Real> older_;
  double older_dt_ = 0;
  Extent older_extent_;
  int known_levels_ = 0;

  // The candidate is not kept: it is made of the levels again, in the sweep in which the next one is made of it.
  // Meanwhile the equation holds its nonlinear part half-way.
  Step step_, accepted_;
  Spectrum<Real> candidate_b_;
  Spectrum<Real> candidate_;          // empty until it is asked for
  bool pending_ = false;              // levels_[0] still is what it replaces
  std::array<Real, 3> prediction_{};  // of step_: factors of the levels, and of minus the difference
  std::int64_t transforms_ = 0;
};

extern template class SemiImplicit<float>;
extern template class SemiImplicit<double>;

}  // namespace spinode
