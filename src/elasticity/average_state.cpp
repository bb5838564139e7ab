#include "spinode/elasticity/average_state.hpp"

#include <Eigen/Cholesky>
#include <string>

namespace spinode {

AverageState AverageState::read(Config& config, const Grid& grid) {
  AverageState state;
  const bool clamped = config.text({.name = "elasticity.average",
                                    .choices = {"stress_free", "clamped"},
                                    .fallback = "stress_free",
                                    .help = "average strain of the box: free of stress, or none"}) == "clamped";
  constexpr std::array<const char*, 6> names{"xx", "yy", "zz", "yz", "xz", "xy"};
  for (int c = 0; c < 6; ++c) {
    const QuantityKey strain{.name = std::string("elasticity.average_strain.") + names[c],
                             .help = "prescribed average of this component of the strain"};
    const QuantityKey stress{.name = std::string("elasticity.average_stress.") + names[c],
                             .unit = "Pa",
                             .help = "prescribed average of this component of the stress; a pressure is negative"};
    const std::string chosen = config.choose({strain.name, stress.name});
    const auto of_strain = config.describing() || chosen == strain.name ? config.optional_quantity(strain)
                                                                        : std::optional<double>(),
               of_stress = config.describing() || chosen == stress.name ? config.optional_quantity(stress)
                                                                        : std::optional<double>();
    state.stress_given[c] = of_stress || (!of_strain && !clamped);
    state.strain[c] = of_strain.value_or(0) * mandel_weights()[c];
    state.stress[c] = of_stress.value_or(0) * mandel_weights()[c];
    const auto wall = [&](int a) { return a < grid.dimension() && grid.axis(a).boundary == Boundary::no_flux; };
    const auto [i, j] = Stiffness::pairs[c];
    if (i != j && (wall(i) || wall(j)) && (state.strain[c] != 0 || state.stress[c] != 0))
      config.fault(chosen, "a no_flux axis ends at a frictionless wall, which bears no shear");
  }
  return state;
}

Tensor AverageState::uniform_strain(const Medium& medium, double x) const {
  const TensorMap C = mandel(medium.stiffness(x));
  Tensor misfit = Tensor::Zero();
  misfit.head<3>().setConstant(medium.chi * (x - x_reference));
  // The strains that are given, then the others by the stress that is.
  Tensor elastic = strain - misfit, force = stress;
  TensorMap free = TensorMap::Identity();
  for (int c = 0; c < 6; ++c)
    if (stress_given[c]) elastic[c] = 0;
  force -= C * elastic;
  for (int r = 0; r < 6; ++r) {
    if (!stress_given[r]) force[r] = 0;
    for (int c = 0; c < 6; ++c)
      if (stress_given[r] && stress_given[c]) free(r, c) = C(r, c);
  }
  return elastic + free.llt().solve(force);
}

}  // namespace spinode
