"""One figure of the whole run: structure at several times, energy, length, S(k), distribution of x."""

import argparse
import textwrap
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from . import style
from .curves import draw_energies, draw_length
from .panels import colour_bar, colour_limits, draw_box, draw_plane, draw_profile, length_scale, measure_boxes, scaled
from .results import Results, Snapshot
from .structure_factor import draw_structure_factor
from .times import add_times, choose
from .units import format_time


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_times(parser)


def describe(results: Results) -> str:
    """The parameters of the case, in one line or, if that is long, in two."""
    scale, config, first, last = length_scale(results), results.config, results.snapshots[0], results.snapshots[-1]
    physics = [f"mean $x$ = {_course(*results.timeseries['x_mean'][[0, -1]])}"]
    if not results.dimensionless:
        physics.insert(0, f"{results.host}–{results.solute}")
        if temperature := config.get("temperature"):
            physics.append(str(temperature))
    if model := config.get("elasticity", {}).get("model"):
        physics.append("no elasticity" if model == "none" else f"{model} elasticity")
    if model := config.get("mobility", {}).get("model"):
        physics.append(f"{model} mobility")
    box = " × ".join(_course(*ends) for ends in zip(scaled(first.lengths, scale), scaled(last.lengths, scale)))
    cells = " × ".join(str(n) for n in results.cells)
    parts = [", ".join(physics), f"box {box} {scale.unit}".rstrip() + f", {cells} cells"]
    return ("\n" if len(", ".join(parts)) > 105 else ", ").join(parts)


def _course(first: float, last: float) -> str:
    """A number, or how it goes in a run that changes it: "0.3", "(0.3 → 0.5)"."""
    return f"{last:.3g}" if np.isclose(first, last, rtol=1e-3) else f"({first:.3g} → {last:.3g})"


def draw_distribution(axes: Axes, results: Results, chosen: list[Snapshot], fields: list[np.ndarray]) -> None:
    """Probability density of x at the times of the snapshots, log scale."""
    limits = colour_limits(results, fields)
    low, high = min(limits.vmin, *(f.min() for f in fields)), max(limits.vmax, *(f.max() for f in fields))
    edges = np.linspace(low, high, int(np.clip(np.sqrt(fields[0].size), 12, 60)) + 1)
    for snapshot, field, colour in zip(chosen, fields, style.time_colours(len(chosen))):
        density, _ = np.histogram(field, edges, density=True)
        axes.stairs(density, edges, color=colour, linewidth=1.0, label=format_time(snapshot.time, results.time_unit))
    axes.set(yscale="log", xlabel=results.x_label, ylabel="probability density", xlim=(edges[0], edges[-1]))


def draw_structures(figure: Figure, results: Results, chosen: list[Snapshot], fields: list[np.ndarray]) -> None:
    """One row of panels: box faces in 3D, the plane in 2D, profiles in 1D."""
    limits, scale = colour_limits(results, fields), length_scale(results)
    room, sizes = scaled(results.lengths, scale), [scaled(s.lengths, scale) for s in chosen]
    axes = figure.subplots(1, len(chosen), squeeze=False, sharey=results.dimension < 3)[0]
    for panel, snapshot, field, lengths in zip(axes, chosen, fields, sizes):
        panel.set_title(f"$t$ = {format_time(snapshot.time, results.time_unit)}")
        if results.dimension == 3:
            draw_box(panel, field, lengths, limits, room)
        elif results.dimension == 2:
            draw_plane(panel, field, lengths, limits, room)
            panel.set_xlabel(scale.label("along x"))
        else:
            draw_profile(panel, field, lengths[0], limits, room[0])
            panel.set_xlabel(scale.label("along x"))
    if results.dimension == 3:
        measure_boxes(axes, sizes, scale.unit)
    elif results.dimension == 2:
        axes[0].set_ylabel(scale.label("along y"))
    else:
        axes[0].set_ylabel(results.x_label)
        return
    colour_bar(axes[-1], limits, results.x_label)


def run(results: Results, folder: Path, options: argparse.Namespace) -> Path:
    """Draw and save; returns the path of the picture."""
    chosen = choose(results, options, 4)
    fields = [results.field(s) for s in chosen]
    figure = plt.figure(figsize=(style.PAGE, 4.6))
    top, bottom = figure.subfigures(2, 1, height_ratios=[1.0, 1.0])
    draw_structures(top, results, chosen, fields)
    energy, length, structure, distribution = bottom.subplots(1, 4)
    draw_energies(energy, results)
    draw_length(length, results)
    draw_structure_factor(structure, results, chosen)
    draw_distribution(distribution, results, chosen, fields)
    for panel in (energy, structure, distribution):
        style.legend_above(panel)
    title = results.config.get("description") or results.case
    figure.suptitle(f"{textwrap.fill(title, 105)}\n{describe(results)}")
    return style.save(figure, folder / "summary.png")
