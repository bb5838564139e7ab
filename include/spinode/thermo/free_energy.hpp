// Molar Gibbs energy of mixing, G(x) = ideal [x ln x + (1-x) ln(1-x)] + excess(x) (Redlich & Kister 1948).
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include "spinode/thermo/polynomial.hpp"

namespace spinode {

/// x of the log-odds y = ln(x/(1-x)); logistic(-y) is 1-x. Both keep their relative precision at either end.
inline double logistic(double y) { return 1 / (1 + std::exp(-y)); }

/// Log-odds y = ln(x/(1-x)) of x.
inline double logit(double x) { return std::log(x) - std::log1p(-x); }

/// What a molar energy depends on beside x.
struct Conditions {
  double T;      // temperature [K]
  double p = 0;  // pressure [Pa]
  double R = 1;  // gas constant [J/(mol K)], or 1 when energies are in units of RT at T = 1

  double RT() const { return R * T; }
};

/// G(x) and its derivatives [J/mol]; with ideal > 0 they live on 0 < x < 1, and G also at its ends.
class FreeEnergy {
 public:
  /// ideal [J/mol]: RT times the mixing sites per formula unit, or 0 for a plain polynomial. excess [J/mol].
  /// lower, upper: the range of x in which phases are looked for; 0 and 1 when ideal > 0.
  FreeEnergy(double ideal, Polynomial excess, double lower = 0, double upper = 1)
      : ideal_(ideal),
        lower_(lower),
        upper_(upper),
        excess_(std::move(excess)),
        d_excess_(excess_.derivative()),
        d2_excess_(d_excess_.derivative()) {}

  double ideal() const { return ideal_; }
  double lower() const { return lower_; }
  double upper() const { return upper_; }
  const Polynomial& excess() const { return excess_; }

  double G(double x) const {
    return mixing(x > 0 ? x * std::log(x) : 0, x < 1 ? (1 - x) * std::log1p(-x) : 0) + excess_(x);
  }
  double dG(double x) const { return mixing(std::log(x), -std::log1p(-x)) + d_excess_(x); }
  double d2G(double x) const { return mixing(1 / x, 1 / (1 - x)) + d2_excess_(x); }

  /// Partial molar energy of the host, G - x G' [J/mol].
  double mu_host(double x) const { return mixing(0, std::log1p(-x)) + excess_(x) - x * d_excess_(x); }

  /// Partial molar energy of the solute, G + (1-x) G' [J/mol].
  double mu_solute(double x) const { return mixing(std::log(x), 0) + excess_(x) + (1 - x) * d_excess_(x); }

  /// G' at the log-odds y = ln(x/(1-x)), precise where x or 1-x is tiny [J/mol].
  double dG_at_logit(double y) const { return ideal_ * y + d_excess_(logistic(y)); }

  /// G - x G' at the log-odds y: the intercept at x = 0 of the tangent [J/mol].
  double omega_at_logit(double y) const {
    const double x = logistic(y);
    const double log_host = std::fmin(-y, 0) - std::log1p(std::exp(-std::fabs(y)));
    return ideal_ * log_host + excess_(x) - x * d_excess_(x);
  }

  /// x(1-x) G'', the slope of G' over the log-odds, or G'' itself when ideal is 0: a polynomial with the sign of G''.
  Polynomial curvature() const;

  /// factor * G.
  FreeEnergy scaled(double factor) const;

  /// G + addition [J/mol], such as the coherent energy of a homogeneous crystal, V_m chi^2 Y x^2 (Cahn 1961).
  FreeEnergy plus(const Polynomial& addition) const { return {ideal_, excess_ + addition, lower_, upper_}; }

 private:
  // Without the ideal part x may lie outside 0..1, where the logarithms are not numbers.
  double mixing(double solute, double host) const { return ideal_ == 0 ? 0 : ideal_ * (solute + host); }

  double ideal_, lower_, upper_;
  Polynomial excess_, d_excess_, d2_excess_;
};

/// ideal [x ln x + (1-x) ln(1-x)] + x(1-x) sum_k L_k (1-2x)^k; ideal and L in J/mol (Redlich & Kister 1948).
FreeEnergy redlich_kister(double ideal, const std::vector<double>& L);

/// W (x-alpha)^2 (beta-x)^2, W in J/mol, alpha < beta; phases are looked for half a gap beyond both wells.
FreeEnergy double_well(double W, double alpha, double beta);

/// sum_n coefficients[n] x^n [J/mol] on lower < x < upper.
FreeEnergy polynomial(std::vector<double> coefficients, double lower, double upper);

}  // namespace spinode
