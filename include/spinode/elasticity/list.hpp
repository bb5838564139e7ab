// The elastic models that a case can choose: homogeneous moduli, coherent phases, no net stress.
#pragma once

#include <optional>

#include "spinode/elasticity/orientation.hpp"
#include "spinode/elasticity/stiffness.hpp"
#include "spinode/model_list.hpp"

namespace spinode {

/// Share of the misfit that is coherent: 1 for phases that share one lattice, 0 for the chemical limit.
inline double read_coherency(Config& config) {
  return config.quantity({.name = "elasticity.coherency",
                          .bounds = fraction,
                          .fallback = 1.0,
                          .help = "share of the misfit that is coherent; dislocations relax the rest"});
}

struct NoElasticity {
  static constexpr const char* name = "none";
  static constexpr const char* help = "incoherent phases: the chemical free energy alone";

  static constexpr double coherency = 0;

  static NoElasticity read(Config&) { return {}; }
  std::optional<Stiffness> stiffness() const { return {}; }
};

struct IsotropicElasticity {
  static constexpr const char* name = "isotropic";
  static constexpr const char* help = "coherent phases, isotropic E and nu";

  double E, nu, coherency;

  static IsotropicElasticity read(Config& config) {
    return {config.quantity({.name = "elasticity.E", .unit = "Pa", .bounds = positive, .help = "Young's modulus"}),
            config.quantity({.name = "elasticity.nu",
                             .bounds = {.min = -1, .max = 0.5, .min_open = true, .max_open = true},
                             .help = "Poisson's ratio"}),
            read_coherency(config)};
  }
  std::optional<Stiffness> stiffness() const { return Stiffness::isotropic(E, nu); }
};

struct CubicElasticity {
  static constexpr const char* name = "cubic";
  static constexpr const char* help = "coherent phases, cubic C11, C12, C44, any orientation";

  double C11, C12, C44, coherency;
  Orientation orientation;

  static CubicElasticity read(Config& config) {
    const CubicElasticity model{
        config.quantity({.name = "elasticity.C11", .unit = "Pa", .bounds = positive, .help = "cubic elastic constant"}),
        config.quantity({.name = "elasticity.C12", .unit = "Pa", .help = "cubic elastic constant"}),
        config.quantity({.name = "elasticity.C44", .unit = "Pa", .bounds = positive, .help = "cubic elastic constant"}),
        read_coherency(config), Orientation::read(config)};
    if (model.C11 <= model.C12 || model.C11 + 2 * model.C12 <= 0)
      config.fault("elasticity.C12", "a stable crystal has -C11/2 < C12 < C11");
    return model;
  }
  /// In the crystal's own axes.
  Stiffness crystal() const { return Stiffness::cubic(C11, C12, C44); }
  std::optional<Stiffness> stiffness() const { return crystal().turned(orientation.to_grid); }
};

using ElasticityModels = ModelList<NoElasticity, IsotropicElasticity, CubicElasticity>;

}  // namespace spinode
