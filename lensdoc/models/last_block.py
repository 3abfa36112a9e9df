"""Leaving out what the last block computes for nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

from torch import Tensor, nn
from transformers import PreTrainedModel

from lensdoc.models.ffn import blocks, down_projections
from lensdoc.records.errors import ModelError


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


def _last_ffn(model: PreTrainedModel) -> nn.Module | None:
    """The part of the last block that holds the down-projection."""
    try:
        down = down_projections(model)[-1]
    except ModelError:  # a mixture of experts, or something else that is not looked into
        return None
    return next((part for part in blocks(model)[-1].children() if part is not down and down in set(part.modules())), None)
