"""Phase diagram, solubilities, spinodals and energies of folders that spinode phase-diagram wrote, drawn together."""

import argparse
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .. import style
from .bands import band_handles, band_note, band_ribbons, draw_polygons
from .energies import formation_energy, gibbs_energy
from .limits import solubility, spinodal_ends
from .look import COLOURS, NAMES, ZERO_CELSIUS, Look, caption, composition, framed, kind_handles, looks, pair_block
from .regions import trace
from ..results import ResultsError
from .tables import PhaseResults, open_phase_results

METASTABLE, UNSTABLE = "0.95", "0.88"


def draw_phase_diagram(axes: Axes, systems: list[PhaseResults]) -> None:
    """Binodals, spinodals, critical points and bands of all systems; shaded regions for the first kind of the first system."""
    temperatures = np.concatenate([system.boundaries["T_K"] for system in systems])
    for system, look in looks(systems):
        for kind in system.kinds:
            for name in ("binodal", "spinodal"):
                for side in (system.host, system.solute):
                    for polygons, opacity in band_ribbons(system, kind, f"{name}_{side}_side"):
                        draw_polygons(axes, polygons, COLOURS[kind], opacity, f"{system.folder.name} {kind} {name} band")
            draw_boundaries(axes, system, kind, look, shaded=system is systems[0] and kind == system.kinds[0])
    axes.set(xlim=(0, 1), ylim=(temperatures.min(), temperatures.max()), xlabel=composition(systems), ylabel="temperature $T$ (K)")
    celsius = axes.secondary_yaxis("right", functions=(lambda T: T - ZERO_CELSIUS, lambda t: t + ZERO_CELSIUS))
    celsius.set_ylabel("temperature (°C)")


def draw_boundaries(axes: Axes, system: PhaseResults, kind: str, look: Look, *, shaded: bool) -> None:
    """Binodals, spinodals and critical points of one kind."""
    rows = system.boundaries.where("kind", kind)
    points = system.critical_points[kind]
    stable = [point for point in points if point.stable]
    for name, closings, line, width, grey in (("binodal", stable, look.line, 1.3, METASTABLE), ("spinodal", points, look.spinodal, 0.9, UNSTABLE)):
        ends = (rows[f"x_{name}_{side}_side"] for side in (system.host, system.solute))
        region = trace(rows["T_K"], *ends, closings)
        for x, T in region.edges:
            axes.plot(x, T, color=COLOURS[kind], linestyle=line, linewidth=width, gid=f"{system.folder.name} {kind} {name}", clip_on=False, zorder=3)
        if shaded:
            axes.add_collection(PolyCollection(region.polygons, color=grey, linewidth=0.4, gid=f"{name} region", zorder=0.5))
    for point in points:
        if rows["T_K"].size and rows["T_K"].min() <= point.T <= rows["T_K"].max():
            fill = COLOURS[kind] if point.stable else "white"
            axes.plot(point.x, point.T, "o", color=COLOURS[kind], markersize=4, markerfacecolor=fill, gid=f"{system.folder.name} {kind} critical", clip_on=False, zorder=4)


def phase_diagram(systems: list[PhaseResults]) -> Figure:
    """One panel."""
    keys = [({"linestyle": look.line, "linewidth": 1.3}, {"linestyle": look.spinodal, "linewidth": 0.9}) for _, look in looks(systems)]
    curves = pair_block(systems, "binodal, spinodal", keys)
    next(iter(curves.values())).append(Line2D([], [], color="0.2", linestyle="none", marker="o", markersize=4, label="critical point"))
    greys = {"stable": "white", "metastable": METASTABLE, "unstable": UNSTABLE}
    regions = [Patch(facecolor=grey, edgecolor="0.7", linewidth=0.4, label=name) for name, grey in greys.items()]
    shaded = NAMES[systems[0].kinds[0]] + (", first system" if len(systems) > 1 else "")
    blocks = {"free energy": kind_handles(systems), **curves, f"region ({shaded})": regions, "band": band_handles(systems)}
    figure, panels = framed(1, 4.2, blocks)
    draw_phase_diagram(panels[0], systems)
    figure.suptitle(caption(systems, f"miscibility gaps and their spinodals{band_note(systems)}"))
    return figure


PICTURES = (phase_diagram, solubility, spinodal_ends, gibbs_energy, formation_energy)


def draw(folders: list[Path], output: Path | None) -> str:
    """Draw all pictures; returns their paths, one a line."""
    systems = [open_phase_results(folder) for folder in folders]
    looks(systems)
    for system in systems:
        if np.unique(system.boundaries["T_K"]).size < 2:
            raise ResultsError(f"{system.boundaries.path}: holds one temperature: expected two or more")
    output = output or folders[0] / "figures"
    output.mkdir(parents=True, exist_ok=True)
    return "\n".join(str(style.save(picture(systems), output / f"{picture.__name__}.png")) for picture in PICTURES)


def add_commands(commands: argparse._SubParsersAction) -> None:
    """The sub-command phase-diagram."""
    text = "Phase diagram, solubilities, spinodals and energies of one system or several together."
    command = commands.add_parser("phase-diagram", help=text, description=text)
    command.add_argument("dirs", type=Path, nargs="+", metavar="DIR", help="folders that spinode phase-diagram wrote, of the same species")
    command.add_argument("--output", type=Path, help="folder for the pictures (default: figures in the first DIR)")
    command.set_defaults(work=lambda options: draw(options.dirs, options.output))
