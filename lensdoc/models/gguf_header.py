"""The header of a .gguf file, read with bounds: how many weights it holds, and whether the file is as long as it says.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from io import BufferedReader
from math import prod
from pathlib import Path
from typing import Any

from lensdoc.core.errors import ModelError

MAX_KEYS = 10_000
MAX_TENSORS = 100_000
MAX_ITEMS = 20_000_000
"""Entries of an array: the largest vocabularies have 300,000 tokens."""
MAX_NAME = 65_536
_MAX_DIMENSIONS = 4
_MAX_DEPTH = 3
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9


@dataclass(frozen=True)
class Header:
    """What the header says."""

    architecture: str
    weights: int
    """Number of weights of all tensors."""


class _Damaged(Exception):  # noqa: N818 - handled here
    """The header breaks the format."""


def read_header(path: Path, label: str) -> Header:
    """Read the header alone.

    Raises:
        ModelError: The file is no GGUF, is cut off, is one of several parts, or breaks the format.
    """
    try:
        with path.open("rb") as file:
            return _Reader(file, os.fstat(file.fileno()).st_size).header()
    except (_Damaged, OSError, struct.error) as error:
        raise ModelError(f"{label!r} is no GGUF file that can be read: {error}; fetch it anew") from None


class _Reader:
    def __init__(self, file: BufferedReader, size: int) -> None:
        self.file = file
        self.size = size

    def header(self) -> Header:
        if self.file.read(4) != b"GGUF":
            raise _Damaged("it does not begin with the letters GGUF")
        version, tensors, keys = self._scalar("I"), self._scalar("Q"), self._scalar("Q")
        if version not in (2, 3):
            raise _Damaged(f"its version is {version}, only 2 and 3 are read")
        self._bound(tensors, MAX_TENSORS, "tensors")
        self._bound(keys, MAX_KEYS, "settings")
        settings = {self._text(): self._value(self._scalar("I"), 0) for _ in range(keys)}
        if int(settings.get("split.count") or 0) > 1:
            raise _Damaged(f"it is one of {settings['split.count']} parts; join them with `gguf-split --merge`, then it")
        sizes = [self._tensor() for _ in range(tensors)]
        last = max((offset for _, offset in sizes), default=0)
        if self.file.tell() + last > self.size:
            raise _Damaged("it is cut off, for its header places tensors after its end")
        return Header(str(settings.get("general.architecture")), sum(count for count, _ in sizes))

    def _tensor(self) -> tuple[int, int]:
        """Number of weights, and where they begin after the header."""
        self._text()
        dimensions = self._scalar("I")
        self._bound(dimensions, _MAX_DIMENSIONS, "dimensions of a tensor")
        shape = [self._scalar("Q") for _ in range(dimensions)]
        self._scalar("I")
        count = prod(shape)
        self._bound(count, 64 * self.size, "weights of a tensor, in a file of this size")
        return count, self._scalar("Q")

    def _value(self, kind: int, depth: int) -> Any:  # noqa: ANN401 - a setting is of any type
        if kind == _STRING:
            return self._text(self.size)
        if kind == _ARRAY and depth < _MAX_DEPTH:
            inner, count = self._scalar("I"), self._scalar("Q")
            self._bound(count, MAX_ITEMS, "entries of a setting")
            if inner in _SCALARS:
                self._skip(count * struct.calcsize(_SCALARS[inner]))
            else:
                for _ in range(count):
                    self._value(inner, depth + 1)
            return None
        if kind not in _SCALARS:
            raise _Damaged(f"a setting has the unknown type {kind}")
        return self._scalar(_SCALARS[kind])

    def _text(self, limit: int = MAX_NAME) -> str:
        length = self._scalar("Q")
        self._bound(length, limit, "bytes of a text")
        return self._bytes(length).decode(errors="replace")

    def _scalar(self, code: str) -> Any:  # noqa: ANN401 - as the code says
        return struct.unpack(f"<{code}", self._bytes(struct.calcsize(code)))[0]

    def _skip(self, count: int) -> None:
        self._bound(count, self.size - self.file.tell(), "bytes of a setting, which are not there")
        self.file.seek(count, os.SEEK_CUR)

    def _bytes(self, count: int) -> bytes:
        data = self.file.read(count)
        if len(data) < count:
            raise _Damaged("it is cut off in its header")
        return data

    def _bound(self, value: int, limit: int, what: str) -> None:
        if value > limit:
            raise _Damaged(f"it says that it has {value:,} {what}; at most {limit:,} are read")
