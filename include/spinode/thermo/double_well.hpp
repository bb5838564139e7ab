// Double-well free energy W (x-alpha)^2 (beta-x)^2 of published benchmarks (Cahn & Hilliard 1958; Jokisaari et al.
// 2017).
#pragma once

#include "spinode/config.hpp"
#include "spinode/thermo/free_energy.hpp"

namespace spinode {

struct DoubleWell {
  static constexpr const char* name = "double_well";
  static constexpr const char* help = "W (x-alpha)^2 (beta-x)^2";

  double W, alpha, beta;

  static DoubleWell read(Config& config) {
    DoubleWell model{};
    model.W = config.quantity(
        {.name = "free_energy.W", .unit = "J mol-1", .bounds = positive, .help = "scale of the double well"});
    model.alpha = config.quantity({.name = "free_energy.alpha", .help = "lower minimum"});
    model.beta = config.quantity({.name = "free_energy.beta", .help = "upper minimum"});
    if (model.beta <= model.alpha) config.fault("free_energy.beta", "must be greater than free_energy.alpha");
    return model;
  }

  static constexpr double sites() { return 1; }
  FreeEnergy at(const Conditions&) const { return double_well(W, alpha, beta); }
};

}  // namespace spinode
