"""The measure `activations`: FFN neurons over the tokens of a text, in clusters if asked for."""

from __future__ import annotations

import base64

import numpy as np
from numpy.typing import NDArray

from lensdoc.core.errors import MeasureError
from lensdoc.measures.clustering import cluster_neurons
from lensdoc.measures.layers import of_stack
from lensdoc.measures.states import Chosen, chosen_indices, chosen_layers, neurons_in, read_activations, shown_states
from lensdoc.models.streams import Stack
from lensdoc.models.trace import Trace
from lensdoc.records.activations import LARGEST_EXPONENT, Activations, Encoding
from lensdoc.records.fields import Fact, four_digits

Array = NDArray[np.float64]

MOST_DIGITS = 4096
"""Values that are written as numbers; more are written as 16-bit ones in base64."""
MOST_VALUES = 20_000_000
_LEAST_EXPONENT = -1000
"""Of the unit in which 16-bit numbers are kept."""


def activations(  # noqa: PLR0913 - options of one measure, by name
    trace: Trace,
    *,
    layers: Chosen,
    neurons: Chosen = None,
    positions: Chosen = None,
    clusters: int | None = None,
    seed: int = 0,
    stack: Stack | None = None,
) -> Activations:
    """Activations of FFN neurons over the tokens of a text.

    The activation of a neuron is the input of the block's down-projection `W`, with `a` the activation function:

        a(U x)              in a plain FFN
        a(G x) * (U x)      in a gated one (Shazeer 2020), where it may well be negative

    An input token shows the response to it, a produced token the state that produced it, so the last input and the first
    produced token share their values. Up to 4,096 values are kept to four digits; more as 16-bit floating point numbers, each
    to one part in 2,048 at any size, down to a trillionth of the layer's largest absolute value.

    With `clusters`, k-means (Lloyd 1982, from the best of ten k-means++ starts) groups the neurons of each layer by their
    activations at the positions; the same seed gives the same clusters, which are numbered by size, the largest first.

    Facts: `layers`, `neurons` (in each layer), `positions`, `largest` (largest absolute value), `active` (share of values above
    0). With clusters: `clusters`, and of each `cluster_1_neurons` and `cluster_1_active`; where there are several layers they
    are called `layer_4_cluster_1_neurons`.

    Args:
        trace: The text.
        layers: Indices of layers from 0: one, a slice or several; None for all.
        neurons: Indices of neurons within a layer, the same in each.
        positions: Indices of tokens.
        clusters: Number of clusters in each layer, or None.
        seed: Where k-means starts.
        stack: Of an encoder with a decoder: `encoder` for the tokens of the source, `decoder` for those of the target, which is
            also meant where none is named.

    Raises:
        MeasureError: An index is out of range, there are fewer different neurons than clusters, the activations are not finite,
            or so many that a data file would not hold them.
    """
    trace = of_stack(trace, stack, "activations")
    chosen = chosen_layers(trace, layers)
    rows = chosen_indices("neurons", neurons, neurons_in(trace, chosen), "the last of a layer")
    columns = chosen_indices("positions", positions, len(trace.tokens), "the last token")
    if (count := len(chosen) * len(rows) * len(columns)) > MOST_VALUES:
        raise MeasureError(f"{count:,} values are more than {MOST_VALUES:,}; choose fewer layers, neurons or positions")
    shown = [shown_states(trace)[p] for p in columns]
    read = read_activations(trace, chosen)[:, :, rows].double().cpu().numpy()  # (layers, states, neurons)
    values = read[:, shown].transpose(0, 2, 1)  # (layers, neurons, positions)
    facts: dict[str, Fact] = {"layers": len(chosen), "neurons": len(rows), "positions": len(columns), **_strength(values)}
    groups = None
    if clusters is not None:
        states = read[:, sorted(set(shown))].transpose(0, 2, 1)  # a state that two tokens show counts once
        groups = tuple(tuple(cluster_neurons(r, clusters, seed, layer)) for layer, r in zip(chosen, states, strict=True))
        facts |= {"clusters": clusters, **_cluster_facts(chosen, groups, values)}
    return Activations(
        tokens=trace.tokens,
        facts=facts,
        model=trace.info,
        provenance=trace.provenance,
        layers=tuple(chosen),
        neurons=tuple(rows),
        positions=tuple(columns),
        values=tuple(tuple(map(tuple, layer)) for layer in values.tolist()) if count <= MOST_DIGITS else None,
        encoding=None if count <= MOST_DIGITS else _encode(values),
        clusters=groups,
    )


def _strength(values: Array) -> dict[str, Fact]:
    return {"largest": float(np.abs(values).max()), "active": float((values > 0).mean())}


def _encode(values: Array) -> Encoding:
    """Halves of each layer, in units of a power of two by which its largest value uses the largest halves."""
    exponents = [int(np.frexp(np.abs(layer).max())[1]) - LARGEST_EXPONENT for layer in values]
    scales = [four_digits(2.0 ** max(exponent, _LEAST_EXPONENT)) for exponent in exponents]
    halves = [(layer / scale).astype("<f2") for layer, scale in zip(values, scales, strict=True)]
    return Encoding(
        dtype="float16", scale=tuple(scales), data=tuple(base64.b64encode(layer.tobytes()).decode() for layer in halves)
    )


def _cluster_facts(layers: list[int], groups: tuple[tuple[int, ...], ...], values: Array) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for layer, labels, rows in zip(layers, groups, values, strict=True):
        name = "cluster" if len(layers) == 1 else f"layer_{layer}_cluster"
        for cluster in range(1, max(labels) + 1):
            members = rows[np.array(labels) == cluster]
            facts[f"{name}_{cluster}_neurons"] = len(members)
            facts[f"{name}_{cluster}_active"] = float((members > 0).mean())
    return facts
