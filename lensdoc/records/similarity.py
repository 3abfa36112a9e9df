"""The record of kind `similarity`: how alike the states of any two layers are, of one model or of two."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from lensdoc.records.fields import Integer, Real
from lensdoc.records.record import ModelInfo, Record
from lensdoc.records.shapes import check_ascending, check_grid, check_layers

SimilarityMeasure = Literal["cka", "svcca", "pwcca"]
StateScale = Literal["none", "unit"]


class Similarity(Record):
    """Similarity of layers; `l` counts the layers, `m` those that they are compared with.

    Facts: `positions` (that were compared), `mean` (of different layers), and where a model is compared with itself
    `least_neighbours` (the lowest similarity of two layers that follow each other) and `least_after` (the lower one of them).
    """

    KIND: ClassVar[str] = "similarity"
    VERSION: ClassVar[tuple[int, int]] = (1, 0)
    MASKED: ClassVar[tuple[int, int]] = (1, 1)
    STREAMS: ClassVar[tuple[int, int]] = (1, 2)

    model: ModelInfo
    measure: SimilarityMeasure
    scale: StateScale
    """`unit`: each state was brought to length 1."""
    skip: Annotated[Integer, Field(ge=0)]
    """How many first tokens of each text were left out."""
    starts: Annotated[tuple[Integer, ...], Field(min_length=1)] = (0,)
    """Where each text begins in `tokens`."""
    layers: Annotated[tuple[Integer, ...], Field(min_length=1)]
    other: ModelInfo | None = None
    """The model whose layers stand in the columns; None for the same one."""
    other_layers: tuple[Integer, ...] | None = None
    values: tuple[tuple[Annotated[Real, Field(ge=-1.001, le=1.001)], ...], ...]
    """`values[l][m]`: 1 for states that are alike but for rotation and scale. Debiased CKA is about 0, and may be below, for
    states that have nothing in common."""

    @property
    def columns(self) -> tuple[int, ...]:
        """The layers in the columns."""
        return self.layers if self.other_layers is None else self.other_layers

    @model_serializer(mode="wrap")
    def _without_nothing(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = write(self)
        return {name: value for name, value in data.items() if value is not None}

    @property
    def version(self) -> tuple[int, int]:
        """As of every record, and that of masked models too where the other model is one."""
        if self.stack or (self.other is not None and self.other.stack):
            return self.STREAMS
        return self.MASKED if self.sees_all or (self.other is not None and self.other.sees) else self.VERSION

    @model_validator(mode="after")
    def _shapes_fit(self) -> Similarity:
        check_layers(self.layers, self.model.layers)
        check_ascending("starts", self.starts, max(len(self.tokens), 1), "the number of tokens", "positions")
        if (self.other is None) != (self.other_layers is None):
            raise ValueError("other and other_layers must both be there, or neither")
        if self.other is not None and self.other_layers is not None:
            check_ascending("other_layers", self.other_layers, self.other.layers, "the other model's number of layers")
        check_grid("values", self.values, ("layers", len(self.layers)), ("layers to compare with", len(self.columns)))
        return self
