"""The record of kind `watch`: chosen tokens at one position, after every layer."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from lensdoc.core.tolerances import PROBABILITY, RANK, Tolerances
from lensdoc.records.fields import Integer, Real, StrictData
from lensdoc.records.lens import LensInfo, check_lens
from lensdoc.records.record import ModelInfo, Record
from lensdoc.records.shapes import check_grid, check_layers
from lensdoc.records.streams import places
from lensdoc.records.tokens import Token


class Watched(StrictData):
    """A token that is watched."""

    id: Annotated[Integer, Field(ge=0)]
    text: str


class WatchedText(StrictData):
    """The same tokens in another text; fields as those of the record."""

    tokens: tuple[Token, ...]
    position: Annotated[Integer, Field(ge=0)]
    ranks: tuple[tuple[Annotated[Integer, Field(ge=1)], ...], ...]
    probs: tuple[tuple[Annotated[Real, Field(ge=0, le=1)], ...], ...]
    lens: LensInfo | None = None

    @model_serializer(mode="wrap")
    def _without_nothing(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Texts by logit lens are written as they were before there were others."""
        data: dict[str, Any] = write(self)
        return {name: value for name, value in data.items() if value is not None}


class Watch(Record):
    """Rank and probability of chosen tokens after every layer, by logit lens; `l` counts the layers, `w` the tokens.

    Facts: `layers`, `first` (text of the watched token that ranks best after the last layer), and for the texts beside it
    `first_2`, `first_3`...
    """

    KIND: ClassVar[str] = "watch"
    VERSION: ClassVar[tuple[int, int]] = (1, 3)
    MASKED: ClassVar[tuple[int, int]] = (1, 4)
    STREAMS: ClassVar[tuple[int, int]] = (1, 5)
    TOLERANCES: ClassVar[Tolerances] = {
        "probs": PROBABILITY,
        "ranks": RANK,
        "beside.probs": PROBABILITY,
        "beside.ranks": RANK,
    }

    model: ModelInfo
    final_norm: bool
    """Whether the final norm was applied to the state of every layer, or only to the last."""
    lens: LensInfo | None = None
    """The fitted lens that states were read by; None for the logit lens."""
    layers: tuple[Integer, ...]
    position: Annotated[Integer, Field(ge=0)]
    """Where the tokens would stand; the number of tokens is the place after the last. Of a masked model, where the mask stood."""
    watched: Annotated[tuple[Watched, ...], Field(min_length=1)]
    ranks: tuple[tuple[Annotated[Integer, Field(ge=1)], ...], ...]
    """`ranks[l][w]`: one more than the number of tokens with a strictly higher logit."""
    probs: tuple[tuple[Annotated[Real, Field(ge=0, le=1)], ...], ...]
    """`probs[l][w]`."""
    beside: tuple[WatchedText, ...] = ()
    """Other texts in which the same tokens were watched, or the same text by another lens, to be seen side by side."""

    @property
    def texts(self) -> tuple[WatchedText, ...]:
        """The record's own text and those beside it."""
        own = WatchedText(tokens=self.tokens, position=self.position, ranks=self.ranks, probs=self.probs, lens=self.lens)
        return (own, *self.beside)

    @model_validator(mode="after")
    def _shapes_fit(self) -> Watch:
        check_layers(self.layers, self.model.layers)
        for index, text in enumerate(self.texts):
            check_lens(text.lens, self.model.layers)
            field = f"beside[{index - 1}]." if index else ""
            first, last = places(text.tokens, sees_all=self.sees_all)
            if not first <= text.position <= last:
                raise ValueError(
                    f"{field}position must be from {first} to {last}, of {len(text.tokens)} tokens; it is {text.position}"
                )
            check_grid(f"{field}ranks", text.ranks, ("layers", len(self.layers)), ("watched tokens", len(self.watched)))
            check_grid(f"{field}probs", text.probs, ("layers", len(self.layers)), ("watched tokens", len(self.watched)))
        return self
