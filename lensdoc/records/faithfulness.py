"""The record of kind `faithfulness`: what becomes of a prediction while tokens are deleted, the most important ones first."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from lensdoc.core.tolerances import RELATIVE, ROW, Data, Tolerances
from lensdoc.records.fields import Integer, Real
from lensdoc.records.record import ModelInfo, Record
from lensdoc.records.saliency import Method
from lensdoc.records.shapes import check_ascending, check_grid, check_length

_Position = Annotated[Integer, Field(ge=0)]


def _of_the_curve(number: float, _largest: float, record: Data) -> float:
    curve: list[float] = record["curve"]
    return RELATIVE * abs(number) + ROW * max(map(abs, curve))


class Faithfulness(Record):
    """Log-probability of one produced token with more and more of the tokens before it deleted; `s` counts the steps.

    Facts: `whole` (nothing deleted), `single` (the lowest with one token deleted), `single_position`, and `below_all`, the share
    of steps at which deleting in the order of the scores does more than in every random order.
    """

    KIND: ClassVar[str] = "faithfulness"
    VERSION: ClassVar[tuple[int, int]] = (1, 0)
    TOLERANCES: ClassVar[Tolerances] = {"curve": _of_the_curve, "random": _of_the_curve, "single": _of_the_curve}

    model: ModelInfo
    method: Method
    """Of the saliency whose order is tried."""
    target: Annotated[Integer, Field(ge=1)]
    """Position of the token that is predicted."""
    order: tuple[_Position, ...]
    """Positions before it, the most important first."""
    removed: Annotated[tuple[_Position, ...], Field(min_length=2)]
    """`removed[s]`: how many are deleted, from 0."""
    curve: tuple[Real, ...]
    """`curve[s]`: log-probability of the target, in nats, with the first `removed[s]` of `order` deleted."""
    random: Annotated[tuple[tuple[Real, ...], ...], Field(min_length=1)]
    """`random[o][s]`: the same in random orders."""
    seed: Integer
    single: Real
    """The lowest log-probability that deleting one token leads to."""
    single_position: _Position
    """That token."""

    @model_validator(mode="after")
    def _shapes_fit(self) -> Faithfulness:
        if self.target >= len(self.tokens):
            raise ValueError(f"target must be below {len(self.tokens)}, the number of tokens, it is {self.target}")
        if sorted(self.order) != list(range(self.target)):
            raise ValueError(f"order must have each position before the target, {self.target}, once")
        check_ascending("removed", self.removed, self.target, "the number of tokens before the target", "counts")
        check_length("curve", self.curve, "steps", len(self.removed))
        check_grid("random", self.random, ("orders", len(self.random)), ("steps", len(self.removed)))
        return self
