"""Texts of one model that are factored together: one after the other, each with its own given and produced tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lensdoc.measures.layers import one_model
from lensdoc.measures.states import Chosen, chosen_layers, neurons_in, read_activations, shown_states
from lensdoc.models.trace import Trace
from lensdoc.records.factors import Negative
from lensdoc.records.record import Provenance
from lensdoc.records.tokens import Token

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Texts:
    """One text or several, and the layers that are looked at."""

    traces: tuple[Trace, ...]
    layers: list[int]

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Tokens of all texts."""
        return tuple(token for trace in self.traces for token in trace.tokens)

    @property
    def starts(self) -> list[int]:
        """Positions at which texts begin."""
        return [0, *accumulate(len(trace.tokens) for trace in self.traces[:-1])]

    @property
    def states(self) -> list[int]:
        """For every token the row of the matrix that it shows."""
        each = [shown_states(trace) for trace in self.traces]
        before = [0, *accumulate(states[-1] + 1 for states in each)]
        return [first + state for first, states in zip(before, each, strict=False) for state in states]

    @property
    def provenance(self) -> Provenance:
        """What the record says of its origin; no seed where the texts were drawn from several."""
        first = self.traces[0].provenance
        same = all(trace.seed == first.seed for trace in self.traces[1:])
        return first if same else first.model_copy(update={"seed": None})

    @property
    def neurons(self) -> int:
        """FFN neurons in each of the layers."""
        return neurons_in(self.traces[0], self.layers)

    def matrix(self, negative: Negative) -> Array:
        """Non-negative features of all states, (states, layers * neurons), or twice as many: positive parts, negative parts."""
        rows = [features(read_activations(trace, self.layers), negative) for trace in self.traces]
        found: Array = torch.cat(rows).cpu().numpy()
        return found


def features(activations: Tensor, negative: Negative) -> Tensor:
    """Activations (layers, states, neurons) to the features that are factored, (states, features)."""
    flat = activations.transpose(0, 1).flatten(1)
    flat = flat if flat.dtype == torch.float64 else flat.float()
    return flat.clamp(min=0) if negative == "clip" else torch.cat([flat.clamp(min=0), (-flat).clamp(min=0)], 1)


def texts(trace: Trace | Sequence[Trace], layers: Chosen) -> Texts:
    """The texts that an author asks for.

    Raises:
        MeasureError: There is none, they are of several models, or the layers are out of range.
    """
    traces = tuple(one_model(trace if isinstance(trace, Sequence) else [trace]))
    return Texts(traces, chosen_layers(traces[0], layers))
