#include "cell_kernels.hpp"

#include <array>
#include <type_traits>

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

/// Logarithms ahead of what is made of them: a call takes all vector registers, which a loop with much to hold would
/// have to save.
template <class Real>
struct Logarithms {
  alignas(64) Real solute[chunk], host[chunk];
};

/// Of what solute(x) and host(x) give.
template <class Real, class Solute, class Host>
SPINODE_INLINE void fill(Logarithms<Real>& logs, const Real* x, std::size_t n, Solute solute, Host host) {
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) logs.solute[i] = std::log(solute(x[i]));
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) logs.host[i] = std::log(host(x[i]));
}

/// Calls body(first, count) for pieces of n for which there is room.
template <class Body>
SPINODE_INLINE void in_pieces(std::size_t n, Body body) {
  for (std::size_t first = 0; first < n; first += chunk) body(first, std::min(n - first, chunk));
}

template <class Real>
SPINODE_INLINE void slope_body(const LocalEnergy<Real>& G, Real* cells, std::size_t size, CellSums& sums) {
  const Real theta = G.theta, cutoff = G.cutoff, center = G.center;
  const Real log_cutoff = std::log(cutoff), inverse = 1 / cutoff;
  const auto sweep = [&](auto degree, auto logarithmic, Real* x, std::size_t n,
                         [[maybe_unused]] const Logarithms<Real>& logs) SPINODE_INLINED {
    const Coefficients<degree, Real> excess(G);
    double total = 0, energy = 0, extended = 0;
    Real low = std::numeric_limits<Real>::infinity(), high = -low;
#pragma omp simd reduction(+ : total, energy, extended) reduction(min : low) reduction(max : high)
    for (std::size_t i = 0; i < n; ++i) {
      const Real solute = x[i];
      const Excess<Real> local = excess(solute - center);
      Real value = local.value, slope = local.slope;
      if constexpr (logarithmic) {
        const Real host = 1 - solute;
        const Real inner_solute = greater(solute, cutoff), inner_host = greater(host, cutoff);
        const Real below_solute = solute - inner_solute, below_host = host - inner_host;  // <= 0, outside only
        const Real log_solute = logs.solute[i], log_host = logs.host[i];
        slope += theta * (log_solute - log_host + (below_solute - below_host) * inverse);
        value += theta * (inner_solute * log_solute + inner_host * log_host + below_solute * (log_cutoff + 1) +
                          below_host * (log_cutoff + 1) +
                          (below_solute * below_solute + below_host * below_host) * inverse / 2);
        extended += (below_solute < 0 || below_host < 0) ? 1.0 : 0.0;
      }
      x[i] = slope;
      total += solute;
      energy += value;
      low = lesser(low, solute);
      high = greater(high, solute);
    }
    sums.x += total;
    sums.energy += energy;
    sums.extended += extended;
    sums.x_min = std::min(sums.x_min, static_cast<double>(low));
    sums.x_max = std::max(sums.x_max, static_cast<double>(high));
  };
  of_degree(G.c.size(), [&](auto degree) SPINODE_INLINED {
    Logarithms<Real> logs;
    if (theta > 0)
      in_pieces(size, [&](std::size_t first, std::size_t count) SPINODE_INLINED {
        fill(
            logs, cells + first, count, [=](Real solute) SPINODE_INLINED { return greater(solute, cutoff); },
            [=](Real solute) SPINODE_INLINED { return greater(1 - solute, cutoff); });
        sweep(degree, std::true_type{}, cells + first, count, logs);
      });
    else
      sweep(degree, std::false_type{}, cells, size, logs);
  });
}

template <class Real>
SPINODE_INLINE void log_odds_body(const Real* x, std::size_t n, Real edge, Real upper_edge, Real* y, Real* energy) {
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) {
    const Real solute = lesser(greater(x[i], edge), upper_edge), host = 1 - solute;
    const Real log_solute = std::log(solute), log_host = std::log(host);
    y[i] = log_solute - log_host;
    energy[i] = solute * log_solute + host * log_host + (x[i] - solute) * y[i];
  }
}

template <class Real>
SPINODE_INLINE void staggered_body(const LocalEnergy<Real>& G, const Real* x, std::size_t n, Real edge, Real upper_edge,
                                   Real* y, Real* w, CellSums& sums) {
  const Real theta = G.theta, center = G.center;
  const auto inside = [=](Real solute) SPINODE_INLINED { return lesser(greater(solute, edge), upper_edge); };
  const auto sweep = [&](auto degree, std::size_t first, std::size_t end,
                         const Logarithms<Real>& logs) SPINODE_INLINED {
    const Coefficients<degree, Real> excess(G);
    double total = 0, energy = 0;
    Real low = std::numeric_limits<Real>::infinity(), high = -low;
#pragma omp simd reduction(+ : total, energy) reduction(min : low) reduction(max : high)
    for (std::size_t i = first; i < end; ++i) {
      const Real solute = inside(x[i]), host = 1 - solute;
      const Real log_solute = logs.solute[i - first], log_host = logs.host[i - first], odds = log_solute - log_host;
      const Excess<Real> local = excess(x[i] - center);
      y[i] = odds;
      w[i] += local.slope;
      total += x[i];
      energy += local.value + theta * (solute * log_solute + host * log_host + (x[i] - solute) * odds);
      low = lesser(low, x[i]);
      high = greater(high, x[i]);
    }
    sums.x += total;
    sums.energy += energy;
    sums.x_min = std::min(sums.x_min, static_cast<double>(low));
    sums.x_max = std::max(sums.x_max, static_cast<double>(high));
  };
  of_degree(G.c.size(), [&](auto degree) SPINODE_INLINED {
    Logarithms<Real> logs;
    in_pieces(n, [&](std::size_t first, std::size_t count) SPINODE_INLINED {
      fill(logs, x + first, count, inside, [=](Real solute) SPINODE_INLINED { return 1 - inside(solute); });
      sweep(degree, first, first + count, logs);
    });
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
  SPINODE_VECTOR_CLONES void log_odds(const Real* x, std::size_t n, Real edge, Real upper_edge, Real* y,               \
                                      Real* energy) {                                                                  \
    log_odds_body(x, n, edge, upper_edge, y, energy);                                                                  \
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
