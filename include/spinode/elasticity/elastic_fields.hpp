// What a snapshot shows of a mechanical equilibrium: displacement, strain, stress, and what is made of them.
#pragma once

#include <vector>

#include "spinode/elasticity/equilibrium.hpp"
#include "spinode/field.hpp"

namespace spinode {

/// The fields of the last solution of an equilibrium, each one computed when it is asked for.
class ElasticFields {
 public:
  /// One field per component: x, y, z of a vector; xx, yy, zz, xy, yz, xz of a symmetric tensor, shears not doubled.
  using Components = std::vector<Field<double>>;

  /// x and creep_strain (null for none) are those of the solution, and stay where they are; `length`: what the grid's
  /// unit of length is in that of the displacements.
  ElasticFields(Equilibrium& equilibrium, const Field<double>& x, const TensorField* creep_strain, double length)
      : equilibrium_(&equilibrium), x_(&x), creep_strain_(creep_strain), length_(length) {}

  /// From the box of no strain, whose corner at the origin stays.
  Components displacement();
  Components strain();
  /// [Pa]
  Components stress();
  /// Minus a third of the trace of the stress [Pa].
  Components pressure();
  /// von Mises' equivalent stress (von Mises 1913) [Pa].
  Components von_mises();
  /// (1/2) e:C(x):e of the elastic strain e [J/m3].
  Components energy_density();
  /// The strain that creep has left; there must be one.
  Components creep_strain();

 private:
  Components tensor(const TensorField& field) const;
  template <class Value>
  Components of_stress(Value value) const;

  Equilibrium* equilibrium_;
  const Field<double>* x_;
  const TensorField* creep_strain_;
  double length_;
};

}  // namespace spinode
