#include <catch2/catch.hpp>
#include <random>

#include "spinode/faces.hpp"

using namespace spinode;

TEST_CASE("sums over neighbours are those of each face, walls and wraps included", "[unit]") {
  const std::vector<Axis> axes =
      GENERATE(std::vector<Axis>{{1, 7, Boundary::periodic}}, std::vector<Axis>{{1, 6, Boundary::no_flux}},
               std::vector<Axis>{{1, 5, Boundary::no_flux}, {1, 4, Boundary::periodic}},
               std::vector<Axis>{{1, 4}, {1, 3, Boundary::no_flux}, {1, 5}});
  const Grid grid(axes);
  Faces<double> faces(grid);
  for (int a = 0; a < grid.dimension(); ++a) faces.fill(grid, a, 1 + a);
  std::mt19937 random(1);
  std::uniform_real_distribution<double> uniform(0, 1);
  Field<double> v(grid);
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = uniform(random);

  // One face at a time: it joins a cell to the one after it, and is a wall or a wrap at the end of an axis.
  std::vector<double> gathered(v.size(), 0.0), differences(v.size(), 0.0);
  const std::array<std::size_t, 3> n{grid.cells(0), grid.cells(1), grid.cells(2)}, stride{1, n[0], n[0] * n[1]};
  for (std::size_t i = 0; i < v.size(); ++i)
    for (int a = 0; a < grid.dimension(); ++a) {
      const std::size_t position = i / stride[a] % n[a];
      if (position + 1 == n[a] && grid.axis(a).boundary == Boundary::no_flux) continue;
      const std::size_t j = position + 1 == n[a] ? i - position * stride[a] : i + stride[a];
      gathered[i] += (1 + a) * v[j];
      gathered[j] += (1 + a) * v[i];
      differences[i] += (1 + a) * (v[i] - v[j]);
      differences[j] += (1 + a) * (v[j] - v[i]);
    }
  std::vector<double> sum(n[0]);
  for (std::size_t r = 0; r < faces.rows(); ++r) {
    faces.gather(r, v.data(), sum.data());
    for (std::size_t i = 0; i < n[0]; ++i) CHECK(sum[i] == Approx(gathered[r * n[0] + i]).epsilon(1e-14));
    faces.apply(r, v.data(), sum.data());
    for (std::size_t i = 0; i < n[0]; ++i) CHECK(sum[i] == Approx(differences[r * n[0] + i]).margin(1e-14));
  }
}
