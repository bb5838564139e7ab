"""The spread of a boundary over samples of the parameters: translucent areas, and their legend."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patches import Patch

from .regions import ribbon
from .tables import PhaseResults

BANDS = (("q025", "q975", 0.14, "95 % of the samples"), ("q16", "q84", 0.24, "68 % of the samples"))  # ends, opacity, name
SHARE = 0.975  # of the samples that must have a boundary: the quantiles of fewer are those of the widest gaps


def band_ribbons(system: PhaseResults, kind: str, boundary: str) -> list[tuple[list[np.ndarray], float]]:
    """For each of BANDS: polygons (x, T) of a boundary where enough samples have it, and the opacity."""
    rows = system.bands.where("kind", kind).where("boundary", boundary)
    few = ~(rows["share"] >= SHARE)
    ends = {name: np.where(few, np.nan, rows[name]) for band in BANDS for name in band[:2]}
    return [(ribbon(rows["T_K"], ends[low], ends[high]), opacity) for low, high, opacity, _ in BANDS]


def draw_polygons(axes: Axes, polygons: list[np.ndarray], colour: str, opacity: float, gid: str) -> None:
    """Translucent areas below the lines."""
    axes.add_collection(PolyCollection(polygons, facecolor=colour, alpha=opacity, linewidth=0, gid=gid, zorder=1))


def band_note(systems: list[PhaseResults]) -> str:
    """What a caption says about bands, where a system has some."""
    return f"; bands where {100 * SHARE:g} % of the samples have the gap" if band_handles(systems) else ""


def band_handles(systems: list[PhaseResults]) -> list[Patch]:
    """Legend of the bands, where a system has some."""
    if not any(system.bands["T_K"].size for system in systems):
        return []
    # The narrower band lies on the wider one.
    opacities = np.cumsum([opacity for *_, opacity, _ in BANDS])
    return [Patch(facecolor="0.3", alpha=float(alpha), label=name) for alpha, (*_, name) in zip(opacities, BANDS)]
