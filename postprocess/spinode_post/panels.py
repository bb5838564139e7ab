"""The structure at one time, drawn into axes: box (3D), plane, or profile (1D)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from matplotlib.transforms import Affine2D

from . import style
from .results import Results
from .units import Scale, scale_for

# Directions of the picture plane for a camera at azimuth -60 and elevation 25 degrees, as (right, up) per axis x, y, z.
_AZIMUTH, _ELEVATION = np.radians([-60.0, 25.0])
VIEW = np.array(
    [
        [-np.sin(_AZIMUTH), np.cos(_AZIMUTH), 0.0],
        [-np.sin(_ELEVATION) * np.cos(_AZIMUTH), -np.sin(_ELEVATION) * np.sin(_AZIMUTH), np.cos(_ELEVATION)],
    ]
)
CAMERA = np.array([np.cos(_ELEVATION) * np.cos(_AZIMUTH), np.cos(_ELEVATION) * np.sin(_AZIMUTH), np.sin(_ELEVATION)])


def colour_limits(results: Results, fields: Sequence[np.ndarray]) -> Normalize:
    """One range of x for all panels: 0 to 1 for a mole fraction that spans most of it, else what the fields span."""
    low, high = min(f.min() for f in fields), max(f.max() for f in fields)
    if not results.dimensionless and high - low > 0.5:
        low, high = 0.0, 1.0
    return Normalize(low, high)


def colour_bar(axes: Axes, limits: Normalize, label: str) -> None:
    """A colour bar right of a panel of equal aspect: as high as the panel, or higher where that is low."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    shape = (top - bottom) / (right - left)
    width, height = 0.05 * max(1, shape), max(1, 0.5 / shape)
    inset = axes.inset_axes([1 + width, 0.5 - height / 2, width, height])
    axes.figure.colorbar(ScalarMappable(limits, style.FIELD_MAP), cax=inset, label=label)


def length_scale(results: Results) -> Scale:
    """Unit for positions in the box."""
    return scale_for(max(results.lengths), results.length_unit)


def scaled(lengths: Sequence[float], scale: Scale) -> list[float]:
    """Lengths in the unit of the scale."""
    return [length * scale.factor for length in lengths]


def draw_plane(axes: Axes, plane: np.ndarray, size: Sequence[float], limits: Normalize, room: Sequence[float]) -> AxesImage:
    """A plane of x, shape (n_up, n_right), over a rectangle of the given size (right, up), outlined, in axes of the size of `room`."""
    image = axes.imshow(plane, origin="lower", extent=(0, size[0], 0, size[1]), norm=limits, cmap=style.FIELD_MAP)
    axes.add_patch(Rectangle((0, 0), *size, fill=False, linewidth=0.6, clip_on=False))
    axes.set(xlim=(0, room[0]), ylim=(0, room[1]))
    return image


def draw_profile(axes: Axes, profile: np.ndarray, length: float, limits: Normalize, room: float) -> None:
    """x over a 1D box, cell centres, the curve filled down to the lower limit, in axes of the length of `room`."""
    position = (np.arange(profile.size) + 0.5) * length / profile.size
    axes.plot(position, profile, color=style.PARTS["chemical"])
    axes.fill_between(position, limits.vmin, profile, color=style.PARTS["chemical"], alpha=0.2, linewidth=0)
    if length < room:
        axes.axvline(length, color="0.15", linewidth=0.6)
    margin = 0.04 * (limits.vmax - limits.vmin)
    axes.set(xlim=(0, room), ylim=(limits.vmin - margin, limits.vmax + margin))


def draw_box(axes: Axes, field: np.ndarray, lengths: Sequence[float], limits: Normalize, room: Sequence[float]) -> None:
    """The three visible faces of a box, field of shape (nz, ny, nx), in parallel projection, in axes that hold a box of the size of `room`."""
    X, Y, Z = VIEW.T * np.reshape(lengths, (3, 1))
    zero = np.zeros(2)
    for face, corner, right, up in ((field[:, 0, :], zero, X, Z), (field[:, :, -1], X, Y, Z), (field[-1], Z, X, Y)):
        to_page = Affine2D.from_values(*right, *up, *corner)
        image = axes.imshow(face, origin="lower", extent=(0, 1, 0, 1), norm=limits, cmap=style.FIELD_MAP)
        image.set_transform(to_page + axes.transData)
        outline = np.array([corner, corner + right, corner + right + up, corner + up, corner])
        axes.plot(*outline.T, color="0.15", linewidth=0.6, solid_joinstyle="round")
    frame_box(axes, room)


def box_extent(lengths: Sequence[float]) -> tuple[float, float, float, float]:
    """Left, right, bottom and top of the projected box, in the unit of the lengths."""
    corners = np.array([VIEW @ (np.array(corner) * lengths) for corner in np.ndindex(2, 2, 2)])
    (left, bottom), (right, top) = corners.min(axis=0), corners.max(axis=0)
    return left, right, bottom, top


def frame_box(axes: Axes, lengths: Sequence[float]) -> None:
    """Axes without spines that just hold the projected box."""
    left, right, bottom, top = box_extent(lengths)
    margin = 0.01 * (right - left)
    axes.set(xlim=(left - margin, right + margin), ylim=(bottom - margin, top + margin), aspect="equal")
    axes.axis("off")


def measure_boxes(axes: Sequence[Axes], sizes: Sequence[Sequence[float]], unit: str) -> None:
    """The first box measured, and every other one that is not of its size."""
    for i, (panel, lengths) in enumerate(zip(axes, sizes)):
        if i == 0 or lengths != sizes[0]:
            measure_box(panel, lengths, unit)


def measure_box(axes: Axes, lengths: Sequence[float], unit: str) -> None:
    """Names and lengths along three edges of the box."""
    X, Y, Z = VIEW.T * np.reshape(lengths, (3, 1))
    for name, length, start, edge, side in zip("xyz", lengths, (0 * X, X, 0 * X), (X, Y, Z), ("top", "top", "bottom")):
        outwards = np.array([edge[1], -edge[0]]) * (1 if side == "top" else -1) / np.hypot(*edge)
        axes.annotate(
            f"{name}: {length:.3g} {unit}".strip(),
            start + edge / 2,
            3 * outwards,
            textcoords="offset points",
            rotation=np.degrees(np.arctan2(edge[1], edge[0])),
            rotation_mode="anchor",
            ha="center",
            va=side,
            fontsize=7,
            annotation_clip=False,
        )
