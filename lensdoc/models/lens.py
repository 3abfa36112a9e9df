"""The logit lens: rank and probability of tokens after every block, in pieces that bound the memory."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from lensdoc.models.residual import Unembedding

CPU_PIECE = (512, 2048)
"""States and tokens whose logits are made at a time: 4 MiB of float32, which a processor's cache holds while they are counted."""
DEVICE_PIECE = (4096, 8192)
"""The same on an accelerator, where many small products are slow: 128 MiB."""


@torch.no_grad()
def rank_and_prob(unembedding: Unembedding, normed: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
    """Rank and probability of one token for each state: normed states (n, width) and ids (n,) to two tensors (n,).

    rank = 1 + #{v: z[v] > z[id]}        prob = softmax(z)[id]
    """
    rows, _ = _piece(normed)
    pieces = zip(normed.split(rows), ids.split(rows), strict=True)
    ranks, probs = zip(*(_rank_and_prob(unembedding, states, some) for states, some in pieces), strict=True)
    return torch.cat(ranks), torch.cat(probs)


@torch.no_grad()
def most_probable(unembedding: Unembedding, normed: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Ids and probabilities, each (n, k), of the k most probable tokens after each state, most probable first."""
    ids, probs = zip(*(_most_probable(unembedding, states, k) for states in normed.split(_piece(normed)[0])), strict=True)
    return torch.cat(ids), torch.cat(probs)


def _rank_and_prob(unembedding: Unembedding, normed: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
    normed, ids = precise(normed), ids.to(normed.device)
    own = unembedding.logits_of(normed, ids)
    higher, total = torch.zeros_like(ids), torch.full_like(own, -torch.inf)
    for first, logits in _pieces(unembedding, normed):
        here = (ids >= first) & (ids < first + logits.shape[1])
        # A logit is rounded otherwise in a product of matrices than by itself; a token is never its own rival.
        logits[here, ids[here] - first] = own[here]
        higher += (logits > own[:, None]).sum(1)
        total = torch.logaddexp(total, logits.logsumexp(1))
    return 1 + higher, (own - total).exp()


def _most_probable(unembedding: Unembedding, normed: Tensor, k: int) -> tuple[Tensor, Tensor]:
    normed = precise(normed)
    best = normed.new_empty(len(normed), 0)
    ids = torch.empty(len(normed), 0, dtype=torch.long, device=normed.device)
    total = normed.new_full((len(normed),), -torch.inf)
    for first, logits in _pieces(unembedding, normed):
        total = torch.logaddexp(total, logits.logsumexp(1))
        top, where = logits.topk(min(k, logits.shape[1]), dim=1)
        best, order = torch.cat([best, top], 1).topk(min(k, best.shape[1] + top.shape[1]), dim=1)
        ids = torch.cat([ids, where + first], 1).gather(1, order)
    return ids, (best - total[:, None]).exp()


def _pieces(unembedding: Unembedding, normed: Tensor) -> Iterator[tuple[int, Tensor]]:
    """Logits (n, piece), with the first id of the piece."""
    _, tokens = _piece(normed)
    for first in range(0, len(unembedding.weight), tokens):
        yield first, unembedding.logits(normed, slice(first, first + tokens))


def _piece(states: Tensor) -> tuple[int, int]:
    return CPU_PIECE if states.device.type == "cpu" else DEVICE_PIECE


def precise(states: Tensor) -> Tensor:
    """At least float32: in 16 bits logits tie that are not equal."""
    return states.to(torch.promote_types(states.dtype, torch.float32))
