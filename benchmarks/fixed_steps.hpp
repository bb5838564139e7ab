// Steps of a case for timing: semi-implicit, of the size that its file gives, none of them rejected.
#pragma once

#include <algorithm>
#include <cstdint>
#include <variant>

#include "spinode/error.hpp"
#include "spinode/model.hpp"
#include "spinode/stepper/stepper.hpp"

namespace spinode {

/// From the initial state of a case on.
template <class Real>
class Steps {
 public:
  Steps(const Case& config, Planning planning) : Steps(Model(config), config, planning) {}

  void operator()() {
    stepper_.advance(clock_);
    if (stepper_.counts().accepted != ++taken_ || !stepper_.take_rejections().empty())
      throw NumericalError("a step was rejected: this is no time of a step");
  }

 private:
  Steps(const Model& model, const Case& config, Planning planning)
      : equation_(config.grid.in_units_of(model.units().length), model.equation(), planning),
        stepper_(equation_, settings(model), planning) {
    clock_.end = clock_.stop = config.time.end / model.units().time;
    Field<double> initial(config.grid);
    std::visit([&](const auto& state) { state.fill(config.grid, initial); }, config.initial);
    Field<Real> x(config.grid);
    std::copy_n(initial.data(), initial.size(), x.data());
    Spectrum<Real> x_hat(config.grid);
    equation_.analyse(x, x_hat);
    stepper_.start(std::move(x_hat));
  }

  static StepSettings settings(const Model& model) {
    StepSettings settings = model.steps();
    settings.scheme = SchemeKind::semi_implicit;
    return settings;
  }

  CahnHilliard<Real> equation_;
  Stepper<Real> stepper_;
  Clock clock_;
  std::int64_t taken_ = 0;
};

}  // namespace spinode
