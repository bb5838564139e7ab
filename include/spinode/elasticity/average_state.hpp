// What is prescribed of the average strain and stress of a box: for every component one or the other.
#pragma once

#include <array>

#include "spinode/config.hpp"
#include "spinode/elasticity/medium.hpp"
#include "spinode/elasticity/tensor.hpp"

namespace spinode {

/// Free of stress unless said otherwise. Strains are relative to the lattice at x_reference, stresses positive in
/// tension.
struct AverageState {
  std::array<bool, 6> stress_given{true, true, true, true, true, true};
  Tensor strain = Tensor::Zero();  // where the strain is given
  Tensor stress = Tensor::Zero();  // where the stress is [Pa]
  double x_reference = 0;

  /// From elasticity.average, .average_strain and .average_stress.
  static AverageState read(Config& config, const Grid& grid);

  /// Elastic strain of a uniform box of composition x.
  Tensor uniform_strain(const Medium& medium, double x) const;
};

}  // namespace spinode
