#include "spinode/output/fields.hpp"

#include <algorithm>
#include <stdexcept>

namespace spinode {

std::vector<std::string> OutputField::component_names() const {
  switch (rank) {
    case Rank::scalar:
      return {};
    case Rank::vector:
      return {"x", "y", "z"};
    case Rank::symmetric_tensor:
      return {"xx", "yy", "zz", "xy", "yz", "xz"};
  }
  throw std::logic_error("unknown rank");
}

const std::vector<OutputField>& output_fields() {
  using E = ElasticFields;
  static const std::vector<OutputField> fields{
      {"x", "1", "mole fraction"},
      {"mu", "J mol-1", "diffusion potential"},
      {"displacement", SnapshotLength::name, "displacement", Rank::vector, &E::displacement},
      {"strain", "1", "strain", Rank::symmetric_tensor, &E::strain},
      {"stress", "Pa", "stress", Rank::symmetric_tensor, &E::stress},
      {"pressure", "Pa", "pressure of the stress", Rank::scalar, &E::pressure},
      {"von_mises", "Pa", "von Mises stress", Rank::scalar, &E::von_mises},
      {"elastic_energy_density", "J m-3", "elastic energy density", Rank::scalar, &E::energy_density},
      {"creep_strain", "1", "strain left by creep", Rank::symmetric_tensor, &E::creep_strain, true}};
  return fields;
}

const OutputField& output_field(const std::string& name) {
  const auto& fields = output_fields();
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const OutputField& f) { return f.name == name; });
  if (found == fields.end()) throw std::out_of_range("no output field " + name);
  return *found;
}

}  // namespace spinode
