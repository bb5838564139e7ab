// Redlich-Kister free energy with L_k(T, p) = a_k + b_k T + c_k T ln T + p V_k (Redlich & Kister 1948).
#pragma once

#include <cmath>
#include <vector>

#include "spinode/config.hpp"
#include "spinode/thermo/free_energy.hpp"

namespace spinode {

struct RedlichKister {
  static constexpr const char* name = "redlich_kister";
  static constexpr const char* help = "sites RT [x ln x + (1-x) ln(1-x)] + x(1-x) sum_k (L_k(T) + p V_k) (1-2x)^k";

  std::vector<double> a, b, c;  // J/mol, J/(mol K), J/(mol K)
  std::vector<double> V;        // m3/mol
  double multiplicity = 1;

  static RedlichKister read(Config& config) {
    RedlichKister model;
    model.a = config.quantities({.name = "free_energy.L", .unit = "J mol-1", .help = "L_k at T = 0, k = 0, 1, ..."});
    const std::size_t terms = model.a.size();
    const auto read_part = [&](const QuantityKey& key) {
      const std::vector<double> part = config.quantities(key, std::vector<double>{});
      if (part.size() > terms && terms > 0) config.fault(key.name, "expected no more entries than free_energy.L has");
      return part;
    };
    model.b = read_part({.name = "free_energy.L_T", .unit = "J mol-1 K-1", .help = "coefficients of T in L_k"});
    model.c = read_part({.name = "free_energy.L_TlnT", .unit = "J mol-1 K-1", .help = "coefficients of T ln T in L_k"});
    model.V = read_part(
        {.name = "free_energy.V", .unit = "m3 mol-1", .help = "excess volumes V_k, which the pressure adds to L_k"});
    model.multiplicity = config.quantity({.name = "free_energy.sites",
                                          .bounds = positive,
                                          .fallback = 1.0,
                                          .help = "mixing sites per formula unit, which multiply the ideal entropy"});
    return model;
  }

  double sites() const { return multiplicity; }

  FreeEnergy at(const Conditions& conditions) const {
    const auto [T, p, R] = conditions;
    std::vector<double> L = a;
    for (std::size_t k = 0; k < b.size(); ++k) L[k] += b[k] * T;
    for (std::size_t k = 0; k < c.size(); ++k) L[k] += T > 0 ? c[k] * T * std::log(T) : 0;
    for (std::size_t k = 0; k < V.size(); ++k) L[k] += V[k] * p;
    return redlich_kister(multiplicity * R * T, L);
  }
};

}  // namespace spinode
