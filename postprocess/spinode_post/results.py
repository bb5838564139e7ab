"""A results folder: its snapshots, time series, structure factor and profiles, as NumPy arrays in the units of the files."""

import csv
import re
import tomllib
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import h5py
import numpy as np


LENGTH_UNITS = {"1": 1.0, "m": 1.0, "mm": 1e-3, "um": 1e-6, "nm": 1e-9}  # m; ParaView wants numbers near 1


class ResultsError(Exception):
    """A results folder that is missing, incomplete or broken, or a request that it cannot serve."""


@dataclass(frozen=True)
class Snapshot:
    """One file of the folder snapshots/."""

    path: Path
    time: float  # in Results.time_unit
    step: int
    lengths: tuple[float, ...]  # of the box along x, y, z, in Results.length_unit; an electrode shrinks along the last
    middle: float | None = None  # between the compositions of the phases, where the file says them


@dataclass(frozen=True)
class TimeSeries:
    """Columns of timeseries.csv by name, and their units ("1" where the header gives none)."""

    columns: dict[str, np.ndarray]
    units: dict[str, str]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]


@dataclass(frozen=True)
class StructureFactor:
    """S(k, t): time (nt), k (nk), S (nt, nk)."""

    time: np.ndarray
    k: np.ndarray
    S: np.ndarray
    k_unit: str
    S_unit: str

    def at(self, time: float) -> np.ndarray:
        """S at the stored time nearest to `time`."""
        return self.S[np.argmin(np.abs(self.time - time))]


@dataclass(frozen=True)
class Profiles:
    """An electrode plane by plane from the separator, z at (i + 1/2) / nz of the thickness: one row per time, units by name.

    Shapes are (nt), or (nt, nz) for x, solute_rich, interface_density and length.
    """

    time: np.ndarray
    capacity: np.ndarray
    thickness: np.ndarray
    threshold: np.ndarray  # x that divides solute-rich from host-rich
    x: np.ndarray  # mean over the plane
    solute_rich: np.ndarray  # share of the plane above the threshold
    interface_density: np.ndarray  # area per volume
    length: np.ndarray | None  # in the plane; None in 1D
    pieces: np.ndarray  # connected, solute-rich
    largest_share: np.ndarray  # of the solute-rich volume, in the largest piece
    reach: np.ndarray  # depth of what is solute-rich and connected with the separator
    units: dict[str, str]

    @property
    def z(self) -> np.ndarray:
        """Distance of the planes from the separator, shape (nt, nz)."""
        count = self.x.shape[1]
        return np.outer(self.thickness, (np.arange(count) + 0.5) / count)


@dataclass(frozen=True)
class Results:
    """What a run left behind. Lengths are in m and times in s, or plain numbers in a dimensionless case (unit "1")."""

    folder: Path
    case: str
    snapshots: list[Snapshot]
    boundary: tuple[str, ...]  # "periodic" or "no_flux" along x, y, z
    cells: tuple[int, ...]  # along x, y, z, as many as there are dimensions
    length_unit: str
    time_unit: str
    host: str
    solute: str
    config: dict

    @property
    def dimension(self) -> int:
        return len(self.boundary)

    @property
    def dimensionless(self) -> bool:
        return self.length_unit == "1"

    @property
    def lengths(self) -> tuple[float, ...]:
        """Size of the box along x, y, z, where it is largest."""
        return largest(self.snapshots)

    @property
    def x_label(self) -> str:
        """What x is, for axes and colour bars."""
        if self.dimensionless:
            return "composition $x$"
        return f"mole fraction {self.solute} $x$" if self.solute != "solute" else "mole fraction of solute $x$"

    def field(self, snapshot: Snapshot) -> np.ndarray:
        """x of a snapshot: shape (nz, ny, nx), (ny, nx) or (nx), without the layers that ParaView needs on flat axes."""
        with _open_hdf5(snapshot.path) as file:
            return file["VTKHDF/PointData/x"][(0,) * (3 - self.dimension)].astype(float)

    def plane(self, snapshot: Snapshot, axis: int, fraction: float) -> np.ndarray:
        """x on the plane of a 3D snapshot at `fraction` of the box along axis 0, 1, 2 = x, y, z; the lower axis runs fastest."""
        index: list = [slice(None)] * 3
        index[2 - axis] = min(int(fraction * self.cells[axis]), self.cells[axis] - 1)
        with _open_hdf5(snapshot.path) as file:
            return file["VTKHDF/PointData/x"][tuple(index)].astype(float)

    def threshold(self, snapshot: Snapshot) -> float:
        """x of the surface between the phases: the middle between them where x passes it, else between the extremes of x."""
        x = self.field(snapshot)
        low, high = float(x.min()), float(x.max())
        return snapshot.middle if snapshot.middle is not None and low < snapshot.middle < high else (low + high) / 2

    def _sample(self, snapshot: Snapshot) -> np.ndarray:
        return self.plane(snapshot, 2, 0.5) if self.dimension == 3 else self.field(snapshot)

    @cached_property
    def timeseries(self) -> TimeSeries:
        """timeseries.csv; a last row that is still being written is left out."""
        path = self.folder / "timeseries.csv"
        try:
            with path.open(newline="", encoding="utf-8") as file:
                header, *rows = [row for row in csv.reader(file) if row]
            if rows and len(rows[-1]) != len(header):
                rows.pop()
            table = np.array(rows, dtype=float).reshape(len(rows), len(header))
        except FileNotFoundError:
            raise ResultsError(f"{path}: no such file") from None
        except (ValueError, csv.Error) as error:
            raise ResultsError(f"{path}: is not a table of numbers: {error}") from None
        columns, units = {}, {}
        for name, values in zip(header, table.T):
            match = re.fullmatch(r"(\S+)(?: \[(.*)\])?", name.strip())
            if match is None:
                raise ResultsError(f"{path}: column {name!r}: expected 'name' or 'name [unit]'")
            columns[match[1]], units[match[1]] = values, match[2] or "1"
        wanted = {"time", "x_mean", "length", *(f"energy_{part}" for part in ("chemical", "gradient", "elastic", "total"))}
        if missing := sorted(wanted - columns.keys()):
            raise ResultsError(f"{path}: no column {', '.join(missing)}")
        if not rows:
            raise ResultsError(f"{path}: holds no rows yet")
        return TimeSeries(columns, units)

    @cached_property
    def structure_factor(self) -> StructureFactor:
        """structure_factor.h5."""
        path = self.folder / "structure_factor.h5"
        with _open_hdf5(path) as file:
            for name in ("time", "k", "S"):
                if name not in file or "unit" not in file[name].attrs:
                    raise ResultsError(f"{path}: holds no {name} with a unit")
            time, k, S = (file[name][()] for name in ("time", "k", "S"))
            k_unit, S_unit = (_text(file[name].attrs["unit"]) for name in ("k", "S"))
        if S.shape != (time.size, k.size):
            raise ResultsError(f"{path}: S has shape {S.shape}, expected {(time.size, k.size)}")
        return StructureFactor(time, k, S, k_unit, S_unit)

    @cached_property
    def profiles(self) -> Profiles:
        """profiles.h5, which runs with an electrode write."""
        path = self.folder / "profiles.h5"
        if not path.exists():
            raise ResultsError(f"{self.folder}: holds no profiles.h5: expected the results of a run with an electrode")
        names = [field.name for field in fields(Profiles) if field.name != "units" and (field.name != "length" or self.dimension > 1)]
        with _open_hdf5(path) as file:
            for name in names:
                if name not in file or "unit" not in file[name].attrs:
                    raise ResultsError(f"{path}: holds no {name} with a unit")
            values = {name: file[name][()].astype(float) for name in names}
            units = {name: _text(file[name].attrs["unit"]) for name in names}
        times = values["time"].size
        for name, array in values.items():
            shape = (times, self.cells[-1]) if name in ("x", "solute_rich", "interface_density", "length") else (times,)
            if array.shape != shape:
                raise ResultsError(f"{path}: {name} has shape {array.shape}, expected {shape}")
        return Profiles(**{"length": None} | values, units=units)

    def nearest(self, times: list[float]) -> list[Snapshot]:
        """The snapshots nearest to the given times, in order of time, each once."""
        chosen = {min(self.snapshots, key=lambda s: abs(s.time - time)) for time in times}
        return sorted(chosen, key=lambda s: s.time)

    def telling(self, count: int) -> list[Snapshot]:
        """`count` snapshots that show the run: evenly in log(time) from the onset of structure to the end.

        The onset is the first snapshot whose standard deviation of x reaches a fifth of the largest one.
        """
        later = [s for s in self.snapshots if s.time > 0] or self.snapshots
        if len(later) <= count:
            return later
        if count == 1:
            return later[-1:]
        spread = np.array([self._sample(s).std() for s in later])
        first = min(int(np.argmax(spread >= 0.2 * spread.max())), len(later) - count)
        later = later[first:]
        targets = np.geomspace(later[0].time, later[-1].time, count)
        chosen = []
        for i, target in enumerate(targets):
            room = later[: len(later) - (count - 1 - i)]
            room = [s for s in room if not chosen or s.time > chosen[-1].time]
            chosen.append(min(room, key=lambda s: abs(np.log(s.time / target))))
        return chosen


def largest(snapshots: list[Snapshot]) -> tuple[float, ...]:
    """Size along x, y, z of a box that holds those of all snapshots."""
    return tuple(map(max, zip(*(s.lengths for s in snapshots))))


def open_results(folder: Path, *, last_only: bool = False) -> Results:
    """Read the layout of a results folder, with all snapshots or the last one; ResultsError, one line, when it is not one."""
    if not folder.is_dir():
        raise ResultsError(f"{folder}: no such folder")
    files = sorted(folder.glob("snapshots/*.hdf"))
    if not files:
        raise ResultsError(f"{folder}: holds no snapshots/*.hdf: expected the results folder of a spinode run")
    snapshots = [_read_snapshot(path) for path in (files[-1:] if last_only else files)]
    path = files[-1]
    with _open_hdf5(path) as file:
        boundary = tuple(_text(_attribute(file, path, "boundary")).split(","))
        shape = file["VTKHDF/PointData/x"].shape
        return Results(
            folder=folder,
            case=_text(_attribute(file, path, "case")),
            snapshots=snapshots,
            boundary=boundary,
            cells=shape[::-1][: len(boundary)],
            length_unit="1" if _text(_attribute(file, path, "length_unit")) == "1" else "m",
            time_unit=_text(_attribute(file, path, "time_unit")),
            host=_text(file.attrs.get("host_species", "host")),
            solute=_text(file.attrs.get("solute", "solute")),
            config=_parse_config(path, _text(file.attrs.get("config", ""))),
        )


def _read_snapshot(path: Path) -> Snapshot:
    with _open_hdf5(path) as file:
        time, step = float(_attribute(file, path, "time")), int(_attribute(file, path, "step"))
        if "VTKHDF/PointData/x" not in file:
            raise ResultsError(f"{path}: has no dataset /VTKHDF/PointData/x")
        dimension = len(_text(_attribute(file, path, "boundary")).split(","))
        unit = _text(_attribute(file, path, "length_unit"))
        if unit not in LENGTH_UNITS:
            raise ResultsError(f"{path}: length_unit = {unit!r}: expected one of {', '.join(LENGTH_UNITS)}")
        cells, spacing = file["VTKHDF/PointData/x"].shape[::-1], file["VTKHDF"].attrs["Spacing"] * LENGTH_UNITS[unit]
        phases = [float(file.attrs[name]) for name in ("x_host", "x_solute") if name in file.attrs]
        middle = sum(phases) / 2 if len(phases) == 2 else None
        return Snapshot(path, time, step, tuple(float(n * h) for n, h in zip(cells[:dimension], spacing)), middle)


def _open_hdf5(path: Path) -> h5py.File:
    try:
        return h5py.File(path, "r")
    except FileNotFoundError:
        raise ResultsError(f"{path}: no such file") from None
    except OSError:
        raise ResultsError(f"{path}: is not a readable HDF5 file") from None


def _attribute(file: h5py.File, path: Path, name: str) -> object:
    if name not in file.attrs:
        raise ResultsError(f"{path}: has no attribute {name}: expected a snapshot of spinode")
    return file.attrs[name]


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _parse_config(path: Path, text: str) -> dict:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ResultsError(f"{path}: attribute config is not TOML: {error}") from None
