"""Results folders of known values: one cosine wave per axis, growing and lengthening in time, in a box or in an electrode that shrinks."""

import csv
import json
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

CELLS = (24, 16, 12)
SPACING = 2.0  # nm
TIMES = np.array([0.0, 1e-6, 2e-6, 4e-6, 8e-6, 16e-6, 32e-6])  # s
AMPLITUDES = np.array([0.001, 0.002, 0.05, 0.15, 0.25, 0.28, 0.29])
MEAN = 0.3
K = np.linspace(1e8, 1.5e9, 15)  # 1/m
CONFIG = 'description = "A known wave"\ntemperature = "298.15 K"\n[elasticity]\nmodel = "isotropic"\n'


def wave(dimension: int, i: int) -> np.ndarray:
    """x at TIMES[i]: MEAN + A * (product of one cosine period per axis), shape (nz, ny, nx) or less."""
    x = np.array(MEAN)
    product = np.array(AMPLITUDES[i])
    for n in CELLS[:dimension]:
        product = np.multiply.outer(np.cos(2 * np.pi * (np.arange(n) + 0.5) / n), product)
    return x + product


def energies(i: np.ndarray) -> dict[str, np.ndarray]:
    """Energies [J] of row i: what tests compare the curves with."""
    parts = {"chemical": -3e-17 * i, "gradient": 1e-17 * i, "elastic": 0.5e-17 * i}
    return parts | {"total": sum(parts.values()) + 7e-17}


def length(i: np.ndarray) -> np.ndarray:
    """Characteristic length [m] of row i."""
    return 1e-8 * (1.0 + i)


def anisotropy(i: np.ndarray) -> np.ndarray:
    """Anisotropy of row i."""
    return 0.1 * i


def structure_factor() -> np.ndarray:
    """S [m^3], one row per time: a peak that grows and moves to smaller k."""
    peak = 1.2e9 - 1e8 * np.arange(TIMES.size)[:, None]
    return 1e-26 * (1 + np.arange(TIMES.size)[:, None]) * np.exp(-(((K - peak) / 2e8) ** 2))


CHARGE = np.arange(TIMES.size)  # of an electrode at TIMES, in tenths of its thickness
CYCLED = np.array([0, 1, 2, 3, 2, 1, 0])  # the same, stripped and plated


def thickness(charge: np.ndarray, dimension: int) -> np.ndarray:
    """Thickness [m] after a charge."""
    return CELLS[dimension - 1] * SPACING * 1e-9 * (1 - 0.1 * charge)


def electrode_columns(charge: np.ndarray, dimension: int) -> dict[str, tuple[np.ndarray, str]]:
    """What an electrode adds to timeseries.csv, with units."""
    capacity, same = 0.2 * charge, np.ones(charge.size)
    parts = {"potential_open": 0.005 + 0.001 * charge, "overpotential": 0.02 * same, "ohmic_drop": 0.003 * same}
    turned = np.diff(charge, append=charge[-1] + (charge[-1] - charge[-2])) < 0
    plain = {"protocol_step": 1 + turned, "cycle": 1 + turned, "charge_imbalance": 0 * same, "host_left": 1 - 0.12 * charge}
    plain |= {"x_layer": 0.4 * same, "x_face": 0.5 * same, "peclet": 2 * same}
    columns = {name: (values, "") for name, values in plain.items()}
    columns["current_density"] = (np.where(turned, -1.5, 1.5), "mA cm-2")
    columns |= {name: (capacity, "mAh cm-2") for name in ("capacity_requested", "capacity", "host_removed")}
    columns |= {"solute_amount": (3 * same, "mol m-2"), "thickness": (thickness(charge, dimension), "m")}
    return columns | {name: (values, "V") for name, values in (parts | {"potential": sum(parts.values())}).items()}


def profiles(charge: np.ndarray, dimension: int) -> dict[str, tuple[np.ndarray, str]]:
    """profiles.h5 with units: no solute-rich metal at first, then a share of the planes that rises from 0 at the separator to 1."""
    depth = np.linspace(0, 1, CELLS[dimension - 1])
    row = np.arange(charge.size)[:, None]
    planes = {"x": (0.1 + 0.1 * row + 0.2 * depth**2, "1"), "solute_rich": (np.where(row > 0, depth, 0), "1")}
    planes["interface_density"] = (1e7 * row * depth, "m-1")
    if dimension > 1:
        planes["length"] = (1e-9 * (5 + row) * (1 + depth), "m")
    L, pieces = thickness(charge, dimension), 1 + row[:, 0]
    rows = {"time": (TIMES, "s"), "capacity": (0.2 * charge, "mAh cm-2"), "thickness": (L, "m"), "threshold": (0 * TIMES + 0.5, "1")}
    return planes | rows | {"pieces": (pieces, "1"), "largest_share": (1 / pieces, "1"), "reach": (L / 2, "m")}


def write_snapshot(path: Path, x: np.ndarray, attributes: dict) -> None:
    """One VTKHDF image with point data x of shape (nz, ny, nx)."""
    nz, ny, nx = x.shape
    with h5py.File(path, "w") as file:
        group = file.create_group("VTKHDF")
        group.attrs["Version"] = np.array([1, 0])
        group.attrs.create("Type", b"ImageData", dtype=h5py.string_dtype("ascii", 9))
        group.attrs["WholeExtent"] = np.array([0, nx - 1, 0, ny - 1, 0, nz - 1])
        group.attrs["Origin"] = np.full(3, SPACING / 2)
        group.attrs["Spacing"] = np.full(3, SPACING)
        group.attrs["Direction"] = np.eye(3).ravel()
        group.create_group("PointData").create_dataset("x", data=x, compression="gzip", shuffle=True)
        file.attrs.update(attributes)


def write_results(folder: Path, dimension: int, *, dimensionless: bool = False, layers: int = 2) -> Path:
    """The whole folder. With dimensionless the same numbers have no units."""
    case = folder.name
    (folder / "snapshots").mkdir(parents=True)
    second, metre, box_unit = ("1", "1", "1") if dimensionless else ("s", "m", "nm")
    energy = "1" if dimensionless else {3: "J", 2: "J m-1", 1: "J m-2"}[dimension]
    for i, time in enumerate(TIMES):
        x = wave(dimension, i)
        flat = (layers,) * (3 - dimension)
        attributes = {
            "time": time,
            "time_unit": second,
            "step": 10 * i,
            "length_unit": box_unit,
            "case": case,
            "boundary": ",".join(["periodic", "periodic", "no_flux"][:dimension]),
            "spinode_version": "0",
            "host": "here",
            "created": "now",
            "config": 'units = "none"\n' if dimensionless else CONFIG,
        }
        if not dimensionless:
            attributes |= {"host_species": "Li", "solute": "Na"}
        write_snapshot(folder / "snapshots" / f"{case}_{i:06d}.hdf", np.broadcast_to(x, flat + x.shape), attributes)
    rows = np.arange(TIMES.size)
    columns = {"step": rows * 10, f"time [{second}]": TIMES, f"dt [{second}]": np.gradient(TIMES), "x_mean": np.full(TIMES.size, MEAN)}
    columns |= {"x_min": MEAN - AMPLITUDES, "x_max": MEAN + AMPLITUDES}
    columns |= {f"energy_{part} [{energy}]": values for part, values in energies(rows).items()}
    columns[f"length [{metre}]"] = length(rows)
    columns["anisotropy"] = anisotropy(rows)
    with (folder / "timeseries.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values()))
    units = {"time": second, "k": metre if dimensionless else "m-1", "S": metre if dimensionless or dimension == 1 else f"m{dimension}"}
    with h5py.File(folder / "structure_factor.h5", "w") as file:
        for name, values in (("time", TIMES), ("k", K), ("S", structure_factor())):
            file[name] = values
            file[name].attrs["unit"] = units[name]
    return folder


def write_electrode(folder: Path, dimension: int, *, charge: np.ndarray = CHARGE, dimensionless: bool = False) -> Path:
    """The folder of write_results as that of an electrode, its last axis without flux and as long as the charge leaves it."""
    write_results(folder, dimension, dimensionless=dimensionless)
    for path, left in zip(sorted((folder / "snapshots").iterdir()), 1 - 0.1 * charge, strict=True):
        with h5py.File(path, "a") as file:
            spacing = np.full(3, SPACING)
            spacing[dimension - 1] *= left
            file["VTKHDF"].attrs.update({"Spacing": spacing, "Origin": spacing / 2})
            file.attrs["boundary"] = ",".join(["periodic"] * (dimension - 1) + ["no_flux"])
    columns = electrode_columns(charge, dimension)
    with (folder / "timeseries.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    header += [name if dimensionless or not unit else f"{name} [{unit}]" for name, (_, unit) in columns.items()]
    added = zip(*(values for values, _ in columns.values()))
    with (folder / "timeseries.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *([*row, *new] for row, new in zip(rows, added))])
    with h5py.File(folder / "profiles.h5", "w") as file:
        for name, (values, unit) in profiles(charge, dimension).items():
            file[name] = values
            file[name].attrs["unit"] = "1" if dimensionless else unit
    return folder


@pytest.fixture(params=[1, 2, 3], ids=["1D", "2D", "3D"])
def dimension(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """A 3D results folder."""
    return write_results(tmp_path / "wave", 3)


def measures(dimension: int, *, walls: bool = False) -> dict[str, dict[str, tuple[np.ndarray, str]]]:
    """Tables of measures at TIMES: columns and units by the name of the table. A tortuosity is infinite until a phase percolates."""
    row, axes = np.arange(TIMES.size), "xyz"[:dimension]
    late = np.where(row > 1, 1.0, np.nan)

    def both(columns: dict[str, tuple[float, str]]) -> dict[str, tuple[np.ndarray, str]]:
        factors = {"host": 1, "solute": 0.5}
        return {name.format(phase): (value * (1 + 0.1 * row) * factor, unit) for phase, factor in factors.items() for name, (value, unit) in columns.items()}

    structure = {"length": (length(row), "m"), "length_peak": (1.1 * length(row) * late, "m")}
    structure |= {f"length_{a}": (length(row) * (1 + 0.1 * i), "m") for i, a in enumerate(axes)} | {"anisotropy": (anisotropy(row), "")}
    connectivity = both({"pieces_{}": (40.0, ""), "largest_share_{}": (0.6, "")} | {f"percolating_{{}}_{a}": (0.5, "") for a in axes})
    if walls:
        connectivity |= {"joining_solute": (0.1 * row, ""), "joining_host": (1 - 0.1 * row, ""), "dead_end_solute": (0.05 * row, "")}
        connectivity |= {"isolated_solute": (1 - 0.15 * row, ""), "orphaned_host": (0.02 * row, ""), "reach_solute": (1e-9 * row, "m")}
    alone = {f"conductivity_{{}}_{a}": (0.1 + 0.02 * i, "") for i, a in enumerate(axes)}
    tortuosity = both(alone | {f"tortuosity_{{}}_{a}": (2.0 + 0.2 * i, "") for i, a in enumerate(axes)})
    tortuosity = {name: (np.where(row > 2, values, np.inf if name.startswith("tort") else 0.0), unit) for name, (values, unit) in tortuosity.items()}
    carriers = {"ionic": 1e-4, "electronic": 2e-4}
    conductivity = {f"{carrier}_{a}": (value * (1 + row + i), "S m-1") for carrier, value in carriers.items() for i, a in enumerate(axes)}
    return {
        "structure": structure,
        "phases": both({"threshold_{}": (0.2, ""), "fraction_{}": (0.4, ""), "x_{}": (0.3, "")}),
        "interface": {
            "area": (1e9 / (1 + row), "m-1"),
            "fraction_solute": (0.3 + 0.01 * row, ""),
            "euler_characteristic": (-1e24 / (1 + row), f"m-{dimension}"),
        },
        "curvature": {
            "mean_curvature": (1e8 / (1 + row), "m-1"),
            "mean_curvature_deviation": (2e8 / (1 + row), "m-1"),
            "gaussian_curvature": (-1e17 / (1 + row), "m-2"),
            "gaussian_curvature_deviation": (3e16 / (1 + row), "m-2"),
        },
        "chords": both({f"chord_{{}}_{a}": (1e-8 * (1 + 0.1 * i), "m") for i, a in enumerate(axes)}),
        "thickness": both({"thickness_{}": (8e-9, "m"), "thickness_{}_deviation": (1e-9, "m"), "thickness_{}_largest": (12e-9, "m")}),
        "connectivity": connectivity,
        "tortuosity": tortuosity,
        "conductivity": conductivity | {f"transport_number_{a}": (0.3 + 0.01 * row, "") for a in axes},
    }


def write_measures(folder: Path, tables: dict[str, dict], *, time: np.ndarray = TIMES, dimensionless: bool = False) -> Path:
    """A folder of tables, each as NAME.csv."""
    folder.mkdir(exist_ok=True)
    for name, columns in tables.items():
        header = ["step", "time [1]" if dimensionless else "time [s]"]
        header += [f"{column} [{unit}]" if unit and not dimensionless else column for column, (_, unit) in columns.items()]
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *zip(range(0, 10 * time.size, 10), time, *(values for values, _ in columns.values()))])
    return folder


# L^4 - L0^4 = K t from 4 to 32 us, with an exponent that is no third of the curve's own.
COARSENING = {"from": 4e-6, "to": 32e-6, "exponent": 0.25, "exponent_error": 0.02, "n": 4.0, "n_error": 0.3, "K": 3e-27, "L0": 1e-8, "points": 4}
SUMMARY = {
    "final": {"time": 32e-6, "step": 60, "x_mean": MEAN, "length": 7e-8, "energy_total": -9e-18 + 7e-17, "temperature": 298.15},
    "snapshots": 7,
    "spinode_version": "0.1.0+wave",
    "steps": {"accepted": 60, "accepted_by_scheme": {"implicit": 40, "semi_implicit": 20}, "rejected": {"energy": 1, "error": 3}},
    "threads": 2,
    "wall_time_s": {"setup": 0.5, "steps": 12.0, "output": 1.5},
}


def write_summary(folder: Path, **more: object) -> Path:
    """summary.json as of a finished run."""
    (folder / "summary.json").write_text(json.dumps(SUMMARY | more), encoding="utf-8")
    return folder
