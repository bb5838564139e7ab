"""Structure factor S(k) at several times, as it is and scaled by its own first moment (Furukawa 1984)."""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from . import style
from .panels import length_scale
from .results import Results, ResultsError, Snapshot
from .times import add_times, choose
from .units import format_time, length_power

DECADES = 5  # of S below its largest value that are shown
REACH = 10  # of k1 that the scaled one shows


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_times(parser)


def scale_by_moment(k: np.ndarray, S: np.ndarray, dimension: int) -> tuple[np.ndarray, np.ndarray]:
    """q = k/k1 and F(q) = S k1^d / ∫ S k^(d-1) dk, with k1 = ∫ S k^d dk / ∫ S k^(d-1) dk: of F, ∫ F q^(d-1) dq = ∫ F q^d dq = 1.

    Where a structure coarsens and stays similar to itself, F is the same at all times. Shells of k are of equal width.
    """
    weight = S * k ** (dimension - 1) * (k[1] - k[0])
    k1 = np.sum(k * weight) / np.sum(weight)
    return k / k1, S * k1**dimension / np.sum(weight)


def draw_structure_factor(axes: Axes, results: Results, chosen: list[Snapshot]) -> None:
    """S(k), log-log, at the times of the snapshots, in the length unit of the box."""
    factor, box = results.structure_factor, length_scale(results)
    k_scale, S_scale = length_power(box, factor.k_unit), length_power(box, factor.S_unit)
    curves = [(factor.k * k_scale.factor, factor.at(snapshot.time) * S_scale.factor) for snapshot in chosen]
    _draw(axes, results, chosen, curves)
    axes.set(xlabel=k_scale.label("wavenumber $k$"), ylabel=S_scale.label("structure factor $S$"))


def draw_scaled(axes: Axes, results: Results, chosen: list[Snapshot]) -> None:
    """S(k) of the same times scaled by its own first moment, log-log; times without structure are left out."""
    factor = results.structure_factor
    known = [(snapshot, S) for snapshot in chosen if (S := factor.at(snapshot.time)).any()]
    _draw(axes, results, [snapshot for snapshot, _ in known], [scale_by_moment(factor.k, S, results.dimension) for _, S in known])
    left, right = axes.get_xlim()
    axes.set(xlim=(left, min(right, REACH)), xlabel="$k/k_1$", ylabel="scaled structure factor $F$")


def _draw(axes: Axes, results: Results, chosen: list[Snapshot], curves: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """Curves log-log in the colours of their times, down to DECADES below the largest value."""
    largest = 0.0
    for snapshot, (k, S), colour in zip(chosen, curves, style.time_colours(len(chosen))):
        keep = (S > 0) & (k > 0)
        if keep.any():
            largest = max(largest, S[keep].max())
            axes.plot(k[keep], S[keep], color=colour, label=format_time(snapshot.time, results.time_unit))
    if largest == 0:
        raise ResultsError(f"{results.folder / 'structure_factor.h5'}: S is zero at the chosen times")
    axes.set(xscale="log", yscale="log")
    bottom, top = axes.get_ylim()
    axes.set_ylim(max(bottom, largest / 10**DECADES), top)


def run(results: Results, folder: Path, options: argparse.Namespace) -> Path:
    """Draw and save; returns the path of the picture."""
    figure, axes = plt.subplots(1, 2, figsize=(style.PAGE, 2.8))
    chosen = choose(results, options, 6)
    draw_structure_factor(axes[0], results, chosen)
    draw_scaled(axes[1], results, chosen)
    axes[0].legend(title="time $t$")
    axes[0].set_title(f"{results.case}: structure factor of $x$")
    axes[1].set_title("scaled by its first moment $k_1$")
    return style.save(figure, folder / "structure_factor.png")
