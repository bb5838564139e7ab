"""How much of the other metal each side takes up: solubilities and spinodals over temperature, exact and as asymptotes.

The asymptotes are those of low concentration, dos Santos et al. (2025): exp(-(L_0 +- L_1)/RT) and RT/(2 L_0 +- 6 L_1).
"""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from .. import style
from .bands import band_handles, band_note, band_ribbons, draw_polygons
from .look import COLOURS, DIRECTION_COLOURS, ZERO_CELSIUS, Look, caption, draw_symbols, framed, kind_handles, looks, pair_block
from .tables import DIRECTIONS, PhaseResults


def draw_solubility(axes: Axes, systems: list[PhaseResults], side: int) -> None:
    """Arrhenius plot of the solubility of the solute in the host (side 0) or of the host in the solute (side 1)."""
    host, solute = systems[0].host, systems[0].solute
    species, solvent, variable, column = ((solute, host, "$x$", "x_alpha"), (host, solute, "$1-x$", "one_minus_x_beta"))[side]
    span = np.ptp(1000 / _temperatures(systems))
    for system, look in looks(systems):
        for kind in system.kinds:
            for polygons, opacity in band_ribbons(system, kind, f"binodal_{solvent}_side"):
                inverse = [np.column_stack([1000 / T, 1 - x if side else x]) for x, T in (polygon.T for polygon in polygons)]
                draw_polygons(axes, inverse, COLOURS[kind], opacity, f"{system.folder.name} {kind} band")
            levels = system.boundaries.where("kind", kind)["T_K"]
            ties = system.tie_lines.where("kind", kind)
            T, exact = _outermost(levels, ties["T_K"], ties["x_alpha"], 1 - ties["one_minus_x_beta"], ties[column])
            draw_symbols(axes, 1000 / T, exact, span, COLOURS[kind], look, f"{system.folder.name} {kind} exact")
            _draw_asymptote(axes, system, kind, look, f"solubility_{solvent}_side", lambda T: 1000 / T)
    axes.set(yscale="log", xlabel="1000 K / $T$", ylabel=f"solubility of {species} in {solvent}, {variable}")
    _limit(axes)
    _celsius_on_top(axes, _temperatures(systems))


def draw_spinodal(axes: Axes, systems: list[PhaseResults], side: int) -> None:
    """End of the spinodal on the side of the host (0) or of the solute (1); single directions, where given, stand for the cubic kind."""
    host, solute = systems[0].host, systems[0].solute
    solvent, species, variable = ((host, solute, "$x$"), (solute, host, "$1-x$"))[side]
    span = np.ptp(_temperatures(systems))
    for system, look in looks(systems):
        curves = [(kind, COLOURS[kind], system.boundaries.where("kind", kind)) for kind in system.kinds]
        if system.directions["T_K"].size:
            curves = [curve for curve in curves if curve[0] != "coherent-cubic"]
            curves += [(direction, DIRECTION_COLOURS[direction], system.directions.where("direction", direction)) for direction in DIRECTIONS]
        for name, colour, rows in curves:
            ends = [rows[f"x_spinodal_{species}_side"] for species in (host, solute)]
            T, exact = _outermost(rows["T_K"], rows["T_K"], *ends, ends[0] if side == 0 else 1 - ends[1])
            draw_symbols(axes, T, exact, span, colour, look, f"{system.folder.name} {name} exact")
        for kind in system.kinds:
            _draw_asymptote(axes, system, kind, look, f"spinodal_{solvent}_side", lambda T: T)
    axes.set(yscale="log", xlabel="temperature $T$ (K)", ylabel=f"{species} at the spinodal on the {solvent} side, {variable}")
    _limit(axes)
    style.plain_log_ticks(axes.yaxis)


def solubility(systems: list[PhaseResults]) -> Figure:
    """Both sides."""
    blocks = {"free energy": kind_handles(systems), **_curve_block(systems), "band": band_handles(systems)}
    figure, panels = framed(2, 2.9, blocks)
    for side, panel in enumerate(panels):
        draw_solubility(panel, systems, side)
    figure.suptitle(caption(systems, f"solubilities, exact and in the limit of low concentration{band_note(systems)}"))
    return figure


def spinodal_ends(systems: list[PhaseResults]) -> Figure:
    """Both sides."""
    handles = kind_handles(systems)
    if any(system.directions["T_K"].size for system in systems):
        handles = [handle for handle in handles if handle.get_color() != COLOURS["coherent-cubic"]]
        handles += [Line2D([], [], color=colour, linewidth=2.5, label=f"coherent, cubic, along {_crystal(d)}") for d, colour in DIRECTION_COLOURS.items()]
    figure, panels = framed(2, 2.9, {"free energy": handles, **_curve_block(systems)})
    for side, panel in enumerate(panels):
        draw_spinodal(panel, systems, side)
    figure.suptitle(caption(systems, "ends of the spinodal, exact and in the limit of low concentration"))
    return figure


def _curve_block(systems: list[PhaseResults]) -> dict[str, list]:
    """Legend of the symbols and the line of each system."""
    symbols = [{"marker": look.marker, "fillstyle": look.fill, "markersize": 3.6, "linewidth": 0.4} for _, look in looks(systems)]
    lines = [{"linestyle": look.line, "linewidth": 0.9} for _, look in looks(systems)]
    return pair_block(systems, "exact, asymptote", list(zip(symbols, lines)))


def _temperatures(systems: list[PhaseResults]) -> np.ndarray:
    return np.concatenate([system.boundaries["T_K"] for system in systems])


def _crystal(direction: str) -> str:
    return f"⟨{direction.strip('<>')}⟩"


def _outermost(levels: np.ndarray, T: np.ndarray, low: np.ndarray, high: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The temperatures of levels, rising, and the smallest value at each.

    It is nan where there is none, and between neighbouring intervals low < x < high that have no x in common.
    """
    temperatures, values, before = [], [], None
    for temperature in np.unique(levels):
        rows = np.flatnonzero((temperature == T) & ~np.isnan(value))
        row = rows[np.argmin(value[rows])] if rows.size else None
        if row is not None and before is not None and not (low[row] <= high[before] and low[before] <= high[row]):
            temperatures.append(temperature)
            values.append(np.nan)
        temperatures.append(temperature)
        values.append(np.nan if row is None else value[row])
        before = row
    return np.array(temperatures), np.array(values)


def _draw_asymptote(axes: Axes, system: PhaseResults, kind: str, look: Look, column: str, abscissa: Callable) -> None:
    rows = system.asymptotes.where("kind", kind)
    order = np.argsort(rows["T_K"])
    order = order[rows[column][order] > 0]
    if order.size:
        line = {"color": COLOURS[kind], "linestyle": look.line, "linewidth": 0.9, "zorder": 2}
        axes.plot(abscissa(rows["T_K"][order]), rows[column][order], gid=f"{system.folder.name} {kind} asymptote", **line)


def _limit(axes: Axes) -> None:
    """Show what the exact curves span: asymptotes run away from them."""
    exact = [line for line in axes.lines if line.get_gid().endswith("exact")]
    if not exact:
        return
    values = np.concatenate([line.get_ydata() for line in exact])
    low, high = np.nanmin(values), np.nanmax(values)
    axes.set_ylim(low / (high / low) ** 0.05, min(1, high * (high / low) ** 0.05))


def _celsius_on_top(axes: Axes, temperatures: np.ndarray) -> None:
    """Round temperatures in deg C along the top of an axis of 1000 K / T, as many as have room."""
    coldest, hottest = temperatures.min() - ZERO_CELSIUS, temperatures.max() - ZERO_CELSIUS
    room = 0.09 * np.ptp(1000 / temperatures)
    step = 50 if hottest - coldest < 600 else 100
    ticks: list[float] = []
    for celsius in np.arange(step * np.ceil(coldest / step), hottest + 1e-9, step)[::-1]:
        if not ticks or 1000 / (celsius + ZERO_CELSIUS) - ticks[-1] > room:
            ticks.append(1000 / (celsius + ZERO_CELSIUS))
    top = axes.secondary_xaxis("top")
    top.set_xticks(ticks, [f"{1000 / tick - ZERO_CELSIUS:.0f}".replace("-", "−") for tick in ticks])
    top.set_xlabel("temperature (°C)")
