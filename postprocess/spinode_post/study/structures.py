"""The last structures of a study over two of its parameters, in one colour scale."""

import argparse
import textwrap
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle
from matplotlib.transforms import ScaledTranslation

from .. import style
from ..results import Results
from ..units import scale_for
from .colours import INK, Colours, legend_below, make_colours, mark_handles, text_handles
from .fields import Structure, limits_of, read_structures
from .grid import FAILURE, UNFINISHED, Grid, add_selection, choose_axes, fixed_text, make_grid, select
from .labels import label, plain, tick_texts
from .maps import ROOM, fitted, spread
from .table import FAILED, FINISHED, Column, Study

MOST = 64  # structures of a study that has no grid
READABLE = 0.5  # inches, the narrowest cell for a text
WIDEST, TALLEST = 0.92, 1.8  # a structure, in widths of a cell
GAP = 0.08  # between rows
FLATTEST = 0.25  # a row, and with a cell that has no structure, ABSENT
ABSENT = 0.6
UNLIKE = 10  # ratio of the largest box to the smallest, above which one scale does not show both


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Axes and label."""
    parser.add_argument("--x", metavar="KEY", help="parameter to the right (default: the composition, or the first that varies)")
    parser.add_argument("--y", metavar="KEY", help="parameter upwards (default: the temperature, or the second that varies)")
    parser.add_argument("--label", metavar="NAME", help="column of study.csv that is written below each structure, or colours its frame if it holds texts")
    add_selection(parser)


def first_cases(study: Study, grid: Grid) -> list[list[int | None]]:
    """The row of the first replica in each cell, None where there is no case."""
    return [[min(inside.tolist(), key=lambda row: (study.replica[row], row), default=None) for inside in line] for line in grid.panels[0].rows]


def in_order(study: Study, rows: np.ndarray) -> list[list[int | None]]:
    """Cases one after the other, from the top left, in rows that make a page."""
    count = min(rows.size, MOST)
    across = int(np.ceil(np.sqrt(count * 1.3)))
    padded = [*rows[:count].tolist(), *[None] * (-count % across)]
    return [padded[i : i + across] for i in range(0, len(padded), across)][::-1]


@dataclass(frozen=True)
class Scaling:
    """Sizes of the structures in widths of a cell."""

    factors: dict[int, float]  # widths of a cell per length of the box, by row of the table
    common: float | None  # the factor of all 2D and 3D cases; None: each is as large as its cell allows

    @classmethod
    def of(cls, structures: dict[int, Structure], room: float) -> "Scaling":
        """As large as the cells allow, at one scale as far as it shows them all."""
        fitting = {row: min((WIDEST - room) / s.size[0], TALLEST / s.size[1]) for row, s in structures.items()}
        boxes = [row for row in structures if structures[row].field.ndim > 1]
        sides = [max(structures[row].size) for row in boxes]
        if not boxes or max(sides) > UNLIKE * min(sides):
            return cls(fitting, None)
        common = min(fitting[row] for row in boxes)
        return cls(fitting | dict.fromkeys(boxes, common), common)


@dataclass(frozen=True)
class Sheet:
    """How all cells are drawn. Lengths are in widths of a cell."""

    study: Study
    structures: dict[int, Structure]
    limits: Normalize
    column: Column | None  # the label
    colours: Colours | None  # of the label
    numbered: bool  # whether the number of the case stands below
    room: float  # that is left free below a structure for a text
    scaling: Scaling
    places: list[tuple[float, float]]  # middle and height of each row of cells
    inches: float  # width of a cell

    def text_below(self, row: int) -> str:
        """Number and measure of a case."""
        parts = [str(self.study.case[row])] if self.numbered else []
        if self.column is not None and not self.column.is_text and self.column.given[row]:
            parts.append(f"{self.column.values[row] * self.colours.scale.factor:.3g}".replace("-", "−"))
        return ": ".join(parts)


def draw_cell(axes: Axes, sheet: Sheet, row: int | None, i: int, j: int) -> None:
    """What there is of a case, in the i-th cell of the j-th row."""
    middle, height = sheet.places[j]
    bottom = middle - (height - GAP) / 2
    if row in sheet.structures:
        draw_structure(axes, sheet, row, i, bottom + sheet.room)
    else:
        draw_absent(axes, sheet, row, i, j)
    if row is None:
        return
    if row in sheet.structures and sheet.study.state[row] != FINISHED and sheet.inches >= READABLE:
        note(axes, i, middle + sheet.room / 2, str(sheet.study.state[row]))
    if sheet.room:
        axes.text(i, bottom + sheet.room - 0.025, sheet.text_below(row), ha="center", va="top", fontsize=min(7, 9 * sheet.inches), zorder=4)
    if sheet.column is not None and sheet.column.is_text and sheet.column.given[row]:
        edge = sheet.colours.texts[str(sheet.column.values[row])]
        corner = i - 0.485, middle - height / 2 + 0.015
        axes.add_patch(Rectangle(corner, 0.97, height - 0.03, fill=False, edgecolor=edge, linewidth=2.2, zorder=3.5, gid="text frame"))


def draw_structure(axes: Axes, sheet: Sheet, row: int, middle: float, bottom: float) -> None:
    """A structure in its own proportions; the bottoms of a row are in line, so that heights compare."""
    structure = sheet.structures[row]
    width, height = (side * sheet.scaling.factors[row] for side in structure.size)
    left, right, top = middle - width / 2, middle + width / 2, bottom + height
    if structure.field.ndim == 2:
        axes.imshow(structure.field, origin="lower", extent=(left, right, bottom, top), norm=sheet.limits, cmap=style.FIELD_MAP, zorder=1)
    else:
        position = left + (np.arange(structure.field.size) + 0.5) / structure.field.size * (right - left)
        level = bottom + np.clip(sheet.limits(structure.field), 0, 1) * (top - bottom)
        axes.plot(position, level, color=style.PARTS["chemical"], linewidth=0.8, zorder=2)
        axes.fill_between(position, bottom, level, color=style.PARTS["chemical"], alpha=0.2, linewidth=0, zorder=1)
    axes.add_patch(Rectangle((left, bottom), right - left, top - bottom, fill=False, edgecolor="0.2", linewidth=0.5, zorder=3, gid="frame"))


def draw_absent(axes: Axes, sheet: Sheet, row: int | None, i: int, j: int) -> None:
    """A crossed box with the reason of a failure, or a hatched one with the state."""
    middle, height = sheet.places[j]
    left, right, bottom, top = i - WIDEST / 2, i + WIDEST / 2, middle - (height - GAP) / 2 + sheet.room, middle + (height - GAP) / 2
    state = "no case" if row is None else str(sheet.study.state[row])
    look = {"facecolor": "0.95"} if state == FAILED else {"facecolor": "white", "hatch": "////"}
    axes.add_patch(Rectangle((left, bottom), right - left, top - bottom, linewidth=0.5, edgecolor="0.6", zorder=1, gid=state, **look))
    if state == FAILED:
        axes.plot([left, right, np.nan, left, right], [bottom, top, np.nan, top, bottom], color=INK[FAILURE], linewidth=0.7, zorder=2, gid="cross")
    if row is None or sheet.inches < READABLE:
        return
    text = (sheet.study.failure[row] or state) if state == FAILED else "no snapshot" if state == FINISHED else state
    letters = max(8, int((right - left) * sheet.inches / 0.042))
    lines = max(1, int((top - bottom) * sheet.inches / 0.09) - 1)
    note(axes, i, (bottom + top) / 2, textwrap.fill(text, letters, max_lines=lines, placeholder=" …"))


def note(axes: Axes, x: float, y: float, text: str) -> None:
    """A small text on a light ground."""
    axes.text(x, y, plain(text), ha="center", va="center", fontsize=5, zorder=4, bbox={"facecolor": "white", "alpha": 0.85, "linewidth": 0, "pad": 1})


def place_rows(cells: list[list[int | None]], structures: dict[int, Structure], scaling: Scaling, room: float) -> list[tuple[float, float]]:
    """Middle and height of each row, from the bottom: as high as its highest structure; the first middle is 0."""
    places, bottom = [], 0.0
    for line in cells:
        heights = [structures[row].size[1] * scaling.factors[row] for row in line if row in structures]
        if len(heights) < len(line):
            heights.append(ABSENT if heights else WIDEST - room)
        height = max(FLATTEST, *heights) + room + GAP
        bottom = bottom if places else -height / 2
        places.append((bottom + height / 2, height))
        bottom += height
    return places


def draw(study: Study, cells: list[list[int | None]], grid: Grid | None, column: Column | None, title: str) -> plt.Figure:
    """Cells from the bottom left, with the values of the axes outside, or the numbers of the cases where there is no grid."""
    shown = np.array([row for line in cells for row in line if row is not None], dtype=int)
    across = len(cells[0])
    width = min((style.PAGE - 1.6) / across, 1.5)
    structures, example = read_structures(study, shown[study.state[shown] != FAILED], max(64, int(width * style.DPI)))
    room = 0.16 if grid is None or (column is not None and not column.is_text) else 0.0
    scaling = Scaling.of(structures, room)
    places = place_rows(cells, structures, scaling, room)
    bottom, top = places[0][0] - places[0][1] / 2, places[-1][0] + places[-1][1] / 2
    width = max(0.3, min(width, 8.0 / (top - bottom)))
    colours = make_colours(column, [column.values[row] for row in shown[column.given[shown]]]) if column else None
    sheet = Sheet(study, structures, limits_of(structures, example), column, colours, grid is None, room, scaling, places, width)

    figure, axes = plt.subplots(figsize=(across * width + 1.6, (top - bottom) * width + 0.9))
    for j, line in enumerate(cells):
        for i, row in enumerate(line):
            if row is not None or grid:
                draw_cell(axes, sheet, row, i, j)
    axes.set(xlim=(-0.5, across - 0.5), ylim=(bottom, top), aspect=1.0)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    label_cells(axes, grid, sheet)
    if scaling.common:
        draw_scale_bar(axes, scaling.common, example, across - 1 + WIDEST / 2, top)
    if any(s.field.ndim == 2 for s in structures.values()):
        figure.colorbar(ScalarMappable(sheet.limits, style.FIELD_MAP), ax=axes, label=example.x_label, pad=0.02, aspect=25, shrink=0.9)
    unlike = ["boxes of unlike scales"] if scaling.common is None and any(s.field.ndim == 2 for s in structures.values()) else []
    below = [f"below: {colours.label}"] if column and not column.is_text else []
    notes = [title, *profile_note(example, structures, sheet.limits), *unlike, *below]
    figure.suptitle(textwrap.fill(", ".join(notes), max(44, int(14 * (across * width + 1.6)))))
    handles = text_handles(colours) if column else []
    if width < READABLE:
        absent = [row for row in shown.tolist() if row not in structures]
        handles += mark_handles({FAILURE if study.state[row] == FAILED else UNFINISHED for row in absent})
    if handles:
        legend_below(figure, handles, 4, plain(column.name) if column and column.is_text else None)
    return figure


def draw_scale_bar(axes: Axes, factor: float, example: Results, right: float, y: float) -> None:
    """A length of 1, 2 or 5 times a power of ten, about half as wide as a cell, above the cells."""
    most = WIDEST / 2 / factor
    power = 10.0 ** np.floor(np.log10(most))
    length = power * max(step for step in (1, 2, 5) if step * power <= most)
    scale = scale_for(length, example.length_unit)
    raised = axes.transData + ScaledTranslation(0, 0.07, axes.figure.dpi_scale_trans)
    axes.plot([right - length * factor, right], [y, y], color="black", linewidth=1.6, solid_capstyle="butt", transform=raised, clip_on=False, gid="scale bar")
    text = f"{length * scale.factor:.6g} {scale.unit}".strip()
    axes.annotate(text, (right - length * factor, y), (-4, 5), textcoords="offset points", ha="right", va="center", annotation_clip=False)


def profile_note(example: Results | None, structures: dict[int, Structure], limits: Normalize) -> list[str]:
    """The range of the profiles of 1D cases, which have no scale of their own."""
    if example and any(s.field.ndim == 1 for s in structures.values()):
        return [f"{example.x_label} from {limits.vmin:.3g} to {limits.vmax:.3g}"]
    return [] if structures else ["no structures yet"]


def label_cells(axes: Axes, grid: Grid | None, sheet: Sheet) -> None:
    """Values of the axes at the cells, as far as they have room."""
    if grid is None:
        axes.set(xticks=[], yticks=[])
        return
    texts, room = fitted([plain(text) for text in tick_texts(grid.x.values)], sheet.inches)
    shown = spread(np.arange(len(texts)) * sheet.inches, room)
    axes.set_xticks(shown, [texts[i] for i in shown])
    axes.set_xlabel(label(grid.x.parameter))
    if grid.y is None:
        axes.set_yticks([])
        return
    texts = [plain(text) for text in tick_texts(grid.y.values)]
    middles = np.array([middle for middle, _ in sheet.places])
    shown = spread(middles * sheet.inches, [ROOM] * len(texts))
    axes.set_yticks(middles[shown], [texts[j] for j in shown])
    axes.set_ylabel(label(grid.y.parameter))


def run(study: Study, folder: Path, options: argparse.Namespace) -> Path:
    """Draw and save; returns the path of the picture."""
    column = study.measure(options.label) if options.label else None
    rows, fixed = select(study, options.at)
    x, y = choose_axes(study, options.x, options.y, fixed)
    grid = None
    if x.sampled or (y and y.sampled):
        cells = in_order(study, rows)
        note = "" if rows.size <= MOST else f"the first {MOST} of {rows.size} cases"
    else:
        grid = make_grid(study, x, y, options.at, 1)
        cells = first_cases(study, grid)
        note = "first replica" if np.unique(study.replica).size > 1 and "replica" not in (x.name, y and y.name) else ""
    title = ", ".join(filter(None, [plain(f"{study.name}: last structures"), note, fixed_text(study, options.at)]))
    return style.save(draw(study, cells, grid, column, title), folder / "structures.png")
