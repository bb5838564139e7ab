#include "spinode/measure/coarsening.hpp"

#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace spinode {
namespace {

constexpr double least_n = 1, largest_n = 10;
constexpr std::size_t least_points = 10, most_points = 60, blocks = 8;
constexpr double least_growth = 1.2;

/// Times and lengths in units of the last ones.
struct Points {
  Eigen::ArrayXd t, L;

  Eigen::Index size() const { return t.size(); }
  /// Without the points [begin, end).
  Points without(Eigen::Index begin, Eigen::Index end) const {
    Points rest{Eigen::ArrayXd(size() - (end - begin)), Eigen::ArrayXd(size() - (end - begin))};
    rest.t << t.head(begin), t.tail(size() - end);
    rest.L << L.head(begin), L.tail(size() - end);
    return rest;
  }
};

/// L^n = A + K t.
struct Law {
  double n = 0, A = 0, K = 0;
  double cost = std::numeric_limits<double>::infinity();  // sum of squares of the errors of ln L
};

Law best_of(const Points& points, double n) {
  const Eigen::ArrayXd power = points.L.pow(n);
  // An error of ln L is one of L^n over n L^n.
  const Eigen::ArrayXd w = 1 / power.square(), wt = w * points.t;
  const double s = w.sum(), st = wt.sum(), stt = (wt * points.t).sum(), sy = (w * power).sum(),
               sty = (wt * power).sum(), determinant = s * stt - st * st;
  Law law{n, (stt * sy - st * sty) / determinant, (s * sty - st * sy) / determinant};
  if (law.A < 0) law = {n, 0, sty / stt};
  if (!(law.K > 0)) return {n};
  law.cost = (points.L.log() - (law.A + law.K * points.t).log() / n).square().sum();
  return law;
}

/// Over ln n: a scan, and the golden section about its best.
Law best_of(const Points& points) {
  constexpr int scan = 60;
  const double width = std::log(largest_n / least_n) / scan;
  Law best;
  for (int i = 0; i <= scan; ++i) {
    const Law law = best_of(points, least_n * std::exp(i * width));
    if (law.cost < best.cost) best = law;
  }
  double low = std::log(best.n) - width, high = std::log(best.n) + width;
  while (high - low > 1e-9) {
    const double shift = (high - low) / std::numbers::phi;
    const bool left = best_of(points, std::exp(high - shift)).cost < best_of(points, std::exp(low + shift)).cost;
    (left ? high : low) = left ? low + shift : high - shift;
  }
  return best_of(points, std::clamp(std::exp((low + high) / 2), least_n, largest_n));
}

double jackknife_error(const Eigen::ArrayXd& values) {
  const double n = static_cast<double>(values.size());
  return std::sqrt((n - 1) / n * (values - values.mean()).square().sum());
}

}  // namespace

TimeWindow coarsening_window(const LengthHistory& history, double shortest_side, std::optional<double> from,
                             std::optional<double> to) {
  const std::size_t n = history.time.size();
  if (n == 0) return {};
  TimeWindow window{history.time.back(), history.time.back()};
  const double formed = 0.9 * *std::max_element(history.deviation.begin(), history.deviation.end());
  std::size_t i = 0;
  while (i < n && history.deviation[i] < formed) ++i;
  if (i < n) window.from = 2 * history.time[i];
  while (i < n && history.length[i] < shortest_side / 4) ++i;
  if (i < n) window.to = history.time[i];
  return {from.value_or(window.from), to.value_or(window.to)};
}

CoarseningFit fit_coarsening(const LengthHistory& history, const TimeWindow& window) {
  if (!(window.from < window.to))
    return {{}, "the window ends before it begins: phases have formed late in the run, or the box is small"};
  std::vector<std::size_t> inside;
  for (std::size_t i = 0; i < history.time.size(); ++i)
    if (history.time[i] > 0 && history.time[i] >= window.from && history.time[i] <= window.to && history.length[i] > 0)
      inside.push_back(i);
  if (inside.size() < least_points)
    return {{}, fmt::format("{} times in the window, {} are needed", inside.size(), least_points)};
  const double most = *std::max_element(history.deviation.begin(), history.deviation.end());
  if (history.deviation[inside.back()] < most / 2)
    return {
        {},
        fmt::format("x evens out: its deviation fell from {:.3g} to {:.3g}", most, history.deviation[inside.back()])};
  const double growth = history.length[inside.back()] / history.length[inside.front()];
  if (growth < least_growth)
    return {{},
            fmt::format("the length grows by a factor of {:.3g} in the window, {} is needed", growth, least_growth)};

  // Each of the evenly spread times takes the nearest row, each row once.
  const double first = std::log(history.time[inside.front()]), last = std::log(history.time[inside.back()]);
  std::vector<std::size_t> chosen;
  std::size_t at = 0;
  for (std::size_t p = 0; p < most_points; ++p) {
    const double wanted = first + (last - first) * static_cast<double>(p) / (most_points - 1);
    const auto off = [&](std::size_t i) { return std::abs(std::log(history.time[inside[i]]) - wanted); };
    while (at + 1 < inside.size() && off(at + 1) <= off(at)) ++at;
    if (chosen.empty() || chosen.back() != inside[at]) chosen.push_back(inside[at]);
  }
  if (chosen.size() < least_points)
    return {{}, fmt::format("{} times spread over the window, {} are needed", chosen.size(), least_points)};
  const auto count = static_cast<Eigen::Index>(chosen.size());
  const double t_unit = history.time[chosen.back()], L_unit = history.length[chosen.back()];
  Points points{Eigen::ArrayXd(count), Eigen::ArrayXd(count)};
  for (Eigen::Index i = 0; i < count; ++i) {
    points.t[i] = history.time[chosen[i]] / t_unit;
    points.L[i] = history.length[chosen[i]] / L_unit;
  }

  const Law law = best_of(points);
  if (!(law.n > least_n * 1.001 && law.n < largest_n * 0.999))
    return {{}, fmt::format("no power between {} and {} fits", least_n, largest_n)};
  const Eigen::Index parts = std::min<Eigen::Index>(blocks, count / 2);
  Eigen::ArrayXd n(parts);
  for (Eigen::Index b = 0; b < parts; ++b) n[b] = best_of(points.without(count * b / parts, count * (b + 1) / parts)).n;
  return {CoarseningLaw{.window = {history.time[inside.front()], history.time[inside.back()]},
                        .n = law.n,
                        .n_error = jackknife_error(n),
                        .exponent = 1 / law.n,
                        .exponent_error = jackknife_error(1 / n),
                        .K = law.K * std::pow(L_unit, law.n) / t_unit,
                        .L0 = std::pow(law.A, 1 / law.n) * L_unit,
                        .points = chosen.size()},
          {}};
}

}  // namespace spinode
