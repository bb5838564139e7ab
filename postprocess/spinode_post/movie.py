"""A movie of the structure: H.264 in MP4, by ffmpeg."""

import argparse
from collections.abc import Callable
from pathlib import Path
from subprocess import CalledProcessError

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FFMpegWriter
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from . import style
from .panels import box_extent, colour_limits, draw_box, draw_plane, draw_profile, frame_box, length_scale, measure_box, scaled
from .render import draw_surfaces, surface_legend
from .results import Results, ResultsError, Snapshot
from .units import format_time

PACKAGE = "ffmpeg"
SECONDS = 10  # of a movie in which time passes evenly, or evenly in its logarithm
BREADTH = 6.4  # inches; the pixels follow from --width
LEFT, RIGHT, TOP, BOTTOM = 0.6, 0.95, 0.4, 0.5  # inches about the structure
TALLEST = 5.6  # inches of the structure


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fps", type=float, default=12.0, help="frames per second (default: 12)")
    text = "a plane, the faces of the box, or the surface by ParaView (default: slice)"
    parser.add_argument("--view", choices=["slice", "box", "surface"], default="slice", help=text)
    parser.add_argument("--axis", choices=["x", "y", "z"], help="axis normal to the plane of a slice, in 3D (default: z)")
    parser.add_argument("--fraction", type=float, help="place of the plane along that axis, 0 to 1 (default: 0.5)")
    parser.add_argument(
        "--pace",
        choices=["snapshots", "time", "log"],
        default="snapshots",
        help=f"a frame per snapshot, or {SECONDS} s in which time or its logarithm passes evenly (default: snapshots)",
    )
    parser.add_argument("--width", type=int, default=1280, metavar="PIXELS", help="of a frame, even (default: 1280)")


def frames(snapshots: list[Snapshot], pace: str, fps: float) -> list[Snapshot]:
    """The snapshot of every frame: the nearest one, from the first to the last; in log(time) from the first after the start."""
    if pace == "snapshots":
        return snapshots
    shown = [s for s in snapshots if s.time > 0] if pace == "log" else snapshots
    if len(shown) < 2:
        return shown or snapshots
    clock = np.array([s.time for s in shown])
    clock = np.log(clock) if pace == "log" else clock
    nearest = np.abs(clock[:, None] - np.linspace(clock[0], clock[-1], max(2, round(SECONDS * fps)))).argmin(axis=0)
    return [shown[i] for i in nearest]


def check(results: Results, options: argparse.Namespace) -> None:
    """ResultsError, one line, for options that do not fit the results, and without ffmpeg."""
    if not FFMpegWriter.isAvailable():
        raise ResultsError(f"movie: ffmpeg is not installed; on Debian: apt-get install {PACKAGE}")
    if results.dimension < 3 and options.view != "slice":
        raise ResultsError(f"{results.folder}: --view {options.view} is for 3D results, this one is {results.dimension}D")
    if (options.axis or options.fraction is not None) and (results.dimension < 3 or options.view != "slice"):
        raise ResultsError(f"{results.folder}: --axis and --fraction are for slices of 3D results")
    if options.fraction is not None and not 0 <= options.fraction <= 1:
        raise ResultsError(f"--fraction {options.fraction:g}: expected 0 to 1")
    if not 0.1 <= options.fps <= 120:
        raise ResultsError(f"--fps {options.fps:g}: expected 0.1 to 120")
    if options.width % 2 or not 160 <= options.width <= 7680:
        raise ResultsError(f"--width {options.width}: expected an even number from 160 to 7680")


def slice_view(results: Results, normal: int, fraction: float) -> tuple[float, Callable[[Axes, Snapshot], None], Normalize]:
    """Planes of x or, in 1D, profiles: height over width of the axes, what draws a frame, and its colours."""
    read = (lambda s: results.plane(s, normal, fraction)) if results.dimension == 3 else results.field
    limits, scale = common_limits(results, read), length_scale(results)
    right, up = [a for a in range(3) if a != normal] if results.dimension == 3 else (0, 1)
    room = scaled(results.lengths, scale)

    def draw(axes: Axes, snapshot: Snapshot) -> None:
        lengths = scaled(snapshot.lengths, scale)
        if results.dimension == 1:
            draw_profile(axes, read(snapshot), lengths[0], limits, room[0])
            axes.set_ylabel(results.x_label)
        else:
            draw_plane(axes, read(snapshot), (lengths[right], lengths[up]), limits, (room[right], room[up]))
            axes.set_ylabel(scale.label(f"along {'xyz'[up]}"))
        axes.set_xlabel(scale.label(f"along {'xyz'[right]}"))

    return 0.5 if results.dimension == 1 else room[up] / room[right], draw, limits


def box_view(results: Results) -> tuple[float, Callable[[Axes, Snapshot], None], Normalize]:
    """The faces of the box, as slice_view."""
    limits, scale = common_limits(results, results.field), length_scale(results)
    room = scaled(results.lengths, scale)

    def draw(axes: Axes, snapshot: Snapshot) -> None:
        lengths = scaled(snapshot.lengths, scale)
        draw_box(axes, results.field(snapshot), lengths, limits, room)
        measure_box(axes, lengths, scale.unit)

    return _box_shape(room), draw, limits


def surface_view(results: Results, snapshots: list[Snapshot]) -> tuple[float, Callable[[Axes, Snapshot], None], float]:
    """The surface between the phases at the end, as slice_view, with its threshold in place of colours."""
    last, threshold = results.field(snapshots[-1]), results.threshold(snapshots[-1])
    if last.min() == last.max():
        raise ResultsError(f"{results.folder}: x is uniform at the end: there is no surface to draw")
    images = dict(zip(snapshots, draw_surfaces(snapshots, threshold)))
    scale = length_scale(results)
    room = scaled(results.lengths, scale)

    def draw(axes: Axes, snapshot: Snapshot) -> None:
        axes.imshow(images[snapshot], extent=box_extent(room))
        frame_box(axes, room)
        measure_box(axes, scaled(snapshot.lengths, scale), scale.unit)

    return _box_shape(room), draw, threshold


def _box_shape(room: list[float]) -> float:
    left, right, bottom, top = box_extent(room)
    return (top - bottom) / (right - left)


def common_limits(results: Results, read: Callable[[Snapshot], np.ndarray]) -> Normalize:
    """Colours for all snapshots, one in memory at a time."""
    return colour_limits(results, [np.array([field.min(), field.max()]) for field in map(read, results.snapshots)])


def layout(shape: float, width: int, bar: bool) -> tuple[plt.Figure, tuple[float, float, float, float]]:
    """A figure of even height in pixels at its dpi, and the place of the structure in it (shares: left, bottom, width, height)."""
    right = RIGHT if bar else 0.3
    across = BREADTH - LEFT - right
    tall = min(TALLEST, across * shape)
    # A quarter of a pixel more, which is cut off, keeps round-off from taking a whole one.
    dpi = (width + 0.25) / BREADTH
    height = (2 * round((tall + TOP + BOTTOM) * dpi / 2) + 0.25) / dpi
    # What is narrow stands in the middle.
    wide = tall / shape
    left = LEFT + (across - wide) / 2
    figure = plt.figure(figsize=(BREADTH, height), dpi=dpi)
    figure.set_layout_engine("none")
    return figure, (left / BREADTH, BOTTOM / height, wide / BREADTH, tall / height)


def run(results: Results, folder: Path, options: argparse.Namespace) -> Path:
    """Draw and write; returns the path of the movie."""
    check(results, options)
    shown = frames(results.snapshots, options.pace, options.fps)
    if options.view == "slice":
        shape, draw, look = slice_view(results, "xyz".index(options.axis or "z"), 0.5 if options.fraction is None else options.fraction)
    elif options.view == "box":
        shape, draw, look = box_view(results)
    else:
        shape, draw, look = surface_view(results, list(dict.fromkeys(shown)))

    bar = isinstance(look, Normalize) and results.dimension > 1
    figure, place = layout(shape, options.width, bar)
    axes = figure.add_axes(place)
    if bar:
        left, bottom, wide, tall = place
        side = figure.add_axes((left + wide + 0.12 / BREADTH, bottom + 0.1 * tall, 0.13 / BREADTH, 0.8 * tall))
        figure.colorbar(ScalarMappable(look, style.FIELD_MAP), cax=side, label=results.x_label)
    elif not isinstance(look, Normalize):
        surface_legend(figure, 0.3 / figure.get_figheight(), results, look)
    stamp = figure.text(place[0], 1 - 0.28 / figure.get_figheight(), "", fontsize=10)

    path = folder / "movie.mp4"
    writer = FFMpegWriter(fps=options.fps, codec="libx264", extra_args=["-pix_fmt", "yuv420p", "-crf", "18", "-movflags", "+faststart"])
    try:
        with writer.saving(figure, path, figure.dpi):
            for snapshot in shown:
                axes.clear()
                draw(axes, snapshot)
                stamp.set_text(f"$t$ = {format_time(snapshot.time, results.time_unit)}")
                writer.grab_frame()
    except CalledProcessError as error:
        lines = (error.stderr or error.output or "").strip().splitlines() or ["no message"]
        path.unlink(missing_ok=True)
        raise ResultsError(f"movie: ffmpeg failed (exit code {error.returncode}): {lines[-1]}") from None
    finally:
        plt.close(figure)
    return path
