"""The last state of each case of a study, as small pictures."""

import base64
import io
from dataclasses import dataclass, replace

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import Normalize
from PIL import Image

from .. import style
from ..panels import colour_limits
from ..report.charts import normal_axis
from ..results import Results, ResultsError
from ..slices import directions
from ..units import format_time
from .table import Study

PAPER, FILL, LINE = 0, 1, 2  # colours of a profile
INKS = ((255, 255, 255), (204, 227, 240), (0, 114, 178))


@dataclass(frozen=True)
class Structure:
    """x on the plane of a 2D case, on a plane through the middle of a 3D one, or along a 1D one."""

    field: np.ndarray  # shape (n_up, n_right), or (n)
    size: tuple[float, float]  # of the plane, to the right and up, in Results.length_unit; (1, 0.5) in 1D
    time: str


def read_structure(results: Results) -> Structure:
    """The last snapshot."""
    last = results.snapshots[-1]
    normal = normal_axis(results)
    field = results.plane(last, normal, 0.5) if results.dimension == 3 else results.field(last)
    right, up = directions(results, normal)
    size = (last.lengths[right], last.lengths[up]) if results.dimension > 1 else (1.0, 0.5)
    return Structure(field, size, format_time(last.time, results.time_unit))


def read_structures(study: Study, rows: np.ndarray, most: int) -> tuple[dict[int, Structure], Results | None]:
    """The structures by row, reduced to `most` points along their longest side, and the results of one case that has one."""
    found, example = {}, None
    for row in rows.tolist():
        if (results := study.results(row)) is None:
            continue
        try:
            structure = read_structure(results)
        except (ResultsError, OSError):
            continue
        found[row] = replace(structure, field=reduced(structure.field, most))
        example = example or results
    return found, example


def limits_of(structures: dict[int, Structure], example: Results | None) -> Normalize:
    """One range of x for all."""
    return colour_limits(example, [s.field for s in structures.values()]) if example else Normalize(0, 1)


def reduced(field: np.ndarray, most: int) -> np.ndarray:
    """Means over blocks of as many points as bring the longest side down to `most`."""
    block = -(-max(field.shape) // most)
    for axis in range(field.ndim if block > 1 else 0):
        starts = np.arange(0, field.shape[axis], block)
        sizes = np.diff(starts, append=field.shape[axis])
        field = np.add.reduceat(field, starts, axis) / np.expand_dims(sizes, tuple(range(1, field.ndim - axis)))
    return field


def thumbnail(structure: Structure, limits: Normalize, width: int) -> bytes:
    """A PNG with a palette: the plane with its last row on top, a pixel per point; or the profile over a filled area."""
    if structure.field.ndim == 2:
        pixels = np.round(np.clip(limits(structure.field[::-1]), 0, 1) * 255).astype(np.uint8)
        palette = (plt.get_cmap(style.FIELD_MAP)(np.arange(256))[:, :3] * 255).round().astype(np.uint8)
    else:
        pixels, palette = profile_pixels(np.clip(limits(structure.field), 0, 1), width), np.array(INKS, np.uint8)
    image = Image.fromarray(pixels, "P")
    image.putpalette(palette.ravel().tolist())
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def profile_pixels(profile: np.ndarray, width: int) -> np.ndarray:
    """A curve of values from 0 to 1 as pixels of INKS, shape (width / 2, width)."""
    height = width // 2
    place = (np.arange(width) + 0.5) * profile.size / width - 0.5
    level = (1 - np.interp(place, np.arange(profile.size), profile)) * (height - 1)
    # Steep flanks are joined halfway to the neighbours.
    halfway = (level[1:] + level[:-1]) / 2
    ends = np.sort([level, np.append(level[0], halfway), np.append(halfway, level[-1])], axis=0)
    rows = np.arange(height)[:, None]
    pixels = np.where(rows > level, FILL, PAPER)
    return np.where((rows >= np.floor(ends[0])) & (rows <= np.ceil(ends[2])), LINE, pixels).astype(np.uint8)


def data_url(png: bytes) -> str:
    """The picture as the source of an <img>."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
