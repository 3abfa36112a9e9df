"""What a model says after a text some of whose embeddings give way to a baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lensdoc.measures.gradients import TOKENS_AT_ONCE
from lensdoc.models.embeddings import embeddings_of, last_state
from lensdoc.models.lens import precise
from lensdoc.models.restart import batches
from lensdoc.models.tokens import read_tokens
from lensdoc.models.trace import Trace
from lensdoc.models.vocabulary import single_token
from lensdoc.records.fields import four_digits
from lensdoc.records.watch import Watched

MEAN, ZERO = "mean", "zero"


@dataclass(frozen=True, eq=False)
class Masked:
    """The tokens before a position, what stands for one that is left out, and what the model says of the whole."""

    trace: Trace
    embeddings: Tensor
    """(read, width)."""
    baseline: Tensor
    """(width,)."""
    whole: Tensor
    """Log-probabilities after all tokens, (vocabulary,)."""

    @classmethod
    @torch.no_grad()
    def of(cls, trace: Trace, position: int, baseline: str) -> Masked:
        """The tokens before a position, with the baseline that is asked for.

        Raises:
            ModelError: The baseline is neither `mean` nor `zero` nor one token.
        """
        model = trace.lm.model
        embeddings = embeddings_of(model, trace.ids[:position])
        found = cls(trace, embeddings, _baseline(trace, baseline), torch.empty(0))
        return cls(trace, embeddings, found.baseline, found.log_probs(torch.ones(1, position))[0])

    @property
    def read(self) -> int:
        """How many tokens are read."""
        return len(self.embeddings)

    @property
    def answer(self) -> Watched:
        """The most probable token after all of them."""
        best = int(self.whole.argmax())
        token = read_tokens(self.trace.lm.tokenizer, [best], n_input=0)[0]
        return Watched(id=best, text=token.text)

    @property
    def prob(self) -> float:
        """Its probability."""
        return float(self.whole.max().exp().clamp(max=1))

    def log_probs(self, gates: Tensor) -> Tensor:
        """Gates (texts, read), 1 for a token that is kept and 0 for the baseline, to log-probabilities (texts, vocabulary)."""
        share = gates.to(self.embeddings)[..., None]
        mixed = share * self.embeddings + (1 - share) * self.baseline
        head = self.trace.lm.unembedding
        normed = precise(head.normed(last_state(self.trace.lm.model, mixed)[:, -1]))
        return head.logits(normed).log_softmax(-1)

    def divergence(self, gates: Tensor) -> Tensor:
        """`KL(p(. | text) || p(. | gated text))` in nats, (texts, read) to (texts,)."""
        return (self.whole.exp() * (self.whole - self.log_probs(gates))).sum(-1)

    @torch.no_grad()
    def divergences(self, kept: Sequence[Sequence[int]]) -> list[float]:
        """The divergence with these tokens alone, to the digits that a record keeps; it is never below 0, but by rounding."""
        values = [self.divergence(gates) for gates in self._gates(kept)]
        return [four_digits(max(0.0, value)) for value in torch.cat(values).double().tolist()]

    @torch.no_grad()
    def answer_probs(self, kept: Sequence[Sequence[int]]) -> list[float]:
        """Probability of the answer with these tokens alone."""
        found = [self.log_probs(gates)[:, self.answer.id].exp().clamp(max=1) for gates in self._gates(kept)]
        return [float(value) for value in torch.cat(found)]

    def _gates(self, kept: Sequence[Sequence[int]]) -> list[Tensor]:
        gates = torch.zeros(len(kept), self.read)
        for row, positions in enumerate(kept):
            gates[row, list(positions)] = 1
        return [gates[list(rows)] for rows in batches(len(kept), self.read, TOKENS_AT_ONCE)]


def _baseline(trace: Trace, name: str) -> Tensor:
    embed = trace.lm.model.get_input_embeddings()
    weight = embed.get_parameter("weight").detach()
    if name == ZERO:
        return torch.zeros_like(weight[0])
    if name == MEAN:
        ids = torch.arange(len(weight), device=weight.device)
        sums = [embeddings_of(trace.lm.model, some).double().sum(0) for some in ids.split(_ROWS)]
        return (torch.stack(sums).sum(0) / len(weight)).to(weight.dtype)
    return embeddings_of(trace.lm.model, torch.tensor([single_token(trace.lm, name).id], device=weight.device))[0]


_ROWS = 8192
"""Embeddings that are added up at a time."""
