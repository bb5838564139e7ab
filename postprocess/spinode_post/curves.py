"""Energies and characteristic length over time."""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from . import style
from .results import Results, ResultsError
from .units import scale_for, time_scale


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def draw_energies(axes: Axes, results: Results) -> None:
    """Change of each part of the energy since the start, over log(time)."""
    series = results.timeseries
    time, clock = _late_times(results)
    parts = {part: series[f"energy_{part}"] for part in style.PARTS}
    changes = {part: (values - values[0])[-time.size :] for part, values in parts.items() if np.ptp(values) > 0}
    largest = max((np.abs(c).max() for c in changes.values()), default=0.0)
    scale = scale_for(largest, series.units["energy_total"])
    for part, change in changes.items():
        axes.plot(time, change * scale.factor, color=style.PARTS[part], label=part)
    axes.axhline(0, color="0.7", linewidth=0.6, zorder=0)
    axes.set(xscale="log", xlabel=clock, ylabel=scale.label("energy since start"))


def draw_dissipation(axes: Axes, results: Results) -> None:
    """Total energy above its last value, log-log: what is left to lose, down to a hundredth of the most."""
    series = results.timeseries
    time, clock = _late_times(results)
    excess = (series["energy_total"] - series["energy_total"][-1])[-time.size :]
    scale = scale_for(np.abs(excess).max(), series.units["energy_total"])
    keep = excess > 0.01 * excess.max()
    axes.plot(time[keep], excess[keep] * scale.factor, color=style.PARTS["total"])
    axes.set(xscale="log", yscale="log", xlabel=clock, ylabel=scale.label("energy above end"))


def draw_length(axes: Axes, results: Results) -> None:
    """Characteristic length 2 pi / k1, log-log."""
    series = results.timeseries
    time, clock = _late_times(results)
    length = series["length"][-time.size :]
    keep = length > 0
    if not keep.any():
        raise ResultsError(f"{results.folder / 'timeseries.csv'}: no positive length")
    scale = scale_for(np.median(length[keep]), series.units["length"])
    axes.plot(time[keep], length[keep] * scale.factor, color=style.PARTS["chemical"])
    axes.set(xscale="log", yscale="log", xlabel=clock, ylabel=scale.label("length $2\\pi/k_1$"))
    style.plain_log_ticks(axes.yaxis)


def _late_times(results: Results) -> tuple[np.ndarray, str]:
    """Times of the last rows, in the unit of the axis, and the label of the axis.

    The first, tiny steps of a run span decades in which nothing happens: the curves begin at a thousandth of the
    end, or at the first snapshot after the start if that is earlier.
    """
    time = results.timeseries["time"]
    first = min((s.time for s in results.snapshots if s.time > 0), default=time[-1])
    time = time[(time > 0) & (time >= min(first, time[-1] / 1000))]
    if time.size < 2:
        raise ResultsError(f"{results.folder / 'timeseries.csv'}: fewer than two rows after the start")
    scale = time_scale(time[-1], results.time_unit)
    return time * scale.factor, scale.label("time $t$")


def run(results: Results, folder: Path, options: argparse.Namespace) -> Path:
    """Draw and save; returns the path of the picture."""
    figure, axes = plt.subplots(1, 3, figsize=(style.PAGE, 2.4))
    for panel, draw in zip(axes, (draw_energies, draw_dissipation, draw_length)):
        draw(panel, results)
    style.legend_above(axes[0])
    figure.suptitle(f"{results.case}: energy since the start, total energy above its last value, and characteristic length from $S(k)$")
    return style.save(figure, folder / "curves.png")
