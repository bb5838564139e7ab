#include "spinode/model.hpp"

#include <algorithm>
#include <cmath>

#include "spinode/error.hpp"
#include "spinode/units.hpp"

namespace spinode {
namespace {

double find_kappa(const GradientEnergy& gradient, const FreeEnergy& G, double V_m) {
  if (gradient.given == GradientEnergy::Given::kappa) return gradient.value;
  const std::vector<MiscibilityGap> gaps = miscibility_gaps(G);
  if (gaps.empty())
    throw ConfigError(gradient.cited +
                      ": there is no miscibility gap at this temperature, so no interface; give gradient.kappa");
  // The widest gap is the one that the user means by "the interface".
  const auto widest = std::max_element(gaps.begin(), gaps.end(), [](const auto& a, const auto& b) {
    return a.x_beta - a.x_alpha < b.x_beta - b.x_alpha;
  });
  return gradient.given == GradientEnergy::Given::interface_width ? kappa_for_width(G, *widest, V_m, gradient.value)
                                                                  : kappa_for_energy(G, *widest, V_m, gradient.value);
}

}  // namespace

Model::Model(const Case& config)
    : time_(config.time),
      RT_(config.system.conditions(config.temperature).RT()),
      V_m_(config.system.lattice.V_m.value_or(1)),
      chemical_(config.system.chemical(config.temperature)),
      mobility_(std::visit([&](const auto& model) { return model.at(RT_, config.system.sites()); }, config.mobility)) {
  if (const auto stiffness = std::visit([](const auto& model) { return model.stiffness(); }, config.elasticity)) {
    coherency_.emplace(*stiffness, *config.system.lattice.chi);
    softest_ = softest_direction(*stiffness, *config.system.lattice.chi, config.grid.dimension());
    coherent_ = chemical_.with_quadratic(V_m_ * softest_->B / 2);
  }
  kappa_ = find_kappa(config.gradient, coherent_ ? *coherent_ : chemical_, V_m_);
  if (const auto physical = config.gradient.physical_kappa) widening_ = std::sqrt(kappa_ / *physical);
  if (config.system.dimensionless) return;
  // Energy sites RT/V_m; length sqrt(kappa V_m/(2 energy)); time length^2/D.
  units_.energy = config.system.sites() * RT_;
  units_.length = std::sqrt(kappa_ * V_m_ / (2 * units_.energy));
  const double D = units_.energy * (std::holds_alternative<ConstantMobility>(mobility_)
                                        ? 4 * std::get<ConstantMobility>(mobility_).M
                                        : std::get<DarkenMobility>(mobility_).largest());
  units_.time = units_.length * units_.length / D;
}

double Model::mobility(double x) const {
  if (const auto* constant = std::get_if<ConstantMobility>(&mobility_)) return constant->M;
  const auto& darken = std::get<DarkenMobility>(mobility_);
  return x * (1 - x) * ((1 - x) * darken.solute + x * darken.host);
}

CahnHilliardParameters Model::equation() const {
  const double per_mobility = units_.energy * units_.time / (units_.length * units_.length);
  CahnHilliardParameters parameters{.G = chemical_.scaled(1 / units_.energy)};
  parameters.kappa = kappa_ * V_m_ / (units_.energy * units_.length * units_.length);
  if (const auto* constant = std::get_if<ConstantMobility>(&mobility_)) {
    parameters.mobility = ConstantMobility{constant->M * per_mobility};
  } else {
    const auto& darken = std::get<DarkenMobility>(mobility_);
    parameters.mobility = DarkenMobility{darken.solute * per_mobility, darken.host * per_mobility};
  }
  parameters.log_cutoff = chemical_.ideal() > 0 ? time_.log_cutoff : 0;
  if (coherency_)
    parameters.coherency = [modulus = *coherency_, factor = V_m_ / units_.energy](const std::array<double, 3>& k) {
      return factor * modulus(Eigen::Vector3d(k[0], k[1], k[2]));
    };
  return parameters;
}

StepSettings Model::steps() const {
  StepSettings steps;
  steps.scheme = time_.scheme;
  steps.order = time_.order;
  steps.tolerance = time_.tolerance;
  const auto code = [&](const std::optional<double>& time) {
    return time ? std::optional(*time / units_.time) : std::nullopt;
  };
  steps.fixed_step = code(time_.step);
  steps.initial_step = code(time_.initial_step);
  steps.max_step = code(time_.max_step).value_or(steps.max_step);
  // Steps this small would not end within a lifetime, nor change the time by more than round-off.
  steps.min_step = 1e-13 * time_.end / units_.time;
  if (chemical_.ideal() > 0) steps.band = time_.band;
  return steps;
}

}  // namespace spinode
