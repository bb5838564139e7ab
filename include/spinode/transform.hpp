// Fourier transform along periodic axes and cosine transform (DCT-II) along no-flux axes, with sines (DST-II) for
// fields that are odd about their faces. Where the first axis is periodic it is done in two sweeps over memory, layer
// by layer and then along the last axis, each with room for pointwise work while the numbers are in cache.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "spinode/field.hpp"
#include "spinode/grid.hpp"
#include "spinode/parallel.hpp"
#include "spinode/row_places.hpp"
#include "spinode/timer.hpp"

namespace spinode {

/// How long to look for fast transforms. `estimate` gives the same plan every time; the others give faster ones.
enum class Planning { estimate, measure, patient };

/// The no-flux axes along which a field is odd about the faces: sines take the place of cosines. Periodic axes have no
/// say in it.
using Odd = std::array<bool, 3>;

/// Modes that follow each other in one row.
struct ModeRun {
  std::size_t row, first, count;
  std::array<std::size_t, 2> across;  // of the second and third axis

  static ModeRun whole(const Grid& grid, std::size_t row) { return {row, 0, grid.modes(0), grid.across(row)}; }
};

template <class Real>
class Transform {
 public:
  Transform(const Grid& grid, Planning planning);
  ~Transform();

  /// Field to raw spectrum: amplitudes divided by scale(). The field may be overwritten.
  void forward(Field<Real>& field, Spectrum<Real>& spectrum) { forward(field, spectrum, Odd{}); }
  /// The same of a field that is a sum of sin(k r) along the odd axes; modes with k = 0 along one of them are 0.
  void forward(Field<Real>& field, Spectrum<Real>& spectrum, const Odd& odd);
  /// Amplitudes to field. The spectrum is overwritten.
  void inverse(Spectrum<Real>& spectrum, Field<Real>& field) { inverse(spectrum, field, Odd{}); }
  /// The same with sin(k r) for cos(k r) along the odd axes; modes with k = 0 along one of them give nothing.
  void inverse(Spectrum<Real>& spectrum, Field<Real>& field, const Odd& odd);

  // In steps. Between field and spectrum there is a half-way state, in an array of the spectrum's size: layers of cells
  // along the last axis, modes along the others. Bodies are called by several threads; their sums are added in an order
  // that does not depend on the number of threads.

  /// Amplitudes to the half-way state: body(ModeRun, Real* values, sum) fills every run of values, which then go to
  /// `half`.
  template <class Sum, class Body>
  Sum modes_to_half(Spectrum<Real>& half, Body body);
  /// The half-way state to raw modes, which body(ModeRun, const Real* values, sum) is shown; what `half` holds is lost.
  template <class Sum, class Body>
  Sum half_to_modes(Spectrum<Real>& half, Body body);
  /// Both: the raw modes that body is shown it replaces by amplitudes, which go back to `half`.
  template <class Sum, class Body>
  Sum through_modes(Spectrum<Real>& half, Body body);
  /// The same two where body(ModeRun, Real* values, Real* others, sum) has amplitudes for `other` as well.
  template <class Sum, class Body>
  Sum modes_to_half(Spectrum<Real>& half, Spectrum<Real>& other, Body body);
  template <class Sum, class Body>
  Sum through_modes(Spectrum<Real>& half, Spectrum<Real>& other, Body body);
  /// The half-way state to cells, which body(row, Real* cells, sum) is shown and may overwrite. `half` stays.
  template <class Sum, class Body>
  Sum half_to_cells(Spectrum<Real>& half, Body body);
  /// The half-way state to its field, which lies where `half` did and lasts as long: what `half` holds is lost.
  Field<Real> half_to_field(Spectrum<Real>& half);
  /// Cells to the half-way state: body(row, Real* cells, sum) fills every row.
  template <class Sum, class Body>
  Sum cells_to_half(Spectrum<Real>& half, Body body);
  /// Both: the cells that body is shown it replaces by others.
  template <class Sum, class Body>
  Sum through_cells(Spectrum<Real>& half, Body body);
  /// The same of two: first(row, const Real* cells) is shown the cells of `half`, then second(row, Real* cells, sum)
  /// those of `other`, which is lost; fill(row, Real* cells) is called when they have been shown the rows around `row`
  /// as well, and gives what takes the place of `half`. Rows that are still needed have a place of their own in
  /// places().
  template <class Sum, class First, class Second, class Fill>
  Sum through_cells(Spectrum<Real>& half, Spectrum<Real>& other, First first, Second second, Fill fill);
  const RowPlaces& places() const { return places_; }

  /// Factor from what forward() gives to amplitudes.
  Real scale() const { return scale_; }
  /// Real transforms done so far, either way.
  std::size_t count() const { return count_; }
  /// Wall time that they took [s], without what bodies did.
  double seconds() const;
  /// Of the count.
  template <class A>
  void serialize(A& archive) {
    archive("transforms", count_);
  }

 private:
  class Passes;
  class Whole;
  struct Room;
  enum Way : unsigned { out = 1, back = 2, both = 3 };

  // Where there are passes: layers of rows, and slabs of lines along the last axis.
  std::size_t layers() const;
  std::size_t slabs() const;
  /// Blocks of consecutive rows of a layer, in the order that its buffer has.
  std::size_t blocks(std::size_t layer) const;
  void open_layer(std::size_t layer, Way way, Spectrum<Real>& half, const Odd& odd);
  void close_layer(std::size_t layer, Way way, Spectrum<Real>& half, const Odd& odd);
  /// Rows of cells, `pitch` apart, and which rows of the field they are.
  struct Block {
    std::size_t count, first_row;
    const std::size_t* order;  // within the layer
    Real* cells;
    std::size_t pitch;

    std::size_t row(std::size_t r) const { return first_row + order[r]; }
  };
  Block block(std::size_t layer, std::size_t index);
  void block_to_cells(std::size_t layer, std::size_t index, const Odd& odd);
  void block_to_modes(std::size_t layer, std::size_t index, const Odd& odd);
  /// Runs of modes that follow each other in rows, from the first on.
  struct Slab {
    ModeRun first;
    std::size_t runs;
    Real *values, *others;
    std::size_t pitch;
    int running;  // which of `across` counts them

    ModeRun run(std::size_t r) const {
      ModeRun run = first;
      run.row += r;
      run.across[running] += r;
      return run;
    }
  };
  /// `other` may be null.
  Slab slab(std::size_t index, Spectrum<Real>& half, Spectrum<Real>* other);
  void slab_to_modes(const Slab& slab, const Spectrum<Real>& half, const Odd& odd);
  void slab_to_half(const Slab& slab, Real* values, Spectrum<Real>& half, const Odd& odd);

  /// `other` may be null.
  template <class Sum, class Body>
  Sum sweep_modes(Way way, Spectrum<Real>& half, Spectrum<Real>* other, const Odd& odd, Body body);
  template <class Sum, class Body>
  Sum sweep_cells(Way way, Spectrum<Real>& half, const Odd& odd, Body body);
  template <class Body>
  void sweep_layer(Way way, std::size_t layer, Spectrum<Real>& half, const Odd& odd, Body body);
  /// Times one sweep, and now and then what of it are transforms.
  class Watch;
  void begin_watch();
  void end_watch(double seconds);
  /// Where the half-way state of a spectrum can be: its rows are in another order in 3D.
  Spectrum<Real>& half_of(Spectrum<Real>& spectrum);
  /// A copy that may be overwritten.
  Spectrum<Real>& kept(const Spectrum<Real>& half);
  void whole_forward(Field<Real>& field, Spectrum<Real>& spectrum, const Odd& odd);
  void whole_inverse(Spectrum<Real>& spectrum, Field<Real>& field, const Odd& odd);

  Grid grid_;
  std::unique_ptr<Passes> passes_;  // null where the first axis has no periodic ends
  std::unique_ptr<Whole> whole_;    // otherwise
  RowPlaces places_;
  Field<Real> cells_;    // of the latter, while it goes in steps
  Spectrum<Real> half_;  // of transforms that do not; empty until it is needed
  Real scale_ = 1;
  std::size_t count_ = 0;
  // Of sweeps: how many; how long they took, and those of them in which transforms were timed apart.
  std::size_t sweeps_ = 0;
  double seconds_ = 0, watched_ = 0, transforms_ = 0;
};

template <class Real>
class Transform<Real>::Watch {
 public:
  explicit Watch(Transform& transform) : transform_(&transform) { transform.begin_watch(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { transform_->end_watch(timer_.seconds()); }

 private:
  Transform* transform_;
  Stopwatch timer_;
};

template <class Real>
template <class Sum, class Body>
Sum Transform<Real>::sweep_modes(Way way, Spectrum<Real>& half, Spectrum<Real>* other, const Odd& odd, Body body) {
  if (!passes_) {
    const std::size_t pitch = grid_.modes(0) * grid_.lanes();
    return reduce_rows<Sum>(grid_.mode_rows(), [&](Rows share) {
      Sum part{};
      for (std::size_t row = share.begin; row < share.end; ++row)
        body(ModeRun::whole(grid_, row), half.data() + row * pitch, other ? other->data() + row * pitch : nullptr,
             part);
      return part;
    });
  }
  const Watch watch(*this);
  return reduce_rows<Sum>(slabs(), [&](Rows share) {
    Sum part{};
    for (std::size_t index = share.begin; index < share.end; ++index) {
      const Slab s = slab(index, half, other);
      if (way & out) slab_to_modes(s, half, odd);
      for (std::size_t r = 0; r < s.runs; ++r)
        body(s.run(r), s.values + r * s.pitch, other ? s.others + r * s.pitch : nullptr, part);
      if (way & back) slab_to_half(s, s.values, half, odd);
      if (other) slab_to_half(s, s.others, *other, odd);
    }
    return part;
  });
}

template <class Real>
template <class Sum, class Body>
Sum Transform<Real>::sweep_cells(Way way, Spectrum<Real>& half, const Odd& odd, Body body) {
  if (!passes_) {
    // What is half-way elsewhere is the spectrum here.
    if (cells_.size() == 0) cells_ = Field<Real>(grid_);
    if (way & out) {
      Spectrum<Real>& given = way == out ? kept(half) : half;
      whole_inverse(given, cells_, odd);
    }
    const Sum sum = reduce_rows<Sum>(grid_.rows(), [&](Rows share) {
      Sum part{};
      for (std::size_t row = share.begin; row < share.end; ++row) body(row, cells_.data() + row * grid_.cells(0), part);
      return part;
    });
    if (way & back) whole_forward(cells_, half, odd);
    return sum;
  }
  const Watch watch(*this);
  return reduce_rows<Sum>(layers(), [&](Rows share) {
    Sum part{};
    for (std::size_t layer = share.begin; layer < share.end; ++layer)
      sweep_layer(way, layer, half, odd, [&](std::size_t row, Real* cells) { body(row, cells, part); });
    return part;
  });
}

template <class Real>
template <class Body>
void Transform<Real>::sweep_layer(Way way, std::size_t layer, Spectrum<Real>& half, const Odd& odd, Body body) {
  open_layer(layer, way, half, odd);
  for (std::size_t b = 0; b < blocks(layer); ++b) {
    if (way & out) block_to_cells(layer, b, odd);
    const Block rows = block(layer, b);
    for (std::size_t r = 0; r < rows.count; ++r) body(rows.row(r), rows.cells + r * rows.pitch);
    if (way & back) block_to_modes(layer, b, odd);
  }
  close_layer(layer, way, half, odd);
}

template <class Real>
template <class Sum, class Body>
Sum Transform<Real>::modes_to_half(Spectrum<Real>& half, Body body) {
  ++count_;
  return sweep_modes<Sum>(back, half, nullptr, Odd{},
                          [&](ModeRun run, Real* values, Real*, Sum& sum) { body(run, values, sum); });
}

template <class Real>
template <class Sum, class Body>
Sum Transform<Real>::half_to_modes(Spectrum<Real>& half, Body body) {
  return sweep_modes<Sum>(out, half, nullptr, Odd{},
                          [&](ModeRun run, const Real* values, Real*, Sum& sum) { body(run, values, sum); });
}

template <class Real>
template <class Sum, class Body>
Sum Transform<Real>::through_modes(Spectrum<Real>& half, Body body) {
  ++count_;
  return sweep_modes<Sum>(both, half, nullptr, Odd{},
                          [&](ModeRun run, Real* values, Real*, Sum& sum) { body(run, values, sum); });
}

template <class Real>
template <class Sum, class Body>
Sum Transform<Real>::modes_to_half(Spectrum<Real>& half, Spectrum<Real>& other, Body body) {
  count_ += 2;
  return sweep_modes<Sum>(back, half, &other, Odd{}, body);
}

template <class Real>
template <class Sum, class Body>
Sum Transform<Real>::through_modes(Spectrum<Real>& half, Spectrum<Real>& other, Body body) {
  count_ += 2;
  return sweep_modes<Sum>(both, half, &other, Odd{}, body);
}

template <class Real>
template <class Sum, class Body>
Sum Transform<Real>::half_to_cells(Spectrum<Real>& half, Body body) {
  return sweep_cells<Sum>(out, half, Odd{}, body);
}

template <class Real>
template <class Sum, class Body>
Sum Transform<Real>::cells_to_half(Spectrum<Real>& half, Body body) {
  ++count_;
  return sweep_cells<Sum>(back, half, Odd{}, body);
}

template <class Real>
template <class Sum, class Body>
Sum Transform<Real>::through_cells(Spectrum<Real>& half, Body body) {
  ++count_;
  return sweep_cells<Sum>(both, half, Odd{}, body);
}

template <class Real>
template <class Sum, class First, class Second, class Fill>
Sum Transform<Real>::through_cells(Spectrum<Real>& half, Spectrum<Real>& other, First first, Second second, Fill fill) {
  if (!passes_) {
    half_to_cells<NoSum>(half, [&](std::size_t row, const Real* cells, NoSum&) { first(row, cells); });
    const Sum sum = half_to_cells<Sum>(other, second);
    cells_to_half<NoSum>(half, [&](std::size_t row, Real* cells, NoSum&) { fill(row, cells); });
    return sum;
  }
  ++count_;
  const Watch watch(*this);
  std::vector<Sum> sums(layers());
  places_.sweep(
      [&](std::size_t layer) {
        sweep_layer(out, layer, half, Odd{}, first);
        sweep_layer(out, layer, other, Odd{}, [&](std::size_t row, Real* cells) { second(row, cells, sums[layer]); });
      },
      [&](std::size_t layer) { sweep_layer(back, layer, half, Odd{}, fill); });
  Sum total{};
  for (const Sum& sum : sums) total += sum;
  return total;
}

/// What planning has found out in this process, in both precisions, as text: a process that takes it over plans the
/// same transforms, so that their last digits agree.
struct Wisdom {
  std::string in_double, in_single;

  template <class A>
  void serialize(A& archive) {
    archive("double", in_double);
    archive("single", in_single);
  }

  bool operator==(const Wisdom&) const = default;

  static Wisdom now();
  /// What earlier runs left for this user on this machine, in spinode/ of the cache folder ($XDG_CACHE_HOME, ~/.cache);
  /// empty where there is nothing.
  static Wisdom kept();
  /// Leaves it there; where that cannot be written, nothing is kept.
  void keep() const;
  /// Text that FFTW cannot use is passed over.
  void take_over() const;
};

extern template class Transform<float>;
extern template class Transform<double>;

}  // namespace spinode
