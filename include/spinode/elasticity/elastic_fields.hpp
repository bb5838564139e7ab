// Displacement, strain and stress of coherent phases with one stiffness and no net stress (Khachaturyan 1983):
// eigenstrain eps0 = chi (x - x_mean) delta_ij, u_i(k) = -i Omega_ij(n) s_jl n_l x(k)/|k| with n = k/|k|,
// s_ij = chi C_ijkl delta_kl and (Omega^-1)_im = C_ijlm n_j n_l; stress C:(eps - eps0).
#pragma once

#include <Eigen/Core>
#include <complex>
#include <functional>
#include <vector>

#include "spinode/elasticity/stiffness.hpp"
#include "spinode/field.hpp"
#include "spinode/grid.hpp"
#include "spinode/transform.hpp"

namespace spinode {

/// The elastic fields of one composition. Faces of no-flux axes are frictionless rigid walls; a 2D box is in plane
/// strain and a 1D box in uniaxial strain, relative to the stress-free box of mean composition. On a periodic axis with
/// an even number of cells the shortest wave has no odd derivative.
class ElasticFields {
 public:
  /// One field per component: x, y, z of a vector; xx, yy, zz, xy, yz, xz of a symmetric tensor, shears not doubled.
  using Components = std::vector<Field<double>>;

  /// chi: linear strain per unit of x. Displacements are in the unit of the grid's lengths. Throws
  /// std::invalid_argument unless the stiffness is symmetric about every plane x, y, z.
  ElasticFields(const Grid& grid, const Stiffness& stiffness, double chi, Spectrum<double> x_hat);

  Components displacement();
  Components strain();
  /// [Pa]
  Components stress();
  /// Minus a third of the trace of the stress [Pa].
  Components pressure();
  /// von Mises' equivalent stress (von Mises 1913) [Pa].
  Components von_mises();
  /// (1/2) (eps - eps0):C:(eps - eps0) [J/m3].
  Components energy_density();

 private:
  using Tensor = Eigen::Matrix<double, 6, 1>;  // in Voigt's order

  /// Of a wave of unit amplitude along the unit vector n: i |k| u, the strain with doubled shears, the stress.
  Eigen::Vector3d displacement_of(const Eigen::Vector3d& n) const;
  Tensor strain_of(const Eigen::Vector3d& n) const;
  Tensor stress_of(const Eigen::Vector3d& n) const;

  /// The field whose amplitudes are factor amplitude(k) x_hat, odd in the components of k that are marked.
  Field<double> field(const std::function<double(const Eigen::Vector3d& k)>& amplitude, const Odd& odd,
                      std::complex<double> factor = 1);
  /// The fields of a symmetric tensor that is made of the direction of each wave.
  Components tensor(Tensor (ElasticFields::*of)(const Eigen::Vector3d&) const, double shear);

  Grid grid_;
  Stiffness stiffness_;
  double chi_;
  Spectrum<double> x_hat_, work_hat_;
  Transform<double> transform_;
};

}  // namespace spinode
