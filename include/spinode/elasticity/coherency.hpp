// Energy of a coherent composition wave of direction n (Khachaturyan 1983), F_el/V = 1/2 sum_k B(n) |x_k|^2:
// B(n) = chi^2 [delta_ij C_ijkl delta_kl - n_i s_ij Omega_jm(n) s_ml n_l], s_ij = C_ijkl delta_kl,
// (Omega^-1)_im = C_ijlm n_j n_l.
#pragma once

#include <Eigen/Core>

#include "spinode/elasticity/acoustic_tensor.hpp"
#include "spinode/elasticity/medium.hpp"
#include "spinode/elasticity/tensor.hpp"
#include "spinode/thermo/polynomial.hpp"

namespace spinode {

/// B(n) [Pa] of a positive definite stiffness, with what does not depend on n worked out once.
class CoherencyModulus {
 public:
  /// chi: linear strain per unit of x, alike in all directions.
  CoherencyModulus(const Stiffness& stiffness, double chi);
  /// Of waves about a uniform state of composition x and elastic strain e, whose moduli vary with x: F_el = (1/2)
  /// e:C(x):e to second order.
  CoherencyModulus(const Medium& medium, double x, const Tensor& strain);

  /// B along n, which need not have unit length but must not vanish.
  double operator()(const Eigen::Vector3d& n) const {
    return clamped_ - AcousticTensor::form(acoustic_.inverse(n), stress_ * n);
  }

 private:
  AcousticTensor acoustic_;
  CoherencyModulus(const Stiffness& stiffness, const Tensor& stress, double clamped);

  Eigen::Matrix3d stress_;  // that a unit of x makes at no strain, chi s_ij when moduli do not vary [Pa]
  double clamped_;          // second derivative of the energy at no strain, chi^2 delta_ij C_ijkl delta_kl then [Pa]
};

/// The energy [J/mol] whose second derivative at every composition is V_m B along n, 0 with its slope at x = 0: V_m B
/// x^2/2 where moduli do not vary, a polynomial fitted to it where they do. Its spinodals are those of coherent waves;
/// its common tangent leaves out that phases of unlike moduli share a strain. Throws std::domain_error when the moduli
/// of the metals are so unlike that no polynomial is good to nine digits.
Polynomial coherent_energy(const Medium& medium, const Eigen::Vector3d& n, double V_m);

struct SoftestDirection {
  Eigen::Vector3d direction;  // of unit length
  double B;                   // [Pa]
};

/// The direction of least B among those of a 1D (x), 2D (x-y) or 3D computation; the first scanned among equals.
SoftestDirection softest_direction(const CoherencyModulus& B, int dimensions);

}  // namespace spinode
