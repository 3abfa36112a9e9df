"""What a notebook does that the key of its run does not hold, noted in its kernel by Python's audit events (PEP 578).

Imported by a kernel, before its first cell and after its last. It needs nothing but Python, and notes only what the notebook
asks for: its cells, the modules beside it, and the libraries that these call. What a library does while it is imported, and what
`load_model` reads, whose models are in the key, is left out. Native code that opens files by itself causes no events.
"""

from __future__ import annotations

import json
import os
import site
import sys
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

_PROGRAMS = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn"})
_FORKS = frozenset({"os.fork", "os.forkpty"})
_PACKAGE = str(Path(__file__).parents[1])
_SYSTEM = ("/proc", "/sys", "/dev", "/etc", "/run", "/bin", "/sbin", "/lib", "/lib64", "/System", "/Library")
_SHARED_SYSTEM = ("/usr/bin", "/usr/lib", "/usr/lib64", "/usr/share", "/usr/local/lib", "/usr/local/share")
_CACHES = ("matplotlib", "fontconfig", "numba", "ipykernel_")
"""Begin the names of folders in which libraries keep what they can make again."""
_SHARED = {"/", "/usr", "/usr/local", "/opt"}
"""Prefixes of a Python of the system, below which other things lie too."""
_WRITES = os.O_WRONLY | os.O_RDWR


class Observer:
    """Notes events of one kernel; an audit hook cannot be taken away, and ends with it."""

    def __init__(self, folder: Path) -> None:
        """Nothing is noted yet.

        Args:
            folder: The scratch folder of the run.
        """
        self.folder = str(folder.resolve())
        self.namespace = vars(sys.modules["__main__"])
        self.libraries = _folders_of_libraries()
        self.modules: set[str] = set()
        """Modules of lensdoc that were imported, whatever became of them."""
        self.imported: set[str] = set()
        """Libraries that the notebook imported, however it named them."""
        self.programs: set[str] = set()
        self.files: set[str] = set()
        self.written: set[str] = set()
        self.made: set[str] = set()
        """Temporary folders that the run made: what it reads there it, or a library, has written."""
        self.network = False
        self._handlers: dict[str, Callable[[Sequence[Any]], None]] = {
            "import": self._import,
            "exec": self._exec,
            "open": self._open,
            "tempfile.mkdtemp": lambda arguments: self.made.add(str(Path(os.fsdecode(arguments[0])).absolute())),
            "socket.connect": self._connect,
            **dict.fromkeys(_PROGRAMS, self._program),
            **dict.fromkeys(_FORKS, lambda _: self._note_program("a process of its own")),
        }

    def __call__(self, event: str, arguments: Sequence[Any]) -> None:
        """Take an event; whatever goes wrong here, the notebook goes on."""
        handler = self._handlers.get(event)
        if handler:
            with suppress(Exception):  # it would end what the notebook does
                handler(arguments)

    def seen(self) -> dict[str, Any]:
        """All that was noted, as JSON holds it."""
        noted = {"modules": self.modules, "imported": self.imported, "programs": self.programs, "files": self.files}
        outside = {name for name, file in _files_of_modules() if not self._is_known(file)}
        return {name: sorted(found) for name, found in noted.items()} | {"outside": sorted(outside), "network": self.network}

    def _import(self, arguments: Sequence[Any]) -> None:
        self._note_import(arguments[0].partition(".")[0])

    def _exec(self, arguments: Sequence[Any]) -> None:
        """A module is executed, by whatever loads it: `importlib` causes no event `import`."""
        code = arguments[0]
        if code.co_name != "<module>":
            return
        if code.co_filename.startswith(_PACKAGE + os.sep):
            self.modules.add(_module_of(code.co_filename))
        else:
            folder = max((one for one in self.libraries if _is_below(code.co_filename, (one,))), key=len, default=None)
            if folder:
                self._note_import(code.co_filename[len(folder) + 1 :].partition(os.sep)[0].removesuffix(".py"))

    def _note_import(self, name: str) -> None:
        if name not in self.imported and self._imports():
            self.imported.add(name)

    def _open(self, arguments: Sequence[Any]) -> None:
        name, mode, flags = arguments
        if not isinstance(name, str | bytes | os.PathLike):
            return
        path = os.path.abspath(os.fsdecode(name))  # noqa: PTH100 - called for every file that is opened
        if "w" in (mode or "") or "a" in (mode or "") or "x" in (mode or "") or flags & _WRITES:
            self.written.add(path)
        elif path not in self.written and self._is_foreign(path) and self._is_asked():
            self.files.add(self._named(path))

    def _connect(self, arguments: Sequence[Any]) -> None:
        if isinstance(arguments[1], tuple) and self._is_asked():
            self.network = True

    def _program(self, arguments: Sequence[Any]) -> None:
        command = next((one for one in arguments if isinstance(one, list | tuple)), arguments[0])
        parts = [os.fsdecode(part) for part in (command if isinstance(command, list | tuple) else [command])]
        by_shell = parts[1:2] == ["-c"] and os.path.basename(parts[0]).endswith("sh")  # noqa: PTH119 - for many events
        words = (parts[2] if by_shell else parts[0]).split()
        self._note_program(os.path.basename(words[0]) if words else "a shell")  # noqa: PTH119 - as above

    def _note_program(self, name: str) -> None:
        if self._is_asked():
            self.programs.add(name)

    def _is_foreign(self, path: str) -> bool:
        """Whether it is neither in the scratch folder nor a part of the system, of a library or of a cache."""
        if _is_below(path, (self.folder,)):
            return self._is_in_subfolder_of_model(path)
        known = _is_below(path, (*self.libraries, *_SYSTEM, *_SHARED_SYSTEM, *self.made)) or not os.path.isfile(path)  # noqa: PTH113
        return not known and not any(part.lstrip(".").startswith(_CACHES) for part in Path(path).parts[:-1])

    def _is_in_subfolder_of_model(self, path: str) -> bool:
        """The key has the files of a model's own folder, and those below it that `load_model` reads."""
        real = os.path.realpath(path)
        if _is_below(real, (self.folder,)) or not os.path.isfile(real):  # noqa: PTH113
            return False
        return not any(os.path.islink(one) for one in (path, os.path.dirname(path)))  # noqa: PTH114, PTH120

    def _named(self, path: str) -> str:
        """A file as the lock may name it: without its place on this machine."""
        below = os.path.join(self.folder, "analyses", "")  # noqa: PTH118
        return path.removeprefix(below) if path.startswith(below) else os.path.basename(path)  # noqa: PTH119

    def _is_asked(self) -> bool:
        """Whether the notebook asks for what happens now, itself or by a call of a library."""
        for frame in _frames():
            name = frame.f_code.co_filename
            if self._is_authors(frame):
                return True
            if name.startswith("<frozen importlib") or frame.f_globals.get("__name__", "").startswith("lensdoc.models"):
                return False
        return False

    def _imports(self) -> bool:
        """Whether the module that is imported now is one that the notebook names."""
        through = os.path.join(os.path.dirname(os.__file__), "importlib", "")  # noqa: PTH118, PTH120
        for frame in _frames():
            if not frame.f_code.co_filename.startswith(("<frozen importlib", through)):
                return self._is_authors(frame)
        return False

    def _is_authors(self, frame: FrameType) -> bool:
        if frame.f_globals is self.namespace:
            return True
        name = frame.f_code.co_filename
        return not name.startswith("<") and not _is_below(name, self.libraries) and os.path.isabs(name)  # noqa: PTH117

    def _is_known(self, file: str) -> bool:
        return _is_below(file, (*self.libraries, self.folder)) or _is_below(os.path.realpath(file), (self.folder,))


_observer: list[Observer] = []


def begin() -> str:
    """Note events from now on; the kernel's working folder is `analyses/` of the scratch folder."""
    if not _observer:
        _observer.append(Observer(Path.cwd().parent))
        sys.addaudithook(_observer[0])
    return ""


def seen() -> str:
    """What was noted, as JSON."""
    return json.dumps(_observer[0].seen())


def _frames() -> Iterator[FrameType]:
    """The calls that led here, the innermost first, without those of this file."""
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - the way to see who asks
    while frame:
        if frame.f_globals is not globals():
            yield frame
        frame = frame.f_back


def _module_of(file: str) -> str:
    parts = Path(file).relative_to(Path(_PACKAGE).parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def _is_below(path: str, folders: Sequence[str]) -> bool:
    return path.startswith(tuple(f"{folder}{os.sep}" for folder in folders))


def _folders_of_libraries() -> tuple[str, ...]:
    """Where Python, its libraries and lensdoc lie, as paths of their modules have it and without links."""
    found = {sys.prefix, sys.base_prefix, sys.exec_prefix, site.getusersitepackages(), _PACKAGE}
    found.update(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    # A folder that pip has filled, wherever it is: what lies there has a version.
    found.update(entry for entry in sys.path if entry and any(Path(entry).glob("*.dist-info")))
    places = {place for folder in found for place in (folder, os.path.realpath(folder))}
    return tuple(sorted(places - _SHARED))


def _files_of_modules() -> Iterator[tuple[str, str]]:
    """The top names of the modules that are loaded, with the file of each."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and name != "__main__":
            yield name.partition(".")[0], os.path.abspath(file)  # noqa: PTH100 - as above
