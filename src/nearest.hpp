// The known name that a mistyped one was meant to be.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spinode {

/// Edit distance with transpositions (Damerau 1964).
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

/// The nearest of `known`, dotted names; empty when none is near. The right word in the wrong table is a near miss too.
inline std::string nearest(const std::string& name, const std::vector<std::string>& known) {
  constexpr std::size_t longest = 100;
  if (name.size() > longest) return "";
  const auto last_part = [](std::string_view text) { return text.substr(text.rfind('.') + 1); };
  const std::size_t limit = std::max<std::size_t>({1, std::min<std::size_t>(2, name.size() / 3), name.size() / 4});
  std::string best;
  std::pair<std::size_t, std::size_t> best_cost{limit + 1, 0};
  for (const std::string& candidate : known) {
    const std::size_t d = edit_distance(name, candidate);
    const bool same_word = last_part(name) == last_part(candidate);
    if (const std::pair cost{same_word ? std::min<std::size_t>(d, 1) : d, d}; cost < best_cost) {
      best_cost = cost;
      best = candidate;
    }
  }
  return best;
}

}  // namespace spinode
