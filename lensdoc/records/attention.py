"""The record of kind `attention`: how each head shares out its attention among the tokens before."""

from __future__ import annotations

import base64
import binascii
import struct
from itertools import accumulate, pairwise
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from lensdoc.core.tolerances import Data, Tolerances
from lensdoc.records.fields import Integer, Real, StrictData
from lensdoc.records.record import ModelInfo, Record
from lensdoc.records.shapes import check_ascending, check_grid, check_layers

Scores = tuple[tuple[Annotated[Real, Field(ge=0, le=1.001)], ...], ...]

_SUM_TOLERANCE = 2e-3
"""Weights are kept as 16-bit numbers, each to one part in 2,048."""


class HeadScores(StrictData):
    """What each head attends to, from 0 to 1; `l` counts the layers, `h` the heads."""

    first: Scores
    """`first[l][h]`: mean weight on the first token, of all queries after it."""
    previous: Scores | None = None
    """`previous[l][h]`: mean weight on the token before the query, on a series of random tokens that comes twice; None where the
    model's context has no room for it."""
    induction: Scores | None = None
    """`induction[l][h]`: mean weight on the token after the earlier copy of the query, on the same series."""


class Attention(Record):
    """Attention weights; `l` counts the layers, `h` the heads, `q` the queries, `k` the keys up to the query.

    Facts: `layers`, `heads` (in each layer), `first_share` (mean weight on the first token, of all heads and all queries after
    it), `even_share` (the same if every head shared evenly), `first_head`, `previous_head`, `induction_head` (the head that
    scores highest, such as `L16H0`), and their scores `first_score`, `previous_score`, `induction_score`.
    """

    KIND: ClassVar[str] = "attention"
    VERSION: ClassVar[tuple[int, int]] = (1, 0)
    MASKED: ClassVar[tuple[int, int]] = (1, 1)
    STREAMS: ClassVar[tuple[int, int]] = (1, 2)
    TOLERANCES: ClassVar[Tolerances] = {}

    model: ModelInfo
    layers: Annotated[tuple[Integer, ...], Field(min_length=1)]
    heads: Annotated[tuple[Integer, ...], Field(min_length=1)]
    """`heads[h]`: indices within a layer, the same ones in each."""
    weights: tuple[tuple[str, ...], ...]
    """`weights[l][h]`: base64 of 16-bit floating point numbers (IEEE 754, little-endian), query after query with a number for
    each key up to the query, of a masked model for each key; those of a query sum to 1."""
    head_scores: HeadScores
    cross: Literal[True] | None = None
    """Of an encoder with a decoder, where the tokens of the target attend to those of the source: `q` counts those of the target
    and `k` those of the source, and there is a weight for each. None for attention within one text."""

    @model_serializer(mode="wrap")
    def _without_nothing(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Records of models with one stack keep their bytes."""
        data: dict[str, Any] = write(self)
        return {name: value for name, value in data.items() if value is not None or name != "cross"}

    @property
    def first_query(self) -> int:
        """Position of the first token that attends."""
        return self.split if self.cross else 0

    def head(self, layer: int, head: int) -> list[list[float]]:
        """Weights `[q][k]` of a head, by its places in `layers` and `heads`."""
        halves, rows = _halves(self.weights[layer][head]), self._rows()
        return [list(halves[first:last]) for first, last in rows]

    def _rows(self) -> list[tuple[int, int]]:
        """Where the weights of each query begin and end."""
        count, split = len(self.tokens), self.split
        alone = [count if self.sees_all else query + 1 for query in range(count)]
        each = [split] * (count - split) if self.cross else alone
        return list(pairwise(accumulate(each, initial=0)))

    def for_comparison(self, data: Data) -> Data:
        """Weights as numbers, a row for each head."""
        return data | {"weights": [list(_halves(head)) for layer in self.weights for head in layer]}

    @model_validator(mode="after")
    def _shapes_fit(self) -> Attention:
        layers, heads = ("layers", len(self.layers)), ("heads", len(self.heads))
        if self.cross and not self.split:
            raise ValueError("cross attention is of tokens of a target to those of a source, and these have one stream")
        check_layers(self.layers, self.model.layers)
        check_ascending("heads", self.heads, max(self.heads) + 1, "the largest of them")
        check_grid("weights", self.weights, layers, heads)
        for name, scores in self.head_scores:
            if scores is not None:
                check_grid(f"head_scores.{name}", scores, layers, heads)
        for index, layer in enumerate(self.weights):
            for place, data in enumerate(layer):
                _check(f"weights[{index}][{place}]", data, self._rows())
        return self


def _halves(data: str) -> tuple[float, ...]:
    read = base64.b64decode(data, validate=True)
    return struct.unpack(f"<{len(read) // 2}e", read)


def _check(field: str, data: str, rows: list[tuple[int, int]]) -> None:
    try:
        read = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{field} must be base64") from None
    count = rows[-1][1] if rows else 0
    if len(read) != 2 * count:
        raise ValueError(
            f"{field} must hold {count} 16-bit numbers, one for each query and key that it sees; it has {len(read)} bytes"
        )
    values = struct.unpack(f"<{count}e", read)
    for query, (first, last) in enumerate(rows):
        row = values[first:last]
        if not (min(row) >= 0 and abs(sum(row) - 1) <= _SUM_TOLERANCE):
            raise ValueError(
                f"{field} must hold shares that sum to 1 for each query, those of query {query} sum to {sum(row):.4g}"
            )
