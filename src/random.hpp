// Normal and uniform numbers that are a function of counter and key (Philox: Salmon et al. 2011), so that they depend
// on no order.
#pragma once

#include <Random123/philox.h>

#include <Random123/boxmuller.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace spinode {

/// 128 random bits.
inline std::array<std::uint64_t, 2> random_bits(std::uint64_t counter, std::uint64_t stream, std::uint64_t seed) {
  const auto low = [](std::uint64_t bits) { return static_cast<std::uint32_t>(bits); };
  const auto high = [](std::uint64_t bits) { return static_cast<std::uint32_t>(bits >> 32); };
  const r123::Philox4x32::ctr_type position{{low(counter), high(counter), low(stream), high(stream)}};
  const r123::Philox4x32::key_type key{{low(seed), high(seed)}};
  const auto bits = r123::Philox4x32()(position, key);
  const auto join = [](std::uint32_t lower, std::uint32_t upper) { return std::uint64_t{upper} << 32 | lower; };
  return {join(bits[0], bits[1]), join(bits[2], bits[3])};
}

/// Two independent standard normal numbers, cut at six standard deviations: beyond them lies one in 500 million.
inline std::array<double, 2> normal_pair(std::uint64_t counter, std::uint64_t stream, std::uint64_t seed) {
  constexpr double most = 6;
  const auto bits = random_bits(counter, stream, seed);
  const r123::double2 z = r123::boxmuller(bits[0], bits[1]);
  return {std::clamp(z.x, -most, most), std::clamp(z.y, -most, most)};
}

/// The number in (0, 1) whose first 52 binary digits are those of `bits`.
inline double unit_fraction(std::uint64_t bits) { return std::ldexp(static_cast<double>(bits >> 12) + 0.5, -52); }

/// Two independent numbers, uniform in (0, 1).
inline std::array<double, 2> uniform_pair(std::uint64_t counter, std::uint64_t stream, std::uint64_t seed) {
  const auto bits = random_bits(counter, stream, seed);
  return {unit_fraction(bits[0]), unit_fraction(bits[1])};
}

}  // namespace spinode
