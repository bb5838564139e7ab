"""Parameter studies as job arrays of Slurm give what they give on one machine, also after they were cut short.

Environment: SPINODE, the path of the spinode binary.
"""

import csv
import os
import re
import subprocess
import time
from pathlib import Path

from slurm import Cluster

SYSTEMS = Path(__file__).resolve().parents[2] / "configs" / "systems"
SPINODE = os.environ["SPINODE"]
TIME_LIMIT = 30  # s

SMALL = f"""
system = "{SYSTEMS / "li-na.toml"}"
threads = 1
temperature = "298.15 K"
domain.length = ["10 nm", "10 nm"]
domain.cells = [16, 16]
initial.x = 0.25
time.scheme = "semi_implicit"
time.step = "0.5 us"
time.end = "1.5 us"
output.every = "1 us"
"""
# Cases 5 and 6 fail: steps of 1 s take x out of 0 to 1.
TWO_THAT_FAIL = """
replicas = 2
[[axes]]
temperature = ["250 K", "300 K", "300 K", "350 K"]
initial.x = ["20 at%", "20 at%", "25 at%", "25 at%"]
time.step = ["0.5 us", "0.5 us", "1 s", "0.5 us"]
time.end = ["1.5 us", "1.5 us", "1e10 s", "1.5 us"]
output.every = ["1 us", "1 us", "1e9 s", "1 us"]
"""
# Cases 2 and 3 take seconds.
TWO_THAT_LAST = """
[[axes]]
initial.seed = [1, 2, 3]
time.end = ["1.5 us", "1.2 ms", "1.2 ms"]
output.every = ["1 us", "40 us", "40 us"]
"""


class Study:
    """A study in a folder of its own, with results in `results`."""

    def __init__(self, folder: Path, axes: str, slurm: Cluster, *options: str):
        self.folder = folder / "with a space"
        self.folder.mkdir()
        self.results = self.folder / "results"
        self.slurm = slurm
        (self.folder / "small.toml").write_text(SMALL)
        scheduler = "".join(f'"{option}", ' for option in options)
        head = f'base = "small.toml"\nset.planning = "estimate"\nscheduler.slurm = [{scheduler}]\n'
        (self.folder / "study.toml").write_text(head + axes)

    def spinode(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        environment = self.slurm.environment | {"OMP_NUM_THREADS": "1"} | environment
        return subprocess.run(
            [SPINODE, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, timeout=TIME_LIMIT
        )

    def sweep(self, *arguments: str, output: str = "results", **environment: str) -> subprocess.CompletedProcess:
        return self.spinode("sweep", "study.toml", "--output", output, *arguments, **environment)

    def submit(self, *arguments: str) -> dict[int, set[int]]:
        """The tasks of each array that Slurm has been given."""
        before = tasks(self.slurm)
        done = self.sweep("--scheduler", "slurm", *arguments)
        assert done.returncode == 0, done
        new = {job: numbers for job, numbers in tasks(self.slurm).items() if job not in before}
        assert all(re.search(rf"\b{job}\b", done.stdout) for job in new), (new, done)
        return new

    def table(self, output: str = "results") -> list[dict[str, str]]:
        """What the study has come to so far, but for what no two runs share."""
        done = self.spinode("collect", output)
        assert done.returncode == 0, done
        with (self.folder / output / "study.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            for column in [name for name in row if name.startswith("wall_time")]:
                del row[column]
        return rows

    def states(self) -> list[str]:
        return [row["state"] for row in self.table()]

    def expected(self) -> list[dict[str, str]]:
        """The table of the same study, run here."""
        self.sweep(output="expected")
        return self.table("expected")


def jobs(slurm: Cluster) -> list[dict[str, str]]:
    """All that Slurm knows about jobs, also of those that are over."""
    lines = slurm.done("scontrol", "show", "job", "--oneliner").splitlines()
    return [dict(word.split("=", 1) for word in line.split() if "=" in word) for line in lines]


def tasks(slurm: Cluster) -> dict[int, set[int]]:
    """Numbers within each array, whether they wait together or have become jobs."""
    found: dict[int, set[int]] = {}
    for job in jobs(slurm):
        if "ArrayJobId" not in job:
            continue
        numbers = found.setdefault(int(job["ArrayJobId"]), set())
        for part in job["ArrayTaskId"].split("%")[0].split(","):
            first, _, last = part.partition("-")
            numbers |= set(range(int(first), int(last or first) + 1))
    return found


def wait_for(condition) -> None:
    deadline = time.monotonic() + TIME_LIMIT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_arrays_give_the_table_of_a_study_on_one_machine(slurm, tmp_path):
    # Tasks start in another folder; eight are more than an array takes.
    study = Study(tmp_path, TWO_THAT_FAIL, slurm, "--chdir=/")
    arrays = study.submit()
    assert [len(numbers) for numbers in arrays.values()] == [5, 3]
    expected = study.expected()
    slurm.wait()
    assert study.table() == expected
    assert [row["case"] for row in expected if row["state"] == "failed"] == ["5", "6"]
    assert {row["state"] for row in expected} == {"finished", "failed"}
    exits = [job["ExitCode"] for job in jobs(slurm) if int(job.get("ArrayJobId", 0)) in arrays]
    assert sorted(exits) == ["0:0"] * 6 + ["3:0"] * 2
    for case in (5, 6):
        assert "no time step is small enough" in (study.results / f"cases/{case:04}.failure").read_text()


def test_a_study_that_is_cut_short_goes_on(slurm, tmp_path):
    study = Study(tmp_path, TWO_THAT_LAST, slurm)
    ((array, numbers),) = study.submit().items()
    assert len(numbers) == 3
    cases = study.results / "cases"
    wait_for(lambda: all(len(list(cases.glob(f"{case}/snapshots/*.hdf"))) > 2 for case in ("0002", "0003")))
    assert study.states() == ["finished", "running", "running"]
    assert study.spinode("sweep-status", "results").returncode == 0
    second, third = sorted(numbers)[1:]
    slurm.done("scancel", "--batch", "--signal=TERM", f"{array}_{second}")  # what --signal=B:TERM@60 does
    slurm.done("scancel", f"{array}_{third}")
    slurm.wait()
    assert study.states() == ["finished", "interrupted", "interrupted"]
    assert all(list(cases.glob(f"{case}/checkpoints/*.h5")) for case in ("0002", "0003"))
    assert {job["ArrayTaskId"]: job["ExitCode"] for job in jobs(slurm)}[str(second)] == "143:0"
    written = {path: path.stat().st_mtime_ns for path in cases.glob("*/snapshots/*.hdf")}
    ((_, again),) = study.submit("--resume").items()
    assert len(again) == 2
    expected = study.expected()
    slurm.wait()
    assert study.table() == expected
    assert {row["state"] for row in expected} == {"finished"}
    assert written == {path: path.stat().st_mtime_ns for path in written}


def test_slurm_is_told_what_a_case_needs(slurm, tmp_path):
    study = Study(tmp_path, "set.threads = 2\n" + TWO_THAT_LAST, slurm, "--hold", "--time=02:00:00")
    ((array, _),) = study.submit("-j", "2").items()
    assert study.states() == ["waiting"] * 3
    assert study.spinode("sweep-status", "results").returncode == 0
    (job,) = (job for job in jobs(slurm) if job["JobId"] == str(array))
    slurm.done("scancel", str(array))
    assert (job["CPUs/Task"], job["ArrayTaskThrottle"], job["TimeLimit"]) == ("2", "2", "02:00:00")
    script = (study.results / "slurm.sh").read_text()
    assert script.startswith("#!/bin/sh\n")
    assert "#SBATCH --signal=B:TERM@60\n" in script
    assert "#SBATCH --output=/dev/null\n" in script
    assert study.states() == ["waiting"] * 3


def test_what_slurm_refuses_is_an_error_of_one_line(slurm, tmp_path):
    study = Study(tmp_path, TWO_THAT_LAST, slurm, "--partition=nowhere")
    before = tasks(slurm)
    done = study.sweep("--scheduler", "slurm")
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1 and "invalid partition specified: nowhere" in done.stderr
    assert tasks(slurm) == before


def test_a_machine_without_slurm_is_an_error_of_one_line(slurm, tmp_path):
    done = Study(tmp_path, TWO_THAT_LAST, slurm).sweep("--scheduler", "slurm", PATH=str(tmp_path))
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1 and "sbatch" in done.stderr


def test_a_list_of_commands_is_for_any_scheduler(slurm, tmp_path):
    study = Study(tmp_path, TWO_THAT_FAIL, slurm)
    done = study.sweep("--scheduler", "list")
    assert done.returncode == 0, done
    commands = done.stdout.splitlines()
    assert len(commands) == 8
    codes = [slurm.command("sh", "-c", command, cwd="/").returncode for command in commands]
    assert codes == [0, 0, 0, 0, 3, 3, 0, 0]
    assert study.table() == study.expected()
