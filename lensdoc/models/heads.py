"""The output projection of each block's attention, whose input holds what each head found, one head after the other.

It is the first linear map of the block whose input falls apart by heads: the derivative of what one head found, by the attention
weights, is not zero for its own and zero for every other head.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from lensdoc.core.errors import ModelError
from lensdoc.models.attention import attending
from lensdoc.models.blocks import blocks
from lensdoc.models.down_projection import Linear
from lensdoc.models.forward import in_words, some_tokens, supported

_PROBED = 5
_known: WeakKeyDictionary[nn.Module, tuple[Heads, ...]] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Heads:
    """The heads of one block, or why they cannot be told apart."""

    projection: Linear | None
    """Its input is (..., heads * size)."""
    count: int
    size: int
    why: str | None = None

    def of(self, given: Tensor) -> Tensor:
        """The projection's input (..., heads * size) by head, (..., heads, size)."""
        return given.reshape(*given.shape[:-1], self.count, self.size)


def heads(model: PreTrainedModel) -> tuple[Heads, ...]:
    """The heads of every block, in order, or why they cannot be told apart; found once for each model."""
    if model not in _known:
        _known[model] = _find(model)
    return _known[model]


def heads_in(model: PreTrainedModel, layer: int) -> Heads:
    """The heads of one layer.

    Raises:
        ModelError: It has none that could be told apart; the message says why, and which layers have.
    """
    found = heads(model)
    if found[layer].projection is None:
        able = [str(index) for index, one in enumerate(found) if one.projection is not None]
        others = f"layers with heads are {', '.join(able)}" if able else "no layer of this model has heads that can be"
        raise ModelError(f"layer {layer} of {type(model).__name__} has no heads to be told apart: {found[layer].why}; {others}")
    return found[layer]


@torch.enable_grad()
def _find(model: PreTrainedModel) -> tuple[Heads, ...]:
    calls: list[tuple[nn.Module, Tensor]] = []
    linear = [module for block in blocks(model) for module in block.modules() if isinstance(module, Linear)]
    with ExitStack() as hooks, in_words(model, f"read a text of {_PROBED} tokens"):
        for module in linear:
            hooks.callback(module.register_forward_pre_hook(lambda module, args: calls.append((module, args[0]))).remove)
        attended = hooks.enter_context(attending(model, _PROBED))
        ids = some_tokens(model, _PROBED)
        model(ids, **supported(model, use_cache=False, logits_to_keep=1, output_attentions=True))
    return tuple(_heads_of(set(block.modules()), weights, calls) for block, weights in zip(blocks(model), attended, strict=True))


def _heads_of(inside: set[nn.Module], found: list[Tensor], calls: list[tuple[nn.Module, Tensor]]) -> Heads:
    if len(found) != 1:
        return Heads(None, 0, 0, "it hands on no attention weights for each head")
    (weights,) = found
    count = weights.shape[1]
    for module, given in calls:
        if module in inside and given.requires_grad and given.shape[-1] % count == 0 and _is_split(given, weights):
            assert isinstance(module, Linear)
            return Heads(module, count, given.shape[-1] // count)
    return Heads(None, count, 0, "no linear map of its attention takes what the heads found one after the other")


def _is_split(given: Tensor, weights: Tensor) -> bool:
    """Whether each head's part of a map's input depends on that head's weights alone."""
    count = weights.shape[1]
    parts = given.reshape(*given.shape[:-1], count, -1)
    for head in range(count):
        (by,) = torch.autograd.grad(parts[..., head, :].sum(), weights, retain_graph=True, allow_unused=True)
        if by is None or not by[0, head].any() or by[0, [h for h in range(count) if h != head]].any():
            return False
    return True
