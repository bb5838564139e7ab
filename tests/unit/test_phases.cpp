// Shares and compositions of the phases, with one threshold and with two.
#include <catch2/catch.hpp>
#include <cmath>

#include "spinode/measure/phases.hpp"
#include "support.hpp"

using namespace spinode;
using namespace spinode::test;

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

TEST_CASE("contents do not depend on the number of threads", "[unit]") {
  std::vector<double> values(40001);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<double>(i));
  const Field<double> x = field(values);
  std::vector<PhaseContents> found;
  for (const int threads : {1, 2, 3})
    with_threads(threads, [&] { found.push_back(phase_contents(x, Thresholds(0.2))); });
  for (const PhaseContents& one : found) {
    CHECK(one.fraction_host == found[0].fraction_host);
    CHECK(one.x_host == found[0].x_host);
    CHECK(one.x_solute == found[0].x_solute);
  }
}
