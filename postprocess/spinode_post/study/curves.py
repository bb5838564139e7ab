"""Measures over one parameter of a study, a line for each value of a second one, with the spread over replicas."""

import argparse
import textwrap
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, ListedColormap

from .. import style
from ..results import ResultsError
from .colours import INK, OTHERS
from .conditions import add_conditions, where
from .grid import FAILURE, Axis, Grid, add_selection, choose_axes, fixed_text, make_grid, select
from .labels import file_name, is_wide, label, measure_scale, plain, value_text
from .maps import set_axis
from .samples import evenly_logarithmic, set_log_ticks
from .table import FAILED, FINISHED, Column, Study

MARKERS = "osD^vP*X"
NO_BREAK = "\u00a0"
LINES = {"mean": np.mean, "median": np.median, "least": np.min}
MOST_KEYS = 12  # lines that a legend tells apart


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Measures and parameters."""
    parser.add_argument("--measure", metavar="NAME,...", help="columns of study.csv, without their units (default: the final length, or what there is)")
    parser.add_argument("--over", metavar="KEY", help="parameter to the right (default: the first that varies, numbers before texts)")
    parser.add_argument("--lines", metavar="KEY", help="parameter with a line for each of its values (default: the second that varies)")
    parser.add_argument("--line", choices=LINES, default="mean", help="what the lines are of: the mean (default), or the median or the least")
    add_selection(parser)
    add_conditions(parser)


def statistics(values: np.ndarray, line: str) -> tuple[float, float, float, int]:
    """Of the finite values: what the line is of, the ends of the band, and the number.

    The band is a standard deviation (0 of one value) to either side of a mean, and from the least to the most about others.
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return np.nan, np.nan, np.nan, 0
    middle = float(LINES[line](finite))
    if line != "mean":
        return middle, float(finite.min()), float(finite.max()), finite.size
    deviation = float(finite.std(ddof=1)) if finite.size > 1 else 0.0
    return middle, middle - deviation, middle + deviation, finite.size


def line_colours(axis: Axis | None) -> list:
    """From dark to light with numbers that rise; distinct for texts."""
    if axis is None:
        return [style.PARTS["chemical"]]
    count = len(axis.values)
    return [OTHERS[i % len(OTHERS)] for i in range(count)] if axis.is_text else list(style.time_colours(count))


def draw_curves(axes: Axes, study: Study, column: Column, grid: Grid, line: str) -> list[int]:
    """Lines and bands of `statistics`, single cases as points; crosses on top where cases failed.

    Returns how many values the points of the lines are of.
    """
    factor, counts, failures = measure_scale(column).factor, [], {}
    position = grid.x.positions
    colours, several = line_colours(grid.y), len(grid.panels[0].rows) > 1
    keyed = len(colours) <= MOST_KEYS
    for k, (rows, colour) in enumerate(zip(grid.panels[0].rows, colours)):
        cells = [column.values[inside] * factor for inside in rows]
        middle, low, high, count = (np.array(part) for part in zip(*(statistics(values, line) for values in cells)))
        known = count > 0
        counts += count[known].tolist()
        marker = MARKERS[k % len(MARKERS)] if several and keyed else "o"
        name = value_text(grid.y.values[k]) if grid.y else None
        style_of_line = "none" if grid.x.parameter.sampled else "-"
        axes.plot(position[known], middle[known], linestyle=style_of_line, color=colour, marker=marker, markersize=3.5, label=name, gid="line", zorder=3)
        if (count > 1).any():
            axes.fill_between(position[known], low[known], high[known], color=colour, alpha=0.15, linewidth=0, gid="band")
            for place, values in zip(position, cells):
                axes.plot(np.full(values.size, place), values, ".", color=colour, markersize=2.5, alpha=0.7, gid="cases", zorder=2)
        for place, inside in zip(position, rows):
            if (study.state[inside] == FAILED).any() and (keyed or place not in failures):
                height = 1.02 + 0.035 * failures.get(place, 0)
                axes.plot(place, height, "x", color=colour if keyed else "0.4", markersize=4, transform=axes.get_xaxis_transform(), clip_on=False, gid="failed")
                failures[place] = failures.get(place, 0) + 1
    if is_wide(column.values[np.concatenate([inside for rows in grid.panels[0].rows for inside in rows])]):
        axes.set_yscale("log")
        style.plain_log_ticks(axes.yaxis)
    axes.set_ylabel(measure_scale(column).label("\n".join(textwrap.wrap(plain(column.name), 30))))
    return counts


def key(figure: plt.Figure, axes: np.ndarray, grid: Grid, failed: bool) -> None:
    """Which line stands for which value: a legend, or a colour bar where there are too many numbers for one."""
    handles = []
    if grid.y and len(grid.y.values) > MOST_KEYS and not grid.y.is_text:
        hues, count = line_colours(grid.y), len(grid.y.values)
        steps = ScalarMappable(BoundaryNorm(np.arange(count + 1) - 0.5, count), ListedColormap(hues))
        bar = figure.colorbar(steps, ax=axes, label=label(grid.y.parameter), pad=0.02, aspect=30)
        ticks = np.unique(np.linspace(0, count - 1, 6).round().astype(int))
        bar.set_ticks(ticks, labels=[value_text(grid.y.values[i]) for i in ticks])
        bar.minorticks_off()
    elif grid.y:
        handles = [line for line in axes[0].lines if line.get_gid() == "line"]
    if failed:
        handles.append(plt.Line2D([], [], color="0.4" if grid.y else INK[FAILURE], linestyle="none", marker="x", markersize=4.5, label="failed"))
    if handles:
        title = textwrap.fill(label(grid.y.parameter).replace(".", ". "), 24).replace(". ", ".") if len(handles) > failed else None
        figure.legend(handles=handles, title=title, title_fontsize=7, alignment="left", loc="upper left", bbox_to_anchor=(1.0, 0.92))


def draw(study: Study, columns: list[Column], grid: Grid, title: str, line: str) -> plt.Figure:
    """A panel for each measure, over each other."""
    figure, axes = plt.subplots(len(columns), 1, squeeze=False, sharex=True, figsize=(5.4 if grid.y else 4.4, 0.6 + 2.5 * len(columns)))
    counts = []
    for place, column in zip(axes[:, 0], columns):
        counts += draw_curves(place, study, column, grid, line)
    axes[-1, 0].set_xlabel(label(grid.x.parameter))
    if not grid.x.parameter.sampled:
        set_axis(axes[-1, 0], "x", grid.x, 3.4)
    elif evenly_logarithmic(grid.x.parameter, grid.x.positions):
        axes[-1, 0].set_xscale("log")
        set_log_ticks(axes[-1, 0].xaxis, grid.x.parameter)
    failed = any(line.get_gid() == "failed" for place in axes.flat for line in place.lines)
    key(figure, axes[:, 0], grid, failed)
    spread = ""
    if max(counts, default=0) > 1:
        span = " to ".join(str(count) for count in sorted({min(counts), max(counts)}))
        spread = f"{line} and {'standard deviation' if line == 'mean' else 'range'}, {f'n = {span}'.replace(' ', NO_BREAK)}"
    elif not counts:
        spread = "no value" if (study.state == FINISHED).any() else "no results yet"
    figure.suptitle(textwrap.fill(", ".join(filter(None, [title, spread])), 80))
    return figure


def run(study: Study, folder: Path, options: argparse.Namespace) -> Path:
    """Draw and save; returns the path of the picture."""
    study = where(study, options.where)
    names = [name.strip() for name in options.measure.split(",")] if options.measure else [None]
    columns = [study.measure(name) for name in names]
    if options.measure is None and columns[0].is_text:
        raise ResultsError(f"{study.table}: holds no numbers yet")
    for column in columns:
        if column.is_text:
            raise ResultsError(f"{study.table}: {column.name} holds texts: expected a column of numbers")
    over, lines = choose_axes(study, options.over, options.lines, select(study, options.at)[1], ("--over", "--lines"))
    grid = make_grid(study, over, lines, options.at, 1)
    title = ", ".join(filter(None, [plain(study.name), fixed_text(study, options.at), study.condition]))
    figure = draw(study, columns, grid, title, options.line)
    return style.save(figure, folder / f"curves_{file_name('_'.join(column.name for column in columns))}.png")
