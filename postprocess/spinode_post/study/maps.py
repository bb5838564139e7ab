"""A measure over two parameters of a study: a map of its cases, or, of sampled parameters, a scatter with rank correlations."""

import argparse
import textwrap
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.ticker import FixedFormatter, FixedLocator, NullFormatter, NullLocator

from .. import style
from .boundaries import Boundary, draw_boundaries, read_boundaries
from .colours import Colours, draw_mark, legend_below, make_colours, mark_handles, text_handles
from .conditions import add_conditions, where
from .grid import PARTLY, Axis, Cell, Grid, Panel, add_selection, averaged, choose_axes, fixed_text, make_grid, select, summarise
from .labels import file_name, label, plain, setting, tick_texts
from .samples import draw_samples
from .table import Column, Study

MOST = 12  # panels
ROOM, LETTER = 0.14, 0.075  # inches: height of the label of a tick with its gap, and width of a letter


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Measure and axes."""
    parser.add_argument("--measure", metavar="NAME", help="column of study.csv, without its unit (default: the final length, or what there is)")
    parser.add_argument("--x", metavar="KEY", help="parameter to the right (default: the composition, or the first that varies)")
    parser.add_argument("--y", metavar="KEY", help="parameter upwards (default: the temperature, or the second that varies)")
    add_selection(parser)
    add_conditions(parser)


def set_axis(axes: Axes, name: str, axis: Axis, inches: float) -> None:
    """Scale, ticks at the values as far as they have room, and ends at the outer cells."""
    line = axes.xaxis if name == "x" else axes.yaxis
    if axis.logarithmic:
        (axes.set_xscale if name == "x" else axes.set_yscale)("log")
    places = axis.share(axis.positions) * inches
    texts = [plain(text) for text in tick_texts(axis.values)]
    if name == "x":
        texts, room = fitted(texts, inches / len(texts) if axis.is_text else inches)
    else:
        room = [ROOM] * len(texts)
    shown = spread(places, room)
    line.set_major_locator(FixedLocator(axis.positions[shown]))
    line.set_major_formatter(FixedFormatter([texts[i] for i in shown]))
    line.set_minor_locator(NullLocator())
    line.set_minor_formatter(NullFormatter())
    (axes.set_xlim if name == "x" else axes.set_ylim)(*axis.edges[[0, -1]])


def fitted(texts: list[str], inches: float) -> tuple[list[str], list[float]]:
    """Labels side by side, wrapped to a width where words allow it, and the room that each then takes."""
    wrapped = [textwrap.fill(text, max(6, int(inches / LETTER)), break_long_words=False) for text in texts]
    return wrapped, [LETTER * (1 + max(map(len, text.split("\n")))) for text in wrapped]


def spread(places: np.ndarray, room: list[float]) -> list[int]:
    """Which labels to show so that none touches the one before; places and room along the axis in the same unit."""
    count = len(places)
    if count > 2 and np.allclose(np.diff(places), places[1] - places[0]):
        return next(list(range(0, count, k)) for k in range(1, count + 1) if _apart(places[::k], room[::k]))
    shown: list[int] = []
    for i in range(count):
        if not shown or _apart(places[[shown[-1], i]], [room[shown[-1]], room[i]]):
            shown.append(i)
    return shown


def _apart(places: np.ndarray, room: list[float]) -> bool:
    return all(b - a >= (before + after) / 2 for a, b, before, after in zip(places, places[1:], room, room[1:]))


def draw_panel(axes: Axes, grid: Grid, cells: list[list[Cell]], colours: Colours) -> None:
    """The cells of a panel: colours, marks, and small crosses where a part of the cases failed."""
    x, y = grid.x.edges, grid.y.edges if grid.y else np.array([0.0, 1.0])
    values = np.ma.masked_invalid([[np.nan if cell.value is None else colours.number(cell.value) for cell in line] for line in cells])
    axes.pcolormesh(x, y, values, norm=colours.number_norm, cmap=colours.map, edgecolors="white", linewidth=0.3, zorder=1)
    for j, line in enumerate(cells):
        for i, cell in enumerate(line):
            ends = x[i], x[i + 1], y[j], y[j + 1]
            if cell.mark:
                draw_mark(axes, cell.mark, *ends)
            if cell.partly:
                axes.annotate("×", (ends[1], ends[3]), (-4, -4), textcoords="offset points", ha="center", va="center", fontsize=6, color="#C03030", zorder=3)


def draw_map(study: Study, column: Column, grid: Grid, title: str) -> plt.Figure:
    """All panels with their colour scale and their legends."""
    cells = [[[summarise(study, column, rows) for rows in line] for line in panel.rows] for panel in grid.panels]
    flat = [cell for panel in cells for line in panel for cell in line]
    colours = make_colours(column, [cell.value for cell in flat])
    # The values of the last axis side by side, where they are few.
    across = len({panel.fixed[next(reversed(panel.fixed))] for panel in grid.panels}) if grid.panels[0].fixed else 1
    columns = across if across <= 4 else 3
    rows = -(-len(grid.panels) // columns)
    width, height = (3.9, 3.1 if grid.y else 0.5) if columns == 1 else ((style.PAGE - 1.3) / columns, 1.9 if grid.y else 0.5)
    figure, axes = plt.subplots(rows, columns, squeeze=False, sharex=True, sharey=True, figsize=(columns * width + 1.3, rows * (height + 0.25) + 0.9))
    overlays = read_boundaries(study, grid)
    for panel, inside, overlay, place in zip(grid.panels, cells, overlays, axes.flat):
        set_axis(place, "x", grid.x, width - 0.2)
        if grid.y:
            set_axis(place, "y", grid.y, height - 0.2)
        else:
            place.set(yticks=[], ylim=(0, 1))
        draw_panel(place, grid, inside, colours)
        draw_boundaries(place, overlay, temperature_up=grid.y is not None and grid.y.parameter.name == "temperature")
        place.spines[:].set_visible(True)
        if panel.fixed:
            place.set_title(panel_title(study, panel, int(width / 0.065)))
    for place in axes.flat[len(grid.panels) :]:
        place.remove()
    label_outside(figure, axes, grid)
    if colours.norm is not None and any(cell.value is not None for cell in flat):
        figure.colorbar(ScalarMappable(colours.norm, style.FIELD_MAP), ax=axes, label=colours.label, pad=0.02, aspect=25 if grid.y else 6)
    boundaries = {b.handle.get_label(): b.handle for overlay, place in zip(overlays, axes.flat) for b in overlay if in_view(place, b)}
    marks = {cell.mark for cell in flat} | ({PARTLY} if any(cell.partly for cell in flat) else set())
    handles = [*text_handles(colours), *mark_handles(marks), *boundaries.values()]
    if handles:
        legend_below(figure, handles, 4 if columns > 1 else 3)
    figure.suptitle(textwrap.fill(title, 60 if columns == 1 else 110))
    return figure


def in_view(axes: Axes, boundary: Boundary) -> bool:
    """Whether any of its points lies in the map."""
    lines = [line.get_xydata() for line in axes.lines if line.get_gid() == boundary.gid]
    low, high = np.transpose([axes.get_xlim(), axes.get_ylim()])
    return any(((points >= low) & (points <= high)).all(axis=1).any() for points in lines)


def panel_title(study: Study, panel: Panel, width: int) -> str:
    """The values of the axes that the panel stands for."""
    return "\n".join(textwrap.fill(setting(study.parameters[name], value), width) for name, value in panel.fixed.items())


def label_outside(figure: plt.Figure, axes: np.ndarray, grid: Grid) -> None:
    """Names of the axes, once for all panels."""
    if axes.size == 1:
        axes[0, 0].set_xlabel(label(grid.x.parameter))
        axes[0, 0].set_ylabel(label(grid.y.parameter) if grid.y else "")
        return
    figure.supxlabel(label(grid.x.parameter), fontsize="medium")
    if grid.y:
        figure.supylabel(label(grid.y.parameter), fontsize="medium")


def run(study: Study, folder: Path, options: argparse.Namespace) -> Path:
    """Draw and save; returns the path of the picture."""
    study = where(study, options.where)
    column = study.measure(options.measure)
    x, y = choose_axes(study, options.x, options.y, select(study, options.at)[1])
    if x.sampled or (y and y.sampled):
        figure = draw_samples(study, column, options.x, options.y, options.at)
    else:
        grid = make_grid(study, x, y, options.at, MOST)
        notes = ["" if column.is_text else averaged(study, grid), fixed_text(study, options.at), study.condition]
        figure = draw_map(study, column, grid, ", ".join([plain(f"{study.name}: {column.name}"), *filter(None, notes)]))
    return style.save(figure, folder / f"map_{file_name(column.name)}.png")
