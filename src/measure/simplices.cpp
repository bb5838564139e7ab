#include "simplices.hpp"

#include <algorithm>
#include <numeric>

namespace spinode {
namespace {

std::vector<std::array<unsigned, 4>> paths(int dimension) {
  std::vector<std::array<unsigned, 4>> all;
  std::array<int, 3> order{};
  std::iota(order.begin(), order.end(), 0);
  do {
    std::array<unsigned, 4> corners{};
    for (int step = 0; step < dimension; ++step) corners[step + 1] = corners[step] | 1u << order[step];
    all.push_back(corners);
  } while (std::next_permutation(order.begin(), order.begin() + dimension));
  return all;
}

}  // namespace

const std::vector<std::array<unsigned, 4>>& simplices(int dimension) {
  static const std::array all{paths(1), paths(2), paths(3)};
  return all[dimension - 1];
}

}  // namespace spinode
