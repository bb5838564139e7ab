#include "spinode/stepper/multigrid.hpp"

#include <algorithm>

#include "spinode/archive.hpp"
#include "spinode/parallel.hpp"

namespace spinode {
namespace {

/// Relaxations before and after the correction by the next level, and on the last level.
constexpr int before = 1, after = 1, on_last = 8;

/// Below this many cells starting the threads takes longer than they save.
constexpr std::size_t least_shared = 4096;

template <class Body>
void for_shares_of(const Faces<float>& level, std::size_t count, Body body) {
  if (level.size() < least_shared)
    body(Rows{0, count});
  else
    for_rows(count, body);
}

template <class Body>
void for_rows_of(const Faces<float>& level, Body body) {
  for_shares_of(level, level.rows(), body);
}

/// Sums over groups of one or two cells of a row, and back: the number of a group to each of its cells.
void add_groups(const float* cells, std::size_t n, std::size_t group, float* groups) {
  if (group == 1) {
    for (std::size_t i = 0; i < n; ++i) groups[i] += cells[i];
    return;
  }
#pragma omp simd
  for (std::size_t i = 0; i < n / 2; ++i) groups[i] += cells[2 * i] + cells[2 * i + 1];
  if (n % 2 == 1) groups[n / 2] += cells[n - 1];
}

void add_to_groups(const float* groups, std::size_t n, std::size_t group, float* cells) {
  if (group == 1) {
    for (std::size_t i = 0; i < n; ++i) cells[i] += groups[i];
    return;
  }
#pragma omp simd
  for (std::size_t i = 0; i < n / 2; ++i) {
    cells[2 * i] += groups[i];
    cells[2 * i + 1] += groups[i];
  }
  if (n % 2 == 1) cells[n - 1] += groups[n / 2];
}

}  // namespace

Multigrid::Multigrid(const Grid& grid, double kappa, double elastic)
    : grid_(grid),
      kappa_(kappa),
      elastic_(static_cast<float>(elastic)),
      curvature_(grid.size()),
      zeros_(grid.cells(0)) {
  stretch(grid);
}

/// Levels for the spacings of the grid as it is.
void Multigrid::build() {
  levels_.clear();
  built_for_ = grid_.thickness();
  const Grid& grid = grid_;
  std::array<std::size_t, 3> cells{grid.cells(0), grid.cells(1), grid.cells(2)};
  std::array<double, 3> h{};
  for (int a = 0; a < grid.dimension(); ++a) h[a] = grid.axis(a).spacing();
  while (true) {
    Level level;
    level.A = Faces<float>(cells, grid.dimension());
    level.G = Faces<float>(cells, grid.dimension());
    const std::size_t size = level.A.size();
    for (Array<float>* values : {&level.m, &level.diagonal, &level.sum_A, &level.nu}) *values = Array<float>(size);
    if (!levels_.empty())
      for (Array<float>* values : {&level.v, &level.r1, &level.r2}) *values = Array<float>(size);
    // The axes of the smallest spacing are coarsened until all are alike.
    double least = 0;
    for (int a = 0; a < grid.dimension(); ++a)
      if (cells[a] >= 4) least = least > 0 ? std::min(least, h[a]) : h[a];
    for (int a = 0; a < grid.dimension(); ++a)
      if (cells[a] >= 4 && h[a] < 1.5 * least) {
        level.group[a] = 2;
        h[a] *= 2;
        cells[a] = (cells[a] + 1) / 2;
      }
    levels_.push_back(std::move(level));
    if (least == 0) return;
  }
}

void Multigrid::stretch(const Grid& grid) {
  grid_ = grid;
  for (int a = 0; a < grid.dimension(); ++a)
    kappa_over_h2_[a] = static_cast<float>(kappa_ / (grid.axis(a).spacing() * grid.axis(a).spacing()));
  // Which axes are coarsened first depends on the ratio of the spacings.
  constexpr double much = 1.2;
  if (levels_.empty() || std::max(grid.thickness() / built_for_, built_for_ / grid.thickness()) > much) build();
}

void Multigrid::serialize(Archive& archive) {
  double built_for = built_for_;
  archive("built_for", built_for);
  if (built_for == built_for_) return;
  const Grid present = grid_;
  grid_ = grid_.of_thickness(built_for);
  build();
  grid_ = present;
}

void Multigrid::prepare(double alpha) {
  alpha_ = static_cast<float>(alpha);
  differences_of_m();
  for (std::size_t l = 0; l + 1 < levels_.size(); ++l) coarsen(levels_[l], levels_[l + 1]);
  for (Level& level : levels_) finish(level);
}

void Multigrid::differences_of_m() {
  Level& fine = levels_[0];
  const std::size_t nx = grid_.cells(0);
  const auto periodic = [&](int a) { return grid_.axis(a).boundary == Boundary::periodic; };
  for_rows_of(fine.A, [&](Rows share) {
    std::vector<float> sum(nx);  // kappa q^2 m
    for (std::size_t r = share.begin; r < share.end; ++r) {
      const float *m = fine.m.data() + r * nx, *D = curvature_.data() + r * nx;
      float* const weight = fine.G.weight(0) + r * nx;
      const float scale = kappa_over_h2_[0];
      std::fill(sum.begin(), sum.end(), 0.0f);
      const auto join = [&](std::size_t i, std::size_t j) {
        const float flux = scale * (m[i] - m[j]);
        sum[i] += flux;
        sum[j] -= flux;
        weight[i] = scale * m[i] * m[j];
      };
      for (std::size_t i = 0; i + 1 < nx; ++i) join(i, i + 1);
      if (periodic(0)) join(nx - 1, 0);
      for (int a = 1; a < grid_.dimension(); ++a) {
        const std::size_t position = a == 1 ? r % grid_.cells(1) : r / grid_.cells(1);
        const float along = kappa_over_h2_[a];
        if (position + 1 < grid_.cells(a) || periodic(a)) {
          const float* const other = fine.m.data() + fine.G.next(a, r) * nx;
          float* const upper = fine.G.weight(a) + r * nx;
#pragma omp simd
          for (std::size_t i = 0; i < nx; ++i) {
            sum[i] += along * (m[i] - other[i]);
            upper[i] = along * m[i] * other[i];
          }
        }
        if (position > 0 || periodic(a)) {
          const float* const other = fine.m.data() + fine.G.previous(a, r) * nx;
#pragma omp simd
          for (std::size_t i = 0; i < nx; ++i) sum[i] += along * (m[i] - other[i]);
        }
      }
      float* const rest = fine.diagonal.data() + r * nx;
#pragma omp simd
      for (std::size_t i = 0; i < nx; ++i) rest[i] = std::max(0.0f, m[i] * ((D[i] + elastic_) * m[i] + sum[i]));
    }
  });
}

void Multigrid::coarsen(const Level& fine, Level& coarse) const {
  const auto& [fx, fy, fz] = fine.group;
  const auto& [nx, ny, nz] = fine.A.cells();
  const std::size_t cx = coarse.A.cells()[0], cy = coarse.A.cells()[1];
  for_rows_of(coarse.A, [&, fx = fx, fy = fy, fz = fz, nx = nx, ny = ny, nz = nz](Rows share) {
    for (std::size_t r = share.begin; r < share.end; ++r) {
      const std::size_t J = r % cy, K = r / cy;
      const auto clear = [&](float* values) { std::fill_n(values + r * cx, cx, 0.0f); };
      clear(coarse.m.data());
      clear(coarse.diagonal.data());
      for (int a = 0; a < coarse.A.dimension(); ++a) {
        clear(coarse.A.weight(a));
        clear(coarse.G.weight(a));
      }
      for (std::size_t k = fz * K; k < std::min(fz * (K + 1), nz); ++k)
        for (std::size_t j = fy * J; j < std::min(fy * (J + 1), ny); ++j) {
          const std::size_t row = (j + ny * k) * nx;
          add_groups(fine.m.data() + row, nx, fx, coarse.m.data() + r * cx);
          add_groups(fine.diagonal.data() + row, nx, fx, coarse.diagonal.data() + r * cx);
          // Faces between groups; the centres of grouped cells are twice as far apart.
          const std::array<std::size_t, 3> position{0, j, k},
              last{0, std::min(fy * (J + 1), ny) - 1, std::min(fz * (K + 1), nz) - 1};
          for (std::size_t c = 0; c < cx; ++c) {
            const std::size_t end = row + std::min(fx * (c + 1), nx) - 1;
            const float share_x = fx == 2 ? 0.5f : 1.0f;
            coarse.A.weight(0)[r * cx + c] += share_x * fine.A.weight(0)[end];
            coarse.G.weight(0)[r * cx + c] += share_x * fine.G.weight(0)[end];
          }
          for (int a = 1; a < coarse.A.dimension(); ++a) {
            if (position[a] != last[a]) continue;
            const float part = fine.group[a] == 2 ? 0.5f : 1.0f;
            for (std::size_t i = 0; i < nx; ++i) {
              coarse.A.weight(a)[r * cx + i / fx] += part * fine.A.weight(a)[row + i];
              coarse.G.weight(a)[r * cx + i / fx] += part * fine.G.weight(a)[row + i];
            }
          }
        }
    }
  });
}

void Multigrid::finish(Level& level) const {
  const std::size_t nx = level.A.cells()[0];
  level.nu.array().setOnes();
  for_rows_of(level.A, [&](Rows share) {
    std::vector<float> sum_G(nx);
    for (std::size_t r = share.begin; r < share.end; ++r) {
      float *sum_A = level.sum_A.data() + r * nx, *d = level.diagonal.data() + r * nx;
      level.A.gather(r, level.nu.data(), sum_A);
      level.G.gather(r, level.nu.data(), sum_G.data());
#pragma omp simd
      for (std::size_t i = 0; i < nx; ++i) d[i] += sum_G[i];
    }
  });
}

/// Right-hand sides from this cell on. The finest level has that of solve(), and 0 in its second equation.
Multigrid::Sides Multigrid::sides(const Level& level, std::size_t first) const {
  if (level.r1.size() == 0) return {right_side_ + first, zeros_.data()};
  return {level.r1.data() + first, level.r2.data() + first};
}

void Multigrid::relax_row(Level& level, std::size_t row, int colour, bool from_zero, Buffers& sum) const {
  const std::size_t nx = level.A.cells()[0], ny = level.A.cells()[1], first = row * nx;
  if (from_zero) {
    std::fill(sum.A.begin(), sum.A.end(), 0.0f);
    std::fill(sum.G.begin(), sum.G.end(), 0.0f);
  } else {
    level.A.gather(row, level.nu.data(), sum.A.data());
    level.G.gather(row, level.v.data(), sum.G.data());
  }
  const float *m = level.m.data() + first, *d = level.diagonal.data() + first, *A = level.sum_A.data() + first;
  const Sides given = sides(level, first);
  const float *const r1 = given.r1, *const r2 = given.r2;
  float *v = level.v.data() + first, *nu = level.nu.data() + first;
  float *new_v = sum.A.data(), *new_nu = sum.G.data();
  const float alpha = alpha_;
#pragma omp simd
  for (std::size_t i = 0; i < nx; ++i) {
    const float b1 = r1[i] + new_v[i], b2 = r2[i] - new_nu[i];
    const float inverse = 1 / (alpha * m[i] * m[i] + A[i] * d[i]);
    new_v[i] = (m[i] * b1 - A[i] * b2) * inverse;
    new_nu[i] = (d[i] * b1 + alpha * m[i] * b2) * inverse;
  }
  if (from_zero) {
    std::fill_n(v, nx, 0.0f);
    std::fill_n(nu, nx, 0.0f);
  }
  for (std::size_t i = (row % ny + row / ny + colour) % 2; i < nx; i += 2) {
    v[i] = new_v[i];
    nu[i] = new_nu[i];
  }
}

void Multigrid::relax(Level& level, int first_colour, bool from_zero) const {
  const auto& [nx, ny, nz] = level.A.cells();
  const bool odd_y = ny % 2 == 1 && ny > 1, odd_z = nz % 2 == 1 && nz > 1;
  const int second_colour = 1 - first_colour;
  if (odd_y || odd_z) {
    // Around an axis with an odd number of cells two neighbours have the same colour: the last row or plane waits.
    for (const int colour : {first_colour, second_colour})
      for (int turn = 0; turn < 4; ++turn)
        for_rows_of(level.A, [&, nx = nx, ny = ny, nz = nz](Rows share) {
          Buffers sum(nx);
          for (std::size_t r = share.begin; r < share.end; ++r)
            if ((odd_y && r % ny == ny - 1 ? 1 : 0) + (odd_z && r / ny == nz - 1 ? 2 : 0) == turn)
              relax_row(level, r, colour, from_zero && colour == first_colour, sum);
        });
    return;
  }
  // One pass over memory for both colours: the second follows the first one slab behind. Slabs at the ends of a
  // thread's share wait for the neighbouring thread.
  const std::size_t slabs = nz > 1 ? nz : ny, rows = nz > 1 ? ny : 1;
  const auto relax_slab = [&](std::size_t slab, int colour, Buffers& sum) {
    for (std::size_t r = slab * rows; r < (slab + 1) * rows; ++r)
      relax_row(level, r, colour, from_zero && colour == first_colour, sum);
  };
  for_shares_of(level.A, slabs, [&, nx = nx](Rows share) {
    Buffers sum(nx);
    for (std::size_t slab = share.begin; slab < share.end; ++slab) {
      relax_slab(slab, first_colour, sum);
      if (slab > share.begin + 1) relax_slab(slab - 1, second_colour, sum);
    }
  });
  for_shares_of(level.A, slabs, [&, nx = nx](Rows share) {
    Buffers sum(nx);
    relax_slab(share.begin, second_colour, sum);
    if (share.end > share.begin + 1) relax_slab(share.end - 1, second_colour, sum);
  });
}

void Multigrid::restrict_residual(const Level& fine, Level& coarse) const {
  const auto& [fx, fy, fz] = fine.group;
  const auto& [nx, ny, nz] = fine.A.cells();
  const std::size_t cx = coarse.A.cells()[0], cy = coarse.A.cells()[1];
  for_rows_of(coarse.A, [&, fx = fx, fy = fy, fz = fz, nx = nx, ny = ny, nz = nz](Rows share) {
    std::vector<float> sum_A(nx), sum_G(nx);
    for (std::size_t R = share.begin; R < share.end; ++R) {
      const std::size_t J = R % cy, K = R / cy;
      float *r1 = coarse.r1.data() + R * cx, *r2 = coarse.r2.data() + R * cx;
      std::fill_n(r1, cx, 0.0f);
      std::fill_n(r2, cx, 0.0f);
      for (std::size_t k = fz * K; k < std::min(fz * (K + 1), nz); ++k)
        for (std::size_t j = fy * J; j < std::min(fy * (J + 1), ny); ++j) {
          const std::size_t row = j + ny * k, first = row * nx;
          fine.A.gather(row, fine.nu.data(), sum_A.data());
          fine.G.gather(row, fine.v.data(), sum_G.data());
          const float *m = fine.m.data() + first, *d = fine.diagonal.data() + first, *A = fine.sum_A.data() + first;
          const float *v = fine.v.data() + first, *nu = fine.nu.data() + first;
          const Sides given = sides(fine, first);
          const float *const f1 = given.r1, *const f2 = given.r2;
          const float alpha = alpha_;
#pragma omp simd
          for (std::size_t i = 0; i < nx; ++i) {
            sum_A[i] += f1[i] - alpha * m[i] * v[i] - A[i] * nu[i];
            sum_G[i] = f2[i] - m[i] * nu[i] + d[i] * v[i] - sum_G[i];
          }
          add_groups(sum_A.data(), nx, fx, r1);
          add_groups(sum_G.data(), nx, fx, r2);
        }
    }
  });
}

void Multigrid::prolong(const Level& coarse, Level& fine) const {
  const auto& [fx, fy, fz] = fine.group;
  const std::size_t nx = fine.A.cells()[0], ny = fine.A.cells()[1];
  const std::size_t cx = coarse.A.cells()[0], cy = coarse.A.cells()[1];
  for_rows_of(fine.A, [&, fx = fx, fy = fy, fz = fz](Rows share) {
    for (std::size_t r = share.begin; r < share.end; ++r) {
      const std::size_t from = (r % ny / fy + cy * (r / ny / fz)) * cx;
      add_to_groups(coarse.v.data() + from, nx, fx, fine.v.data() + r * nx);
      add_to_groups(coarse.nu.data() + from, nx, fx, fine.nu.data() + r * nx);
    }
  });
}

void Multigrid::cycle(std::size_t l) {
  Level& level = levels_[l];
  const bool last = l + 1 == levels_.size();
  for (int sweep = 0; sweep < (last ? on_last : before); ++sweep) relax(level, 0, sweep == 0);
  if (last) return;
  restrict_residual(level, levels_[l + 1]);
  cycle(l + 1);
  prolong(levels_[l + 1], level);
  for (int sweep = 0; sweep < after; ++sweep) relax(level, 1, false);
}

void Multigrid::solve(const Array<float>& r, Array<float>& d) {
  Level& fine = levels_[0];
  right_side_ = r.data();
  std::swap(fine.v, d);
  cycle(0);
  std::swap(fine.v, d);
  for_cells(fine.A.size(), [m = fine.m.data(), v = d.data()](std::size_t i) { v[i] *= m[i]; });
}

}  // namespace spinode
