"""One figure of a run with an electrode: x over depth and charge, potential, thickness, length in the plane over depth."""

import argparse
import textwrap
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh

from . import style
from .panels import colour_limits
from .results import Profiles, Results, ResultsError
from .units import Scale, pretty, scale_for, time_scale

COLUMNS = ("protocol_step", "cycle", "current_density", "capacity", "thickness", "host_left", "potential_open", "potential")
BLUE, VERMILION = "#0072B2", "#D55E00"  # Okabe and Ito (2008)
MIXED = (0.02, 0.98)  # share of a plane that is solute-rich between which both metals are there
CURVES = 4  # of the last panel


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def progress(results: Results) -> tuple[str, Scale, str]:
    """The column along the horizontal axes, its scale and its label: the capacity, or the time where that rests or turns."""
    series = results.timeseries
    steps = np.diff(series["capacity"])[np.diff(series["time"]) > 0]
    if (steps > 0).all() or (steps < 0).all():
        scale = scale_for(np.abs(series["capacity"]).max(), series.units["capacity"])
        return "capacity", scale, scale.label("capacity")
    scale = time_scale(series["time"][-1], series.units["time"])
    return "time", scale, scale.label("time $t$")


def kymograph(along: np.ndarray, thickness: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Corners (along, z) of cells, shape (nz + 1, 2 nt - 1), and x in them: each time reaches halfway to the next ones, at the thickness on the way."""
    times, planes = x.shape
    halves = np.arange(2 * times - 1) / 2
    edges, heights = (np.interp(halves, np.arange(times), values) for values in (along, thickness))
    z = np.outer(np.linspace(0, 1, planes + 1), heights)
    return np.broadcast_to(edges, z.shape), z, np.repeat(x, 2, axis=0)[1:-1].T


def draw_kymograph(axes: Axes, results: Results) -> QuadMesh:
    """Mean of x in each plane over capacity or time, up to the collector; what lies beyond it is blank."""
    profiles, (name, scale, label) = results.profiles, progress(results)
    depth = depth_scale(profiles)
    along, thickness = getattr(profiles, name) * scale.factor, profiles.thickness * depth.factor
    mesh = axes.pcolormesh(*kymograph(along, thickness, profiles.x), norm=colour_limits(results, [profiles.x]), cmap=style.FIELD_MAP)
    axes.plot(along, thickness, color="black", linewidth=0.8)
    axes.set(xlim=results.timeseries[name][[0, -1]] * scale.factor, ylim=(0, thickness.max()))
    axes.set(xlabel=label, ylabel=depth.label("distance from separator $z$"))
    return mesh


def draw_potential(axes: Axes, results: Results) -> None:
    """Total and open-circuit potential over capacity or time."""
    series, (name, scale, label) = results.timeseries, progress(results)
    unit = Scale(1e3, "mV") if series.units["potential"] == "V" else Scale(1.0, "")
    along, total, open_circuit = series[name] * scale.factor, series["potential"] * unit.factor, series["potential_open"] * unit.factor
    axes.fill_between(along, open_circuit, total, color="0.85", linewidth=0)
    axes.plot(along, total, color="black", label="total")
    axes.plot(along, open_circuit, color=BLUE, linestyle=(0, (4, 1.5)), label="open circuit")
    against = "" if results.dimensionless else f" vs {results.host}/{results.host}$^+$"
    axes.set(xlim=along[[0, -1]], xlabel=label, ylabel=unit.label(f"potential{against}"))
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.2)


def draw_thickness(axes: Axes, results: Results) -> None:
    """Thickness over time, and on the right the share of the host that is left."""
    series = results.timeseries
    clock, depth = time_scale(series["time"][-1], series.units["time"]), depth_scale(results.profiles)
    right = axes.twinx()
    right.spines["right"].set_visible(True)
    for side, values, label, colour, line in (
        (axes, series["thickness"] * depth.factor, depth.label("thickness $L$"), BLUE, "-"),
        (right, series["host_left"] * 100, f"{results.host} left (%)", VERMILION, (0, (4, 1.5))),
    ):
        side.plot(series["time"] * clock.factor, values, color=colour, linestyle=line)
        side.set(ylim=(1.05 * min(0, values.min()), 1.05 * values.max()))
        side.set_ylabel(label, color=colour)
        side.tick_params(axis="y", colors=colour)
    axes.set(xlim=(0, series["time"][-1] * clock.factor), xlabel=clock.label("time $t$"))


def draw_depth(axes: Axes, results: Results) -> None:
    """At a few capacities or times over z: the length in the plane where both metals are there, or x in 1D."""
    profiles, (name, scale, label) = results.profiles, progress(results)
    depth, along = depth_scale(profiles), getattr(profiles, name)
    values, unit, text = profiles.x, Scale(1.0, ""), results.x_label
    if profiles.length is not None:
        mixed = (profiles.solute_rich > MIXED[0]) & (profiles.solute_rich < MIXED[1])
        values = np.where(mixed, profiles.length, np.nan)
        unit, text = scale_for(np.nanmax(values, initial=0.0), profiles.units["length"]), "in-plane length"
        axes.set_ylim(0, 1.05 * np.nanmax(values, initial=0.0) * unit.factor or 1)
    known = np.isfinite(values)
    # A time at which hardly a plane holds both metals tells nothing.
    shown = np.flatnonzero(known.sum(axis=1) > known.sum(axis=1).max() / 4)
    if shown.size:
        targets = np.linspace(along[shown[0]], along[shown[-1]], CURVES)
        shown = sorted({shown[np.argmin(np.abs(along[shown] - target))] for target in targets})
    for row, colour in zip(shown, style.time_colours(len(shown))):
        # A plane between two that are left out has no line.
        near = np.pad(known[row], 1)
        alone = np.flatnonzero(known[row] & ~near[:-2] & ~near[2:]).tolist()
        looks = {"color": colour, "linewidth": 1.0, "marker": "o", "markersize": 1.5, "markeredgewidth": 0, "markevery": alone}
        axes.plot(profiles.z[row] * depth.factor, values[row] * unit.factor, label=f"{along[row] * scale.factor:.3g}", **looks)
    axes.set(xlim=(0, profiles.thickness.max() * depth.factor), xlabel=depth.label("distance from separator $z$"), ylabel=unit.label(text))
    if len(shown):
        axes.legend(title=label.replace(" (", "\n("), loc="upper left", bbox_to_anchor=(1, 1), alignment="left")
    else:
        axes.text(0.5, 0.5, f"no plane holds {results.solute}-rich\nand {results.host}-rich metal", transform=axes.transAxes, ha="center", va="center")


def depth_scale(profiles: Profiles) -> Scale:
    """Unit for distances from the separator."""
    return scale_for(profiles.thickness.max(), profiles.units["thickness"])


def describe(results: Results) -> str:
    """What was run, in one line: solute in host, current, temperature."""
    series = results.timeseries
    parts = [] if results.dimensionless else [f"{results.solute} in {results.host}"]
    current, unit = series["current_density"], pretty(series.units["current_density"]).removeprefix("1")
    current = current[current != 0]
    if not current.size:
        parts.append("no current")
    elif np.isclose(current.min(), current.max(), rtol=1e-3, atol=0):
        parts.append(f"{'stripped' if current[0] > 0 else 'plated'} at {_number(abs(current[0]))} {unit}".rstrip())
    else:
        parts.append(f"current {_number(current.min())} to {_number(current.max())} {unit}".rstrip() + " (positive strips)")
        counts = {"step": np.unique(series["protocol_step"]).size, "cycle": int(series["cycle"].max())}
        parts += [f"{count} {word}s" for word, count in counts.items() if count > 1]
    if temperature := results.config.get("temperature"):
        parts.append(str(temperature))
    return ", ".join(parts)


def _number(value: float) -> str:
    """Three digits, all of a whole number."""
    return (f"{value:.0f}" if abs(value) >= 999.5 else f"{value:.3g}").replace("-", "−")


def electrode(results: Results) -> plt.Figure:
    """The figure."""
    figure, axes = plt.subplots(2, 2, figsize=(style.PAGE, 5.0), width_ratios=[1.25, 1.0])
    mesh = draw_kymograph(axes[0, 0], results)
    figure.colorbar(mesh, ax=axes[0, 0], label=results.x_label, pad=0.02, aspect=25)
    draw_potential(axes[1, 0], results)
    draw_thickness(axes[0, 1], results)
    draw_depth(axes[1, 1], results)
    last = "composition" if results.dimension == 1 else "in-plane length where both metals are"
    titles = ("(a) mean $x$ of each plane, up to the collector", f"(c) thickness, and {results.host} left", "(b) potential", f"(d) {last}")
    for panel, title in zip(axes.flat, titles):
        panel.set_title(title, loc="left")
    title = results.config.get("description") or results.case
    figure.suptitle(f"{textwrap.fill(title, 105)}\n{describe(results)}")
    return figure


def run(results: Results, folder: Path, options: argparse.Namespace) -> Path:
    """Draw and save; returns the path of the picture."""
    profiles = results.profiles
    if missing := [name for name in COLUMNS if name not in results.timeseries.columns]:
        path = results.folder / "timeseries.csv"
        raise ResultsError(f"{path}: no column {', '.join(missing)}: expected the results of a run with an electrode")
    if profiles.time.size < 2:
        raise ResultsError(f"{results.folder / 'profiles.h5'}: holds fewer than two times")
    return style.save(electrode(results), folder / "electrode.png")
