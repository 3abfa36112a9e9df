"""A trace: one text that a model was run on, and what the measures read off it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from torch import Tensor

from lensdoc.models.ffn import neurons_in, record_activations
from lensdoc.models.forward import in_words
from lensdoc.models.residual import residual_stream
from lensdoc.records.record import Provenance
from lensdoc.records.tokens import Token

if TYPE_CHECKING:
    from lensdoc.models.language_model import LanguageModel


_SHOWN = 40
"""Characters of a text in its one line."""


@dataclass(frozen=True, eq=False)
class Trace:
    """A text with its tokens; the first `n_input` were given, the others produced."""

    lm: LanguageModel
    ids: Tensor
    """Token ids, (T,)."""
    tokens: tuple[Token, ...]
    n_input: int
    seed: int | None = None
    """Seed of the sampling; None for greedy decoding and for a given text."""

    def __repr__(self) -> str:
        """One line: how many tokens, of which model, and how the text begins."""
        raw = b"".join(bytes.fromhex(token.bytes) if token.bytes else token.text.encode() for token in self.tokens[:_SHOWN])
        text = raw.decode(errors="replace")
        begins = text if len(text) <= _SHOWN and len(self.tokens) <= _SHOWN else f"{text[:_SHOWN].rstrip()} …"
        return f"Trace({self.n_input} input + {len(self.tokens) - self.n_input} produced tokens, {self.lm.id}: {begins!r})"

    @property
    def targets(self) -> range:
        """Positions of the produced tokens."""
        return range(self.n_input, len(self.tokens))

    @property
    def provenance(self) -> Provenance:
        """What a record says of its origin."""
        return Provenance(seed=self.seed, dtype=str(self.lm.model.dtype).removeprefix("torch."))

    @cached_property
    def residual_stream(self) -> Tensor:
        """States after every layer, no norm applied, (layers, T, width)."""
        with in_words(self.lm.model, "read this text"):
            return residual_stream(self.lm.model, self.ids)

    def neurons_in(self, layers: Sequence[int]) -> int:
        """FFN neurons in each of the chosen layers.

        Raises:
            ModelError: One has none, or they have different numbers; the message says why, and which layers will do.
        """
        return neurons_in(self.lm.model, layers)

    def ffn_activations(self, layers: Sequence[int]) -> Tensor:
        """FFN neuron activations in the chosen layers, (layers, T, neurons).

        The activation of a neuron is the input of the block's down-projection: the value after the activation function, times
        the gate's partner in gated FFNs. Position p is the state after token p was read.
        """
        return record_activations(self.lm.model, self.ids, layers)
