"""The record of kind `ablation`: what a model loses with parts of it put out of action, beside random parts of the same size."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from lensdoc.core.tolerances import RELATIVE, ROW, Data, Tolerances
from lensdoc.records.fields import Integer, Real, StrictData
from lensdoc.records.record import ModelInfo, Record
from lensdoc.records.shapes import check_length, check_targets

RemovedKind = Literal["blocks", "heads", "neurons"]
Replace = Literal["mean", "zero"]
OutcomeOf = Literal["log_prob", "prob", "logit", "logit_difference"]
_Index = Annotated[Integer, Field(ge=0)]


class Removed(StrictData):
    """A part that was put out of action."""

    name: str
    kind: RemovedKind
    size: Annotated[Integer, Field(ge=1)]
    """How many blocks, heads or neurons."""
    layers: tuple[_Index, ...]
    """Where they are, each layer once."""
    members: tuple[tuple[_Index, _Index], ...]
    """Layer and number of each head or neuron; nothing for blocks, and of neurons nothing where they are many."""


def _of_the_whole(number: float, _largest: float, record: Data) -> float:
    """A change is a small difference of two outcomes."""
    whole: float = record["whole"]
    return 2 * RELATIVE * abs(number) + ROW * max(abs(whole), 1e-3)


class Ablation(Record):
    """How the outcome changes without each part; `k` counts the parts, `c` the controls.

    Facts: `whole`, `largest` (name of the part without which the outcome falls most), and of each part `part_1_change` and
    `part_1_controls` (mean change of its controls, where there are any).
    """

    KIND: ClassVar[str] = "ablation"
    VERSION: ClassVar[tuple[int, int]] = (1, 0)
    MASKED: ClassVar[tuple[int, int]] = (1, 1)
    TOLERANCES: ClassVar[Tolerances] = {"changes": _of_the_whole, "controls": _of_the_whole, "facts.part_*": _of_the_whole}

    model: ModelInfo
    starts: tuple[_Index, ...]
    """Positions at which texts begin."""
    outcome: OutcomeOf
    """What is looked at: the mean log-probability, or probability, of the produced tokens; or the logit of `answer`, or how much
    larger it is than that of `wrong`, after the last token, as a mean over texts."""
    answer: str | None
    wrong: str | None
    replace: Replace
    """What parts give in place of what they compute: their mean, or 0."""
    positions: tuple[_Index, ...] | None
    """At which positions of each text they do; None for all."""
    skip: _Index
    """First positions of each text that are left out of means."""
    seed: Integer
    """Of the choice of controls."""
    whole: Real
    """The outcome with nothing replaced."""
    parts: Annotated[tuple[Removed, ...], Field(min_length=1)]
    changes: tuple[Real, ...]
    """`changes[k]`: the outcome without the part, less `whole`."""
    controls: tuple[tuple[Real, ...], ...]
    """`controls[k][c]`: the same without as many others of the same kind, from the same layers, drawn at random."""
    masks: tuple[_Index, ...] | None = None
    """Of a masked model: the mask in each text at which the answer is looked at; None in others, and where none is named."""

    @model_serializer(mode="wrap")
    def _without_what_masked_models_have(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Records of causal models keep their bytes."""
        data: dict[str, Any] = write(self)
        return {name: value for name, value in data.items() if value is not None or name != "masks"}

    @model_validator(mode="after")
    def _shapes_fit(self) -> Ablation:
        check_targets(self.starts, self.tokens, "starts")
        if self.starts[:1] != (0,):
            raise ValueError("starts must begin with 0, where the first text begins")
        if (self.answer is None) == self.outcome.startswith("logit"):
            raise ValueError(f"an answer belongs to outcomes that are logits, and to no other; outcome is {self.outcome!r}")
        self._check_masks()
        check_length("changes", self.changes, "parts", len(self.parts))
        check_length("controls", self.controls, "parts", len(self.parts))
        for index, part in enumerate(self.parts):
            if any(layer >= self.model.layers for layer in part.layers):
                raise ValueError(f"parts[{index}].layers must be below {self.model.layers}, the model's number of layers")
        return self

    def _check_masks(self) -> None:
        """An answer of a masked model stands at one mask of each text."""
        if (self.masks is not None) is not (self.sees_all and self.answer is not None):
            raise ValueError("masks must be there where a masked model is asked for an answer, and only there")
        if self.masks is not None:
            check_targets(self.masks, self.tokens, "masks")
            check_length("masks", self.masks, "texts", len(self.starts))
            if given := [mask for mask in self.masks if self.tokens[mask].kind != "output"]:
                raise ValueError(f"masks must be those that were filled; token {given[0]} is none")
