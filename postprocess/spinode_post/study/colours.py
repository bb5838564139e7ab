"""The colours of a measure: a scale of numbers, linear or logarithmic, or one colour per text; and the marks of cells without a value."""

import textwrap
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, ListedColormap, LogNorm, Normalize, to_hex
from matplotlib.patches import Patch

from .. import style
from ..results import ResultsError
from ..units import Scale
from .grid import FAILURE, INFINITE, MIXED, NO_VALUE, PARTLY, UNFINISHED
from .labels import is_wide, measure_scale, plain
from .table import Column

# Okabe and Ito (2008): told apart with any colour vision.
TEXTS = {
    "stable": "#56B4E9",
    "metastable": "#F0E442",
    "unstable": "#D55E00",
    "finished": "#009E73",
    "failed": "#D55E00",
    "running": "#56B4E9",
    "interrupted": "#F0E442",
    "waiting": "#BBBBBB",
}
OTHERS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")
GREY = {FAILURE: "0.93", UNFINISHED: "1.0", NO_VALUE: "1.0", INFINITE: "0.85", MIXED: "0.6"}
HATCHES = {UNFINISHED: "////", NO_VALUE: "...."}
WRAP = 36  # letters in a line of a legend
INK = {FAILURE: "#C03030", UNFINISHED: "0.6", NO_VALUE: "0.5"}


@dataclass(frozen=True)
class Colours:
    """What turns the value of a cell into a colour."""

    label: str
    scale: Scale
    norm: Normalize | None  # of the values in the unit of the scale; None for texts
    texts: dict[str, str]  # colour of each text

    def of(self, value: float | str) -> str:
        """Colour of a value in the unit of the table, as "#rrggbb"."""
        if self.norm is None:
            return self.texts[value]
        return to_hex(self.map(self.norm(self.number(value))))

    def number(self, value: float | str) -> float:
        """A value in the unit of the scale, or the place of a text among the texts."""
        return list(self.texts).index(value) if self.norm is None else value * self.scale.factor

    @property
    def map(self) -> Colormap:
        """Colours of `number` under `number_norm`."""
        return plt.get_cmap(style.FIELD_MAP) if self.norm is not None else ListedColormap(list(self.texts.values()) or ["white"])

    @property
    def number_norm(self) -> Normalize:
        return self.norm if self.norm is not None else Normalize(-0.5, max(1, len(self.texts)) - 0.5)


def make_colours(column: Column, shown: list[float | str | None]) -> Colours:
    """Colours for the values of the cells that are shown."""
    values = [value for value in shown if value is not None]
    if column.is_text:
        found = sorted(set(values), key=lambda text: (text == MIXED, list(TEXTS).index(text) if text in TEXTS else len(TEXTS), text))
        texts, others = {}, iter(OTHERS)
        for text in found:
            texts[text] = TEXTS.get(text) or (to_hex(GREY[MIXED]) if text == MIXED else next(others, ""))
            if not texts[text]:
                raise ResultsError(f"{column.name}: {len(found)} different texts: expected {len(OTHERS)} or fewer for a legend")
        return Colours(plain(column.name), Scale(1.0, ""), None, texts)
    numbers = np.array(values, dtype=float)
    numbers = numbers[np.isfinite(numbers)]
    scale = measure_scale(Column(column.name, column.unit, numbers))
    return Colours(scale.label(plain(column.name)), scale, _norm(numbers * scale.factor), {})


def _norm(values: np.ndarray) -> Normalize:
    if not values.size:
        return Normalize(0, 1)
    low, high = float(values.min()), float(values.max())
    if is_wide(values):
        return LogNorm(low, high)
    if high - low <= 1e-9 * abs(high):
        margin = 0.05 * abs(high) or 0.5
        return Normalize(low - margin, high + margin)
    return Normalize(low, high)


def text_handles(colours: Colours) -> list[Patch]:
    """Legend of the texts."""
    names = {text: textwrap.fill(plain(text), WRAP) for text in colours.texts}
    return [Patch(facecolor=colour, edgecolor="0.3", linewidth=0.4, label=names[text]) for text, colour in colours.texts.items()]


def legend_below(figure: plt.Figure, handles: list, columns: int, title: str | None = None) -> None:
    """A legend under the whole figure, which grows by it when it is saved."""
    figure.legend(handles=handles, title=title, title_fontsize=7, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=min(len(handles), columns))


def draw_mark(axes: Axes, mark: str, left: float, right: float, bottom: float, top: float) -> None:
    """What a cell without a value shows; a failed one that has one is crossed out over its colour."""
    corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
    if mark in HATCHES:
        axes.fill(*zip(*corners), facecolor=GREY[mark], edgecolor=INK[mark], hatch=HATCHES[mark], linewidth=0, gid=mark, zorder=1.5)
    if mark == INFINITE:
        axes.fill(*zip(*corners), facecolor=GREY[mark], linewidth=0, gid=mark, zorder=1.5)
        axes.annotate("∞", _middle(axes, left, right, bottom, top), ha="center", va="center", fontsize=9, zorder=3)
    if mark == FAILURE:
        axes.fill(*zip(*corners), facecolor=GREY[mark], linewidth=0, gid=mark, zorder=0.5)
        cross = [left, right, np.nan, left, right], [bottom, top, np.nan, top, bottom]
        axes.plot(*cross, color="white", linewidth=2.2, zorder=3)
        axes.plot(*cross, color=INK[mark], linewidth=0.9, gid="cross", zorder=3)


def _middle(axes: Axes, left: float, right: float, bottom: float, top: float) -> tuple[float, float]:
    x = np.sqrt(left * right) if axes.get_xscale() == "log" else (left + right) / 2
    y = np.sqrt(bottom * top) if axes.get_yscale() == "log" else (bottom + top) / 2
    return x, y


def mark_handles(marks: set[str]) -> list:
    """Legend of the marks that occur."""
    crosses = [(mark, size) for mark, size in ((FAILURE, 6), (PARTLY, 3)) if mark in marks]
    handles = [plt.Line2D([], [], color=INK[FAILURE], linestyle="none", marker="x", markersize=size, markeredgewidth=0.9, label=mark) for mark, size in crosses]
    for mark, hatch in HATCHES.items():
        if mark in marks:
            handles.append(Patch(facecolor="white", edgecolor=INK[mark], hatch=2 * hatch, linewidth=0.4, label=mark))
    return handles
