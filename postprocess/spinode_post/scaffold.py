"""The box with its three visible faces coloured by x, at chosen times."""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt

from . import style
from .panels import box_extent, colour_bar, colour_limits, draw_box, length_scale, measure_boxes, scaled
from .results import Results, ResultsError
from .times import add_times, choose
from .units import format_time


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_times(parser)


def run(results: Results, folder: Path, options: argparse.Namespace) -> Path:
    """Draw and save; returns the path of the picture."""
    if results.dimension < 3:
        raise ResultsError(f"{results.folder}: a {results.dimension}D result has no box to draw; use slice")
    chosen = choose(results, options, 4)
    fields = [results.field(s) for s in chosen]
    limits, scale = colour_limits(results, fields), length_scale(results)
    room, sizes = scaled(results.lengths, scale), [scaled(s.lengths, scale) for s in chosen]
    left, right, bottom, top = box_extent(room)
    columns = min(len(chosen), 4)
    rows = -(-len(chosen) // columns)
    width = min(style.PAGE, 0.8 + 3.0 * columns)
    height = min(5.0, (width - 0.8) / columns * (top - bottom) / (right - left)) + 0.3
    figure, axes = plt.subplots(rows, columns, squeeze=False, figsize=(width, rows * height + 0.3), layout="compressed")
    for panel, snapshot, field, lengths in zip(axes.flat, chosen, fields, sizes):
        draw_box(panel, field, lengths, limits, room)
        panel.set_title(f"$t$ = {format_time(snapshot.time, results.time_unit)}")
    for panel in axes.flat[len(chosen) :]:
        panel.axis("off")
    measure_boxes(axes.flat, sizes, scale.unit)
    colour_bar(axes[0, -1], limits, results.x_label)
    figure.suptitle(f"{results.case}: {results.x_label} on the faces of the box")
    return style.save(figure, folder / "scaffold.png")
