// Points that fill a unit cube more evenly than independent random ones do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace spinode {

/// Of each coordinate, one point in each of `count` equal intervals, at a random place in it, the coordinates paired at
/// random (McKay, Beckman & Conover 1979). points[i][d] in (0, 1).
std::vector<std::vector<double>> latin_hypercube(std::size_t count, std::size_t dimension, std::uint64_t seed);

/// The first `count` points of Sobol's sequence (Sobol 1967, direction numbers of Joe & Kuo 2008), beginning with the
/// origin, after a random digital shift: their bits are flipped alike, which keeps how evenly they lie. Of 2^m points
/// one lies in each of 2^m equal intervals of a coordinate. dimension <= sobol_most_dimensions.
std::vector<std::vector<double>> sobol(std::size_t count, std::size_t dimension, std::uint64_t seed);
inline constexpr std::size_t sobol_most_dimensions = 1000;

/// How a parameter that is not known for sure is distributed; two or three numbers in the parameter's unit.
struct Distribution {
  enum class Kind { uniform, log_uniform, normal, log_normal, triangular };

  Kind kind;
  std::vector<double> numbers;

  /// The distribution of that name, [from, to], [mean, standard deviation], [median, factor of one standard deviation]
  /// or [from, most likely, to]. Throws std::invalid_argument with what was expected.
  Distribution(const std::string& name, std::vector<double> numbers_given);
  /// The value that a share u of all draws, in (0, 1), does not reach.
  double quantile(double u) const;
  /// Whether number i is without unit whatever the parameter has.
  bool is_factor(std::size_t i) const { return kind == Kind::log_normal && i == 1; }
};

/// "uniform", "log_uniform", ...
const std::vector<std::string>& distribution_names();

/// Quantile of the standard normal distribution.
double normal_quantile(double u);

}  // namespace spinode
