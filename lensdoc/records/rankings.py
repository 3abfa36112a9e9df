"""The record of kind `rankings`: how soon a model settles on each token that it produced."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from lensdoc.core.tolerances import PROBABILITY, RANK, Tolerances
from lensdoc.records.fields import Integer, Real
from lensdoc.records.lens import LensInfo, check_lens
from lensdoc.records.record import ModelInfo, Record
from lensdoc.records.shapes import check_grid, check_layers, check_targets


class Rankings(Record):
    """Rank and probability of every target after every layer, by logit lens; `l` counts the layers, `t` the targets."""

    KIND: ClassVar[str] = "rankings"
    VERSION: ClassVar[tuple[int, int]] = (1, 2)
    MASKED: ClassVar[tuple[int, int]] = (1, 3)
    STREAMS: ClassVar[tuple[int, int]] = (1, 4)
    TOLERANCES: ClassVar[Tolerances] = {"probs": PROBABILITY, "ranks": RANK}

    model: ModelInfo
    final_norm: bool
    """Whether the final norm was applied to the state of every layer, or only to the last."""
    lens: LensInfo | None = None
    """The fitted lens that states were read by; None for the logit lens."""
    layers: tuple[Integer, ...]
    targets: tuple[Integer, ...]
    """`targets[t]`: position of the token."""
    ranks: tuple[tuple[Annotated[Integer, Field(ge=1)], ...], ...]
    """`ranks[l][t]`: one more than the number of tokens with a strictly higher logit."""
    probs: tuple[tuple[Annotated[Real, Field(ge=0, le=1)], ...], ...]
    """`probs[l][t]`."""

    @model_validator(mode="after")
    def _shapes_fit(self) -> Rankings:
        check_layers(self.layers, self.model.layers)
        check_lens(self.lens, self.model.layers)
        check_targets(self.targets, self.tokens)
        check_grid("ranks", self.ranks, ("layers", len(self.layers)), ("targets", len(self.targets)))
        check_grid("probs", self.probs, ("layers", len(self.layers)), ("targets", len(self.targets)))
        return self
