// The law of coarsening L^n - L0^n = K t, fitted to a length over a window of time.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace spinode {

/// How long structures are, and how far x has parted, at the times of a run (rising).
struct LengthHistory {
  std::vector<double> time, length, deviation;  // deviation: of x, standard
};

struct TimeWindow {
  double from = 0, to = 0;
};

/// Errors are standard errors by the jackknife over blocks of the window, which sees slow drifts of the exponent that
/// residuals do not show.
struct CoarseningLaw {
  TimeWindow window;
  double n = 0, n_error = 0;
  double exponent = 0, exponent_error = 0;  // 1/n
  double K = 0, L0 = 0;                     // in the units of the history; L0 = 0 where L0^n came out below 0
  std::size_t points = 0;
};

/// The law, or why there is none.
struct CoarseningFit {
  std::optional<CoarseningLaw> law;
  std::string reason;
};

/// From twice the time at which x has parted by 90 % of the most it does, to when the length reaches a quarter of the
/// shortest side of the box, or the end. Ends that are given stand.
TimeWindow coarsening_window(const LengthHistory& history, double shortest_side, std::optional<double> from,
                             std::optional<double> to);

/// Least squares of ln L, at no more than 60 times spread evenly over the logarithm of time; n between 1 and 10. Needs
/// 10 times, a length that grows by a fifth, and a deviation that does not halve: noise that evens out has a length too.
CoarseningFit fit_coarsening(const LengthHistory& history, const TimeWindow& window);

}  // namespace spinode
