// Redlich-Kister free energy with L_k(T) = a_k + b_k T + c_k T ln T (Redlich & Kister 1948).
#pragma once

#include <cmath>
#include <vector>

#include "spinode/config.hpp"
#include "spinode/thermo/free_energy.hpp"

namespace spinode {

struct RedlichKister {
  static constexpr const char* name = "redlich_kister";
  static constexpr const char* help = "RT [x ln x + (1-x) ln(1-x)] + x(1-x) sum_k L_k(T) (1-2x)^k";

  std::vector<double> a, b, c;  // J/mol, J/(mol K), J/(mol K)

  static RedlichKister read(Config& config) {
    RedlichKister model;
    model.a = config.quantities({.name = "free_energy.L", .unit = "J mol-1", .help = "L_k at T = 0, k = 0, 1, ..."});
    model.b = config.quantities({.name = "free_energy.L_T", .unit = "J mol-1 K-1", .help = "coefficients of T in L_k"},
                                std::vector<double>{});
    model.c = config.quantities(
        {.name = "free_energy.L_TlnT", .unit = "J mol-1 K-1", .help = "coefficients of T ln T in L_k"},
        std::vector<double>{});
    for (const char* key : {"free_energy.L_T", "free_energy.L_TlnT"})
      if ((key == std::string("free_energy.L_T") ? model.b : model.c).size() > model.a.size())
        config.fault(key, "expected no more entries than free_energy.L has");
    return model;
  }

  /// T [K], R [J/(mol K)].
  FreeEnergy at(double T, double R) const {
    std::vector<double> L = a;
    for (std::size_t k = 0; k < b.size(); ++k) L[k] += b[k] * T;
    for (std::size_t k = 0; k < c.size(); ++k) L[k] += c[k] * T * std::log(T);
    return redlich_kister(R * T, L);
  }
};

}  // namespace spinode
