"""The neurons of each block's FFN, and their activations: the input of the block's down-projection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from lensdoc.core.errors import ModelError
from lensdoc.models.blocks import blocks
from lensdoc.models.down_projection import Found, Linear, find_down_projections, sizes
from lensdoc.models.forward import in_words
from lensdoc.models.streams import Stack, run, stack_of

_known: WeakKeyDictionary[nn.Module, tuple[Found, ...]] = WeakKeyDictionary()


@torch.no_grad()
def record_activations(
    model: PreTrainedModel, ids: Tensor, layers: Sequence[int], split: int = 0, stack: Stack = "decoder"
) -> Tensor:
    """Inputs of the down-projections for one text: ids (T,) to activations (layers, T, neurons); of one stack those it reads."""
    return activations_of(model, layers, ids[None], split, stack)


def activations_of(
    model: PreTrainedModel, layers: Sequence[int], given: Tensor, split: int = 0, stack: Stack = "decoder"
) -> Tensor:
    """The same for ids (1, T) or embeddings (1, T, width) of one text; derivatives pass through.

    Raises:
        ModelError: A layer has no FFN neurons, layers have different numbers of them, or a forward pass leaves a
            down-projection out, so that there is nothing to capture.
    """
    neurons_in(model, layers, stack)
    found, kept = ffn(model, stack), dict[int, Tensor]()
    modules = {layer: module for layer in layers if (module := found[layer].module)}
    with _inputs_of(modules, kept), in_words(model, "read this text"):
        run(model, given, split, use_cache=False, logits_to_keep=1)
    if missing := [layer for layer in layers if layer not in kept]:
        raise ModelError(
            f"the FFN activations of layers {missing} were not captured: {type(model).__name__} computes them otherwise; "
            "choose other layers"
        )
    read = split if stack == "encoder" else given.shape[1] - split
    rows = [kept[layer].reshape(read, -1) for layer in layers]  # some models flatten the batch
    return torch.stack([layer.to(given.device) for layer in rows])  # blocks may lie on several devices


def ffn(model: PreTrainedModel, stack: Stack = "decoder") -> tuple[Found, ...]:
    """The down-projection of every block, in order, or why it has none that could be told; found once for each model."""
    part = stack_of(model, stack)
    if part not in _known:
        _known[part] = find_down_projections(model, list(blocks(model, stack)))
    return _known[part]


def neurons_of(model: PreTrainedModel, stack: Stack = "decoder") -> tuple[int, ...]:
    """FFN neurons of every layer; 0 in one that has none."""
    return tuple(0 if one.module is None else sizes(one.module)[0] for one in ffn(model, stack))


def neurons_in(model: PreTrainedModel, layers: Sequence[int], stack: Stack = "decoder") -> int:
    """FFN neurons in each of these layers, which must have as many as each other.

    Raises:
        ModelError: One has none, or they differ; the message says why, and which layers will do.
    """
    each = neurons_of(model, stack)
    able = [layer for layer, count in enumerate(each) if count]
    if missing := [layer for layer in layers if not each[layer]]:
        others = f"; layers with FFN neurons are {_some(able)}" if able else "; no layer of this model has such neurons"
        raise ModelError(
            f"layer {missing[0]} of {type(model).__name__} has no FFN neurons: {ffn(model, stack)[missing[0]].why}{others}. "
            "Measures of states and of saliency need no neurons"
        )
    widths = {each[layer]: layer for layer in reversed(layers)}
    if len(widths) > 1:
        told = " and ".join(f"{width} in layer {layer}" for width, layer in sorted(widths.items(), key=lambda item: item[1]))
        alike = [layer for layer in layers if each[layer] == each[layers[0]]]
        raise ModelError(f"these layers have different numbers of FFN neurons, {told}; choose layers alike, as {_some(alike)}")
    return each[layers[0]]


_MOST_NAMED = 8


def _some(layers: Sequence[int]) -> str:
    return ", ".join(map(str, layers[:_MOST_NAMED])) + (", ..." if len(layers) > _MOST_NAMED else "")


def n_neurons(model: PreTrainedModel, stack: Stack = "decoder") -> int | None:
    """FFN neurons in each layer; None where layers differ, or one has none."""
    each = set(neurons_of(model, stack))
    return each.pop() or None if len(each) == 1 else None


def neuron_module(model: PreTrainedModel, stack: Stack = "decoder") -> str | None:
    """The module, by its path in a block, whose input is called the activations of neurons; None where there is none."""
    names = dict.fromkeys(one.name for one in ffn(model, stack) if one.name)
    return " or ".join(names) or None


def down_projections(model: PreTrainedModel) -> list[Linear]:
    """The down-projection of every block, in order.

    Raises:
        ModelError: A block has none.
    """
    found = [one.module for one in ffn(model)]
    if missing := [layer for layer, module in enumerate(found) if module is None]:
        raise ModelError(f"layer {missing[0]} of {type(model).__name__} has no FFN neurons: {ffn(model)[missing[0]].why}")
    return [module for module in found if module is not None]


@contextmanager
def _inputs_of(modules: dict[int, Linear], kept: dict[int, Tensor]) -> Iterator[None]:
    """Keep the input of each module while it runs; the hooks are removed whatever happens."""

    def keep(layer: int) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
        def hook(_: nn.Module, args: tuple[Tensor, ...]) -> None:
            kept[layer] = args[0]

        return hook

    handles = [module.register_forward_pre_hook(keep(layer)) for layer, module in modules.items()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
