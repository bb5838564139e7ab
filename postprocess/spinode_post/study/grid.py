"""The cases of a study as a grid over one or two of its parameters, and what a measure comes to in each cell."""

import argparse
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..results import ResultsError
from .labels import setting
from .table import FAILED, FINISHED, Column, Parameter, Study, values_of

NEVER_LOGARITHMIC = ("K", "degC", "degF")
MIXED = "replicas differ"
FAILURE, PARTLY, UNFINISHED, NO_VALUE, INFINITE = "failed", "partly failed", "no result yet", "no value", "infinite"  # marks of cells


@dataclass(frozen=True)
class Axis:
    """A parameter with its distinct values, in the order in which they are drawn."""

    parameter: Parameter
    values: list[float | str]

    @property
    def is_text(self) -> bool:
        return isinstance(self.values[0], str)

    @property
    def positions(self) -> np.ndarray:
        """Where the values lie on the axis; texts at 0, 1, ..."""
        return np.arange(len(self.values), dtype=float) if self.is_text else np.array(self.values)

    @cached_property
    def logarithmic(self) -> bool:
        """Whether the values are more even in their logarithm than as they are."""
        values = self.positions
        if self.is_text or self.parameter.unit in NEVER_LOGARITHMIC or values[0] <= 0 or values[-1] <= 2.5 * values[0]:
            return False
        if values.size < 3:
            return bool(values[-1] >= 10 * values[0])
        return _unevenness(np.log(values)) < _unevenness(values)

    @cached_property
    def edges(self) -> np.ndarray:
        """Ends of the cells, midway between the values, shape (values + 1)."""
        places = np.log(self.positions) if self.logarithmic else self.positions
        if places.size == 1:
            half = 0.5 if self.is_text or places[0] == 0 else 0.05 * abs(places[0])
            return np.array([places[0] - half, places[0] + half])
        middles = (places[1:] + places[:-1]) / 2
        edges = np.concatenate([[2 * places[0] - middles[0]], middles, [2 * places[-1] - middles[-1]]])
        return np.exp(edges) if self.logarithmic else edges

    def share(self, values: np.ndarray) -> np.ndarray:
        """Places on the axis from 0 to 1 between the outer edges."""
        places, ends = (np.log(v) if self.logarithmic else np.asarray(v) for v in (values, self.edges[[0, -1]]))
        return (places - ends[0]) / (ends[1] - ends[0])


def _unevenness(places: np.ndarray) -> float:
    steps = np.diff(places)
    return float(steps.std() / steps.mean())


@dataclass(frozen=True)
class Panel:
    """The grid at one choice of the other axes."""

    fixed: dict[str, float | str]
    rows: list[list[np.ndarray]]  # cases of each cell, rows[j][i] at the j-th value of y and the i-th of x

    @property
    def cells(self) -> list[np.ndarray]:
        return [cell for line in self.rows for cell in line]


@dataclass(frozen=True)
class Cell:
    """What a measure comes to: the mean of numbers, the text that all agree on, or why there is neither."""

    value: float | str | None
    mark: str = ""
    partly: bool = False  # some of its cases failed


@dataclass(frozen=True)
class Grid:
    """Panels over the same axes."""

    x: Axis
    y: Axis | None  # None: a strip
    panels: list[Panel]


def varied(study: Study) -> list[Parameter]:
    """One listed parameter for each axis of more than one value: the one with the most values, then one with a unit."""

    def rank(parameter: Parameter) -> tuple[int, bool]:
        return len(values_of(study, parameter)), parameter.unit != ""

    axes: dict[int, list[Parameter]] = {}
    for parameter in study.parameters.values():
        if not parameter.sampled:
            axes.setdefault(parameter.axis, []).append(parameter)
    best = [max(parameters, key=rank) for parameters in axes.values()]
    return [parameter for parameter in best if rank(parameter)[0] > 1]


def sampled(study: Study) -> list[Parameter]:
    """The parameters that are sampled."""
    return [parameter for parameter in study.parameters.values() if parameter.sampled]


def add_selection(parser: argparse.ArgumentParser) -> None:
    """The option --at."""
    parser.add_argument("--at", action="append", default=[], metavar="KEY=VALUE", help="only cases of this value, in the unit of the study; may be given again")


def select(study: Study, at: Sequence[str]) -> tuple[np.ndarray, dict[str, float | str]]:
    """Rows of the cases that --at leaves, and the values that it fixes."""
    rows, fixed = np.arange(study.case.size), {}
    for text in at:
        key, equals, given = text.partition("=")
        if not equals:
            raise ResultsError(f"--at {text}: expected KEY=VALUE")
        parameter = study.parameter(key.strip())
        if parameter.sampled:
            raise ResultsError(f"--at {text}: {parameter.name} is sampled: expected a parameter with listed values")
        value = _parse(study, parameter, given.strip(), text)
        fixed[parameter.name] = value
        rows = rows[study.columns[parameter.name].values[rows] == value]
    return rows, fixed


def _parse(study: Study, parameter: Parameter, given: str, text: str) -> float | str:
    known = values_of(study, parameter)
    if isinstance(known[0], str):
        if given in known:
            return given
    else:
        try:
            number = float(given.removesuffix(parameter.unit))
        except ValueError:
            number = np.nan
        near = [value for value in known if np.isclose(value, number, rtol=1e-6, atol=0)]
        if near:
            return near[0]
    allowed = ", ".join(map(_typed, known))
    raise ResultsError(f"--at {text}: expected one of {f'{allowed} {parameter.unit}'.rstrip()}")


def _typed(value: float | str) -> str:
    """A value as one types it."""
    return value if isinstance(value, str) else f"{value:.6g}"


def choose_axes(study: Study, x: str | None, y: str | None, fixed: dict, options: tuple[str, str] = ("--x", "--y")) -> tuple[Parameter, Parameter | None]:
    """The two parameters of a picture: those named, else composition and temperature, else the first two that are left, numbers before texts.

    `options` are what a message calls them.
    """
    for name in (x, y):
        if name in fixed:
            raise ResultsError(f"--at {name}: is an axis of the picture")
    taken = [study.parameter(name) for name in (x, y) if name]
    axes = {study.parameters[name].axis for name in fixed}
    free = [p for p in varied(study) if p.axis not in axes and not any(vary_together(p, other) for other in taken)]
    # As in a phase diagram, wherever both are varied.
    known = {"initial.x": 0, "temperature": 1} if _is_phase_diagram(free + taken) else {}
    free.sort(key=lambda p: known.get(p.name, 3 if isinstance(values_of(study, p)[0], str) else 2))
    first = study.parameter(x) if x else free.pop(0) if free else sampled(study)[0] if sampled(study) else next(iter(study.parameters.values()))
    second = study.parameter(y) if y else free.pop(0) if free else None
    if second and (first == second or vary_together(first, second)):
        raise ResultsError(f"{options[0]} {first.name} and {options[1]} {second.name} vary together: expected parameters of two axes")
    return first, second


def vary_together(first: Parameter, second: Parameter) -> bool:
    """Whether both are listed on the same axis."""
    return first.axis == second.axis and not first.sampled and not second.sampled


def _is_phase_diagram(parameters: list[Parameter]) -> bool:
    return {"initial.x", "temperature"} <= {parameter.name for parameter in parameters}


def make_grid(study: Study, x: Parameter, y: Parameter | None, at: Sequence[str], most: int) -> Grid:
    """The grid over x and y, a panel for each choice of the axes that are neither drawn nor fixed, at most `most`."""
    rows, fixed = select(study, at)
    used = {p.axis for p in (x, y) if p} | {study.parameters[name].axis for name in fixed}
    others = [p for p in varied(study) if p.axis not in used]
    choices = list(itertools.product(*(values_of(study, p) for p in others)))
    if len(choices) > most:
        fix = " ".join(f"--at {p.name}={_typed(values_of(study, p)[0])}" for p in others)
        raise ResultsError(f"{study.folder}: {' and '.join(p.name for p in others)} {'varies' if len(others) == 1 else 'vary'} too: fix with {fix}")
    axes = [Axis(p, values_of(study, p)) for p in (x, y) if p]
    columns = [study.columns[axis.parameter.name].values for axis in axes]
    panels = []
    for choice in choices:
        inside = rows[np.all([study.columns[p.name].values[rows] == value for p, value in zip(others, choice)], axis=0)] if others else rows
        across = [inside[columns[0][inside] == value] for value in axes[0].values]
        lines = [[cell[columns[1][cell] == value] for cell in across] for value in axes[1].values] if y else [across]
        panels.append(Panel({p.name: value for p, value in zip(others, choice)}, lines))
    return Grid(axes[0], axes[1] if y else None, panels)


def summarise(study: Study, column: Column, rows: np.ndarray) -> Cell:
    """What a measure comes to in a cell with the given cases."""
    values, states = column.values[rows][column.given[rows]], study.state[rows]
    failed = states == FAILED
    if not values.size:
        if failed.any() and not (states == FINISHED).any():
            return Cell(None, FAILURE)
        return Cell(None, NO_VALUE if rows.size and (states == FINISHED).all() else UNFINISHED)
    mark = FAILURE if failed.all() and column.name != "state" else ""
    partly = bool(failed.any()) and not failed.all() and column.name != "state"
    if column.is_text:
        return Cell(str(values[0]) if np.all(values == values[0]) else MIXED, mark, partly)
    mean = float(values.mean())
    return Cell(mean, mark, partly) if np.isfinite(mean) else Cell(None, INFINITE, partly)


def averaged(study: Study, grid: Grid) -> str:
    """What the cells are means of: "mean over 3 replicas", or "" where each holds one case."""
    cells = [rows for panel in grid.panels for rows in panel.cells if rows.size]
    drawn = {axis.parameter.name for axis in (grid.x, grid.y) if axis}
    most = max((rows.size for rows in cells), default=0)
    if most <= 1:
        return ""
    replicas = 1 if "replica" in drawn else max(np.unique(study.replica[rows]).size for rows in cells)
    rest = -(-most // replicas)
    parts = [f"{replicas} replicas"] if replicas > 1 else []
    if rest > 1:
        parts.append(f"{rest} {'samples' if sampled(study) else 'cases'}")
    return f"mean over {' and '.join(parts)}"


def fixed_text(study: Study, at: Sequence[str]) -> str:
    """What --at has fixed, for a title."""
    return ", ".join(setting(study.parameters[name], value) for name, value in select(study, at)[1].items())
