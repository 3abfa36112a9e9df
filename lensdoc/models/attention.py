"""Attention weights of every head, found without a table of models, and the modules that make them.

A pass under eager attention hands the weights on. In each block they are what some module gives back that has the shape
(1, heads, T, T), in a causal model no weight after the diagonal, and rows that sum to 1. The model's own implementation is put
back afterwards. A block of a decoder beside an encoder has two: of the tokens that it is given, and then of the source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Literal

import torch
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel

from lensdoc.core.errors import ModelError
from lensdoc.models.blocks import blocks
from lensdoc.models.forward import in_words, rounding, some_tokens, supported
from lensdoc.models.sight import sees_all
from lensdoc.models.streams import Stack, run

Attended = Literal["encoder", "decoder", "cross"]
"""Which attention of an encoder with a decoder: `cross` is that of the decoder to the source."""
_PROBED = 5
_RANK = 4
"""Weights are (texts, heads, queries, keys)."""


@contextmanager
def eager(model: PreTrainedModel) -> Iterator[None]:
    """While it lasts attention is computed in plain operations, which alone hand on their weights."""
    before = _implementations(model)
    try:
        with in_words(model, "switch to eager attention"):
            model.set_attn_implementation("eager")
        yield
    finally:
        for config, implementation in before:
            config._attn_implementation = implementation  # noqa: SLF001 - transformers has no public name for it


def _implementations(model: PreTrainedModel) -> list[tuple[PretrainedConfig, str | None]]:
    """Each config of the model and its parts with the implementation that it names."""
    named = [getattr(module, "config", None) for module in model.modules()]
    configs = {id(config): config for config in named if isinstance(config, PretrainedConfig)}
    return [(config, getattr(config, "_attn_implementation", None)) for config in configs.values()]


@contextmanager
def attending(
    model: PreTrainedModel, count: int, keys: int | None = None, stack: Stack = "decoder", *, causal: bool | None = None
) -> Iterator[list[list[Tensor]]]:
    """For each block the different weights (1, heads, T, T) that its modules give back on a text of `count` tokens.

    Derivatives pass through.

    Args:
        model: The model.
        count: How many tokens attend.
        keys: How many are attended to; None for the same ones.
        stack: Whose blocks, in a model with two.
        causal: Whether no weight stands after the diagonal; None for what the model itself does.
    """
    kept: list[list[Tensor]] = [[] for _ in blocks(model, stack)]
    size = (count, count if keys is None else keys)
    causal = not sees_all(model) if causal is None else causal

    def keep(found: list[Tensor]) -> Callable[[nn.Module, object, object], None]:
        def hook(_: nn.Module, __: object, output: object) -> None:
            for made in output if isinstance(output, tuple | list) else ():
                if (
                    isinstance(made, Tensor)
                    and _are_weights(made, size, causal=causal)
                    and not any(made is other for other in found)
                ):
                    found.append(made)

        return hook

    with eager(model), ExitStack() as hooks:
        for block, found in zip(blocks(model, stack), kept, strict=True):
            for module in block.modules():
                hooks.callback(module.register_forward_hook(keep(found)).remove)
        yield kept


@torch.no_grad()
def weight_makers(model: PreTrainedModel) -> list[tuple[nn.Module, int]]:
    """For each block the module that hands on its attention weights under eager attention, and their place in what it gives back.

    Raises:
        ModelError: A block hands on none, or several.
    """
    ids = some_tokens(model, _PROBED)
    made: list[tuple[object, nn.Module, int]] = []

    def note(module: nn.Module, _: object, output: object) -> None:
        made.extend((one, module, place) for place, one in enumerate(output if isinstance(output, tuple | list) else ()))

    with ExitStack() as hooks, attending(model, _PROBED) as kept, in_words(model, "read this text"):
        for module in model.modules():
            hooks.callback(module.register_forward_hook(note).remove)
        model(ids, **supported(model, use_cache=False, logits_to_keep=1))
    for layer, found in enumerate(kept):
        if len(found) != 1:
            raise ModelError(f"layer {layer} of {type(model).__name__} hands on no attention weights for each head")
    return [next((module, place) for one, module, place in made if one is found) for (found,) in kept]


def _are_weights(made: Tensor, size: tuple[int, int], *, causal: bool) -> bool:
    if made.ndim != _RANK or made.shape[0] != 1 or made.shape[2:] != size or not made.is_floating_point():
        return False
    if not (made >= 0).all():
        return False
    if causal:
        return not made.triu(1).any()
    return bool(((made.sum(-1) - 1).abs() <= rounding(made.dtype)).all())


@torch.no_grad()
def attention_weights(model: PreTrainedModel, ids: Tensor, layers: Sequence[int]) -> Tensor:
    """Attention weights for one text: ids (T,) to (layers, heads, T, T), the query before the key; rows sum to 1.

    Grouped queries have a row each. The model attends in another implementation as a rule, whose weights are the same but for
    rounding (seen: 5e-5 of a logit).

    Raises:
        ModelError: A layer has no attention, or one whose weights it does not hand on, or whose rows do not sum to 1.
    """
    with attending(model, len(ids)) as kept, in_words(model, "read this text"):
        run(model, ids[None], use_cache=False, logits_to_keep=1, output_attentions=True)
    return _joined(model, kept, layers, ids)


@torch.no_grad()
def weights_of_two(model: PreTrainedModel, ids: Tensor, split: int, layers: Sequence[int], which: Attended) -> Tensor:
    """Weights of one attention of an encoder with a decoder: ids of both streams (T,) to (layers, heads, queries, keys).

    Raises:
        ModelError: As `attention_weights`.
    """
    count = split if which == "encoder" else len(ids) - split
    keys = split if which == "cross" else count
    stack: Stack = "encoder" if which == "encoder" else "decoder"
    with (
        attending(model, count, keys, stack, causal=which == "decoder") as kept,
        in_words(model, "read this text"),
    ):
        run(model, ids[None], split, use_cache=False, output_attentions=True)
    # With as many tokens in both streams the decoder's own weights look like those of the source, and come first; where a module
    # hands on a bias it is no share.
    shares = [[made for made in found if _sum_to_one(made)] for found in kept]
    return _joined(model, [found[-1:] if which == "cross" else found[:1] for found in shares], layers, ids)


def _sum_to_one(made: Tensor) -> bool:
    return bool(((made.sum(-1) - 1).abs() <= rounding(made.dtype)).all())


def _joined(model: PreTrainedModel, kept: Sequence[Sequence[Tensor]], layers: Sequence[int], ids: Tensor) -> Tensor:
    able = [layer for layer, found in enumerate(kept) if len(found) == 1]
    for layer in layers:
        if layer not in able:
            others = f"; layers with such weights are {', '.join(map(str, able))}" if able else "; no layer of this model does"
            raise ModelError(f"layer {layer} of {type(model).__name__} hands on no attention weights for each head{others}")
    weights = [kept[layer][0][0].to(ids.device) for layer in layers]
    if len({len(each) for each in weights}) > 1:
        told = ", ".join(f"{len(each)} in layer {layer}" for layer, each in zip(layers, weights, strict=True))
        raise ModelError(f"these layers have different numbers of heads, {told}; choose layers alike")
    _check_rows(model, weights, layers)
    return torch.stack(weights)


def _check_rows(model: PreTrainedModel, weights: Sequence[Tensor], layers: Sequence[int]) -> None:
    for layer, each in zip(layers, weights, strict=True):
        if not each.isfinite().all():
            raise ModelError(
                f"the attention weights of layer {layer} of {type(model).__name__} are not finite; try dtype='float32'"
            )
        off = float((each.float().sum(-1) - 1).abs().max())
        if off > rounding(each.dtype):
            raise ModelError(
                f"attention in layer {layer} of {type(model).__name__} does not share out 1 among the tokens: a row misses it by "
                f"{off:.2g}, as where a learned sink takes part of it; such weights are no shares; take another model"
            )
