"""The record of kind `sequence`: the tokens, and how probable each produced one was."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from lensdoc.core.tolerances import PROBABILITY, RANK, Tolerances
from lensdoc.records.fields import Integer, Real
from lensdoc.records.record import ModelInfo, Record
from lensdoc.records.shapes import check_length, check_targets


class Sequence(Record):
    """The tokens of a trace; `t` counts the scored tokens."""

    KIND: ClassVar[str] = "sequence"
    VERSION: ClassVar[tuple[int, int]] = (1, 1)
    MASKED: ClassVar[tuple[int, int]] = (1, 2)
    STREAMS: ClassVar[tuple[int, int]] = (1, 3)
    TOLERANCES: ClassVar[Tolerances] = {"probs": PROBABILITY, "ranks": RANK}

    model: ModelInfo
    targets: tuple[Integer, ...]
    """`targets[t]`: position of scored token `t` among the tokens."""
    probs: tuple[Annotated[Real, Field(ge=0, le=1)], ...]
    """`probs[t]`: probability that the model gave the token, after the tokens before it."""
    ranks: tuple[Annotated[Integer, Field(ge=1)], ...]
    """`ranks[t]`: one more than the number of tokens with a strictly higher logit."""

    @model_validator(mode="after")
    def _shapes_fit(self) -> Sequence:
        check_targets(self.targets, self.tokens)
        check_length("probs", self.probs, "targets", len(self.targets))
        check_length("ranks", self.ranks, "targets", len(self.targets))
        return self
