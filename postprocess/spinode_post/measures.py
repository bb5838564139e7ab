"""Measures of the structure over time: the tables DIR/measures/NAME.csv of a run and DIR/analysis/NAME.csv of its analysis, as curves."""

import argparse
import csv
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase

from . import style
from .panels import length_scale
from .results import Results, ResultsError
from .units import Scale, length_power, pretty, scale_for, time_scale

COLUMNS = 3  # panels in a row
MARKED = 40  # rows up to which each is marked
DECADES = 2  # that a linear axis can show
WRAPPED = 26  # letters in a line of a label
# Okabe and Ito (2008): the two phases and the two carriers each have a colour in all panels.
SUBJECTS = {"solute": "#D55E00", "host": "#0072B2", "ionic": "#009E73", "electronic": "#CC79A7"}
PLAIN = ("#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
LINES = ("-", (0, (4, 1.5)), (0, (1, 1)), (0, (5, 1, 1, 1)), (0, (3, 1, 1, 1, 1, 1)), (0, (8, 3)))
BAND = "deviation"  # columns NAME_deviation are drawn as a band around NAME

# What the solver calls its tables and their columns, less the words for phase, axis and kind, and how an axis of a picture says it.
TITLES = {
    "structure": "Lengths of the structure factor",
    "phases": "Phases",
    "interface": "Interface",
    "curvature": "Curvature of the interface",
    "chords": "Mean chords",
    "thickness": "Local thickness",
    "connectivity": "Connectivity",
    "tortuosity": "Tortuosity",
    "conductivity": "Effective conductivity",
}
LABELS = {
    "x": "mean $x$ of the phase",
    "threshold": "threshold of $x$",
    "fraction": "volume fraction",
    "area": "specific interface area",
    "euler_characteristic": "Euler characteristic per volume",
    "gaussian_curvature": "Gaussian curvature",
    "chord": "mean chord",
    "thickness": "local thickness",
    "pieces": "number of pieces",
    "largest_share": "share in the largest piece",
    "percolating": "share that percolates",
    "reach": "reach from the separator",
    "contact": "share of the phase touching",
    "relative_conductivity": "relative conductivity",
}
# Columns that share a panel with others: (name of the panel, what the curve is called there).
SHARED = {
    "length": ("length", "first moment"),
    "length_peak": ("length", "peak"),
    "thickness": ("thickness", "mean"),
    "thickness_largest": ("thickness", "largest"),
    "joining": ("contact", "both ends"),
    "dead_end": ("contact", "one end"),
    "isolated": ("contact", "no end"),
    "orphaned": ("contact", "cut off"),
}


@dataclass(frozen=True)
class Table:
    """One table: a row per time, columns by name, and their units ("1" where the header gives none)."""

    name: str
    path: Path
    time: np.ndarray
    columns: dict[str, np.ndarray]  # values may be infinite or NaN
    units: dict[str, str]


@dataclass(frozen=True)
class Curve:
    """One column of a table as a panel shows it."""

    column: str
    subject: str  # a key of SUBJECTS, or ""
    kind: str  # the axis, or what else tells it from others of its subject; or ""


@dataclass(frozen=True)
class Panel:
    """Curves of one quantity and unit."""

    name: str
    unit: str
    curves: list[Curve]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def read_tables(results: Results) -> list[Table]:
    """All tables, known ones first; of those of the same name that of measures/, which has more rows. ResultsError when one is broken."""
    paths = {path.stem: path for folder in ("analysis", "measures") for path in sorted((results.folder / folder).glob("*.csv"))}
    order = [*(name for name in TITLES if name in paths), *sorted(paths.keys() - TITLES.keys())]
    return [table for name in order if (table := read_table(paths[name])).time.size]


def read_table(path: Path) -> Table:
    """One table; a last row that is still being written is left out."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            header, *rows = [row for row in csv.reader(file) if row] or [[]]
        if rows and len(rows[-1]) != len(header):
            rows.pop()
        values = np.array(rows, dtype=float).reshape(len(rows), len(header))
    except (ValueError, csv.Error) as error:
        raise ResultsError(f"{path}: is not a table of numbers: {error}") from None
    columns, units = {}, {}
    for name, column in zip(header, values.T):
        match = re.fullmatch(r"(\S+)(?: \[(.*)\])?", name.strip())
        if match is None:
            raise ResultsError(f"{path}: column {name!r}: expected 'name' or 'name [unit]'")
        columns[match[1]], units[match[1]] = column, match[2] or "1"
    if "time" not in columns:
        raise ResultsError(f"{path}: no column time")
    time = columns.pop("time")
    columns.pop("step", None)
    return Table(path.stem, path, time, columns, units)


def panels(table: Table) -> list[Panel]:
    """The columns by quantity, in order of appearance; bands are no curves of their own."""
    found: dict[tuple[str, str], list[Curve]] = {}
    for column, unit in table.units.items():
        if column in table.columns and not column.endswith(f"_{BAND}"):
            name, curve = _sort(table, column)
            found.setdefault((name, unit), []).append(curve)
    return [Panel(name, unit, curves) for (name, unit), curves in found.items()]


def _sort(table: Table, column: str) -> tuple[str, Curve]:
    """The panel of a column, and its curve there: "percolating_x_solute" is of the panel percolating, the solute along x."""
    first, *rest = column.split("_")
    axes = [word for word in rest if word in ("x", "y", "z")]
    subjects = [word for word in (first, *rest) if word in SUBJECTS]
    stem = "_".join(word for word in (first, *(word for word in rest if word not in axes)) if word not in subjects)
    if stem == "conductivity" and table.name == "tortuosity":
        stem = "relative_conductivity"
    name, kind = SHARED.get(stem, (stem or table.name, ""))
    return name, Curve(column, subjects[0] if subjects else "", axes[0] if axes else kind)


def unit_scale(results: Results, largest: float, unit: str) -> Scale:
    """Scale for values up to `largest`: powers of a length in the length of the box, times as a reader says them, else a prefix."""
    if re.fullmatch(r"m-?\d+", unit):
        return length_power(length_scale(results), unit)
    if unit == "s":
        return time_scale(largest, unit)
    if unit == "K" or re.match(r"\w+-?\d", unit) or not np.isfinite(largest):
        return Scale(1.0, pretty(unit))
    return scale_for(largest, unit)


def describe_column(results: Results, table: Table, column: str) -> str:
    """A column in words: "local thickness, Na-rich, largest"."""
    name, curve = _sort(table, column.removesuffix(f"_{BAND}"))
    kind = BAND if column.endswith(f"_{BAND}") else curve.kind
    parts = [LABELS.get(name, name.replace("_", " ")), _subject(results, curve.subject), kind]
    return ", ".join(part for part in parts if part)


def title(table: Table) -> str:
    """What a table is about."""
    return TITLES.get(table.name, table.name.replace("_", " ").capitalize())


def draw_panel(axes: Axes, results: Results, table: Table, panel: Panel) -> None:
    """Curves over time; what is not finite is a gap. With more than one phase the colour tells the phase, the line the rest.

    What has a unit and spans more than DECADES is on a logarithmic axis, where zeros are gaps too.
    """
    logarithmic = not (results.folder / "profiles.h5").exists()
    shown = table.time > 0 if logarithmic and (table.time > 0).any() else np.ones(table.time.size, bool)
    clock = time_scale(table.time[-1], results.time_unit)
    time = table.time[shown] * clock.factor
    values = {curve.column: np.where(np.isfinite(table.columns[curve.column]), table.columns[curve.column], np.nan)[shown] for curve in panel.curves}
    found = np.concatenate([v[np.isfinite(v) & (v != 0)] for v in values.values()])
    wide = panel.unit != "1" and found.size > 0 and found.min() > 0 and found.max() > 10**DECADES * found.min()
    scale = unit_scale(results, np.median(found) if wide else np.abs(found).max(initial=0.0), panel.unit)

    subjects = list(dict.fromkeys(curve.subject for curve in panel.curves))
    kinds = list(dict.fromkeys(curve.kind for curve in panel.curves))
    for curve in panel.curves:
        kind = kinds.index(curve.kind)
        several = len(subjects) > 1
        colour = SUBJECTS.get(curve.subject, PLAIN[0]) if several or (curve.subject and len(kinds) == 1) else PLAIN[kind % len(PLAIN)]
        line = LINES[kind % len(LINES)] if several else "-"
        name = ", ".join(part for part in (_subject(results, curve.subject) if several or not curve.kind else "", curve.kind) if part)
        looks = {"color": colour, "marker": "o" if time.size <= MARKED else "", "markersize": 2, "markeredgewidth": 0}
        mean = values[curve.column] * scale.factor
        axes.plot(time, mean, linestyle=line, label=name, **looks)
        if f"{curve.column}_{BAND}" in table.columns:
            spread = table.columns[f"{curve.column}_{BAND}"][shown] * scale.factor
            axes.fill_between(time, mean - spread, mean + spread, color=colour, alpha=0.15, linewidth=0)
    axes.set(xlabel=clock.label("time $t$"), ylabel=textwrap.fill(scale.label(LABELS.get(panel.name, panel.name.replace("_", " "))), WRAPPED))
    if logarithmic and time[0] > 0:
        axes.set_xscale("log")
    if wide:
        axes.set_yscale("log", nonpositive="mask")
    if time[-1] > time[0]:
        # All panels alike, also where a curve begins late.
        axes.set_xlim(time[0], time[-1])
    if len(panel.curves) > 1 or panel.curves[0].subject:
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, columnspacing=1.0, handlelength=2.4, borderaxespad=0.2)


def _subject(results: Results, subject: str) -> str:
    return {"solute": f"{results.solute}-rich", "host": f"{results.host}-rich"}.get(subject, subject)


def never_finite(table: Table) -> list[str]:
    """Columns without a finite value, of which no curve can be seen."""
    return [column for column, values in table.columns.items() if not np.isfinite(values).any()]


def rows_of(table: Table) -> int:
    """Rows of panels."""
    return -(-len(panels(table)) // COLUMNS)


def draw_table(figure: FigureBase, results: Results, table: Table, columns: int = COLUMNS) -> None:
    """All panels of a table, side by side in rows of the figure."""
    shown = panels(table)
    grid = figure.subplots(-(-len(shown) // columns), columns, squeeze=False).flat
    for axes, panel in zip(grid, shown):
        draw_panel(axes, results, table, panel)
    for axes in grid[len(shown) :]:
        axes.remove()


def run(results: Results, folder: Path, options: argparse.Namespace) -> Path:
    """Draw and save; returns the path of the picture."""
    tables = read_tables(results)
    if not tables:
        raise ResultsError(f"{results.folder}: holds no measures/*.csv and no analysis/*.csv: expected the tables of a run or of spinode analyze")
    rows = [rows_of(table) for table in tables]
    figure = plt.figure(figsize=(style.PAGE, 2.4 * sum(rows) + 0.3))
    parts = figure.subfigures(len(tables), 1, squeeze=False, height_ratios=rows)[:, 0]
    for part, table in zip(parts, tables):
        draw_table(part, results, table)
        part.suptitle(title(table), x=0.01, ha="left", weight="bold")
    return style.save(figure, folder / "measures.png")
