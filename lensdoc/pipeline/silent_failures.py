"""What goes wrong in a kernel without an error of its cell; only a kernel imports this module.

A command of the shell that fails becomes an error of its cell: `!command`, `%system`, `x = !command`, `%pip`, and `%%script` with
a program that is not there. IPython goes on after them. Errors of threads, and of background scripts (`%%script --bg`), are
asked for once the last cell has run. What a notebook starts by `subprocess` or `os.system` is its own to check.
"""

from __future__ import annotations

import json
import shutil
import sys
import threading
import time
from dataclasses import dataclass, field
from functools import wraps
from importlib import import_module
from subprocess import STDOUT
from typing import Any

_GRACE = 2.0
"""Seconds that background scripts have to end in, after the last cell."""
_ASKED_TO_END = (-2, -15)
"""Exit codes of what `%killbgscripts` ended."""
_KEPT = "_lensdoc_silent_failures"
"""Attribute of IPython's shell: a notebook may take any module away and any name, but needs the shell."""


@dataclass
class _Kept:
    cells: int = 0
    """Number of code cells that have begun; IPython counts before a cell runs or behind it, by version."""
    found: list[tuple[int, str]] = field(default_factory=list)
    """Number of the code cell, and what went wrong."""
    background: list[tuple[int, str, Any]] = field(default_factory=list)
    """Number of the code cell, the command, and the process."""

    def begin(self, cell: Any) -> None:  # noqa: ANN401 - what IPython says of it
        """Count a cell; %%capture and others run one in another."""
        self.cells += bool(cell.store_history)


class CommandFailed(Exception):  # noqa: N818 - what an author reads before the message
    """A command of the shell did not end well."""

    def __init__(self, command: str, code: int) -> None:
        super().__init__(f"`{command}` ended with exit code {code}; where that is no mistake, write `{command} || true`")


def watch() -> str:
    """Begin to watch; called before the first cell."""
    shell, kept = _shell(), _Kept()
    setattr(shell, _KEPT, kept)
    shell.events.register("pre_run_cell", kept.begin)
    _watch_commands()
    _watch_scripts(shell, kept)
    told = threading.excepthook

    def note(error: threading.ExceptHookArgs) -> None:
        if error.exc_type is not SystemExit:
            name = error.thread.name if error.thread else "a thread"
            kept.found.append((kept.cells, f"{error.exc_type.__name__}: {error.exc_value}\n  in the thread {name!r}"))
        told(error)

    threading.excepthook = note
    return "watching"


def silent_failures() -> str:
    """What went wrong, as JSON: a list of pairs of the number of the code cell, from 1, and a text."""
    kept: _Kept = getattr(_shell(), _KEPT)
    end = time.monotonic() + _GRACE
    while any(process.returncode is None for _, _, process in kept.background) and time.monotonic() < end:
        time.sleep(0.02)
    ended = [(count, _said(command, process.returncode)) for count, command, process in kept.background]
    return json.dumps([*kept.found, *((count, said) for count, said in ended if said)])


def _said(command: str, code: int | None) -> str:
    if code is None:
        cure = "wait for it (`--proc p`, and `await p.wait()` in a later cell), or end it with %killbgscripts"
        return f"the background script {command!r} still ran when the last cell had run; {cure}"
    return f"the background script {command!r} ended with exit code {code}" if code and code not in _ASKED_TO_END else ""


def _shell() -> Any:  # noqa: ANN401 - IPython ships no types of it
    return sys.modules["IPython"].get_ipython()


def _watch_commands() -> None:
    """The functions by which IPython and ipykernel call the shell; their own callers expand variables before."""
    used = {name: vars(import_module(name)) for name in ("ipykernel.zmqshell", "IPython.core.interactiveshell")}
    process_handler = import_module("IPython.utils.process").process_handler
    call = used["ipykernel.zmqshell"]["system"]

    def system(command: str) -> int | None:
        code: int | None = call(command)
        if code:
            raise CommandFailed(command, code)
        return code

    def getoutput(command: str) -> str:
        ended = process_handler(command, lambda process: (process.communicate()[0], process.returncode), STDOUT)
        if ended is None:  # interrupted
            return ""
        if ended[1]:
            raise CommandFailed(command, ended[1])
        return str(ended[0], errors="replace")

    used["ipykernel.zmqshell"]["system"] = system
    used["IPython.core.interactiveshell"]["getoutput"] = getoutput


def _watch_scripts(shell: Any, kept: _Kept) -> None:  # noqa: ANN401 - IPython ships no types of it
    magics = shell.magics_manager.registry["ScriptMagics"]
    run, split = magics.shebang, import_module("IPython.utils.process").arg_split
    is_posix = not sys.platform.startswith("win")

    @wraps(run)  # its parser of options too
    def shebang(line: str, cell: str) -> None:
        parsed, command = run.parser.parse_known_args(split(line, posix=is_posix))
        if command and not shutil.which(command[0]):
            raise FileNotFoundError(f"no program {command[0]!r}, which this cell is for")
        if parsed.bg:
            magics.bg_processes = _Noting(magics.bg_processes, kept, line)
        run(line, cell)

    magics.shebang = shebang  # what %%bash and the others call
    shell.magics_manager.magics["cell"]["script"] = shebang


class _Noting(list[Any]):
    """The list to which IPython appends each background process; it drops those that have ended."""

    def __init__(self, processes: list[Any], kept: _Kept, command: str) -> None:
        super().__init__(processes)
        self._kept, self._command = kept, command

    def append(self, process: Any) -> None:  # noqa: ANN401 - of asyncio
        self._kept.background.append((self._kept.cells, self._command, process))
        super().append(process)
