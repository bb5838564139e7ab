"""A disk that fails at one call after the other: exit code 4, one line that says why, and every file stays readable."""

from pathlib import Path

import pytest
from runs import Fault, Run, differences, faults_of, parts

# + from then on, for every call that a full disk, or a folder without rights, refuses.
KINDS = ["ENOSPC+", "EIO", "EDQUOT+", "ENOSPC", "EIO+", "EACCES+"]


def sites(log: Path) -> list[tuple[int, str]]:
    """Number and text of each call; of a series of the same call on the same file the first and the last alone."""
    calls = log.read_text().splitlines()
    return [
        (i + 1, call)
        for i, call in enumerate(calls)
        if i == 0 or call != calls[i - 1] or i + 1 == len(calls) or call != calls[i + 1]
    ]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("undisturbed")
    run = Run(folder)
    assert run.run(fault=Fault(log=folder / "log")).returncode == 0
    assert not faults_of(run) and not parts(run)
    return run


def test_a_file_is_on_the_disk_before_it_takes_its_name(undisturbed):
    calls = [line.split(maxsplit=1) for line in (undisturbed.folder / "log").read_text().splitlines()]
    renamed = [(i, name) for i, (call, name) in enumerate(calls) if call == "rename"]
    assert {"/summary.json", "/resolved.toml", "/case.xdmf", "/structure_factor.h5"} <= {name for _, name in renamed}
    for i, name in renamed:
        assert calls[i - 1] == ["fsync", f"{name}.part"]
        assert calls[i + 2] == ["fsync", str(Path(name).parent)]


def removes(call: str) -> bool:
    return call.split()[0] in ("unlink", "unlinkat", "remove")


@pytest.mark.parametrize("shift", [0, 3])
def test_a_fault_at_any_call_ends_the_run_with_one_line_and_leaves_readable_files(undisturbed, tmp_path, shift):
    found = []
    for number, (at, call) in enumerate(sites(undisturbed.folder / "log")):
        kind = KINDS[(number + shift) % len(KINDS)]
        run = Run(tmp_path / str(at))
        done = run.run(fault=Fault(kind, at))
        left = parts(run)
        # Nothing can be removed from a folder without rights.
        bad = faults_of(run) + ([] if kind == "EACCES+" or removes(call) else left)
        if done.returncode != 4 and not removes(call):
            bad.append(f"exit code {done.returncode}")
        if done.returncode == 4 and (done.stderr.count("\n") != 1 or str(run.results) not in done.stderr):
            bad.append(f"message {done.stderr!r}")
        if done.returncode == 0 and done.stderr:
            bad.append(f"message {done.stderr!r}")
        if bad:
            found.append(f"{kind} at {at} ({call}): {bad}")
    assert not found, "\n".join(found)


def test_half_a_write_is_followed_by_the_other_half(undisturbed, tmp_path):
    found = []
    for at, call in sites(undisturbed.folder / "log"):
        if not call.startswith(("write", "pwrite")) or at % 3:
            continue
        run = Run(tmp_path / str(at))
        done = run.run(fault=Fault("short", at))
        if done.returncode or done.stderr or differences(run, undisturbed):
            found.append(f"{at} ({call}): {done.returncode} {done.stderr} {differences(run, undisturbed)}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("kind", ["kill", "tear"])
def test_a_run_killed_at_any_call_leaves_readable_files_and_resumes_to_the_same_end(undisturbed, tmp_path, kind):
    found = []
    for number, (at, call) in enumerate(sites(undisturbed.folder / "log")):
        # A kill in the middle of a write is worth a test only where there is one, and then beside a kill before it.
        if (kind == "tear") != (call.split()[0] in ("write", "pwrite", "writev") and number % 2 == 0):
            continue
        run = Run(tmp_path / str(at))
        killed = run.run(fault=Fault(kind, at))
        assert killed.returncode == -9, (at, call, killed)
        bad = faults_of(run, torn=kind == "tear")
        resumed = run.run("--resume")
        if resumed.returncode:
            bad.append(f"exit code {resumed.returncode}: {resumed.stderr}")
        else:
            bad += faults_of(run) + parts(run) + differences(run, undisturbed)
        if bad:
            found.append(f"{at} ({call}): {bad}")
    assert not found, "\n".join(found)
