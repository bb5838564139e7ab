"""A page of HTML about a whole study, alone in its file: maps of any measure with the structure of each case, and the table."""

import argparse
import json
from collections.abc import Iterable
from html import escape
from pathlib import Path

import numpy as np

from ..report.page import Page
from .boundaries import read_boundaries
from .charts import Chart, Scatter, legend, patterns, readable
from .colours import OTHERS, make_colours
from .conditions import add_conditions, where
from .fields import data_url, limits_of, read_structures, thumbnail
from .grid import PARTLY, Cell, averaged, choose_axes, make_grid, summarise, vary_together
from .labels import label, measure_scale, setting, unit_text, value_text
from .table import FAILED, STATES, Column, Parameter, Study, values_of

MOST = 1000  # cases with thumbnails
LARGE, SMALL, MANY = 128, 96, 300  # points along a thumbnail, and cases from which on they are small


class StudyPage(Page):
    """A page with a style and a script of its own."""

    def html(self) -> str:
        """The whole page."""
        style, script = (Path(__file__).with_name(f"page.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
        page = super().html().replace("</style>", f"{style}</style>", 1)
        return page.replace("</body>", f"<script>\n{script}</script>\n</body>", 1)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The measure and the axes that the page opens with."""
    parser.add_argument("--measure", metavar="NAME", help="measure that is shown first (default: the final length, or what there is)")
    parser.add_argument("--x", metavar="KEY", help="parameter to the right (default: the composition, or the first that varies)")
    parser.add_argument("--y", metavar="KEY", help="parameter upwards (default: the temperature, or the second that varies)")
    add_conditions(parser)


def describe_parameter(study: Study, parameter: Parameter) -> str:
    """Its values, or the range of the samples."""
    values = values_of(study, parameter)
    unit = readable(unit_text(parameter.unit))
    if parameter.sampled and not isinstance(values[0], str):
        return escape(f"{len(values)} samples from {value_text(values[0])} to {value_text(values[-1])} {unit}".rstrip())
    return escape(f"{', '.join(readable(value_text(value)) for value in values)} {unit}".rstrip())


def add_study(page: Page, study: Study) -> None:
    """What was varied and how far it has come."""
    page.section("Study")
    counts = [(state, int((study.state == state).sum())) for state in dict.fromkeys([*STATES, *study.state.tolist()])]
    rows = [("Cases", f"{study.case.size}: " + ", ".join(f"{count} {escape(state)}" for state, count in counts if count))]
    if (replicas := np.unique(study.replica).size) > 1:
        rows.append(("Replicas", str(replicas)))
    for parameter in study.parameters.values():
        together = [p.name for p in study.parameters.values() if p != parameter and vary_together(p, parameter)]
        note = f" (together with {escape(', '.join(together))})" if together else ""
        rows.append((escape(parameter.name), describe_parameter(study, parameter) + note))
    if study.version:
        rows.append(("spinode", escape(study.version)))
    page.table(rows)


def add_failures(page: Page, study: Study) -> None:
    """The reason of each failure."""
    failed = np.flatnonzero(study.state == FAILED).tolist()
    if not failed:
        return
    page.section("Failures")
    page.table((f"Case {study.case[row]}: {escape(describe_case(study, row))}", escape(study.failure[row] or "no reason given")) for row in failed)


def describe_case(study: Study, row: int) -> str:
    """The parameters of a case."""
    return readable(", ".join(setting(p, _python(study.columns[p.name].values[row])) for p in study.parameters.values()))


def _python(value: object) -> float | str:
    return str(value) if isinstance(value, str) else float(value)


def thumbnails(study: Study) -> dict[int, str]:
    """Sources of the images by row, in one colour scale."""
    size = LARGE if study.case.size <= MANY else SMALL
    rows = np.flatnonzero(study.state != "waiting")
    structures, example = read_structures(study, rows, size)
    limits = limits_of(structures, example)
    return {row: data_url(thumbnail(structure, limits, size)) for row, structure in structures.items()}


def cell_data(study: Study, column: Column, groups: list[np.ndarray]) -> dict:
    """What a measure makes of the cells: fills, marks, and its legend as HTML."""
    cells = [summarise(study, column, rows) for rows in groups]
    colours = make_colours(column, [cell.value for cell in cells])
    fills = [colours.of(cell.value) if cell.value is not None else "" for cell in cells]
    return {"fills": fills, "marks": [mark_of(cell) for cell in cells], "legend": legend(colours, {mark_of(cell) for cell in cells})}


def mark_of(cell: Cell) -> str:
    """Name of the pattern over a cell."""
    return (cell.mark or (PARTLY if cell.partly else "")).replace(" ", "-")


def choosers(study: Study, shown: dict[str, dict], first: str, scatter: Scatter | None) -> str:
    """Selects for the measure and, of a scatter, its axes."""
    groups: dict[str, list[str]] = {}
    for name in shown:
        groups.setdefault(name.partition(".")[0], []).append(name)
    lists = {group: _options(names, first) for group, names in groups.items()}
    options = "".join(f'<optgroup label="{escape(group)}">{lists[group]}</optgroup>' if len(names) > 1 else lists[group] for group, names in groups.items())
    selects = f'<label>Colour <select id="measure" autocomplete="off">{options}</select></label>'
    if scatter:
        for axis, name in (("x", scatter.x), ("y", scatter.y)):
            if name:
                selects += f' <label>{axis} <select id="choose-{axis}" autocomplete="off">{_options(scatter.axes, name)}</select></label>'
    return f'<p class="controls">{selects}</p>'


def _options(names: Iterable[str], first: str) -> str:
    return "".join(f"<option{' selected' if name == first else ''}>{escape(name)}</option>" for name in names)


def add_maps(page: Page, study: Study, options: argparse.Namespace) -> None:
    """The chooser, the maps, and room for the case under the pointer."""
    page.section("Map")
    x, y = choose_axes(study, options.x, options.y, {})
    scatter, note = None, ""
    if x.sampled or (y and y.sampled):
        scatter = Scatter(study, x.name, options.y)
        groups, drawing = scatter.groups, scatter.svg
    else:
        grid = make_grid(study, x, y, [], study.case.size)
        chart = Chart(study, grid, read_boundaries(study, grid))
        groups, drawing = chart.groups, chart.svg
        note = averaged(study, grid)
    column = study.measure(options.measure)
    shown = {}
    for name, measure in study.measures.items():
        few = not measure.is_text or np.unique(measure.values[measure.given]).size <= len(OTHERS)
        if name == column.name or (few and (measure.given.any() or name == "state")):
            shown[name] = cell_data(study, measure, groups)
    first = shown[column.name]
    data = {"measures": shown} | ({"axes": scatter.data, "frame": scatter.frame} if scatter else {})
    hint = "Point at a case to see it, click to keep it." + (f" Colours of numbers: {note}." if note else "")
    condition = readable(study.condition)
    hint += f" Colours only {condition} (the state: of all)." if condition else ""
    page.paragraph(f'<span class="controls">{escape(hint)}</span>')
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    page.parts.append(
        f'{patterns()}<div class="view"><div>{choosers(study, shown, column.name, scatter)}'
        f'<p class="paper">Colour: {escape(", ".join(filter(None, [column.name, note, condition])))}.</p>'
        f'<div class="panels">{drawing(first["fills"], first["marks"])}</div><div class="legend" id="legend">{first["legend"]}</div></div>'
        f'<aside class="detail" id="detail"></aside></div><script type="application/json" id="data">{text}</script>'
    )


def add_cases(page: Page, study: Study, images: dict[int, str], first: str) -> None:
    """The whole table; on paper, without the measures that are not drawn."""
    page.section("All cases")
    if study.case.size > MOST:
        page.paragraph(f"Structures are left out: {study.case.size} cases, more than {MOST}.")
    page.paragraph('<span class="paper">On paper, other measures are left out; study.csv holds them all.</span>')
    kept = {"case", "replica", "state", "failure", first, *study.parameters}
    columns = [column for column in study.columns.values() if column.given.any() or column.name in kept]
    heads, cells = [], []
    for column in columns:
        name, texts = table_column(study, column)
        kind = "" if column.name in kept else "more"
        if column.name == "failure":
            kind = "text"
        heads.append(f'<th scope="col" class="{f"sortable {kind}".strip()}" tabindex="0">{escape(name)}</th>')
        cells.append([f'<td class="{kind}">{escape(text)}</td>' for text in texts])
        if column.name == "case" and images:
            heads.append('<th scope="col">structure</th>')
            cells.append([f'<td>{_image(images[row], case) if row in images else ""}</td>' for row, case in enumerate(study.case.tolist())])
    body = "".join(f'<tr data-case="{study.case[row]}">{"".join(line)}</tr>' for row, line in enumerate(zip(*cells)))
    page.parts.append(f'<div class="wide"><table id="cases"><thead><tr>{"".join(heads)}</tr></thead><tbody>{body}</tbody></table></div>')


def _image(source: str, case: int) -> str:
    return f'<img class="structure" alt="case {case}" src="{source}">'


def table_column(study: Study, column: Column) -> tuple[str, list[str]]:
    """Head and cells of a column: parameters in the unit of the user, measures with a prefix, four digits."""
    if column.is_text:
        return column.name, column.values.tolist()
    if column.name in study.parameters:
        return readable(label(study.parameters[column.name])), [f"{v:.10g}" if given else "" for v, given in zip(column.values, column.given)]
    if column.name in ("case", "replica"):
        return column.name, [f"{v:.0f}" for v in column.values]
    scale = measure_scale(column)
    return readable(scale.label(column.name)), [f"{v * scale.factor:.4g}" if given else "" for v, given in zip(column.values, column.given)]


def build(study: Study, options: argparse.Namespace) -> Page:
    """The page."""
    done = int((study.state == "finished").sum())
    page = StudyPage(study.description or study.name, escape(f"{study.name}: a study of {study.case.size} cases, {done} finished"))
    add_study(page, study)
    add_maps(page, study, options)
    add_failures(page, study)
    images = thumbnails(study) if study.case.size <= MOST else {}
    add_cases(page, study, images, study.measure(options.measure).name)
    return page


def run(study: Study, folder: Path, options: argparse.Namespace) -> Path:
    """Write the page; returns its path."""
    path = folder / "study.html"
    path.write_text(build(where(study, options.where), options).html(), encoding="utf-8")
    return path
