// Common tangents from the grand potential omega(mu) = min_x [G(x) - mu x], d omega/d mu = -x (Gibbs 1876): convex
// branches of G, cut at the spinodals, take turns as mu rises, so that no start value or sampling is needed.
#include "spinode/thermo/phase_diagram.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "root.hpp"

namespace spinode {
namespace {

// Between sign changes of its derivative a polynomial is monotonic, so that none of its own can be missed.
std::vector<double> sign_changes(const Polynomial& p, double lower, double upper) {
  if (p.c.size() < 2) return {};
  const Polynomial slope = p.derivative();
  std::vector<double> ends = sign_changes(slope, lower, upper);
  ends.insert(ends.begin(), lower);
  ends.push_back(upper);
  std::vector<double> roots;
  for (std::size_t i = 0; i + 1 < ends.size(); ++i)
    if ((p(ends[i]) < 0) != (p(ends[i + 1]) < 0))
      roots.push_back(find_root([&](double x) { return ValueAndSlope{p(x), slope(x)}; }, ends[i], ends[i + 1]));
  return roots;
}

struct Phase {
  double u, x, mu, omega;
};

// A convex piece of G over the coordinate u: the log-odds where there are logarithms, else x itself.
class Branch {
 public:
  Branch(const FreeEnergy& G, const Polynomial& curvature, Interval range)
      : G_(&G), dmu_du_(&curvature), lower_(phase(coordinate(range.lower))), upper_(phase(coordinate(range.upper))) {}

  bool has_inside(const Phase& p) const { return lower_.u < p.u && p.u < upper_.u; }

  // The phase with the least G - mu x: where the slope is mu, or else at an end.
  Phase at(double mu) const {
    if (mu <= lower_.mu) return lower_;
    if (mu >= upper_.mu) return upper_;
    const auto misfit = [&](double u) {
      const Phase p = phase(u);
      return ValueAndSlope{p.mu - mu, (*dmu_du_)(p.x)};
    };
    return phase(find_root(misfit, lower_.u, upper_.u));
  }

 private:
  double coordinate(double x) const {
    constexpr double beyond_any_purity = 1e12;
    return G_->ideal() > 0 ? std::clamp(logit(x), -beyond_any_purity, beyond_any_purity) : x;
  }

  Phase phase(double u) const {
    if (G_->ideal() > 0) return {u, logistic(u), G_->dG_at_logit(u), G_->omega_at_logit(u)};
    return {u, u, G_->dG(u), G_->mu_host(u)};
  }

  const FreeEnergy* G_;
  const Polynomial* dmu_du_;
  Phase lower_, upper_;
};

struct Tie {
  Branch left, right;
  double mu;
};

// The mu at which two branches have the same grand potential. Two phases that share a tangent enclose values of G' on
// either side of its slope, so that mu lies between extremes of G', which are the spinodals.
Tie tie(const Branch& left, const Branch& right, Interval mu_range) {
  const auto misfit = [&](double mu) {
    const Phase a = left.at(mu), b = right.at(mu);
    return ValueAndSlope{(a.omega - a.x * (mu - a.mu)) - (b.omega - b.x * (mu - b.mu)), b.x - a.x};
  };
  return {left, right, find_root(misfit, mu_range.lower, mu_range.upper)};
}

Interval slope_range(const FreeEnergy& G, const std::vector<Interval>& spinodals) {
  std::vector<double> slopes;
  for (const Interval& spinodal : spinodals) {
    slopes.push_back(G.dG(spinodal.lower));
    slopes.push_back(G.dG(spinodal.upper));
  }
  const auto [least, most] = std::minmax_element(slopes.begin(), slopes.end());
  return {*least, *most};
}

double energy_scale(const FreeEnergy& G) {
  double scale = G.ideal();
  if (scale == 0)
    for (double coefficient : G.excess().c) scale = std::max(scale, std::abs(coefficient));
  return scale;
}

MiscibilityGap gap(const FreeEnergy& G, const Phase& a, const Phase& b, double mu) {
  const double misfit = std::max(std::abs(a.mu - b.mu), std::abs(a.omega - b.omega));
  return {a.x, b.x, G.ideal() > 0 ? logistic(-b.u) : 1 - b.x, mu, a.omega, misfit / energy_scale(G)};
}

}  // namespace

std::vector<Interval> spinodal_intervals(const FreeEnergy& G) {
  const Polynomial curvature = G.curvature();
  std::vector<double> ends = sign_changes(curvature, G.lower(), G.upper());
  ends.insert(ends.begin(), G.lower());
  ends.push_back(G.upper());
  std::vector<Interval> intervals;
  for (std::size_t i = 0; i + 1 < ends.size(); ++i)
    if (curvature(std::midpoint(ends[i], ends[i + 1])) < 0) intervals.push_back({ends[i], ends[i + 1]});
  return intervals;
}

DiluteLimits dilute_limits(const FreeEnergy& G) {
  const Polynomial slope = G.excess().derivative(), curvature = slope.derivative();
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  const auto spinodal = [&](double x) { return G.ideal() > 0 && curvature(x) < 0 ? -G.ideal() / curvature(x) : none; };
  const auto solubility = [&](double excess) {
    return G.ideal() > 0 && excess > 0 ? std::exp(-excess / G.ideal()) : none;
  };
  return {solubility(slope(0)), spinodal(0), spinodal(1), solubility(-slope(1))};
}

std::vector<MiscibilityGap> miscibility_gaps(const FreeEnergy& G) {
  const std::vector<Interval> spinodals = spinodal_intervals(G);
  if (spinodals.empty()) return {};
  const Polynomial curvature = G.curvature();
  const Interval mu_range = slope_range(G, spinodals);

  std::vector<Branch> branches;
  double lower = G.lower();
  for (const Interval& spinodal : spinodals) {
    if (lower < spinodal.lower) branches.emplace_back(G, curvature, Interval{lower, spinodal.lower});
    lower = spinodal.upper;
  }
  if (lower < G.upper()) branches.emplace_back(G, curvature, Interval{lower, G.upper()});

  // Andrew's scan (1979) for a lower convex hull: mu rises from tie to tie, and a branch that breaks this is skipped.
  std::vector<Tie> ties;
  for (std::size_t i = 1; i < branches.size(); ++i) {
    Tie next = tie(branches[i - 1], branches[i], mu_range);
    while (!ties.empty() && next.mu <= ties.back().mu) {
      next = tie(ties.back().left, branches[i], mu_range);
      ties.pop_back();
    }
    ties.push_back(next);
  }

  std::vector<MiscibilityGap> gaps;
  for (const Tie& t : ties) {
    const Phase alpha = t.left.at(t.mu), beta = t.right.at(t.mu);
    if (t.left.has_inside(alpha) && t.right.has_inside(beta)) gaps.push_back(gap(G, alpha, beta, t.mu));
  }
  return gaps;
}

}  // namespace spinode
