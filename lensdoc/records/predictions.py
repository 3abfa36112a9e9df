"""The record of kind `predictions`: the most probable tokens after every layer."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator

from lensdoc.core.tolerances import PROBABILITY, Data, Ranked, Tolerances
from lensdoc.records.fields import Integer, Real
from lensdoc.records.lens import LensInfo, check_lens
from lensdoc.records.record import ModelInfo, Record
from lensdoc.records.shapes import check_grid, check_layers, check_length
from lensdoc.records.streams import places
from lensdoc.records.tokens import HEXADECIMAL


class Predictions(Record):
    """The `k` most probable tokens after every layer, by logit lens; `p` counts the positions, `l` the layers."""

    KIND: ClassVar[str] = "predictions"
    VERSION: ClassVar[tuple[int, int]] = (1, 3)
    MASKED: ClassVar[tuple[int, int]] = (1, 4)
    STREAMS: ClassVar[tuple[int, int]] = (1, 5)
    TOLERANCES: ClassVar[Tolerances] = {"predicted.prob": PROBABILITY, "predicted": Ranked("prob", ("id",))}

    model: ModelInfo
    final_norm: bool
    """Whether the final norm was applied to the state of every layer, or only to the last."""
    lens: LensInfo | None = None
    """The fitted lens that states were read by; None for the logit lens."""
    layers: tuple[Integer, ...]
    positions: tuple[Integer, ...]
    """`positions[p]`: where the tokens would stand; the number of tokens is the place after the last. Of a masked model, where
    the masks stood."""
    texts: tuple[tuple[tuple[str, ...], ...], ...]
    """`texts[p][l][k]`, most probable first."""
    ids: tuple[tuple[tuple[Annotated[Integer, Field(ge=0)], ...], ...], ...]
    """`ids[p][l][k]`."""
    probs: tuple[tuple[tuple[Annotated[Real, Field(ge=0, le=1)], ...], ...], ...]
    """`probs[p][l][k]`."""

    bytes: tuple[tuple[tuple[Annotated[str, Field(pattern=HEXADECIMAL)] | None, ...], ...], ...] | None = None
    """`bytes[p][l][k]`: the raw bytes, in hexadecimal, of a token that is not whole UTF-8; None where all are whole."""

    def for_comparison(self, data: Data) -> Data:
        """One list of tokens, `predicted`, instead of four lists of their parts."""
        parts = (data.pop("ids"), data.pop("texts"), data.pop("bytes", None), data.pop("probs"))
        return data | {"predicted": _joined(*parts)}

    @model_validator(mode="after")
    def _shapes_fit(self) -> Predictions:
        check_layers(self.layers, self.model.layers)
        check_lens(self.lens, self.model.layers)
        first, last = places(self.tokens, sees_all=self.sees_all)
        if any(not first <= p <= last for p in self.positions):
            raise ValueError(f"positions must be from {first} to {last}, of {len(self.tokens)} tokens")
        k = len(self.ids[0][0]) if self.ids and self.ids[0] else 0
        fields = {"texts": self.texts, "ids": self.ids, "probs": self.probs}
        for field, values in (fields if self.bytes is None else fields | {"bytes": self.bytes}).items():
            check_length(field, values, "positions", len(self.positions))
            for p, grid in enumerate(values):
                check_grid(f"{field}[{p}]", grid, ("layers", len(self.layers)), ("tokens each", k))
        return self


def _joined(ids: Any, texts: Any, raw: Any, probs: Any) -> Any:  # noqa: ANN401 - any JSON
    """Four nested lists as one nested list of objects."""
    if isinstance(ids, list):
        return [_joined(*parts) for parts in zip(ids, texts, raw or [None] * len(ids), probs, strict=True)]
    return {"id": ids, "text": texts, "bytes": raw, "prob": probs}
