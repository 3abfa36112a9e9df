"""The record of kind `exchange`: what becomes of an answer on the straight way from one word to another."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from lensdoc.core.tolerances import RELATIVE, ROW, Data, Tolerances
from lensdoc.records.fields import Integer, Real
from lensdoc.records.record import ModelInfo, Record
from lensdoc.records.shapes import check_length


def _of_the_curve(number: float, _largest: float, record: Data) -> float:
    """As any number of the curve: what is small on it is the difference of logits that are not."""
    curve: list[float] = record["curve"]
    return RELATIVE * abs(number) + ROW * max(map(abs, curve))


class Exchange(Record):
    """The outcome on the straight way from the embedding of a token to that of another; `s` counts the steps.

    The outcome is the logit of `answer`, less that of `wrong` where there is one, after the last token.

    Facts: `change`, `estimate`, `gradient_x_input`, `steepest` (where on the way the outcome changes most, from 0 to 1) and
    `steepest_share` (how much of all changes, up and down, happens in that one step).
    """

    KIND: ClassVar[str] = "exchange"
    VERSION: ClassVar[tuple[int, int]] = (1, 0)
    TOLERANCES: ClassVar[Tolerances] = dict.fromkeys(
        ("estimate", "change", "gradient_x_input", "facts.estimate", "facts.change", "facts.gradient_x_input"), _of_the_curve
    )

    model: ModelInfo
    position: Annotated[Integer, Field(ge=0)]
    """Of the token that is exchanged."""
    other: str
    """The token that takes its place."""
    answer: str
    wrong: str | None
    steps: Annotated[tuple[Annotated[Real, Field(ge=0, le=1)], ...], Field(min_length=2)]
    """`steps[s]`: how far on the way, from 0, the token of the text, to 1, the other."""
    curve: tuple[Real, ...]
    """`curve[s]`: the outcome there."""
    estimate: Real
    """What the derivative at the start says that the exchange changes."""
    change: Real
    """What it changes."""
    gradient_x_input: Real
    """Signed gradient x input of the token, for the same outcome."""

    @model_validator(mode="after")
    def _shapes_fit(self) -> Exchange:
        if self.position >= len(self.tokens):
            raise ValueError(f"position must be below {len(self.tokens)}, the number of tokens, it is {self.position}")
        if list(self.steps) != sorted(set(self.steps)) or (self.steps[0], self.steps[-1]) != (0, 1):
            raise ValueError(f"steps must ascend from 0 to 1, they go from {self.steps[0]} to {self.steps[-1]}")
        check_length("curve", self.curve, "steps", len(self.steps))
        return self
