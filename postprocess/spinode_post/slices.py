"""Panels of x on a plane of the box at chosen times (profiles in 1D)."""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from . import style
from .panels import colour_bar, colour_limits, draw_plane, draw_profile, length_scale, scaled
from .results import Results, ResultsError, Snapshot
from .times import add_times, choose
from .units import format_time


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_times(parser)
    parser.add_argument("--axis", choices=["x", "y", "z"], help="axis normal to the plane, in 3D (default: z)")
    parser.add_argument("--fraction", type=float, help="place of the plane along that axis, 0 to 1 (default: 0.5)")


def directions(results: Results, normal: int) -> tuple[int, int]:
    """Axes to the right and up in a picture of the plane normal to an axis of a 3D run, or of a 2D run."""
    return tuple(a for a in range(3) if a != normal) if results.dimension == 3 else (0, 1)


def draw_slices(figure: Figure, axes: np.ndarray, results: Results, chosen: list[Snapshot], normal: int, fraction: float) -> Normalize:
    """x of each snapshot in a panel of its own, shape (rows, columns): on a plane, or as a profile in 1D; returns the range of x."""
    fields = [results.plane(s, normal, fraction) if results.dimension == 3 else results.field(s) for s in chosen]
    right, up = directions(results, normal)
    limits, scale = colour_limits(results, fields), length_scale(results)
    room = scaled(results.lengths, scale)
    for panel, snapshot, field in zip(axes.flat, chosen, fields):
        lengths = scaled(snapshot.lengths, scale)
        if results.dimension == 1:
            draw_profile(panel, field, lengths[0], limits, room[0])
        else:
            draw_plane(panel, field, (lengths[right], lengths[up]), limits, (room[right], room[up]))
        panel.set_title(f"$t$ = {format_time(snapshot.time, results.time_unit)}")
    for panel in axes.flat[len(chosen) :]:
        panel.axis("off")
    for panel in axes[-1]:
        panel.set_xlabel(scale.label(f"along {'xyz'[right]}"))
    if results.dimension == 1:
        figure.supylabel(results.x_label, fontsize="medium")
    else:
        for panel in axes[:, 0]:
            panel.set_ylabel(scale.label(f"along {'xyz'[up]}"))
    return limits


def run(results: Results, folder: Path, options: argparse.Namespace) -> Path:
    """Draw and save; returns the path of the picture."""
    if results.dimension < 3 and (options.axis or options.fraction is not None):
        raise ResultsError(f"{results.folder}: --axis and --fraction are for 3D results, this one is {results.dimension}D")
    fraction = 0.5 if options.fraction is None else options.fraction
    if not 0 <= fraction <= 1:
        raise ResultsError(f"--fraction {fraction:g}: expected 0 to 1")
    chosen = choose(results, options, 4)
    normal = "xyz".index(options.axis or "z")
    right, up = directions(results, normal)
    scale = length_scale(results)
    room = scaled(results.lengths, scale)

    if results.dimension == 1:
        columns, width, height = 1, 5.0, 1.2
    else:
        columns = min(len(chosen), 4)
        width = min(style.PAGE, 0.9 + 2.6 * columns)
        height = min(5.0, (width - 0.9) / columns * room[up] / room[right]) + 0.25
    rows = -(-len(chosen) // columns)
    figure, axes = plt.subplots(rows, columns, squeeze=False, sharex=True, sharey=True, figsize=(width, rows * height + 0.65), layout="compressed")
    limits = draw_slices(figure, axes, results, chosen, normal, fraction)
    if results.dimension > 1:
        colour_bar(axes[0, -1], limits, results.x_label)
    where = ""
    if results.dimension == 3:
        places = {f"{fraction * scaled(s.lengths, scale)[normal]:.3g} {scale.unit}".strip() for s in chosen}
        place = places.pop() if len(places) == 1 else f"{fraction:g} of the box"
        where = f", plane at {place} along {'xyz'[normal]}"
    figure.suptitle(f"{results.case}: {results.x_label}{where}")
    return style.save(figure, folder / "slice.png")
