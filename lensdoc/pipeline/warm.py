"""The warm process: imports the libraries once, then forks a worker for each job, and a kernel for each worker.

It is given the number of a listening socket that it inherits, alone in a folder. It ends, and its workers and kernels with it,
when its standard input does: however the process that started it ends. A worker receives a job as one line of JSON and answers
with lines of JSON: events, and last a receipt or an error.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import selectors
import shutil
import signal
import socket
import sys
from pathlib import Path

from lensdoc.pipeline.kernels import ForkedKernel, die_with_parent

_LIBRARIES = (
    "numpy",
    "torch",
    "transformers",
    "transformers.generation.utils",
    "transformers.modeling_layers",
    "transformers.models.auto.modeling_auto",
    "transformers.models.auto.tokenization_auto",
    "scipy.optimize",
    "sklearn.cluster",
    "sklearn.decomposition",
    "papermill",
    "IPython.core.debugger",
    "IPython.extensions.storemagic",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "filelock",
    "pydantic.main",
    "pydantic.functional_validators",
    "tornado.platform.asyncio",
    "yaml",
)
"""What takes long to import. Nothing of lensdoc that computes: a kernel imports that itself, as it is edited."""


def main(number: int) -> None:
    """Serve jobs until standard input ends."""
    listening = socket.socket(fileno=number)
    prepare()
    selector = selectors.DefaultSelector()
    selector.register(listening, selectors.EVENT_READ)
    selector.register(sys.stdin, selectors.EVENT_READ)
    signal.signal(signal.SIGCHLD, _reap)
    while True:
        ready = {key.fileobj for key, _ in selector.select()}
        if sys.stdin in ready:
            shutil.rmtree(Path(listening.getsockname()).parent, ignore_errors=True)  # whoever made it may have been killed
            os._exit(0)
        connection, _ = listening.accept()
        warm = os.getpid()
        if not os.fork():
            selector.close()
            listening.close()
            _work(connection, warm)
        connection.close()


def prepare() -> None:
    """Import the libraries, and have nbformat compile what it validates notebooks by."""
    for library in _LIBRARIES:
        importlib.import_module(library)
    from nbformat import v4, validate

    validate(v4.new_notebook())


def _reap(*_: object) -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _work(connection: socket.socket, warm: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        die_with_parent(warm)
        forked = ForkedKernel(connection)
        from lensdoc.pipeline.worker import serve

        with connection, connection.makefile("r") as lines, connection.makefile("w") as answers:
            serve(lines, answers, forked)
    finally:
        os._exit(0)
