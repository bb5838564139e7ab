"""Structure factor S(k) at several times."""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from . import style
from .panels import length_scale
from .results import Results, ResultsError, Snapshot
from .times import add_times, choose
from .units import format_time, length_power

DECADES = 5  # of S below its largest value that are shown


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_times(parser)


def draw_structure_factor(axes: Axes, results: Results, chosen: list[Snapshot]) -> None:
    """S(k), log-log, at the times of the snapshots, in the length unit of the box."""
    factor, box = results.structure_factor, length_scale(results)
    k_scale, S_scale = length_power(box, factor.k_unit), length_power(box, factor.S_unit)
    largest = 0.0
    for snapshot, colour in zip(chosen, style.time_colours(len(chosen))):
        S = factor.at(snapshot.time)
        keep = (S > 0) & (factor.k > 0)
        if keep.any():
            largest = max(largest, S[keep].max() * S_scale.factor)
            axes.plot(factor.k[keep] * k_scale.factor, S[keep] * S_scale.factor, color=colour, label=format_time(snapshot.time, results.time_unit))
    if largest == 0:
        raise ResultsError(f"{results.folder / 'structure_factor.h5'}: S is zero at the chosen times")
    axes.set(xscale="log", yscale="log", xlabel=k_scale.label("wavenumber $k$"), ylabel=S_scale.label("structure factor $S$"))
    bottom, top = axes.get_ylim()
    axes.set_ylim(max(bottom, largest / 10**DECADES), top)


def run(results: Results, folder: Path, options: argparse.Namespace) -> Path:
    """Draw and save; returns the path of the picture."""
    figure, axes = plt.subplots(figsize=(style.COLUMN, 2.8))
    draw_structure_factor(axes, results, choose(results, options, 6))
    axes.legend(title="time $t$")
    axes.set_title(f"{results.case}: structure factor of $x$")
    return style.save(figure, folder / "structure_factor.png")
