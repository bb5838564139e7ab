// A box of one to three axes, each periodic or with no flux through its faces; dimension is data.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace spinode {

/// periodic: Fourier basis. no_flux: cosine basis, even reflection about both faces, cells centred between them.
enum class Boundary { periodic, no_flux };

struct Axis {
  double length = 1;
  std::size_t cells = 1;
  Boundary boundary = Boundary::periodic;

  double spacing() const { return length / static_cast<double>(cells); }
};

/// Cells are stored with the first axis running fastest: index = i + nx (j + ny k). A row is a run along the first
/// axis. Lengths are in whatever unit the axes are given in; wavenumbers are their inverse.
class Grid {
 public:
  /// The most cells of a grid: 2^40, which no product with the bytes of a cell overflows.
  static constexpr std::size_t most_cells = std::size_t{1} << 40;

  /// One to three axes; the rest become axes of one cell. Throws std::invalid_argument for more axes, or more cells
  /// than most_cells.
  explicit Grid(const std::vector<Axis>& axes);

  int dimension() const { return dimension_; }
  const Axis& axis(int a) const { return axes_[a]; }
  std::size_t cells(int a) const { return axes_[a].cells; }
  std::size_t size() const { return cells(0) * cells(1) * cells(2); }
  std::size_t rows() const { return cells(1) * cells(2); }
  /// Length, area or volume of the box.
  double measure() const;
  double shortest_side() const;
  /// The same box with all lengths divided by `unit`.
  Grid in_units_of(double unit) const;
  /// The same box with another length of its last axis, cut into as many cells.
  Grid of_thickness(double length) const;
  double thickness() const { return axes_[dimension_ - 1].length; }
  /// Cells of one plane normal to the last axis; planes follow each other in memory.
  std::size_t plane() const { return size() / cells(dimension_ - 1); }

  /// The periodic axis of which the spectrum holds non-negative wavenumbers only; -1 when no axis is periodic.
  int half_axis() const { return half_axis_; }
  std::size_t modes(int a) const { return modes_[a]; }
  std::size_t mode_rows() const { return modes(1) * modes(2); }
  std::size_t mode_count() const { return modes(0) * mode_rows(); }
  /// Reals per mode: 2 (complex) as soon as one axis is periodic, otherwise 1.
  int lanes() const { return half_axis_ < 0 ? 1 : 2; }

  // Modes are stored in rows along the first axis. Where that is periodic the modes of the last axis follow each other,
  // for transforms then end with that axis (Transform); elsewhere rows are ordered as those of cells are.

  /// The modes of the second and third axis that a row has.
  std::array<std::size_t, 2> across(std::size_t row) const {
    if (half_axis_ == 0) return {row / modes_[2], row % modes_[2]};
    return {row % modes_[1], row / modes_[1]};
  }
  /// Those of all axes that a mode has.
  std::array<std::size_t, 3> mode(std::size_t index) const {
    const auto [j, k] = across(index / modes_[0]);
    return {index % modes_[0], j, k};
  }
  std::size_t mode_row(std::size_t j, std::size_t k) const {
    return half_axis_ == 0 ? j * modes_[2] + k : j + modes_[1] * k;
  }

  double wavenumber(int a, std::size_t mode) const;
  /// The wavenumber that a first derivative sees: 0 for the shortest wave of a periodic axis with an even number of
  /// cells, which runs both ways at once.
  double derivative_wavenumber(int a, std::size_t mode) const;
  /// How often a mode counts in a sum over all wavevectors (Parseval).
  double multiplicity(int a, std::size_t mode) const;

 private:
  int dimension_, half_axis_ = -1;
  std::array<Axis, 3> axes_;
  std::array<std::size_t, 3> modes_;
};

}  // namespace spinode
