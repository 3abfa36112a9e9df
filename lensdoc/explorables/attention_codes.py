"""Attention weights as the page has them: 8-bit codes of their square roots, which keep small weights apart."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence

from lensdoc.explorables.images import LARGEST, heat_image
from lensdoc.explorables.shared import SIZES
from lensdoc.records.attention import Attention

MOST_CODE: int = SIZES["attention"]["code"]
THUMB: int = SIZES["attention"]["thumb"]
"""Pixels of a small picture of a head, which a longer text is blended into by its largest weights."""

Codes = list[bytes]
"""`codes[q][k]`: round(255 * sqrt(weight)), and 0 for nothing but 0; of cross attention `q` counts the tokens of the target alone
and `k` those of the source."""


def codes_of(record: Attention, layer: int, head: int) -> Codes:
    """The codes of a head, by its places in the record, query after query."""
    return [bytes(map(_code, row)) for row in record.head(layer, head)]


def _code(weight: float) -> int:
    return min(MOST_CODE, math.floor(MOST_CODE * math.sqrt(weight) + 0.5)) or int(weight > 0)


def weight_of(code: int) -> float:
    """The weight that a code stands for."""
    return (code / MOST_CODE) ** 2


def packed(codes: Codes) -> str:
    """Base64 of the codes, query after query."""
    return base64.b64encode(b"".join(codes)).decode()


def picture(codes: Codes) -> str:
    """A head as an image with a pixel for each weight; keys run across, queries down."""
    return heat_image(_pixels(codes, len(codes), len(codes[-1])))


def strip(heads: Sequence[Codes]) -> str:
    """Small pictures of several heads beside each other."""
    high, wide = min(THUMB, len(heads[0])), min(THUMB, len(heads[0][-1]))
    pictures = [_pixels(codes, high, wide) for codes in heads]
    return heat_image([b"".join(rows) for rows in zip(*pictures, strict=True)])


def _pixels(codes: Codes, high: int, wide: int) -> list[bytes]:
    """Colours from 0 to 127; where there are fewer pixels than weights each shows the largest of those below it."""
    lines, columns = len(codes), len(codes[-1])
    found = [bytearray(wide) for _ in range(high)]
    for query, row in enumerate(codes):
        line = found[query * high // lines]
        for key, code in enumerate(row):
            place = key * wide // columns
            line[place] = max(line[place], code * LARGEST // MOST_CODE)
    return [bytes(line) for line in found]
