"""The transformer blocks of a model, found without a table of models: what a forward pass calls one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from lensdoc.core.errors import ModelError
from lensdoc.models.forward import in_words, text_config
from lensdoc.models.streams import Stack, has_two, probe, stack_of

_PROBED = 6
_known: WeakKeyDictionary[nn.Module, nn.ModuleList] = WeakKeyDictionary()
"""By model, or by stack of a model with two."""


def blocks(model: PreTrainedModel, stack: Stack = "decoder") -> nn.ModuleList:
    """The transformer blocks, in order; of an encoder with a decoder those of one of its stacks.

    Of the module lists as long as the text model has layers, the outermost whose modules a forward pass on some tokens calls
    once each, in order, each with what the one before has made. Of a stack of two, the lists may have any length.

    Raises:
        ModelError: There is no such list, so that there is no one state between layers to look at.
    """
    part = stack_of(model, stack)
    if part not in _known:
        _known[part] = _find(model, part)
    return _known[part]


def state_of(output: object) -> Tensor:
    """The hidden state in what a block gives back."""
    made = output[0] if isinstance(output, tuple | list) else output
    if not isinstance(made, Tensor):
        raise ModelError(f"a block gives back a {type(made).__name__} in place of a hidden state; take a model whose blocks do")
    return made


@contextmanager
def state_after(block: nn.Module, kept: list[Tensor]) -> Iterator[None]:
    """Append the hidden state that a block makes while the context lasts; derivatives pass through."""
    handle = block.register_forward_hook(lambda _, __, output: kept.append(state_of(output)))
    try:
        yield
    finally:
        handle.remove()


@dataclass
class _Call:
    """A call of a block in the probed pass."""

    block: nn.Module
    given: Tensor | None
    made: Tensor | None = None


def _find(model: PreTrainedModel, part: nn.Module) -> nn.ModuleList:
    count = getattr(text_config(model), "num_hidden_layers", None)
    lists = [m for m in part.modules() if isinstance(m, nn.ModuleList) and (len(m) if has_two(model) else len(m) == count)]
    if not lists:
        raise ModelError(f"{type(model).__name__} has no list of {count} blocks; take one with a block for each layer")
    calls = _calls(model, {block for each in lists for block in each})
    width = getattr(text_config(model), "hidden_size", None)
    for each in lists:
        own = [call for call in calls if call.block in set(each)]
        if [call.block for call in own] == list(each) and _is_stream(own, width):
            return each
    raise ModelError(
        f"{type(model).__name__} hands something else from layer to layer than one hidden state, so there is no residual stream "
        "to read; take a model whose blocks each add to one state"
    )


@torch.no_grad()
def _calls(model: PreTrainedModel, candidates: set[nn.Module]) -> list[_Call]:
    calls: list[_Call] = []
    opened: list[_Call] = []

    def enter(module: nn.Module, args: tuple[Any, ...], others: dict[str, Any]) -> None:
        given = next((value for value in (*args, *others.values()) if isinstance(value, Tensor)), None)
        opened.append(_Call(module, given if given is None else given.clone()))
        calls.append(opened[-1])

    def leave(_: nn.Module, __: object, output: object) -> None:
        made = output[0] if isinstance(output, tuple | list) and output else output
        opened.pop().made = made.clone() if isinstance(made, Tensor) else None

    with ExitStack() as hooks, in_words(model, f"read a text of {_PROBED} tokens"):
        for module in candidates:
            hooks.callback(module.register_forward_pre_hook(enter, with_kwargs=True).remove)
            hooks.callback(module.register_forward_hook(leave).remove)
        probe(model, _PROBED, use_cache=False, logits_to_keep=1)
    return calls


def _is_stream(calls: Sequence[_Call], width: int | None) -> bool:
    """Each block makes a state of the model's width, which the next one is given."""
    if any(call.made is None or call.made.shape[-1] != width or call.made.numel() != _PROBED * width for call in calls):
        return False
    return all(_same(before.made, after.given) for before, after in pairwise(calls))


def _same(made: Tensor | None, given: Tensor | None) -> bool:
    if made is None or given is None or made.shape != given.shape:
        return False
    return torch.equal(made.nan_to_num(), given.to(made.device).nan_to_num())  # what overflows is told by the measures
