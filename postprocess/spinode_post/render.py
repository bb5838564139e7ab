"""3D picture of the solute-rich phase: its iso-surface, drawn by ParaView off-screen."""

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
from matplotlib.patches import Patch

from . import style
from .panels import CAMERA, box_extent, frame_box, length_scale, measure_box, scaled
from .results import Results, ResultsError, Snapshot, largest
from .times import add_times, choose
from .units import format_time

PACKAGES = "paraview python3-paraview xvfb xauth"
# Without -noreset the server starts anew when its first client leaves, and pvbatch now and then meets it half way.
XVFB = ["xvfb-run", "-a", "-s", "-screen 0 1280x1024x24 -noreset"]
COLOUR = (0.90, 0.62, 0.0)  # Okabe and Ito's orange
SIZE = 1400  # pixels of a picture before trimming


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_times(parser)
    parser.add_argument("--threshold", type=float, help="x of the surface (default: the middle between the extremes of x at the last of the times)")


def pvbatch_command() -> list[str]:
    """pvbatch, under an X server of its own where there is no display; ResultsError names the packages when one is missing."""
    command = ["pvbatch"] if os.environ.get("DISPLAY") else [*XVFB, "pvbatch"]
    for program in ("xvfb-run", "pvbatch"):
        if program in command and shutil.which(program) is None:
            raise ResultsError(f"render: {program} is not installed; on Debian: apt-get install {PACKAGES}")
    return command


def draw_surfaces(snapshots: list[Snapshot], threshold: float) -> list[np.ndarray]:
    """One picture (rows, columns, rgb) per snapshot, white trimmed to the frame of the largest box in all."""
    command, room = pvbatch_command(), largest(snapshots)
    unit = max(room)
    with tempfile.TemporaryDirectory() as scratch:
        jobs = [[str(s.path.resolve()), str(Path(scratch) / f"{i}.png"), [length / unit for length in s.lengths]] for i, s in enumerate(snapshots)]
        task = Path(scratch) / "task.json"
        task.write_text(
            json.dumps(
                {
                    "jobs": jobs,
                    "threshold": threshold,
                    "colour": COLOUR,
                    "size": SIZE,
                    "centre": [length / unit / 2 for length in room],
                    "camera": list(CAMERA),
                    "up": [0, 0, 1],
                }
            ),
            encoding="utf-8",
        )
        script = Path(__file__).with_name("render_pvbatch.py")
        done = subprocess.run([*command, str(script), str(task)], capture_output=True, text=True, check=False)
        if done.returncode or not all(Path(picture).exists() for _, picture, _ in jobs):
            lines = [line for line in (done.stderr + done.stdout).splitlines() if re.search(r"ERR\||Error:", line)] or ["no message"]
            raise ResultsError(f"render: pvbatch failed (exit code {done.returncode}): {lines[0].strip()}")
        images = [plt.imread(picture)[..., :3] for _, picture, _ in jobs]
    inked = np.any([(image < 1).any(axis=2) for image in images], axis=0)
    rows, columns = (np.flatnonzero(inked.any(axis=axis)) for axis in (1, 0))
    return [image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] for image in images]


def run(results: Results, folder: Path, options: argparse.Namespace) -> Path:
    """Draw and save; returns the path of the picture."""
    if results.dimension < 3:
        raise ResultsError(f"{results.folder}: a {results.dimension}D result has no surface to render; use slice")
    chosen = choose(results, options, 1)
    last = results.field(chosen[-1])
    threshold = (last.min() + last.max()) / 2 if options.threshold is None else options.threshold
    if not last.min() < threshold < last.max():
        raise ResultsError(f"--threshold {threshold:g}: x runs from {last.min():.3g} to {last.max():.3g} at the last of the times")
    images = draw_surfaces(chosen, threshold)

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
    rich = Patch(facecolor=COLOUR, label=f"{results.solute}-rich ($x$ > {threshold:.2g})")
    poor = Patch(facecolor="white", edgecolor="0.15", linewidth=0.6, label=f"{results.host}-rich (left clear)")
    figure.suptitle(f"{results.case}: {results.solute}-rich phase")
    figure.draw_without_rendering()
    bottom = min(panel.get_tightbbox().y0 for panel in axes[-1]) / figure.bbox.height
    figure.legend(handles=[rich, poor], loc="upper center", ncols=2, bbox_to_anchor=(0.5, bottom))
    return style.save(figure, folder / "render.png")
