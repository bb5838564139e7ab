"""Binodal and spinodals of a study's phase diagram, in the units in which the study gives temperature and composition."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ..phase_diagram.look import COLOURS, NAMES, ZERO_CELSIUS
from ..phase_diagram.regions import trace
from ..phase_diagram.tables import PhaseResults, open_phase_results
from .grid import Grid
from .table import Study

TEMPERATURES: dict[str, Callable] = {"K": lambda T: T, "degC": lambda T: T - ZERO_CELSIUS, "degF": lambda T: 1.8 * (T - ZERO_CELSIUS) + 32}
COMPOSITIONS = {"": 1.0, "1": 1.0, "at%": 100.0, "%": 100.0}
STYLES = {"binodal": ("-", 1.4), "spinodal": ((0, (4, 1.6)), 1.2)}


@dataclass(frozen=True)
class Boundary:
    """Curves (x, T) in the units of the study."""

    kind: str  # of the energy: chemical, coherent-isotropic or coherent-cubic
    name: str  # binodal or spinodal
    curves: list[tuple[np.ndarray, np.ndarray]]

    @property
    def gid(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def handle(self) -> Line2D:
        """Its key in a legend."""
        line, width = STYLES[self.name]
        return Line2D([], [], color=COLOURS[self.kind], linestyle=line, linewidth=width, label=f"{self.name}, {NAMES[self.kind]}")


def read_boundaries(study: Study, grid: Grid) -> list[list[Boundary]]:
    """What belongs over each panel: nothing unless its axes are composition and temperature and there is a phase diagram.

    The chemical binodal and spinodal, and the spinodal of each coherent energy that a case of the panel has.
    """
    none: list[list[Boundary]] = [[] for _ in grid.panels]
    axes = {axis.parameter.name: axis.parameter for axis in (grid.x, grid.y) if axis}
    if axes.keys() != {"initial.x", "temperature"} or not (study.folder / "phase_diagram").is_dir():
        return none
    if axes["initial.x"].unit not in COMPOSITIONS or axes["temperature"].unit not in TEMPERATURES:
        return none
    diagram = open_phase_results(study.folder / "phase_diagram")
    factor, convert = COMPOSITIONS[axes["initial.x"].unit], TEMPERATURES[axes["temperature"].unit]

    def boundary(kind: str, name: str) -> Boundary:
        return Boundary(kind, name, [(factor * x, convert(T)) for x, T in curves(diagram, kind, name)])

    drawn = []
    for panel in grid.panels:
        coherent = [kind for kind in _coherent_kinds(study, np.concatenate(panel.cells)) if kind in diagram.kinds]
        kinds = [("chemical", "binodal"), ("chemical", "spinodal"), *((kind, "spinodal") for kind in coherent)]
        drawn.append([boundary(kind, name) for kind, name in kinds if kind in diagram.kinds])
    return drawn


def curves(diagram: PhaseResults, kind: str, name: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """Curves (x, T [K]) of one boundary, closed at its critical points."""
    rows = diagram.boundaries.where("kind", kind)
    points = diagram.critical_points[kind]
    closings = [point for point in points if point.stable] if name == "binodal" else points
    low, high = (rows[f"x_{name}_{side}_side"] for side in (diagram.host, diagram.solute))
    return trace(rows["T_K"], low, high, closings).edges


def draw_boundaries(axes: Axes, boundaries: list[Boundary], *, temperature_up: bool) -> None:
    """Curves over a map, on a light rim that sets them off from any colour."""
    for boundary in boundaries:
        line, width = STYLES[boundary.name]
        for x, T in boundary.curves:
            across, up = (x, T) if temperature_up else (T, x)
            axes.plot(across, up, color="white", linewidth=width + 1.2, zorder=4)
            axes.plot(across, up, color=COLOURS[boundary.kind], linestyle=line, linewidth=width, gid=boundary.gid, zorder=5)


def _coherent_kinds(study: Study, rows: np.ndarray) -> list[str]:
    """The coherent energies of these cases; none where dislocations take up part of the misfit, which the phase diagram leaves out."""
    elasticity = _elasticity(study)

    def values(name: str, default: object) -> set:
        key = f"elasticity.{name}"
        return set(study.columns[key].values[rows].tolist()) if key in study.parameters else {elasticity.get(name, default)}

    if values("coherency", 1) != {1}:
        return []
    models = values("model", "none")
    return [f"coherent-{model}" for model in ("isotropic", "cubic") if model in models]


def _elasticity(study: Study) -> dict:
    """The table of the first case: as resolved, or as asked for before it was started."""
    folder = study.folder / "cases"
    for path in (*sorted(folder.glob("*/resolved.toml"))[:1], folder / "0001.toml"):
        elasticity = _read(path).get("elasticity", {})
        if elasticity:
            return elasticity
    return {}


def _read(path: Path) -> dict:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
