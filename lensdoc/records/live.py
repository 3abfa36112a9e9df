"""The record of kind `live`: what a reader's browser needs to answer prompts, and the answer to the first one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, JsonValue, field_validator, model_validator

from lensdoc.core.tolerances import REMADE, Tolerances
from lensdoc.records.fields import Integer, Real, StrictData
from lensdoc.records.record import ModelInfo, Record

SHOWN = ("sequence", "saliency", "rankings", "predictions", "attention", "activations", "factors")
"""Kinds of records that a live figure shows of each prompt."""
_SHARED = ("tokens", "model", "provenance")
"""Fields that these records have in common with the live one, which has them once."""


class Weight(StrictData):
    """Where a weight stands among the bytes of all parts, unpacked and one after the other."""

    name: str
    shape: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]
    encoding: Literal["float32", "float16", "bfloat16", "Q4_0", "Q4_1", "Q8_0"]
    start: Annotated[int, Field(ge=0, multiple_of=4)]
    bytes: Annotated[int, Field(ge=1)]


class Truth(StrictData):
    """How far the graph lies from PyTorch, in parts of the largest value of each output; the greedy token was always the same."""

    lengths: Annotated[tuple[Integer, ...], Field(min_length=1)]
    """Tokens of each text that both were given."""
    differences: dict[str, Annotated[Real, Field(ge=0)]]
    """Name of an output to the largest difference in any of the texts."""
    other_ranks: Integer
    """Of all ranks how many differ: tokens that tie but for rounding."""
    ranks: Integer


class Live(Record):
    """A model for the reader's browser, with its first state.

    Facts: `bytes` (what a reader loads of the record's files), `largest_difference` (from PyTorch), `weights_changed` (by how
    much the encoding changes a weight at most, in parts of the largest of its tensor; 0 where none is changed).
    """

    KIND: ClassVar[str] = "live"
    VERSION: ClassVar[tuple[int, int]] = (1, 1)
    TOLERANCES: ClassVar[Tolerances] = {
        "files*": REMADE,
        "truth*": REMADE,
        "facts.bytes": REMADE,
        "facts.largest_difference": REMADE,
    }

    model: ModelInfo
    prompt: Annotated[str, Field(min_length=1)]
    max_new_tokens: Annotated[Integer, Field(ge=1)]
    """Tokens that are produced at most."""
    records: dict[Literal["sequence", "saliency", "rankings", "predictions", "attention", "activations", "factors"], JsonValue]
    """Kind to the record of the first prompt, without what it shares with this one; see `record_of`."""
    longest: Annotated[Integer, Field(ge=2)]
    """Tokens that the model reads at most."""
    ends: tuple[Integer, ...]
    """Tokens after which nothing more is produced."""
    top: Annotated[Integer, Field(ge=1)]
    """Candidates that the graph gives after each layer."""
    graph: str
    """The file with the graph, without weights."""
    tokenizer: str
    """The file with the tokenizer and the texts of all tokens."""
    parts: tuple[str, ...]
    """The files with the weights, in their order."""
    weights: Annotated[tuple[Weight, ...], Field(min_length=1)]
    truth: Truth

    @field_validator("records")
    @classmethod
    def _are_of_their_kinds(cls, records: dict[str, JsonValue]) -> dict[str, JsonValue]:
        if "sequence" not in records:
            raise ValueError("records must hold a sequence: the first state shows the text at least")
        return records

    @model_validator(mode="after")
    def _all_fits(self) -> Live:
        for suffix in (self.graph, self.tokenizer, *self.parts):
            if suffix not in self.files:
                raise ValueError(f"files must name {suffix!r}, of which the record speaks")
        if self.facts.get("bytes") != sum(file.size for file in self.files.values()):
            raise ValueError("facts.bytes must be the size of all files")
        for kind in self.records:
            self.record_of(kind)
        return self

    def record_of(self, kind: str) -> Record:
        """The record of a kind that the first prompt gave.

        Raises:
            ValueError: What stands there is not valid.
        """
        from lensdoc.records.kinds import record_class

        said = self.records[kind]  # type: ignore[index]
        if not isinstance(said, dict) or set(said) & set(_SHARED):
            raise ValueError(f"records.{kind} must hold the fields of that kind but for {', '.join(_SHARED)}")
        mine = self.model_dump(mode="json", include=set(_SHARED))
        return record_class(kind).model_validate_json(json.dumps({**said, **mine}))

    def shown(self) -> Iterator[Record]:
        """The records of the first prompt, in the order in which a page shows them."""
        return (self.record_of(kind) for kind in SHOWN if kind in self.records)

    def manifest(self) -> dict[str, Any]:
        """What of it a page hands to the engine; the files' addresses are the page's to know."""
        return {
            "weights": [weight.model_dump(mode="json", exclude={"name"}) for weight in self.weights],
            "layers": self.model.layers,
            "vocabulary": self.model.vocabulary,
            "longest": self.longest,
            "ends": list(self.ends),
            "max_new_tokens": self.max_new_tokens,
            "first": self.model_dump(mode="json", include={"records"})["records"],
        }


def without_shared(record: Record) -> dict[str, Any]:
    """A record as `Live.records` holds it."""
    return record.model_dump(mode="json", exclude={*_SHARED, "files"})
