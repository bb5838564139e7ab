"""3D picture of the solute-rich phase: its iso-surface, or x as a cloud, drawn by ParaView off-screen."""

import argparse
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from . import style
from .panels import CAMERA, box_extent, colour_limits, frame_box, length_scale, measure_box, scaled
from .results import Results, ResultsError, Snapshot, largest
from .times import add_times, choose
from .units import format_time

PACKAGES = "paraview python3-paraview xvfb xauth"
# Without -noreset the server starts anew when its first client leaves, and pvbatch now and then meets it half way.
XVFB = ["xvfb-run", "-a", "-s", "-screen 0 1280x1024x24 -noreset"]
COLOUR = (0.90, 0.62, 0.0)  # Okabe and Ito's orange
SIZE = 1400  # pixels of a picture before trimming
CLOUD = ((0.0, 0.0), (0.3, 0.0), (0.7, 0.3), (1.0, 0.9))  # opacity over the share of the range of x
DEPTH = 0.02  # of the longest side of the box: the path that has these opacities


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_times(parser)
    parser.add_argument("--view", choices=["surface", "volume"], default="surface", help="the iso-surface, or x as a cloud (default: surface)")
    parser.add_argument("--threshold", type=float, help="x of the surface (default: the middle between the phases, or between the extremes of x at the last of the times)")


def pvbatch_command() -> list[str]:
    """pvbatch, under an X server of its own where there is no display; ResultsError names the packages when one is missing."""
    command = ["pvbatch"] if os.environ.get("DISPLAY") else [*XVFB, "pvbatch"]
    for program in ("xvfb-run", "pvbatch"):
        if program in command and shutil.which(program) is None:
            raise ResultsError(f"render: {program} is not installed; on Debian: apt-get install {PACKAGES}")
    return command


def draw_with_paraview(snapshots: list[Snapshot], look: dict) -> list[np.ndarray]:
    """One picture (rows, columns, rgb) per snapshot, white trimmed to the frame of the largest box in all; `look` as in render_pvbatch."""
    command, room = pvbatch_command(), largest(snapshots)
    unit = max(room)
    with tempfile.TemporaryDirectory() as scratch:
        jobs = [[str(s.path.resolve()), str(Path(scratch) / f"{i}.png"), [length / unit for length in s.lengths]] for i, s in enumerate(snapshots)]
        view = {"size": SIZE, "centre": [length / unit / 2 for length in room], "camera": list(CAMERA), "up": [0, 0, 1]}
        task = Path(scratch) / "task.json"
        task.write_text(json.dumps({"jobs": jobs} | view | look), encoding="utf-8")
        script = Path(__file__).with_name("render_pvbatch.py")
        done = subprocess.run([*command, str(script), str(task)], capture_output=True, text=True, check=False)
        if done.returncode or not all(Path(picture).exists() for _, picture, _ in jobs):
            lines = [line for line in (done.stderr + done.stdout).splitlines() if re.search(r"ERR\||Error:", line)] or ["no message"]
            raise ResultsError(f"render: pvbatch failed (exit code {done.returncode}): {lines[0].strip()}")
        images = [plt.imread(picture)[..., :3] for _, picture, _ in jobs]
    inked = np.any([(image < 1).any(axis=2) for image in images], axis=0)
    rows, columns = (np.flatnonzero(inked.any(axis=axis)) for axis in (1, 0))
    return [image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] for image in images]


def draw_surfaces(snapshots: list[Snapshot], threshold: float) -> list[np.ndarray]:
    """The surfaces at a threshold of x, one picture per snapshot."""
    return draw_with_paraview(snapshots, {"threshold": threshold, "colour": COLOUR})


def cloud_look(limits: Normalize, low: float, high: float) -> dict:
    """A cloud of x in the colours of `limits`, clear at `low` and dense at `high`, for draw_with_paraview."""
    values = np.linspace(limits.vmin, limits.vmax, 65)
    colours = [[float(x), *map(float, rgb)] for x, rgb in zip(values, plt.get_cmap(style.FIELD_MAP)(limits(values))[:, :3])]
    return {"colours": colours, "opacities": [[low + share * (high - low), opacity] for share, opacity in CLOUD], "depth": DEPTH}


def surface_legend(figure: Figure, bottom: float, results: Results, threshold: float) -> None:
    """Which phase is which, below `bottom` (share of the figure)."""
    rich = Patch(facecolor=COLOUR, label=f"{results.solute}-rich ($x$ > {threshold:.2g})")
    poor = Patch(facecolor="white", edgecolor="0.15", linewidth=0.6, label=f"{results.host}-rich (left clear)")
    figure.legend(handles=[rich, poor], loc="upper center", ncols=2, bbox_to_anchor=(0.5, bottom))


def cloud_legend(figure: Figure, bottom: float, results: Results, look: dict) -> None:
    """A bar of x, as clear as the cloud, below `bottom` (share of the figure), and the species at its ends."""
    x, *rgb = np.array(look["colours"]).T
    opacity = np.interp(x, *np.array(look["opacities"]).T)
    # What a path of a few of these opacities lets through of the white behind it.
    through = (1 - opacity[:, None]) ** 3
    bar_map = ListedColormap(np.transpose(rgb) * (1 - through) + through)
    inch = 1 / figure.get_figheight()
    axes = figure.add_axes((0.27, bottom - 0.14 * inch, 0.46, 0.09 * inch))
    bar = figure.colorbar(ScalarMappable(Normalize(x[0], x[-1]), bar_map), cax=axes, orientation="horizontal", label=results.x_label)
    bar.outline.set_linewidth(0.6)
    for side, name, place in ((-0.04, f"{results.host}-rich (clear)", "right"), (1.04, f"{results.solute}-rich", "left")):
        axes.text(side, 0.5, name, transform=axes.transAxes, ha=place, va="center", fontsize=7)


def run(results: Results, folder: Path, options: argparse.Namespace) -> Path:
    """Draw and save; returns the path of the picture."""
    if results.dimension < 3:
        raise ResultsError(f"{results.folder}: a {results.dimension}D result has no surface to render; use slice")
    cloud = options.view == "volume"
    if cloud and options.threshold is not None:
        raise ResultsError("--threshold is for --view surface")
    chosen = choose(results, options, 1)
    last = results.field(chosen[-1])
    threshold = results.threshold(chosen[-1]) if options.threshold is None else options.threshold
    if not last.min() < threshold < last.max():
        raise ResultsError(f"--threshold {threshold:g}: x runs from {last.min():.3g} to {last.max():.3g} at the last of the times")
    look = cloud_look(colour_limits(results, [last]), float(last.min()), float(last.max()))
    images = draw_with_paraview(chosen, look) if cloud else draw_surfaces(chosen, threshold)

    scale = length_scale(results)
    room = scaled(largest(chosen), scale)
    columns = min(len(chosen), 4)
    rows = -(-len(chosen) // columns)
    width = style.COLUMN if columns == 1 else style.PAGE
    height, breadth = images[0].shape[:2]
    panel_height = min(5.0, width / columns * height / breadth)
    figure, axes = plt.subplots(rows, columns, squeeze=False, figsize=(width, rows * (panel_height + 0.2) + 0.3), layout="compressed")
    for panel in axes.flat:
        panel.axis("off")
    for panel, image, snapshot in zip(axes.flat, images, chosen):
        panel.imshow(image, extent=box_extent(room))
        frame_box(panel, room)
        measure_box(panel, scaled(snapshot.lengths, scale), scale.unit)
        panel.set_title(f"$t$ = {format_time(snapshot.time, results.time_unit)}")
    figure.suptitle(f"{results.case}: {results.x_label if cloud else f'{results.solute}-rich phase'}")
    figure.draw_without_rendering()
    bottom = min(panel.get_tightbbox().y0 for panel in axes[-1]) / figure.bbox.height
    if cloud:
        cloud_legend(figure, bottom, results, look)
    else:
        surface_legend(figure, bottom, results, threshold)
    return style.save(figure, folder / ("render_volume.png" if cloud else "render.png"))
