// Semi-implicit Fourier steps of order one and two with variable size (IMEX: Ascher, Ruuth & Wetton 1995, eqs. 2.8 and
// 2.13 generalised to r = dt_n/dt_{n-1} by Wang & Ruuth 2008),
//   alpha x+ - (1+r) x + r^2/(1+r) x-  =  dt [ (1+r) (F + L x) - r (F- + L x-) - L x+ ],   alpha = (1+2r)/(1+r),
// where F is the whole rate of a state and L the part of it, diagonal in k-space, that is taken at the new time.
#pragma once

#include <array>

#include "spinode/multistep.hpp"
#include "spinode/stepper/scheme.hpp"

namespace spinode {

template <class Real>
class SemiImplicit final : public Scheme<Real> {
 public:
  SemiImplicit(CahnHilliard<Real>& equation, int order);

  StateReport start(const History<Real>& history) override;
  StateReport restate() override;
  Attempt attempt(double dt, double largest_error) override;
  void accept(double dt) override;

  const Spectrum<Real>& state() const override { return levels_[0].x_hat; }
  const Extent& extent() const override { return levels_[0].extent; }
  const Spectrum<Real>& candidate() override { return candidate_.x_hat; }
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
  struct Sums {
    double error2 = 0, variance = 0, gradient = 0, elastic = 0;
    Sums& operator+=(const Sums& other);
  };

  CellReport evaluate(Level& level, const Field<double>* nu, SinkState& sink);
  StateReport report(const CellReport& cells) const;
  Sums propose(double dt, const Multistep& formula, const MovingStep& flow);

  CahnHilliard<Real>* equation_;
  int order_;
  CellReport cells_, candidate_cells_;
  // The present state, two before it, and the candidate for the next.
  std::array<Level, 3> levels_;
  Level candidate_;
  int known_levels_ = 0;
  std::int64_t transforms_ = 0;
};

extern template class SemiImplicit<float>;
extern template class SemiImplicit<double>;

}  // namespace spinode
