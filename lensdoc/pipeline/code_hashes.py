"""Hashes of what counts in the code of modules. To find it takes a tenth of a small build, so it is kept from build to build."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
import tokenize
from pathlib import Path

from lensdoc.core.files import write_atomic
from lensdoc.core.kept import kept_folder
from lensdoc.pipeline import code_text
from lensdoc.pipeline.code_text import code_of

_MOST = 5_000
"""Hashes in the file; a module has one for each of its texts."""


class CodeHashes:
    """Hashes by the hashes of the texts that they were made of; in a file for each state of the code that makes them."""

    def __init__(self) -> None:
        """Nothing is read until something is asked for."""
        self._known: dict[str, str] | None = None
        self._file: Path | None = None
        self._new = False

    def of(self, source: str) -> str:
        """The hash of what counts in a module; of all of it where it is not Python, as when it is half edited."""
        if self._known is None:
            self._file, self._known = _read()
        text = _digest(source)
        if text not in self._known:
            self._known[text] = _computed(source)
            self._new = True
        return self._known[text]

    def keep(self) -> None:
        """Write what is new; where that cannot be done it is found again the next time."""
        if self._new and self._file and self._known is not None:
            kept = dict(list(self._known.items())[-_MOST:])
            with contextlib.suppress(OSError):
                write_atomic(self._file, json.dumps(kept).encode())
        self._new = False


def _computed(source: str) -> str:
    try:
        return _digest(code_of(source))[:16]
    except (SyntaxError, tokenize.TokenError):
        return _digest(source)[:16]


def _read() -> tuple[Path | None, dict[str, str]]:
    folder = kept_folder()
    if folder is None:
        return None, {}
    made_by = _digest(f"{sys.version_info[:2]}{Path(code_text.__file__).read_text(encoding='utf-8')}")[:16]
    file = folder / f"code-{made_by}.json"
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return file, {}
    whole = isinstance(found, dict) and all(isinstance(value, str) for value in found.values())
    return file, found if whole else {}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
