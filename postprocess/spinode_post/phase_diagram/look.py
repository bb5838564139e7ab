"""What the pictures of phase diagrams share: colours of the kinds, looks of the systems, legends, captions, symbols."""

import textwrap
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D

from .. import style
from ..results import ResultsError
from .tables import KINDS, PhaseResults

# Okabe and Ito (2008): told apart with any colour vision.
COLOURS = {"chemical": "#0072B2", "coherent-isotropic": "#D55E00", "coherent-cubic": "#009E73"}
DIRECTION_COLOURS = {"<100>": "#009E73", "<110>": "#E69F00", "<111>": "#CC79A7"}
NAMES = {"chemical": "chemical", "coherent-isotropic": "coherent, isotropic", "coherent-cubic": "coherent, cubic"}
ZERO_CELSIUS = 273.15  # K
WRAP = 50  # letters in a line of a legend
SYMBOLS = 15  # along the axis, of a curve that is drawn as points


@dataclass(frozen=True)
class Look:
    """What tells a system from the others."""

    line: str | tuple
    spinodal: str | tuple
    marker: str
    fill: str  # fillstyle of the marker


LOOKS = (
    Look("-", (0, (4, 1.6)), "o", "full"),
    Look((0, (9, 1.5, 1.5, 1.5)), (0, (1.2, 1.4)), "s", "none"),
    Look((0, (2.5, 1.0)), (0, (3, 1.2, 0.8, 1.2)), "^", "none"),
    Look((0, (7, 1.2, 1.2, 1.2, 1.2, 1.2)), (0, (0.8, 2.6)), "D", "none"),
)


def looks(systems: list[PhaseResults]) -> list[tuple[PhaseResults, Look]]:
    """Each system with its look; ResultsError when they do not belong into one picture."""
    if len(systems) > len(LOOKS):
        raise ResultsError(f"{len(systems)} folders: expected at most {len(LOOKS)} in one picture")
    first = systems[0]
    for system in systems[1:]:
        if (system.host, system.solute) != (first.host, first.solute):
            raise ResultsError(f"{system.folder}: {system.host}-{system.solute}: expected {first.host}-{first.solute}, as in {first.folder}")
    return list(zip(systems, LOOKS))


def system_name(system: PhaseResults, systems: list[PhaseResults]) -> str:
    """The description, with the folder where two systems have the same."""
    shared = sum(other.name == system.name for other in systems) > 1
    return f"{system.name} ({system.folder})" if shared else system.name


def caption(systems: list[PhaseResults], text: str) -> str:
    """What a picture shows, and of which system, or of which pair if there are several."""
    of = systems[0].name if len(systems) == 1 else f"{systems[0].host}–{systems[0].solute}"
    return textwrap.fill(f"{of}: {text}", 118)


def composition(systems: list[PhaseResults]) -> str:
    """Label of the axis of x."""
    return f"mole fraction {systems[0].solute} $x$"


def kind_handles(systems: list[PhaseResults]) -> list[Line2D]:
    """Legend of the colours."""
    kinds = [kind for kind in KINDS if any(kind in system.kinds for system in systems)]
    return [Line2D([], [], color=COLOURS[kind], linewidth=2.5, label=NAMES[kind]) for kind in kinds]


def system_handles(systems: list[PhaseResults]) -> list[Line2D]:
    """Legend of the line styles; none for a single system, which the caption names."""
    if len(systems) == 1:
        return []
    return [Line2D([], [], color="0.2", linestyle=look.line, label=system_name(system, systems)) for system, look in looks(systems)]


def pair_block(systems: list[PhaseResults], names: str, pairs: list[tuple[dict, dict]]) -> dict[str, list]:
    """Legend with two keys side by side for each system, given as properties of lines, and what the two stand for."""
    title, labels = ("curve", [names]) if len(systems) == 1 else (names, [system_name(system, systems) for system in systems])
    return {title: [tuple(Line2D([], [], color="0.2", label=label, **key) for key in pair) for label, pair in zip(labels, pairs)]}


def framed(columns: int, height: float, blocks: dict[str, list]) -> tuple[Figure, np.ndarray]:
    """A figure of page width: a row of panels framed on all sides, and below it a titled legend for each block that has handles.

    A handle is an artist with a label or a pair of them.
    """
    blocks = {title: handles for title, handles in blocks.items() if handles}
    labels = {title: [textwrap.fill(_label(handle), WRAP) for handle in handles] for title, handles in blocks.items()}
    room = 0.32 + 0.185 * max(sum(1 + 0.7 * label.count("\n") for label in column) for column in labels.values())  # inches
    figure, panels = plt.subplots(1, columns, squeeze=False, figsize=(style.PAGE, height + room))
    base = room / (height + room)
    figure.get_layout_engine().set(rect=(0, base, 1, 1 - base), wspace=0.05)
    for panel in panels[0]:
        panel.spines[["top", "right"]].set_visible(True)
    paired = {title: any(isinstance(handle, tuple) for handle in handles) for title, handles in blocks.items()}
    widths = [(20 if paired[title] else 12) + max(len(line) for label in [title, *column] for line in label.split("\n")) for title, column in labels.items()]
    starts = 0.04 + np.cumsum([0, *widths]) / max(sum(widths), 150)
    for start, (title, handles) in zip(starts, blocks.items()):
        figure.legend(
            handles,
            labels[title],
            title=title,
            title_fontproperties={"weight": "bold", "size": 7},
            loc="upper left",
            bbox_to_anchor=(start, base - 0.03),
            alignment="left",
            borderaxespad=0,
            handlelength=6.5 if paired[title] else 2.8,
            handler_map={tuple: HandlerTuple(ndivide=None, pad=1.0)},
        )
    return figure, panels[0]


def _label(handle: Artist | tuple[Artist, Artist]) -> str:
    return (handle[0] if isinstance(handle, tuple) else handle).get_label()


def draw_symbols(axes: Axes, position: np.ndarray, values: np.ndarray, span: float, colour: str, look: Look, gid: str) -> None:
    """A curve as a hairline with symbols, as many as go evenly along the part of the axis, `span`, that it covers."""
    known = np.flatnonzero(np.isfinite(values))
    if not known.size:
        return
    count = max(3, round(SYMBOLS * np.ptp(position[known]) / span))
    targets = np.linspace(position[known].min(), position[known].max(), count)
    marked = np.unique([known[np.argmin(abs(position[known] - target))] for target in targets]).tolist()
    symbols = {"marker": look.marker, "fillstyle": look.fill, "markersize": 3.6, "markeredgewidth": 0.8, "markevery": marked}
    axes.plot(position, values, color=colour, linewidth=0.4, gid=gid, zorder=3, **symbols)
