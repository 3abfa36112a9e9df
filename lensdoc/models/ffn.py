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
from lensdoc.models.forward import in_words, supported

_known: WeakKeyDictionary[nn.Module, tuple[Found, ...]] = WeakKeyDictionary()


@torch.no_grad()
def record_activations(model: PreTrainedModel, ids: Tensor, layers: Sequence[int]) -> Tensor:
    """Inputs of the down-projections for one text: ids (T,) to activations (layers, T, neurons)."""
    return activations_of(model, layers, input_ids=ids[None])


def activations_of(model: PreTrainedModel, layers: Sequence[int], **text: Tensor) -> Tensor:
    """The same for what a model may be given, `input_ids` or `inputs_embeds` of one text; derivatives pass through.

    Raises:
        ModelError: A layer has no FFN neurons, layers have different numbers of them, or a forward pass leaves a
            down-projection out, so that there is nothing to capture.
    """
    neurons_in(model, layers)
    found, kept = ffn(model), dict[int, Tensor]()
    modules = {layer: module for layer in layers if (module := found[layer].module)}
    with _inputs_of(modules, kept), in_words(model, "read this text"):
        model(**text, **supported(model, use_cache=False, logits_to_keep=1))
    if missing := [layer for layer in layers if layer not in kept]:
        raise ModelError(
            f"the FFN activations of layers {missing} were not captured: {type(model).__name__} computes them otherwise; "
            "choose other layers"
        )
    (given,) = text.values()
    rows = [kept[layer].reshape(given.shape[1], -1) for layer in layers]  # some models flatten the batch
    return torch.stack([layer.to(given.device) for layer in rows])  # blocks may lie on several devices


def ffn(model: PreTrainedModel) -> tuple[Found, ...]:
    """The down-projection of every block, in order, or why it has none that could be told; found once for each model."""
    if model not in _known:
        _known[model] = find_down_projections(model, list(blocks(model)))
    return _known[model]


def neurons_of(model: PreTrainedModel) -> tuple[int, ...]:
    """FFN neurons of every layer; 0 in one that has none."""
    return tuple(0 if one.module is None else sizes(one.module)[0] for one in ffn(model))


def neurons_in(model: PreTrainedModel, layers: Sequence[int]) -> int:
    """FFN neurons in each of these layers, which must have as many as each other.

    Raises:
        ModelError: One has none, or they differ; the message says why, and which layers will do.
    """
    each = neurons_of(model)
    able = [layer for layer, count in enumerate(each) if count]
    if missing := [layer for layer in layers if not each[layer]]:
        others = f"; layers with FFN neurons are {_some(able)}" if able else "; no layer of this model has such neurons"
        raise ModelError(
            f"layer {missing[0]} of {type(model).__name__} has no FFN neurons: {ffn(model)[missing[0]].why}{others}. Measures of "
            "states and of saliency need no neurons"
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


def n_neurons(model: PreTrainedModel) -> int | None:
    """FFN neurons in each layer; None where layers differ, or one has none."""
    each = set(neurons_of(model))
    return each.pop() or None if len(each) == 1 else None


def neuron_module(model: PreTrainedModel) -> str | None:
    """The module, by its path in a block, whose input is called the activations of neurons; None where there is none."""
    names = dict.fromkeys(one.name for one in ffn(model) if one.name)
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
