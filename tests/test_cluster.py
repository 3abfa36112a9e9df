"""Runs on a real Dask cluster on this machine: nodes are process groups on loopback, and are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter

import pytest
from dask_cluster import Cluster
from projects import MARK, MODEL, NODE, NOTE, SAVE, alive, call, eight, end, make, noted, results, start, until

SLOW = "import time; time.sleep(1)"
BEYOND = 60.0
"""Seconds that losing a node may cost beyond the compute."""


@pytest.fixture
def mark(tmp_path):
    """A mark for all processes of the test; none may be left at its end."""
    yield tmp_path.name
    until(lambda: not alive(tmp_path.name), f"processes are left: {alive(tmp_path.name)}", 10)


@pytest.fixture
def cluster(tmp_path, mark):
    """A scheduler; the test starts the workers."""
    folder = tmp_path / "cluster"
    folder.mkdir()
    with Cluster(folder, environment={MARK: mark}) as started:
        yield started


def worker(cluster, name, *options):
    cluster.environment[NODE] = name
    cluster.worker(name, *options)


def test_eight_runs_are_done_as_here_while_one_of_two_nodes_is_killed(tmp_path, cluster, mark):
    side = tmp_path / "side"
    here = eight(tmp_path / "here", side, [NOTE, SLOW, MODEL])
    began = time.monotonic()
    code, _, errors = call(here, "run", mark=mark)
    compute = time.monotonic() - began
    assert (code, errors) == (0, "")
    side.unlink()

    there = eight(tmp_path / "there", side, [NOTE, SLOW, MODEL])
    worker(cluster, "one", "--no-nanny")
    worker(cluster, "two", "--no-nanny")
    began = time.monotonic()
    process = start(there, "run", "--cluster", cluster.address, mark=mark)
    until(lambda: [node for _, node in noted(side)].count("two") == 2, "a second run on node two")
    cluster.kill("two")
    lost = [run for run, node in noted(side) if node == "two"][-1]
    code, output, errors = end(process)
    took = time.monotonic() - began
    print(f"eight runs: {compute:.1f} s here, one at a time; {took:.1f} s on two nodes of which one was killed")

    assert (code, errors) == (0, "")
    assert output.count("1 record in") == 8
    assert results(there) == results(here)
    assert len(results(there)[0]) == 8
    assert took < compute + BEYOND
    times = Counter(run for run, _ in noted(side))
    assert times.pop(lost) == 2
    assert set(times.values()) == {1}
    assert not list((there.private / "attempts").iterdir())
    assert not list((there.private / "cluster").iterdir())
