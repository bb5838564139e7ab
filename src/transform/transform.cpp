#include "spinode/transform.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "../output/host_name.hpp"
#include "../output/whole_file.hpp"
#include "passes.hpp"
#include "spinode/error.hpp"
#include "whole.hpp"

namespace spinode {

template <class Real>
Transform<Real>::Transform(const Grid& grid, Planning planning) : grid_(grid), places_(grid.rows()) {
  if (grid.half_axis() == 0) {
    passes_ = std::make_unique<Passes>(grid, planning);
    places_ = RowPlaces(grid.rows(), passes_->rows_of(0), thread_count());
  } else {
    whole_ = std::make_unique<Whole>(grid, planning);
  }
  for (int a = 0; a < grid.dimension(); ++a)
    scale_ /= static_cast<Real>(grid.axis(a).boundary == Boundary::periodic ? grid.cells(a) : 2 * grid.cells(a));
}

template <class Real>
Transform<Real>::~Transform() = default;

template <class Real>
Spectrum<Real>& Transform<Real>::half_of(Spectrum<Real>& spectrum) {
  if (grid_.dimension() < 3) return spectrum;
  if (half_.size() == 0) half_ = Spectrum<Real>(grid_);
  return half_;
}

template <class Real>
Spectrum<Real>& Transform<Real>::kept(const Spectrum<Real>& half) {
  if (half_.size() == 0) half_ = Spectrum<Real>(grid_);
  for_cells(half.size(), [from = half.data(), to = half_.data()](std::size_t i) { to[i] = from[i]; });
  return half_;
}

template <class Real>
void Transform<Real>::forward(Field<Real>& field, Spectrum<Real>& spectrum, const Odd& odd) {
  ++count_;
  if (!passes_) return whole_forward(field, spectrum, odd);
  const std::size_t n = grid_.cells(0), modes = grid_.modes(0);
  Spectrum<Real>& half = half_of(spectrum);
  sweep_cells<NoSum>(back, half, odd,
                     [&](std::size_t row, Real* cells, NoSum&) { std::copy_n(field.data() + row * n, n, cells); });
  sweep_modes<NoSum>(out, half, nullptr, odd, [&](ModeRun run, const Real* values, Real*, NoSum&) {
    std::copy_n(values, 2 * run.count, spectrum.data() + 2 * (run.row * modes + run.first));
  });
}

template <class Real>
void Transform<Real>::inverse(Spectrum<Real>& spectrum, Field<Real>& field, const Odd& odd) {
  ++count_;
  if (!passes_) return whole_inverse(spectrum, field, odd);
  const std::size_t n = grid_.cells(0), modes = grid_.modes(0);
  Spectrum<Real>& half = half_of(spectrum);
  sweep_modes<NoSum>(back, half, nullptr, odd, [&](ModeRun run, Real* values, Real*, NoSum&) {
    std::copy_n(spectrum.data() + 2 * (run.row * modes + run.first), 2 * run.count, values);
  });
  sweep_cells<NoSum>(out, half, odd, [&](std::size_t row, const Real* cells, NoSum&) {
    std::copy_n(cells, n, field.data() + row * n);
  });
}

template <class Real>
Field<Real> Transform<Real>::half_to_field(Spectrum<Real>& half) {
  // A layer is read before its cells are there. Rows of cells are shorter than those of modes, and first lie apart:
  // where they belong another thread may still have to read.
  const std::size_t n = grid_.cells(0), pitch = passes_ ? 2 * grid_.modes(0) : n;
  half_to_cells<NoSum>(
      half, [&](std::size_t row, const Real* cells, NoSum&) { std::copy_n(cells, n, half.data() + row * pitch); });
  for (std::size_t row = 1; pitch > n && row < grid_.rows(); ++row)
    std::copy_n(half.data() + row * pitch, n, half.data() + row * n);
  return Field<Real>(half.data(), grid_);
}

template <class Real>
void Transform<Real>::whole_forward(Field<Real>& field, Spectrum<Real>& spectrum, const Odd& odd) {
  whole_->forward(field, spectrum, odd);
}

template <class Real>
void Transform<Real>::whole_inverse(Spectrum<Real>& spectrum, Field<Real>& field, const Odd& odd) {
  whole_->inverse(spectrum, field, odd);
}

template <class Real>
double Transform<Real>::seconds() const {
  if (whole_) return whole_->seconds();
  return watched_ > 0 ? seconds_ * transforms_ / watched_ : 0;
}

template <class Real>
void Transform<Real>::begin_watch() {
  // A prime, so that the sweeps of a step get their turns.
  constexpr std::size_t every = 17;
  passes_->watch(sweeps_++ % every == 0);
}

template <class Real>
void Transform<Real>::end_watch(double seconds) {
  seconds_ += seconds;
  if (!passes_->watched()) return;
  watched_ += seconds;
  transforms_ = passes_->seconds();
}

template <class Real>
std::size_t Transform<Real>::layers() const {
  return passes_->layers();
}

template <class Real>
std::size_t Transform<Real>::slabs() const {
  return passes_->slabs();
}

template <class Real>
std::size_t Transform<Real>::blocks(std::size_t layer) const {
  return passes_->blocks(layer);
}

template <class Real>
void Transform<Real>::open_layer(std::size_t layer, Way way, Spectrum<Real>& half, const Odd& odd) {
  passes_->open_layer(layer, way, half.data(), odd);
}

template <class Real>
void Transform<Real>::close_layer(std::size_t layer, Way way, Spectrum<Real>& half, const Odd& odd) {
  if (way & back) passes_->close_layer(layer, half.data(), odd);
}

template <class Real>
typename Transform<Real>::Block Transform<Real>::block(std::size_t layer, std::size_t index) {
  return passes_->block(layer, index);
}

template <class Real>
void Transform<Real>::block_to_cells(std::size_t layer, std::size_t index, const Odd& odd) {
  passes_->block_to_cells(layer, index, odd);
}

template <class Real>
void Transform<Real>::block_to_modes(std::size_t layer, std::size_t index, const Odd& odd) {
  passes_->block_to_modes(layer, index, odd);
}

template <class Real>
typename Transform<Real>::Slab Transform<Real>::slab(std::size_t index, Spectrum<Real>& half, Spectrum<Real>* other) {
  return passes_->slab(index, half.data(), other ? other->data() : nullptr);
}

template <class Real>
void Transform<Real>::slab_to_modes(const Slab& slab, const Spectrum<Real>& half, const Odd& odd) {
  passes_->slab_to_modes(slab, half.data(), odd);
}

template <class Real>
void Transform<Real>::slab_to_half(const Slab& slab, Real* values, Spectrum<Real>& half, const Odd& odd) {
  passes_->slab_to_half(slab, values, half.data(), odd);
}

template class Transform<float>;
template class Transform<double>;

Wisdom Wisdom::now() {
  const auto text = [](char* exported) {
    const std::unique_ptr<char, decltype(&std::free)> owner(exported, &std::free);
    return std::string(exported ? exported : "");
  };
  return {text(fftw_export_wisdom_to_string()), text(fftwf_export_wisdom_to_string())};
}

namespace {

/// In either precision; empty where there is no home.
std::array<std::filesystem::path, 2> wisdom_files() {
  const char *const cache = std::getenv("XDG_CACHE_HOME"), *const home = std::getenv("HOME");
  std::filesystem::path folder = cache ? cache : "";
  if (folder.empty() && home && *home) folder = std::filesystem::path(home) / ".cache";
  if (folder.empty()) return {};
  return {folder / "spinode" / ("fftw-" + host_name()), folder / "spinode" / ("fftwf-" + host_name())};
}

}  // namespace

Wisdom Wisdom::kept() {
  const auto text = [](const std::filesystem::path& file) {
    std::ifstream in(file);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const auto [in_double, in_single] = wisdom_files();
  return {text(in_double), text(in_single)};
}

void Wisdom::keep() const {
  const auto [double_file, single_file] = wisdom_files();
  if (double_file.empty()) return;
  std::error_code ignored;
  std::filesystem::create_directories(double_file.parent_path(), ignored);
  try {
    write_whole(double_file, in_double);
    write_whole(single_file, in_single);
  } catch (const IoError&) {
    // The next run plans again.
  }
}

void Wisdom::take_over() const {
  start_threads<double>();
  start_threads<float>();
  fftw_import_wisdom_from_string(in_double.c_str());
  fftwf_import_wisdom_from_string(in_single.c_str());
}

}  // namespace spinode
