// Normal numbers that are a function of counter and key (Philox: Salmon et al. 2011), so that they depend on no order.
#pragma once

#include <Random123/philox.h>

#include <Random123/boxmuller.hpp>
#include <algorithm>
#include <array>
#include <cstdint>

namespace spinode {

/// Two independent standard normal numbers, cut at six standard deviations: beyond them lies one in 500 million.
inline std::array<double, 2> normal_pair(std::uint64_t counter, std::uint64_t stream, std::uint64_t seed) {
  constexpr double most = 6;
  const auto low = [](std::uint64_t bits) { return static_cast<std::uint32_t>(bits); };
  const auto high = [](std::uint64_t bits) { return static_cast<std::uint32_t>(bits >> 32); };
  const r123::Philox4x32::ctr_type position{{low(counter), high(counter), low(stream), high(stream)}};
  const r123::Philox4x32::key_type key{{low(seed), high(seed)}};
  const auto bits = r123::Philox4x32()(position, key);
  const auto join = [](std::uint32_t lower, std::uint32_t upper) { return std::uint64_t{upper} << 32 | lower; };
  const r123::double2 z = r123::boxmuller(join(bits[0], bits[1]), join(bits[2], bits[3]));
  return {std::clamp(z.x, -most, most), std::clamp(z.y, -most, most)};
}

}  // namespace spinode
