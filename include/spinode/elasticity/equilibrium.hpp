// Mechanical equilibrium, div sigma = 0, of an alloy whose moduli vary from cell to cell: conjugate gradients on the
// displacement in k-space, preconditioned by a homogeneous medium (Zeman et al. 2010; de Geus et al. 2017). What is
// solved for minimises the energy (1/2) <e : C(x) : e> - stress : <eps>, e = eps - chi (x - x_ref) 1 - eps_p, over the
// compatible strains eps whose average is free where the stress is given.
#pragma once

#include <vector>

#include "spinode/elasticity/acoustic_tensor.hpp"
#include "spinode/elasticity/average_state.hpp"
#include "spinode/elasticity/creep.hpp"
#include "spinode/elasticity/medium.hpp"
#include "spinode/elasticity/tensor.hpp"
#include "spinode/grid.hpp"
#include "spinode/parallel.hpp"
#include "spinode/transform.hpp"

namespace spinode {

class Archive;

/// Creep over a step: eps_p = before + dt Lambda s with s at the end of the step.
struct CreepStep {
  const TensorField* before = nullptr;  // null: none yet
  const Creep* law = nullptr;           // null: no creep, eps_p = before
  double dt = 0;                        // in the unit of time of the law
};

/// Averages over the box; energies per volume [Pa].
struct Balance {
  double energy = 0;       // (1/2) e : C : e
  double load = 0;         // minus the prescribed stress times the average strain
  double dissipation = 0;  // Lambda s : s [Pa per unit of time]
  double creep_rate = 0;   // root mean square of Lambda s [per unit of time]
  double von_mises = 0;    // the largest of any cell [Pa]
  Tensor strain = Tensor::Zero(), stress = Tensor::Zero();
  int iterations = 0;
  bool converged = false;

  template <class A>
  void serialize(A& archive) {
    archive("energy", energy);
    archive("load", load);
    archive("dissipation", dissipation);
    archive("creep_rate", creep_rate);
    archive("von_mises", von_mises);
    archive("strain", strain);
    archive("stress", stress);
    archive("iterations", iterations);
    archive("converged", converged);
  }
};

/// Faces of no-flux axes are frictionless rigid walls, which move apart as the average strain says; a box of fewer than
/// three axes does not vary along the others. The shortest wave of a periodic axis with an even number of cells has no
/// derivative along it.
class Equilibrium {
 public:
  /// tolerance: the energy that further iterations would release is about tolerance^2 of the elastic energy, up to
  /// (1 + contrast)/2 times that where cells are softer than others by a factor `contrast`. Throws
  /// std::invalid_argument when the crystal is no mirror image of itself at a wall, or a shear is asked of one.
  Equilibrium(const Grid& grid, const Medium& medium, const AverageState& average, double tolerance, Planning planning);

  /// Starts from the strain of the call before. With `potential`, what the elastic energy adds to the diffusion
  /// potential, d energy/dx at the given strain and eps_p [Pa]; with `creep_strain`, eps_p after the step.
  Balance solve(const Field<double>& x, const CreepStep& creep = {}, Field<double>* potential = nullptr,
                TensorField* creep_strain = nullptr);

  /// Of the last solve().
  const TensorField& strain() const { return strain_; }
  const TensorField& stress() const { return work_; }
  /// Displacement along an axis in the unit of the grid's lengths, that of the average strain apart.
  Field<double> displacement(int axis);

  /// Elastic energy of a stress, K a + C' b + C44 c by the squares of its elastic strain [J/m3].
  struct Energy {
    double volume, tetragonal, shear;  // a, b, c
    double of(const Moduli& m) const { return m.K * volume + m.C_prime * tetragonal + m.C44 * shear; }
  };
  Energy energy_of(const Tensor& stress, const Moduli& moduli) const;

  const Grid& grid() const { return grid_; }
  const Medium& medium() const { return medium_; }
  const Tensor& average_strain() const { return average_strain_; }
  /// Real transforms done so far.
  std::size_t transforms() const { return transform_.count(); }

  /// The strain, which the next solve() starts from, and the stress.
  void serialize(Archive& archive);

 private:
  using Vector = std::array<Spectrum<double>, 3>;
  struct Cells;
  struct Phase;
  struct Sums;

  bool varies(int i, int j) const;
  Odd odd(int i, int j) const;
  template <class Body>
  void for_mode_rows(Rows share, Body body) const;

  template <class Body>
  void for_preconditioned(std::size_t first, double k1, double k2, std::vector<double>& memory, Body body) const;

  void load_trial_strain(std::size_t first, Cells& cells) const;
  void load_moduli(std::size_t first, Cells& cells) const;
  void find_yield(std::size_t first, const Cells& cells);
  Sums find_stress();
  TensorMap compliance_of_free(const Moduli& moduli) const;
  void set_reference(const Sums& sums);
  void strain_of_direction();
  double curvature() const;
  Tensor advance(double length);
  void subtract_forces(double factor);
  double residual_norm2() const;
  void turn_direction(double keep);
  bool reduce_residual(double energy, double floor, double norm2);
  void correct_average();
  Balance finish(Field<double>* potential, TensorField* creep_strain);

  Grid grid_;
  Medium medium_;
  AverageState average_;
  double tolerance_;
  Tensor free_ = Tensor::Zero();  // 1 for a component of the average strain that follows from a stress
  std::array<bool, 3> moves_{};   // components of the displacement that are not 0 for symmetry
  TensorMap tetragonal_;          // projects on the shears that C' resists
  std::array<std::vector<double>, 3> k_, multiplicity_;  // of the modes along each axis; k as derivatives see it
  Transform<double> transform_;

  const Field<double>* x_ = nullptr;  // of the solve in progress
  CreepStep creep_;
  int iterations_ = 0;
  Field<double> yield_;        // dt Lambda [1/Pa]; empty without creep
  TensorField strain_, work_;  // work_: strain of the direction, then stress
  AcousticTensor reference_;
  TensorMap average_compliance_ = TensorMap::Zero();
  /// Displacements are held as i times their amplitudes: strains and forces then have real factors.
  Vector displacement_, residual_, direction_;
  Tensor average_strain_ = Tensor::Zero(), average_residual_ = Tensor::Zero(), average_direction_ = Tensor::Zero();
  Spectrum<double> work_hat_;
};

}  // namespace spinode
