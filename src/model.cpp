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
    : system_(config.system),
      mobility_(config.mobility),
      temperature_(config.temperature),
      time_(config.time),
      V_m_(config.system.lattice.V_m.value_or(1)) {
  if (const auto stiffness = std::visit([](const auto& model) { return model.stiffness(); }, config.elasticity)) {
    misfit_ = *system_.lattice.chi * std::visit([](const auto& model) { return model.coherency; }, config.elasticity);
    coherency_.emplace(*stiffness, misfit_);
    softest_ = softest_direction(*stiffness, misfit_, config.grid.dimension());
  }
  // Where the temperature changes: the interface that the coldest state has.
  kappa_ = find_kappa(config.gradient, energy(temperature_.lowest()), V_m_);
  if (const auto physical = config.gradient.physical_kappa) widening_ = std::sqrt(kappa_ / *physical);
  if (system_.dimensionless) return;
  // Of the start: energy sites RT/V_m; length sqrt(kappa V_m/(2 energy)); time length^2/D.
  const double T = temperature_.at(0);
  units_.energy = system_.sites() * RT(T);
  units_.length = std::sqrt(kappa_ * V_m_ / (2 * units_.energy));
  const Mobility mobility = mobility_at(T);
  const auto* const constant = std::get_if<ConstantMobility>(&mobility);
  const double D = units_.energy * (constant ? 4 * constant->M : std::get<DarkenMobility>(mobility).largest());
  units_.time = units_.length * units_.length / D;
}

std::optional<FreeEnergy> Model::coherent(double T) const {
  if (!softest_) return {};
  return chemical(T).with_quadratic(V_m_ * softest_->B / 2);
}

Mobility Model::mobility_at(double T) const {
  return std::visit([&](const auto& model) { return model.at(RT(T), system_.sites()); }, mobility_);
}

double Model::mobility(double x, double T) const {
  const Mobility mobility = mobility_at(T);
  if (const auto* constant = std::get_if<ConstantMobility>(&mobility)) return constant->M;
  const auto& darken = std::get<DarkenMobility>(mobility);
  return x * (1 - x) * ((1 - x) * darken.solute + x * darken.host);
}

LocalLaw Model::law(double T) const {
  const double per_mobility = units_.energy * units_.time / (units_.length * units_.length);
  LocalLaw law{.G = chemical(T).scaled(1 / units_.energy), .mobility = mobility_at(T)};
  if (auto* constant = std::get_if<ConstantMobility>(&law.mobility)) {
    constant->M *= per_mobility;
  } else {
    auto& darken = std::get<DarkenMobility>(law.mobility);
    darken = {darken.solute * per_mobility, darken.host * per_mobility};
  }
  return law;
}

std::optional<Surroundings> Model::surroundings() const {
  if (temperature_.constant()) return {};
  return Surroundings{temperature_.in_units_of(units_.time), [model = *this](double T) { return model.law(T); }};
}

CahnHilliardParameters Model::equation() const {
  const LocalLaw start = law(temperature_.at(0));
  CahnHilliardParameters parameters{.G = start.G, .mobility = start.mobility};
  parameters.kappa = kappa_ * V_m_ / (units_.energy * units_.length * units_.length);
  parameters.log_cutoff = parameters.G.ideal() > 0 ? time_.log_cutoff : 0;
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
  if (chemical(temperature_.at(0)).ideal() > 0) steps.band = time_.band;
  return steps;
}

}  // namespace spinode
