"""A results folder of known values: one cosine wave per axis, growing and lengthening in time."""

import csv
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


@pytest.fixture(params=[1, 2, 3], ids=["1D", "2D", "3D"])
def dimension(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """A 3D results folder."""
    return write_results(tmp_path / "wave", 3)
