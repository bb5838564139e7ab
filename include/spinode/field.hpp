// Numbers on a grid and their spectrum: aligned memory, first touched by the threads that will use it.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <memory>

#include "spinode/grid.hpp"

namespace spinode {

namespace detail {
struct Free {
  bool owned = true;
  void operator()(void* memory) const;
};
/// `count` elements of `size` bytes, zeroed, aligned to 64 bytes; throws std::bad_alloc.
void* allocate(std::size_t count, std::size_t size);
}  // namespace detail

/// A contiguous, zeroed array that owns its memory and moves but does not copy.
template <class Real>
class Array {
 public:
  Array() = default;
  explicit Array(std::size_t size) : data_(static_cast<Real*>(detail::allocate(size, sizeof(Real)))), size_(size) {}
  /// Numbers in memory of another array, as long as that is there.
  Array(Real* lent, std::size_t size) : data_(lent, detail::Free{.owned = false}), size_(size) {}

  Real* data() { return data_.get(); }
  const Real* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  Real& operator[](std::size_t i) { return data_.get()[i]; }
  Real operator[](std::size_t i) const { return data_.get()[i]; }

  using Vector = Eigen::Array<Real, Eigen::Dynamic, 1>;
  Eigen::Map<Vector> array() { return {data(), static_cast<Eigen::Index>(size_)}; }
  Eigen::Map<const Vector> array() const { return {data(), static_cast<Eigen::Index>(size_)}; }

 private:
  std::unique_ptr<Real, detail::Free> data_;
  std::size_t size_ = 0;
};

/// One value per cell, the first axis fastest.
template <class Real>
struct Field : Array<Real> {
  Field() = default;
  explicit Field(const Grid& grid) : Array<Real>(grid.size()) {}
  Field(Real* lent, const Grid& grid) : Array<Real>(lent, grid.size()) {}
};

/// Amplitudes x̂ of x = Σ x̂(k) basis(k): `lanes` reals per mode, in rows of modes along the
/// first axis (Grid::mode_row). x̂(0) is the mean of x.
template <class Real>
struct Spectrum : Array<Real> {
  Spectrum() = default;
  explicit Spectrum(const Grid& grid) : Array<Real>(grid.mode_count() * grid.lanes()) {}
};

}  // namespace spinode
