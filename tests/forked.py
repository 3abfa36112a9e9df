"""Commands of tests in processes forked from one that has imported what they import: a second less for each.

`run` is `subprocess.run` for `python -c` and a code that `WARM` names. Each process of pytest-xdist starts one server for each
such code when it is first asked for; a server has one thread, forks for each request and never runs a command itself, so that
no two commands meet. What a command would do as a process of its own it does here: working folder, environment, arguments,
streams, exit code, what it does at its end. The environment at the time of imports, the seed of hashes and the modules that
are loaded are the server's; where those may matter, and where processes cannot be forked so, `run` starts a real process.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import types

MKDOCS = "from mkdocs.__main__ import cli; cli()"
LENSDOC = "from lensdoc.cli import main; main()"
WARM = {
    MKDOCS: (
        "mkdocs.__main__",
        "mkdocs.commands.build",
        "lensdoc.publish.extension",
        "lensdoc.publish.lint.checks",
        "lensdoc.publish.layout.setup",
        "lensdoc.explorables.factors",
        "pymdownx.arithmatex",
        "pymdownx.blocks.caption",
        "pymdownx.details",
        "pymdownx.tabbed",
        "material.templates",
        "material.plugins.search.plugin",
        "lensdoc.publish.engines.mkdocs.plugin",
        "mkdocs_jupyter.plugin",
    ),
    LENSDOC: ("lensdoc.cli", "lensdoc.pipeline.status", "lensdoc.pipeline.run"),
}
"""What commands import in any case, by their codes."""
FREE = ("PYTEST_", "SITE_URL", "LENSDOC_", "NO_COLOR", "NO_MKDOCS_2_WARNING")
"""Beginnings of variables that commands read when they run, and not when they are imported. Others are those of the server."""
QUIET = {"NO_MKDOCS_2_WARNING": "1", "NBCONVERT_DISABLE_CONFIG_EXPORTERS": "1"}
"""What imports see: no notice by the theme, and what lensdoc sets itself before it imports nbconvert."""
START = "import sys; del sys.path[0]; exec(compile(open(sys.argv[1]).read(), sys.argv[1], 'exec'))"
HEADER = 4


def run(command, *, cwd, env=None, timeout=None):
    """As `subprocess.run` with output and errors captured as text, and no exception for any exit code."""
    environment = dict(os.environ if env is None else env)
    if not can_fork(command, environment):
        options = {"cwd": cwd, "env": environment, "timeout": timeout}
        return subprocess.run(command, check=False, capture_output=True, text=True, **options)
    with tempfile.TemporaryFile("w+b") as output, tempfile.TemporaryFile("w+b") as errors:
        code = server(command[2]).ask(command, cwd, environment, (output, errors), timeout)
        said = []
        for file in (output, errors):
            file.seek(0)
            said.append(file.read().decode().replace("\r\n", "\n"))
    return subprocess.CompletedProcess(command, code, *said)


def can_fork(command, environment):
    """Whether a command is one that a server knows, and would find there what it finds in a process of its own."""
    known = sys.platform == "linux" and command[:2] == [sys.executable, "-c"] and command[2] in WARM
    return known and fixed(environment) == fixed(server(command[2]).environment)


def fixed(environment):
    """The variables that imports may read."""
    return {name: value for name, value in environment.items() if not name.startswith(FREE)}


SERVERS = {}


def server(code):
    """The server for a code; its own environment is that of the tests when it was first asked for."""
    if code not in SERVERS or SERVERS[code].process.poll() is not None:
        SERVERS[code] = Server(code)
        atexit.register(SERVERS[code].close)
    return SERVERS[code]


class Server:
    """A process that has imported what a command imports, seen from the tests."""

    def __init__(self, code):
        self.environment = dict(os.environ)
        self.socket, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, __file__, str(its.fileno()), *WARM[code]],
            cwd="/",
            env=self.environment | QUIET,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[its.fileno()],
            start_new_session=True,
        )
        its.close()

    def ask(self, command, cwd, environment, streams, timeout):
        """The exit code of a command: negative when a signal ended it, as in `subprocess`."""
        request = json.dumps({"command": command, "cwd": str(cwd), "environment": environment}).encode()
        numbers = array.array("i", [stream.fileno() for stream in streams])
        self.socket.sendmsg([len(request).to_bytes(HEADER)], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)])
        self.socket.sendall(request)
        self.socket.settimeout(timeout)
        try:
            answer = self.socket.recv(64)
        except BaseException as error:  # also Ctrl-C: what was asked for ends with the server
            self.close()
            if isinstance(error, TimeoutError):
                raise subprocess.TimeoutExpired(command, timeout) from None
            raise
        assert answer, f"the process that forks {command[2]!r} ended"
        return int(answer)

    def close(self):
        """End it, and what it runs."""
        self.socket.close()
        self.process.wait()


def serve(number, modules):
    """Import modules, then fork for each request until the other side closes its socket."""
    for module in modules:
        importlib.import_module(module)
    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()
    asking = socket.socket(fileno=number)
    while asking.recv(1, socket.MSG_PEEK):
        header, rights, _, _ = asking.recvmsg(HEADER, 64)
        request = json.loads(receive(asking, int.from_bytes(header)))
        numbers = array.array("i", rights[0][2])
        child = os.fork()
        if not child:
            asking.close()
            os.setpgid(0, 0)
            become(request, numbers)
        for descriptor in numbers:
            os.close(descriptor)
        with contextlib.suppress(BrokenPipeError):
            asking.sendall(str(os.waitstatus_to_exitcode(ended(child, asking))).encode())


def receive(asking, length):
    """So many bytes."""
    parts = b""
    while len(parts) < length:
        parts += asking.recv(length - len(parts))
    return parts


def ended(child, asking):
    """The status of a process once it has ended; it is killed when nobody waits for it any more."""
    watch = os.pidfd_open(child)
    with selectors.DefaultSelector() as selector:
        selector.register(watch, selectors.EVENT_READ)
        selector.register(asking, selectors.EVENT_READ)
        ready = {key.fileobj for key, _ in selector.select()}
    os.close(watch)
    if asking in ready and not asking.recv(1, socket.MSG_PEEK):
        os.killpg(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def become(request, numbers):
    """Be `python -c CODE ARGUMENTS` in a process that was just forked; does not return."""
    code = 1
    try:
        for number, stream in zip(numbers, (1, 2), strict=True):
            os.dup2(number, stream)
        os.closerange(3, 64)
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["environment"])
        sys.orig_argv = request["command"]
        sys.argv = ["-c", *request["command"][3:]]
        sys.path.insert(0, "")
        main = sys.modules["__main__"] = types.ModuleType("__main__")
        code = outcome(request["command"][2], vars(main))
    finally:
        with contextlib.suppress(BaseException):
            threading._shutdown()
            atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


def outcome(source, namespace):
    """The exit code of a program, as Python gives it."""
    try:
        exec(compile(source, "<string>", "exec"), namespace)  # noqa: S102 - a command of the tests
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return (end.code or 0) & 0xFF
        print(end.code, file=sys.stderr)
        return 1
    except BaseException as error:  # noqa: BLE001 - as Python does at the top
        trace = error.__traceback__
        error.with_traceback(trace and trace.tb_next)  # not this function
        sys.excepthook(type(error), error, error.__traceback__)
        return 1
    return 0


if __name__ == "__main__":
    serve(int(sys.argv[2]), sys.argv[3:])
