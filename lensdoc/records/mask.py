"""The record of kind `mask`: which tokens of a text can be left out with the prediction kept."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from lensdoc.core.tolerances import RELATIVE, Data, Tolerances
from lensdoc.records.fields import Integer, Real
from lensdoc.records.record import ModelInfo, Record
from lensdoc.records.shapes import check_ascending, check_grid, check_length
from lensdoc.records.watch import Watched

_Positive = Annotated[Real, Field(ge=0)]
_Share = Annotated[Real, Field(ge=0, le=1)]
_STEADY = 0.05
"""How far a learned gate may lie from that of another machine: many small steps lead to it."""


def _of_gates(_number: float, _largest: float, _record: Data) -> float:
    return _STEADY


def _of_divergences(number: float, _largest: float, record: Data) -> float:
    """Small divergences are differences of logarithms that are not small."""
    bound: float = record["bound"]
    return 2 * RELATIVE * (number + bound)


class Mask(Record):
    """Masks that were learned for one text and one prediction; `r` counts the starts, `i` the tokens before the position.

    A token that a mask does not keep has the baseline in place of its embedding. Every mask keeps the prediction: the
    Kullback-Leibler divergence of the distribution without those tokens from that of the whole text is at most `bound`.

    Facts: `read` (tokens before the position), `kept` (by the smallest mask), `divergence`, `masks` (different ones), `always`
    (tokens that all masks keep), `random_kept` (share of random sets of the size of the smallest mask that keep the prediction).
    """

    KIND: ClassVar[str] = "mask"
    VERSION: ClassVar[tuple[int, int]] = (1, 0)
    TOLERANCES: ClassVar[Tolerances] = {
        "gates": _of_gates,
        "divergences": _of_divergences,
        "random": _of_divergences,
        "facts.divergence": _of_divergences,
    }

    model: ModelInfo
    position: Annotated[Integer, Field(ge=1)]
    """Of the token that is predicted; the number of tokens is the place after the last."""
    answer: Watched
    """The most probable token there, with nothing left out."""
    prob: _Share
    """Its probability then."""
    bound: Annotated[Real, Field(gt=0)]
    """How far the prediction may move, in nats."""
    baseline: str
    """What stands for a token that is left out: `mean`, the mean embedding of the vocabulary, `zero`, or a token."""
    steps: Annotated[Integer, Field(ge=1)]
    seed: Annotated[Integer, Field(ge=0)]
    gates: Annotated[tuple[tuple[_Share, ...], ...], Field(min_length=1)]
    """`gates[r][i]`: probability that the gate of a token is not shut, as it was learned."""
    kept: tuple[tuple[Integer, ...], ...]
    """`kept[r]`: positions of the tokens that the mask keeps."""
    divergences: tuple[_Positive, ...]
    """`divergences[r]`: of the prediction with those tokens alone, in nats."""
    probs: tuple[_Share, ...]
    """`probs[r]`: probability of the answer then."""
    smallest: Annotated[Integer, Field(ge=0)]
    """The mask that keeps the fewest tokens; of several such the one whose divergence is the least."""
    random: tuple[_Positive, ...]
    """`random[c]`: divergence with a random set of as many tokens kept as the smallest mask keeps."""

    @model_validator(mode="after")
    def _shapes_fit(self) -> Mask:
        if self.position > len(self.tokens):
            raise ValueError(f"position must be at most {len(self.tokens)}, the number of tokens, it is {self.position}")
        starts = ("starts", len(self.gates))
        check_grid("gates", self.gates, starts, ("tokens before the position", self.position))
        for field in ("kept", "divergences", "probs"):
            check_length(field, getattr(self, field), *starts)
        for index, row in enumerate(self.kept):
            check_ascending(f"kept[{index}]", row, self.position, "the position", "positions")
        if self.smallest >= len(self.kept) or len(self.kept[self.smallest]) > min(map(len, self.kept)):
            raise ValueError(f"smallest must be the index of the mask that keeps the fewest tokens, it is {self.smallest}")
        if max(self.divergences) > self.bound:
            raise ValueError(f"divergences must be at most the bound, {self.bound}; the largest is {max(self.divergences)}")
        return self

    @property
    def times(self) -> tuple[int, ...]:
        """How many of the masks keep each token before the position."""
        return tuple(sum(i in row for row in self.kept) for i in range(self.position))
