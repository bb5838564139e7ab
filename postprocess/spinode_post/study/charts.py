"""The maps and the scatter of the page of a study, as SVG whose cells know their cases."""

import re
from dataclasses import dataclass
from html import escape

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LogNorm, to_hex

from .. import style
from ..phase_diagram.look import COLOURS, NAMES
from .boundaries import Boundary
from .colours import Colours
from .grid import FAILURE, INFINITE, NO_VALUE, PARTLY, UNFINISHED, Axis, Grid, sampled, varied
from .labels import label, setting, tick_texts
from .maps import spread
from .samples import evenly_logarithmic
from .table import Parameter, Study, values_of

LETTER = 7.2  # px, width of a letter of a tick
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
GLYPHS = {FAILURE: "1.1rem", PARTLY: ".7rem"}  # sizes of the crosses in a legend


def _cross(path: str, width: float) -> str:
    """A red cross on a white rim, which is seen on any colour."""
    return "".join(f'<path d="{path}" stroke="{ink}" stroke-width="{line}"/>' for ink, line in (("#fff", 2.4 * width), ("#c03030", width)))


PATTERNS = {
    FAILURE: ("none", _cross("M0 0L10 10M10 0L0 10", 0.4), "stretched"),
    PARTLY: ("none", _cross("M7.6 .8L9.2 2.4M9.2 .8L7.6 2.4", 0.35), "cornered"),
    UNFINISHED: ("#fff", '<path d="M-1 1L1 -1M0 6L6 0M5 7L7 5" stroke="#999" stroke-width="1"/>', "tiled"),
    NO_VALUE: ("#fff", '<circle cx="3" cy="3" r=".9" fill="#888"/>', "tiled"),
    INFINITE: ("#ddd", '<text x="5" y="7" text-anchor="middle" font-size="6">∞</text>', "stretched"),
}


def readable(text: str) -> str:
    """A text for Matplotlib as plain characters: "cm$^{-2}$" is "cm⁻²"."""
    return re.sub(r"\$\^\{([-\d]+)\}\$", lambda m: m[1].translate(RAISED), text).replace(r"\$", "$")


def tick_number(value: float) -> str:
    """A number in plain characters: "0.5", "2×10⁻¹⁵"."""
    mantissa, _, exponent = f"{value:.6g}".replace("-", "−").partition("e")
    if not exponent:
        return mantissa
    power = "10" + str(int(exponent.replace("−", "-"))).translate(RAISED)
    return power if mantissa == "1" else f"{mantissa}×{power}"


def _id(mark: str) -> str:
    return mark.replace(" ", "-")


def patterns() -> str:
    """Fills of the marks, for all drawings of the page."""
    parts = []
    for mark, (ground, drawing, kind) in PATTERNS.items():
        ground = "" if ground == "none" else f'<rect x="-1" y="-1" width="12" height="12" fill="{ground}"/>'
        fit = {"stretched": "none", "cornered": "xMaxYMin meet"}.get(kind)
        size = f'width="1" height="1" viewBox="0 0 10 10" preserveAspectRatio="{fit}"' if fit else 'width="6" height="6" patternUnits="userSpaceOnUse"'
        parts.append(f'<pattern id="{_id(mark)}" {size}>{ground}{drawing}</pattern>')
    return f'<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>{"".join(parts)}</defs></svg>'


def legend(colours: Colours, marks: set[str]) -> str:
    """Name of the measure, its colours, and the marks that occur, as HTML."""
    parts = [f"<b>{escape(readable(colours.label))}</b>"]
    if colours.norm is None:
        parts += [_swatch(f"background:{colour}", text) for text, colour in colours.texts.items()]
    else:
        stops = ",".join(to_hex(plt.get_cmap(style.FIELD_MAP)(share)) for share in np.linspace(0, 1, 9))
        low, high = (tick_number(float(f"{value:.3g}")) for value in (colours.norm.vmin, colours.norm.vmax))
        parts.append(f'<span>{low} <span class="bar" style="background:linear-gradient(to right,{stops})"></span> {high}</span>')
        if isinstance(colours.norm, LogNorm):
            parts.append("<span>logarithmic</span>")
    for mark in PATTERNS:
        if _id(mark) in marks and mark in GLYPHS:
            parts.append(f'<span><span style="color:#c03030;font-size:{GLYPHS[mark]};line-height:1">×</span> {mark}</span>')
        elif _id(mark) in marks:
            parts.append(f'<span><svg class="swatch" viewBox="0 0 14 14"><rect width="14" height="14" fill="url(#{_id(mark)})"/></svg>{mark}</span>')
    return "".join(parts)


def _swatch(look: str, text: str) -> str:
    return f'<span><span class="swatch" style="{look}"></span>{escape(text)}</span>'


@dataclass(frozen=True)
class Frame:
    """Where the plot lies in its drawing, in px."""

    left: float
    top: float
    width: float
    height: float

    def svg(self, body: str, name: str) -> str:
        """The drawing around the plot."""
        width, height = self.left + self.width + 14, self.top + self.height + 44
        return f'<svg width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" role="group" aria-label="{escape(name)}">{body}</svg>'

    def ticks(self, axis: str, ticks: list[tuple[float, str]], name: str) -> str:
        """Labels of an axis and its name."""
        if axis == "x":
            fixed, moving = f'y="{self.top + self.height + 16}" text-anchor="middle"', [self.left + share * self.width for share, _ in ticks]
            where = f'x="{self.left + self.width / 2}" y="{self.top + self.height + 36}"'
        else:
            fixed, moving = f'x="{self.left - 6}" dy=".35em" text-anchor="end"', [self.top + (1 - share) * self.height for share, _ in ticks]
            where = f'transform="translate(13 {self.top + self.height / 2}) rotate(-90)"'
        places = [f'<text {axis}="{place:.1f}" {fixed}>{escape(text)}</text>' for place, (_, text) in zip(moving, ticks)]
        title = f'<text id="label-{axis}" {where} text-anchor="middle">{escape(name)}</text>'
        return f'<g id="ticks-{axis}">{"".join(places)}</g>{title}'


def ticks_of(axis: Axis, pixels: float, across: bool) -> list[tuple[float, str]]:
    """Values with their places from 0 to 1, as many as have room."""
    texts = tick_texts(axis.values)
    if not axis.is_text:
        texts = [tick_number(float(text.replace("−", "-"))) for text in texts]
    places = axis.share(axis.positions)
    room = [LETTER * len(text) + 8 if across else 15.0 for text in texts]
    return [(float(places[i]), texts[i]) for i in spread(places * pixels, room)]


class Chart:
    """The panels of a grid."""

    def __init__(self, study: Study, grid: Grid, boundaries: list[list[Boundary]]) -> None:
        self.study, self.grid, self.boundaries = study, grid, boundaries
        self.groups = [rows for panel in grid.panels for rows in panel.cells]

    def svg(self, fills: list[str], marks: list[str]) -> str:
        """All panels with the given colours."""
        several = len(self.grid.panels) > 1
        width, height = (250.0, 190.0) if several else (430.0, 330.0)
        ticks = ticks_of(self.grid.y, height, False) if self.grid.y else []
        left = 34 + LETTER * max((len(text) for _, text in ticks), default=0) if self.grid.y else 14
        frame = Frame(left, 8, width, height if self.grid.y else 60.0)
        size, drawn = len(self.groups) // len(self.grid.panels), []
        for k, panel in enumerate(self.grid.panels):
            part = slice(k * size, (k + 1) * size)
            body = self._cells(frame, self.groups[part], fills[part], marks[part]) + self._curves(frame, self.boundaries[k])
            body += frame.ticks("x", ticks_of(self.grid.x, width, True), readable(label(self.grid.x.parameter)))
            if self.grid.y:
                body += frame.ticks("y", ticks, readable(label(self.grid.y.parameter)))
            if several:
                body = re.sub(r' id="(ticks|label)-[xy]"', "", body)
            name = readable(", ".join(setting(self.study.parameters[key], value) for key, value in panel.fixed.items()))
            drawn.append(f'<figure class="panel">{f"<figcaption>{escape(name)}</figcaption>" if name else ""}{frame.svg(body, name or "map")}</figure>')
        return "".join(drawn) + self._key()

    def _cells(self, frame: Frame, groups: list[np.ndarray], fills: list[str], marks: list[str]) -> str:
        x = frame.left + self.grid.x.share(self.grid.x.edges) * frame.width
        shares = self.grid.y.share(self.grid.y.edges) if self.grid.y else np.array([0.0, 1.0])
        y = frame.top + (1 - shares) * frame.height
        parts = []
        for place, (rows, fill, mark) in enumerate(zip(groups, fills, marks)):
            j, i = divmod(place, len(x) - 1)
            box = f'x="{x[i]:.2f}" y="{y[j + 1]:.2f}" width="{x[i + 1] - x[i]:.2f}" height="{y[j] - y[j + 1]:.2f}"'
            parts.append(f'<rect class="cell" {box} fill="{fill or "#fff"}" {focus(self.study, rows)}/><rect class="mark" {box} fill="{_fill(mark)}"/>')
        return "".join(parts)

    def _places(self, boundary: Boundary) -> list[np.ndarray]:
        """Its curves from 0 to 1 along both axes, shape (points, 2), without what a logarithmic axis cannot show."""
        temperature_up = self.grid.y.parameter.name == "temperature"
        places = []
        for x, T in boundary.curves:
            across, up = (x, T) if temperature_up else (T, x)
            with np.errstate(divide="ignore", invalid="ignore"):
                shares = np.column_stack([self.grid.x.share(across), self.grid.y.share(up)])
            places.append(shares[np.isfinite(shares).all(axis=1)])
        return places

    def _in_view(self, boundary: Boundary) -> bool:
        return any(((shares >= 0) & (shares <= 1)).all(axis=1).any() for shares in self._places(boundary))

    def _curves(self, frame: Frame, boundaries: list[Boundary]) -> str:
        """Phase boundaries, cut off at the frame."""
        if not boundaries:
            return ""
        lines = []
        for boundary in boundaries:
            dashes = ' stroke-dasharray="6 3"' if boundary.name == "spinodal" else ""
            for shares in self._places(boundary):
                places = np.clip(shares, -9, 9) * [frame.width, -frame.height] + [0, frame.height]
                points = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
                lines.append(f'<polyline points="{points}" fill="none" stroke="#fff" stroke-width="4"/>')
                lines.append(f'<polyline points="{points}" fill="none" stroke="{COLOURS[boundary.kind]}" stroke-width="2"{dashes}/>')
        place = f'x="{frame.left}" y="{frame.top}" width="{frame.width}" height="{frame.height}"'
        return f'<svg {place} overflow="hidden" pointer-events="none">{"".join(lines)}</svg>'

    def _key(self) -> str:
        """What the curves are."""
        found = {(b.kind, b.name): None for panel in self.boundaries for b in panel if self._in_view(b)}
        keys = []
        for kind, name in found:
            dashes = ' stroke-dasharray="6 3"' if name == "spinodal" else ""
            line = f'<svg width="30" height="10"><path d="M0 5H30" stroke="{COLOURS[kind]}" stroke-width="2"{dashes}/></svg>'
            keys.append(f"<span>{line} {name}, {NAMES[kind]}</span>")
        return f'<div class="legend" style="flex-basis:100%">{"".join(keys)}</div>' if keys else ""


def _fill(mark: str) -> str:
    return f"url(#{mark})" if mark else "none"


def focus(study: Study, rows: np.ndarray) -> str:
    """Attributes by which a cell is found with the keyboard and knows its cases, by replica."""
    cases = [str(study.case[row]) for row in sorted(rows.tolist(), key=lambda row: (study.replica[row], row))]
    name = f"case {', '.join(cases)}" if cases else "no case"
    return f'data-cases="{" ".join(cases)}" tabindex="0" role="button" aria-label="{name}"'


class Scatter:
    """The cases of a study with sampled parameters, in the plane of any two."""

    def __init__(self, study: Study, x: str, y: str | None) -> None:
        self.study = study
        choices = [p for p in [*sampled(study), *varied(study)] if not isinstance(values_of(study, p)[0], str)]
        self.axes = [p.name for p in choices]
        rest = [name for name in self.axes if name != x]
        self.x = x
        self.y = y or (rest[0] if rest else "")
        self.plot = Frame(86, 8, 400, 330.0 if self.y else 60.0)
        self.frame = {"left": self.plot.left, "top": self.plot.top, "width": self.plot.width, "height": self.plot.height}
        self.data = {p.name: self._axis(p) for p in choices}
        self.groups = [np.array([row]) for row in range(study.case.size)]

    def _axis(self, parameter: Parameter) -> dict:
        """Places of the cases, and ticks, from 0 to 1."""
        values = self.study.columns[parameter.name].values
        logarithmic = evenly_logarithmic(parameter, values)
        places = np.log10(values) if logarithmic else values
        low, high = float(places.min()), float(places.max())
        margin = 0.04 * (high - low) or 0.5
        low, high = low - margin, high + margin
        if logarithmic:
            marks = [m * 10.0**e for e in range(int(np.floor(low)), int(np.ceil(high)) + 1) for m in ((1, 2, 5) if high - low < 2 else (1,))]
            ticks = [(np.log10(mark), mark) for mark in marks]
        else:
            ticks = [(mark, mark) for mark in plt.MaxNLocator(5).tick_values(low, high)]
        shares = [[round(float((place - low) / (high - low)), 4), tick_number(mark)] for place, mark in ticks if low <= place <= high]
        return {
            "places": [round(float(place), 4) for place in (places - low) / (high - low)],
            "ticks": shares,
            "label": readable(label(parameter)),
        }

    def svg(self, fills: list[str], marks: list[str]) -> str:
        """The drawing with the given colours."""
        plot, x, y = self.plot, self.data[self.x], self.data[self.y] if self.y else None
        radius = 6 if self.study.case.size <= 200 else 4
        body = f'<rect x="{plot.left}" y="{plot.top}" width="{plot.width}" height="{plot.height}" fill="none" stroke="#777"/>'
        for i, (fill, mark) in enumerate(zip(fills, marks)):
            cx = plot.left + x["places"][i] * plot.width
            cy = plot.top + (1 - (y["places"][i] if y else 0.5)) * plot.height
            place = f'cx="{cx:.2f}" cy="{cy:.2f}" r="{radius}"'
            body += f'<circle class="cell" {place} fill="{fill or "#fff"}" {focus(self.study, self.groups[i])}/>'
            body += f'<circle class="mark" {place} fill="{_fill(mark)}"/>'
        body += plot.ticks("x", x["ticks"], x["label"])
        if y:
            body += plot.ticks("y", y["ticks"], y["label"])
        return f'<figure class="panel">{plot.svg(body, "scatter")}</figure>'
