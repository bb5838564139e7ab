// Divergence of the Darken flux on staggered faces, with the logarithmic-mean mobility
//   M_f = (x_j - x_i)/(y_j - y_i), y = ln(x/(1-x)),   so that   M_f (y_j - y_i) = x_j - x_i:
// the singular part of mu = theta y + w is plain diffusion, exact on the grid; no face needs a value of mu at x = 0.
#pragma once

#include <vector>

#include "spinode/faces.hpp"
#include "spinode/field.hpp"
#include "spinode/grid.hpp"
#include "spinode/mobility/mobility.hpp"
#include "spinode/row_places.hpp"

namespace spinode {

/// What the flux is made of, per cell: x, y and w of rows that are found by their places.
template <class Real>
struct FluxCells {
  const Real *x, *y, *w;
  const RowPlaces* places;
};

template <class Real>
class LogMeanFlux {
 public:
  LogMeanFlux(const Grid& grid, const DarkenMobility& mobility, double theta);

  void set(const DarkenMobility& mobility, double theta);
  /// From now on in a box with other lengths.
  void stretch(const Grid& grid) { grid_ = grid; }

  /// x is kept this far from 0 and 1 inside y and M_f; the diffusive part of the flux takes it as it is.
  static constexpr double edge = 1e-12;

  /// out = div[ (x_j - x_i) theta d + M_f d (w_j - w_i) ] with d = (1-x) solute + x host on the face, all fields per
  /// cell.
  void divergence(const Field<Real>& x, const Field<Real>& y, const Field<Real>& w, Field<Real>& out);
  /// One row of it. A thread that takes rows in order works out most fluxes once; begin() before rows of new fields.
  void begin() { ++state_; }
  void divergence_row(const FluxCells<Real>& cells, std::size_t row, Real* out);

  /// factor M_f d/h^2 of every face, 0 on walls; in single precision, which is enough for a mobility that is taken from
  /// a guess of the state.
  void mobilities(const Field<Real>& x, const Field<Real>& y, Real factor, Faces<float>& out) const;

 private:
  /// Of one thread: fluxes through the lower faces of the next row and of the rows of the next plane, and which those
  /// are.
  struct Kept {
    std::vector<Real> fluxes;
    std::size_t state = 0, row = 0;
    std::vector<std::size_t> planes;
  };

  Grid grid_;
  Real theta_, d_solute_, d_host_;
  std::size_t state_ = 0;
  std::vector<Kept> kept_;
};

extern template class LogMeanFlux<float>;
extern template class LogMeanFlux<double>;

}  // namespace spinode
