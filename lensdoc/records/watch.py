"""The record of kind `watch`: chosen tokens at one position, after every layer."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from lensdoc.records.part import Integer, Part, Real
from lensdoc.records.record import ModelInfo, Record
from lensdoc.records.shapes import check_grid, check_layers


class Watched(Part):
    """A token that is watched."""

    id: Annotated[Integer, Field(ge=0)]
    text: str


class Watch(Record):
    """Rank and probability of chosen tokens after every layer, by logit lens; `l` counts the layers, `w` the tokens."""

    KIND: ClassVar[str] = "watch"
    VERSION: ClassVar[tuple[int, int]] = (1, 0)

    model: ModelInfo
    final_norm: bool
    """Whether the final norm was applied to the state of every layer, or only to the last."""
    layers: tuple[Integer, ...]
    position: Annotated[Integer, Field(ge=1)]
    """Where the tokens would stand; the number of tokens is the place after the last."""
    watched: Annotated[tuple[Watched, ...], Field(min_length=1)]
    ranks: tuple[tuple[Annotated[Integer, Field(ge=1)], ...], ...]
    """`ranks[l][w]`: one more than the number of tokens with a strictly higher logit."""
    probs: tuple[tuple[Annotated[Real, Field(ge=0, le=1)], ...], ...]
    """`probs[l][w]`."""

    @model_validator(mode="after")
    def _shapes_fit(self) -> Watch:
        check_layers(self.layers, self.model.layers)
        if self.position > len(self.tokens):
            raise ValueError(f"position must be at most {len(self.tokens)}, the number of tokens, it is {self.position}")
        check_grid("ranks", self.ranks, ("layers", len(self.layers)), ("watched tokens", len(self.watched)))
        check_grid("probs", self.probs, ("layers", len(self.layers)), ("watched tokens", len(self.watched)))
        return self
