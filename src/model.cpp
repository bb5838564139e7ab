#include "spinode/model.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

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
      mechanics_(config.mechanics),
      electrode_(config.electrode),
      charge_density_(config.charge_density()),
      mechanical_(config.mechanical()),
      V_m_(config.system.lattice.V_m.value_or(1)) {
  medium_ =
      std::visit([&](const auto& model) { return model.medium(system_.lattice.chi.value_or(0)); }, config.elasticity);
  x_mean_ = config.mean_composition();
  if (medium_) {
    average_ = mechanics_.average;
    average_.x_reference = mechanics_.x_reference.value_or(x_mean_);
    const CoherencyModulus B(*medium_, x_mean_, average_.uniform_strain(*medium_, x_mean_));
    softest_ = softest_direction(B, config.grid.dimension());
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
  const Polynomial of_start{0, {0, 0, V_m_ * softest_->B / 2}};
  try {
    // What a prescribed average strain or stress adds at the initial composition, it adds at all.
    const CoherencyModulus unloaded(medium_->stiffness(x_mean_), medium_->chi);
    return chemical(T)
        .plus(coherent_energy(*medium_, softest_->direction, V_m_))
        .plus(of_start)
        .plus({0, {0, 0, -V_m_ * unloaded(softest_->direction) / 2}});
  } catch (const std::domain_error&) {
    return chemical(T).plus(of_start);
  }
}

Phases Model::phases(double T) const {
  Phases widest;
  double width = 0;
  for (const MiscibilityGap& gap : miscibility_gaps(energy(T)))
    if (gap.x_beta - gap.x_alpha > width) {
      width = gap.x_beta - gap.x_alpha;
      widest = {gap.x_alpha, gap.x_beta};
    }
  return widest;
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

double Model::diffusivity(double T) const {
  return mobility(x_mean_, T) * system_.sites() * RT(T) / (x_mean_ * (1 - x_mean_));
}

std::optional<Creep> Model::creep(double T) const {
  if (!medium_) return {};
  return std::visit([&](const auto& model) { return model.at(T, medium_->host.shear(), medium_->solute.shear()); },
                    mechanics_.creep);
}

LocalLaw Model::law(double T) const {
  const double per_mobility = units_.energy * units_.time / (units_.length * units_.length);
  LocalLaw law{.G = chemical(T).scaled(1 / units_.energy), .mobility = mobility_at(T), .RT = RT(T) / units_.energy};
  if (auto* constant = std::get_if<ConstantMobility>(&law.mobility)) {
    constant->M *= per_mobility;
  } else {
    auto& darken = std::get<DarkenMobility>(law.mobility);
    darken = {darken.solute * per_mobility, darken.host * per_mobility};
  }
  law.creep = creep(T);
  if (law.creep)
    for (CreepRate* rate : {&law.creep->host, &law.creep->solute}) rate->rate *= units_.time;
  return law;
}

std::optional<Surroundings> Model::surroundings() const {
  if (temperature_.constant()) return {};
  return Surroundings{temperature_.in_units_of(units_.time), [model = *this](double T) { return model.law(T); }};
}

CahnHilliardParameters Model::equation() const {
  const LocalLaw start = law(temperature_.at(0));
  CahnHilliardParameters parameters{.G = start.G, .mobility = start.mobility, .RT = start.RT};
  parameters.kappa = kappa_ * V_m_ / (units_.energy * units_.length * units_.length);
  parameters.log_cutoff = parameters.G.ideal() > 0 ? time_.log_cutoff : 0;
  if (electrode_) {
    parameters.flow = electrode_->flow;
    parameters.flow->contact_length /= units_.length;
  }
  if (!medium_) return parameters;
  const double per_pascal = V_m_ / units_.energy;
  // Where moduli vary: those half way between the metals, and the rest is mechanics.
  const CoherencyModulus modulus(medium_->stiffness(0.5), medium_->chi);
  parameters.coherency = [=](const std::array<double, 3>& k) {
    return per_pascal * modulus(Eigen::Vector3d(k[0], k[1], k[2]));
  };
  if (mechanical_) {
    parameters.mechanics = {*medium_, average_, start.creep, mechanics_.tolerance, per_pascal};
  } else {
    const Tensor strain = average_.uniform_strain(*medium_, x_mean_);
    parameters.uniform_elastic = per_pascal * strain.dot(mandel(medium_->stiffness(x_mean_)) * strain) / 2;
    Tensor average = strain;
    average.head<3>().array() += medium_->chi * (x_mean_ - average_.x_reference);
    parameters.uniform_load = -per_pascal * average_.stress.dot(average);
  }
  return parameters;
}

std::optional<Cycler> Model::cycler() const {
  if (!electrode_) return {};
  // A charge as the length of metal that holds it; a potential as the energy of a mole of charge.
  const double length = 1 / (charge_density_ * units_.length), velocity = length * units_.time,
               volt = (system_.dimensionless ? 1 : constants::F) / units_.energy;
  const auto scaled = [](const std::optional<double>& value, double factor) {
    return value ? std::optional(*value * factor) : std::nullopt;
  };
  Protocol protocol = electrode_->protocol;
  for (ProtocolStep& step : protocol.steps) {
    step.velocity *= velocity;
    step.duration = scaled(step.duration, 1 / units_.time);
    step.charge = scaled(step.charge, length);
    step.potential = scaled(step.potential, volt);
  }
  const Kinetics kinetics{scaled(electrode_->exchange_current_density, velocity),
                          electrode_->separator_resistance * volt / velocity};
  constexpr double tolerance = 1e-4;  // V, or of RT
  return Cycler(protocol, electrode_->depletion, kinetics,
                tolerance * (system_.dimensionless ? RT(temperature_.at(0)) / units_.energy : volt));
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
