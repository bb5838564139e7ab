"""Energies and characteristic length over time, with the law L^n - L0^n = K t of its coarsening."""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from . import style
from .results import Results, ResultsError
from .units import Scale, scale_for, time_scale

# Lifshitz & Slyozov (1961) and Wagner (1961): diffusion through the bulk; Mullins (1957): along the interface.
GUIDES = {"$t^{1/3}$": (1 / 3, 1.25, (0, (4, 1.5))), "$t^{1/4}$": (1 / 4, 0.8, (0, (1, 1)))}  # exponent, height over the curve, line


@dataclass(frozen=True)
class Coarsening:
    """L^n - L0^n = K t fitted to the rows of a window of time, in the units of the files; errors may be NaN."""

    start: float
    end: float
    exponent: float  # 1/n
    exponent_error: float
    n: float
    n_error: float
    K: float
    L0: float
    points: int

    def length(self, time: np.ndarray) -> np.ndarray:
        """The fitted length."""
        return (self.L0**self.n + self.K * time) ** (1 / self.n)

    def __str__(self) -> str:
        """The exponent with its error."""
        return f"{self.exponent:.3f} ± {self.exponent_error:.3f}" if np.isfinite(self.exponent_error) else f"{self.exponent:.3f}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def read_coarsening(results: Results) -> Coarsening | str:
    """The fit of analysis/coarsening.json or, without one, of summary.json; the reason where there is none."""
    path, entry = results.folder / "analysis" / "coarsening.json", None
    try:
        if path.exists():
            entry = json.loads(path.read_text(encoding="utf-8"))
        else:
            path = results.folder / "summary.json"
            entry = json.loads(path.read_text(encoding="utf-8")).get("coarsening") if path.exists() else None
        if entry is None:
            return "the run has not fitted one"
        if "reason" in entry:
            return str(entry["reason"])
        keys = ("from", "to", "exponent", "exponent_error", "n", "n_error", "K", "L0")
        # JSON has no NaN.
        return Coarsening(*(np.nan if entry[key] is None else float(entry[key]) for key in keys), int(entry["points"]))
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise ResultsError(f"{path}: holds no fit of coarsening: {type(error).__name__}: {error}") from None


def draw_energies(axes: Axes, results: Results) -> None:
    """Change of each part of the energy since the start, over log(time)."""
    series = results.timeseries
    time, clock = _late_times(results)
    parts = {part: series[f"energy_{part}"] for part in style.PARTS}
    changes = {part: (values - values[0])[-time.size :] for part, values in parts.items() if np.ptp(values) > 0}
    largest = max((np.abs(c).max() for c in changes.values()), default=0.0)
    scale = scale_for(largest, series.units["energy_total"])
    for part, change in changes.items():
        axes.plot(time * clock.factor, change * scale.factor, color=style.PARTS[part], label=part)
    axes.axhline(0, color="0.7", linewidth=0.6, zorder=0)
    axes.set(xscale="log", xlabel=clock.label("time $t$"), ylabel=scale.label("energy since start"))


def draw_dissipation(axes: Axes, results: Results) -> None:
    """Total energy above its last value, log-log: what is left to lose, down to a hundredth of the most."""
    series = results.timeseries
    time, clock = _late_times(results)
    excess = (series["energy_total"] - series["energy_total"][-1])[-time.size :]
    scale = scale_for(np.abs(excess).max(), series.units["energy_total"])
    keep = excess > 0.01 * excess.max()
    axes.plot(time[keep] * clock.factor, excess[keep] * scale.factor, color=style.PARTS["total"])
    axes.set(xscale="log", yscale="log", xlabel=clock.label("time $t$"), ylabel=scale.label("energy above end"))


def draw_length(axes: Axes, results: Results) -> None:
    """Characteristic length 2 pi / k1, log-log."""
    (time, clock), (length, scale) = _late_times(results), _late_length(results)
    axes.plot(time[length > 0] * clock.factor, length[length > 0] * scale.factor, color=style.PARTS["chemical"])
    axes.set(xscale="log", yscale="log", xlabel=clock.label("time $t$"), ylabel=scale.label("length $2\\pi/k_1$"))
    style.plain_log_ticks(axes.yaxis)


def draw_coarsening(axes: Axes, results: Results) -> None:
    """The length, the law fitted to it over its shaded window, and slopes of 1/3 and 1/4 beside the window or, without one, the last decade."""
    (time, clock), (length, scale), fit = _late_times(results), _late_length(results), read_coarsening(results)
    draw_length(axes, results)
    axes.lines[-1].set_label("run")
    start, end = max(time[0], time[-1] / 10), time[-1]
    if isinstance(fit, Coarsening):
        start, end = fit.start, fit.end
        axes.axvspan(start * clock.factor, end * clock.factor, color="0.92", zorder=0)
    along = np.geomspace(start, end, 60) if start > 0 else np.linspace(start, end, 60)
    if isinstance(fit, Coarsening):
        axes.plot(along * clock.factor, fit.length(along) * scale.factor, color="#D55E00", linewidth=1.8, label=f"fit, exponent {fit}")
    middle = np.sqrt(start * end)
    height = np.interp(middle, time[length > 0], length[length > 0])
    for name, (exponent, above, line) in GUIDES.items():
        if middle > 0:
            guide = above * height * (along / middle) ** exponent
            axes.plot(along * clock.factor, guide * scale.factor, color="0.35", linewidth=0.8, linestyle=line, label=name)
    style.plain_log_ticks(axes.yaxis)


def _late_length(results: Results) -> tuple[np.ndarray, Scale]:
    """Lengths at the late times, and their scale."""
    series, (time, _) = results.timeseries, _late_times(results)
    length = series["length"][-time.size :]
    if not (length > 0).any():
        raise ResultsError(f"{results.folder / 'timeseries.csv'}: no positive length")
    return length, scale_for(np.median(length[length > 0]), series.units["length"])


def _late_times(results: Results) -> tuple[np.ndarray, Scale]:
    """Times of the last rows, and the scale of the axis.

    The first, tiny steps of a run span decades in which nothing happens: the curves begin at a thousandth of the
    end, or at the first snapshot after the start if that is earlier.
    """
    time = results.timeseries["time"]
    first = min((s.time for s in results.snapshots if s.time > 0), default=time[-1])
    time = time[(time > 0) & (time >= min(first, time[-1] / 1000))]
    if time.size < 2:
        raise ResultsError(f"{results.folder / 'timeseries.csv'}: fewer than two rows after the start")
    return time, time_scale(time[-1], results.time_unit)


def run(results: Results, folder: Path, options: argparse.Namespace) -> Path:
    """Draw and save; returns the path of the picture."""
    figure, axes = plt.subplots(1, 3, figsize=(style.PAGE, 2.4))
    for panel, draw in zip(axes, (draw_energies, draw_dissipation, draw_coarsening)):
        draw(panel, results)
    style.legend_above(axes[0])
    style.legend_above(axes[2])
    figure.suptitle(f"{results.case}: energy since the start, total energy above its last value, and characteristic length from $S(k)$")
    return style.save(figure, folder / "curves.png")
