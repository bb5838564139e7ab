// Free energies that are an ideal term plus a polynomial (Redlich & Kister 1948; double well: Cahn & Hilliard 1958).
#include "spinode/thermo/free_energy.hpp"

namespace spinode {

namespace {

// x(1-x) = 1/4 - (x - 1/2)^2.
Polynomial x_times_rest() { return {0.5, {0.25, 0, -1}}; }

}  // namespace

Polynomial FreeEnergy::curvature() const {
  if (ideal_ == 0) return d2_excess_;
  return Polynomial{0.5, {ideal_}} + x_times_rest() * d2_excess_;
}

FreeEnergy FreeEnergy::scaled(double factor) const { return {factor * ideal_, factor * excess_, lower_, upper_}; }

FreeEnergy redlich_kister(double ideal, const std::vector<double>& L) {
  Polynomial series{0.5, {}};
  double power = 1;
  for (double L_k : L) {
    series.c.push_back(L_k * power);
    power *= -2;  // 1-2x = -2 (x - 1/2)
  }
  return {ideal, x_times_rest() * series};
}

FreeEnergy double_well(double W, double alpha, double beta) {
  const double half = (beta - alpha) / 2;
  const Polynomial wells{alpha + half, {-half * half, 0, 1}};
  return {0, W * (wells * wells), alpha - half, beta + half};
}

FreeEnergy polynomial(std::vector<double> coefficients, double lower, double upper) {
  return {0, Polynomial{0, std::move(coefficients)}, lower, upper};
}

}  // namespace spinode
