// ln(a/b) in code that compilers turn into vector instructions: one division and no call, within a unit in the last
// place of ln a and of ln b.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "vector_clones.hpp"

namespace spinode {

template <class Real>
struct LogTables;

// With 2 atanh(f) = 2 f + f s P(s), s = f^2 <= 1/9: P interpolated at Chebyshev points, to 5e-18 and 4e-10 of f.
template <>
struct LogTables<double> {
  using Bits = std::uint64_t;
  static constexpr int fraction = 52;
  static constexpr double ln2_high = 0x1.62e42fefa3800p-1, ln2_low = 0x1.ef35793c76730p-45;
  static constexpr std::array<double, 10> P{
      0.16164045611943531, 0.088007384861446741, 0.12001072809590713, 0.13314144209654935, 0.15385570064958623,
      0.18181789436132859, 0.22222222717427864,  0.28571428567108759, 0.40000000000014585, 0.66666666666666663};
};
template <>
struct LogTables<float> {
  using Bits = std::uint32_t;
  static constexpr int fraction = 23;
  static constexpr float ln2_high = 0x1.62e3p-1F, ln2_low = 0x1.2fefa4p-17F;
  static constexpr std::array<float, 5> P{0.23224329F, 0.21706576F, 0.28592358F, 0.39999706F, 0.66666667F};
};

/// Of positive normal numbers.
template <class Real>
SPINODE_INLINE Real log_ratio(Real a, Real b) {
  using Tables = LogTables<Real>;
  using Bits = typename Tables::Bits;
  // A number is 2^e times a mantissa from sqrt(1/2) on. 2^fraction + e is exact, and its bits are those of e.
  constexpr Bits root = std::bit_cast<Bits>(Real(0.70710678118654752440)), one = std::bit_cast<Bits>(Real(1)),
                 mask = (Bits(1) << Tables::fraction) - 1,
                 large = std::bit_cast<Bits>(static_cast<Real>(Bits(1) << Tables::fraction));
  const Bits of_a = std::bit_cast<Bits>(a) + (one - root), of_b = std::bit_cast<Bits>(b) + (one - root);
  const Real m_a = std::bit_cast<Real>((of_a & mask) + root), m_b = std::bit_cast<Real>((of_b & mask) + root);
  const Real e =
      std::bit_cast<Real>((of_a >> Tables::fraction) | large) - std::bit_cast<Real>((of_b >> Tables::fraction) | large);
  const Real f = (m_a - m_b) / (m_a + m_b), s = f * f;
  Real P = Tables::P[0];
#pragma GCC unroll 16
  for (std::size_t i = 1; i < Tables::P.size(); ++i) P = P * s + Tables::P[i];
  return e * Tables::ln2_high + (2 * f + (f * s * P + e * Tables::ln2_low));
}

}  // namespace spinode
