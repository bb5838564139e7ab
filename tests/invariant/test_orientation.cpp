// Coherency picks the directions of the waves: <100> with Li's cubic constants, the diagonals with a Zener ratio below
// 1, none with isotropic ones.
#include <catch2/catch.hpp>

#include "spinode/measure/structure_factor.hpp"
#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

namespace {

/// Anisotropy of a decomposed Li-Na, always at the same stage: when the standard deviation of x has reached `spread`.
double anisotropy_at(double spread, const std::vector<std::string>& box, const std::vector<std::string>& elasticity) {
  std::vector<std::string> rest = box;
  rest.insert(rest.end(), elasticity.begin(), elasticity.end());
  rest.push_back("time.tolerance=1e-3");
  Experiment experiment(li_na(rest));
  experiment.start();
  const double start = structure_factor(experiment.config.grid, experiment.stepper.state()).anisotropy;
  CHECK(std::abs(start) < 0.05);  // white noise
  for (double time = 10e-6; time < 2e-3; time *= 1.1) {
    experiment.run(time);
    const Field<double> x = experiment.field();
    if (std::sqrt((x.array() - x.array().mean()).square().mean()) < spread) continue;
    return structure_factor(experiment.config.grid, experiment.stepper.state()).anisotropy;
  }
  throw std::runtime_error("it has not decomposed");
}

const std::vector<std::string> isotropic{"elasticity.model=isotropic"}, cubic{"elasticity.model=cubic"},
    // Zener ratio 1/6: Y is 21.6, 10.8 and 5.4 GPa along <100>, <110> and <111>.
    soft_shear{"elasticity.model=cubic", "elasticity.C11=\"20 GPa\"", "elasticity.C12=\"8 GPa\"",
               "elasticity.C44=\"1 GPa\""};

}  // namespace

TEST_CASE("cubic coherency aligns a 2D structure with <10>, or with <11> if shear is soft", "[invariant]") {
  const std::vector<std::string> box{"domain.length=[\"20.48 nm\", \"20.48 nm\"]", "domain.cells=[128, 128]"};
  const double none = anisotropy_at(0.2, box, isotropic), along = anisotropy_at(0.2, box, cubic),
               diagonal = anisotropy_at(0.2, box, soft_shear);
  INFO(fmt::format("isotropic {:.3f}, cubic {:.3f}, soft shear {:.3f}", none, along, diagonal));
  CHECK(std::abs(none) < 0.2);
  CHECK(along > 0.5);
  CHECK(diagonal < -0.5);
}

TEST_CASE("cubic coherency aligns a 3D structure with <100>, or with <111> if shear is soft", "[invariant]") {
  const std::vector<std::string> box{"domain.length=[\"5.12 nm\", \"5.12 nm\", \"5.12 nm\"]",
                                     "domain.cells=[32, 32, 32]"};
  const double none = anisotropy_at(0.2, box, isotropic), along = anisotropy_at(0.2, box, cubic),
               diagonal = anisotropy_at(0.2, box, soft_shear);
  INFO(fmt::format("isotropic {:.3f}, cubic {:.3f}, soft shear {:.3f}", none, along, diagonal));
  CHECK(std::abs(none) < 0.2);
  CHECK(along > 0.5);
  CHECK(diagonal < -0.3);
}
