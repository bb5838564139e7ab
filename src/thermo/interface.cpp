// Flat interfaces over u = ln[(x - x_alpha)/(x_beta - x)] (Cahn & Hilliard 1958): the profile of a double well is
// linear in u, that of any G tends to straight lines, and integrands over x decay exponentially at both ends.
#include "spinode/thermo/interface.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "root.hpp"

namespace spinode {
namespace {

constexpr double u_end = 32;              // x is that of a phase to round-off
constexpr double cell_length = 1.0 / 32;  // resolves a third phase 0.003 RT above the tangent

// psi(t) = (1+t) ln(1+t) - t: x psi(d/x) + (1-x) psi(-d/(1-x)) is the ideal term less its tangent at x, at x + d.
double entropy_of_change(double t) { return (1 + t) * std::log1p(t) - t; }

// Height of G above its tangent at one phase, a distance d away. The tangent is taken off term by term: close to the
// phase, G less its tangent would be what remains of large numbers that cancel.
class TangentHeight {
 public:
  TangentHeight(const FreeEnergy& G, double x, double one_minus_x)
      : ideal_(G.ideal()), x_(x), one_minus_x_(one_minus_x), excess_(G.excess().recentered(x)) {
    for (std::size_t n = 0; n < std::min<std::size_t>(2, excess_.c.size()); ++n) excess_.c[n] = 0;
    excess_.center = 0;
  }

  double operator()(double d) const {
    if (ideal_ == 0) return excess_(d);
    return ideal_ * (x_ * entropy_of_change(d / x_) + one_minus_x_ * entropy_of_change(-d / one_minus_x_)) + excess_(d);
  }

 private:
  double ideal_, x_, one_minus_x_;
  Polynomial excess_;
};

class Barrier {
 public:
  Barrier(const FreeEnergy& G, const MiscibilityGap& gap)
      : G_(G),
        gap_(gap),
        above_alpha_(G, gap.x_alpha, 1 - gap.x_alpha),
        above_beta_(G, gap.x_beta, gap.one_minus_x_beta) {}

  double change() const { return gap_.x_beta - gap_.x_alpha; }

  // dG [J/mol].
  double height(double u) const {
    const double h = u < 0 ? above_alpha_(change() * logistic(u)) : above_beta_(-change() * logistic(-u));
    return std::max(h, std::numeric_limits<double>::min());
  }

  double dx_du(double u) const { return change() * logistic(u) * logistic(-u); }

  // dz/du in units of sqrt(kappa V_m/2).
  double dz_du(double u) const { return dx_du(u) / std::sqrt(height(u)); }

  // Maxima of dG lie where G' = mu and G'' < 0, at most one to a spinodal interval.
  double top() const {
    double highest = 0;
    for (const auto& [lower, upper] : spinodal_intervals(G_)) {
      const auto misfit = [&](double x) { return ValueAndSlope{G_.dG(x) - gap_.mu, G_.d2G(x)}; };
      if (lower < gap_.x_alpha || upper > gap_.x_beta) continue;
      if (misfit(lower).value < 0 || misfit(upper).value > 0) continue;
      const double x = find_root(misfit, lower, upper);
      highest = std::max(highest, height(std::log((x - gap_.x_alpha) / (gap_.x_beta - x))));
    }
    return highest;
  }

 private:
  const FreeEnergy& G_;
  const MiscibilityGap& gap_;
  TangentHeight above_alpha_, above_beta_;
};

// The trapezoidal rule, which converges exponentially for a function that decays at both ends (Trefethen & Weideman
// 2014).
template <class Function>
double integral_over_u(const Function& f) {
  constexpr double tolerance = 1e-13;
  constexpr double finest = 1.0 / 1024;
  double h = 1;
  double sum = 0;
  for (double u = -u_end; u <= u_end; u += h) sum += f(u);
  for (double change = 1; change > tolerance && h > finest; h /= 2) {
    double between = 0;
    for (double u = -u_end + h / 2; u < u_end; u += h) between += f(u);
    change = std::abs(between - sum) / std::abs(between + sum);
    sum += between;
  }
  return h * sum;
}

// Gauss-Legendre rule with five points on cells no longer than cell_length.
template <class Function>
double integral_between(const Function& f, double lower, double upper) {
  constexpr std::array nodes{0.0, 0.53846931010568309104, 0.90617984593866399280};
  constexpr std::array weights{0.56888888888888888889, 0.47862867049936646804, 0.23692688505618908751};
  const int cells = std::max(1, static_cast<int>(std::ceil((upper - lower) / cell_length)));
  const double half = (upper - lower) / (2 * cells);
  double sum = 0;
  for (int i = 0; i < cells; ++i) {
    const double middle = lower + (2 * i + 1) * half;
    sum += weights[0] * f(middle);
    for (int k : {1, 2}) sum += weights[k] * (f(middle - half * nodes[k]) + f(middle + half * nodes[k]));
  }
  return half * sum;
}

double interface_integral(const Barrier& barrier) {
  return integral_over_u([&](double u) { return barrier.dx_du(u) * std::sqrt(barrier.height(u)); });
}

}  // namespace

double interface_integral(const FreeEnergy& G, const MiscibilityGap& gap) {
  return interface_integral(Barrier(G, gap));
}

FlatInterface flat_interface(const FreeEnergy& G, const MiscibilityGap& gap, double kappa, double V_m) {
  const Barrier barrier(G, gap);
  const double unit = std::sqrt(kappa * V_m / 2);
  const double u_90 = std::log(9.0);
  const double inner = integral_between([&](double u) { return barrier.dz_du(u); }, -u_90, u_90);
  return {std::sqrt(2 * kappa / V_m) * interface_integral(barrier), unit * barrier.change() / std::sqrt(barrier.top()),
          unit * inner};
}

double kappa_for_energy(const FreeEnergy& G, const MiscibilityGap& gap, double V_m, double sigma) {
  const double ratio = sigma / interface_integral(G, gap);
  return ratio * ratio * V_m / 2;
}

double kappa_for_width(const FreeEnergy& G, const MiscibilityGap& gap, double V_m, double width) {
  const Barrier barrier(G, gap);
  const double ratio = width / barrier.change();
  return 2 * barrier.top() * ratio * ratio / V_m;
}

std::vector<double> flat_profile(const FreeEnergy& G, const MiscibilityGap& gap, double kappa, double V_m,
                                 std::span<const double> z) {
  const Barrier barrier(G, gap);
  const double unit = std::sqrt(kappa * V_m / 2);
  const auto slope = [&](double u) { return unit * barrier.dz_du(u); };

  constexpr int half_cells = static_cast<int>(u_end / cell_length);
  const auto u_at = [](int i) { return (i - half_cells) * cell_length; };
  std::vector<double> z_at(2 * half_cells + 1);
  for (int i = 0; i < half_cells; ++i) {
    const int up = half_cells + i, down = half_cells - i;
    z_at[up + 1] = z_at[up] + integral_between(slope, u_at(up), u_at(up + 1));
    z_at[down - 1] = z_at[down] - integral_between(slope, u_at(down - 1), u_at(down));
  }

  constexpr double infinity = std::numeric_limits<double>::infinity();
  const auto u_of = [&](double z_wanted) {
    const auto above = std::upper_bound(z_at.begin(), z_at.end(), z_wanted);
    if (above == z_at.begin()) return -infinity;
    if (above == z_at.end()) return infinity;
    const int i = static_cast<int>(above - z_at.begin()) - 1;
    const auto misfit = [&](double u) {
      return ValueAndSlope{z_at[i] + integral_between(slope, u_at(i), u) - z_wanted, slope(u)};
    };
    return find_root(misfit, u_at(i), u_at(i + 1));
  };

  std::vector<double> x;
  x.reserve(z.size());
  for (double position : z) {
    const double u = u_of(position);
    x.push_back(u < 0 ? gap.x_alpha + barrier.change() * logistic(u) : gap.x_beta - barrier.change() * logistic(-u));
  }
  return x;
}

}  // namespace spinode
