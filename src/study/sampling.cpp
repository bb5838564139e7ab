#include "spinode/study/sampling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/math/special_functions/erf.hpp>
#include <boost/random/sobol.hpp>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "../random.hpp"

namespace spinode {
namespace {

struct Form {
  const char *name, *expected;
  std::size_t numbers;
};

/// In the order of Distribution::Kind.
constexpr std::array forms{Form{"uniform", "[from, to] with from < to", 2},
                           Form{"log_uniform", "[from, to] with 0 < from < to", 2},
                           Form{"normal", "[mean, standard deviation] with a deviation > 0", 2},
                           Form{"log_normal", "[median, factor] with a median > 0 and a factor > 1", 2},
                           Form{"triangular", "[from, most likely, to] in rising order", 3}};

}  // namespace

std::vector<std::vector<double>> latin_hypercube(std::size_t count, std::size_t dimension, std::uint64_t seed) {
  std::vector<std::vector<double>> points(count, std::vector<double>(dimension));
  for (std::size_t d = 0; d < dimension; ++d) {
    // The order of random numbers is a random order.
    std::vector<std::array<double, 2>> random(count);
    for (std::size_t i = 0; i < count; ++i) random[i] = uniform_pair(i, d, seed);
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return std::pair(random[a][0], a) < std::pair(random[b][0], b); });
    for (std::size_t i = 0; i < count; ++i)
      points[order[i]][d] = (static_cast<double>(i) + random[i][1]) / static_cast<double>(count);
  }
  return points;
}

std::vector<std::vector<double>> sobol(std::size_t count, std::size_t dimension, std::uint64_t seed) {
  if (dimension > sobol_most_dimensions)
    throw std::invalid_argument(fmt::format("Sobol's sequence is known in {} dimensions", sobol_most_dimensions));
  boost::random::sobol sequence(dimension);
  std::vector<std::vector<double>> points(count, std::vector<double>(dimension));
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t d = 0; d < dimension; ++d) {
      // Boost leaves the origin out.
      const std::uint64_t digits = (i == 0 ? 0 : sequence()) ^ random_bits(0, d, seed)[0];
      points[i][d] = unit_fraction(digits);
    }
  return points;
}

Distribution::Distribution(const std::string& name, std::vector<double> numbers_given)
    : kind(Kind::uniform), numbers(std::move(numbers_given)) {
  const auto form = std::find_if(forms.begin(), forms.end(), [&](const Form& f) { return f.name == name; });
  if (form == forms.end()) throw std::invalid_argument("expected a distribution");
  kind = static_cast<Kind>(form - forms.begin());
  const auto good = [&] {
    if (numbers.size() != form->numbers) return false;
    switch (kind) {
      case Kind::uniform:
        return numbers[0] < numbers[1];
      case Kind::log_uniform:
        return 0 < numbers[0] && numbers[0] < numbers[1];
      case Kind::normal:
        return numbers[1] > 0;
      case Kind::log_normal:
        return numbers[0] > 0 && numbers[1] > 1;
      case Kind::triangular:
        return numbers[0] <= numbers[1] && numbers[1] <= numbers[2] && numbers[0] < numbers[2];
    }
    return false;
  };
  if (!good()) throw std::invalid_argument(fmt::format("expected {} = {}", name, form->expected));
}

double Distribution::quantile(double u) const {
  switch (kind) {
    case Kind::uniform:
      return numbers[0] + u * (numbers[1] - numbers[0]);
    case Kind::log_uniform:
      return numbers[0] * std::pow(numbers[1] / numbers[0], u);
    case Kind::normal:
      return numbers[0] + numbers[1] * normal_quantile(u);
    case Kind::log_normal:
      return numbers[0] * std::pow(numbers[1], normal_quantile(u));
    case Kind::triangular: {
      const double length = numbers[2] - numbers[0], rise = numbers[1] - numbers[0], fall = numbers[2] - numbers[1];
      return u * length < rise ? numbers[0] + std::sqrt(u * length * rise)
                               : numbers[2] - std::sqrt((1 - u) * length * fall);
    }
  }
  throw std::logic_error("unknown distribution");
}

const std::vector<std::string>& distribution_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Form& form : forms) all.emplace_back(form.name);
    return all;
  }();
  return names;
}

double normal_quantile(double u) { return -std::sqrt(2.0) * boost::math::erfc_inv(2 * u); }

}  // namespace spinode
