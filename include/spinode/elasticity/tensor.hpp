// Symmetric tensors of second rank as six numbers, 11, 22, 33, 23, 13, 12, the shears times sqrt(2) (Mandel 1965): a :
// b is then the plain dot product, and a stiffness one symmetric matrix.
#pragma once

#include <Eigen/Core>
#include <array>
#include <cmath>
#include <numbers>

#include "spinode/elasticity/stiffness.hpp"
#include "spinode/field.hpp"

namespace spinode {

using Tensor = Eigen::Matrix<double, 6, 1>;
using TensorMap = Eigen::Matrix<double, 6, 6>;
using TensorField = std::array<Field<double>, 6>;

/// Mandel's weights of the six components.
inline Tensor mandel_weights() { return Tensor(1, 1, 1, std::sqrt(2), std::sqrt(2), std::sqrt(2)); }

/// A stiffness as the map from strain to stress.
inline TensorMap mandel(const Stiffness& C) {
  return mandel_weights().asDiagonal() * C.voigt * mandel_weights().asDiagonal();
}

inline Tensor deviator(Tensor t) {
  t.head<3>().array() -= t.head<3>().mean();
  return t;
}

/// Equivalent stress of a stress (von Mises 1913).
inline double von_mises(const Tensor& stress) { return std::sqrt(1.5) * deviator(stress).norm(); }

inline TensorField tensor_field(const Grid& grid) {
  return {Field<double>(grid), Field<double>(grid), Field<double>(grid),
          Field<double>(grid), Field<double>(grid), Field<double>(grid)};
}

}  // namespace spinode
