"""What a model says of its targets, as a function of the token embeddings, and its derivatives: many targets in few passes.

Targets share forward passes, which is right because a causal model's state at a position depends on the tokens up to it alone.
That of a decoder beside an encoder depends on the source, which stands before them, too.
Their backward passes go through together, a few at a time, over no more tokens than these targets see; only the logits that
are asked for are computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from lensdoc.core.progress import doing
from lensdoc.models.activation import differentiated_once
from lensdoc.models.embeddings import check_embeddings, embeddings_of, last_state
from lensdoc.models.last_block import last_ffn_only_at
from lensdoc.models.lens import precise
from lensdoc.models.residual import Unembedding
from lensdoc.models.trace import Reading, Trace

Target = Literal["logit", "prob", "log_prob"]

TARGETS_AT_ONCE = 16
TOKENS_AT_ONCE = 640
TEXTS_AT_ONCE = 16
"""How much goes through the model together: more takes memory and is no faster on a CPU."""


@dataclass(frozen=True, eq=False)
class Group:
    """Targets that go through together, and the tokens that they see."""

    trace: Trace
    unembedding: Unembedding
    targets: Sequence[int]
    target: Target
    contrast: int | None
    reading: Reading | None = None
    """Where the model is a masked one, how it was given the text."""

    @property
    def ids(self) -> Tensor:
        """Ids of the tokens before the last of the targets, (seen,); of a masked model all, with masks."""
        return self.trace.ids[: self.targets[-1]] if self.reading is None else self.reading.ids

    @property
    def places(self) -> list[int]:
        """Places of the states from which the targets are predicted; of a decoder counted from where the target begins."""
        return list(self.targets) if self.reading else [t - 1 - self.trace.split for t in self.targets]

    @property
    def embeddings(self) -> Tensor:
        """Their embeddings before positions are added, (seen, width)."""
        return embeddings_of(self.trace.lm.model, self.ids, self.trace.split)

    def values(self, embeddings: Tensor) -> Tensor:
        """Embeddings (texts, seen, width) to what the model says of each target, (texts, targets).

        From the last block on only the targets' states go through the head, and their logits are in float32 at least.
        """
        model, places = self.trace.lm.model, self.places
        with last_ffn_only_at(model, places):
            states = last_state(model, embeddings, self.trace.split)[:, places]  # (texts, targets, width)
        normed = precise(self.unembedding.normed(states))
        wanted = self.trace.ids[list(self.targets)].to(normed.device).expand(normed.shape[:2])
        value = self._value(normed, wanted)
        return value if self.contrast is None else value - self._value(normed, torch.full_like(wanted, self.contrast))

    def _value(self, normed: Tensor, ids: Tensor) -> Tensor:
        if self.target == "logit":
            return self.unembedding.logits_of(normed, ids)
        log_probs = self.unembedding.logits(normed).log_softmax(-1).gather(-1, ids[..., None])[..., 0]
        return log_probs if self.target == "log_prob" else log_probs.exp()

    def gradients(self) -> Tensor:
        """Derivatives of each target by every embedding, (targets, seen, width)."""
        embeddings = self.embeddings.requires_grad_()
        with differentiated_once(self.trace.lm.model):
            return _by_target(self.values(embeddings[None])[0], embeddings)

    def path_gradients(self, baseline: Tensor, steps: int) -> tuple[Tensor, Tensor]:
        """Mean derivatives (targets, seen, width) on the straight way from the baseline; difference of its ends (targets,)."""
        embeddings, shift = self.embeddings, torch.zeros_like(self.embeddings).requires_grad_()
        points, weights = (torch.from_numpy(a).to(embeddings.device) / 2 for a in np.polynomial.legendre.leggauss(steps))
        at_once = max(1, TOKENS_AT_ONCE // len(embeddings))
        total = torch.zeros(len(self.targets), *embeddings.shape, dtype=torch.double, device=embeddings.device)
        for some, shares in zip((points + 0.5).split(at_once), weights.split(at_once), strict=True):
            way = baseline + some[:, None, None].to(baseline) * (embeddings - baseline) + shift  # (steps, seen, width)
            with differentiated_once(self.trace.lm.model):
                total += _by_target((shares[:, None] * self.values(way)).sum(0), shift)
        with torch.no_grad():
            far, near = self.values(torch.stack([embeddings, baseline.expand_as(embeddings)]))
        return total, far - near

    @torch.no_grad()
    def occlusions(self, baseline: Tensor) -> Tensor:
        """How much less the model says of each target when one embedding gives way to the baseline, (targets, seen)."""
        embeddings = self.embeddings
        whole = self.values(embeddings[None])  # (1, targets)
        found = []
        for positions in torch.arange(len(embeddings)).split(TEXTS_AT_ONCE):
            texts = embeddings.repeat(len(positions), 1, 1)
            texts[torch.arange(len(positions)), positions] = baseline
            found.append(whole - self.values(texts))
        return torch.cat(found).T

    @torch.no_grad()
    def swapped(self, positions: Sequence[int], others: Tensor) -> Tensor:
        """How much more the model says of each target with another embedding at one position, (targets, positions).

        Args:
            positions: Of the tokens whose embeddings are replaced, one in each text.
            others: What replaces them, (positions, width).
        """
        embeddings = self.embeddings
        whole = self.values(embeddings[None])  # (1, targets)
        found = [whole[:0]]
        for some in torch.arange(len(positions)).split(TEXTS_AT_ONCE):
            texts = embeddings.repeat(len(some), 1, 1)
            texts[torch.arange(len(some)), [positions[i] for i in some]] = others[some]
            found.append(self.values(texts) - whole)
        return torch.cat(found).T


def groups(trace: Trace, unembedding: Unembedding, target: Target, contrast: int | None) -> Iterator[Group]:
    """The targets of a trace, a few at a time.

    Raises:
        ModelError: The model is no function of the embeddings, or what it says depends on later tokens.
    """
    check_embeddings(trace.lm.model, causal=not trace.readings)
    if trace.readings:
        yield from _masked_groups(trace, unembedding, target, contrast)
        return
    targets = list(trace.targets)
    for first in range(0, len(targets), TARGETS_AT_ONCE):
        doing("saliency", first, len(targets))
        yield Group(trace, unembedding, targets[first : first + TARGETS_AT_ONCE], target, contrast)


def _masked_groups(trace: Trace, unembedding: Unembedding, target: Target, contrast: int | None) -> Iterator[Group]:
    done, count = 0, len(trace.targets)
    for reading in trace.readings:
        for first in range(0, len(reading.targets), TARGETS_AT_ONCE):
            doing("saliency", done, count)
            some = reading.targets[first : first + TARGETS_AT_ONCE]
            yield Group(trace, unembedding, some, target, contrast, reading)
            done += len(some)


def _by_target(values: Tensor, by: Tensor) -> Tensor:
    """Derivatives (targets, *by.shape) of each value, all in one backward pass where the model's operations allow it."""
    alone = torch.eye(len(values)).to(values)
    try:
        return torch.autograd.grad(values, by, alone, is_grads_batched=True, retain_graph=True)[0]
    except torch.OutOfMemoryError:
        raise
    except (RuntimeError, NotImplementedError):  # an operation that torch cannot batch
        return torch.stack([torch.autograd.grad(values, by, one, retain_graph=True)[0] for one in alone])
