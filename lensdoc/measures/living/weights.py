"""Weights of a live model as bytes: 16 bits a weight, or the blocks of a .gguf file, which are the weights exactly.

The bytes of all weights stand one after the other, each at a multiple of 4, and are cut into parts that are compressed by
themselves. A reader's browser unpacks them into float32; `unpacked` does the same here, so that what is held against PyTorch is
what is shipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

if TYPE_CHECKING:
    import gguf

PART = 19_000_000
"""Bytes of a part before it is compressed, so that each file has at most 20 MB even where nothing can be."""
BLOCKS = ("Q4_0", "Q4_1", "Q8_0")
"""Types of .gguf blocks that the browser unpacks; weights of other types are sent in 16 bits."""
_ALIGNED = 4


@dataclass(frozen=True)
class Packed:
    """One weight as bytes."""

    name: str
    shape: tuple[int, ...]
    encoding: str
    """`float32`, `float16`, `bfloat16`, or a type of .gguf blocks."""
    data: bytes
    change: float
    """By how much the encoding changes a weight at most, in parts of the largest one; 0 where it changes none."""


def packed(weights: Mapping[str, Tensor], source: Path | None = None) -> list[Packed]:
    """Each weight in the smallest encoding that keeps it, else in float16; vectors (norms, biases) always keep their values.

    Args:
        weights: Name to weight, in float32.
        source: The .gguf file that they were read from, whose blocks are taken where they are known here.
    """
    blocks = _Blocks(source) if source else None
    found = []
    for name, weight in weights.items():
        values = weight.detach().cpu().contiguous()
        found.append((blocks.find(name, values) if blocks else None) or _rounded(name, values))
    return found


def _rounded(name: str, values: Tensor) -> Packed:
    shape = tuple(values.shape)
    for dtype in (torch.float16, torch.bfloat16):
        if torch.equal(values.to(dtype).float(), values):
            return Packed(name, shape, str(dtype).removeprefix("torch."), _bytes(values.to(dtype)), 0.0)
    if values.ndim < 2:  # noqa: PLR2004 - a vector
        return Packed(name, shape, "float32", _bytes(values), 0.0)
    largest = float(values.abs().max()) or 1.0
    kept = torch.float16 if largest < torch.finfo(torch.float16).max else torch.bfloat16
    change = float((values.to(kept).float() - values).abs().max()) / largest
    return Packed(name, shape, str(kept).removeprefix("torch."), _bytes(values.to(kept)), change)


def _bytes(values: Tensor) -> bytes:
    integers = {2: torch.int16, 4: torch.int32}[values.element_size()]
    return values.view(integers).numpy().astype(f"<i{values.element_size()}", copy=False).tobytes()


class _Blocks:
    """The tensors of a .gguf file, found by their values: converters rename them, and some put their rows in another order."""

    def __init__(self, path: Path) -> None:
        import gguf

        tensors: list[gguf.ReaderTensor] = list(gguf.GGUFReader(path).tensors)
        self._tensors = {index: tensor for index, tensor in enumerate(tensors) if tensor.tensor_type.name in BLOCKS}
        self._rows: dict[int, dict[bytes, int]] = {}

    def find(self, name: str, values: Tensor) -> Packed | None:
        """The blocks of a weight, its rows in their order; None where there are none that give exactly these values.

        A tensor that was found is let go with its rows: it is one weight's.
        """
        wanted = values.numpy()
        for index, tensor in self._tensors.items():
            if tuple(reversed(tensor.shape.tolist())) != wanted.shape:
                continue
            known = self._known(index)
            order = [known.get(row.tobytes()) for row in wanted] if wanted[0].tobytes() in known else [None]
            if None in order:
                continue
            del self._tensors[index], self._rows[index]
            blocks = np.ascontiguousarray(tensor.data[np.array(order, dtype=np.int64)])
            return Packed(name, tuple(values.shape), tensor.tensor_type.name, blocks.tobytes(), 0.0)
        return None

    def _known(self, index: int) -> dict[bytes, int]:
        """Row, as float32, to its number: rows of the same bytes are the same blocks unpacked."""
        from gguf.quants import dequantize

        if index not in self._rows:
            tensor = self._tensors[index]
            rows = dequantize(tensor.data, tensor.tensor_type)
            self._rows[index] = {row.tobytes(): number for number, row in enumerate(rows)}
        return self._rows[index]


def placed(weights: Sequence[Packed]) -> Iterator[tuple[Packed, int]]:
    """Each weight with the place of its first byte among those of all."""
    place = 0
    for weight in weights:
        yield weight, place
        place += -(-len(weight.data) // _ALIGNED) * _ALIGNED


def joined(weights: Sequence[Packed]) -> list[bytes]:
    """The bytes of all weights, in parts."""
    whole = bytearray()
    for weight, place in placed(weights):
        whole += bytes(place - len(whole)) + weight.data
    whole += bytes(-len(whole) % _ALIGNED)
    return [bytes(whole[first : first + PART]) for first in range(0, len(whole), PART)]


def unpacked(encoding: str, shape: Sequence[int], data: bytes) -> NDArray[np.float32]:
    """The values of a weight, from its bytes, as the browser reads them."""
    if encoding in BLOCKS:
        import gguf

        raw = np.frombuffer(data, np.uint8).reshape(*shape[:-1], -1)
        return cast("NDArray[np.float32]", gguf.quants.dequantize(raw, gguf.GGMLQuantizationType[encoding]))
    if encoding == "bfloat16":
        values: NDArray[Any] = (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
    else:
        values = np.frombuffer(data, {"float16": "<f2", "float32": "<f4"}[encoding]).astype(np.float32)
    return values.reshape(shape)
