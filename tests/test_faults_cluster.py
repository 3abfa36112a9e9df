"""A real Dask cluster that loses a node, or its scheduler: what is left behind; what is told is in test_cluster.py."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager

import pytest
from faulty import changed_copy, digests, ended, linux, parent, wait_until

pytestmark = [linux, pytest.mark.long]

WAIT_ONCE = """
import pathlib, time
flag = pathlib.Path(os.environ["FLAG"])
if not flag.exists():
    flag.write_text(str(os.getpid()))
    time.sleep(100)"""


@contextmanager
def cluster(article, folder):
    """A scheduler and two worker nodes, each in a process group of its own: address, scheduler, nodes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
    port = address.rpartition(":")[2]
    environment = article.environment(WAIT_ONCE)

    def start(*arguments):
        command = [sys.executable, "-P", "-m", "dask", *arguments]
        log = stack.enter_context((folder / f"{arguments[0]}-{len(started)}.log").open("w"))
        started.append(subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True))
        return started[-1]

    started = []
    with ExitStack() as stack:
        try:
            scheduler = start("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
            options = ("--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(folder))
            nodes = [start("worker", address, *options) for _ in range(2)]
            logs = [folder / f"worker-{number}.log" for number in (1, 2)]
            wait_until(lambda: all("Starting established" in log.read_text() for log in logs), "cluster of two")
            yield address, scheduler, nodes
        finally:
            for process in started:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def node_of(kernel, nodes):
    """The node below which a kernel computes."""
    pids = {node.pid: node for node in nodes}
    while kernel not in pids:
        kernel = parent(kernel)
    return pids[kernel]


def test_a_worker_node_is_killed(told, tmp_path):
    """Another takes the run up; the command does not fail."""
    with changed_copy(told, tmp_path / "article") as mine, cluster(mine.article, tmp_path) as (address, _, nodes):
        command = mine.article.begin("run", "--cluster", address)
        node = node_of(mine.article.wait_for_kernel(), nodes)
        os.killpg(node.pid, signal.SIGKILL)
        done = ended(command)
        assert done.code == 0, done.said
        assert digests(mine.article.results()) == digests(mine.new)
        assert mine.article.words() == ["fresh"]


def test_the_scheduler_is_killed(told, tmp_path):
    with changed_copy(told, tmp_path / "article") as mine:
        with cluster(mine.article, tmp_path) as (address, scheduler, _):
            command = mine.article.begin("run", "--cluster", address)
            mine.article.wait_for_kernel()
            os.killpg(scheduler.pid, signal.SIGKILL)
            done = ended(command)
            assert done.code == 1, done.said
            assert "Traceback" not in done.said
            assert "run 'small' failed" in done.err
            mine.assert_whole()
        mine.article.assert_no_orphans()
        mine.assert_converges()
