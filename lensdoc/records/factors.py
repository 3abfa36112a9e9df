"""The record of kind `factors`: groups of neurons that fire together over a sequence."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from lensdoc.records.part import Integer, Real
from lensdoc.records.record import ModelInfo, Record
from lensdoc.records.shapes import check_layers, check_length


class Factors(Record):
    """A factorization of FFN activations; `f` counts the factors, strongest first.

    Facts, with `i` and `j` from 1: `factors`, `neurons` (of the chosen layers), `factor_<i>_neurons`, `factor_<i>_share` (of all
    neurons), `overlap_<i>_<j>` (neurons in both), `explained` (by all factors together).
    """

    KIND: ClassVar[str] = "factors"
    VERSION: ClassVar[tuple[int, int]] = (1, 0)

    method: Literal["nmf"]
    layers: tuple[Integer, ...]
    """The layers whose neurons were factored."""
    activations: tuple[tuple[Annotated[Real, Field(ge=0)], ...], ...]
    """`activations[f][T]`: activation of the factor at every token. An input token shows the response to it, a produced one
    the state that produced it."""
    explained: tuple[Real, ...] | None
    """`explained[f]`: share of the activations' squared norm that the factor accounts for; None where a record was imported."""
    rule: str | None
    """When a neuron belongs to a factor."""
    threshold: Annotated[Real, Field(ge=0)] | None
    """The number in the rule."""

    @model_validator(mode="after")
    def _shapes_fit(self) -> Factors:
        if isinstance(self.model, ModelInfo):
            check_layers(self.layers, self.model.layers)
        if self.explained is not None:
            check_length("explained", self.explained, "factors", len(self.activations))
        for index, row in enumerate(self.activations):
            check_length(f"activations[{index}]", row, "tokens", len(self.tokens))
        return self
