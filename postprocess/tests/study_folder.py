"""Folders of parameter studies as `spinode sweep` leaves them, of invented numbers or of runs of the spinode command."""

import csv
import itertools
import json
import os
import subprocess
from pathlib import Path

import numpy as np
from conftest import write_snapshot


def toml(value):
    """A value of study.toml."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def write_table(path, header, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


def titled(name, unit):
    return f"{name} [{unit}]" if unit and unit != "1" else name


def write_study(folder, parameters, cases, results=None, *, replicas=1, description="", name=None):
    """The folder without results folders.

    parameters: (name, unit, axis, kind, values). cases: per case its parameters and the replica.
    results: columns by "name [unit]", lists with a cell per case, with "state" and "failure"; None before the first case.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"name = {toml(name or folder.name)}", f"description = {toml(description)}", 'spinode_version = "0.1.0+invented"']
    lines += [f"cases = {len(cases)}", f"replicas = {replicas}"]
    for key, unit, axis, kind, values in parameters:
        lines += ["", "[[parameters]]", f"name = {toml(key)}", f"unit = {toml(unit)}", f"axis = {axis}", f"kind = {toml(kind)}"]
        lines += [f"values = {toml(list(values))}"] if kind == "list" else []
    (folder / "study.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    header = ["case", *(titled(key, unit) for key, unit, *_ in parameters), "replica"]
    rows = [[i, *case] for i, case in enumerate(cases, 1)]
    write_table(folder / "cases.csv", header, rows)
    if results is not None:
        columns = {"state": ["finished"] * len(cases), "failure": [""] * len(cases)} | results
        cells = [["" if cell is None else cell for cell in line] for line in zip(*columns.values())]
        write_table(folder / "study.csv", [*header, *columns], [row + line for row, line in zip(rows, cells)])
    return folder


def grid_cases(parameters, replicas=1):
    """Every combination of the listed values, the last parameter fastest, and its replicas."""
    return [[*choice, replica] for choice in itertools.product(*(values for *_, values in parameters)) for replica in range(1, replicas + 1)]


def run_case(folder, number, case, *overrides):
    """Run a case by the command in SPINODE; its last row of timeseries.csv."""
    (folder / "cases").mkdir(exist_ok=True)
    path = folder / "cases" / f"{number:04d}.toml"
    path.write_text(case, encoding="utf-8")
    output = folder / "cases" / f"{number:04d}"
    done = subprocess.run(
        [os.environ["SPINODE"], "run", str(path), *overrides, "--output", str(output), "--threads", "1", "--quiet"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    with (output / "timeseries.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return dict(zip(header, rows[-1]))


def phase_diagram(folder, system, temperatures):
    """DIR/phase_diagram by the command."""
    command = [os.environ["SPINODE"], "phase-diagram", str(system), "--temperatures", temperatures, "--output", str(folder / "phase_diagram")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


SYSTEM = Path(__file__).resolve().parents[2] / "configs" / "systems" / "li-na.toml"


def write_field(folder, number, x, **attributes):
    """The only snapshot of a case: x of shape (nz, ny, nx), (ny, nx) or (nx)."""
    snapshots = folder / "cases" / f"{number:04d}" / "snapshots"
    snapshots.mkdir(parents=True)
    flat = (2,) * (3 - x.ndim)
    boundary = ",".join(["periodic"] * x.ndim)
    marks = {"time": 2e-3, "time_unit": "s", "step": 9, "length_unit": "nm", "case": "c", "boundary": boundary, "host_species": "Li", "solute": "Na"}
    write_snapshot(snapshots / "c_000001.hdf", np.broadcast_to(x, flat + x.shape), marks | attributes)
