#include "cell_kernels.hpp"

#include <array>
#include <type_traits>

#include "log_ratio.hpp"
#include "vector_clones.hpp"

namespace spinode {
namespace {

/// Value and slope of the excess energy at x.
template <class Real>
struct Excess {
  Real value, slope;
};

/// The coefficients of a degree that is known as the program is compiled: a copy, which no write to a field can change.
/// `degree` < 0: whatever G has.
template <int degree, class Real>
struct Coefficients {
  std::array<Real, degree + 1> c;

  SPINODE_INLINE explicit Coefficients(const LocalEnergy<Real>& G) { std::copy_n(G.c.data(), degree + 1, c.data()); }
  SPINODE_INLINE Excess<Real> operator()(Real distance) const {
    Real value = c[0], slope = 0;
#pragma GCC unroll 16
    for (int i = 1; i <= degree; ++i) {
      slope = slope * distance + value;
      value = value * distance + c[i];
    }
    return {value, slope};
  }
};

template <class Real>
struct Coefficients<-1, Real> {
  const Real* c;
  std::size_t terms;

  SPINODE_INLINE explicit Coefficients(const LocalEnergy<Real>& G) : c(G.c.data()), terms(G.c.size()) {}
  SPINODE_INLINE Excess<Real> operator()(Real distance) const {
    Real value = c[0], slope = 0;
    for (std::size_t i = 1; i < terms; ++i) {
      slope = slope * distance + value;
      value = value * distance + c[i];
    }
    return {value, slope};
  }
};

// As functions of values the compiler turns these into vector instructions; std::min and std::max return references.
template <class Real>
SPINODE_INLINE Real lesser(Real a, Real b) {
  return a < b ? a : b;
}
template <class Real>
SPINODE_INLINE Real greater(Real a, Real b) {
  return a > b ? a : b;
}

/// Numbers of terms that there is code for; LocalEnergy fills up with zeros.
constexpr std::array<std::size_t, 6> known_terms{3, 4, 5, 6, 9, 13};

/// Calls body(std::integral_constant<int, degree>) for the degree that there is, -1 where it is too high.
template <class Body>
SPINODE_INLINE void of_degree(std::size_t terms, Body body) {
  switch (terms) {
    case known_terms[0]:
      return body(std::integral_constant<int, known_terms[0] - 1>{});
    case known_terms[1]:
      return body(std::integral_constant<int, known_terms[1] - 1>{});
    case known_terms[2]:
      return body(std::integral_constant<int, known_terms[2] - 1>{});
    case known_terms[3]:
      return body(std::integral_constant<int, known_terms[3] - 1>{});
    case known_terms[4]:
      return body(std::integral_constant<int, known_terms[4] - 1>{});
    case known_terms[5]:
      return body(std::integral_constant<int, known_terms[5] - 1>{});
    default:
      return body(std::integral_constant<int, -1>{});
  }
}

// The logarithm of what is more in a cell, from ln(1/2) to 0, is a term of the energy by itself: over a piece of
// `chunk` cells, it is one logarithm of their product, 2^-512 at least.
static_assert(chunk <= 512);

/// Calls body(first, count) for pieces of n.
template <class Body>
SPINODE_INLINE void in_pieces(std::size_t n, Body body) {
  for (std::size_t first = 0; first < n; first += chunk) body(first, std::min(n - first, chunk));
}

template <class Real>
SPINODE_INLINE void slope_body(const LocalEnergy<Real>& G, Real* cells, std::size_t size, CellSums& sums) {
  const Real theta = G.theta, cutoff = G.cutoff, center = G.center, inverse = 1 / cutoff;
  const auto sweep = [&](auto degree, auto logarithmic, Real* x, std::size_t n) SPINODE_INLINED {
    const Coefficients<degree, Real> excess(G);
    double total = 0, energy = 0, majors = 1, extended = 0;
    Real low = std::numeric_limits<Real>::infinity(), high = -low;
#pragma omp simd reduction(+ : total, energy, extended) reduction(* : majors) reduction(min : low) reduction(max : high)
    for (std::size_t i = 0; i < n; ++i) {
      const Real solute = x[i];
      const Excess<Real> local = excess(solute - center);
      Real value = local.value, slope = local.slope;
      if constexpr (logarithmic) {
        const Real host = 1 - solute;
        const Real inner_solute = greater(solute, cutoff), inner_host = greater(host, cutoff);
        const Real below_solute = solute - inner_solute, below_host = host - inner_host;  // <= 0, outside only
        const Real y = log_ratio(inner_solute, inner_host);
        slope += theta * (y + (below_solute - below_host) * inverse);
        // Where there is anything below, the logarithm of what is more is ln(cutoff) + |y|.
        value +=
            theta * (below_solute * (1 + y) + below_host * (1 - y) - lesser(inner_solute, inner_host) * std::abs(y) +
                     (below_solute * below_solute + below_host * below_host) * inverse / 2);
        majors *= greater(inner_solute, inner_host);
        extended += (below_solute < 0 || below_host < 0) ? 1.0 : 0.0;
      }
      x[i] = slope;
      total += solute;
      energy += value;
      low = lesser(low, solute);
      high = greater(high, solute);
    }
    sums.x += total;
    sums.energy += energy + theta * std::log(majors);
    sums.extended += extended;
    sums.x_min = std::min(sums.x_min, static_cast<double>(low));
    sums.x_max = std::max(sums.x_max, static_cast<double>(high));
  };
  of_degree(G.c.size(), [&](auto degree) SPINODE_INLINED {
    if (theta > 0)
      in_pieces(size, [&](std::size_t first, std::size_t count)
                          SPINODE_INLINED { sweep(degree, std::true_type{}, cells + first, count); });
    else
      sweep(degree, std::false_type{}, cells, size);
  });
}

template <class Real>
SPINODE_INLINE double log_odds_body(const Real* x, std::size_t size, Real edge, Real upper_edge, Real* y) {
  double sum = 0;
  in_pieces(size, [&](std::size_t first, std::size_t count) SPINODE_INLINED {
    double energy = 0, majors = 1;
#pragma omp simd reduction(+ : energy) reduction(* : majors)
    for (std::size_t i = first; i < first + count; ++i) {
      const Real solute = lesser(greater(x[i], edge), upper_edge), host = 1 - solute, odds = log_ratio(solute, host);
      y[i] = odds;
      energy += (x[i] - solute) * odds - lesser(solute, host) * std::abs(odds);
      majors *= greater(solute, host);
    }
    sum += energy + std::log(majors);
  });
  return sum;
}

template <class Real>
SPINODE_INLINE void staggered_body(const LocalEnergy<Real>& G, const Real* x, std::size_t n, Real edge, Real upper_edge,
                                   Real* y, Real* w, CellSums& sums) {
  const Real theta = G.theta, center = G.center;
  const auto sweep = [&](auto degree, std::size_t first, std::size_t end) SPINODE_INLINED {
    const Coefficients<degree, Real> excess(G);
    double total = 0, energy = 0, majors = 1;
    Real low = std::numeric_limits<Real>::infinity(), high = -low;
#pragma omp simd reduction(+ : total, energy) reduction(* : majors) reduction(min : low) reduction(max : high)
    for (std::size_t i = first; i < end; ++i) {
      const Real solute = lesser(greater(x[i], edge), upper_edge), host = 1 - solute, odds = log_ratio(solute, host);
      const Excess<Real> local = excess(x[i] - center);
      y[i] = odds;
      w[i] += local.slope;
      total += x[i];
      energy += local.value + theta * ((x[i] - solute) * odds - lesser(solute, host) * std::abs(odds));
      majors *= greater(solute, host);
      low = lesser(low, x[i]);
      high = greater(high, x[i]);
    }
    sums.x += total;
    sums.energy += energy + theta * std::log(majors);
    sums.x_min = std::min(sums.x_min, static_cast<double>(low));
    sums.x_max = std::max(sums.x_max, static_cast<double>(high));
  };
  of_degree(G.c.size(), [&](auto degree) SPINODE_INLINED {
    in_pieces(n, [&](std::size_t first, std::size_t count) SPINODE_INLINED { sweep(degree, first, first + count); });
  });
}

template <class Real>
SPINODE_INLINE void extremes_body(const Real* x, std::size_t n, CellSums& sums) {
  double total = 0;
  Real low = std::numeric_limits<Real>::infinity(), high = -low;
#pragma omp simd reduction(+ : total) reduction(min : low) reduction(max : high)
  for (std::size_t i = 0; i < n; ++i) {
    total += x[i];
    low = lesser(low, x[i]);
    high = greater(high, x[i]);
  }
  sums.x += total;
  sums.x_min = std::min(sums.x_min, static_cast<double>(low));
  sums.x_max = std::max(sums.x_max, static_cast<double>(high));
}

template <class Real>
SPINODE_INLINE double sum_body(const Real* value, std::size_t n) {
  double total = 0;
#pragma omp simd reduction(+ : total)
  for (std::size_t i = 0; i < n; ++i) total += value[i];
  return total;
}

template <class Real>
SPINODE_INLINE void polynomial_body(const Polynomial& p, const Real* x, std::size_t n, Real* value) {
  const std::size_t degree = p.c.empty() ? 0 : p.c.size() - 1;
  const Real top = p.c.empty() ? Real(0) : static_cast<Real>(p.c[degree]), center = static_cast<Real>(p.center);
  std::fill_n(value, n, top);
  for (std::size_t power = degree; power-- > 0;) {
    const Real c = static_cast<Real>(p.c[power]);
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) value[i] = value[i] * (x[i] - center) + c;
  }
}

}  // namespace

template <class Real>
LocalEnergy<Real>::LocalEnergy(const FreeEnergy& G, double log_cutoff)
    : theta(static_cast<Real>(G.ideal())),
      cutoff(static_cast<Real>(log_cutoff)),
      center(static_cast<Real>(G.excess().center)) {
  const Polynomial excess = G.excess();
  for (const std::size_t terms : known_terms)
    if (excess.c.size() <= terms) {
      c.assign(terms - excess.c.size(), Real(0));
      break;
    }
  for (std::size_t n = excess.c.size(); n-- > 0;) c.push_back(static_cast<Real>(excess.c[n]));
}

template struct LocalEnergy<float>;
template struct LocalEnergy<double>;

// Clones cannot be templates.
#define SPINODE_CELL_KERNELS(Real)                                                                                     \
  template <>                                                                                                          \
  SPINODE_VECTOR_CLONES void evaluate_polynomial(const Polynomial& p, const Real* x, std::size_t n, Real* value) {     \
    polynomial_body(p, x, n, value);                                                                                   \
  }                                                                                                                    \
  template <>                                                                                                          \
  SPINODE_VECTOR_CLONES void local_slope(const LocalEnergy<Real>& G, Real* x, std::size_t n, CellSums& sums) {         \
    slope_body(G, x, n, sums);                                                                                         \
  }                                                                                                                    \
  template <>                                                                                                          \
  SPINODE_VECTOR_CLONES double log_odds(const Real* x, std::size_t n, Real edge, Real upper_edge, Real* y) {           \
    return log_odds_body(x, n, edge, upper_edge, y);                                                                   \
  }                                                                                                                    \
  template <>                                                                                                          \
  SPINODE_VECTOR_CLONES void staggered_potentials(const LocalEnergy<Real>& G, const Real* x, std::size_t n, Real edge, \
                                                  Real upper_edge, Real* y, Real* w, CellSums& sums) {                 \
    staggered_body(G, x, n, edge, upper_edge, y, w, sums);                                                             \
  }                                                                                                                    \
  template <>                                                                                                          \
  SPINODE_VECTOR_CLONES void add_extremes(const Real* x, std::size_t n, CellSums& sums) {                              \
    extremes_body(x, n, sums);                                                                                         \
  }                                                                                                                    \
  template <>                                                                                                          \
  SPINODE_VECTOR_CLONES double sum_of(const Real* value, std::size_t n) {                                              \
    return sum_body(value, n);                                                                                         \
  }

SPINODE_CELL_KERNELS(float)
SPINODE_CELL_KERNELS(double)

}  // namespace spinode
