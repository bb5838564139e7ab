// The Li-Na alloy of dos Santos et al. (2025): two assessments of G, the lattice and isotropic elastic constants.
#pragma once

#include "spinode/thermo/free_energy.hpp"

namespace spinode::li_na {

constexpr double R = 8.314462618;                          // J/(mol K)
constexpr double avogadro = 6.02214076e23;                 // 1/mol
constexpr double a_Li = 3.42e-10, a_Na = 4.19e-10;         // m
constexpr double V_m = avogadro * a_Li * a_Li * a_Li / 2;  // m3/mol
constexpr double chi = (a_Na - a_Li) / a_Li;
constexpr double E = 13.8e9, nu = 0.33;                             // Pa, 1
constexpr double room = 298.15;                                     // K
constexpr double coherent_energy = V_m * E * chi * chi / (1 - nu);  // J/mol per x^2

inline FreeEnergy chemical(double T) { return redlich_kister(R * T, {20109.8, 5772.6}); }
inline FreeEnergy coherent(double T) { return chemical(T).plus({0, {0, 0, coherent_energy}}); }
inline FreeEnergy zhang(double T) { return redlich_kister(R * T, {16000}); }
inline FreeEnergy zhang_coherent(double T) { return zhang(T).plus({0, {0, 0, coherent_energy}}); }

}  // namespace spinode::li_na
