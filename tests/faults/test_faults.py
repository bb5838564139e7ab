"""A disk that fails at one call after the other: exit code 4, one line that says why, and every file stays readable.

With SPINODE_EVERY_FAULT in the environment every call meets every fault.
"""

import os
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest
from runs import CASES, EVERY_STEP, SMALL, Fault, Run, differences, faults_of, parts

# + from then on, for every call that a full disk, or a folder without rights, refuses.
KINDS = ["ENOSPC+", "EIO", "EDQUOT+", "ENOSPC", "EIO+", "EACCES+"]
WRITES = ("write", "pwrite")
EVERY = "SPINODE_EVERY_FAULT" in os.environ


class Site(NamedTuple):
    """A call of a run."""

    thread: str
    call: str  # name and path
    at: int  # its number among those that read alike
    before: str  # the call of the same thread before it

    def fault(self, kind: str) -> Fault:
        return Fault(kind, self.at, self.call)

    def __str__(self) -> str:
        return f"{self.call} ({self.at})"


def all_sites(log: Path) -> list[Site]:
    found, number, before = [], Counter(), {}
    for line in log.read_text().splitlines():
        thread, call = line.split(" ", 1)
        number[call] += 1
        found.append(Site(thread, call, number[call], before.get(thread, "")))
        before[thread] = call
    return found


def sites(log: Path) -> list[Site]:
    """The calls that are worth a fault: of those on files of one sort the first and the last."""
    calls = all_sites(log)
    positions: dict[str, list[int]] = {}
    for i, site in enumerate(calls):
        sort = re.sub(r"\d+|(?<=checkpoints/)[ab]|(?<=measures/)\w+", "*", site.call)
        positions.setdefault(sort, []).append(i)
    chosen = {i for all_of_sort in positions.values() for i in (all_of_sort[0], all_of_sort[-1])}
    return [site for i, site in enumerate(calls) if EVERY or i in chosen]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("undisturbed")
    run = Run(folder, SMALL, EVERY_STEP)
    assert run.run(fault=Fault(log=folder / "log")).returncode == 0
    assert not faults_of(run) and not parts(run)
    return run


def test_a_file_is_on_the_disk_before_it_takes_its_name(undisturbed):
    names = set()
    for thread in ("main", "other"):
        calls = [site.call.split(" ") for site in all_sites(undisturbed.folder / "log") if site.thread == thread]
        for i, (call, name) in enumerate(calls):
            if call == "rename":
                assert calls[i - 1] == ["fsync", f"{name}.part"]
                assert calls[i + 2] == ["fsync", str(Path(name).parent).rstrip("/")]
                names.add((thread, name))
    assert {("main", "/summary.json"), ("main", "/resolved.toml")} <= names
    assert {("other", "/case.xdmf"), ("other", "/structure_factor.h5")} <= names


def test_a_checkpoint_waits_for_the_snapshots_that_it_counts_on(tmp_path):
    # On a slow disk, so that the step after a snapshot ends before that is written.
    run = Run(tmp_path, SMALL, EVERY_STEP)
    assert run.run(fault=Fault("slow", log=tmp_path / "log")).returncode == 0
    sites = all_sites(tmp_path / "log")
    checkpoints = [i for i, site in enumerate(sites) if site.call.startswith("open /checkpoints/")]
    assert len(checkpoints) >= 3
    for i in checkpoints:
        last = [site.call for site in sites[:i] if site.thread == "other"][-1]
        assert last == "fsync "  # of the folder that has the index


def test_the_rows_that_a_checkpoint_counts_on_are_on_the_disk_before_it(tmp_path):
    run = Run(tmp_path, CASES["degenerate mobility"])
    assert run.run(fault=Fault(log=tmp_path / "log")).returncode == 0
    tables, unsaved, checkpoints = set(), set(), 0
    for site in all_sites(tmp_path / "log"):
        call, name = site.call.split(" ")
        if call == "pwrite" and name.endswith(".csv"):
            tables.add(name)
            unsaved.add(name)
        elif call == "fsync":
            unsaved.discard(name)
        elif call == "rename" and name.startswith("/checkpoints/"):
            assert not unsaved
            checkpoints += 1
    assert checkpoints >= 1
    assert {"/timeseries.csv", "/rejections.csv", "/measures/structure.csv"} <= tables


def spares(call: str) -> bool:
    """Whether a run may go on without it: what is left over, and the name of who holds the lock."""
    return call.split()[0] in ("unlink", "unlinkat", "remove") or call in ("ftruncate /.lock", "pwrite /.lock")


@pytest.mark.parametrize("shift", range(len(KINDS)) if EVERY else [0])
def test_a_fault_at_any_call_ends_the_run_with_one_line_and_leaves_readable_files(undisturbed, tmp_path, shift):
    found = []
    for number, site in enumerate(sites(undisturbed.folder / "log")):
        call, kind = site.call, KINDS[(number + shift) % len(KINDS)]
        # Rights that are lost show at names alone, which may not come up again.
        if kind == "EACCES+" and not call.startswith(("open", "mkdir", "rename")):
            kind = "EIO"
        run = Run(tmp_path / str(number), SMALL, EVERY_STEP)
        done = run.run(fault=site.fault(kind))
        left = parts(run)
        # Nothing can be removed from a folder without rights.
        bad = faults_of(run) + ([] if kind == "EACCES+" or spares(call) else left)
        if done.returncode != 4 and not spares(call):
            bad.append(f"exit code {done.returncode}")
        if done.returncode == 4 and (done.stderr.count("\n") != 1 or str(run.results) not in done.stderr):
            bad.append(f"message {done.stderr!r}")
        if done.returncode == 0 and done.stderr:
            bad.append(f"message {done.stderr!r}")
        if bad:
            found.append(f"{kind} at {site}: {bad}")
        run.remove()
    assert not found, "\n".join(found)


def test_half_a_write_is_followed_by_the_other_half(undisturbed, tmp_path):
    found = []
    for number, site in enumerate(sites(undisturbed.folder / "log")):
        if not site.call.startswith(WRITES):
            continue
        run = Run(tmp_path / str(number), SMALL, EVERY_STEP)
        done = run.run(fault=site.fault("short"))
        if done.returncode or done.stderr or differences(run, undisturbed):
            found.append(f"{site}: {done.returncode} {done.stderr} {differences(run, undisturbed)}")
        run.remove()
    assert not found, "\n".join(found)


def faults_of_resumed(run: Run, undisturbed: Run, torn: bool) -> list[str]:
    """What is wrong with a run that was killed, and with its end."""
    found = faults_of(run, torn)
    resumed = run.run("--resume")
    if resumed.returncode:
        return [*found, f"exit code {resumed.returncode}: {resumed.stderr}"]
    return found + parts(run) + differences(run, undisturbed)


def matters(site: Site) -> bool:
    """Whether a kill at the call leaves something else than one at the call before: of a file under its temporary name
    all beginnings are alike, so the first is taken."""
    return not site.call.startswith(("fsync", "fdatasync", "open")) and (EVERY or site.call != site.before)


@pytest.mark.parametrize("kind", ["kill", "tear"])
def test_a_run_killed_at_any_call_leaves_readable_files_and_resumes_to_the_same_end(undisturbed, tmp_path, kind):
    found = []
    for number, site in enumerate(sites(undisturbed.folder / "log")):
        torn = site.call.startswith(WRITES) and not site.call.endswith(".part")
        if torn if kind == "tear" else matters(site):
            run = Run(tmp_path / str(number), SMALL, EVERY_STEP)
            killed = run.run(fault=site.fault(kind))
            assert killed.returncode == -9, (site, killed)
            if bad := faults_of_resumed(run, undisturbed, kind == "tear"):
                found.append(f"{site}: {bad}")
            run.remove()
    assert not found, "\n".join(found)


@pytest.mark.parametrize("killed_at", ["rename /checkpoints/a.h5", "rename /summary.json"])
def test_a_run_killed_at_any_call_of_its_resumption_can_be_resumed_again(undisturbed, tmp_path, killed_at):
    """Of one that had no checkpoint yet, and of one that had done all but the last."""
    first = Run(tmp_path / "first", SMALL, EVERY_STEP)
    assert first.run(fault=Fault("kill", call=killed_at)).returncode == -9
    copy = Run(tmp_path / "copy", SMALL, EVERY_STEP)
    shutil.copytree(first.results, copy.results)
    copy.run("--resume", fault=Fault(log=copy.folder / "log"))
    assert differences(copy, undisturbed) == []
    found = []
    for number, site in enumerate(all_sites(copy.folder / "log")):
        if re.match(r"open /checkpoints/[ab].h5.part", site.call):
            break
        if matters(site):
            run = Run(tmp_path / str(number), SMALL, EVERY_STEP)
            shutil.copytree(first.results, run.results)
            assert run.run("--resume", fault=site.fault("kill")).returncode == -9, site
            if bad := faults_of_resumed(run, undisturbed, torn=False):
                found.append(f"{site}: {bad}")
            run.remove()
    assert not found, "\n".join(found)
