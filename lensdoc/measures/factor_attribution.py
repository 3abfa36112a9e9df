"""The measure `factor_saliency`: which tokens make a factor fire at a position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lensdoc.core.errors import MeasureError
from lensdoc.core.progress import doing
from lensdoc.measures.gradients import TARGETS_AT_ONCE
from lensdoc.measures.layers import one_stack_only
from lensdoc.measures.preparation import Preparation
from lensdoc.measures.recovery import Recovered, recover
from lensdoc.measures.states import Chosen, chosen_indices, read_activations, shown_states
from lensdoc.models.embeddings import check_embeddings, embeddings_of
from lensdoc.models.ffn import activations_of
from lensdoc.models.trace import Trace
from lensdoc.records.factor_saliency import FactorSaliency
from lensdoc.records.factors import Factors

_CLOSE = 0.05
"""Share of a record's activations by which those found again may differ: it keeps four digits, and a solver stops somewhere."""


def factor_saliency(
    trace: Trace,
    record: Factors,
    *,
    factors: int | Sequence[int] | None = None,
    targets: Chosen = None,
    signed: bool = False,
) -> FactorSaliency:
    """Which tokens make a factor fire at a position, by gradient x input of its activation (Denil et al. 2015).

    With `a` the FFN activations in the state that a token shows, clipped or split and scaled as the factorization took them, and
    `H` the loadings, the factors' activations are `w = argmin |a - w H|` over `w >= 0` (Lawson & Hanson 1974). With `S` the
    factors that are active there, `w_S = (H_S H_S^T)^-1 H_S a`, which is differentiated through the model by the embedding
    `e[i]` of every token that was read, before positions are added:

        score[i] = |dw_f/de[i] * e[i]|_2

    divided by its sum over positions, so that the scores of a factor at a target sum to 1; `totals` keeps that sum. With
    `signed=True` it is the sum of the elements, not divided. Where a factor is not active all its scores are 0.

    Where a state's activations were scaled to length 1, derivatives go through that division; the lengths of whole layers
    (`scale="layer"`), to which all states contribute, are held fixed, as the loadings are.

    A record keeps no loadings but the largest: they are found again by non-negative least squares from its activations, those of
    the trace, and four digits. The activations that come of them, which the record of saliency keeps, are the record's to about
    as many.

    An input token shows the response to it, so it has a score itself; a produced one shows the state that produced it, so it has
    none. In a masked model all tokens have scores, as they were read: with masks. Tokens whose states were left out of the
    factorization (`skip`) are no targets; they may drive others. Facts: `factors`, `targets`.

    Args:
        trace: The text that was factored, read by the same model.
        record: What `factors` found on it, by `nmf`.
        factors: Numbers of factors from 1: one or several; None for all.
        targets: Positions of tokens: one, a slice or several; None for all that were not left out.
        signed: Whether scores keep their sign.

    Raises:
        MeasureError: The record is of another text, model or method or of several texts, a factor or target is out of range, a
            target was left out of the factorization, or derivatives are not finite.
    """
    one_stack_only(trace.lm, "factor_saliency")
    _check(trace, record)
    check_embeddings(trace.lm.model, causal=not trace.readings)
    chosen = _numbers(factors, len(record.activations))
    positions = _targets(record, targets)
    states, skip = [shown_states(trace)[p] for p in positions], record.skip or 0
    found = _recovered(trace, record)
    explained = found.recovered.weights[[state - skip for state in states]]  # (targets, factors)
    relevance = _relevance(trace, record, found, chosen, sorted(set(states)))
    rows = [[_scores(relevance[number, state], signed=signed) for state in states] for number in chosen]
    return FactorSaliency(
        tokens=trace.tokens,
        facts={"factors": len(chosen), "targets": len(positions)},
        model=trace.lm.info,
        provenance=trace.provenance,
        factor=tuple(chosen),
        targets=tuple(positions),
        activations=tuple(tuple(explained[:, number - 1].tolist()) for number in chosen),
        signed=signed,
        scale=record.scale,
        skip=record.skip,
        scores=tuple(tuple(scores for scores, _ in row) for row in rows),
        totals=tuple(tuple(total for _, total in row) for row in rows),
    )


def _scores(relevance: Tensor, *, signed: bool) -> tuple[tuple[float, ...], float]:
    """Relevance (read, width) to scores and their sum, which is told before they are made shares."""
    scores = relevance.sum(-1) if signed else relevance.norm(dim=-1)
    total = float(scores.sum())
    return tuple((scores if signed or not total else scores / total).tolist()), total


def _relevance(
    trace: Trace, record: Factors, found: _Found, chosen: Sequence[int], states: Sequence[int]
) -> dict[tuple[int, int], Tensor]:
    """Gradient x input (read, width) for each factor's number and state, a few states to a forward pass."""
    relevance, preparation = {}, _preparation(record)
    for first in range(0, len(states), TARGETS_AT_ONCE):
        doing("factor saliency", first, len(states))
        some = list(states[first : first + TARGETS_AT_ONCE])
        embeddings = embeddings_of(trace.lm.model, trace.read_ids[: trace.seen_from(some[-1])]).requires_grad_()
        activations = activations_of(trace.lm.model, record.layers, embeddings[None].clone())
        blocks = preparation.blocks(activations[:, some])
        lengths = preparation.lengths(blocks) if record.scale == "state" else found.lengths.to(blocks)
        rows = preparation.features(blocks / lengths)  # (states, features)
        coordinates = rows @ torch.from_numpy(found.recovered.basis).to(rows)  # (states, factors)
        for number in chosen:
            ways = torch.from_numpy(found.recovered.derivatives[[state - preparation.skip for state in some], number - 1])
            gradients = _by_state(coordinates, embeddings, ways.to(coordinates))
            for state, gradient in zip(some, gradients, strict=True):
                relevance[number, state] = (gradient * embeddings.detach())[: trace.seen_from(state)].double()
    if not all(one.isfinite().all() for one in relevance.values()):
        raise MeasureError(f"derivatives of factors are not finite; does {trace.lm.id} overflow {trace.provenance.dtype}?")
    return relevance


def _by_state(coordinates: Tensor, embeddings: Tensor, ways: Tensor) -> Tensor:
    """Derivatives (states, read, width) of each state's coordinates, taken the way that is given for it, in one backward pass."""
    alone = torch.eye(len(ways)).to(ways)[..., None] * ways  # (states, states, factors)
    return torch.autograd.grad(coordinates, embeddings, alone, retain_graph=True, is_grads_batched=True)[0]


@dataclass(frozen=True, eq=False)
class _Found:
    """What a record does not hold of its factors."""

    recovered: Recovered
    """Loadings, and activations in the states that were not left out."""
    lengths: Tensor
    """What activations (layers, states, neurons) were divided by, as far as it is the same for all states."""


def _recovered(trace: Trace, record: Factors) -> _Found:
    shown, preparation = shown_states(trace), _preparation(record)
    states = range(preparation.skip, shown[-1] + 1)
    drawn = np.array(record.activations).T[[shown.index(state) for state in states]]  # (states, factors)
    blocks = preparation.blocks(read_activations(trace, record.layers)[:, preparation.skip :])
    lengths = preparation.lengths(blocks)
    found = recover(drawn, preparation.features(blocks / lengths).double().cpu().numpy())
    if np.linalg.norm(found.weights - drawn) > _CLOSE * np.linalg.norm(drawn):
        raise MeasureError("this model gives other activations than the record of factors; make it anew from this trace")
    return _Found(found, lengths)


def _preparation(record: Factors) -> Preparation:
    """How the record's activations were prepared; records of old were not scaled, and nothing was left out of them."""
    return Preparation(record.negative or "clip", record.scale or "none", record.skip or 0)


def _targets(record: Factors, targets: Chosen) -> list[int]:
    """Positions of the tokens that are explained."""
    chosen = chosen_indices("targets", targets, len(record.tokens), "the last token")
    if targets is None:
        return [position for position in chosen if position not in record.left_out]
    if gone := sorted(set(chosen) & set(record.left_out)):
        raise MeasureError(
            f"targets must be tokens that were factored, and {gone} were left out (skip={record.skip}); "
            "choose others, or factor with skip=0"
        )
    return chosen


def _numbers(factors: int | Sequence[int] | None, count: int) -> list[int]:
    given = range(1, count + 1) if factors is None else [factors] if isinstance(factors, int) else list(factors)
    if not given or any(not isinstance(number, int) or not 1 <= number <= count for number in given):
        raise MeasureError(f"factors must be numbers from 1 to {count}, as the record has them; they are {factors!r}")
    return sorted(set(given))


def _check(trace: Trace, record: Factors) -> None:
    if record.method != "nmf":
        raise MeasureError(f"factor_saliency explains factors by nmf, and this record has them by {record.method}")
    if len(record.starts) > 1:
        raise MeasureError(
            f"factor_saliency explains factors of one text, and this record has {len(record.starts)}; factor one alone"
        )
    if not record.layers:
        raise MeasureError("this record of factors was imported and does not say of which layers; make one with lensdoc.factors")
    if record.tokens != trace.tokens:
        raise MeasureError("the record of factors is of another text than the trace; factor this trace, or trace that text")
    if (record.model.id, getattr(record.model, "revision", None)) != (trace.lm.id, trace.lm.revision):
        raise MeasureError(
            f"the record of factors is of {record.model.id}, and the trace of {trace.lm.id} (or another revision of it); "
            "take both from one model"
        )
