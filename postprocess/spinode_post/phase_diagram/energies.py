"""Gibbs energy of mixing with its common tangents at one temperature, and the formation energy at 0 K."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from .look import COLOURS, caption, composition, framed, kind_handles, looks, system_handles
from .tables import Gap, PhaseResults

# The magnified panel begins at this part of the lowest touching point, and at this part of the least distance at x = 0.
MARGIN = 1 / 30


def draw_gibbs_energy(axes: Axes, systems: list[PhaseResults]) -> None:
    """G [kJ/mol] over x, and each common tangent between its two touching points."""
    for system, look in looks(systems):
        for kind in system.kinds:
            x, G = _curve(system, kind, "G_J_per_mol")
            axes.plot(x, G / 1000, color=COLOURS[kind], linestyle=look.line, gid=f"{system.folder.name} {kind} G")
            for gap in system.gaps[kind]:
                ends = np.array([gap.x_alpha, gap.x_beta])
                symbols = {"marker": look.marker, "fillstyle": look.fill, "markersize": 3.6, "clip_on": False}
                gid = f"{system.folder.name} {kind} tangent"
                axes.plot(ends, gap.tangent(ends) / 1000, color=COLOURS[kind], linewidth=0.6, gid=gid, zorder=3, **symbols)
    axes.set(xlim=(0, 1), xlabel=composition(systems), ylabel="Gibbs energy of mixing $G$ (kJ mol$^{-1}$)")


def draw_distance(axes: Axes, systems: list[PhaseResults]) -> None:
    """G less the common tangent [J/mol] up to the middle of the gap at the lowest x, log-log: zero at the touching point."""
    shown = [(system, look, kind, system.gaps[kind][0]) for system, look in looks(systems) for kind in system.kinds if system.gaps[kind]]
    for system, look, kind, gap in shown:
        x, G = _curve(system, kind, "G_J_per_mol")
        distance = G - gap.tangent(x)
        keep = (x > 0) & (x < (gap.x_alpha + gap.x_beta) / 2)
        x, distance = x[keep], distance[keep]
        place = np.searchsorted(x, gap.x_alpha)
        x, distance = np.insert(x, place, gap.x_alpha), np.insert(distance, place, 0.0)
        axes.plot(x, distance, color=COLOURS[kind], linestyle=look.line, gid=f"{system.folder.name} {kind} distance")
        symbols = {"marker": look.marker, "fillstyle": look.fill, "markersize": 3.6, "clip_on": False}
        axes.plot(gap.x_alpha, 0, color=COLOURS[kind], transform=axes.get_xaxis_transform(), gid=f"{system.folder.name} {kind} touching", zorder=3, **symbols)
    # "clip" takes the curve down to the axis at its touching point.
    axes.set_yscale("log", nonpositive="clip")
    axes.set(xscale="log", xlabel=composition(systems), ylabel="$G$ above the common tangent (J mol$^{-1}$)")
    if shown:
        least = min(-gap.omega for *_, gap in shown)
        axes.set_xlim(left=MARGIN * min(gap.x_alpha for *_, gap in shown))
        axes.set_ylim(bottom=MARGIN * least if least > 0 else None)


def draw_formation_energy(axes: Axes, systems: list[PhaseResults]) -> None:
    """The energy without its entropy [kJ/mol] over x."""
    for system, look in looks(systems):
        for kind in system.kinds:
            x, energy = _curve(system, kind, "formation_0K_J_per_mol")
            axes.plot(x, energy / 1000, color=COLOURS[kind], linestyle=look.line, gid=f"{system.folder.name} {kind} formation")
    axes.axhline(0, color="0.7", linewidth=0.6, zorder=0)
    axes.set(xlim=(0, 1), xlabel=composition(systems), ylabel="formation energy (kJ mol$^{-1}$)")


def gibbs_energy(systems: list[PhaseResults]) -> Figure:
    """The whole range, and its dilute end magnified."""
    blocks = {"free energy": kind_handles(systems), "system": system_handles(systems), "touching points $x_α$, $x_β$": _touching(systems)}
    figure, panels = framed(2, 2.9, blocks)
    draw_gibbs_energy(panels[0], systems)
    draw_distance(panels[1], systems)
    temperatures = " and ".join(dict.fromkeys(f"{system.temperature:g} K" for system in systems))
    figure.suptitle(caption(systems, f"Gibbs energy of mixing at {temperatures} with common tangents, and the dilute end magnified"))
    return figure


def formation_energy(systems: list[PhaseResults]) -> Figure:
    """One panel."""
    figure, panels = framed(1, 2.9, {"free energy": kind_handles(systems), "system": system_handles(systems)})
    draw_formation_energy(panels[0], systems)
    figure.suptitle(caption(systems, "formation energy at 0 K of the solid solution"))
    return figure


def _curve(system: PhaseResults, kind: str, column: str) -> tuple[np.ndarray, np.ndarray]:
    """x, rising, and a column of the energy curves, without empty cells."""
    rows = system.energy_curves.where("kind", kind)
    x, values = rows["x"], rows[column]
    order = np.argsort(x)
    order = order[np.isfinite(x[order]) & np.isfinite(values[order])]
    return x[order], values[order]


def _touching(systems: list[PhaseResults]) -> list[Line2D]:
    """Legend with the compositions of each gap."""
    handles = []
    for system, look in looks(systems):
        for kind in system.kinds:
            for gap in system.gaps[kind]:
                symbols = {"marker": look.marker, "fillstyle": look.fill, "markersize": 3.6, "linewidth": 0.6}
                handles.append(Line2D([], [], color=COLOURS[kind], label=_pair(gap), **symbols))
    return handles


def _pair(gap: Gap) -> str:
    beta = f"{gap.x_beta:.4f}" if gap.x_beta < 0.9995 else f"1 − {_short(gap.one_minus_x_beta)}"
    return f"{_short(gap.x_alpha)}, {beta}"


def _short(value: float) -> str:
    """Four decimals, or two digits with a power of ten where the value is small."""
    if value >= 0.01:
        return f"{value:.4f}"
    digits, exponent = f"{value:.1e}".split("e")
    return f"{digits}·10$^{{{int(exponent)}}}$"
