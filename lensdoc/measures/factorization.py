"""The measure `factors`: which neurons fire together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from lensdoc.core.errors import MeasureError
from lensdoc.core.names import nearest
from lensdoc.core.progress import doing
from lensdoc.measures.components import ica, pca
from lensdoc.measures.controls import control_facts, control_shares
from lensdoc.measures.factor_facts import member_facts, members_of, strongest_neurons, token_facts
from lensdoc.measures.nmf import Factorization, nmf
from lensdoc.measures.stability import match
from lensdoc.measures.states import Chosen
from lensdoc.measures.texts import Array, texts
from lensdoc.models.trace import Trace
from lensdoc.records.factors import Factors, Method, Negative, Scale
from lensdoc.records.fields import Fact

_RULES = {"clip": "loading > 1 / sqrt(neurons)", "split": "loading of either part > 1 / sqrt(2 * neurons)"}


def factors(  # noqa: PLR0913 - options of one measure, by name
    trace: Trace | Sequence[Trace],
    n_factors: int,
    *,
    layers: Chosen = None,
    method: Method = "nmf",
    negative: Negative = "clip",
    scale: Scale = "state",
    skip: int = 1,
    stability: int = 0,
    controls: int = 0,
    top_neurons: int = 5,
    seed: int = 0,
) -> Factors:
    """Factor the FFN activations of a text, or of several, into groups of neurons that fire together.

    With `a[l][s]` the activations of the neurons of layer `l` in state `s`, a vector, a row of `A` holds those of all layers in
    one state, clipped, scaled and joined:

        b[l][s] = max(a[l][s], 0)        A[s] = (b[0][s] / |b[0][s]|, b[1][s] / |b[1][s]|, ...)

    Where `b[l][s]` is all 0 it stays so. The first state of each text has no row: it is left out. Non-negative matrix
    factorization (Lee & Seung 1999; scikit-learn's coordinate descent from the starts NNDSVD and NNDSVDa of Boutsidis &
    Gallopoulos 2008; the record's `solver` says which was taken, and how close) finds non-negative `W` and `H` with

        A ~ W H        |H[f]| = 1

    Row `H[f]` holds the loadings of the neurons on factor `f`; its scale is moved into column `W[:, f]`, the factor's
    activation. Factors are numbered by the share they explain, largest first:

        explained[f] = <A, W[:, f] H[f]> / <A, A>

    `pca` and `ica` put `A` less the mean of each column in its place, here and above: principal components (Pearson 1901), and
    the independent ones (FastICA, Hyvärinen & Oja 2000) that span the same. The mean is taken after `A` was clipped, scaled and
    rid of first states, as for `nmf`. Their activations and loadings may be negative; each is signed so that its largest absolute
    activation is positive.

    Why activations are scaled: in many models a few neurons, the first token of a text, and the last layers have activations
    hundreds of times larger than all others (Sun et al. 2024), and unscaled factors describe little else. With `scale="state"`
    every layer counts as much as any other, at every token. `scale="layer"` divides each layer by its length at all factored
    states, so that strong states stay strong. `scale="none", skip=0` factors activations as they are.

    Setting negative values to zero loses what gated FFNs say with them. With `negative="split"` the positive and the negative
    part of each neuron are features of their own, `b = [max(a, 0), max(-a, 0)]`, scaled together.

    A neuron belongs to a factor when its loading is above `1 / sqrt(number of features)`, the loading it would have if the factor
    were spread evenly over all; of split neurons, when the loading of either part is. From this rule come the facts
    `factor_1_neurons` (count), `factor_1_share` (of all neurons) and `overlap_1_2` (neurons in both). `factor_1_tokens` names up
    to four distinct tokens at which the factor has half its largest activation or more. `explained_after_first` is what the
    factors explain of the rows of `A` without the first state of each text, so that it can be compared whatever `skip` is;
    `first_token_share` is the share of all squares of `b` that lies in the first states. With `skip=0`, `factor_1_first_ratio`
    is a factor's activation at the first token (of any text) divided by its largest at others, 1000 at most, and
    `first_token_factors` counts the factors in which that is above 2.

    With `controls=5` the factorization is made five times more of `A` with each column shuffled for itself: every neuron keeps
    its activations, at other states, so that neurons fire together by chance alone. The record's `controls[c]` is what as many
    factors explain there, `control_explained` the mean and `control_explained_most` the largest of these. What `explained` is
    above that is owed to neurons that fire together (the permutation form of parallel analysis, Horn 1965, Buja & Eyuboglu 1992,
    which compares component by component; factors by `nmf` have no order that both share, so here it is all of them together).

    The last token has been read by nobody when a text was produced, so there is one state less than tokens: input tokens show
    the response to them, produced tokens the state that produced them, and the last input shares its value with the first
    produced token. Several texts are factored as one matrix, each with this offset of its own, and the first states of each are
    left out. Tokens that show a state that was left out are named by the record's `left_out`; their activations, which nobody
    measured, are written as 0.

    Args:
        trace: The text, or several that one model read.
        n_factors: Number of factors, from 1 to the number of states that are not left out (one less by `pca` and `ica`, which
            take away the mean).
        layers: Layers to take together: None for all, an index, a slice or several.
        method: `nmf`, `pca` or `ica`.
        negative: What becomes of negative activations: `clip` or `split`.
        scale: What activations are divided by, once clipped or split: `state` (those of a layer in a state by their length),
            `layer` (those of a layer by their length in all states that are not left out) or `none`.
        skip: How many of each text's first states are left out.
        stability: How many times to factor anew from other, random starts. The record's `stability[f]`, and the fact
            `factor_1_stability`, is the mean cosine of a factor's loadings to its best one-to-one match there.
        controls: How many times to factor shuffled activations.
        top_neurons: How many neurons of each factor to name, those with the largest loadings, and for each the tokens on which
            its activation, as scaled, is largest.
        seed: Of random starts: those of `stability` and of `ica`, and of `nmf` for more factors than neurons; and of the shuffles
            of `controls`.

    Raises:
        MeasureError: An option is out of range, texts are of several models, activations are not finite or all zero, or one state
            or none remains, which has nothing to factor.
    """
    _check_names(method, negative, scale)
    _check_counts(method, skip=skip, stability=stability, controls=controls, top_neurons=top_neurons)
    together = texts(trace, layers, skip)
    prepared = together.prepared(negative, scale)
    matrix = prepared.matrix
    _check_matrix(matrix, n_factors, method, skip)
    fit, explained, matched = _solve(matrix, n_factors, method, stability, seed)
    shares_of_controls = control_shares(matrix, lambda each: _whole(each, n_factors, method, seed), controls, seed)
    threshold = 1 / math.sqrt(fit.loadings.shape[1])
    parts = (fit.loadings > threshold).reshape(n_factors, -1, len(together.layers) * prepared.neurons)
    members: NDArray[np.bool_] = np.any(parts, axis=1)
    shares = _after_first(matrix, fit, explained, method, together.firsts) | {"first_token_share": prepared.first_token_share}
    record = Factors(
        tokens=together.tokens,
        facts=member_facts(members, explained)
        | shares
        | token_facts(together, fit.weights)
        | _stability_facts(matched)
        | control_facts(shares_of_controls),
        model=together.traces[0].lm.info,
        provenance=together.provenance,
        method=method,
        negative=negative,
        scale=scale,
        skip=skip,
        left_out=tuple(together.left_out),
        solver=fit.solver,
        layers=tuple(together.layers),
        starts=tuple(together.starts),
        activations=tuple(map(tuple, together.shown(fit.weights).T.tolist())),
        explained=tuple(explained.tolist()),
        rule=_RULES[negative],
        threshold=threshold,
        stability=None if matched is None else tuple(matched),
        controls=tuple(shares_of_controls) or None,
        neurons=strongest_neurons(together, prepared, fit.loadings, top_neurons),
    )
    return record.with_members(members_of(together, prepared.neurons, fit.loadings, threshold))


def _solve(
    matrix: Array, n_factors: int, method: Method, stability: int, seed: int
) -> tuple[Factorization, Array, list[float] | None]:
    """The factorization, its factors in order; the share that each explains; how well it agrees with others."""
    doing("factors", 0, stability + 1)
    fit = _fit(matrix, n_factors, method, None if method == "nmf" else seed)
    explained = _explained(matrix, fit, method)
    order = np.argsort(-explained, kind="stable")
    fit = Factorization(fit.weights[:, order], fit.loadings[order], fit.solver)
    others = [_fit(matrix, n_factors, method, seed + 1 + i) for i in range(stability)]
    return fit, explained[order], match(fit, others) if others else None


def _fit(matrix: Array, n_factors: int, method: Method, seed: int | None) -> Factorization:
    if method == "nmf":
        return nmf(matrix, n_factors, seed=seed)
    exact = matrix.astype(np.float64)
    return pca(exact, n_factors) if method == "pca" else ica(exact, n_factors, seed or 0)


def _explained(matrix: Array, fit: Factorization, method: Method) -> Array:
    """Share of the matrix that each factor accounts for. Weights of centred methods sum to 0: only the norm asks for centring."""
    whole = matrix if method == "nmf" else matrix - matrix.mean(0)
    products = (fit.weights.T.astype(matrix.dtype) @ matrix).astype(np.float64)  # (factors, features)
    found: Array = np.einsum("fn,fn->f", products, fit.loadings) / float(np.linalg.norm(whole)) ** 2
    return found


def _whole(matrix: Array, n_factors: int, method: Method, seed: int) -> float:
    """Share of a matrix that all its factors together account for."""
    fit = _fit(matrix, n_factors, method, None if method == "nmf" else seed)
    return float(_explained(matrix, fit, method).sum())


def _after_first(matrix: Array, fit: Factorization, explained: Array, method: Method, firsts: Sequence[int]) -> dict[str, Fact]:
    """The fact `explained_after_first`, unless nothing is left to explain; `firsts` are rows of first states."""
    if not firsts:
        return {"explained_after_first": float(explained.sum())}
    whole = matrix if method == "nmf" else matrix - matrix.mean(0)
    rest, weights = np.delete(whole, firsts, 0), np.delete(fit.weights, firsts, 0)
    squares = float(np.linalg.norm(rest)) ** 2
    products = (weights.T.astype(rest.dtype) @ rest).astype(np.float64)  # (factors, features)
    return {"explained_after_first": float(np.einsum("fn,fn->", products, fit.loadings)) / squares} if squares else {}


def _stability_facts(matched: list[float] | None) -> dict[str, Fact]:
    return {f"factor_{f}_stability": value for f, value in enumerate(matched or [], 1)}


def _check_names(method: str, negative: str, scale: str) -> None:
    named = (("method", method, get_args(Method)), ("negative", negative, get_args(Negative)), ("scale", scale, get_args(Scale)))
    for option, value, valid in named:
        if value not in valid:
            raise MeasureError(f"{option} must be one of {', '.join(valid)}, it is {value!r}; {nearest(str(value), valid)}")


def _check_counts(method: str, **counts: int) -> None:
    for option, count in counts.items():
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise MeasureError(f"{option} must be an integer from 0, it is {count!r}")
    if counts["stability"] and method == "pca":
        raise MeasureError("principal components do not depend on a start, so stability is for nmf and ica; leave it out")


def _check_matrix(matrix: Array, n_factors: int, method: Method, skip: int) -> None:
    states, size = matrix.shape
    if states == 1:
        without = f" without the first {skip} of each text" if skip else ""
        raise MeasureError(
            f"one state was read{without}, which has nothing to factor; give a text of more tokens, or several texts"
            + (", or a smaller skip" if skip else "")
        )
    limit = states if method == "nmf" else min(states - 1, size)
    if not isinstance(n_factors, int) or not 1 <= n_factors <= limit:
        why = "the number of positions that were read" if method == "nmf" else f"one less than the states or features by {method}"
        why += f" without the first {skip} of each text" if skip else ""
        raise MeasureError(f"n_factors must be from 1 to {limit}, {why}; it is {n_factors}")
    if not (matrix if method == "nmf" else matrix - matrix.mean(0)).any():
        raise MeasureError(
            "there is nothing to factor: in these layers no activation is above 0 on this text, or by pca and ica all states are "
            "the same; choose other layers or another text, or take negative='split'"
        )
