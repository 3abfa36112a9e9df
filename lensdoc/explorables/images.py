"""Signed 8-bit codes as a PNG image that stands in the page itself."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence

from lensdoc.explorables.shared import SIZES

POSITIVE: tuple[int, ...] = tuple(SIZES["heat"]["positive"])
NEGATIVE: tuple[int, ...] = tuple(SIZES["heat"]["negative"])
"""Colours of the codes 127 and -127; the others are the clearer the nearer they are to 0, so that they do on any page."""
LARGEST: int = SIZES["heat"]["code"]


def heat_image(rows: Sequence[bytes]) -> str:
    """Address of an image with a pixel for each code, from -127 to 127 in two's complement.."""
    size = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 3, 0, 0, 0)
    colours, alphas = _palette(negative=any(code > LARGEST for row in rows for code in row))
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    chunks = ((b"IHDR", size), (b"PLTE", colours), (b"tRNS", alphas), (b"IDAT", pixels), (b"IEND", b""))
    png = b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def heat_ramp(low: float, high: float, scale: float) -> str:
    """The colours from `low`, which is 0 or less, to `high`, as deep as in the image, where `scale` is the deepest."""
    below, above = abs(low) / (scale or 1), high / (scale or 1)
    zero = below / (below + above) if low < high else 0
    ends = (f"rgb({' '.join(map(str, rgb))} / {depth:.4g})" for rgb, depth in ((NEGATIVE, below), (POSITIVE, above)))
    return f"linear-gradient(to right, {next(ends)}, transparent {zero:.2%}, {next(ends)})"


def _palette(*, negative: bool) -> tuple[bytes, bytes]:
    """Colours and alphas by the byte of a code; half of them where no code is negative."""
    codes = [*range(LARGEST + 1), *((-LARGEST, *range(-LARGEST, 0)) if negative else ())]
    colours = b"".join(bytes(NEGATIVE if code < 0 else POSITIVE) for code in codes)
    return colours, bytes(2 * abs(code) + (abs(code) == LARGEST) for code in codes)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
