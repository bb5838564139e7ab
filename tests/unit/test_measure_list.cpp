// The columns of the measures' tables: each holds what its name says, of the phase and along the axis that it names.
#include <catch2/catch.hpp>
#include <set>

#include "analytic/boxes.hpp"
#include "spinode/measure/list.hpp"

using namespace spinode;
using namespace spinode::test;

namespace {

/// A plane, 1 at '#', 0.5 at '+', 0 at '.'; the last string is the separator. Cells of 1 by 2 m.
struct Plane {
  Grid grid;
  Field<double> x;
  StructureFactor structure;

  explicit Plane(const std::vector<std::string>& picture, Boundary along = Boundary::no_flux)
      : grid({{static_cast<double>(picture[0].size()), picture[0].size()},
              {2 * static_cast<double>(picture.size()), picture.size(), along}}),
        x(grid) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      const char c = picture[picture.size() - 1 - i / picture[0].size()][i % picture[0].size()];
      x[i] = c == '#' ? 1 : c == '+' ? 0.5 : 0;
    }
    structure = structure_factor(grid, amplitudes(grid, x));
  }

  double operator()(const std::string& measure, const std::string& column, const MeasureSettings& settings = {},
                    const Thresholds& thresholds = Thresholds(0.4)) const {
    const Sample sample{grid, x, structure, thresholds};
    for (const Measure& one : measures())
      if (one.name == measure)
        for (const Reading& reading : one.read(sample, settings))
          if (reading.name == column) return reading.value;
    FAIL(measure << " has no column " << column);
    return 0;
  }
};

}  // namespace

TEST_CASE("names of columns are unique within a table, and measures have different names", "[unit]") {
  const Plane plane({"#..#", ".##.", "...."});
  MeasureSettings settings;
  settings.ionic = settings.electronic = {1, 2};
  std::set<std::string> names;
  for (const Measure& measure : measures()) {
    CHECK(names.insert(measure.name).second);
    std::set<std::string> columns;
    for (const Reading& reading : measure.read({plane.grid, plane.x, plane.structure, Thresholds(0.4)}, settings)) {
      CAPTURE(measure.name, reading.name);
      CHECK(columns.insert(reading.name).second);
    }
    CHECK(columns.size() > 1);
  }
}

TEST_CASE("densities are per volume of the box", "[unit]") {
  // A stripe along x, 2 cells of 2 m high, from half a cell below to half a cell above.
  const Plane stripe({"......", "######", "######", "......", "......"});
  CHECK(stripe("interface", "area", {}, Thresholds(0.5)) == Approx(12.0 / 60));
  CHECK(stripe("interface", "fraction_solute", {}, Thresholds(0.5)) == Approx(0.4));
  const Plane dot({"......", "......", "..#...", "......", "......"});
  CHECK(dot("interface", "euler_characteristic") == Approx(1.0 / 60));
  CHECK(dot("phases", "fraction_solute") == Approx(1.0 / 30));
  CHECK(dot("phases", "threshold_solute") == 0.4);
}

TEST_CASE("chords and thickness are those of the phase and the axis in the name", "[unit]") {
  const Plane stripe({"......", "######", "######", "......", "......"}, Boundary::periodic);
  const Thresholds middle(0.5);
  CHECK(stripe("chords", "chord_solute_y", {}, middle) == Approx(4));
  CHECK(stripe("chords", "chord_host_y", {}, middle) == Approx(6));
  CHECK(std::isinf(stripe("chords", "chord_host_x", {}, middle)));
  CHECK(stripe("thickness", "thickness_solute", {}, middle) == Approx(4).epsilon(0.02));
  CHECK(stripe("thickness", "thickness_host", {}, middle) == Approx(6).epsilon(0.02));
  CHECK(stripe("thickness", "thickness_host_largest", {}, middle) == Approx(6).epsilon(0.02));
}

TEST_CASE("what joins, ends and is cut off, by phase", "[unit]") {
  const Plane plane({"#.#...#",  // the collector
                     "#....#.",  //
                     "#.##...",  //
                     "#....#."});
  CHECK(plane("connectivity", "pieces_solute") == 5);  // the first and the last column touch around the box
  const double solute = 10;
  CHECK(plane("connectivity", "joining_solute") == Approx(5 / solute));
  CHECK(plane("connectivity", "dead_end_solute") == Approx(2 / solute));
  CHECK(plane("connectivity", "isolated_solute") == Approx(3 / solute));
  CHECK(plane("connectivity", "reach_solute") == 8);
  CHECK(plane("connectivity", "percolating_solute_y") == Approx(5 / solute));
  CHECK(plane("connectivity", "percolating_solute_x") == 0);
  MeasureSettings corners;
  corners.neighbours = Neighbours::corners;
  CHECK(plane("connectivity", "pieces_solute", corners) < 5);
  // Host that nothing connects with the separator, at either end of the box.
  const Plane cut({"......", "######", "......", "......"});
  CHECK(cut("connectivity", "orphaned_host") == Approx(6.0 / 18));
  CHECK(cut("connectivity", "percolating_host_x") == 1);
}

TEST_CASE("conductivities are those of the phase in the name, or of the carrier", "[unit]") {
  const Plane stripe({"......", "######", "######", "......", "......"});
  MeasureSettings settings;
  CHECK(stripe("tortuosity", "conductivity_solute_x", settings) == Approx(0.4));
  CHECK(stripe("tortuosity", "tortuosity_solute_x", settings) == Approx(1));
  CHECK(stripe("tortuosity", "conductivity_host_x", settings) == Approx(0.6));
  CHECK(stripe("tortuosity", "conductivity_host_y", settings) == 0);
  settings.other_phase = 0.1;
  CHECK(stripe("tortuosity", "conductivity_host_x", settings) == Approx(0.6 + 0.04));
  CHECK(stripe("tortuosity", "conductivity_host_y", settings) == Approx(1 / (0.6 + 0.4 / 0.1)));
  CHECK(stripe("tortuosity", "conductivity_solute_y", settings) == Approx(1 / (0.4 + 0.6 / 0.1)));
  settings.ionic = {2, 5};
  settings.electronic = {0, 3};
  CHECK(stripe("conductivity", "ionic_x", settings) == Approx(0.6 * 2 + 0.4 * 5));
  CHECK(stripe("conductivity", "electronic_x", settings) == Approx(0.4 * 3));
  CHECK(stripe("conductivity", "transport_number_x", settings) == Approx(3.2 / 4.4));
  // Between two thresholds: the mean of both.
  const Plane soft({"......", "++++++", "######", "......", "......"});
  const Thresholds two(0.2, 0.8);
  CHECK(soft("conductivity", "ionic_x", settings, two) == Approx(0.6 * 2 + 0.2 * 3.5 + 0.2 * 5));
  CHECK(soft("phases", "fraction_solute", settings, two) == Approx(0.2));
  CHECK(soft("phases", "fraction_host", settings, two) == Approx(0.6));
}
