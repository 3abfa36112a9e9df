"""Keys and values of earlier tokens as one row of numbers a token, so that a token more costs a pass over that token alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.cache_utils import DynamicCache, DynamicLayer

from lensdoc.models.continuation import cache_name
from lensdoc.models.forward import RAISED, some_tokens, supported

_TOKENS = 4


class _Layer(DynamicLayer):
    """Keys and values of one layer, which also keeps those that are new by themselves."""

    new: tuple[Tensor, Tensor]

    def update(self, key_states: Tensor, value_states: Tensor, *given: Any, **named: Any) -> tuple[Tensor, Tensor]:  # noqa: ANN401 - the base's
        self.new = key_states, value_states
        found: tuple[Tensor, Tensor] = super().update(key_states, value_states, *given, **named)
        return found


@dataclass(frozen=True)
class Rows:
    """The keys and values of a token in one row: by layer, keys before values, by head."""

    name: str
    """What the model calls its cache."""
    layers: int
    heads: int
    width: int

    @property
    def size(self) -> int:
        """Numbers of a row."""
        return 2 * self.layers * self.heads * self.width

    def cache(self, past: Tensor) -> DynamicCache:
        """What the model takes of earlier tokens, from their rows (P, size)."""
        whole = past.view(-1, 2 * self.layers, self.heads, self.width).permute(1, 2, 0, 3)
        made: DynamicCache = DynamicCache()
        made.layers = []
        make: type[Any] = _Layer  # its base has no types
        for number in range(self.layers):
            layer = make()
            layer.lazy_initialization(whole[0], whole[0])
            layer.keys, layer.values = whole[2 * number][None], whole[2 * number + 1][None]
            made.layers.append(layer)
        return made

    def new(self, cache: DynamicCache) -> Tensor:
        """The rows (T, size) of the tokens that the model read last."""
        layers: list[Any] = cache.layers
        found = torch.stack([one.detach()[0] for layer in layers for one in layer.new])  # (2 layers, heads, T, width)
        return found.permute(2, 0, 1, 3).reshape(-1, self.size)


@torch.no_grad()
def rows_of(model: PreTrainedModel) -> Rows | None:
    """How a model's keys and values are put into rows; None where it has none, or others than one pair of each layer alike.

    A model that goes on from its rows must find the logits that it finds of the whole text; one that does not is read anew.
    """
    name = cache_name(model)
    if name is None:
        return None
    ids = some_tokens(model, _TOKENS)
    try:
        cache: Any = DynamicCache()
        whole: Any = model(ids, **{name: cache}, **supported(model, use_cache=True)).logits[0, -1]
        shapes = {tuple(one.shape) for layer in cache.layers for one in (layer.keys, layer.values)}
        ((_, heads, _, width),) = shapes
        rows = Rows(name, len(cache.layers), heads, width)
        first = rows.cache(torch.zeros(0, rows.size))
        model(ids[:, :-1], **{name: first}, **supported(model, use_cache=True))
        second = rows.cache(rows.new(first))
        last = model(ids[:, -1:], **{name: second}, **supported(model, use_cache=True)).logits[0, -1]
    except RAISED:
        return None
    return rows if torch.allclose(whole, last, rtol=1e-3, atol=1e-3 * float(whole.abs().max())) else None
