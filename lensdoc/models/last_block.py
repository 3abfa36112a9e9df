"""Leaving out what the last block computes for nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from lensdoc.models.blocks import blocks
from lensdoc.models.ffn import ffn
from lensdoc.models.forward import RAISED, rounding, text_config


@contextmanager
def last_ffn_only_at(model: PreTrainedModel, positions: Sequence[int]) -> Iterator[None]:
    """While it lasts, the last block's FFN runs at these positions alone: the model's output is right there and nowhere else.

    An FFN takes each position by itself, and after the last block no position looks at another. One that is no module with a
    single input, as in OPT and BLOOM, runs as ever.
    """
    ffn = _last_ffn(model)
    if ffn is None:
        yield
        return
    forward, before = ffn.forward, vars(ffn).get("forward")

    def at_positions(*args: Tensor, **others: Tensor) -> Tensor:
        if len(args) != 1 or others or args[0].ndim != _TEXTS_TOKENS_WIDTH:
            return cast("Tensor", forward(*args, **others))
        chosen: Tensor = forward(args[0][:, positions])
        return chosen.new_zeros(args[0].shape).index_copy(1, args[0].new_tensor(positions).long(), chosen)

    ffn.forward = at_positions
    try:
        yield
    finally:
        if before is None:
            del ffn.forward
        else:  # that of a library which spreads the model over devices
            ffn.forward = before


_TEXTS_TOKENS_WIDTH = 3


_known: WeakKeyDictionary[nn.Module, nn.Module | None] = WeakKeyDictionary()


def _last_ffn(model: PreTrainedModel) -> nn.Module | None:
    """The part of the last block that holds the down-projection, if it takes each position by itself; found once a model."""
    if model not in _known:
        down = ffn(model)[-1].module
        parts = blocks(model)[-1].children() if down is not None else ()
        part = next((part for part in parts if part is not down and down in set(part.modules())), None)
        _known[model] = part if part is not None and _by_position(part, text_config(model).hidden_size) else None
    return _known[model]


@torch.no_grad()
def _by_position(part: nn.Module, width: int) -> bool:
    """Whether two positions alone give what they give among others."""
    parameter = next(part.parameters())
    states = torch.randn(1, 4, width, generator=torch.Generator().manual_seed(_SEED)).to(parameter)
    try:
        whole, alone = part(states), part(states[:, [1, 3]])
    except RAISED:
        return False
    if not isinstance(whole, Tensor) or whole.shape != states.shape:
        return False
    close = rounding(whole.dtype) * float(whole.abs().max())
    return bool((whole[:, [1, 3]] - alone).abs().max() <= close)


_SEED = 50
