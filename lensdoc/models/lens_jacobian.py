"""The mean Jacobian of the last states by those of each layer."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

import torch
from torch import Tensor

from lensdoc.core.progress import doing
from lensdoc.models.activation import differentiated_once
from lensdoc.models.blocks import blocks, state_after
from lensdoc.models.embeddings import embeddings_leaf
from lensdoc.models.fitted_lens import float32
from lensdoc.models.forward import in_words, supported
from lensdoc.models.language_model import LanguageModel

_AT_ONCE = 32
"""Elements of the last state that are differentiated together."""


def mean_jacobians(lm: LanguageModel, passages: Sequence[Tensor], skip: int) -> tuple[Tensor, Tensor]:
    """`E[sum over q >= p of dh_last[q] / dh[l][p]]` over places `p` and passages: (layers - 1, width, width); and zeros.

    A derivative of the sum over all places is, in a causal model, the sum over the places from `p` on. The first places are left
    out on both sides. Each passage counts the same.
    """
    width, layers = lm.info.width, lm.info.layers
    total = torch.zeros(layers - 1, width, width, dtype=torch.double)
    for number, passage in enumerate(passages):
        doing("lens", number, len(passages))
        total += _jacobians(lm, passage, skip)
    return float32(total / len(passages)), torch.zeros(layers - 1, width)


def _jacobians(lm: LanguageModel, passage: Tensor, skip: int) -> Tensor:
    """Of one passage, (layers - 1, width, width), on the CPU."""
    kept: list[list[Tensor]] = [[] for _ in blocks(lm.model)]
    with ExitStack() as hooks, torch.enable_grad(), in_words(lm.model, "read this text"):
        hooks.enter_context(embeddings_leaf(lm.model))
        hooks.enter_context(differentiated_once(lm.model))
        for block, own in zip(blocks(lm.model), kept, strict=True):
            hooks.enter_context(state_after(block, own))
        lm.model(passage[None], **supported(lm.model, use_cache=False, logits_to_keep=1))
        states = [own[-1] for own in kept]
        last = states[-1].reshape(len(passage), -1)[skip:].sum(0)  # (width,)
        rows = [_rows(last, some, states[:-1]) for some in torch.arange(len(last)).split(_AT_ONCE)]
    whole = [torch.cat(parts) for parts in zip(*rows, strict=True)]  # of each layer (width, tokens, width)
    return torch.stack([part.reshape(len(last), len(passage), -1)[:, skip:].mean(1).double().cpu() for part in whole])


def _rows(last: Tensor, some: Tensor, states: Sequence[Tensor]) -> list[Tensor]:
    """Derivatives of some elements of the last state by the states of each layer, in one backward pass where that can be."""
    chosen = torch.eye(len(last), dtype=last.dtype, device=last.device)[some]
    try:
        return list(torch.autograd.grad(last, states, chosen, is_grads_batched=True, retain_graph=True))
    except torch.OutOfMemoryError:
        raise
    except (RuntimeError, NotImplementedError):  # an operation that torch cannot batch
        each = [torch.autograd.grad(last, states, one, retain_graph=True) for one in chosen]
        return [torch.stack(parts) for parts in zip(*each, strict=True)]
