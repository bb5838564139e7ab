// Shares and compositions of the phases, with one threshold and with two.
#include <catch2/catch.hpp>
#include <cmath>

#include "spinode/measure/phases.hpp"

using namespace spinode;

namespace {

Field<double> field(const std::vector<double>& values) {
  Field<double> x(Grid({{1, values.size()}}));
  std::copy(values.begin(), values.end(), x.data());
  return x;
}

}  // namespace

TEST_CASE("each phase has its share of the cells and the mean of their compositions", "[unit]") {
  const Field<double> x = field({0.1, 0.9, 0.2, 0.8, 0.5, 0.7, 0.0, 1.0, 0.3, 0.4});
  const PhaseContents one = phase_contents(x, Thresholds(0.5));
  // At the threshold a cell is of the host.
  CHECK(one.fraction_host == Approx(0.6));
  CHECK(one.fraction_solute == Approx(0.4));
  CHECK(one.x_host == Approx((0.1 + 0.2 + 0.5 + 0.0 + 0.3 + 0.4) / 6));
  CHECK(one.x_solute == Approx((0.9 + 0.8 + 0.7 + 1.0) / 4));
  const PhaseContents two = phase_contents(x, Thresholds(0.25, 0.75));
  CHECK(two.fraction_host == Approx(0.3));
  CHECK(two.fraction_solute == Approx(0.3));
  CHECK(two.x_host == Approx(0.1));
  CHECK(two.x_solute == Approx(0.9));
  const PhaseContents none = phase_contents(x, Thresholds(1));
  CHECK(none.fraction_solute == 0);
  CHECK(std::isnan(none.x_solute));
  CHECK(none.x_host == Approx(0.49));
}
