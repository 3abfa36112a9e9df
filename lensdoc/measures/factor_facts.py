"""What is said of factors: which neurons belong to each, where it is strongest, whether it is one of first tokens."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lensdoc.measures.texts import Array, Prepared, Texts
from lensdoc.records.factors import FIRST_RATIO, TopNeuron
from lensdoc.records.fields import Fact, four_digits

_MOST_TOKENS = 4
_LARGEST_RATIO = 1000
"""The largest such ratio that is told, for a factor that is 0 elsewhere."""


def member_facts(members: NDArray[np.bool_], explained: Array) -> dict[str, Fact]:
    """Counts, shares and overlaps of members (factors, neurons)."""
    count, neurons = members.shape
    facts: dict[str, Fact] = {"factors": count, "neurons": neurons, "explained": float(explained.sum())}
    for f in range(count):
        size = int(members[f].sum())
        facts |= {f"factor_{f + 1}_neurons": size, f"factor_{f + 1}_share": size / neurons}
    for i, j in combinations(range(count), 2):
        facts[f"overlap_{i + 1}_{j + 1}"] = int((members[i] & members[j]).sum())
    return facts


def token_facts(texts: Texts, weights: Array) -> dict[str, Fact]:
    """Where the factors (states, factors) are strongest, and how much stronger at first tokens, if these were not left out."""
    words, shown = [token.text for token in texts.tokens], texts.shown(weights)
    facts: dict[str, Fact] = {f"factor_{f}_tokens": strongest(words, row.tolist()) for f, row in enumerate(shown.T, 1)}
    if firsts := texts.firsts:
        ratios = first_ratios(weights, firsts)
        facts["first_token_factors"] = sum(ratio > FIRST_RATIO for ratio in ratios)
        facts |= {f"factor_{f}_first_ratio": ratio for f, ratio in enumerate(ratios, 1)}
    return facts


def strongest(words: Sequence[str], row: Sequence[float]) -> str:
    """The distinct tokens on which a factor is strongest, at half its largest activation or more: ‘ 1’, ‘,’."""
    row = [four_digits(value) for value in row]  # as the figure, which has no more
    floor = max(row) / 2
    order = sorted((p for p, value in enumerate(row) if value > 0 and value >= floor), key=lambda p: -row[p])
    distinct = list(dict.fromkeys(words[p] for p in order))
    return ", ".join(f"‘{word}’" for word in distinct[:_MOST_TOKENS]) or "none"


def members_of(texts: Texts, neurons: int, loadings: Array, threshold: float) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Layer and number of the neurons of each factor, largest loadings first; of a split one the larger part counts."""
    best = loadings.reshape(len(loadings), -1, len(texts.layers) * neurons).max(1)  # (factors, layers * neurons)
    order = np.argsort(-best, axis=1, kind="stable")
    counts = (best > threshold).sum(1)
    return tuple(
        tuple((texts.layers[int(n) // neurons], int(n) % neurons) for n in row[:count])
        for row, count in zip(order, counts, strict=True)
    )


def first_ratios(weights: Array, firsts: Sequence[int]) -> list[float]:
    """Largest absolute weight (states, factors) in the first states of texts, divided by the largest in others; 1000 at most."""
    size = np.abs(weights)
    first = size[list(firsts)].max(0)
    others = np.delete(size, list(firsts), 0).max(0, initial=0)
    return [min(float(a / b), _LARGEST_RATIO) if b else _LARGEST_RATIO * float(a > 0) for a, b in zip(first, others, strict=True)]


def strongest_neurons(texts: Texts, prepared: Prepared, loadings: Array, count: int) -> tuple[tuple[TopNeuron, ...], ...]:
    """The neurons with the largest loadings (factors, features) above 0, and the tokens on which each is largest as prepared."""
    neurons, matrix = prepared.neurons, prepared.matrix
    features = len(texts.layers) * neurons
    split = loadings.shape[1] > features
    shows = {row: position for position, row in reversed(list(enumerate(texts.rows))) if row is not None}

    def top(row: Array, feature: Any) -> TopNeuron:  # noqa: ANN401 - an integer of numpy
        part, index = divmod(int(feature), features)
        own = matrix[:, feature]
        order = [int(state) for state in np.argsort(-own, kind="stable")[:_MOST_TOKENS] if own[state] > 0]
        return TopNeuron(
            layer=texts.layers[index // neurons],
            neuron=index % neurons,
            loading=float(row[feature]),
            sign=("negative" if part else "positive") if split else None,
            tokens=tuple(shows[state] for state in order),
        )

    return tuple(tuple(top(row, n) for n in np.argsort(-row, kind="stable")[:count] if row[n] > 0) for row in loadings)
