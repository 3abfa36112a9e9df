"""The record of kind `factor-saliency`: which tokens make a factor fire at a position."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from lensdoc.records.fields import Integer, Real
from lensdoc.records.record import ModelInfo, Record
from lensdoc.records.shapes import check_grid, check_length, check_shares, check_targets
from lensdoc.records.tokens import Token


class FactorSaliency(Record):
    """Saliency of factors by gradient x input; `f` counts the factors, `t` the targets, `i` the positions that were read there.

    Facts: `factors`, `targets`.
    """

    KIND: ClassVar[str] = "factor-saliency"
    VERSION: ClassVar[tuple[int, int]] = (1, 1)
    MASKED: ClassVar[tuple[int, int]] = (1, 2)
    STREAMS: ClassVar[tuple[int, int]] = (1, 3)

    model: ModelInfo
    factor: tuple[Annotated[Integer, Field(ge=1)], ...]
    """`factor[f]`: number of the factor in its own record, from 1."""
    targets: tuple[Integer, ...]
    """`targets[t]`: positions of the tokens at which the factors' activations are explained."""
    activations: tuple[tuple[Annotated[Real, Field(ge=0)], ...], ...]
    """`activations[f][t]`: what is explained."""
    signed: bool
    scale: Literal["state", "layer", "none"] | None = None
    """What the factored activations were divided by, as in the record of factors; None in records before 1.1."""
    skip: Annotated[Integer, Field(ge=0)] | None = None
    """How many of the text's first states were left out of the factorization: their tokens are no targets; None in records before
    1.1."""
    scores: tuple[tuple[tuple[Real, ...], ...], ...]
    """`scores[f][t][i]`: an input token shows the response to it, so it has a score itself, from 0 up to its own position; a
    produced one shows the state that produced it, and has scores for the positions before. Of a masked model there are scores for
    all positions, as it read them: with masks. Unsigned scores are shares and sum to 1, or are all 0 where the factor does not
    fire."""
    totals: tuple[tuple[Real, ...], ...]
    """`totals[f][t]`: sum of the scores before they were made shares."""

    @model_validator(mode="after")
    def _shapes_fit(self) -> FactorSaliency:
        factors, targets = ("factors", len(self.factor)), ("targets", len(self.targets))
        if len(set(self.factor)) != len(self.factor):
            raise ValueError("factor names a factor twice")
        check_targets(self.targets, self.tokens)
        check_grid("activations", self.activations, factors, targets)
        check_grid("totals", self.totals, factors, targets)
        check_grid("scores", self.scores, factors, targets)
        for f, rows in enumerate(self.scores):
            for t, (row, target) in enumerate(zip(rows, self.targets, strict=True)):
                seen = len(self.tokens) if self.sees_all else read_at(self.tokens, target)
                check_length(f"scores[{f}][{t}]", row, "positions that were read there", seen)
                if not self.signed:
                    check_shares(f"scores[{f}][{t}]", row)
        return self


def read_at(tokens: tuple[Token, ...], position: int) -> int:
    """How many tokens the model has read in the state that a token shows: a produced token is not among them."""
    return position + (tokens[position].kind != "output")
