// Polynomial free energy sum_n c_n x^n, for benchmarks.
#pragma once

#include <vector>

#include "spinode/config.hpp"
#include "spinode/thermo/free_energy.hpp"

namespace spinode {

struct PolynomialEnergy {
  static constexpr const char* name = "polynomial";
  static constexpr const char* help = "sum_n c_n x^n";

  std::vector<double> coefficients, range;

  static PolynomialEnergy read(Config& config) {
    PolynomialEnergy model;
    model.coefficients =
        config.quantities({.name = "free_energy.coefficients", .unit = "J mol-1", .help = "c_0, c_1, ..."});
    model.range =
        config.quantities({.name = "free_energy.range", .help = "where phases are looked for: lower and upper x"},
                          std::vector<double>{0, 1}, 2);
    if (model.range.size() == 2 && model.range[1] <= model.range[0]) config.fault("free_energy.range", "must rise");
    return model;
  }

  static constexpr double sites() { return 1; }
  FreeEnergy at(const Conditions&) const { return polynomial(coefficients, range[0], range[1]); }
};

}  // namespace spinode
