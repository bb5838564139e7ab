"""The folder of a parameter study: what it varies, its cases, and the table of their results."""

import csv
import difflib
import math
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from ..results import Results, ResultsError, open_results

FINISHED, FAILED = "finished", "failed"
STATES = (FINISHED, FAILED, "running", "interrupted", "waiting")
DEFAULT_MEASURES = ("final.length", "structure.length", "predicted.wavelength", "predicted.stability", "state")


@dataclass(frozen=True)
class Parameter:
    """A key of the case file that is not the same in all cases."""

    name: str
    unit: str  # as the user wrote it; "" for a plain number or a text
    axis: int  # parameters of the same axis vary together
    sampled: bool
    listed: tuple[float | str, ...]  # values of a list, in the order of the user


@dataclass(frozen=True)
class Column:
    """One column of study.csv, a value per case: numbers (NaN for an empty cell), or texts ("" for one)."""

    name: str
    unit: str  # "1" for a plain number or a text
    values: np.ndarray

    @property
    def is_text(self) -> bool:
        return self.values.dtype.kind == "U"

    @property
    def given(self) -> np.ndarray:
        """Which cases have a value, be it infinite; shape (cases)."""
        return self.values != "" if self.is_text else ~np.isnan(self.values)


@dataclass(frozen=True)
class Study:
    """What a sweep has left behind so far. Rows of the columns are cases."""

    folder: Path
    name: str
    description: str
    version: str
    parameters: dict[str, Parameter]
    columns: dict[str, Column]
    kept: np.ndarray | None = None  # which cases have a measure, of those that have one in the table; None: all
    condition: str = ""  # that they meet, for a title

    @cached_property
    def case(self) -> np.ndarray:
        """Numbers of the cases, from 1."""
        return self.columns["case"].values.astype(int)

    @cached_property
    def replica(self) -> np.ndarray:
        return self.columns["replica"].values.astype(int)

    @property
    def state(self) -> np.ndarray:
        """One of STATES for each case."""
        return self.columns["state"].values

    @property
    def failure(self) -> np.ndarray:
        """Why a case failed."""
        return self.columns["failure"].values

    @cached_property
    def measures(self) -> dict[str, Column]:
        """What a picture can show: the columns that are results, and the state."""
        others = {"case", "replica", "failure", *self.parameters}
        return {name: self._result(column) for name, column in self.columns.items() if name not in others}

    def _result(self, column: Column) -> Column:
        """A result counts once its case has finished; what is known before the run counts at once. Only `kept` cases have any."""
        if column.name == "state":
            return column
        counts = column.name.startswith("predicted.") | (self.state == FINISHED)
        if self.kept is not None:
            counts = counts & self.kept
        return Column(column.name, column.unit, np.where(counts, column.values, "" if column.is_text else np.nan))

    def measure(self, name: str | None) -> Column:
        """A result by its name; without one, the first of DEFAULT_MEASURES that any case has, numbers before texts."""
        if name is not None:
            return _find(self.measures, name, f"{self.table}: no column")
        known = [column for column in self.measures.values() if column.given.any()]
        order = {name: i for i, name in enumerate(DEFAULT_MEASURES)}
        return min(known, key=lambda c: (c.is_text, order.get(c.name, len(order))), default=self.measures["state"])

    def parameter(self, name: str) -> Parameter:
        """A parameter by its name."""
        return _find(self.parameters, name, f"{self.folder / 'study.toml'}: varies no")

    @property
    def table(self) -> Path:
        return self.folder / "study.csv"

    def case_folder(self, row: int) -> Path:
        """Results of the case in a row, which is there once the case was started."""
        return self.folder / "cases" / f"{self.case[row]:04d}"

    def results(self, row: int) -> Results | None:
        """Results of the case in a row with its last snapshot alone; None before the first."""
        try:
            return open_results(self.case_folder(row), last_only=True)
        except ResultsError:
            return None


def _find(found: dict, name: str, refusal: str) -> object:
    if name in found:
        return found[name]
    near = difflib.get_close_matches(name, found, 1)
    raise ResultsError(f"{refusal} {name}; did you mean {near[0]}?" if near else f"{refusal} {name}: expected one of {', '.join(found)}")


def open_study(folder: Path) -> Study:
    """Read a folder; ResultsError, one line, when it is not one of a study. Before any case was started, cases.csv stands for the table."""
    if not folder.is_dir():
        raise ResultsError(f"{folder}: no such folder")
    path = folder / "study.toml"
    if not path.is_file():
        raise ResultsError(f"{path}: no such file: expected the folder of a spinode sweep")
    try:
        described = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ResultsError(f"{path}: is not TOML: {error}") from None
    parameters = [_parameter(path, i, entry) for i, entry in enumerate(described.get("parameters", []))]
    table = next((p for p in (folder / "study.csv", folder / "cases.csv") if p.is_file()), None)
    if table is None:
        raise ResultsError(f"{folder / 'study.csv'}: no such file")
    columns = read_table(table)
    count = columns["case"].values.size
    columns.setdefault("state", Column("state", "1", np.full(count, "waiting")))
    columns.setdefault("failure", Column("failure", "1", np.full(count, "")))
    if missing := [p.name for p in parameters if p.name not in columns]:
        raise ResultsError(f"{table}: no column {', '.join(missing)}")
    # Samples of texts are as good as a list of them.
    parameters = [replace(p, sampled=p.sampled and not columns[p.name].is_text) for p in parameters]
    # A study that only repeats one case has its replicas for an axis.
    parameters = parameters or [Parameter("replica", "", 0, False, ())]
    return Study(
        folder=folder,
        name=str(described.get("name") or folder.resolve().name),
        description=str(described.get("description", "")),
        version=str(described.get("spinode_version", "")),
        parameters={parameter.name: parameter for parameter in parameters},
        columns=columns,
    )


def _parameter(path: Path, index: int, entry: object) -> Parameter:
    where = f"{path}: parameters[{index}]"
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise ResultsError(f"{where}.name: expected a text")
    if entry.get("kind") not in ("list", "sample"):
        raise ResultsError(f"{where}.kind = {entry.get('kind')!r}: expected list, sample")
    if not isinstance(entry.get("axis"), int):
        raise ResultsError(f"{where}.axis = {entry.get('axis')!r}: expected an integer")
    listed = tuple(float(v) if isinstance(v, (int, float)) and not isinstance(v, bool) else str(v) for v in entry.get("values", []))
    return Parameter(entry["name"], str(entry.get("unit", "")), entry["axis"], entry["kind"] == "sample", listed)


def read_table(path: Path) -> dict[str, Column]:
    """The columns of study.csv or cases.csv; a last row that is still being written is left out."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            header, *rows = [row for row in csv.reader(file) if row] or [[]]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ResultsError(f"{path}: is not a table: {error}") from None
    if rows and len(rows[-1]) < len(header):
        rows.pop()
    if wrong := [row for row in rows if len(row) != len(header)]:
        raise ResultsError(f"{path}: case {wrong[0][0]}: {len(wrong[0])} cells: expected {len(header)}")
    columns = {}
    for i, title in enumerate(header):
        match = re.fullmatch(r"(\S+)(?: \[(.*)\])?", title.strip())
        if match is None:
            raise ResultsError(f"{path}: column {title!r}: expected 'name' or 'name [unit]'")
        columns[match[1]] = Column(match[1], match[2] or "1", _values(match[1], [row[i].strip() for row in rows]))
    if missing := [name for name in ("case", "replica") if name not in columns]:
        raise ResultsError(f"{path}: no column {', '.join(missing)}")
    if not rows:
        raise ResultsError(f"{path}: holds no cases")
    for name in ("case", "replica"):
        values = columns[name].values
        if columns[name].is_text or not np.array_equal(values, np.round(values)):
            raise ResultsError(f"{path}: column {name}: expected whole numbers")
    return columns


def _values(name: str, cells: list[str]) -> np.ndarray:
    """Numbers where all cells are numbers or empty, else the texts."""
    if name not in ("state", "failure", "version"):
        try:
            return np.array([float(cell) if cell else math.nan for cell in cells])
        except ValueError:
            pass
    return np.array(cells, dtype=str)


def values_of(study: Study, parameter: Parameter) -> list[float | str]:
    """The distinct values of a parameter, numbers rising, texts in the order of the study; listed ones that no case has are among them."""
    found = study.columns[parameter.name].values
    if found.dtype.kind == "U":
        return _in_order([*(v for v in parameter.listed if isinstance(v, str)), *found])
    distinct = np.unique(found[~np.isnan(found)]).tolist()
    # The table may have fewer digits than the description.
    listed = () if parameter.sampled else parameter.listed
    lost = [v for v in listed if isinstance(v, float) and not np.isclose(v, distinct, rtol=1e-6, atol=0).any()]
    return sorted(distinct + lost)


def _in_order(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(str(value) for value in values if value != ""))
