#include "spinode/measure/connectivity.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "spinode/parallel.hpp"
#include "../vector_clones.hpp"

namespace spinode {
namespace {

using Periods = std::array<std::int32_t, 3>;

Periods operator+(const Periods& u, const Periods& v) { return {u[0] + v[0], u[1] + v[1], u[2] + v[2]}; }
Periods operator-(const Periods& u, const Periods& v) { return {u[0] - v[0], u[1] - v[1], u[2] - v[2]}; }

/// Disjoint sets whose members know where they are, in periods of the box, from each other.
class Sets {
 public:
  explicit Sets(std::size_t size) : node_(size) {
    for (std::size_t i = 0; i < size; ++i) node_[i].parent = i;
  }

  /// The root of i, and where i is from it.
  std::pair<std::size_t, Periods> find(std::size_t i) {
    Periods from{};
    while (node_[i].parent != i) {
      Node& node = node_[i];
      const Node& parent = node_[node.parent];
      node.from = node.from + parent.from;
      node.parent = parent.parent;
      from = from + node.from;
      i = node.parent;
    }
    return {i, from};
  }

  /// j is `step` away from i, and hangs together with it.
  void join(std::size_t i, std::size_t j, const Periods& step) {
    if (node_[i].parent == node_[j].parent && node_[i].from + step == node_[j].from) return;
    auto [root_i, from_i] = find(i);
    auto [root_j, from_j] = find(j);
    const Periods gap = from_i + step - from_j;
    if (root_i == root_j) {
      for (int a = 0; a < 3; ++a) node_[root_i].winds |= gap[a] != 0 ? 1u << a : 0u;
      return;
    }
    Node &low = node_[std::min(root_i, root_j)], &high = node_[std::max(root_i, root_j)];
    high.parent = std::min(root_i, root_j);
    high.from = root_j > root_i ? gap : Periods{} - gap;
    low.winds |= high.winds;
  }

  /// Numbers the sets in the order of their roots, after which piece(i) is that of i, and nothing can be joined.
  /// Returns for each the axes, as bits, along which it comes back to itself with periods gone.
  std::vector<unsigned> number() {
    std::vector<unsigned> winds;
    for (std::size_t i = 0; i < node_.size(); ++i) {
      std::size_t& parent = node_[i].parent;
      if (parent == i) {
        parent = winds.size();
        winds.push_back(node_[i].winds);
      } else {
        parent = node_[parent].parent;  // a parent comes before its children
      }
    }
    return winds;
  }
  std::size_t piece(std::size_t i) const { return node_[i].parent; }

 private:
  struct Node {
    std::size_t parent = 0;
    Periods from{};  // the parent
    unsigned winds = 0;
  };
  std::vector<Node> node_;
};

/// How many neighbours of a row lie on different sides of the level.
SPINODE_VECTOR_CLONES std::size_t count_changes(const double* x, std::size_t n, double level) {
  double changes = 0;
#pragma omp simd reduction(+ : changes)
  for (std::size_t i = 1; i < n; ++i) changes += (x[i - 1] > level) != (x[i] > level) ? 1.0 : 0.0;
  return static_cast<std::size_t>(changes);
}

SPINODE_VECTOR_CLONES void find_above(const double* x, std::size_t n, double level, std::uint8_t* above) {
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) above[i] = x[i] > level ? 1 : 0;
}

/// The cells of a phase as runs along the first axis, row by row.
class Runs {
 public:
  struct Run {
    std::uint32_t begin, end;
  };

  Runs(const Grid& grid, const Field<double>& x, const Thresholds& thresholds, Phase phase)
      : first_(grid.rows() + 1), n_(grid.cells(0)) {
    const double level = thresholds.of(phase);
    const std::uint8_t solute = phase == Phase::solute ? 1 : 0;
    for_rows(grid.rows(), [&](Rows share) {
      for (std::size_t row = share.begin; row < share.end; ++row) {
        const double* const cell = x.data() + row * n_;
        const auto starts = [&](std::size_t i) { return (cell[i] > level ? 1u : 0u) == solute ? 1u : 0u; };
        first_[row + 1] = (count_changes(cell, n_, level) + starts(0) + starts(n_ - 1)) / 2;
      }
    });
    for (std::size_t row = 0; row < grid.rows(); ++row) first_[row + 1] += first_[row];
    run_.resize(first_.back());
    for_rows(grid.rows(), [&](Rows share) {
      std::vector<std::uint8_t> above(n_);
      std::vector<std::uint32_t> edge(n_ + 2);  // where runs begin and end, and room for one more
      for (std::size_t row = share.begin; row < share.end; ++row) {
        find_above(x.data() + row * n_, n_, level, above.data());
        std::size_t edges = 0;
        std::uint8_t before = 1 - solute;
        for (std::size_t i = 0; i < n_; ++i) {
          edge[edges] = static_cast<std::uint32_t>(i);
          edges += before ^ above[i];
          before = above[i];
        }
        edge[edges] = static_cast<std::uint32_t>(n_);
        for (std::size_t run = first_[row]; run < first_[row + 1]; ++run) {
          const std::size_t begin = 2 * (run - first_[row]);
          run_[run] = {edge[begin], edge[begin + 1]};
        }
      }
    });
  }

  std::size_t size() const { return run_.size(); }
  std::size_t first(std::size_t row) const { return first_[row]; }
  const Run& operator[](std::size_t i) const { return run_[i]; }

  /// Calls join(i, j) for the runs i of one row and j of a neighbouring one that hang together; with `corners`, those
  /// that lie diagonally as well.
  template <class Join>
  void touching(std::size_t row, std::size_t other, bool corners, Join join) const {
    const std::uint32_t room = corners ? 1 : 0;
    for (std::size_t i = first_[row], j = first_[other]; i < first_[row + 1] && j < first_[other + 1];) {
      if (run_[i].begin < run_[j].end + room && run_[j].begin < run_[i].end + room) join(i, j);
      run_[i].end < run_[j].end ? ++i : ++j;
    }
  }

  /// Calls join(i, j) when a run of one row ends, and one of the other begins, at the ends of the first axis.
  template <class Join>
  void wrapping(std::size_t row, std::size_t other, Join join) const {
    if (first_[row] == first_[row + 1] || first_[other] == first_[other + 1]) return;
    const std::size_t last = first_[row + 1] - 1, next = first_[other];
    if (run_[last].end == n_ && run_[next].begin == 0) join(last, next);
  }

 private:
  std::vector<std::size_t> first_;  // run of each row, and the number of runs
  std::vector<Run> run_;
  std::size_t n_;
};

/// Joins runs of neighbouring rows.
class Joiner {
 public:
  Joiner(const Grid& grid, const Runs& runs, Neighbours neighbours, Sets& sets)
      : grid_(&grid), runs_(&runs), sets_(&sets), corners_(neighbours == Neighbours::corners) {}

  void join_all() {
    // Every share of the rows by itself, then what lies across their borders.
    std::vector<std::size_t> begin_of(grid_->rows());
    for_rows(grid_->rows(), [&](Rows share) {
      for (std::size_t row = share.begin; row < share.end; ++row) {
        begin_of[row] = share.begin;
        if (periodic(0)) runs_->wrapping(row, row, [&](auto i, auto j) { sets_->join(i, j, {1, 0, 0}); });
        each_before(row, [&](std::size_t before, const Periods& step) {
          if (before >= share.begin && before < share.end) join(row, before, step);
        });
      }
    });
    for (std::size_t row = 0; row < grid_->rows(); ++row)
      each_before(row, [&](std::size_t before, const Periods& step) {
        if (begin_of[before] != begin_of[row]) join(row, before, step);
      });
  }

 private:
  bool periodic(int a) const { return grid_->axis(a).boundary == Boundary::periodic; }

  /// Calls visit(row, step) for the neighbours of a row on one side of it, which lie `step` periods away.
  template <class Visit>
  void each_before(std::size_t row, Visit visit) const {
    const auto n1 = static_cast<std::ptrdiff_t>(grid_->cells(1)), n2 = static_cast<std::ptrdiff_t>(grid_->cells(2));
    const auto j = static_cast<std::ptrdiff_t>(row) % n1, k = static_cast<std::ptrdiff_t>(row) / n1;
    constexpr std::array<std::array<std::ptrdiff_t, 2>, 4> ways{{{-1, 0}, {0, -1}, {-1, -1}, {1, -1}}};
    for (std::size_t way = 0; way < (corners_ ? 4 : 2); ++way) {
      const auto [dj, dk] = ways[way];
      if ((dj != 0 && grid_->dimension() < 2) || (dk != 0 && grid_->dimension() < 3)) continue;
      Periods step{};
      std::ptrdiff_t to_j = j + dj, to_k = k + dk;
      if (!wrap(1, to_j, n1, step) || !wrap(2, to_k, n2, step)) continue;
      visit(static_cast<std::size_t>(to_j + n1 * to_k), step);
    }
  }

  bool wrap(int a, std::ptrdiff_t& at, std::ptrdiff_t n, Periods& step) const {
    if (at >= 0 && at < n) return true;
    step[a] = at < 0 ? -1 : 1;
    at -= step[a] * n;
    return periodic(a);
  }

  void join(std::size_t row, std::size_t before, const Periods& step) {
    runs_->touching(row, before, corners_, [&](auto i, auto j) { sets_->join(i, j, step); });
    if (!corners_ || !periodic(0)) return;
    runs_->wrapping(row, before, [&](auto i, auto j) { sets_->join(i, j, step + Periods{1, 0, 0}); });
    runs_->wrapping(before, row, [&](auto j, auto i) { sets_->join(i, j, step - Periods{1, 0, 0}); });
  }

  const Grid* grid_;
  const Runs* runs_;
  Sets* sets_;
  bool corners_;
};

struct Piece {
  std::size_t cells = 0;
  std::array<bool, 3> first = {}, last = {};  // whether it has cells in the first and last plane of an axis
  std::size_t planes = 0;                     // from the separator to its last one
};

}  // namespace

Connectivity connectivity(const Grid& grid, const Field<double>& x, const Thresholds& thresholds, Phase phase,
                          Neighbours neighbours) {
  const Runs runs(grid, x, thresholds, phase);
  Sets sets(runs.size());
  Joiner(grid, runs, neighbours, sets).join_all();

  const int axes = grid.dimension(), across = axes - 1;
  const std::vector<unsigned> winds = sets.number();
  std::vector<Piece> pieces(winds.size());
  std::size_t cells = 0;
  for (std::size_t row = 0; row < grid.rows(); ++row)
    for (std::size_t i = runs.first(row); i < runs.first(row + 1); ++i) {
      const Runs::Run& run = runs[i];
      Piece& piece = pieces[sets.piece(i)];
      piece.cells += run.end - run.begin;
      cells += run.end - run.begin;
      const std::array<std::size_t, 3> begin{run.begin, row % grid.cells(1), row / grid.cells(1)},
          end{run.end, begin[1] + 1, begin[2] + 1};
      for (int a = 0; a < axes; ++a) {
        piece.first[a] = piece.first[a] || begin[a] == 0;
        piece.last[a] = piece.last[a] || end[a] == grid.cells(a);
      }
      piece.planes = std::max(piece.planes, end[across]);
    }

  Connectivity result;
  result.pieces = pieces.size();
  std::size_t planes = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Piece& piece = pieces[i];
    const double share = static_cast<double>(piece.cells) / static_cast<double>(cells);
    result.largest_share = std::max(result.largest_share, share);
    for (int a = 0; a < axes; ++a) {
      const bool walls = grid.axis(a).boundary == Boundary::no_flux;
      if (walls ? piece.first[a] && piece.last[a] : (winds[i] >> a & 1) != 0) result.percolating[a] += share;
    }
    if (piece.first[across]) {
      result.at_separator += share;
      planes = std::max(planes, piece.planes);
    }
    if (piece.last[across]) result.at_collector += share;
    if (piece.first[across] && piece.last[across]) result.joining += share;
  }
  result.reach = static_cast<double>(planes) * grid.axis(across).spacing();
  return result;
}

}  // namespace spinode
