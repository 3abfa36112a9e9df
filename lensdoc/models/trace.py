"""A trace: one text that a model was run on, and what the measures read off it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from lensdoc.models.ffn import neurons_in, record_activations
from lensdoc.models.forward import in_words
from lensdoc.models.residual import residual_stream
from lensdoc.models.streams import Stack
from lensdoc.records.record import ModelInfo, Provenance
from lensdoc.records.tokens import Token

if TYPE_CHECKING:
    from lensdoc.models.language_model import LanguageModel


_SHOWN = 40
"""Characters of a text in its one line."""


@dataclass(frozen=True, eq=False)
class Reading:
    """A text as a masked model was given it: with masks in some places, and what was predicted there."""

    ids: Tensor
    """Token ids with masks, (T,)."""
    targets: tuple[int, ...]
    """Positions of masks whose tokens this reading predicts, ascending. The state at a position predicts the token there."""


@dataclass(frozen=True, eq=False)
class Trace:
    """A text with its tokens, of which `n_input` were given and the others produced.

    A causal model produces the last ones, each from the state at the token before. A masked model has seen the text in one or
    several readings; it predicts masked places anywhere, each from the state at that place and from all tokens around it.

    An encoder with a decoder reads two streams, whose tokens stand here one after the other: those of the source, and from
    `split` on those of the target, of which the first begins it and was not produced.
    """

    lm: LanguageModel
    ids: Tensor
    """Token ids, (T,); of a masked model with the tokens that were filled in."""
    tokens: tuple[Token, ...]
    n_input: int
    seed: int | None = None
    """Seed of the sampling; None for greedy decoding and for a given text."""
    readings: tuple[Reading, ...] = ()
    """How a masked model was given the text; none for a causal one, which reads it once as it stands."""
    split: int = 0
    """Where the target begins; 0 of models that have one stream."""
    stack: Stack = "decoder"
    """The stack whose states are looked at, in a model with two: that of the decoder, unless the source alone is looked at."""
    whole: Trace | None = None
    """Where one stream alone is looked at: the trace of both, as the model read them."""

    def __repr__(self) -> str:
        """One line: how many tokens, of which model, and how the text begins."""
        raw = b"".join(bytes.fromhex(token.bytes) if token.bytes else token.text.encode() for token in self.tokens[:_SHOWN])
        text = raw.decode(errors="replace")
        begins = text if len(text) <= _SHOWN and len(self.tokens) <= _SHOWN else f"{text[:_SHOWN].rstrip()} …"
        return f"Trace({self.n_input} input + {len(self.tokens) - self.n_input} produced tokens, {self.lm.id}: {begins!r})"

    @cached_property
    def targets(self) -> Sequence[int]:
        """Positions of the tokens that are explained, ascending: those produced, or in a masked model those at masks."""
        if self.readings:
            return sorted(target for reading in self.readings for target in reading.targets)
        return range(self.n_input, len(self.tokens))

    @property
    def predicted(self) -> Sequence[int]:
        """Positions at which the model predicts a token; the number of tokens is the place after the last."""
        return self.targets if self.readings else range(self.split + 1, len(self.tokens) + 1)

    @property
    def info(self) -> ModelInfo:
        """What a record says of the model: of one with two stacks, of that which is looked at."""
        return self.lm.info if self.stack == "decoder" else self.lm.encoder_info

    @property
    def sees_all(self) -> bool:
        """Whether the states that are looked at have seen the tokens after them too, as in a masked model or an encoder."""
        return bool(self.readings) or self.stack == "encoder"

    @property
    def provenance(self) -> Provenance:
        """What a record says of its origin."""
        return Provenance(seed=self.seed, dtype=str(self.lm.model.dtype).removeprefix("torch."))

    @property
    def read_ids(self) -> Tensor:
        """Ids (T,) of the reading that is looked at as a whole: with masks where they were filled, else the whole text."""
        return self.readings[0].ids if self.readings and self.n_input < len(self.tokens) else self.ids

    @cached_property
    def residual_stream(self) -> Tensor:
        """States after every layer, no norm applied, (layers, T, width)."""
        return self._stream(self.read_ids)

    def seen_from(self, state: int) -> int:
        """How many tokens, from the first on, are seen from a state: those up to it, or in a masked model all."""
        return len(self.tokens) if self.sees_all else state + 1

    def states_before(self, positions: Sequence[int]) -> Tensor:
        """States, after every layer, from which the tokens at these positions are predicted, (layers, positions, width).

        They stand at the token before, or in a masked model at the mask.
        """
        if not self.readings:
            return self.residual_stream[:, [p - 1 - self.split for p in positions]]
        reading_of = {target: reading for reading in self.readings for target in reading.targets}
        return torch.stack([self._masked_stream(reading_of[p])[:, p] for p in positions], 1)

    def _masked_stream(self, reading: Reading) -> Tensor:
        return self.residual_stream if reading.ids is self.read_ids else self._stream(reading.ids)

    def _stream(self, ids: Tensor) -> Tensor:
        with in_words(self.lm.model, "read this text"):
            if self.whole is not None:
                return residual_stream(self.lm.model, self.whole.ids, self.whole.split, self.stack)
            return residual_stream(self.lm.model, ids, self.split)

    def before(self, position: int) -> Trace:
        """The text up to a position, as a causal model or a decoder reads it to predict the token there."""
        if position == len(self.tokens):
            return self
        return replace(self, ids=self.ids[:position], tokens=self.tokens[:position], n_input=min(self.n_input, position))

    def stream(self, stack: Stack) -> Trace:
        """One stream alone, with the states of the stack that reads it; the model read both."""
        part = slice(self.split) if stack == "encoder" else slice(self.split, None)
        n_input = self.split if stack == "encoder" else self.n_input - self.split
        return Trace(self.lm, self.ids[part], self.tokens[part], n_input, self.seed, stack=stack, whole=self)

    def neurons_in(self, layers: Sequence[int]) -> int:
        """FFN neurons in each of the chosen layers.

        Raises:
            ModelError: One has none, or they have different numbers; the message says why, and which layers will do.
        """
        return neurons_in(self.lm.model, layers, self.stack)

    def ffn_activations(self, layers: Sequence[int]) -> Tensor:
        """FFN neuron activations in the chosen layers, (layers, T, neurons).

        The activation of a neuron is the input of the block's down-projection: the value after the activation function, times
        the gate's partner in gated FFNs. Position p is the state after token p was read; in a masked model the state at token p.
        """
        if self.whole is not None:
            return record_activations(self.lm.model, self.whole.ids, layers, self.whole.split, self.stack)
        return record_activations(self.lm.model, self.read_ids, layers)
