// The level set of a linear function on a simplex, piece by piece.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace spinode {

using Point = std::array<double, 3>;

/// A point of the level set on the edge from corner `in` (above) to corner `out`: f of the way along it.
struct Crossing {
  unsigned in, out;
  double f;
};

/// Calls visit(crossings) with 1, 2 or 3 of them for every point, segment or triangle of the level set 0 of the values
/// at the corners of a simplex, and returns the share of the simplex that lies above. `values` are those of the corners
/// of the cube, `corners` the simplex.
template <class Visit>
double level_set(int dimension, const std::array<double, 8>& values, const std::array<unsigned, 4>& corners,
                 Visit visit) {
  std::array<unsigned, 4> in{}, out{};
  int n_in = 0, n_out = 0;
  for (int v = 0; v <= dimension; ++v) (values[corners[v]] > 0 ? in[n_in++] : out[n_out++]) = corners[v];
  if (n_in == 0 || n_out == 0) return n_in > 0 ? 1 : 0;
  const auto crossing = [&](int i, int o) {
    return Crossing{in[i], out[o], values[in[i]] / (values[in[i]] - values[out[o]])};
  };
  if (n_in == 2 && n_out == 2) {
    const Crossing ac = crossing(0, 0), ad = crossing(0, 1), bc = crossing(1, 0), bd = crossing(1, 1);
    visit(std::array{ac, ad, bd});
    visit(std::array{ac, bd, bc});
    return ac.f * ad.f + bd.f * ac.f * (1 - ad.f) + bc.f * bd.f * (1 - ac.f);
  }
  // One corner is cut off.
  const bool lone_in = n_in == 1;
  std::array<Crossing, 3> cut{};
  double share = 1;
  for (int v = 0; v < dimension; ++v) {
    cut[v] = lone_in ? crossing(0, v) : crossing(v, 0);
    share *= lone_in ? cut[v].f : 1 - cut[v].f;
  }
  if (dimension == 1)
    visit(std::array{cut[0]});
  else if (dimension == 2)
    visit(std::array{cut[0], cut[1]});
  else
    visit(cut);
  return lone_in ? share : 1 - share;
}

/// Size of a piece of the level set: 1 of a point, a length, an area. `spacing` are the sides of the cube.
template <std::size_t N>
double size_of(const std::array<Crossing, N>& piece, const Point& spacing) {
  std::array<Point, N> p;
  for (std::size_t v = 0; v < N; ++v)
    for (int a = 0; a < 3; ++a) {
      const double from = piece[v].in >> a & 1, to = piece[v].out >> a & 1;
      p[v][a] = spacing[a] * (from + piece[v].f * (to - from));
    }
  const auto edge = [&](std::size_t v) { return Point{p[v][0] - p[0][0], p[v][1] - p[0][1], p[v][2] - p[0][2]}; };
  if constexpr (N == 1) {
    return 1;
  } else if constexpr (N == 2) {
    const Point u = edge(1);
    return std::hypot(u[0], u[1]);
  } else {
    const Point u = edge(1), v = edge(2);
    const double x = u[1] * v[2] - u[2] * v[1], y = u[2] * v[0] - u[0] * v[2], z = u[0] * v[1] - u[1] * v[0];
    return std::sqrt(x * x + y * y + z * z) / 2;
  }
}

}  // namespace spinode
