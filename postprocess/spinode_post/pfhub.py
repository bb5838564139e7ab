"""PFHub benchmark problems 1a and 1b, spinodal decomposition: the initial field, and F(t) of runs side by side."""

import argparse
from pathlib import Path

import h5py
import numpy as np

from .results import Results, ResultsError, open_results

LENGTH = 200.0  # of each side of the square
TIMES = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)
DATASET = "VTKHDF/PointData/x"  # where initial.model = "file" looks unless initial.dataset says otherwise


def initial_field(cells: int) -> np.ndarray:
    """c at the cell centres, shape (ny, nx): the same for 1a and 1b."""
    centres = (np.arange(cells) + 0.5) * LENGTH / cells
    x, y = centres[np.newaxis, :], centres[:, np.newaxis]
    product = np.cos(0.105 * x) * np.cos(0.11 * y)
    square = (np.cos(0.13 * x) * np.cos(0.087 * y)) ** 2
    oblique = np.cos(0.025 * x - 0.15 * y) * np.cos(0.07 * x - 0.02 * y)
    return 0.5 + 0.01 * (product + square + oblique)


def write_initial(path: Path, cells: int) -> Path:
    """Write the initial field as a file that a case reads; returns its path."""
    if cells < 4:
        raise ResultsError(f"--cells {cells}: expected 4 or more")
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        file[DATASET] = initial_field(cells)
    return path


def energies(results: Results) -> np.ndarray:
    """F at TIMES, nan where timeseries.csv has no row at that time."""
    series = results.timeseries
    found = np.full(len(TIMES), np.nan)
    for i, time in enumerate(TIMES):
        rows = np.flatnonzero(np.isclose(series["time"], time, rtol=1e-9, atol=0))
        if rows.size:
            found[i] = series["energy_total"][rows[-1]]
    # Every run has a row at 0; one that did not ask for the others would make an empty table.
    if np.isnan(found[1:]).all():
        raise ResultsError(f"{results.folder / 'timeseries.csv'}: no row at t = {', '.join(map(str, TIMES[1:]))}")
    return found


def compare(runs: list[Results]) -> str:
    """Table of t and F(t) of each run, and by how much each is above the last one."""
    found = [energies(results) for results in runs]
    columns = [["t", *map(str, TIMES)]]
    for i, (results, energy) in enumerate(zip(runs, found)):
        columns.append([str(results.folder), *(_cell(value, ".6f") for value in energy)])
        if i < len(runs) - 1:
            columns.append(["minus last", *(_cell(value, "+.2e") for value in energy - found[-1])])
    widths = [max(map(len, column)) for column in columns]
    rows = [row for row in zip(*columns) if set(row[1:]) != {"-"}]
    return "\n".join("  ".join(text.rjust(width) for text, width in zip(row, widths)) for row in rows)


def _cell(value: float, form: str) -> str:
    return "-" if np.isnan(value) else format(value, form)


def add_commands(commands: argparse._SubParsersAction) -> None:
    """The sub-commands pfhub-initial and pfhub-compare."""
    text = "Initial field of PFHub benchmark problems 1a and 1b, for initial.file."
    command = commands.add_parser("pfhub-initial", help=text, description=text)
    command.add_argument("--cells", type=int, required=True, metavar="N", help="cells a side, as in domain.cells")
    command.add_argument("--output", type=Path, required=True, metavar="FILE", help="HDF5 file to write")
    command.set_defaults(work=lambda options: write_initial(options.output, options.cells))

    text = "F(t) of runs of PFHub benchmark problem 1a or 1b, and the differences to the last one."
    command = commands.add_parser("pfhub-compare", help=text, description=text)
    command.add_argument("dirs", type=Path, nargs="+", metavar="DIR", help="results folders of runs, the finest last")
    command.set_defaults(work=lambda options: compare([open_results(folder) for folder in options.dirs]))
