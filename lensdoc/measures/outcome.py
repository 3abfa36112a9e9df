"""What a model says after a text, in one number: the logit of an answer, or how much larger it is than that of a wrong one."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from lensdoc.core.errors import MeasureError
from lensdoc.models.language_model import LanguageModel
from lensdoc.models.lens import precise
from lensdoc.models.residual import Unembedding
from lensdoc.models.vocabulary import single_token


@dataclass(frozen=True)
class Outcome:
    """The tokens that are compared."""

    lm: LanguageModel
    answer: int
    wrong: int | None
    state: int = -1
    """Where the state stands that they are read from, among those of the last block."""

    @classmethod
    def of(cls, lm: LanguageModel, answer: str, wrong: str | None, state: int = -1) -> Outcome:
        """From the texts of single tokens.

        Raises:
            MeasureError: Both are the same token.
            ModelError: A text is not one token.
        """
        ids = single_token(lm, answer).id, None if wrong is None else single_token(lm, wrong).id
        if ids[0] == ids[1]:
            raise MeasureError(f"answer and wrong are both {answer!r}, whose difference is always 0; name two tokens")
        return cls(lm, *ids, state)

    def normed(self, states: Tensor) -> Tensor:
        """States (texts, T, width) after the last block to what the head gets where they are read, (texts, width), in float32."""
        return precise(self.lm.unembedding.normed(states[:, self.state]))

    def values(self, normed: Tensor) -> Tensor:
        """`logit(answer) - logit(wrong)` of each text, or `logit(answer)`: (texts, width) to (texts,)."""
        own = self._logit(normed, self.answer)
        return own if self.wrong is None else own - self._logit(normed, self.wrong)

    def _logit(self, normed: Tensor, token: int) -> Tensor:
        return self.lm.unembedding.logits_of(normed, torch.full((len(normed),), token, device=normed.device))


_AT_ONCE = 128
"""States whose logits of the whole vocabulary are made at a time."""


@torch.no_grad()
def log_probs(unembedding: Unembedding, normed: Tensor, ids: Tensor) -> Tensor:
    """Log-probability of one token after each state, as the head gets it: (n, width) and (n,) to (n,)."""
    pieces = zip(normed.split(_AT_ONCE), ids.split(_AT_ONCE), strict=True)
    return torch.cat([unembedding.logits(some).log_softmax(-1).gather(-1, own[:, None])[:, 0] for some, own in pieces])
