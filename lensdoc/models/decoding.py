"""How the next token is chosen: the most probable one, or one that is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import LogitsProcessorList, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from lensdoc.core.errors import ModelError

Choose = Callable[[Tensor], Tensor]
"""Logits (1, vocabulary) to ids (1, 1)."""


@dataclass(frozen=True)
class Sampling:
    """Draw from softmax(logits / temperature), cut to the `top_k` most probable tokens and to the fewest that hold `top_p`."""

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Check what was asked for.

        Raises:
            ModelError: A setting is out of range.
        """
        _check("temperature", self.temperature, "above 0", isinstance(self.temperature, int | float) and self.temperature > 0)
        _check("top_k", self.top_k, "an integer from 1", self.top_k is None or (isinstance(self.top_k, int) and self.top_k >= 1))
        _check("top_p", self.top_p, "above 0 and at most 1", self.top_p is None or 0 < self.top_p <= 1)
        _check("seed", self.seed, "an integer from 0", isinstance(self.seed, int) and self.seed >= 0)

    def chooser(self) -> Choose:
        """A function that draws; it has a generator of its own, on the CPU, so that every device draws alike."""
        generator = torch.Generator().manual_seed(self.seed)

        def draw(logits: Tensor) -> Tensor:
            return torch.multinomial(self.cut(logits).softmax(-1), 1, generator=generator).to(logits.device)

        return draw

    def cut(self, logits: Tensor) -> Tensor:
        """Logits (n, vocabulary) over the temperature, on the CPU; minus infinity for tokens that are not drawn."""
        cuts = LogitsProcessorList([TemperatureLogitsWarper(float(self.temperature))])
        if self.top_k is not None:
            cuts.append(TopKLogitsWarper(self.top_k))
        if self.top_p is not None:
            cuts.append(TopPLogitsWarper(float(self.top_p)))
        found: Tensor = cuts(torch.LongTensor(), logits.float().cpu())  # the cuts look at logits alone
        return found


def most_probable(logits: Tensor) -> Tensor:
    """Greedy decoding: the token with the highest logit."""
    return logits.argmax(-1, keepdim=True)


def _check(name: str, value: object, rule: str, holds: bool) -> None:  # noqa: FBT001 - what the rule came to
    if not holds:
        raise ModelError(f"{name} must be {rule}; it is {value!r}")
