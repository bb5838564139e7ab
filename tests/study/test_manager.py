"""What a study does with its processes, its folder and sbatch when others have a hand in them.

Environment: SPINODE, the path of the spinode binary.
"""

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from small import CASE

SPINODE = os.environ["SPINODE"]
TIME_LIMIT = 30  # s
LONG = ("time.end=1 s", "output.every=1 ms")

STUDY = """
base = "case.toml"
[[axes]]
initial.seed = [1, 2]
"""


class Study:
    """Two cases in a folder of their own, with results in `results`."""

    def __init__(self, folder: Path, text: str = STUDY):
        self.folder = folder
        self.cases = folder / "results/cases"
        (folder / "case.toml").write_text(CASE)
        (folder / "study.toml").write_text(text)

    def start(self, *arguments: str, command: str = SPINODE, **environment: str) -> subprocess.Popen:
        return subprocess.Popen(
            [command, *arguments], cwd=self.folder, env=os.environ | {"OMP_NUM_THREADS": "1"} | environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )

    def sweep(self, *arguments: str, **options: str) -> subprocess.Popen:
        return self.start("sweep", "study.toml", "--output", "results", *arguments, **options)

    def states(self) -> list[str]:
        self.done(self.start("collect", "results"))
        return re.findall(r",(waiting|running|interrupted|finished|failed),", (self.folder / "results/study.csv").read_text())

    def done(self, process: subprocess.Popen, code: int = 0) -> str:
        """What it prints, to standard error unless that is empty."""
        out, err = process.communicate(timeout=TIME_LIMIT)
        assert process.returncode == code, (out, err)
        return err or out

    @contextmanager
    def held(self, case: str):
        """As if another process ran the case."""
        (self.cases / case).mkdir(exist_ok=True)
        with (self.cases / case / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def wait_for(condition):
    deadline = time.monotonic() + TIME_LIMIT
    while not (value := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return value


def children(process: subprocess.Popen) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def running(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


def takes_signals(process: subprocess.Popen) -> bool:
    """Whether it has begun to look after cases."""
    caught = re.search(r"^SigCgt:\s*(\w+)$", Path(f"/proc/{process.pid}/status").read_text(), re.MULTILINE)[1]
    return bool(int(caught, 16) >> signal.SIGCHLD - 1 & 1)


def run_of(process: subprocess.Popen) -> int:
    """The run of a case, once it is one."""
    return wait_for(lambda: [pid for pid in children(process) if b"\0run\0" in Path(f"/proc/{pid}/cmdline").read_bytes()])[0]


def test_a_case_is_a_process_of_its_own_that_ends_with_its_study(tmp_path):
    study = Study(tmp_path)
    tied = {"OMP_PROC_BIND": "true", "OMP_PLACES": "{0}", "GOMP_CPU_AFFINITY": "0"}
    process = study.sweep("-j", "1", "threads=1", *LONG, **tied)
    run = run_of(process)
    assert os.getpgid(run) == run
    assert os.readlink(f"/proc/{run}/fd/0") == "/dev/null"
    words = Path(f"/proc/{run}/cmdline").read_text().split("\0")
    assert "--resume" in words and words[words.index("--threads") + 1] == "1"
    environment = Path(f"/proc/{run}/environ").read_text().split("\0")
    assert not [entry for entry in environment if entry.split("=")[0] in {"OMP_NUM_THREADS", *tied}]
    wait_for(lambda: list(study.cases.glob("0001/checkpoints/*.h5")))
    assert len(children(process)) == 1
    process.kill()
    process.communicate()
    wait_for(lambda: not running(run))
    assert study.states() == ["interrupted", "waiting"]
    # It goes on where it was, in the same log.
    process = study.sweep("-j", "1", "threads=1", "--resume", *LONG)
    run_of(process)
    log = study.cases / "0001.log"
    wait_for(lambda: log.read_text().count("lambda_max = ") == 2)
    process.terminate()
    assert "study.toml threads=1 time.end=1 s" in study.done(process, 128 + signal.SIGTERM)


def test_a_second_signal_ends_cases_that_the_first_does_not_end(tmp_path):
    study = Study(tmp_path)
    process = study.sweep("-j", "1", *LONG)
    run = run_of(process)
    wait_for(lambda: list(study.cases.glob("0001/checkpoints/*.h5")))
    os.kill(run, signal.SIGSTOP)
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.7)
    process.send_signal(signal.SIGINT)
    assert "stopped: 0 finished, 2 to go" in study.done(process, 128 + signal.SIGINT)
    assert study.states() == ["interrupted", "waiting"]


def test_cases_that_others_end_have_not_finished(tmp_path):
    study = Study(tmp_path)
    process = study.sweep("-j", "1", *LONG)
    first = run_of(process)
    os.kill(first, signal.SIGSEGV)
    second = wait_for(lambda: [pid for pid in children(process) if pid != first and pid == run_of(process)])[0]
    wait_for(lambda: list(study.cases.glob("0002/checkpoints/*.h5")))
    os.kill(second, signal.SIGTERM)
    assert "stopped: 0 finished, 1 failed, 1 to go" in study.done(process, 128 + signal.SIGTERM)
    assert study.states() == ["failed", "interrupted"]
    assert (study.cases / "0001.failure").read_text() == "killed by signal 11 (Segmentation fault)\n"
    process = study.start("sweep-case", "results", "2")
    os.kill(run_of(process), signal.SIGTERM)
    assert study.done(process, 128 + signal.SIGTERM) == "case 2 stopped\n"


def test_cases_that_another_process_runs_are_waited_for(tmp_path):
    study = Study(tmp_path)
    study.done(study.sweep("--scheduler", "list"))
    with study.held("0001"):
        assert "0001: another process runs it" in study.done(study.start("sweep-case", "results", "1"), 4)
        assert "0001: another process runs it" in study.done(study.sweep("--overwrite"), 4)
        process = study.sweep("--resume")
        summary = wait_for(lambda: list(study.cases.glob("0002/summary.json")))[0]
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.6)
        assert "results: another run writes to it" in study.done(study.sweep("--resume"), 4)
    assert "2 finished in " in study.done(process)
    # Nor is one started that the other has ended.
    summary.rename(tmp_path / "summary.json")
    with study.held("0002"):
        process = study.sweep("--resume", "--quiet")
        wait_for(lambda: takes_signals(process))
        time.sleep(0.3)
        (study.cases / "0002.log").unlink()
        (tmp_path / "summary.json").rename(summary)
    assert study.done(process) == ""
    assert not (study.cases / "0002.log").exists()


def test_the_progress_of_a_case_is_that_of_its_last_whole_row(tmp_path):
    study = Study(tmp_path)
    study.done(study.sweep("--quiet"))
    first = study.cases / "0001/summary.json"
    first.write_text(json.dumps(json.loads(first.read_text()) | {"wall_time_s": {"setup": 15, "steps": 5}}))
    (study.cases / "0002/summary.json").unlink()
    rows = study.cases / "0002/timeseries.csv"
    rows.write_text("step,time [s],dt [s]\n" + "10,0.75e-6,1e-07\n" * 2000 + "11,1.2")
    with study.held("0002"):
        status = study.done(study.start("sweep-status", "results"))
        assert "1 finished, 1 running, 10 s left\n" in status and "case 2 50.0 %: initial.seed = 2\n" in status
        rows.write_text("step,time [s],dt [s]\n10,9,1e-07\n")
        assert "case 2 100.0 %" in study.done(study.start("sweep-status", "results"))
    (study.cases / "0002.failure").write_text("no room\n")
    assert "1 finished, 1 failed\n" in (status := study.done(study.start("sweep-status", "results")))
    assert "initial.seed = 2: no room; log in results/cases/0002.log\n" in status


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core")
def test_cases_share_the_cores(tmp_path):
    study = Study(tmp_path)
    cores = sorted(os.sched_getaffinity(0))[:2]

    def slots(*arguments: str, number: int = 2) -> str:
        command = shutil.which("taskset")
        process = study.start(
            "-c", ",".join(map(str, cores[:number])), SPINODE, "sweep", "study.toml", "--dry-run", *arguments, command=command
        )
        return re.search(r"^\d+ jobs? of .*$", study.done(process), re.MULTILINE)[0]

    assert slots() == "2 jobs of 1 thread on 2 cores"
    assert slots("-j", "3") == "2 jobs of 1 thread on 2 cores"
    assert slots(number=1) == "1 job of 1 thread on 1 core"
    assert slots("-j", "1") == "1 job of 2 threads on 2 cores"
    assert slots("-j", "1", "threads=1") == "1 job of 1 thread on 2 cores"
    assert slots("threads=2") == "1 job of 2 threads on 2 cores"
    assert slots("domain.length=['1 um', '1 um', '1 um']", "domain.cells=[2048, 2048, 2048]").startswith(
        "1 job of 2 threads on 2 cores: a case takes up to "
    )
    process = study.sweep("-j", "2", f"threads={len(os.sched_getaffinity(0))}", *LONG)
    run_of(process)
    wait_for(lambda: list(study.cases.glob("0001/checkpoints/*.h5")))
    assert len(children(process)) == 1
    process.terminate()
    study.done(process, 128 + signal.SIGTERM)


def test_a_study_outlives_a_rebuild_of_its_command(tmp_path):
    study = Study(tmp_path)
    command = shutil.copy(os.path.realpath(SPINODE), tmp_path / "command")
    process = study.sweep("-j", "1", command=command)
    wait_for((study.cases / "0001.log").exists)
    os.unlink(command)
    assert "2 finished in " in study.done(process)


def test_what_sbatch_is_told(tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    study = Study(tmp_path, STUDY.replace("[1, 2]", "{ linspace = [1, 7, 7] }") + '[scheduler]\nslurm = ["--mem=1G"]\n')
    for name, script in {
        "scontrol": "echo 'MaxArraySize            = 3'",
        # Number 13 has no luck.
        "sbatch": 'echo "$@" >> calls; n=$(($(wc -l < calls) + 10)); [ $n = 13 ] && '
        'printf "sbatch: error: no\\nsbatch: error: luck\\n" >&2 && exit 1; echo "sbatch: a word"; echo "$n;cluster"',
    }.items():
        (tools / name).write_text(f"#!/bin/sh\n{script}\n")
        (tools / name).chmod(0o755)
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    error = study.done(study.sweep("--scheduler", "slurm", "-j", "2", PATH=path), 4)
    assert error == "results/slurm.sh: not submitted: no; luck; jobs 11 12 are\n"
    assert (tmp_path / "calls").read_text().splitlines() == [
        "--parsable --array=0-2%2 results/slurm.sh 1",
        "--parsable --array=0-2%2 --dependency=afterany:11 results/slurm.sh 4",
        "--parsable --array=0%2 --dependency=afterany:12 results/slurm.sh 7",
    ]
    script = (tmp_path / "results/slurm.sh").read_text()
    assert "#SBATCH --mem=1G\n" in script and "#SBATCH --cpus-per-task=1\n" in script
    assert script.endswith(f" sweep-case {tmp_path}/results $(($1 + SLURM_ARRAY_TASK_ID)) --threads 1\n")
    # Those that have a summary are left out.
    (tmp_path / "calls").unlink()
    for case in ("0002", "0005"):
        (study.cases / case).mkdir()
        (study.cases / case / "summary.json").write_text('{"state": "finished"}')
    (tools / "scontrol").write_text("#!/bin/sh\necho MaxArraySize = 5 of no use; exit 1\n")
    said = study.done(study.sweep("--scheduler", "slurm", "--resume", PATH=path))
    assert "5 cases submitted as job 11: " in said
    assert (tmp_path / "calls").read_text() == "--parsable --array=0,2-3,5-6 results/slurm.sh 1\n"
    for case in study.cases.glob("*.toml"):
        (study.cases / case.stem).mkdir(exist_ok=True)
        (study.cases / case.stem / "summary.json").write_text('{"state": "finished"}')
    assert study.done(study.sweep("--scheduler", "slurm", "--resume", PATH=path)).endswith("no case is left to submit\n")
