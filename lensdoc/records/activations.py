"""The record of kind `activations`: FFN neurons over the tokens of a text."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from lensdoc.records.part import Integer, Part, Real
from lensdoc.records.record import ModelInfo, Record
from lensdoc.records.shapes import check_ascending, check_grid, check_layers, check_length, check_targets

LARGEST_CODE = 127
"""Codes are integers from -127 to 127."""

Rows = tuple[tuple[tuple[float, ...], ...], ...]


class Encoding(Part):
    """Values as 8-bit integers: a value is `code / 127 * scale` of its layer."""

    dtype: Literal["int8"]
    scale: tuple[Annotated[Real, Field(ge=0)], ...]
    """`scale[l]`: largest absolute value in the layer."""
    data: tuple[str, ...]
    """`data[l]`: base64 of the codes, two's complement, neuron after neuron with a code for each position."""


class Activations(Record):
    """Activations of FFN neurons; `l` counts the layers, `n` the neurons, `p` the positions.

    Facts: `layers`, `neurons` (in each layer), `positions`, `largest` (largest absolute value), `active` (share of values above
    0). With clusters, counted from 1: `clusters`, `cluster_<i>_neurons`, `cluster_<i>_active`; where there are several layers
    these begin with `layer_<l>_`.
    """

    KIND: ClassVar[str] = "activations"
    VERSION: ClassVar[tuple[int, int]] = (1, 1)

    model: ModelInfo
    layers: Annotated[tuple[Integer, ...], Field(min_length=1)]
    neurons: Annotated[tuple[Integer, ...], Field(min_length=1)]
    """`neurons[n]`: indices within a layer, the same ones in each."""
    positions: Annotated[tuple[Integer, ...], Field(min_length=1)]
    """`positions[p]`: tokens that are shown. An input token shows the response to it, a produced one the state that produced
    it."""
    values: tuple[tuple[tuple[Real, ...], ...], ...] | None = None
    """`values[l][n][p]`; None where `encoding` holds them."""
    encoding: Encoding | None = None
    clusters: tuple[tuple[Annotated[Integer, Field(ge=1)], ...], ...] | None = None
    """`clusters[l][n]`: cluster of a neuron within its layer; 1 is the largest."""

    @property
    def rows(self) -> Rows:
        """The values, `rows[l][n][p]`, whichever way they are kept."""
        if self.values is not None:
            return self.values
        assert self.encoding is not None
        return tuple(self._decoded(*layer) for layer in zip(self.encoding.scale, self.encoding.data, strict=True))

    def _decoded(self, scale: float, data: str) -> tuple[tuple[float, ...], ...]:
        codes, width = _codes(data), len(self.positions)
        values = [code / LARGEST_CODE * scale for code in codes]
        return tuple(tuple(values[n : n + width]) for n in range(0, len(values), width))

    @model_validator(mode="after")
    def _shapes_fit(self) -> Activations:
        layers, neurons = ("layers", len(self.layers)), ("neurons", len(self.neurons))
        check_layers(self.layers, self.model.layers)
        check_ascending("neurons", self.neurons, self.model.neurons, "the model's number of neurons in a layer")
        check_targets(self.positions, self.tokens, "positions")
        if (self.values is None) == (self.encoding is None):
            raise ValueError("either values or encoding must be there, and not both")
        if self.clusters is not None:
            check_grid("clusters", self.clusters, layers, neurons)
        if self.values is not None:
            check_grid("values", self.values, layers, neurons)
            for index, rows in enumerate(self.values):
                check_grid(f"values[{index}]", rows, neurons, ("positions", len(self.positions)))
        if self.encoding is not None:
            check_length("encoding.scale", self.encoding.scale, *layers)
            check_length("encoding.data", self.encoding.data, *layers)
            for index, data in enumerate(self.encoding.data):
                _check_data(f"encoding.data[{index}]", data, len(self.neurons) * len(self.positions))
        return self


def _codes(data: str) -> memoryview:
    return memoryview(base64.b64decode(data, validate=True)).cast("b")


def _check_data(field: str, data: str, count: int) -> None:
    try:
        codes = _codes(data)
    except (binascii.Error, ValueError):
        raise ValueError(f"{field} must be base64") from None
    check_length(field, codes, "neurons times positions", count)
    if bytes([0x80]) in codes.tobytes():
        raise ValueError(f"{field} holds the code -128; codes are from -127 to 127")
