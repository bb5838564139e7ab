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
from .panels import colour_bar, colour_limits, draw_box, draw_plane, draw_profile, length_scale, measure_box
from .results import Results, Snapshot
from .structure_factor import draw_structure_factor
from .times import add_times, choose
from .units import format_time


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_times(parser)


def describe(results: Results, mean: float) -> str:
    """The parameters of the case, in one line or, if that is long, in two."""
    scale, config = length_scale(results), results.config
    physics = [f"mean $x$ = {mean:.3g}"]
    if not results.dimensionless:
        physics.insert(0, f"{results.host}–{results.solute}")
        if temperature := config.get("temperature"):
            physics.append(str(temperature))
    if model := config.get("elasticity", {}).get("model"):
        physics.append("no elasticity" if model == "none" else f"{model} elasticity")
    if model := config.get("mobility", {}).get("model"):
        physics.append(f"{model} mobility")
    box = " × ".join(f"{length * scale.factor:.3g}" for length in results.lengths)
    cells = " × ".join(str(n) for n in results.cells)
    parts = [", ".join(physics), f"box {box} {scale.unit}".rstrip() + f", {cells} cells"]
    return ("\n" if len(", ".join(parts)) > 105 else ", ").join(parts)


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
    lengths = [length * scale.factor for length in results.lengths]
    axes = figure.subplots(1, len(chosen), squeeze=False, sharey=results.dimension < 3)[0]
    for panel, snapshot, field in zip(axes, chosen, fields):
        panel.set_title(f"$t$ = {format_time(snapshot.time, results.time_unit)}")
        if results.dimension == 3:
            draw_box(panel, field, lengths, limits)
        elif results.dimension == 2:
            draw_plane(panel, field, (lengths[0], lengths[1]), limits)
            panel.set_xlabel(scale.label("along x"))
        else:
            draw_profile(panel, field, lengths[0], limits)
            panel.set_xlabel(scale.label("along x"))
    if results.dimension == 3:
        measure_box(axes[0], lengths, scale.unit)
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
    figure.suptitle(f"{textwrap.fill(title, 105)}\n{describe(results, fields[-1].mean())}")
    return style.save(figure, folder / "summary.png")
