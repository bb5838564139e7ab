#include "spinode/elasticity/elastic_fields.hpp"

#include <array>
#include <cmath>

#include "spinode/parallel.hpp"

namespace spinode {
namespace {

/// The components in the order of ParaView, as those of a Tensor.
constexpr std::array<int, 6> paraview{0, 1, 2, 5, 3, 4};

}  // namespace

ElasticFields::Components ElasticFields::tensor(const TensorField& field) const {
  Components components;
  for (const int c : paraview) {
    components.emplace_back(equilibrium_->grid());
    components.back().array() = field[c].array() / mandel_weights()[c];
  }
  return components;
}

/// A scalar that value(cell, stress) makes of the stress.
template <class Value>
ElasticFields::Components ElasticFields::of_stress(Value value) const {
  const TensorField& stress = equilibrium_->stress();
  Components components;
  Field<double>& out = components.emplace_back(equilibrium_->grid());
  for_rows(equilibrium_->grid().rows(), [&](Rows share) {
    const std::size_t nx = equilibrium_->grid().cells(0);
    for (std::size_t i = share.begin * nx; i < share.end * nx; ++i) {
      Tensor of_cell;
      for (int c = 0; c < 6; ++c) of_cell[c] = stress[c][i];
      out[i] = value(i, of_cell);
    }
  });
  return components;
}

ElasticFields::Components ElasticFields::displacement() {
  const Grid& grid = equilibrium_->grid();
  const Tensor average = equilibrium_->average_strain().cwiseQuotient(mandel_weights());
  Components components;
  for (int i = 0; i < 3; ++i) {
    Field<double>& u = components.emplace_back(equilibrium_->displacement(i));
    for (std::size_t cell = 0; cell < u.size(); ++cell) {
      const std::array<std::size_t, 3> index{cell % grid.cells(0), cell / grid.cells(0) % grid.cells(1),
                                             cell / (grid.cells(0) * grid.cells(1))};
      for (int a = 0; a < grid.dimension(); ++a)
        u[cell] += average[Stiffness::pair(i, a)] * (static_cast<double>(index[a]) + 0.5) * grid.axis(a).spacing();
      u[cell] *= length_;
    }
  }
  return components;
}

ElasticFields::Components ElasticFields::strain() { return tensor(equilibrium_->strain()); }

ElasticFields::Components ElasticFields::stress() { return tensor(equilibrium_->stress()); }

ElasticFields::Components ElasticFields::creep_strain() { return tensor(*creep_strain_); }

ElasticFields::Components ElasticFields::pressure() {
  return of_stress([](std::size_t, const Tensor& stress) { return -stress.head<3>().mean(); });
}

ElasticFields::Components ElasticFields::von_mises() {
  return of_stress([](std::size_t, const Tensor& stress) { return spinode::von_mises(stress); });
}

ElasticFields::Components ElasticFields::energy_density() {
  return of_stress([&](std::size_t i, const Tensor& stress) {
    const Moduli moduli = equilibrium_->medium().at((*x_)[i]);
    return equilibrium_->energy_of(stress, moduli).of(moduli);
  });
}

}  // namespace spinode
