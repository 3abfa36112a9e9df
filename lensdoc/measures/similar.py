"""The measure `similarity`: how alike the states of any two layers are, of one model or of two."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lensdoc.core.errors import MeasureError
from lensdoc.measures.cca import LEAST_FOR_CKA, cka_of, hsic, kernel, pwcca, svcca
from lensdoc.measures.layers import check_finite, of_stack, one_model
from lensdoc.measures.states import Chosen, chosen_layers
from lensdoc.models.streams import Stack
from lensdoc.models.trace import Trace
from lensdoc.records.fields import Fact
from lensdoc.records.similarity import Similarity, SimilarityMeasure, StateScale

Array = NDArray[np.float64]
Texts = Trace | Sequence[Trace]
_OTHERS: dict[str, Callable[[Array, Array], float]] = {"svcca": svcca, "pwcca": pwcca}


def similarity(  # noqa: PLR0913 - options of one measure, by name
    trace: Texts,
    *,
    measure: SimilarityMeasure = "cka",
    skip: int = 1,
    scale: StateScale = "none",
    layers: Chosen = None,
    other: Texts | None = None,
    stack: Stack | None = None,
) -> Similarity:
    """How alike the states after any two layers are, over the positions of one text or several.

    `cka` is linear CKA (Kornblith et al. 2019) by the unbiased estimator of HSIC (Song et al. 2012): 1 where the states are
    alike but for rotation and scale, about 0 where they have nothing in common, however few positions there are. The usual,
    biased estimator is not offered: with fewer positions than dimensions it finds unrelated states alike (0.86 for independent
    states of 94 positions and 576 dimensions).

    `svcca` (Raghu et al. 2017) is the mean of the canonical correlations of the directions that hold 99 % of the variance,
    `pwcca` (Morcos et al. 2018) that of all, weighted by how much of the row's layer they hold. Both need at least five positions
    for each dimension, and are refused with fewer: they would find high similarity in noise.

    The first token's state is hundreds of times as long as others in many models and decides alone what is alike, so it is left
    out (`skip`); `scale="unit"` brings each state to length 1, so that no other does.

    Facts: `positions`, `mean` (of different layers), and where a model is compared with itself `least_neighbours` (the lowest
    similarity of two chosen layers that follow each other) and `least_after` (the lower one of them).

    Args:
        trace: The text, or several, whose positions count together.
        measure: `cka`, `svcca` or `pwcca`.
        skip: How many first tokens of each text are left out.
        scale: `none` or `unit`.
        layers: Indices of layers from 0: one, a slice or several; None for all. Of the other model all are compared.
        other: Traces of another model on texts with the same tokens.
        stack: Of an encoder with a decoder: `encoder` for the source, `decoder`, which is meant where none is named, for the
            target. Of the other model the same is meant, where it has two.

    Raises:
        MeasureError: Too few positions, an option is unknown, a layer out of range, the texts of two models are not the same, or
            the states are not finite.
    """
    _check_options(measure, scale, skip)
    traces = [of_stack(one, stack, "similarity") for one in one_model([trace] if isinstance(trace, Trace) else trace)]
    chosen = chosen_layers(traces[0], layers)
    states = [_states(traces, layer, skip, scale) for layer in chosen]
    against: Sequence[Trace] = traces
    if other is not None:
        found = one_model([other] if isinstance(other, Trace) else other)
        against = [of_stack(one, stack if one.lm.paired else None, "similarity") for one in found]
        _check_same(traces, against)
    columns = chosen if other is None else list(range(against[0].info.layers))
    others = states if other is None else [_states(against, layer, skip, scale) for layer in columns]
    if len(states[0]) < LEAST_FOR_CKA:
        raise MeasureError(
            f"similarity needs at least {LEAST_FOR_CKA} positions, and there are {len(states[0])} after the first {skip} of each "
            "text; give more or longer texts"
        )
    values = _cka(states, others) if measure == "cka" else [[_OTHERS[measure](a, b) for b in others] for a in states]
    return Similarity(
        tokens=tuple(token for one in traces for token in one.tokens),
        facts={"positions": len(states[0]), **_facts(values, chosen, itself=other is None)},
        model=traces[0].info,
        provenance=traces[0].provenance,
        measure=measure,
        scale=scale,
        skip=skip,
        starts=tuple(np.cumsum([0, *(len(one.tokens) for one in traces[:-1])]).tolist()),
        layers=tuple(chosen),
        other=None if other is None else against[0].info,
        other_layers=None if other is None else tuple(columns),
        values=tuple(map(tuple, values)),
    )


def _check_options(measure: str, scale: str, skip: int) -> None:
    for name, value, valid in (("measure", measure, ("cka", "svcca", "pwcca")), ("scale", scale, ("none", "unit"))):
        if value not in valid:
            raise MeasureError(f"{name} must be {', '.join(map(repr, valid[:-1]))} or {valid[-1]!r}, it is {value!r}")
    if not isinstance(skip, int) or skip < 0:
        raise MeasureError(f"skip must be an integer from 0, it is {skip!r}")


def _states(traces: Sequence[Trace], layer: int, skip: int, scale: StateScale) -> Array:
    """States after a layer at the positions that count, (n, width)."""
    found = []
    for one in traces:
        kept = one.residual_stream[layer, skip:]
        check_finite(kept, one, "states")
        found.append(kept.double().cpu().numpy())
    states = np.concatenate(found)
    if scale == "none":
        return states
    lengths = np.linalg.norm(states, axis=1, keepdims=True)
    return states / np.where(lengths > 0, lengths, 1)


def _check_same(traces: Sequence[Trace], others: Sequence[Trace]) -> None:
    texts, theirs = ([[token.spelled for token in one.tokens] for one in some] for some in (traces, others))
    if texts != theirs:
        raise MeasureError(
            f"two models are compared on texts with the same tokens, and {traces[0].lm.id} and {others[0].lm.id} read these "
            "texts as other tokens; give texts that both cut alike, or take models with one tokenizer"
        )


def _cka(states: Sequence[Array], others: Sequence[Array]) -> list[list[float]]:
    kernels = [kernel(each) for each in states]
    columns = kernels if others is states else [kernel(each) for each in others]
    own = [hsic(k, k) for k in kernels]
    theirs = own if others is states else [hsic(k, k) for k in columns]
    return [[cka_of(k, c, a, b) for c, b in zip(columns, theirs, strict=True)] for k, a in zip(kernels, own, strict=True)]


def _facts(values: Sequence[Sequence[float]], layers: Sequence[int], *, itself: bool) -> dict[str, Fact]:
    different = [value for i, row in enumerate(values) for j, value in enumerate(row) if not itself or i != j]
    facts: dict[str, Fact] = {"mean": sum(different) / len(different) if different else 1.0}
    if itself and len(layers) > 1:
        least, after = min((values[i][i + 1], layers[i]) for i in range(len(layers) - 1))
        facts |= {"least_neighbours": least, "least_after": after}
    return facts
