"""A Dask cluster started from the command line: a scheduler and worker nodes, each a process group of its own."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

DASK = [sys.executable, "-m", "dask"]


class Cluster:
    """Programs of a cluster; a context manager that ends whatever is left of them."""

    def __init__(self, folder: Path, protocol: str = "tcp", environment: dict[str, str] | None = None):
        self.folder, self.protocol = folder, protocol
        # Home and temporary files of its own: the folder is looked at for what is left behind.
        self.environment = os.environ | {"PYTHONWARNINGS": "ignore"} | (environment or {})
        self.groups: dict[str, subprocess.Popen] = {}
        self.address = ""

    def __enter__(self):
        self._start("scheduler", ["--host", f"{self.protocol}://127.0.0.1", "--port", "0", "--no-dashboard"])
        self.address = self._said("scheduler", r"Scheduler at:\s+(\S+)")
        return self

    def __exit__(self, *_):
        for name in list(self.groups):
            self.kill(name)

    def worker(self, name: str, *options: str) -> None:
        """Start a worker node: one thread, so one run at a time."""
        common = ["--nthreads", "1", "--no-dashboard", "--local-directory", str(self.folder), "--memory-limit", "0"]
        host = ["--host", f"{self.protocol}://127.0.0.1"] if self.protocol == "tls" else ["--host", "127.0.0.1"]
        self._start("worker", [self.address, "--name", name, *host, *common, *options], name)
        self._said(name, "Registered to")

    def kill(self, name: str) -> None:
        """Kill all of a node at once, as a power cut would."""
        process = self.groups.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def _start(self, kind: str, options: list[str], name: str | None = None) -> None:
        name = name or kind
        with (self.folder / f"{name}.log").open("w") as log:
            command = [*DASK, kind, *options]
            self.groups[name] = subprocess.Popen(
                command, stdout=log, stderr=log, env=self.environment, cwd=self.folder, start_new_session=True
            )

    def _said(self, name: str, pattern: str, seconds: float = 60) -> str:
        end = time.monotonic() + seconds
        while not (found := re.search(pattern, self.log(name))):
            if time.monotonic() > end or self.groups[name].poll() is not None:
                raise AssertionError(f"{name} did not start:\n{self.log(name)}")
            time.sleep(0.05)
        return found[found.lastindex or 0]
