#include "spinode/thermo/fit.hpp"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace spinode {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The energies as columns, in units of the smallest error.
struct Data {
  Eigen::ArrayXd x, G, weight;  // weight: smallest error over error; 1 without errors
  double error = 0;             // the smallest error [J/mol]

  explicit Data(const FormationEnergies& energies) {
    const auto n = static_cast<Eigen::Index>(energies.rows.size());
    x.resize(n), G.resize(n), weight.resize(n);
    for (Eigen::Index i = 0; i < n; ++i) {
      x[i] = energies.rows[i].x;
      G[i] = energies.rows[i].G;
      weight[i] = energies.has_errors ? 1 / energies.rows[i].error : 1;
    }
    error = 1 / weight.maxCoeff();
    weight *= error;
  }

  Eigen::MatrixXd design(int terms) const {
    Eigen::MatrixXd A(x.size(), terms);
    Eigen::ArrayXd column = x * (1 - x);
    for (int k = 0; k < terms; ++k, column *= 1 - 2 * x) A.col(k) = column;
    return A;
  }
};

/// How a weighted right-hand side b gives coefficients, inverse * Q^T b, of which the columns of Q are orthonormal.
struct Solver {
  Eigen::MatrixXd Q, inverse;
  bool full_rank;

  explicit Solver(Eigen::MatrixXd A) {
    // Columns of one length, so that the rank does not depend on how large the basis functions are.
    const Eigen::RowVectorXd length = A.colwise().norm();
    A.array().rowwise() /= length.array();
    Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(A);
    qr.setThreshold(1e-12);
    full_rank = qr.rank() == A.cols();
    if (!full_rank) return;
    Q = qr.householderQ() * Eigen::MatrixXd::Identity(A.rows(), A.cols());
    const Eigen::MatrixXd identity = Eigen::MatrixXd::Identity(A.cols(), A.cols());
    inverse =
        qr.colsPermutation() * qr.matrixR().topRows(A.cols()).template triangularView<Eigen::Upper>().solve(identity);
    inverse.array().colwise() /= length.transpose().array();
  }
};

/// Residuals of each row from the fit to the others, through the diagonal of the hat matrix (Allen 1974).
void cross_validate(const Data& data, const Solver& solver, RedlichKisterFit& fit) {
  const Eigen::ArrayXd left = 1 - solver.Q.rowwise().squaredNorm().array();
  constexpr double round_off = 1e-10;
  if (left.minCoeff() < round_off) {
    fit.deleted_square = fit.deleted_square_error = infinity;
    return;
  }
  const auto n = static_cast<double>(left.size());
  const Eigen::ArrayXd square = (data.weight * fit.residual.array() / left).square() / data.weight.square().mean();
  fit.deleted_square = square.mean();
  fit.deleted_square_error = std::sqrt((square - fit.deleted_square).square().sum() / (n - 1) / n);
}

void estimate_errors(const FormationEnergies& energies, const Data& data, const Solver& solver, RedlichKisterFit& fit) {
  const double squares = (data.weight * fit.residual.array()).square().sum();
  const auto freedom = static_cast<double>(data.x.size() - fit.terms());
  fit.reduced_chi2 = std::nan("");
  if (!energies.has_errors && freedom == 0) return;
  const double variance = energies.has_errors ? data.error * data.error : 1;
  Eigen::MatrixXd covariance = variance * solver.inverse * solver.inverse.transpose();
  double expected = freedom;
  for (std::size_t metal = 0; metal < energies.pure.size(); ++metal) {
    // A pure cell's energy enters each formation energy with that metal's fraction.
    const Eigen::VectorXd shift =
        energies.pure[metal].error * data.weight * (metal == 0 ? Eigen::ArrayXd(1 - data.x) : data.x);
    const Eigen::VectorXd in_fit = solver.Q.transpose() * shift, in_L = solver.inverse * in_fit;
    covariance += in_L * in_L.transpose();
    expected += (shift - solver.Q * in_fit).squaredNorm() / variance;
  }
  const Eigen::VectorXd sigma = covariance.diagonal().cwiseSqrt();
  fit.correlation = covariance.cwiseQuotient(sigma * sigma.transpose());
  fit.correlation.diagonal().setOnes();
  fit.covariance = energies.has_errors ? covariance : squares / freedom * covariance;
  if (energies.has_errors && freedom > 0) fit.reduced_chi2 = squares / variance / expected;
}

}  // namespace

Eigen::VectorXd RedlichKisterFit::error() const { return covariance.diagonal().cwiseSqrt(); }

double RedlichKisterFit::cross_validation_error() const { return std::sqrt(deleted_square); }

std::vector<RedlichKisterFit> fit_redlich_kister(const FormationEnergies& energies, int most) {
  const Data data(energies);
  const int rows = static_cast<int>(data.x.size());
  std::vector<RedlichKisterFit> fits;
  for (int terms = 1; terms <= std::min(most, rows); ++terms) {
    const Eigen::MatrixXd A = data.design(terms);
    const Solver solver(data.weight.matrix().asDiagonal() * A);
    if (!solver.full_rank) break;
    RedlichKisterFit& fit = fits.emplace_back();
    fit.L = solver.inverse * (solver.Q.transpose() * (data.weight * data.G).matrix());
    fit.residual = data.G.matrix() - A * fit.L;
    fit.rms = std::sqrt((data.weight * fit.residual.array()).square().sum() / data.weight.square().sum());
    estimate_errors(energies, data, solver, fit);
    cross_validate(data, solver, fit);
  }
  return fits;
}

std::optional<TermChoice> choose_terms(const std::vector<RedlichKisterFit>& fits) {
  const auto least = std::min_element(fits.begin(), fits.end(),
                                      [](const auto& a, const auto& b) { return a.deleted_square < b.deleted_square; });
  if (least == fits.end() || std::isinf(least->deleted_square)) return {};
  const double limit = least->deleted_square + least->deleted_square_error;
  const auto chosen =
      std::find_if(fits.begin(), fits.end(), [&](const auto& fit) { return fit.deleted_square <= limit; });
  return TermChoice{.least = least->terms(), .limit = std::sqrt(limit), .terms = chosen->terms()};
}

std::optional<DiluteLimit> dilute_limit(const FormationEnergies& energies) {
  const auto nearest_to = [&](double pure) {
    return *std::min_element(energies.rows.begin(), energies.rows.end(), [pure](const auto& a, const auto& b) {
      return std::tuple(std::abs(a.x - pure), a.G) < std::tuple(std::abs(b.x - pure), b.G);
    });
  };
  const FormationEnergy a = nearest_to(0), b = nearest_to(1);
  if (a.x >= 0.2 || b.x <= 0.8) return {};
  const double slope_a = a.G / a.x, slope_b = b.G / (1 - b.x);
  const double sum_a = slope_a / (1 - a.x), sum_b = slope_b / b.x;  // L_0 + L_1 (1-2x)
  const double L1 = (sum_a - sum_b) / (2 * (b.x - a.x));
  return DiluteLimit{.x_host = a.x,
                     .x_solute = b.x,
                     .L0 = (slope_a + slope_b) / 2,
                     .L1 = (slope_a - slope_b) / 2,
                     .L0_exact = sum_a - L1 * (1 - 2 * a.x),
                     .L1_exact = L1};
}

}  // namespace spinode
