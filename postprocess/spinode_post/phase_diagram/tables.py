"""A folder of `spinode phase-diagram`: its tables and its summary, as NumPy arrays in the units of the column names."""

import csv
import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..results import ResultsError

KINDS = ("chemical", "coherent-isotropic", "coherent-cubic")
DIRECTIONS = ("<100>", "<110>", "<111>")
TEXTS = {"system": None, "kind": KINDS, "direction": DIRECTIONS, "boundary": None}  # columns of words, and those allowed


@dataclass(frozen=True)
class Table:
    """Columns by name: words as str, numbers as float with nan for an empty cell."""

    path: Path
    columns: dict[str, np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    def where(self, column: str, word: str) -> "Table":
        """The rows with `word` in a column."""
        rows = self.columns[column] == word
        return Table(self.path, {name: values[rows] for name, values in self.columns.items()})


@dataclass(frozen=True)
class CriticalPoint:
    """Where a gap closes; `stable` when no other gap covers it."""

    x: float
    T: float  # K
    stable: bool


@dataclass(frozen=True)
class Gap:
    """A common tangent at the chosen temperature: omega + mu x touches G at x_alpha and x_beta."""

    x_alpha: float
    x_beta: float
    one_minus_x_beta: float
    mu: float  # J/mol
    omega: float  # J/mol

    def tangent(self, x: np.ndarray) -> np.ndarray:
        """The tangent [J/mol] at x."""
        return self.omega + self.mu * x


@dataclass(frozen=True)
class PhaseResults:
    """What the command left behind. Tables without rows stand for the files that are there only on demand."""

    folder: Path
    name: str
    host: str
    solute: str
    temperature: float  # K, of the energy curves
    kinds: tuple[str, ...]  # those of the summary, in the order of KINDS
    critical_points: dict[str, list[CriticalPoint]]
    gaps: dict[str, list[Gap]]
    boundaries: Table
    tie_lines: Table
    asymptotes: Table
    directions: Table
    energy_curves: Table
    bands: Table


def open_phase_results(folder: Path) -> PhaseResults:
    """Read a folder; ResultsError, one line, when a file, a column or a key is missing or a cell is not what it should be."""
    if not folder.is_dir():
        raise ResultsError(f"{folder}: no such folder")
    path = folder / "summary.json"
    if not path.is_file():
        raise ResultsError(f"{path}: no such file: expected a folder of spinode phase-diagram")
    summary = _read_json(path)
    host, solute = (_key(path, summary, name, str) for name in ("host", "solute"))
    found = _key(path, summary, "kinds", dict)
    if not found or (unknown := found.keys() - set(KINDS)):
        given = ", ".join(sorted(unknown)) if found else "nothing"
        raise ResultsError(f"{path}: kinds: {given}: expected {', '.join(KINDS)}")
    kinds = tuple(kind for kind in KINDS if kind in found)
    spinodals = [f"x_spinodal_{host}_side", f"x_spinodal_{solute}_side"]
    binodals = [f"x_binodal_{host}_side", f"x_binodal_{solute}_side"]
    ends = [f"{name}_{side}_side" for name in ("solubility", "spinodal") for side in (host, solute)]
    curves = ["T_K", "x", "G_J_per_mol", "formation_0K_J_per_mol"]
    quantiles = ["T_K", "q025", "q16", "median", "q84", "q975", "share"]
    boundaries = read_table(folder / "phase_boundaries.csv", ["kind"], ["T_K", *binodals, *spinodals])
    for pair in (binodals, spinodals):
        _check_pairs(boundaries, pair)
    return PhaseResults(
        folder=folder,
        name=str(summary.get("description") or summary.get("system") or folder.name).replace("$", r"\$"),
        host=host,
        solute=solute,
        temperature=_key(path, summary, "temperature_K", float),
        kinds=kinds,
        critical_points={kind: _critical_points(path, kind, found[kind]) for kind in kinds},
        gaps={kind: _gaps(path, kind, found[kind]) for kind in kinds},
        boundaries=boundaries,
        tie_lines=read_table(folder / "tie_lines.csv", ["kind"], ["T_K", "x_alpha", "one_minus_x_beta"], rowless=True),
        asymptotes=read_table(folder / "asymptotes.csv", ["kind"], ["T_K", *ends]),
        directions=read_table(folder / "spinodal_directions.csv", ["direction"], ["T_K", *spinodals], optional=True),
        energy_curves=read_table(folder / "energy_curves.csv", ["kind"], curves),
        bands=read_table(folder / "bands.csv", ["kind", "boundary"], quantiles, optional=True),
    )


def read_table(path: Path, words: list[str], numbers: list[str], *, optional: bool = False, rowless: bool = False) -> Table:
    """The named columns of a CSV file with a header, which has rows unless it may be rowless; an optional one may be missing."""
    if not path.is_file():
        if not optional:
            raise ResultsError(f"{path}: no such file")
        return Table(path, {name: np.array([], dtype=str) for name in words} | {name: np.array([]) for name in numbers})
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.reader(file)
            header = [name.strip() for name in next(reader, [])]
            lines = [(reader.line_num, row) for row in reader if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ResultsError(f"{path}: is not a table: {error}") from None
    if missing := [name for name in words + numbers if name not in header]:
        raise ResultsError(f"{path}: no column {', '.join(missing)}")
    if not lines and not rowless:
        raise ResultsError(f"{path}: holds no rows")
    for line, row in lines:
        if len(row) != len(header):
            raise ResultsError(f"{path}:{line}: {len(row)} cells: expected {len(header)}")
    cells = {name: [(line, row[header.index(name)].strip()) for line, row in lines] for name in words + numbers}
    columns = {name: np.array([_word(path, name, *cell) for cell in cells[name]], dtype=str) for name in words}
    columns |= {name: np.array([_number(path, name, *cell) for cell in cells[name]], dtype=float) for name in numbers}
    return Table(path, columns)


def _word(path: Path, name: str, line: int, cell: str) -> str:
    allowed = TEXTS[name]
    if allowed is not None and cell not in allowed:
        raise ResultsError(f"{path}:{line}: {name} = {cell!r}: expected {', '.join(allowed)}")
    return cell


def _number(path: Path, name: str, line: int, cell: str) -> float:
    is_temperature = name == "T_K"
    if not cell and not is_temperature:
        return math.nan
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or (is_temperature and value <= 0):
        expected = "a temperature above 0 K" if is_temperature else "a number or an empty cell"
        raise ResultsError(f"{path}:{line}: {name} = {cell!r}: expected {expected}")
    return value


def _check_pairs(table: Table, pair: list[str]) -> None:
    """A gap and an unstable region have two ends or none."""
    low, high = (table[name] for name in pair)
    wrong = np.flatnonzero((np.isnan(low) != np.isnan(high)) | (low > high))
    if wrong.size:
        i = wrong[0]
        given = f"{low[i]:g}, {high[i]:g}"
        raise ResultsError(f"{table.path}: {', '.join(pair)} at {table['T_K'][i]:g} K: {given}: expected a rising pair or two empty cells")


def _read_json(path: Path) -> dict:
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ResultsError(f"{path}: is not JSON: {error}") from None
    if not isinstance(summary, dict):
        raise ResultsError(f"{path}: expected an object")
    return summary


def _key(path: Path, values: object, name: str, kind: type, where: str = "") -> object:
    """values[name] of the given type; a float may be written as an integer."""
    value = values.get(name) if isinstance(values, dict) else None
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, kind) or (kind is float and not math.isfinite(value)):
        expected = {str: "a text", dict: "an object", list: "a list", float: "a number", bool: "true or false"}[kind]
        raise ResultsError(f"{path}: {where}{name}: expected {expected}")
    return value


def _critical_points(path: Path, kind: str, found: object) -> list[CriticalPoint]:
    where = f"kinds.{kind}.critical_points"
    points = _key(path, found, "critical_points", list, f"kinds.{kind}.")
    read = [(_key(path, p, "x", float, f"{where}."), _key(path, p, "T_K", float, f"{where}."), _key(path, p, "stable", bool, f"{where}.")) for p in points]
    return [CriticalPoint(*values) for values in read]


def _gaps(path: Path, kind: str, found: object) -> list[Gap]:
    """In rising x_alpha."""
    gaps = _key(path, found, "gaps", list, f"kinds.{kind}.")
    keys = ("x_alpha", "x_beta", "one_minus_x_beta", "mu_J_per_mol", "omega_J_per_mol")
    read = [Gap(*(_key(path, gap, key, float, f"kinds.{kind}.gaps.") for key in keys)) for gap in gaps]
    return sorted(read, key=lambda gap: gap.x_alpha)
