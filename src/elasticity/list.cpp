#include "spinode/elasticity/list.hpp"

#include <cmath>

#include "spinode/units.hpp"

namespace spinode {
namespace {

/// Whether the moduli of the solute count: a case says so, for it costs many transforms a step.
bool mixed(Config& config) {
  return config.text(
             {.name = "elasticity.moduli",
              .choices = {"host", "mixed"},
              .fallback = "host",
              .help = "those of the host everywhere, or linear in x to those of the solute (elasticity.solute)"}) ==
             "mixed" ||
         config.describing();
}

/// Keys of the host stand under `prefix`, those of the solute under `prefix`solute; a solute without any is as the
/// host.
template <class Property, class Read>
Property read_solute(Config& config, const std::string& prefix, const std::vector<std::string>& keys,
                     const Property& host, Read read) {
  bool given = config.describing();
  for (const std::string& key : keys) given = given || config.has(prefix + "solute." + key);
  return given ? read(prefix + "solute.", " of the pure solute; as the host's when none is given") : host;
}

}  // namespace

IsotropicElasticity IsotropicElasticity::read(Config& config) {
  const auto moduli = [&](const std::string& prefix, const std::string& whose) {
    const double E =
        config.quantity({.name = prefix + "E", .unit = "Pa", .bounds = positive, .help = "Young's modulus" + whose});
    return Moduli::isotropic(E, config.quantity({.name = prefix + "nu",
                                                 .bounds = {.min = -1, .max = 0.5, .min_open = true, .max_open = true},
                                                 .help = "Poisson's ratio" + whose}));
  };
  IsotropicElasticity model{};
  model.host = moduli("elasticity.", "");
  model.solute = mixed(config) ? moduli("elasticity.solute.", " of the pure solute") : model.host;
  model.coherency = read_coherency(config);
  return model;
}

CubicElasticity CubicElasticity::read(Config& config) {
  const auto moduli = [&](const std::string& prefix, const std::string& whose) {
    const auto constant = [&](const std::string& name, const Bounds& bounds) {
      return config.quantity(
          {.name = prefix + name, .unit = "Pa", .bounds = bounds, .help = "cubic elastic constant" + whose});
    };
    const double C11 = constant("C11", positive), C12 = constant("C12", any_value), C44 = constant("C44", positive);
    if (C11 <= C12 || C11 + 2 * C12 <= 0) config.fault(prefix + "C12", "a stable crystal has -C11/2 < C12 < C11");
    return Moduli::cubic(C11, C12, C44);
  };
  CubicElasticity model{};
  model.host = moduli("elasticity.", "");
  model.solute = mixed(config) ? moduli("elasticity.solute.", " of the pure solute") : model.host;
  model.coherency = read_coherency(config);
  model.orientation = Orientation::read(config);
  return model;
}

ViscousCreep ViscousCreep::read(Config& config) {
  const auto viscosity = [&](const std::string& prefix, const std::string& whose) {
    const QuantityKey eta{
        .name = prefix + "viscosity", .unit = "Pa s", .bounds = positive, .help = "shear viscosity" + whose};
    const QuantityKey time{.name = prefix + "relaxation_time",
                           .unit = "s",
                           .bounds = positive,
                           .help = "viscosity over the mean shear modulus (2 C' + 3 C44)/5" + whose};
    const std::string chosen = config.choose({eta.name, time.name});
    Viscosity read;
    if (config.describing() || chosen == eta.name) read.eta = config.optional_quantity(eta);
    if (config.describing() || chosen == time.name) read.relaxation_time = config.optional_quantity(time);
    if (chosen.empty() && !config.describing()) {
      config.fault(eta.name, "give it, or " + time.name);
      read.eta = 1;
    }
    return read;
  };
  ViscousCreep model;
  model.host = viscosity("elasticity.creep.", "");
  model.solute = read_solute(config, "elasticity.creep.", {"viscosity", "relaxation_time"}, model.host, viscosity);
  return model;
}

PowerLawCreep PowerLawCreep::read(Config& config) {
  const auto law = [&](const std::string& prefix, const std::string& whose) {
    PowerLaw read{};
    read.rate = config.quantity({.name = prefix + "rate",
                                 .unit = "s-1",
                                 .bounds = positive,
                                 .help = "von Mises creep rate at the stress and temperature below" + whose});
    read.stress = config.quantity(
        {.name = prefix + "stress", .unit = "Pa", .bounds = positive, .help = "von Mises stress of that rate" + whose});
    read.exponent = config.quantity(
        {.name = prefix + "exponent", .bounds = {.min = 1, .max = 20}, .help = "exponent of the stress" + whose});
    read.Q = config.quantity({.name = prefix + "Q",
                              .unit = "J mol-1",
                              .bounds = not_negative,
                              .fallback = 0.0,
                              .help = "activation energy of creep" + whose});
    read.T = config.quantity({.name = prefix + "temperature",
                              .unit = "K",
                              .bounds = positive,
                              .fallback = 298.15,
                              .help = "temperature of that rate" + whose});
    return read;
  };
  PowerLawCreep model{};
  model.host = law("elasticity.creep.", "");
  model.solute =
      read_solute(config, "elasticity.creep.", {"rate", "stress", "exponent", "Q", "temperature"}, model.host, law);
  return model;
}

CreepRate PowerLaw::at(double temperature) const {
  const double factor = Q == 0 ? 1 : std::exp(Q / constants::R * (1 / T - 1 / temperature));
  return {.rate = rate * factor, .stress = stress, .exponent = exponent};
}

}  // namespace spinode
