"""The record of kind `activations`: FFN neurons over the tokens of a text."""

from __future__ import annotations

import base64
import binascii
import struct
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from lensdoc.core.tolerances import SIDES, STEP, Data, Tolerances
from lensdoc.records.fields import Integer, Real, StrictData
from lensdoc.records.record import ModelInfo, Record
from lensdoc.records.shapes import check_ascending, check_grid, check_layers, check_length, check_targets

LARGEST_CODE = 127
"""Codes of `int8` are integers from -127 to 127."""
LARGEST_EXPONENT = 15
"""Halves are scaled to be below two to this power; their largest is 65,504."""

Rows = tuple[tuple[tuple[float, ...], ...], ...]


class Encoding(StrictData):
    """Values as base64: 16-bit floating point numbers, or 8-bit integers in records before 1.1."""

    dtype: Literal["float16", "int8"]
    """`float16`: a value is a half times the `scale` of its layer, three digits of it at any size. `int8`: a value is
    `code / 127 * scale`, so that what is below 1/254 of the layer's largest is 0."""
    scale: tuple[Annotated[Real, Field(ge=0)], ...]
    """`scale[l]`: for halves a power of two, to four digits, by which the layer's largest absolute value is from 2^14 to 2^15 of
    them; for codes that largest absolute value itself."""
    data: tuple[str, ...]
    """`data[l]`: base64, neuron after neuron with a half (IEEE 754, little-endian) or a code (two's complement) for each
    position."""

    def layer(self, index: int) -> list[float]:
        """Values of a layer, neuron after neuron."""
        read = base64.b64decode(self.data[index], validate=True)
        if self.dtype == "int8":
            return [code / LARGEST_CODE * self.scale[index] for code in memoryview(read).cast("b")]
        return [half * self.scale[index] for half in struct.unpack(f"<{len(read) // 2}e", read)]


class Activations(Record):
    """Activations of FFN neurons; `l` counts the layers, `n` the neurons, `p` the positions.

    Facts: `layers`, `neurons` (in each layer), `positions`, `largest` (largest absolute value), `active` (share of values above
    0). With clusters, counted from 1: `clusters`, `cluster_<i>_neurons`, `cluster_<i>_active`; where there are several layers
    these begin with `layer_<l>_`.
    """

    KIND: ClassVar[str] = "activations"
    VERSION: ClassVar[tuple[int, int]] = (1, 1)
    MASKED: ClassVar[tuple[int, int]] = (1, 2)
    STREAMS: ClassVar[tuple[int, int]] = (1, 3)
    TOLERANCES: ClassVar[Tolerances] = {"encoding.data": STEP, "facts.active": SIDES, "facts.*cluster_*_active": SIDES}

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
        layers, width = map(self.encoding.layer, range(len(self.layers))), len(self.positions)
        return tuple(tuple(tuple(values[n : n + width]) for n in range(0, len(values), width)) for values in layers)

    def for_comparison(self, data: Data) -> Data:
        """Encoded values as numbers: halves by neurons, of which one may be a thousand times as large as another, or codes."""
        if self.encoding is None:
            return data
        if self.encoding.dtype == "float16":
            encoding: Data = {"dtype": "float16", "rows": [list(row) for layer in self.rows for row in layer]}
        else:
            codes = [list(memoryview(base64.b64decode(layer)).cast("b")) for layer in self.encoding.data]
            encoding = data["encoding"] | {"data": codes}
        return data | {"encoding": encoding}

    @model_validator(mode="after")
    def _shapes_fit(self) -> Activations:
        layers, neurons = ("layers", len(self.layers)), ("neurons", len(self.neurons))
        check_layers(self.layers, self.model.layers)
        least = min((self.model.neurons_in(layer) for layer in self.layers), default=0)
        check_ascending("neurons", self.neurons, least, "the number of neurons in each of the layers")
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
                _check_data(f"encoding.data[{index}]", data, self.encoding.dtype, len(self.neurons) * len(self.positions))
        return self


def _check_data(field: str, data: str, dtype: str, count: int) -> None:
    try:
        read = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{field} must be base64") from None
    check_length(field, read[::2] if dtype == "float16" else read, "neurons times positions", count)
    if dtype == "float16":
        if len(read) % 2:
            raise ValueError(f"{field} must hold two bytes for each value, it ends with one")
        if _NOT_FINITE & set(read[1::2]):
            raise ValueError(f"{field} holds a half that is not finite, and all numbers must be")
    elif bytes([0x80]) in read:
        raise ValueError(f"{field} holds the code -128; codes are from -127 to 127")


_NOT_FINITE = {high for high in range(256) if high & 0x7C == 0x7C}  # noqa: PLR2004 - all bits of the exponent
"""Higher bytes of halves that are infinite or not a number."""
