"""The record of kind `attention-flow`: how much of each token reaches a position through the attention of all layers."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from lensdoc.records.fields import Integer, Real
from lensdoc.records.record import ModelInfo, Record
from lensdoc.records.shapes import check_grid, check_shares

FlowMethod = Literal["flow", "rollout", "raw"]


class AttentionFlow(Record):
    """Shares of the tokens before a position, by one method or several; `m` counts the methods.

    Facts: `left_out` (mean weight of all heads, layers and later queries on the tokens that were left out),
    `rollout_left_out` (what rollout gives these where nothing is left out), and of each method `<method>_top` (position of the
    token with the largest share) and `<method>_top_share`.
    """

    KIND: ClassVar[str] = "attention-flow"
    VERSION: ClassVar[tuple[int, int]] = (1, 0)

    model: ModelInfo
    position: Annotated[Integer, Field(ge=1)]
    """The place whose state is looked at, that after the tokens before it; the number of tokens is the place after the last."""
    skip: Annotated[Integer, Field(ge=0)]
    """How many first tokens were left out of every layer."""
    methods: Annotated[tuple[FlowMethod, ...], Field(min_length=1)]
    scores: tuple[tuple[Annotated[Real, Field(ge=0)], ...], ...]
    """`scores[m][i]`: share of token `i` before the position; 0 for those left out, and the others sum to 1."""

    @model_validator(mode="after")
    def _shapes_fit(self) -> AttentionFlow:
        if self.position > len(self.tokens):
            raise ValueError(f"position must be at most {len(self.tokens)}, the number of tokens, it is {self.position}")
        if self.skip >= self.position:
            raise ValueError(f"skip must be below the position, {self.position}; it is {self.skip}")
        if len(set(self.methods)) < len(self.methods):
            raise ValueError(f"methods must be different ones, they are {', '.join(self.methods)}")
        check_grid("scores", self.scores, ("methods", len(self.methods)), ("tokens before the position", self.position))
        for index, row in enumerate(self.scores):
            check_shares(f"scores[{index}]", row)
            if any(row[: self.skip]):
                raise ValueError(f"scores[{index}] must be 0 for the first {self.skip} tokens, which are left out")
        return self
