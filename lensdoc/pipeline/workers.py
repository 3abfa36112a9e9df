"""Processes that do jobs, seen from the process that sends them."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from lensdoc.core.errors import RunError
from lensdoc.pipeline import threads
from lensdoc.pipeline.failure import Failure, RunFailed
from lensdoc.pipeline.job import Job, Receipt, Tell

KERNELS = "LENSDOC_KERNELS"
"""Environment variable: `start` starts a new kernel for each run where kernels would be forked from a warm process."""

_WARM = "import sys; sys.path[:] = filter(None, sys.path); from lensdoc.pipeline.warm import main; main(int(sys.argv[1]))"
"""Not -P, which keeps the working folder off the path for good: IPython would not put that of a notebook there."""
_QUIET = {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}
"""ipykernel's debugger, which nobody uses here, warns of what it could not do."""
_SOCKET = "jobs"
_LONGEST_SOCKET = 107 if sys.platform == "linux" else 103
"""Bytes of the path of a socket."""
_LAST_LINES = 6
"""Shown of what a process that died said."""
_DYING = 5
"""Seconds that the warm process may take to end after its socket has."""


def forks() -> bool:
    """Whether kernels are forked here: on Linux, unless the environment says otherwise."""
    return sys.platform == "linux" and os.environ.get(KERNELS) != "start"


class Workers:
    """Does jobs, each in a process of its own, from any number of threads; a context manager.

    The warm process is started with the first job and ends with the last reference, or with this process, whatever ends it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._warm: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._processes: set[subprocess.Popen[str]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def do(self, job: Job, tell: Tell) -> Receipt:
        """Do a job.

        Raises:
            RunFailed: The run failed, or its process was killed.
        """
        return self._do_forked(job, tell) if forks() else self._do_started(job, tell)

    def warm(self) -> None:
        """Start the warm process, where kernels are forked: it imports its libraries while this process goes on."""
        if forks():
            self._address()

    def close(self) -> None:
        """End all processes, and what they do."""
        for process in list(self._processes):
            process.kill()
        with self._lock:
            if self._warm and self._warm.stdin:
                self._warm.kill()  # it may be importing for seconds yet; its workers and their kernels die with it
                self._warm.wait()
                self._warm.stdin.close()
            if self._folder:
                shutil.rmtree(self._folder, ignore_errors=True)
            if self._log:
                self._log.close()
            self._warm = self._folder = self._log = None

    def _do_forked(self, job: Job, tell: Tell) -> Receipt:
        address, warm, last_words = self._address()
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(address))
                connection.sendall(json.dumps(job.data()).encode() + b"\n")
                with connection.makefile() as lines:
                    return _receipt(job, lines, tell, last_words)
        except (ConnectionError, FileNotFoundError):  # it ended before it took the job up
            with suppress(subprocess.TimeoutExpired):
                warm.wait(_DYING)
            what = f"run {job.run!r} failed: the process that imports the libraries ended; former results are untouched"
            raise RunFailed(Failure(job.run, "process", what + _last_lines(last_words()))) from None

    def _address(self) -> tuple[Path, subprocess.Popen[bytes], Callable[[], str]]:
        """The socket of the warm process, the process, and what it said last, which outlives a restart by another thread."""
        with self._lock:
            if self._warm and self._warm.poll() is not None:
                self._warm = None  # it was killed; its socket is deaf
            if not self._warm:
                self._start()
            assert self._folder
            assert self._warm
            assert self._log
            return self._folder / _SOCKET, self._warm, partial(self._last_words, self._warm, self._log)

    def _start(self) -> None:
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = _short_folder()
        self._log = (self._folder / "log").open("w+b")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(self._folder / _SOCKET))
            listening.listen()
            self._warm = subprocess.Popen(
                [sys.executable, "-c", _WARM, str(listening.fileno())],
                stdin=subprocess.PIPE,
                stdout=self._log,
                stderr=self._log,
                pass_fds=[listening.fileno()],
                start_new_session=True,  # Ctrl-C is for the process that asked, which then ends this one
                env=os.environ | threads.environment(threads.WARM) | _QUIET,
            )

    def _do_started(self, job: Job, tell: Tell) -> Receipt:
        command = [sys.executable, "-P", "-m", "lensdoc.pipeline.worker", str(os.getpid())]
        with tempfile.TemporaryFile("w+") as log:

            def last_words() -> str:
                log.seek(0)
                return log.read()

            with self._started(command, log) as process:
                assert process.stdin
                assert process.stdout
                with process.stdin as orders:
                    orders.write(json.dumps(job.data()) + "\n")
                return _receipt(job, process.stdout, tell, last_words)

    @contextmanager
    def _started(self, command: list[str], log: IO[str]) -> Iterator[subprocess.Popen[str]]:
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": log}
        options = {"text": True, "start_new_session": True, "env": os.environ | _QUIET}
        with subprocess.Popen(command, **streams, **options) as process:  # type: ignore[call-overload]
            self._processes.add(process)
            try:
                yield process
            finally:
                self._processes.discard(process)

    def _last_words(self, warm: subprocess.Popen[bytes], log: IO[bytes]) -> str:
        with self._lock:  # threads share the place in the file
            if log.closed or warm.poll() is None:
                return ""
            log.seek(0)
            return log.read().decode(errors="replace")


def _short_folder() -> Path:
    """A new folder whose path leaves room for the name of a socket: the system takes 107 characters, and TMPDIR may be long.

    Raises:
        RunError: There is no such folder that can be written.
    """
    tried = ["/tmp", "/var/tmp"]  # noqa: S108 - names in them are made by mkdtemp
    with suppress(FileNotFoundError):  # none that can be written
        tried = list(dict.fromkeys([tempfile.gettempdir(), *tried]))
    for parent in tried:
        with suppress(OSError):
            folder = Path(tempfile.mkdtemp(prefix="lensdoc-", dir=parent))
            if len(os.fsencode(folder / _SOCKET)) <= _LONGEST_SOCKET:
                return folder
            folder.rmdir()
    raise RunError(
        f"no folder for temporary files takes a socket, whose path has at most {_LONGEST_SOCKET} characters; tried "
        f"{', '.join(tried)}; set TMPDIR to a short path that can be written"
    )


def _receipt(job: Job, lines: Iterable[str], tell: Tell, last_words: Callable[[], str]) -> Receipt:
    for line in lines:
        said = json.loads(line)
        if "receipt" in said:
            return Receipt(**said["receipt"])
        if "failure" in said:
            raise RunFailed(Failure(**said["failure"]))
        tell(said)
    what = f"run {job.run!r} failed: its process was killed; former results are untouched"
    raise RunFailed(Failure(job.run, "process", what + _last_lines(last_words())))


def _last_lines(words: str) -> str:
    return "".join(f"\n    {line}" for line in words.strip().splitlines()[-_LAST_LINES:])
