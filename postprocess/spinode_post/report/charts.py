"""The pictures of a report, as figures without titles."""

from collections.abc import Iterable

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable

from .. import style
from ..curves import draw_coarsening, draw_dissipation, draw_energies
from ..electrode import draw_depth, draw_kymograph, draw_potential, draw_thickness
from ..measures import COLUMNS, Table, draw_table, panels, rows_of
from ..panels import box_extent, colour_bar, colour_limits, draw_box, frame_box, length_scale, measure_boxes, scaled
from ..render import draw_surfaces, surface_legend
from ..results import Results, Snapshot, largest
from ..slices import directions, draw_slices
from ..structure_factor import draw_scaled, draw_structure_factor
from ..summary import draw_distribution
from ..units import format_time, scale_for, time_scale


def is_electrode(results: Results) -> bool:
    """Whether the run stripped or plated."""
    return (results.folder / "profiles.h5").exists()


def choose(results: Results, count: int) -> list[Snapshot]:
    """Snapshots that show the run: from onset to end in log(time), of an electrode evenly in time."""
    if is_electrode(results):
        return results.nearest(list(np.linspace(results.snapshots[0].time, results.snapshots[-1].time, count)))
    return results.telling(count)


def normal_axis(results: Results) -> int:
    """The axis normal to the planes of a 3D run: y where z leads from wall to wall, else z."""
    return 1 if results.boundary[-1] == "no_flux" else 2


def slices(results: Results, chosen: list[Snapshot]) -> plt.Figure:
    """x on a plane of the box, or along it in 1D, at each time."""
    normal = normal_axis(results)
    right, up = directions(results, normal)
    room = results.lengths
    shape = room[up] / room[right] if results.dimension > 1 else 0.12
    columns = 1 if results.dimension == 1 else min(len(chosen), 3 if shape < 1.7 else 6)
    rows = -(-len(chosen) // columns)
    height = min(6.5, rows * ((style.PAGE - 1.0) / columns * shape + 0.25) + 0.4)
    figure, axes = plt.subplots(rows, columns, squeeze=False, sharex=True, sharey=True, figsize=(style.PAGE, height), layout="compressed")
    limits = draw_slices(figure, axes, results, chosen, normal, 0.5)
    if results.dimension > 1:
        figure.colorbar(ScalarMappable(limits, style.FIELD_MAP), ax=axes, label=results.x_label, pad=0.02, aspect=25, shrink=0.8)
    return figure


def surfaces(results: Results, chosen: list[Snapshot], level: float) -> plt.Figure:
    """The iso-surface of x at `level` at each time; ResultsError where ParaView does not draw it."""
    images = draw_surfaces(chosen, level)
    figure, axes = _boxes(results, chosen)
    room = scaled(largest(chosen), length_scale(results))
    for panel, image in zip(axes, images):
        panel.imshow(image, extent=box_extent(room), interpolation="antialiased")
        frame_box(panel, room)
    figure.draw_without_rendering()
    surface_legend(figure, min(panel.get_tightbbox().y0 for panel in axes) / figure.bbox.height, results, level)
    return figure


def faces(results: Results, chosen: list[Snapshot]) -> plt.Figure:
    """x on the visible faces of the box at each time."""
    fields = [results.field(s) for s in chosen]
    limits, scale = colour_limits(results, fields), length_scale(results)
    figure, axes = _boxes(results, chosen)
    for panel, field, snapshot in zip(axes, fields, chosen):
        draw_box(panel, field, scaled(snapshot.lengths, scale), limits, scaled(largest(chosen), scale))
    colour_bar(axes[-1], limits, results.x_label)
    return figure


def _boxes(results: Results, chosen: list[Snapshot]) -> tuple[plt.Figure, np.ndarray]:
    """A row of axes for boxes, with their times and sizes."""
    scale = length_scale(results)
    left, right, bottom, top = box_extent(scaled(largest(chosen), scale))
    height = min(5.0, style.PAGE / len(chosen) * (top - bottom) / (right - left)) + 0.5
    figure, axes = plt.subplots(1, len(chosen), squeeze=False, figsize=(style.PAGE, height), layout="compressed")
    for panel, snapshot in zip(axes[0], chosen):
        panel.set_title(f"$t$ = {format_time(snapshot.time, results.time_unit)}")
    measure_boxes(axes[0], [scaled(s.lengths, scale) for s in chosen], scale.unit)
    return figure, axes[0]


def distribution(results: Results, chosen: list[Snapshot]) -> plt.Figure:
    """Probability density of x at each time."""
    figure, axes = plt.subplots(figsize=(4.6, 2.7))
    draw_distribution(axes, results, chosen, [results.field(s) for s in chosen])
    _times_beside(axes)
    return figure


def profile(results: Results, chosen: list[Snapshot]) -> plt.Figure:
    """Mean of x over each plane normal to the last axis at each time, shapes (n)."""
    scale = length_scale(results)
    figure, axes = plt.subplots(figsize=(4.6, 2.7))
    for snapshot, colour in zip(chosen, style.time_colours(len(chosen))):
        field = results.field(snapshot)
        mean = field.mean(axis=tuple(range(1, results.dimension)))
        depth = (np.arange(mean.size) + 0.5) / mean.size * snapshot.lengths[-1] * scale.factor
        axes.plot(depth, mean, color=colour, linewidth=1.0, label=format_time(snapshot.time, results.time_unit))
    axes.set(xlim=(0, results.lengths[-1] * scale.factor), xlabel=scale.label(f"along {'xyz'[results.dimension - 1]}"))
    axes.set_ylabel(f"mean of $x$ over the {'plane' if results.dimension == 3 else 'line'}")
    _times_beside(axes)
    return figure


def energies(results: Results) -> plt.Figure:
    """Parts of the energy since the start, and what of the total is left to lose."""
    figure, axes = plt.subplots(1, 2, figsize=(style.PAGE, 2.6))
    draw_energies(axes[0], results)
    draw_dissipation(axes[1], results)
    style.legend_above(axes[0])
    return figure


def coarsening(results: Results) -> plt.Figure:
    """Length over time with the fit and the guides."""
    figure, axes = plt.subplots(figsize=(5.2, 3.1))
    draw_coarsening(axes, results)
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), handlelength=2.4)
    return figure


def structure_factor(results: Results, chosen: list[Snapshot]) -> plt.Figure:
    """S(k) as it is and scaled."""
    figure, axes = plt.subplots(1, 2, figsize=(style.PAGE, 2.8))
    draw_structure_factor(axes[0], results, chosen)
    draw_scaled(axes[1], results, chosen)
    _times_beside(axes[1])
    return figure


def measures(results: Results, table: Table) -> plt.Figure:
    """The panels of one table."""
    columns = min(COLUMNS, len(panels(table)))
    figure = plt.figure(figsize=(style.PAGE * (columns / COLUMNS if columns > 1 else 0.5), 2.4 * rows_of(table)))
    draw_table(figure, results, table, columns)
    return figure


def electrode(results: Results) -> plt.Figure:
    """Composition over depth, thickness, potential, and length or composition over depth."""
    figure, axes = plt.subplots(2, 2, figsize=(style.PAGE, 4.8), width_ratios=[1.25, 1.0])
    mesh = draw_kymograph(axes[0, 0], results)
    figure.colorbar(mesh, ax=axes[0, 0], label=results.x_label, pad=0.02, aspect=25)
    for panel, draw in ((axes[0, 1], draw_thickness), (axes[1, 0], draw_potential), (axes[1, 1], draw_depth)):
        draw(panel, results)
    _letter(axes.flat)
    return figure


def ledger(results: Results) -> plt.Figure:
    """Charge over time as asked for, passed, and found in the metal; and by how much the books of charge and solute are off."""
    series = results.timeseries
    clock = time_scale(series["time"][-1], series.units["time"])
    time = series["time"] * clock.factor
    figure, axes = plt.subplots(1, 2, figsize=(style.PAGE, 2.6))
    names = ("capacity_requested", "capacity", "host_removed")
    scale = scale_for(max(np.abs(series[name]).max() for name in names), series.units["capacity"])
    looks = (("asked for", "0.6", "-", 3.0), ("passed", "#0072B2", "-", 1.2), (f"{results.host} removed", "#D55E00", (0, (3, 3)), 1.2))
    for name, (text, colour, line, width) in zip(names, looks):
        axes[0].plot(time, series[name] * scale.factor, color=colour, linestyle=line, linewidth=width, label=text)
    axes[0].set_ylabel(scale.label("charge"))
    solute = series["solute_amount"]
    errors = (("charge", np.abs(series["charge_imbalance"]), "#0072B2"), (results.solute, np.abs(solute / solute[0] - 1), "#D55E00"))
    for text, error, colour in errors:
        axes[1].plot(time, np.where(error > 0, error, np.nan), color=colour, label=text, marker="o", markersize=1.5, markeredgewidth=0)
    axes[1].set(yscale="log", ylabel="relative error of the books")
    for panel in axes:
        panel.set(xlim=(0, time[-1]), xlabel=clock.label("time $t$"))
        panel.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, borderaxespad=0.2)
    _letter(axes)
    return figure


def _letter(axes: Iterable[Axes]) -> None:
    for letter, panel in zip("abcd", axes):
        panel.set_title(f"({letter})", loc="left")


def _times_beside(axes: Axes) -> None:
    axes.legend(title="time $t$", loc="upper left", bbox_to_anchor=(1.01, 1.0), alignment="left")
