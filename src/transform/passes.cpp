#include "passes.hpp"

#include <numeric>

namespace spinode {
namespace {

/// The next multiple of a cache line: FFTW's vector code wants whole vectors side by side, and aligned.
template <class Real>
std::size_t padded(std::size_t reals) {
  constexpr std::size_t line = 64 / sizeof(Real);
  return (reals + line - 1) / line * line;
}

template <class Real>
void turn(Real* values, std::size_t n) {
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) values[i] = -values[i];
}

}  // namespace

template <class Real>
Transform<Real>::Passes::Passes(const Grid& grid, Planning planning)
    : rows_(grid.rows()),
      modes_(grid.modes(0)),
      cells_(grid.cells(0)),
      dimension_(grid.dimension()),
      middle_(dimension_ == 3 ? grid.cells(1) : 1, grid.axis(1).boundary),
      outer_(dimension_ > 1 ? grid.cells(dimension_ - 1) : 1, grid.axis(dimension_ - 1).boundary),
      as_is_(block_rows),
      rooms_(thread_count()) {
  std::iota(as_is_.begin(), as_is_.end(), std::size_t{0});
  layer_rows_ = dimension_ == 3 ? grid.cells(1) : std::min(rows_, block_rows);
  cell_pitch_ = padded<Real>(cells_);
  // Bundles of whole rows where the buffer then fits into cache; in 2D enough of them for all threads.
  constexpr std::size_t cache = std::size_t{5} << 18, narrow = 16;
  const std::size_t fits = std::max(narrow, cache / (2 * sizeof(Real) * outer_.cells()) / narrow * narrow);
  const std::size_t quarter = (modes_ / 4 + narrow / 2) / (narrow / 2) * (narrow / 2);
  width_ = std::min(modes_, dimension_ == 3 ? fits : std::clamp(quarter, narrow, 2 * narrow));
  bundles_ = (modes_ + width_ - 1) / width_;

  // FFTW's vector code wants rows that begin at multiples of 16 bytes.
  mode_pitch_ = modes_ * 2 * sizeof(Real) % 16 == 0 ? modes_ : modes_ + 1;
  layers_in_place_ = mode_pitch_ == modes_;
  slabs_in_place_ = dimension_ < 3 && !outer_.even() && rows_ * modes_ * 2 * sizeof(Real) <= std::size_t{1} << 20;

  for (Room& room : rooms_) {
    room.layer = Array<Real>(2 * mode_pitch_ * layer_rows_);
    room.rows = Array<Real>(cell_pitch_ * block_rows);
    if (!slabs_in_place_) room.slab = Array<Real>(padded<Real>(2 * width_) * outer_.cells());
  }
  start_threads<Real>();
  Fftw<Real>::plan_threads(1);
  const unsigned effort = flags(planning);
  Room& first = rooms_.front();
  if (dimension_ == 3) middle_.plan(mode_pitch_, mode_pitch_, first.layer.data(), effort);
  Array<Real> whole(slabs_in_place_ ? rows_ * modes_ * 2 : 0);
  if (dimension_ > 1)
    for (const std::size_t bundle : {std::size_t{0}, bundles_ - 1}) {
      const Slab s = slab(bundle, whole.data(), nullptr);
      outer_.plan(lines(s), s.pitch / 2, s.values, effort);
    }
  const auto plan_rows = [&](std::size_t count) {
    using Dim = typename Fftw<Real>::Dim;
    const auto n = static_cast<std::ptrdiff_t>(cells_), c = static_cast<std::ptrdiff_t>(cell_pitch_),
               m = static_cast<std::ptrdiff_t>(mode_pitch_), many = static_cast<std::ptrdiff_t>(count);
    const Dim along{n, 1, 1}, to_cells{many, m, c}, to_modes{many, c, m};
    auto* const modes = reinterpret_cast<typename Fftw<Real>::Complex*>(first.layer.data());
    return RowPlans{owned<Real>(Fftw<Real>::plan_c2r(1, &along, 1, &to_cells, modes, first.rows.data(),
                                                     effort | FFTW_DESTROY_INPUT)),
                    owned<Real>(Fftw<Real>::plan_r2c(1, &along, 1, &to_modes, first.rows.data(), modes,
                                                     effort | FFTW_DESTROY_INPUT))};
  };
  if (layer_rows_ >= block_rows) full_rows_ = plan_rows(block_rows);
  if (const std::size_t rest = rows_of(layers() - 1) % block_rows; rest > 0) last_rows_ = plan_rows(rest);
}

template <class Real>
typename Transform<Real>::Block Transform<Real>::Passes::block(std::size_t layer, std::size_t index) {
  const std::size_t first = index * block_rows;
  return {std::min(block_rows, rows_of(layer) - first), layer * layer_rows_,
          dimension_ == 3 ? middle_.order().data() + first : as_is_.data(), room().rows.data(), cell_pitch_};
}

template <class Real>
typename Transform<Real>::Slab Transform<Real>::Passes::slab(std::size_t index, Real* half, Real* other) {
  const std::size_t middle = index / bundles_, bundle = index % bundles_;
  Slab s{{middle * outer_.cells(), bundle * width_, width(bundle), {middle, 0}},
         outer_.cells(),
         nullptr,
         nullptr,
         0,
         dimension_ == 3 ? 1 : 0};
  if (slabs_in_place_) {
    s.values = half + 2 * s.first.first;
    if (other) s.others = other + 2 * s.first.first;
    s.pitch = 2 * modes_;
    return s;
  }
  Room& own = room();
  if (other && own.other.size() == 0) own.other = Array<Real>(own.slab.size());
  s.values = own.slab.data();
  s.others = own.other.data();
  s.pitch = padded<Real>(2 * s.first.count);
  return s;
}

template <class Real>
void Transform<Real>::Passes::open_layer(std::size_t layer, Way way, Real* half, const Odd& odd) {
  Room& own = room();
  const auto watch = timer(own);
  Real* const there = half + layer * layer_rows_ * 2 * modes_;
  // What is not to come back stays as it is.
  const bool in_place = layers_in_place_ && (way & Way::back);
  own.modes = in_place ? there : own.layer.data();
  if (!(way & Way::out)) return;
  for (std::size_t r = 0; !in_place && r < rows_of(layer); ++r)
    std::copy_n(there + r * 2 * modes_, 2 * modes_, own.modes + r * 2 * mode_pitch_);
  if (dimension_ == 3) middle_.to_cells(own.modes, mode_pitch_, mode_pitch_, odd[1]);
}

template <class Real>
void Transform<Real>::Passes::close_layer(std::size_t layer, Real* half, const Odd& odd) {
  Room& own = room();
  const auto watch = timer(own);
  if (dimension_ == 3) middle_.to_modes(own.modes, mode_pitch_, mode_pitch_, odd[1]);
  Real* const there = half + layer * layer_rows_ * 2 * modes_;
  for (std::size_t r = 0; own.modes != there && r < rows_of(layer); ++r)
    std::copy_n(own.modes + r * 2 * mode_pitch_, 2 * modes_, there + r * 2 * modes_);
}

/// The cells that a sine transform has the other way round.
template <class Real>
void Transform<Real>::Passes::turn_rows(std::size_t layer, std::size_t index, const Odd& odd) {
  if (dimension_ < 3 || !odd[1] || !middle_.even()) return;
  const Block rows = block(layer, index);
  for (std::size_t r = 0; r < rows.count; ++r)
    if (rows.order[r] % 2 != 0) turn(rows.cells + r * rows.pitch, cells_);
}

template <class Real>
void Transform<Real>::Passes::block_to_cells(std::size_t layer, std::size_t index, const Odd& odd) {
  const auto watch = timer(room());
  auto* const modes = reinterpret_cast<typename Fftw<Real>::Complex*>(mode_rows(index));
  Fftw<Real>::run_c2r(row_plans(layer, index).to_cells.get(), modes, room().rows.data());
  turn_rows(layer, index, odd);
}

template <class Real>
void Transform<Real>::Passes::block_to_modes(std::size_t layer, std::size_t index, const Odd& odd) {
  const auto watch = timer(room());
  turn_rows(layer, index, odd);
  auto* const modes = reinterpret_cast<typename Fftw<Real>::Complex*>(mode_rows(index));
  Fftw<Real>::run_r2c(row_plans(layer, index).to_modes.get(), room().rows.data(), modes);
}

template <class Real>
void Transform<Real>::Passes::slab_to_modes(const Slab& s, const Real* half, const Odd& odd) {
  const auto watch = timer(room());
  const bool sines = outer_.even() && odd[dimension_ - 1];
  for (std::size_t place = 0; !slabs_in_place_ && place < s.runs; ++place) {
    const std::size_t cell = outer_.order()[place];
    Real* const line = s.values + place * s.pitch;
    std::copy_n(half + half_place(s, cell), 2 * s.first.count, line);
    if (sines && cell % 2 != 0) turn(line, 2 * s.first.count);
  }
  if (dimension_ > 1) outer_.to_modes(s.values, lines(s), s.pitch / 2, sines);
}

template <class Real>
void Transform<Real>::Passes::slab_to_half(const Slab& s, Real* values, Real* half, const Odd& odd) {
  const auto watch = timer(room());
  const bool sines = outer_.even() && odd[dimension_ - 1];
  if (dimension_ > 1) outer_.to_cells(values, lines(s), s.pitch / 2, sines);
  for (std::size_t place = 0; !slabs_in_place_ && place < s.runs; ++place) {
    const std::size_t cell = outer_.order()[place];
    Real* const line = values + place * s.pitch;
    if (sines && cell % 2 != 0) turn(line, 2 * s.first.count);
    std::copy_n(line, 2 * s.first.count, half + half_place(s, cell));
  }
}

template class Transform<float>::Passes;
template class Transform<double>::Passes;

}  // namespace spinode
