// Approximate inverse of the linear system of an implicit Cahn-Hilliard step, in single precision,
//   alpha d + A H d = r,   A = -dt div M grad,   H = D + kappa q^2,   q^2 the second-order difference Laplacian,
// by one multigrid V-cycle on the two second-order equations for v = d/m and nu = H d that it consists of,
//   A nu + alpha m v = r,   m nu - (m H m) v = 0.
// With m = x(1-x), v is a change of the log-odds: displacing an interface is smooth in v, and coarse cells can hold it.
// Cells are grouped by two along each axis (Galerkin, piecewise constant), and relaxed in two colours (after Kim, Kang
// & Lowengrub 2004, who solve the whole nonlinear system so).
#pragma once

#include <array>
#include <vector>

#include "spinode/faces.hpp"
#include "spinode/field.hpp"
#include "spinode/grid.hpp"

namespace spinode {

class Archive;

class Multigrid {
 public:
  /// `elastic` is a constant part of H, which curvature() leaves out.
  Multigrid(const Grid& grid, double kappa, double elastic);
  /// From now on in a box with other lengths. diffusion(), weight() and curvature() are to be filled anew.
  void stretch(const Grid& grid);

  /// To be filled before prepare(): dt M/h^2 on faces, m > 0 and D on cells.
  Faces<float>& diffusion() { return levels_[0].A; }
  const Faces<float>& diffusion() const { return levels_[0].A; }
  Array<float>& weight() { return levels_[0].m; }
  Array<float>& curvature() { return curvature_; }

  /// Where H is not positive, it is made so: D is raised until m H m has no negative part beyond differences of v.
  void prepare(double alpha);
  /// One V-cycle from zero; `r` and `d` have one number per cell.
  void solve(const Array<float>& r, Array<float>& d);
  /// One number per cell, which solve() overwrites.
  Array<float>& scratch() { return levels_[0].nu; }

  /// For which lengths of the box the levels were chosen.
  void serialize(Archive& archive);

 private:
  struct Level {
    Faces<float> A, G;                          // G: the difference part of m H m
    Array<float> m, diagonal, sum_A;            // of m H m and of A
    Array<float> v, nu, r1, r2;                 // on the finest level nu alone: the rest is what solve() is given
    std::array<std::size_t, 3> group{1, 1, 1};  // cells of this level per cell of the next
  };

  struct Sides {
    const float *r1, *r2;
  };
  Sides sides(const Level& level, std::size_t first) const;
  void build();
  void differences_of_m();
  void coarsen(const Level& fine, Level& coarse) const;
  void finish(Level& level) const;
  /// Room for one row: sums over neighbours, then new values.
  struct Buffers {
    explicit Buffers(std::size_t n) : A(n), G(n) {}
    std::vector<float> A, G;
  };
  /// Solves the two equations of the cells of one colour in a row; `from_zero`: v and nu are 0, whatever they hold.
  void relax_row(Level& level, std::size_t row, int colour, bool from_zero, Buffers& sum) const;
  /// Both colours, one after the other.
  void relax(Level& level, int first_colour, bool from_zero) const;
  void restrict_residual(const Level& fine, Level& coarse) const;
  void prolong(const Level& coarse, Level& fine) const;
  void cycle(std::size_t l);

  Grid grid_;
  std::array<float, 3> kappa_over_h2_{};
  double kappa_;
  double built_for_ = 0;  // thickness of the box for which the levels were chosen
  float elastic_, alpha_ = 1;
  Array<float> curvature_, zeros_;     // of a row
  const float* right_side_ = nullptr;  // of the solve() that is going on
  std::vector<Level> levels_;
};

}  // namespace spinode
