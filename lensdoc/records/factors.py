"""The record of kind `factors`: groups of neurons that fire together over a sequence."""

from __future__ import annotations

from bisect import bisect_right
from typing import Annotated, ClassVar, Literal

from pydantic import Field, PrivateAttr, model_validator

from lensdoc.core.errors import MeasureError
from lensdoc.core.tolerances import COUNT, LimitCount, Ranked, Tolerances, share_of
from lensdoc.records.factor_saliency import read_at
from lensdoc.records.fields import Integer, Real, StrictData
from lensdoc.records.record import ModelInfo, Record
from lensdoc.records.shapes import check_layers, check_length, check_targets

Method = Literal["nmf", "pca", "ica"]
Negative = Literal["clip", "split"]
Scale = Literal["state", "layer", "none"]
FIRST_RATIO = 2
"""A factor that is more than so many times stronger at a first token than anywhere else is one of first tokens."""


class TopNeuron(StrictData):
    """A neuron of a factor, and where it fires."""

    layer: Annotated[Integer, Field(ge=0)]
    neuron: Annotated[Integer, Field(ge=0)]
    """Index within the layer."""
    loading: Real
    sign: Literal["positive", "negative"] | None = None
    """Which part of its activation loads on the factor; None where the negative part was set to zero."""
    tokens: tuple[Integer, ...]
    """Positions of the tokens on which that part is largest, largest first."""


class Factors(Record):
    """A factorization of FFN activations; `f` counts the factors, strongest first.

    Facts, with `i` and `j` from 1: `factors`, `neurons` (of the chosen layers), `factor_<i>_neurons`, `factor_<i>_share` (of all
    neurons), `overlap_<i>_<j>` (neurons in both), `explained` (by all factors together), `explained_after_first` (the same
    without the first state of each text), `first_token_share` (of the squared activations before they were scaled, what lies at
    texts' first tokens), `factor_<i>_tokens` (on which it is strongest) and, where they were measured, `factor_<i>_stability`,
    `control_explained` and `control_explained_most` (mean and largest of `controls`). Where first tokens were not left out:
    `factor_<i>_first_ratio` (its value at a text's first token to its largest elsewhere) and `first_token_factors` (how many have
    a ratio above 2).
    """

    KIND: ClassVar[str] = "factors"
    VERSION: ClassVar[tuple[int, int]] = (1, 4)
    MASKED: ClassVar[tuple[int, int]] = (1, 4)
    TOLERANCES: ClassVar[Tolerances] = {
        "facts.factor_*_neurons": COUNT,
        "facts.overlap_*": COUNT,
        "facts.factor_*_share": share_of("neurons"),
        "facts.first_token_factors": LimitCount(facts="factor_*_first_ratio", limit=FIRST_RATIO),
        "neurons": Ranked("loading", ("layer", "neuron", "sign")),
    }

    method: Method
    negative: Negative | None = None
    """What became of negative activations: set to zero, or features of their own; None in records before 1.1."""
    scale: Scale | None = None
    """What activations were divided by before they were factored: `state`, those of a layer at a position by their length;
    `layer`, those of a layer by their length at all positions; `none`; None in records before 1.2, which is as `none`."""
    skip: Annotated[Integer, Field(ge=0)] | None = None
    """How many of each text's first states were left out; None in records before 1.2, which is as 0."""
    left_out: tuple[Integer, ...] = ()
    """Positions of the tokens that show these states. Nothing was measured there: their activations are written as 0."""
    solver: str | None = None
    """Initialisation and tolerance."""
    layers: tuple[Integer, ...]
    """The layers whose neurons were factored."""
    starts: tuple[Integer, ...] = (0,)
    """Positions at which texts begin."""
    activations: tuple[tuple[Real, ...], ...]
    """`activations[f][T]`: activation of the factor at every token; not below 0 by `nmf`. An input token shows the response to
    it, a produced one the state that produced it."""
    explained: tuple[Real, ...] | None
    """`explained[f]`: share of the activations' squared norm that the factor accounts for; None where a record was imported."""
    rule: str | None
    """When a neuron belongs to a factor."""
    threshold: Annotated[Real, Field(ge=0)] | None
    """The number in the rule."""
    stability: tuple[Annotated[Real, Field(ge=-1.001, le=1.001)], ...] | None = None
    """`stability[f]`: mean cosine of the loadings to their best match in factorizations from other starts."""
    controls: tuple[Real, ...] | None = None
    """`controls[c]`: share that as many factors account for of the activations of neurons that were shuffled over the states,
    each for itself; None where that was not measured, and in records before 1.4."""
    neurons: tuple[tuple[TopNeuron, ...], ...] | None = None
    """`neurons[f]`: the neurons with the largest loadings, largest first."""

    _members: tuple[tuple[tuple[int, int], ...], ...] | None = PrivateAttr(None)
    """Layer and number of the neurons of each factor, largest loading first; a file does not keep them."""

    def with_members(self, members: tuple[tuple[tuple[int, int], ...], ...]) -> Factors:
        """The record, which from now on knows the neurons of each factor: layer and number, largest loading first."""
        self._members = members
        return self

    def __eq__(self, other: object) -> bool:
        """Whether all fields are the same: what a file does not keep makes no difference."""
        return type(other) is type(self) and dict(self) == dict(other)

    __hash__ = Record.__hash__

    def neurons_of(self, factor: int, most: int | None = None) -> tuple[tuple[int, int], ...]:
        """Layer and number of the neurons that belong to a factor by the record's `rule`, those with the largest loadings first.

        Args:
            factor: Its number, from 1.
            most: How many at most; None for all.

        Raises:
            MeasureError: There is no such factor, or the record was read from a file, which keeps counts and not the neurons.
        """
        count = len(self.activations)
        if not isinstance(factor, int) or not 1 <= factor <= count:
            raise MeasureError(f"factors are numbered from 1 to {count}; there is none with the number {factor!r}")
        if self._members is None:
            raise MeasureError("which neurons belong to a factor is not kept in files; compute the factors in this notebook")
        return self._members[factor - 1][:most]

    @model_validator(mode="after")
    def _shapes_fit(self) -> Factors:
        if isinstance(self.model, ModelInfo):
            check_layers(self.layers, self.model.layers)
        check_targets(self.starts, self.tokens, "starts")
        if self.tokens and self.starts[:1] != (0,):
            raise ValueError("starts must begin with 0, where the first text begins")
        for field, values in (("explained", self.explained), ("stability", self.stability), ("neurons", self.neurons)):
            if values is not None:
                check_length(field, values, "factors", len(self.activations))
        for index, row in enumerate(self.activations):
            check_length(f"activations[{index}]", row, "tokens", len(self.tokens))
            if self.method == "nmf" and min(row, default=0) < 0:
                raise ValueError(f"activations[{index}] must not be below 0 by nmf, the least is {min(row):.4g}")
        self._check_left_out()
        for f, neurons in enumerate(self.neurons or ()):
            for n, neuron in enumerate(neurons):
                self._check_neuron(f"neurons[{f}][{n}]", neuron)
        return self

    def _check_left_out(self) -> None:
        if list(self.left_out) != (skipped := self._skipped()):
            raise ValueError(f"left_out must be {skipped}, the positions that skip={self.skip} leaves out")
        for index, row in enumerate(self.activations):
            if any(row[position] for position in self.left_out):
                raise ValueError(f"activations[{index}] must be 0 at the positions that were left out, {skipped}")

    def _skipped(self) -> list[int]:
        """Positions that show one of a text's first `skip` states, of which the first is that after one token."""
        skip = self.skip or 0
        first = (self.starts[bisect_right(self.starts, p) - 1] for p in range(len(self.tokens)))
        read = (p + 1 if self.sees_all else read_at(self.tokens, p) for p in range(len(self.tokens)))
        return [p for p, (last, start) in enumerate(zip(read, first, strict=True)) if last - start <= skip] if skip else []

    def _check_neuron(self, field: str, found: TopNeuron) -> None:
        if found.layer not in self.layers or (
            isinstance(self.model, ModelInfo) and found.neuron >= self.model.neurons_in(found.layer)
        ):
            raise ValueError(f"{field} is neuron {found.neuron} of layer {found.layer}, which was not factored")
        if any(not 0 <= position < len(self.tokens) for position in found.tokens):
            raise ValueError(f"{field}.tokens must be positions below {len(self.tokens)}, the number of tokens")
