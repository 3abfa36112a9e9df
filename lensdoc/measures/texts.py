"""Texts of one model that are factored together: one after the other, each with its own given and produced tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from lensdoc.core.errors import MeasureError
from lensdoc.measures.layers import of_stack, one_model
from lensdoc.measures.preparation import Preparation
from lensdoc.measures.states import Chosen, chosen_layers, read_activations, shown_states
from lensdoc.models.streams import Stack
from lensdoc.models.trace import Trace
from lensdoc.records.factors import Negative, Scale
from lensdoc.records.record import Provenance
from lensdoc.records.tokens import Token

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Prepared:
    """What is factored."""

    matrix: Array
    """Non-negative features, (states, features), of the states that were not left out."""
    neurons: int
    """In each layer."""
    first_token_share: float
    """Share of the squared activations, clipped or split but not scaled, that lies in the first states of texts."""


@dataclass(frozen=True, eq=False)
class Texts:
    """One text or several, the layers that are looked at, and how many of each text's first states are left out."""

    traces: tuple[Trace, ...]
    layers: list[int]
    skip: int = 0

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Tokens of all texts."""
        return tuple(token for trace in self.traces for token in trace.tokens)

    @property
    def starts(self) -> list[int]:
        """Positions at which texts begin."""
        return [0, *accumulate(len(trace.tokens) for trace in self.traces[:-1])]

    @property
    def rows(self) -> list[int | None]:
        """For every token the row of the matrix that it shows; None where that state was left out."""
        each = [shown_states(trace) for trace in self.traces]
        before = [0, *accumulate(states[-1] + 1 - self.skip for states in each)]
        return [
            first + state - self.skip if state >= self.skip else None
            for first, states in zip(before, each, strict=False)
            for state in states
        ]

    @property
    def firsts(self) -> list[int]:
        """Rows of the matrix that hold the first state of a text; none where it was left out."""
        rows = self.rows
        return [row for start in self.starts if (row := rows[start]) is not None]

    @property
    def left_out(self) -> list[int]:
        """Positions of the tokens whose states were left out."""
        return [position for position, row in enumerate(self.rows) if row is None]

    @property
    def provenance(self) -> Provenance:
        """What the record says of its origin; no seed where the texts were drawn from several."""
        first = self.traces[0].provenance
        same = all(trace.seed == first.seed for trace in self.traces[1:])
        return first if same else first.model_copy(update={"seed": None})

    def prepared(self, negative: Negative, scale: Scale = "none") -> Prepared:
        """The features of all states that are not left out."""
        preparation = Preparation(negative, scale, self.skip)
        each = [preparation.blocks(read_activations(trace, self.layers)) for trace in self.traces]
        squares = [blocks.square().sum((0, 2), dtype=torch.float64) for blocks in each]  # (states) of each text
        whole = float(sum(one.sum() for one in squares))
        blocks = torch.cat([one[:, self.skip :] for one in each], 1)  # (layers, states, neurons)
        scaled = blocks if scale == "none" else blocks / preparation.lengths(blocks)
        return Prepared(
            matrix=preparation.features(scaled).cpu().numpy(),
            neurons=blocks.shape[-1],
            first_token_share=float(sum(one[0] for one in squares)) / whole if whole else 0.0,
        )

    def shown(self, weights: Array) -> Array:
        """Weights of states (states, factors) as the tokens show them, (tokens, factors): 0 where a state was left out."""
        rows = self.rows
        found = np.zeros((len(rows), weights.shape[1]), weights.dtype)
        kept = [position for position, row in enumerate(rows) if row is not None]
        found[kept] = weights[[row for row in rows if row is not None]]
        return found


def texts(trace: Trace | Sequence[Trace], layers: Chosen, skip: int = 0, stack: Stack | None = None) -> Texts:
    """The texts that an author asks for.

    Raises:
        MeasureError: There is none, they are of several models, the layers are out of range, or all of a text is left out.
    """
    several = one_model(trace if isinstance(trace, Sequence) else [trace])
    traces = tuple(of_stack(one, stack, "factors") for one in several)
    for number, one in enumerate(traces, 1):
        if (read := shown_states(one)[-1] + 1) <= skip:
            which = f"text {number}" if len(traces) > 1 else "the text"
            raise MeasureError(
                f"skip={skip} leaves nothing of {which}, of which {read} {'state was' if read == 1 else 'states were'} read; "
                "give a longer text, or a smaller skip"
            )
    return Texts(traces, chosen_layers(traces[0], layers), skip)
