"""The measure `attention_flow`: how much of each token reaches a position through the attention of all layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from lensdoc.core.errors import MeasureError
from lensdoc.core.progress import each
from lensdoc.measures.layers import causal_only, check_finite, place
from lensdoc.models.attention import attention_weights
from lensdoc.models.trace import Trace
from lensdoc.records.attention_flow import AttentionFlow, FlowMethod
from lensdoc.records.fields import Fact

Array = NDArray[np.float64]
METHODS: tuple[FlowMethod, ...] = ("flow", "rollout", "raw")
MOST_EDGES = 400_000
_UNIT = 10**9
"""Capacities are whole numbers of these, so that flows are exact and the same on every machine."""


def attention_flow(
    trace: Trace, *, position: int = -1, method: FlowMethod | Sequence[FlowMethod] = METHODS, skip: int = 1
) -> AttentionFlow:
    """How much of each token reaches a position through the attention of all layers (Abnar and Zuidema 2020).

    With `A[l]` the mean of the attention weights of layer `l` over its heads, each layer hands on half of what it reads and
    half of what was there:

        B[l] = (A[l] + I) / 2        rows of `B[l]`, without the first `skip` tokens, brought to the sum 1

        rollout     B[L-1] ... B[1] B[0], the row of the position
        flow        the largest flow from the position after the last layer to each token before the first, through edges
                    with the capacities B[l][q][k], by networkx; divided by the sum over the tokens
        raw         A[L-1], the row of the position, brought to the sum 1 without the first `skip` tokens

    The first token takes most of the attention of many models, and with it rollout gives it all: so it is left out, and the
    facts tell how much that was. Weights are not effects: none of the three says what happens if a token is another.

    Facts: `left_out` (mean weight of all heads, layers and later queries on the tokens left out), `rollout_left_out` (what
    rollout gives them where nothing is left out), and of each method `<method>_top` (position of the token with the largest
    share) and `<method>_top_share`.

    Args:
        trace: The text.
        position: The place that is looked at: from 1 on; -1 is the place after the last token.
        method: `flow`, `rollout` or `raw`, or several of them; all unless said.
        skip: How many first tokens are left out.

    Raises:
        MeasureError: A method is unknown, nothing stands at the position, `skip` leaves no token, or the text is too long.
        ModelError: The model hands on no attention weights for each head in every layer.
    """
    causal_only(trace, "attention_flow", "it follows attention back to earlier tokens")
    methods = (method,) if isinstance(method, str) else tuple(method)
    if unknown := [name for name in methods if name not in METHODS]:
        raise MeasureError(f"method must be among {', '.join(METHODS)}, it is {unknown[0]!r}")
    where, layers = place(trace, position), trace.lm.info.layers
    if not isinstance(skip, int) or not 0 <= skip < where:
        raise MeasureError(f"skip must be from 0 to {where - 1}, so that a token is left before the position; it is {skip!r}")
    if layers * where * where // 2 > MOST_EDGES:
        raise MeasureError(
            f"{layers} layers of {where} tokens are more than {MOST_EDGES:,} edges, which takes too long; take a shorter text"
        )
    read = attention_weights(trace.lm.model, trace.ids[:where], range(layers))
    check_finite(read, trace, "attention weights")
    weights = read.double().mean(1).cpu().numpy()  # (layers, T, T)
    found = {name: _share_out(name, weights, skip) for name in each("attention flow", methods)}
    return AttentionFlow(
        tokens=trace.tokens,
        facts={**_left_out(weights, skip), **_tops(found, skip)},
        model=trace.lm.info,
        provenance=trace.provenance,
        position=where,
        skip=skip,
        methods=methods,
        scores=tuple(tuple([0.0] * skip + scores.tolist()) for scores in found.values()),
    )


def _share_out(method: FlowMethod, weights: Array, skip: int) -> Array:
    if method == "raw":
        return _normed(weights[-1, -1, skip:])
    mixed = [_mixed(layer, skip) for layer in weights]
    return rollout(mixed) if method == "rollout" else flow(mixed)


def _mixed(layer: Array, skip: int) -> Array:
    """Half attention and half what was there, without the tokens that are left out."""
    return _normed((layer + np.eye(len(layer)))[skip:, skip:] / 2)


def _normed(rows: Array) -> Array:
    total = rows.sum(-1, keepdims=True)
    return cast("Array", np.divide(rows, total, out=np.full_like(rows, 1 / rows.shape[-1]), where=total > 0))


def rollout(mixed: Sequence[Array]) -> Array:
    """The last row of the product of layers, the last layer first."""
    row: Array = mixed[-1][-1]
    for layer in reversed(mixed[:-1]):
        row = row @ layer
    return row


def flow(mixed: Sequence[Array]) -> Array:
    """The largest flow from the last position above to each position below, as shares of their sum."""
    graph = nx.DiGraph()
    for layer, rows in enumerate(mixed):
        for query, key in zip(*np.nonzero(rows), strict=True):
            capacity = round(float(rows[query, key]) * _UNIT)
            if capacity:
                graph.add_edge((layer + 1, int(query)), (layer, int(key)), capacity=capacity)
    count = len(mixed[0])
    source, flows = (len(mixed), count - 1), []
    for token in range(count):
        reached = graph.has_node((0, token))
        flows.append(nx.maximum_flow_value(graph, source, (0, token)) / _UNIT if reached else 0.0)
    return _normed(np.array(flows))


def _left_out(weights: Array, skip: int) -> dict[str, Fact]:
    """What attention rests on the tokens that are left out, and what rollout makes of it."""
    if not skip:
        return {"left_out": 0.0, "rollout_left_out": 0.0}
    whole = rollout([_mixed(layer, 0) for layer in weights])
    return {"left_out": float(weights[:, skip:, :skip].sum(-1).mean()), "rollout_left_out": float(whole[:skip].sum())}


def _tops(found: dict[FlowMethod, Array], skip: int) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for name, scores in found.items():
        top = int(scores.argmax())
        facts |= {f"{name}_top": skip + top, f"{name}_top_share": float(scores[top])}
    return facts
