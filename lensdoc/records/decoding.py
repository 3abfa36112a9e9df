"""The record of kind `decoding`: what several strategies make of one prompt."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field, JsonValue, SerializerFunctionWrapHandler, model_serializer, model_validator

from lensdoc.core.tolerances import PROBABILITY, RANK, Tolerances
from lensdoc.records.fields import Integer, Real, StrictData
from lensdoc.records.record import ModelInfo, Record
from lensdoc.records.shapes import check_length
from lensdoc.records.tokens import Token

Prob = Annotated[Real, Field(ge=0, le=1)]


class Hypothesis(StrictData):
    """A text that a beam search kept to the end."""

    tokens: Annotated[tuple[Token, ...], Field(min_length=1)]
    score: Real
    """By which the search ordered it: the sum of log-probabilities (natural logarithms) over the length to a power."""


class Strategy(StrictData):
    """What one strategy produced; `t` counts its tokens. Probabilities are the model's own, not those that were drawn from."""

    name: Annotated[str, Field(min_length=1)]
    settings: dict[str, JsonValue]
    """Those that differ from greedy decoding."""
    tokens: Annotated[tuple[Token, ...], Field(min_length=1)]
    probs: tuple[Prob, ...]
    """`probs[t]`: probability of the token after those before it."""
    ranks: tuple[Annotated[Integer, Field(ge=1)], ...]
    """`ranks[t]`: 1 for the most probable token."""
    entropies: tuple[Annotated[Real, Field(ge=0)], ...]
    """`entropies[t]`: of the distribution that the token comes from, in bits."""
    kept: tuple[Annotated[Integer, Field(ge=1)], ...] | None = None
    """`kept[t]`: how many tokens could have been drawn; None for a beam search, which keeps texts."""
    log_prob: Real
    """Sum of the natural logarithms of the probabilities."""
    beams: tuple[Hypothesis, ...] | None = None
    """All hypotheses at the end of a beam search, the best first, which is what the strategy produced."""

    @model_serializer(mode="wrap")
    def _without_nothing(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = write(self)
        return {name: value for name, value in data.items() if value is not None}


class Decoding(Record):
    """Texts that several strategies made of one prompt, whose tokens the record has.

    Facts, of each strategy counted from 1: `strategy_1` (its name), `strategy_1_mean_prob`, `strategy_1_median_rank`,
    `strategy_1_log_prob`, and where tokens were drawn `strategy_1_median_kept`; and `strategies`.
    """

    KIND: ClassVar[str] = "decoding"
    VERSION: ClassVar[tuple[int, int]] = (1, 0)
    TOLERANCES: ClassVar[Tolerances] = {
        "strategies.probs": PROBABILITY,
        "strategies.ranks": RANK,
        "strategies.kept": RANK,
        "facts.strategy_*_median_*": RANK,
    }

    model: ModelInfo
    seed: Annotated[Integer, Field(ge=0)]
    """With which every strategy that draws began."""
    strategies: Annotated[tuple[Strategy, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _shapes_fit(self) -> Decoding:
        names = [strategy.name for strategy in self.strategies]
        if len(set(names)) < len(names):
            raise ValueError(f"strategies must have different names, they are {', '.join(names)}")
        for index, strategy in enumerate(self.strategies):
            for name in ("probs", "ranks", "entropies", "kept"):
                values = getattr(strategy, name)
                if values is not None:
                    check_length(f"strategies[{index}].{name}", values, "tokens", len(strategy.tokens))
            if strategy.beams == ():
                raise ValueError(f"strategies[{index}].beams must hold a hypothesis, or not be there")
        return self
