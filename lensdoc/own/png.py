"""A PNG as a picture that a page may show: whole, of a size that can be shown, without what it says of its making."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from lensdoc.core.errors import DataError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SHOWN = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs"})
"""Parts that say how it looks; texts, dates and what cameras and programs note are left out."""
_LARGEST_SIDE = 20_000


@dataclass(frozen=True)
class Png:
    """A picture with its size in pixels."""

    content: bytes
    width: int
    height: int


def clean_png(content: bytes, where: str) -> Png:
    """The PNG without texts, dates and notes of programs.

    Args:
        content: The PNG as a file.
        where: Begins the messages.

    Raises:
        DataError: It is no PNG, a damaged one, or larger than can be shown.
    """
    if not content.startswith(SIGNATURE):
        raise DataError(f"{where}: is no PNG: it does not begin as one")
    parts = list(_parts(content, where))
    if not parts or parts[0][0] != b"IHDR" or len(parts[0][1]) != 13 or parts[-1][0] != b"IEND":  # noqa: PLR2004 - PNG's own
        raise DataError(f"{where}: is a damaged PNG: it has no beginning or no end; make it again")
    width, height = struct.unpack(">II", parts[0][1][:8])
    if not (0 < width <= _LARGEST_SIDE and 0 < height <= _LARGEST_SIDE):
        raise DataError(
            f"{where}: has {width:,} x {height:,} pixels; at most {_LARGEST_SIDE:,} a side can be shown: make it smaller"
        )
    kept = b"".join(_written(kind, data) for kind, data in parts if kind in _SHOWN)
    return Png(SIGNATURE + kept, width, height)


def _parts(content: bytes, where: str) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at + 12 <= len(content):
        (size,) = struct.unpack(">I", content[at : at + 4])
        kind, data, check = content[at + 4 : at + 8], content[at + 8 : at + 8 + size], content[at + 8 + size : at + 12 + size]
        if len(check) != 4 or struct.unpack(">I", check)[0] != zlib.crc32(kind + data):  # noqa: PLR2004 - PNG's own
            raise DataError(f"{where}: is a damaged PNG: its part {kind.decode(errors='replace')!r} is not whole; make it again")
        yield kind, data
        at += 12 + size


def _written(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
