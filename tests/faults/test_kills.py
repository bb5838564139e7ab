"""Fifty runs killed at random times, several times each, and resumed to the end: the end is that of a run left alone."""

import random
import subprocess
import time

import pytest
from runs import CASES, NO_FAULT, Fault, Run, differences, faults_of, parts

PER_CASE = 10


@pytest.mark.parametrize("name", CASES)
def test_runs_killed_at_random_times_end_as_the_one_left_alone(name, tmp_path):
    start = time.monotonic()
    undisturbed = Run(tmp_path / "undisturbed", CASES[name]).finish()
    whole = time.monotonic() - start
    random.seed(name)
    found = []
    for number in range(PER_CASE):
        run = Run(tmp_path / str(number), CASES[name], checkpoint_every="20 ms")
        # On a slow disk most kills fall into a write.
        fault = Fault("slow") if number % 2 else NO_FAULT
        kills, delay = 0, whole
        while kills < 3 and delay > whole / 100:
            process = run.start("--resume", fault=fault)
            try:
                process.wait(random.uniform(0, delay))
                assert process.returncode == 0, process.communicate()[1]
                delay /= 2  # it was done before
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
                found += [f"run {number}, kill {kills}: {fault}" for fault in faults_of(run, torn=True)]
            process.communicate()
        assert kills, f"run {number} was never killed"
        run.resume()
        found += [f"run {number}: {fault}" for fault in faults_of(run) + parts(run) + differences(run, undisturbed)]
        run.remove()
    assert not found, "\n".join(found)
