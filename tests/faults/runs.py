"""Runs of spinode that are disturbed on purpose, what must be true of their folders, and whether two runs are the same.

Environment: SPINODE, the path of the spinode binary; SPINODE_IO_FAULTS, that of the library of io_faults.cpp.
"""

import functools
import json
import os
import re
import shutil
import subprocess
import tomllib
import xml.etree.ElementTree
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

SYSTEMS = Path(__file__).resolve().parents[2] / "configs" / "systems"
TIME_LIMIT = 60  # s
EVERY_STEP = "1 ns"  # of the wall clock, between checkpoints

# Three steps, three snapshots.
SMALL = """
domain.length = ["10 nm", "10 nm"]
domain.cells = [16, 16]
initial.x = 0.25
time.scheme = "semi_implicit"
time.step = "0.5 us"
time.end = "1.5 us"
output.every = "1 us"
output.timeseries_every = 2
measures.every = 2
"""
CASES = {
    "semi_implicit": """
domain.length = ["8 nm", "8 nm"]
domain.cells = [48, 48]
initial.x = 0.25
elasticity.model = "cubic"
time.scheme = "semi_implicit"
time.end = "20 us"
output.every = "4 us"
""",
    "constant mobility": """
domain.length = ["8 nm", "8 nm"]
domain.cells = [32, 32]
initial.x = 0.25
mobility = { model = "constant", D = "1e-14 m2/s", x0 = 0.25 }
time.end = "20 us"
output.every = "4 us"
""",
    "degenerate mobility": """
domain.length = ["8 nm", "8 nm"]
domain.cells = [32, 32]
domain.boundary = ["periodic", "no_flux"]
initial.x = 0.25
time.end = "30 us"
output.every = "6 us"
""",
    "electrode": """
domain.length = ["10 um", "10 um"]
domain.cells = [16, 32]
domain.boundary = ["periodic", "no_flux"]
initial.x = 0.03
gradient.interface_width = "0.9 um"
time.tolerance = 1e-3
output.every = "5 min"
[electrode]
sink = "fraction"
contact_noise = 0.1
layer = "1.5 um"
protocol = [{ step = "strip", current_density = "0.5 mA/cm2", duration = "20 min" }, { step = "rest", duration = "2 min" },
            { step = "plate", current_density = "0.5 mA/cm2", duration = "10 min" }]
""",
    "creep": """
domain.length = ["6.4 nm", "6.4 nm"]
domain.cells = [32, 32]
initial.x = 0.25
time.end = "8 us"
output.every = "2 us"
output.fields = ["x", "von_mises", "creep_strain"]
[elasticity]
model = "cubic"
moduli = "mixed"
creep.model = "viscous"
creep.relaxation_time = "20 us"
""",
}


@dataclass
class Fault:
    """What happens at call number `at` of those below the folder of results, or of those that read `call`, and a file
    that tells of all calls."""

    kind: str = ""
    at: int = 1
    call: str = ""
    log: Path | str = ""


NO_FAULT = Fault()


class Run:
    """A case in a folder of its own, with results in `results`."""

    def __init__(self, folder: Path, case: str, checkpoint_every: str = "50 ms"):
        self.folder = folder
        self.results = folder / "results"
        self.case = folder / "case.toml"
        folder.mkdir(parents=True, exist_ok=True)
        head = {
            "system": str(SYSTEMS / "li-na.toml"),
            "temperature": "298.15 K",
            "planning": "estimate",
            "output.precision": "float64",
            "output.checkpoint_every": checkpoint_every,
        }
        self.case.write_text("threads = 1\n" + "".join(f'{key} = "{value}"\n' for key, value in head.items()) + case)

    def start(self, *arguments: str, fault: Fault = NO_FAULT) -> subprocess.Popen:
        environment = os.environ | {
            "OMP_NUM_THREADS": "1",
            "LD_PRELOAD": os.environ["SPINODE_IO_FAULTS"],
            "IO_FAULTS_FOLDER": str(self.results),
            "IO_FAULTS": fault.kind,
            "IO_FAULTS_AT": str(fault.at),
            "IO_FAULTS_CALL": fault.call,
            "IO_FAULTS_LOG": str(fault.log),
        }
        command = [os.environ["SPINODE"], "run", str(self.case), "--output", str(self.results), "--quiet", *arguments]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *arguments: str, fault: Fault = NO_FAULT) -> subprocess.CompletedProcess:
        process = self.start(*arguments, fault=fault)
        out, error = process.communicate(timeout=TIME_LIMIT)
        return subprocess.CompletedProcess(process.args, process.returncode, out, error)

    def finish(self, *arguments: str) -> "Run":
        """Runs to the end, undisturbed."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return self

    def resume(self) -> "Run":
        return self.finish("--resume")

    def remove(self) -> None:
        """Thousands of runs would take minutes to remove afterwards."""
        shutil.rmtree(self.folder)


def datasets(file: Path) -> dict[str, tuple]:
    """Type, shape and bytes of every dataset, and the attributes of every object."""
    found = {}
    with h5py.File(file) as source:

        def visit(name: str, item: h5py.HLObject) -> None:
            if isinstance(item, h5py.Dataset):
                values = item[()]
                found[name] = (item.dtype.str, item.shape, np.asarray(values).tobytes())
            for key, value in item.attrs.items():
                found[f"{name}@{key}"] = np.asarray(value).tobytes()

        visit("", source)
        source.visititems(visit)
    return found


def table(file: Path) -> list[list[str]]:
    return [line.split(",") for line in file.read_text().split("\n")[:-1]]


def faults_of(run: Run, torn: bool = False) -> list[str]:
    """What is wrong with the files of a run that have their final names. torn: the last line of a table may be cut."""
    found = []
    for file in sorted(path for path in run.results.rglob("*") if path.is_file()):
        try:
            if file.suffix in (".h5", ".hdf"):
                datasets(file)
                label = re.match(rb"spinode HDF5 after 512 bytes: XXH3-64 [0-9a-f]{16} of (\d+) bytes\n", file.read_bytes()[:512])
                assert bool(label) == (file.parent.name == "checkpoints"), "label"
                assert not label or int(label[1]) == file.stat().st_size - 512, "size"
            elif file.suffix == ".csv":
                text = file.read_text()
                assert torn or text.endswith("\n"), "last line"
                header, *rows = table(file)
                assert all(len(row) == len(header) for row in rows), "cells"
                [float(cell) for row in rows for name, cell in zip(header, row) if name != "reason"]
            elif file.suffix == ".xdmf":
                for item in xml.etree.ElementTree.parse(file).iter("DataItem"):
                    if item.get("Format") == "HDF":
                        name, dataset = item.text.split(":")
                        assert dataset.lstrip("/") in datasets(file.parent / name), item.text
            elif file.suffix == ".json":
                json.loads(file.read_text())
            elif file.suffix == ".toml":
                assert tomllib.loads(file.read_text()), "empty"
        except Exception as error:  # noqa: BLE001: whatever a reader stumbles over
            found.append(f"{file.relative_to(run.results)}: {error!r}")
    return found


def parts(run: Run) -> list[str]:
    return sorted(str(path.relative_to(run.results)) for path in run.results.rglob("*.part"))


# What differs between two runs of one case: when and where they ran.
CIRCUMSTANCES = {"@host", "@created"}


def without_checkpoints(config: bytes) -> bytes:
    return re.sub(rb"checkpoint_every = .*\n", b"", config)


def contents(file: Path) -> dict:
    """What a file must share with that of another run of the same case, whatever the checkpoints."""
    if file.suffix in (".h5", ".hdf"):
        found = {name: value for name, value in datasets(file).items() if name not in CIRCUMSTANCES}
        return {name: without_checkpoints(value) if name == "@config" else value for name, value in found.items()}
    if file.name == "summary.json":
        return {name: value for name, value in json.loads(file.read_text()).items() if not name.endswith("_s")}
    return {"": without_checkpoints(file.read_bytes())}


contents_of_expected = functools.cache(contents)


def differences(run: Run, expected: Run) -> list[str]:
    """Results that are not those of another run that is over, bit for bit."""

    def names(of: Run) -> set[Path]:
        files = {path.relative_to(of.results) for path in of.results.rglob("*") if path.is_file()}
        return {name for name in files if name.parts[0] not in ("checkpoints", ".lock")}

    found = [f"{name}: in one of them" for name in names(run) ^ names(expected)]
    for name in sorted(names(run) & names(expected)):
        one, other = contents(run.results / name), contents_of_expected(expected.results / name)
        found += [f"{name}: {key}" for key in sorted(one.keys() | other.keys()) if one.get(key) != other.get(key)]
    return found
