// Polynomials about a center, p(x) = sum_n c_n (x - center)^n, evaluated by Horner's rule (Horner 1819).
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace spinode {

struct Polynomial {
  double center = 0;
  std::vector<double> c;

  double operator()(double x) const {
    double sum = 0;
    for (std::size_t n = c.size(); n-- > 0;) sum = sum * (x - center) + c[n];
    return sum;
  }

  Polynomial derivative() const {
    Polynomial slope{center, {}};
    for (std::size_t n = 1; n < c.size(); ++n) slope.c.push_back(static_cast<double>(n) * c[n]);
    return slope;
  }

  /// The same polynomial about another center: its Taylor expansion there.
  Polynomial recentered(double new_center) const {
    Polynomial shifted{new_center, c};
    for (std::size_t done = 0; done + 1 < c.size(); ++done)
      for (std::size_t n = c.size() - 1; n-- > done;) shifted.c[n] += (new_center - center) * shifted.c[n + 1];
    return shifted;
  }
};

/// Sum of polynomials; the result keeps the center of the first.
inline Polynomial operator+(Polynomial p, const Polynomial& other) {
  const Polynomial q = other.recentered(p.center);
  p.c.resize(std::max(p.c.size(), q.c.size()));
  for (std::size_t n = 0; n < q.c.size(); ++n) p.c[n] += q.c[n];
  return p;
}

/// Product of polynomials; the result keeps the center of the first.
inline Polynomial operator*(const Polynomial& p, const Polynomial& other) {
  if (p.c.empty() || other.c.empty()) return {p.center, {}};
  const Polynomial q = other.recentered(p.center);
  Polynomial product{p.center, std::vector<double>(p.c.size() + q.c.size() - 1)};
  for (std::size_t m = 0; m < p.c.size(); ++m)
    for (std::size_t n = 0; n < q.c.size(); ++n) product.c[m + n] += p.c[m] * q.c[n];
  return product;
}

inline Polynomial operator*(double factor, Polynomial p) {
  for (double& coefficient : p.c) coefficient *= factor;
  return p;
}

}  // namespace spinode
