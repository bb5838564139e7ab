"""A study that is killed again and again ends as one that is left alone.

Environment: SPINODE, the path of the spinode binary; SPINODE_EVERY_FAULT=1 for the larger study.
"""

import csv
import os
import random
import resource
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from small import CASE

SPINODE = os.environ["SPINODE"]
TIME_LIMIT = 120  # s
KILLS = 5
# 80 cases, or 200 where time does not matter.
TEMPERATURES = 5 if os.environ.get("SPINODE_EVERY_FAULT") else 2
CASES = 40 * TEMPERATURES
LARGEST_FILE = 400_000  # bytes; a snapshot of 256 cells squared has more, the table of the study has less

# Of the last axis' five, steps of the fourth take x out of 0 to 1, and the fifth writes files that are too
# large: one failure that a summary tells, and one without.
STUDY = f"""
base = "case.toml"
replicas = 2
[[axes]]
temperature = {{ linspace = ["250 K", "350 K", {TEMPERATURES}] }}
[[axes]]
initial.x = {{ linspace = ["18 at%", "30 at%", 4] }}
[[axes]]
"domain.length[1]" = ["10 nm", "11 nm", "12 nm", "12 nm", "200 nm"]
"domain.cells[0]" = [16, 16, 16, 16, 256]
"domain.cells[1]" = [16, 16, 16, 16, 256]
"domain.length[0]" = ["10 nm", "10 nm", "10 nm", "10 nm", "200 nm"]
time.step = ["0.5 us", "0.5 us", "0.5 us", "1 s", "0.5 us"]
time.end = ["5 us", "5 us", "5 us", "1e10 s", "5 us"]
output.every = ["2 us", "2 us", "2 us", "1e9 s", "2 us"]
"""


def start(folder: Path, *options: str) -> subprocess.Popen:
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    return subprocess.Popen(
        [SPINODE, "sweep", "study.toml", "--output", "results", *options],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=limit,
    )


def ended(process: subprocess.Popen) -> int:
    out, err = process.communicate(timeout=TIME_LIMIT)
    assert err.count("\n") == 1 and f"{2 * CASES // 5} of {CASES} cases failed" in err, (out[-2000:], err)
    return process.returncode


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "results/study.csv").open(newline="") as file:
        return [{name: cell for name, cell in row.items() if not name.startswith("wall_time")} for row in csv.DictReader(file)]


def children(process: subprocess.Popen) -> list[int]:
    with suppress(FileNotFoundError):
        return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
    return []


def summaries(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.glob("results/cases/*/summary.json")}


def wait_for(condition) -> None:
    deadline = time.monotonic() + TIME_LIMIT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def folder_of(study: str, folder: Path) -> Path:
    folder.mkdir()
    (folder / "case.toml").write_text(CASE)
    (folder / "study.toml").write_text(study)
    return folder


def test_a_study_killed_five_times_has_the_table_of_one_left_alone(tmp_path):
    alone = folder_of(STUDY, tmp_path / "alone")
    assert ended(start(alone)) == 3
    expected = table(alone)
    assert [sum(row["state"] == state for row in expected) for state in ("finished", "failed")] == [3 * CASES // 5, 2 * CASES // 5]
    assert all("no time step" in row["failure"] for row in expected if row["time.step"] == "1 s")
    assert all("too large" in row["failure"] for row in expected if row["domain.cells[0]"] == "256")

    draw = random.Random(9)
    killed = folder_of(STUDY, tmp_path / "killed")
    over: dict[Path, int] = {}
    for kill in range(KILLS):
        process = start(killed, *(["--resume"] if kill else []))
        enough = len(over) + draw.randint(1, CASES // 8)
        wait_for(lambda: len(summaries(killed)) >= enough)
        time.sleep(draw.uniform(0, 0.1))
        # With its cases, or alone: then they stop by themselves, and may still do so when the study goes on.
        victims = [process.pid, *(children(process) if kill % 2 else [])]
        for victim in victims:
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        process.communicate(timeout=TIME_LIMIT)
        assert process.returncode == -signal.SIGKILL
        now = summaries(killed)
        assert over.items() <= now.items()
        over = now
    assert len(over) < 4 * CASES // 5, "kills came too late"
    assert ended(start(killed, "--resume")) == 3
    assert over.items() <= summaries(killed).items()
    assert table(killed) == expected


def test_a_signal_stops_a_study_with_checkpoints(tmp_path):
    study = folder_of(STUDY.replace('"5 us"', '"20 ms"').replace('"2 us"', '"1 ms"'), tmp_path / "study")
    process = start(study)
    wait_for(lambda: list(study.glob("results/cases/0001/checkpoints/*.h5")))
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=TIME_LIMIT)
    assert process.returncode == 130
    assert err.count("\n") == 1 and "--resume --output results goes on" in err
    states = [row["state"] for row in table(study)]
    assert states[0] == "interrupted" and states[-1] == "waiting" and "failed" not in states
