"""A model as a function of the token embeddings, and whether it is the same function that it is of ids."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from inspect import signature
from itertools import product
from weakref import WeakKeyDictionary, WeakSet

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from lensdoc.core.errors import ModelError
from lensdoc.models.blocks import blocks, state_after
from lensdoc.models.forward import in_words, rounding, some_tokens
from lensdoc.models.sight import sees_all
from lensdoc.models.streams import Stack, embedder, has_two, run, stack_of

_PROBED = 7
_STRETCHED = 1.25
_checked: WeakSet[nn.Module] = WeakSet()
_factors: WeakKeyDictionary[nn.Module, tuple[float, float]] = WeakKeyDictionary()
"""What embeddings of source and target are multiplied with where ids are read, and not where embeddings are."""


def embeddings_of(model: PreTrainedModel, ids: Tensor, split: int = 0) -> Tensor:
    """Embeddings (T, width) of ids (T,), before positions are added; of both streams where the model has two."""
    if has_two(model):
        factors = _factors.get(model, (1.0, 1.0))
        return torch.cat(
            [
                factor * _embedded(model, some, stack)
                for factor, some, stack in zip(factors, (ids[:split], ids[split:]), _STACKS, strict=True)
            ]
        )
    return _embedded(model, ids, "decoder")


_STACKS: tuple[Stack, Stack] = ("encoder", "decoder")


def _embedded(model: PreTrainedModel, ids: Tensor, stack: Stack) -> Tensor:
    made: object = embedder(model, stack)(ids)
    if not isinstance(made, Tensor):
        raise ModelError(
            f"the embedding of {type(model).__name__} gives a {type(made).__name__} in place of a vector for each token, so "
            "derivatives by embeddings are not measured; take another model, or measures of states"
        )
    return made.detach()


def last_state(model: PreTrainedModel, embeddings: Tensor, split: int = 0) -> Tensor:
    """The state after the last block, before any norm: embeddings (texts, T, width) to (texts, T, width).

    Of an encoder with a decoder it is that of the decoder, of the tokens from `split` on. The model gets a copy, since some scale
    what they are given in place.
    """
    return _last_state(model, embeddings.clone(), split)


def _last_state(model: PreTrainedModel, given: Tensor, split: int = 0) -> Tensor:
    kept: list[Tensor] = []
    with in_words(model, "read this text"), state_after(blocks(model)[-1], kept):
        run(model, given, split, use_cache=False, logits_to_keep=1)
    return kept[-1].reshape(given.shape[0], given.shape[1] - split, -1)


@torch.no_grad()
def check_embeddings(model: PreTrainedModel, *, causal: bool = True) -> None:
    """Once for each model: embeddings lead to the state that ids lead to, and later tokens change nothing in a causal model.

    Some encoders with decoders multiply embeddings with a factor where they read ids alone; it is found here.

    Raises:
        ModelError: They do not, so that derivatives by the embeddings would be those of another function.
    """
    name = type(model).__name__
    if causal and sees_all(model):
        raise ModelError(
            f"{name} lets a token change what was said before it; it is no causal language model, and saliency is not measured; "
            "take another model, or of a masked one the trace that `fill` or `score` makes"
        )
    if model in _checked:
        return
    needed = {"inputs_embeds", "decoder_inputs_embeds"} if has_two(model) else {"inputs_embeds"}
    if not needed <= set(signature(model.forward).parameters):
        raise ModelError(f"{name} takes ids alone and no embeddings, by which saliency differentiates; take another model")
    ids, split = some_tokens(model, _PROBED), 0
    if has_two(model):
        ids, split = ids.repeat(1, 2), _PROBED
    whole = _last_state(model, ids, split)
    for factors in product([1.0, _scale(model, "encoder")], [1.0, _scale(model, "decoder")]):
        _factors[model] = factors
        if found := _alike(_by_embeddings(model, ids[0], split), whole):
            break
    if not found:
        raise ModelError(
            f"{name} reads more from ids than their embeddings (further tables, or positions), so derivatives by the embeddings "
            "are not the model's, and saliency is not measured; take another model, or measures of states"
        )
    _checked.add(model)


def _scale(model: PreTrainedModel, stack: Stack) -> float:
    """The factor that a stack names for its embeddings; 1 where it names none."""
    scale = getattr(stack_of(model, stack), "embed_scale", 1.0) if has_two(model) else 1.0
    return float(scale) if isinstance(scale, int | float) else 1.0


def _by_embeddings(model: PreTrainedModel, ids: Tensor, split: int) -> Tensor | None:
    """None where the model cannot do without ids, or takes no embeddings but those of ids."""
    embeddings = embeddings_of(model, ids, split)[None]
    try:
        last_state(model, _STRETCHED * embeddings, split)
        return last_state(model, embeddings, split)
    except ModelError:
        return None


def _alike(found: Tensor | None, expected: Tensor) -> bool:
    """Equal but for rounding; what is not finite is told by the measures."""
    if found is None:
        return False
    found, expected = found.nan_to_num(), expected.nan_to_num()
    return bool((found - expected).abs().max() <= rounding(found.dtype) * expected.abs().max())


@contextmanager
def embeddings_leaf(model: PreTrainedModel) -> Iterator[None]:
    """While it lasts, derivatives reach back to the embeddings, whether or not weights are differentiated."""

    def start(_: nn.Module, __: object, output: Tensor) -> Tensor:
        return output.detach().requires_grad_().clone()  # a copy, since some models scale it in place

    tables = {embedder(model, stack) for stack in _STACKS} if has_two(model) else {model.get_input_embeddings()}
    handles = [table.register_forward_hook(start) for table in tables]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
