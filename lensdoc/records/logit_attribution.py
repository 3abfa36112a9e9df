"""The record of kind `logit-attribution`: what each part of a model adds to a logit, or to the difference of two."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from lensdoc.core.tolerances import Tolerances, residue_of
from lensdoc.records.fields import Integer, Real, StrictData
from lensdoc.records.record import ModelInfo, Record
from lensdoc.records.shapes import check_length
from lensdoc.records.watch import Watched

_SUM_TOLERANCE = 2e-3
"""Share of all sizes together by which the sum may miss its total: each is kept to four digits."""
Kind = Literal["embedding", "attention", "head", "ffn", "bias"]
"""`ffn` is all that a block adds besides its attention; `bias` is what no state enters: biases of projections, norm and head."""


class LogitPart(StrictData):
    """A part of the model."""

    kind: Kind
    layer: Annotated[Integer, Field(ge=0)] | None = None
    """None of the embedding and of biases."""
    head: Annotated[Integer, Field(ge=0)] | None = None
    """Of a head alone."""

    @property
    def name(self) -> str:
        """What figures and facts call it: `embedding`, `L3 attention`, `L3H1`, `L3 FFN`, `biases`."""
        if self.layer is None:
            return "biases" if self.kind == "bias" else self.kind
        return (
            f"L{self.layer}H{self.head}" if self.kind == "head" else f"L{self.layer} {'FFN' if self.kind == 'ffn' else self.kind}"
        )

    @model_serializer(mode="wrap")
    def _without_nothing(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = write(self)
        return {name: value for name, value in data.items() if value is not None}


class LogitAttribution(Record):
    """Parts that sum to a logit less the vocabulary's mean, or to the difference of two logits; `k` counts the parts.

    Facts: `logit` (the model's own, of the answer; of the difference where there is a `wrong`), `total`, `embedding`,
    `attention`, `ffn` (sums of such parts), `largest` (the name of the largest part by size, such as `L3H1`), `largest_value`.
    """

    KIND: ClassVar[str] = "logit-attribution"
    VERSION: ClassVar[tuple[int, int]] = (1, 0)
    TOLERANCES: ClassVar[Tolerances] = {
        name: residue_of("values")
        for name in ("values", "total", "mean", *(f"facts.{n}" for n in ("embedding", "attention", "ffn")))
    }

    model: ModelInfo
    position: Annotated[Integer, Field(ge=1)]
    """Where the answer would stand; the number of tokens is the place after the last."""
    answer: Watched
    wrong: Watched | None = None
    """The token whose logit is taken off; None where it is the vocabulary's mean."""
    parts: Annotated[tuple[LogitPart, ...], Field(min_length=1)]
    values: tuple[Real, ...]
    """`values[k]`: what the part adds, in units of the logit."""
    total: Real
    """What they sum to."""
    mean: Real
    """What was taken off: the mean over the vocabulary, so that `total + mean` is the logit; 0 where there is a `wrong`."""

    @model_validator(mode="after")
    def _shapes_fit(self) -> LogitAttribution:
        if self.position > len(self.tokens):
            raise ValueError(f"position must be at most {len(self.tokens)}, the number of tokens, it is {self.position}")
        check_length("values", self.values, "parts", len(self.parts))
        for index, part in enumerate(self.parts):
            if (part.layer is None) != (part.kind in ("embedding", "bias")) or (part.head is None) != (part.kind != "head"):
                raise ValueError(f"parts[{index}] must have a layer and a head just where a part of kind {part.kind!r} has them")
            if part.layer is not None and part.layer >= self.model.layers:
                raise ValueError(f"parts[{index}].layer must be below {self.model.layers}, the model's number of layers")
        sizes = sum(map(abs, self.values))
        if abs(sum(self.values) - self.total) > _SUM_TOLERANCE * max(sizes, abs(self.total)):
            raise ValueError(f"values must sum to total, {self.total:.4g}; they sum to {sum(self.values):.4g}")
        return self
