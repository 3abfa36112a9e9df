"""Processes that are killed, or whose disk fails, at the k-th call of the system while they write.

Where the system lets strace trace them, it injects the faults; else Python's own functions do, in the same processes.
"""

from __future__ import annotations

import builtins
import errno
import io
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing import forkserver
from pathlib import Path

from disks import may_trace

TRACING = may_trace() and not os.environ.get("LENSDOC_TEST_NO_TRACING")
"""Whether strace injects."""
CALLS = ("openat", "write", "fsync", "rename", "close", "unlink", "mkdir", "chmod", "lseek", "getdents64")
"""What a writer may ask of the system."""
FAULTS = {"SIGKILL": "signal=SIGKILL", "ENOSPC": "error=ENOSPC", "EIO": "error=EIO"}
_FORKS = multiprocessing.get_context("forkserver")

UNHURT, FAILED, KILLED = 0, 3, -signal.SIGKILL


@dataclass
class Crash:
    """How a process ended, and whether the fault came."""

    code: int
    fired: bool
    said: str = ""


def crash(call, fault, when, write, *arguments):
    """Call `write` in a process of its own in which the `when`-th such system call fails (`2+`: it and all after it)."""
    _start(write.__module__)
    here, there = _FORKS.Pipe()
    process = _FORKS.Process(target=_child, args=(there, None if TRACING else (call, fault, when), write, arguments))
    process.start()
    there.close()
    assert here.recv() == "ready"
    with tempfile.NamedTemporaryFile() as log:
        tracer = _attach(process.pid, call, fault, when, log.name) if TRACING else None
        here.send("go")
        said = _last(here)
        process.join()
        if tracer:
            tracer.wait()
            told = Path(log.name).read_text()
            fired = "(INJECTED)" in told or "killed by SIGKILL" in told
        else:
            fired = process.exitcode == KILLED or "fired" in said
    return Crash(process.exitcode, fired, said)


@cache
def _start(module):
    """Start the process that all others are forked from, with everything imported."""
    _FORKS.set_forkserver_preload(["lensdoc.pipeline.job", "filelock", "crashes", module])
    before = os.environ.get("PYTHONPATH", "")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), before])
    forkserver.ensure_running()
    os.environ["PYTHONPATH"] = before


def _last(here):
    said = ""
    try:
        while True:
            said += here.recv()
    except EOFError:
        return said


def _attach(pid, call, fault, when, log):
    inject = f"inject={call}:{FAULTS[fault]}:when={when}"
    command = ["strace", "-qq", "-o", log, "-p", str(pid), "-e", f"trace={call}", "-e", inject]
    tracer = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while f"TracerPid:\t{tracer.pid}\n" not in Path(f"/proc/{pid}/status").read_text():
        assert tracer.poll() is None, "strace could not attach"
    return tracer


def _child(there, injection, write, arguments):
    there.send("ready")
    there.recv()
    fired = _inject(*injection) if injection else []
    try:
        write(*arguments)
    except OSError as error:
        code, said = FAILED, "; ".join([str(error), *getattr(error, "__notes__", [])])
    else:
        code, said = UNHURT, ""
    sys.stdout.flush()
    if injection:
        fired += [""]  # no more faults
        said += "fired" if len(fired) > 1 else ""
    for _ in range(2 if said else 0):  # the fault may hit this too, once
        with suppress(OSError):
            there.send(said)
            break
    os._exit(code)


_PYTHON = {"fsync": "fsync", "rename": "replace", "unlink": "unlink", "mkdir": "mkdir", "chmod": "chmod", "close": "close"}


def _inject(call, fault, when):
    """Make a function of Python fail where no system call can be made to; returns what grows when it has."""
    fired = []
    first, on = int(str(when).rstrip("+")), str(when).endswith("+")
    count = 0

    def failing(real):
        def call_it(*arguments, **options):
            nonlocal count
            count += 1
            if "" in fired or not (count == first or (on and count > first)):
                return real(*arguments, **options)
            fired.append(call)
            if fault == "SIGKILL":
                os.kill(os.getpid(), signal.SIGKILL)
            number = getattr(errno, fault)
            raise OSError(number, os.strerror(number))

        return call_it

    if call == "openat":
        os.open = failing(os.open)
        io.open = builtins.open = failing(io.open)
    elif call == "write":
        os.fdopen, io.open = _files(os.fdopen, failing), _files(io.open, failing)
    elif call in _PYTHON:
        setattr(os, _PYTHON[call], failing(getattr(os, _PYTHON[call])))
    return fired


def _files(real, failing):
    """Files whose writing fails with half of the text written."""
    torn = failing(lambda: None)

    def opened(*arguments, **options):
        file = real(*arguments, **options)
        write = file.write

        def write_half(content):
            write(content[: len(content) // 2])
            file.flush()
            torn()
            return write(content[len(content) // 2 :])

        file.write = write_half
        return file

    return opened
