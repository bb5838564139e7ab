"""Fixtures of the tests of parameter studies."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from slurm import Cluster, SlurmError


@pytest.fixture(scope="session")
def slurm() -> Iterator[Cluster]:
    with ExitStack() as stack:
        try:
            cluster = stack.enter_context(Cluster(cpus=2, max_array_size=5))
        except SlurmError as reason:
            pytest.skip(f"no Slurm here: {reason}")
        yield cluster
