// The transform of a grid whose first axis is periodic, in pieces that fit into cache. A layer is a plane normal to the
// last axis, or in 2D a few rows: it is transformed along the middle axis, and a few rows at a time along the first. A
// slab is a bundle of lines along the last axis: it is copied into a buffer, but for grids that fit into cache.
#pragma once

#include <optional>
#include <vector>

#include "line_pass.hpp"
#include "spinode/timer.hpp"

namespace spinode {

/// Buffers of one thread.
template <class Real>
struct Transform<Real>::Room {
  Array<Real> layer, rows, slab, other;
  Real* modes = nullptr;  // of the layer at hand
  double seconds = 0;
};

template <class Real>
class Transform<Real>::Passes {
 public:
  Passes(const Grid& grid, Planning planning);

  std::size_t layers() const { return (rows_ + layer_rows_ - 1) / layer_rows_; }
  std::size_t slabs() const { return middle_.cells() * bundles_; }
  std::size_t rows_of(std::size_t layer) const { return std::min(layer_rows_, rows_ - layer * layer_rows_); }
  std::size_t blocks(std::size_t layer) const { return (rows_of(layer) + block_rows - 1) / block_rows; }
  Block block(std::size_t layer, std::size_t index);
  Slab slab(std::size_t index, Real* half, Real* other);

  void open_layer(std::size_t layer, Way way, Real* half, const Odd& odd);
  void close_layer(std::size_t layer, Real* half, const Odd& odd);
  void block_to_cells(std::size_t layer, std::size_t index, const Odd& odd);
  void block_to_modes(std::size_t layer, std::size_t index, const Odd& odd);
  void slab_to_modes(const Slab& s, const Real* half, const Odd& odd);
  void slab_to_half(const Slab& s, Real* values, Real* half, const Odd& odd);

  /// Whether the pieces that follow are timed; seconds() is then the time of those of the first thread.
  void watch(bool watched) { watched_ = watched; }
  bool watched() const { return watched_; }
  double seconds() const { return rooms_.front().seconds; }

 private:
  static constexpr std::size_t block_rows = 8;
  struct RowPlans {
    PlanOf<Real> to_cells, to_modes;
  };

  Room& room() { return rooms_[thread_index()]; }
  std::optional<Timer> timer(Room& room) const {
    return watched_ ? std::optional<Timer>(std::in_place, room.seconds) : std::nullopt;
  }
  void turn_rows(std::size_t layer, std::size_t index, const Odd& odd);
  Real* mode_rows(std::size_t block) { return room().modes + block * block_rows * 2 * mode_pitch_; }
  const RowPlans& row_plans(std::size_t layer, std::size_t block) const {
    return rows_of(layer) - block * block_rows < block_rows ? last_rows_ : full_rows_;
  }
  /// Of the modes of a slab at one place of the last axis, in the half-way state, whose layers are planes.
  std::size_t half_place(const Slab& s, std::size_t cell) const {
    return 2 * ((cell * middle_.cells() + s.first.across[0]) * modes_ + s.first.first);
  }
  /// In a buffer all of its width is transformed.
  std::size_t lines(const Slab& s) const { return slabs_in_place_ ? s.first.count : s.pitch / 2; }
  std::size_t width(std::size_t bundle) const { return std::min(width_, modes_ - bundle * width_); }

  std::size_t rows_, modes_, cells_;  // modes and cells of a row
  int dimension_;
  LinePass<Real> middle_, outer_;
  std::size_t layer_rows_, cell_pitch_, mode_pitch_;  // pitches of rows in buffers
  std::size_t width_, bundles_;                       // lines along the last axis at a time
  bool layers_in_place_, slabs_in_place_;
  bool watched_ = false;
  std::vector<std::size_t> as_is_;
  RowPlans full_rows_, last_rows_;
  std::vector<Room> rooms_;
};

}  // namespace spinode
