// Redlich-Kister coefficients of formation energies at 0 K, G_f(x) = x(1-x) sum_k L_k (1-2x)^k, by linear least squares
// with weights 1/error^2, and how many of them by leave-one-out cross-validation (PRESS, Allen 1974).
#pragma once

#include <Eigen/Core>
#include <optional>
#include <vector>

#include "spinode/formation_energies.hpp"

namespace spinode {

struct RedlichKisterFit {
  Eigen::VectorXd L;            // J/mol
  Eigen::MatrixXd covariance;   // of L [(J/mol)^2]; empty when nothing is known of the errors
  Eigen::MatrixXd correlation;  // of the errors of L; empty as the covariance
  Eigen::VectorXd residual;     // energy less fit, of every row [J/mol]
  double rms = 0;               // of the residuals, weighted as in the fit [J/mol]
  /// Weighted sum of squares over what it is expected to be, which without errors of the pure cells is rows - terms;
  /// NaN when the file has no errors or none are left.
  double reduced_chi2 = 0;
  /// Weighted mean square of the residuals of each row from the fit to the others [(J/mol)^2], and the standard error
  /// of this mean; infinite when a coefficient hangs on one row alone.
  double deleted_square = 0, deleted_square_error = 0;

  int terms() const { return static_cast<int>(L.size()); }
  Eigen::VectorXd error() const;          // standard errors of L [J/mol]; empty as the covariance
  double cross_validation_error() const;  // J/mol
};

/// Fits of 1, 2, ... terms, up to `most` or to as many as there are different compositions to determine them.
/// Errors of L come from those of the energies, or from the residuals when the file has none. The errors of the pure
/// cells, which move all energies together, are added to the covariance but not to the weights.
std::vector<RedlichKisterFit> fit_redlich_kister(const FormationEnergies& energies, int most);

/// One-standard-error rule (Breiman, Friedman, Olshen & Stone 1984): the fewest terms of which the mean square of
/// cross-validation is at most the least one and one standard error of it.
struct TermChoice {
  int least = 0;     // terms with the least cross-validation error
  double limit = 0;  // cross-validation error up to which fewer terms do as well [J/mol]
  int terms = 0;     // the choice
};
/// Nothing when no number of terms can be cross-validated.
std::optional<TermChoice> choose_terms(const std::vector<RedlichKisterFit>& fits);

/// L_0 and L_1 [J/mol] from the most dilute cell of either kind, x_host < 0.2 and x_solute > 0.8.
struct DiluteLimit {
  double x_host = 0, x_solute = 0;
  /// From the slopes G_f/x = L_0 + L_1 and G_f/(1-x) = L_0 - L_1 (dos Santos et al. 2025, Eqs. 8-9), first order in x.
  double L0 = 0, L1 = 0;
  /// The two terms that pass through both energies.
  double L0_exact = 0, L1_exact = 0;
};
/// Nothing when no cell is as dilute. Of several at one composition the lowest energy is taken.
std::optional<DiluteLimit> dilute_limit(const FormationEnergies& energies);

}  // namespace spinode
