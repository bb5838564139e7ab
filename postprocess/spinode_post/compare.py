"""Runs side by side at one time: structure, pattern of S in the plane of wavevectors, length and anisotropy over time."""

import argparse
import textwrap
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm

from . import style
from .panels import colour_bar, colour_limits, draw_box, draw_plane, length_scale, measure_boxes, scaled
from .results import Results, ResultsError, Snapshot, open_results
from .times import time
from .units import format_time, length_power, scale_for, time_scale

COLOURS = list(style.PARTS.values())
REACH = 2.5  # of the pattern, in units of k1


def pattern(results: Results, snapshot: Snapshot) -> tuple[np.ndarray, tuple[float, float]]:
    """|x^(k)|^2 over its largest value, and the largest k_x and k_y; in 3D on the plane k_z = 0.

    An axis without flux is continued by its mirror image, which makes it periodic and its cosines plane waves.
    """
    plane = results.field(snapshot)
    if results.dimension == 3:
        plane = plane.mean(axis=0)
    for axis, boundary in ((1, results.boundary[0]), (0, results.boundary[1])):
        if boundary == "no_flux":
            plane = np.concatenate([plane, np.flip(plane, axis)], axis)
    power = np.abs(np.fft.fftshift(np.fft.fft2(plane - plane.mean()))) ** 2
    if power.max() > 0:
        power /= power.max()
    spacing = [length / n for length, n in zip(snapshot.lengths, results.cells)]
    return power, (np.pi / spacing[0], np.pi / spacing[1])


def draw_pattern(axes: Axes, results: Results, snapshot: Snapshot, reach: float) -> None:
    """The pattern up to wavenumber `reach`."""
    power, (k_x, k_y) = pattern(results, snapshot)
    scale = length_power(length_scale(results), results.length_unit + ("" if results.dimensionless else "-1"))
    rows, columns = power.shape
    # Pixels are centred on their wavevectors, the first at -k_x, -k_y.
    right, up = k_x * scale.factor / columns, k_y * scale.factor / rows
    extent = (-(columns + 1) * right, (columns - 1) * right, -(rows + 1) * up, (rows - 1) * up)
    axes.imshow(power, origin="lower", extent=extent, norm=PowerNorm(0.5, 0, 1), cmap="magma", interpolation="bilinear")
    reach *= scale.factor
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), facecolor="black")
    axes.locator_params(nbins=5)
    axes.set_xlabel(scale.label("$k_x$"))


def draw_over_time(axes: Axes, runs: list[Results], labels: list[str], column: str, name: str) -> None:
    """One column of every time series over log(time), from the first snapshot after the start."""
    series = [results.timeseries for results in runs]
    clock = time_scale(max(s["time"][-1] for s in series), runs[0].time_unit)
    scale = scale_for(max(np.abs(s[column]).max() for s in series), series[0].units[column])
    for results, data, label, colour in zip(runs, series, labels, COLOURS):
        first = min((s.time for s in results.snapshots if s.time > 0), default=0.0)
        keep = (data["time"] > 0) & (data["time"] >= first)
        axes.plot(data["time"][keep] * clock.factor, data[column][keep] * scale.factor, color=colour, label=label)
    axes.set(xscale="log", xlabel=clock.label("time $t$"), ylabel=scale.label(name))


def compare(runs: list[Results], labels: list[str], at: float | None) -> plt.Figure:
    """The figure; `at` is the time of the structures, the end of the shortest run unless given."""
    _check(runs, labels)
    if at is None:
        at = min(results.snapshots[-1].time for results in runs)
    chosen = [results.nearest([at])[0] for results in runs]
    fields = [results.field(snapshot) for results, snapshot in zip(runs, chosen)]
    limits, scale = colour_limits(runs[0], fields), length_scale(runs[0])
    lengths = [np.interp(s.time, r.timeseries["time"], r.timeseries["length"]) for r, s in zip(runs, chosen)]
    if not all(lengths):
        raise ResultsError(f"no structure at t = {format_time(at, runs[0].time_unit)}")

    columns = len(runs)
    figure = plt.figure(figsize=(style.PAGE, (style.PAGE - 3.7) / columns * 2 + 1.0))
    sizes = [scaled(snapshot.lengths, scale) for snapshot in chosen]
    left, right = figure.subfigures(1, 2, width_ratios=[style.PAGE - 2.3, 2.3])
    axes = left.subplots(2, columns, squeeze=False)
    for structure, diffraction, results, snapshot, field, size, label in zip(axes[0], axes[1], runs, chosen, fields, sizes, labels):
        room = scaled(results.lengths, scale)
        if results.dimension == 3:
            draw_box(structure, field, size, limits, room)
        else:
            draw_plane(structure, field, size, limits, room)
            structure.set_xlabel(scale.label("along x"))
        time = f"$t$ = {format_time(snapshot.time, results.time_unit)}"
        structure.set_title(f"{label}, {time}" if columns == 2 and len(label) < 20 else f"{textwrap.fill(label, 56 // columns)}\n{time}")
        draw_pattern(diffraction, results, snapshot, REACH * 2 * np.pi / min(lengths))
    if runs[0].dimension == 3:
        measure_boxes(axes[0], sizes, scale.unit)
    else:
        axes[0, 0].set_ylabel(scale.label("along y"))
    axes[1, 0].set_ylabel(axes[1, 0].get_xlabel().replace("k_x", "k_y"))
    colour_bar(axes[0, -1], limits, runs[0].x_label)

    length, anisotropy = right.subplots(2, 1, sharex=True)
    draw_over_time(length, runs, labels, "length", "length $2\\pi/k_1$")
    length.set(yscale="log", xlabel=None)
    style.plain_log_ticks(length.yaxis)
    length.legend()
    draw_over_time(anisotropy, runs, labels, "anisotropy", "anisotropy of $S$")
    anisotropy.axhline(0, color="0.7", linewidth=0.6, zorder=0)
    return figure


def _check(runs: list[Results], labels: list[str]) -> None:
    if not 2 <= len(runs) <= len(COLOURS):
        raise ResultsError(f"{len(runs)} runs: expected 2 to {len(COLOURS)}")
    if len(labels) != len(runs):
        raise ResultsError(f"--labels {','.join(labels)}: expected one for each of {len(runs)} runs")
    for results in runs:
        if results.dimension == 1:
            raise ResultsError(f"{results.folder}: a 1D result has no directions to compare")
        if (results.dimension, results.length_unit) != (runs[0].dimension, runs[0].length_unit):
            raise ResultsError(f"{results.folder}: is not of the dimension and the units of {runs[0].folder}")
        if "anisotropy" not in results.timeseries.columns:
            raise ResultsError(f"{results.folder / 'timeseries.csv'}: no column anisotropy")


def draw(folders: list[Path], options: argparse.Namespace) -> Path:
    """Draw and save; returns the path of the picture."""
    runs = [open_results(folder) for folder in folders]
    cases = [results.case for results in runs]
    names = cases if len(set(cases)) == len(cases) else [folder.resolve().name for folder in folders]
    labels = options.labels.split(",") if options.labels else names
    figure = compare(runs, labels, options.time)
    output = options.output or folders[0] / "figures"
    output.mkdir(parents=True, exist_ok=True)
    return style.save(figure, output / "compare.png")


def add_commands(commands: argparse._SubParsersAction) -> None:
    """The sub-command compare."""
    text = __doc__.splitlines()[0]
    command = commands.add_parser("compare", help=text, description=text)
    command.add_argument("dirs", type=Path, nargs="+", metavar="DIR", help="results folders of runs, two to four")
    command.add_argument("--time", type=time, metavar="T", help="such as 2.5us; the nearest snapshots are taken (default: the end of the shortest run)")
    command.add_argument("--labels", metavar="A,B,...", help="names of the runs in the picture (default: those of their cases, or of their folders)")
    command.add_argument("--output", type=Path, help="folder for the picture (default: figures in the first DIR)")
    command.set_defaults(work=lambda options: draw(options.dirs, options))
