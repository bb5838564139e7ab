// Where a sweep over layers of rows keeps what it knows of a row, as long as the rows beside it want it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "spinode/parallel.hpp"

namespace spinode {

/// Places for rows of cells in layers along the last axis. The layers are shared out, and a share is worked through in
/// order, but its first and its last layer come ahead of everything, since the shares beside it need them: those stay,
/// and of the others two at a time have places.
class RowPlaces {
 public:
  /// A place for every row.
  explicit RowPlaces(std::size_t rows) : RowPlaces(rows, rows, 1) {}
  RowPlaces(std::size_t rows, std::size_t layer_rows, std::size_t shares)
      : rows_(rows), layer_rows_(layer_rows), shares_(shares), slot_((rows + layer_rows - 1) / layer_rows) {
    for (std::size_t s = 0; s < shares; ++s) {
      const auto [begin, end] = share(s);
      for (std::size_t layer = begin; layer < end; ++layer)
        slot_[layer] = roomy() ? layer : 4 * s + (layer == begin ? 0 : layer + 1 == end ? 1 : 2 + layer % 2);
    }
  }

  std::size_t count() const { return std::min(rows_, 4 * shares_ * layer_rows_); }
  std::size_t operator()(std::size_t row) const { return slot_[row / layer_rows_] * layer_rows_ + row % layer_rows_; }

  /// take(layer) and then leave(layer) are called once for every layer. The latter finds in their places the rows of
  /// its layer, of the next one, around the end, and of the one before it, unless the same thread has left that just
  /// before.
  template <class Take, class Leave>
  void sweep(Take take, Leave leave) const {
    for_shares([&](Rows share) {
      take(share.begin);
      if (share.begin + 1 < share.end) take(share.end - 1);
    });
    for_shares([&](Rows share) {
      for (std::size_t layer = share.begin; layer < share.end; ++layer) {
        if (layer + 2 < share.end) take(layer + 1);
        leave(layer);
      }
    });
  }

 private:
  bool roomy() const { return 4 * shares_ >= slot_.size(); }
  Rows share(std::size_t s) const { return {slot_.size() * s / shares_, slot_.size() * (s + 1) / shares_}; }
  template <class Body>
  void for_shares(Body body) const {
#pragma omp parallel for schedule(static) if (shares_ > 1)
    for (std::size_t s = 0; s < shares_; ++s)
      if (const Rows own = share(s); own.begin < own.end) body(own);
  }

  std::size_t rows_, layer_rows_, shares_;
  std::vector<std::size_t> slot_;  // of a layer
};

}  // namespace spinode
