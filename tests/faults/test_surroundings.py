"""What happens around a run: a full file system, a folder that goes, a second run in it, signals."""

import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from runs import CASES, Fault, Run, datasets, differences, faults_of, parts

CASE = CASES["degenerate mobility"]
NEVER = "0 s"


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(tmp_path_factory.mktemp("undisturbed"), CASE).finish()


def wait_for(condition, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)


def snapshots(run: Run) -> list[Path]:
    return sorted(run.results.glob("snapshots/*.hdf"))


def slow_run(run: Run, *arguments: str, snapshot: int = 2) -> subprocess.Popen:
    """A run on a slow disk that has written some snapshots and goes on."""
    process = run.start(*arguments, fault=Fault("slow"))
    wait_for(lambda: len(snapshots(run)) >= snapshot, process)
    return process


def ended(process: subprocess.Popen) -> tuple[int, str]:
    error = process.communicate(timeout=30)[1]
    return process.returncode, error


def test_a_full_file_system_ends_a_run_that_goes_on_when_there_is_room(undisturbed, tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", place], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"a tmpfs of 2 MB cannot be mounted here: {mounted.stderr.strip()}")
    try:
        files = [path for path in undisturbed.results.rglob("*") if path.is_file() and path.parent.name != "checkpoints"]
        needed = sum(path.stat().st_size for path in files)
        for share in (0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95):
            room = int(share * needed)
            run = Run(place / "run", CASE)
            ballast = place / "ballast"
            ballast.write_bytes(bytes(shutil.disk_usage(place).free - room))
            code, error = ended(run.start())
            assert code == 4, room
            assert error.count("\n") == 1 and "No space left on device" in error, (room, error)
            assert faults_of(run) == [] and parts(run) == [], room
            ballast.unlink()
            run.resume()
            assert faults_of(run) + parts(run) + differences(run, undisturbed) == [], room
            run.remove()
    finally:
        subprocess.run(["umount", place], check=True)


def test_a_folder_that_goes_while_it_is_written_ends_the_run(tmp_path):
    run = Run(tmp_path / "run", CASE)
    process = slow_run(run)
    run.results.rename(tmp_path / "gone")
    code, error = ended(process)
    assert code == 4
    assert error.count("\n") == 1 and str(run.results) in error
    assert not run.results.exists()
    run.results = tmp_path / "gone"
    assert faults_of(run) == []


def test_a_folder_belongs_to_one_run(undisturbed, tmp_path):
    run = Run(tmp_path / "run", CASE)
    process = slow_run(run)
    for arguments in ((), ("--resume",), ("--overwrite",)):
        second = run.run(*arguments)
        assert second.returncode == 4, second
        assert second.stderr.count("\n") == 1 and str(run.results) in second.stderr
    assert ended(process) == (0, "")
    assert faults_of(run) + parts(run) + differences(run, undisturbed) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_run_after_a_checkpoint(undisturbed, tmp_path, number, code):
    run = Run(tmp_path / "run", CASE, checkpoint_every=NEVER)
    process = slow_run(run)
    process.send_signal(number)
    process.send_signal(number)  # as schedulers do: to each process of a job, and by its parent
    assert ended(process)[0] == code
    assert list(run.results.glob("checkpoints/*.h5"))
    assert faults_of(run) + parts(run) == []
    assert len(snapshots(run)) < len(snapshots(undisturbed))
    run.resume()
    assert differences(run, undisturbed) == []


def test_a_second_signal_ends_a_run_at_once(tmp_path):
    run = Run(tmp_path / "run", CASE, checkpoint_every=NEVER)
    process = slow_run(run)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    assert ended(process)[0] in (-signal.SIGINT, -signal.SIGTERM)
    assert faults_of(run) == []


def test_a_signal_asks_for_a_snapshot(undisturbed, tmp_path):
    run = Run(tmp_path / "run", CASE)
    process = slow_run(run)
    process.send_signal(signal.SIGUSR1)
    assert ended(process) == (0, "")
    assert faults_of(run) + parts(run) == []
    assert len(snapshots(run)) == len(snapshots(undisturbed)) + 1
    # It does not change the run.
    last = "VTKHDF/PointData/x"
    assert datasets(snapshots(run)[-1])[last] == datasets(snapshots(undisturbed)[-1])[last]
    assert differences(run, undisturbed)


def test_a_checkpoint_on_demand_of_a_run_with_measured_transforms_is_continued_with_the_same_ones(tmp_path):
    # Lengths that FFTW can split in several ways, and several processes: without what the checkpoint says of them, some
    # would measure others.
    case = CASE.replace("[32, 32]", "[60, 42]").replace('time.end = "30 us"', 'time.end = "8 us"')
    run = Run(tmp_path / "run", case, checkpoint_every=NEVER)
    run.case.write_text(run.case.read_text().replace('planning = "estimate"', 'planning = "measure"'))
    process = slow_run(run, snapshot=1)
    assert not list(run.results.glob("checkpoints/*.h5"))
    process.send_signal(signal.SIGUSR2)
    wait_for(lambda: list(run.results.glob("checkpoints/*.h5")), process)
    process.send_signal(signal.SIGSTOP)
    saved = shutil.copytree(run.results, tmp_path / "saved")
    process.send_signal(signal.SIGCONT)
    assert ended(process) == (0, "")
    for number in range(5):
        copy = Run(tmp_path / str(number), case)
        copy.case.write_text(run.case.read_text())
        shutil.copytree(saved, copy.results)
        copy.resume()
        assert faults_of(copy) + parts(copy) + differences(copy, run) == []
