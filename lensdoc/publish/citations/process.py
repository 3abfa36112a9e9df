"""The pandoc process that reads BibLaTeX and writes citations in CSL.

One process answers all requests of a build, and of the builds after it under `serve`; `cite.lua` is its side. It gets all texts
from here, so it reads no file of the author's and opens no connection.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lensdoc.core.errors import PublishError

SCRIPT = Path(__file__).parent / "cite.lua"
OLDEST, NEXT = (3, 1, 1), (4,)
"""Versions of pandoc whose document format and Lua functions are used here: the first that does, and the first that may not."""
MEMORY = "1g"
"""Heap of the process; 2,400 works take a tenth of it."""
NURSERY = "32m"
"""Memory between two small garbage collections; with the usual 8 MB they take a sixth of the time."""
SECONDS = 60.0
"""Time for one request, beyond what its size asks for."""
SECONDS_FOR_EACH = 0.05
"""Time for each work or citation of a request."""
_OUT_OF_MEMORY = 251
"""The exit status of a Haskell program whose heap is full."""
_CURE = "run `pip install pypandoc-binary`, or put pandoc 3 first on PATH (https://pandoc.org/installing.html)"
_NO_NETWORK = "http://127.0.0.1:9"
"""A proxy that nobody answers at."""


class PandocError(PublishError):
    """Pandoc is missing, or could not do what it was asked for."""


class PandocMissingError(PandocError):
    """There is no pandoc, or one of another version."""


class PandocEndedError(PandocError):
    """Pandoc took too long or too much memory, and was ended; what it knew is lost."""


def find_pandoc() -> str:
    """The program: that of the package pypandoc-binary, or else one on PATH.

    Raises:
        PandocMissingError: There is none.
    """
    package = find_spec("pypandoc")
    name = "pandoc.exe" if sys.platform == "win32" else "pandoc"
    own = Path(package.origin).parent / "files" / name if package and package.origin else None
    found = str(own) if own and own.is_file() else shutil.which("pandoc")
    if not found:
        raise PandocMissingError(f"citations need pandoc, which is not installed; {_CURE}")
    return found


class Pandoc:
    """A running process, and what it has been told so far."""

    def __init__(self, locale: str) -> None:
        """Start it; `locale` is the language in which it reads bibliographies, such as `en-US`.

        Raises:
            PandocMissingError: There is no pandoc, or one of another version.
        """
        self.references: set[str] = set()
        """Identifiers of the references that it has read."""
        self.styles: set[str] = set()
        """Names of the styles that it has."""
        program = find_pandoc()
        try:
            self._start([program, "+RTS", f"-M{MEMORY}", f"-A{NURSERY}", "-RTS"], locale)
        except PandocEndedError:  # a build of pandoc that takes no such options, or a version that has no `pandoc lua`
            _check_version(program, _told_version(program))
            self._start([program], locale)

    def _start(self, command: list[str], locale: str) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TMP", "TEMP", "TMPDIR") if name in os.environ}
        proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), _NO_NETWORK)
        self._process = subprocess.Popen(  # noqa: S603 - a program that was found, and arguments from here
            [*command, "lua", "-E", str(SCRIPT)],  # -E: no variable of the environment names Lua code to be run before
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=kept | proxies | {"LANG": locale, "LC_ALL": "C.UTF-8"},
        )
        self._answers: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        hello = self._answer(SECONDS)
        self.api: list[int] = hello["api"]
        try:
            _check_version(command[0], str(hello["pandoc"]))
        except PandocMissingError:
            self.close()
            raise

    def ask(self, does: str, size: int = 1, **request: object) -> dict[str, Any]:
        """The answer to a request.

        Args:
            does: The name of a function of `cite.lua`.
            size: How many works or citations it concerns; it has a time that grows with them.
            request: What the function needs.

        Raises:
            PandocError: Pandoc refuses; the message is its reason.
            PandocEndedError: It took too long or too much memory.
        """
        text = json.dumps({"does": does, **request}).encode()
        with contextlib.suppress(OSError):  # it has ended, which its answer tells
            self._input.write(b"%d\n" % len(text) + text)
            self._input.flush()
        answer = self._answer(SECONDS + SECONDS_FOR_EACH * size)
        if error := answer.get("error"):
            raise PandocError(" ".join(str(error).split()))
        return answer

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                stream and stream.close()

    @property
    def _input(self) -> Any:  # noqa: ANN401 - a pipe
        return self._process.stdin

    def _answer(self, seconds: float) -> dict[str, Any]:
        try:
            answer = self._answers.get(timeout=seconds)
        except queue.Empty:
            self.close()
            raise PandocEndedError(f"pandoc gave no answer within {seconds:.0f} s") from None
        if answer is None:
            with contextlib.suppress(subprocess.TimeoutExpired):  # it still runs where what it says is no answer
                self._process.wait(timeout=1)
            status = self._process.poll()
            self.close()
            reason = f"needed more than {MEMORY} of memory" if status == _OUT_OF_MEMORY else f"ended with status {status}"
            raise PandocEndedError(f"pandoc {reason}")
        return answer

    def _listen(self) -> None:
        """Read answers; in a thread, for a pipe has no time limit."""
        output, answers = self._process.stdout, self._answers
        with contextlib.suppress(OSError, ValueError):  # it is closed, or said something else
            while output and (length := output.readline()):
                answers.put(json.loads(output.read(int(length))))
        answers.put(None)


def _check_version(program: str, version: str) -> None:
    """See that a program is a pandoc that can be used; a version that it does not tell may be one.

    Raises:
        PandocMissingError: It is another; the message names the version that was found and what is needed.
    """
    found = tuple(map(int, re.findall(r"\d+", version)))
    if found and not OLDEST <= found < NEXT:
        needed = f"pandoc {'.'.join(map(str, OLDEST))} or a later release of pandoc {OLDEST[0]} is needed"
        raise PandocMissingError(f"{program} is pandoc {version}, and {needed}; {_CURE}")


def _told_version(program: str) -> str:
    """What `pandoc --version` says; nothing where it does not answer."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=SECONDS)  # noqa: S603 - as above
    except (OSError, subprocess.SubprocessError, UnicodeError):
        return ""
    found = re.match(r"pandoc\S* (\d+(?:\.\d+)*)", done.stdout)
    return found[1] if found else ""


_running: dict[tuple[int, str], Pandoc] = {}
lock = threading.RLock()
"""Held while a process is asked: it answers one request after another."""


def pandoc(locale: str) -> Pandoc:
    """The process for a language, started when it is needed; a fork of this process has its own.

    Raises:
        PandocMissingError: There is no pandoc, or one of another version.
    """
    name = (os.getpid(), locale)
    if name not in _running or not _running[name].alive:
        _running[name] = Pandoc(locale)
    return _running[name]


@atexit.register
def close() -> None:
    """End the processes that this one has started."""
    for (owner, _), process in _running.items():
        if owner == os.getpid():
            process.close()
    _running.clear()
