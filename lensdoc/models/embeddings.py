"""A model as a function of the token embeddings, and whether it is the same function that it is of ids."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from inspect import signature
from weakref import WeakSet

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from lensdoc.core.errors import ModelError
from lensdoc.models.blocks import blocks, state_after
from lensdoc.models.forward import in_words, rounding, some_tokens, supported
from lensdoc.models.sight import sees_all

_PROBED = 7
_STRETCHED = 1.25
_checked: WeakSet[nn.Module] = WeakSet()


def embeddings_of(model: PreTrainedModel, ids: Tensor) -> Tensor:
    """Embeddings (T, width) of ids (T,), before positions are added."""
    made: object = model.get_input_embeddings()(ids)
    if not isinstance(made, Tensor):
        raise ModelError(
            f"the embedding of {type(model).__name__} gives a {type(made).__name__} in place of a vector for each token, so "
            "derivatives by embeddings are not measured; take another model, or measures of states"
        )
    return made.detach()


def last_state(model: PreTrainedModel, embeddings: Tensor) -> Tensor:
    """The state after the last block, before any norm: embeddings (texts, T, width) to (texts, T, width).

    The model gets a copy, since some scale what they are given in place.
    """
    return _last_state(model, inputs_embeds=embeddings.clone())


def _last_state(model: PreTrainedModel, **text: Tensor) -> Tensor:
    kept: list[Tensor] = []
    with in_words(model, "read this text"), state_after(blocks(model)[-1], kept):
        model(**text, **supported(model, use_cache=False, logits_to_keep=1))
    (given,) = text.values()
    return kept[-1].reshape(*given.shape[:2], -1)


@torch.no_grad()
def check_embeddings(model: PreTrainedModel, *, causal: bool = True) -> None:
    """Once for each model: embeddings lead to the state that ids lead to, and later tokens change nothing in a causal model.

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
    if "inputs_embeds" not in signature(model.forward).parameters:
        raise ModelError(f"{name} takes ids alone and no embeddings, by which saliency differentiates; take another model")
    ids = some_tokens(model, _PROBED)
    whole = _last_state(model, input_ids=ids)
    if not _alike(_by_embeddings(model, ids[0]), whole):
        raise ModelError(
            f"{name} reads more from ids than their embeddings (further tables, or positions), so derivatives by the embeddings "
            "are not the model's, and saliency is not measured; take another model, or measures of states"
        )
    _checked.add(model)


def _by_embeddings(model: PreTrainedModel, ids: Tensor) -> Tensor | None:
    """None where the model cannot do without ids, or takes no embeddings but those of ids."""
    embeddings = embeddings_of(model, ids)[None]
    try:
        last_state(model, _STRETCHED * embeddings)
        return last_state(model, embeddings)
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

    handle = model.get_input_embeddings().register_forward_hook(start)
    try:
        yield
    finally:
        handle.remove()
