"""The measure `factors`: which neurons fire together, found by non-negative matrix factorization."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from lensdoc.models.trace import Trace
from lensdoc.records.errors import MeasureError
from lensdoc.records.factors import Factors

Array = NDArray[np.float64]

_MOST_ITERATIONS = 2000
_TOLERANCE = 1e-5
_EXACT = 1e-6
"""A relative residual below this is an exact factorization, in which the solver finds nothing left to measure progress by."""


def factors(trace: Trace, n_factors: int, *, layers: int | Sequence[int] | None = None) -> Factors:
    """Factor the FFN activations of a text into groups of neurons that fire together.

    With `A` the activations, positions x (layers * neurons), negative values set to zero, non-negative matrix factorization
    (Lee & Seung 1999; coordinate descent, from the better of the two starts NNDSVD and NNDSVDa of Boutsidis & Gallopoulos 2008)
    finds non-negative `W` and `H` with

        A ~ W H        |H[f]| = 1

    Row `H[f]` holds the loadings of the neurons on factor `f`; its scale is moved into column `W[:, f]`, the factor's
    activation. Factors are numbered by the share they explain, largest first:

        explained[f] = <A, W[:, f] H[f]> / <A, A>

    A neuron belongs to a factor when its loading is above `1 / sqrt(number of neurons)`, the loading it would have if the factor
    were spread evenly over all neurons. From this rule come the facts `factor_1_neurons` (count), `factor_1_share` (of all
    neurons) and `overlap_1_2` (neurons in both).

    The last token has been read by nobody when a text was produced, so there is one position less than tokens: input tokens
    show the response to them, produced tokens the state that produced them, and the last input shares its value with the
    first produced token.

    Args:
        trace: The text.
        n_factors: Number of factors, from 1 to the number of positions.
        layers: Layers to take together: None for all, an index, or several.

    Raises:
        MeasureError: `n_factors` or `layers` is out of range.
    """
    chosen = _layers(layers, trace.lm.info.layers)
    read = len(trace.tokens) - 1 if len(trace.targets) else len(trace.tokens)
    if not isinstance(n_factors, int) or not 1 <= n_factors <= read:
        raise MeasureError(f"n_factors must be from 1 to {read}, the number of positions that were read; it is {n_factors}")
    values = trace.ffn_activations(chosen)[:, :read]  # (layers, read, neurons)
    activations = values.clamp(min=0).transpose(0, 1).flatten(1).double().cpu().numpy()  # (read, layers * neurons)
    weights, loadings = _factorize(activations, n_factors)
    explained = np.einsum("pn,pf,fn->f", activations, weights, loadings) / max(float((activations**2).sum()), 1e-30)
    order = np.argsort(-explained, kind="stable")
    weights, loadings, explained = weights[:, order], loadings[order], explained[order]
    shown = np.concatenate([weights[: trace.n_input], weights[trace.n_input - 1 :]])[: len(trace.tokens)]  # (T, factors)
    threshold = 1 / math.sqrt(loadings.shape[1])
    return Factors(
        tokens=trace.tokens,
        facts=_facts(loadings > threshold, explained),
        model=trace.lm.info,
        provenance=trace.provenance,
        method="nmf",
        layers=tuple(chosen),
        activations=tuple(tuple(row) for row in shown.T.tolist()),
        explained=tuple(explained.tolist()),
        rule="loading > 1 / sqrt(neurons)",
        threshold=threshold,
    )


def _layers(layers: int | Sequence[int] | None, n_layers: int) -> list[int]:
    if layers is None:
        return list(range(n_layers))
    chosen = [layers] if isinstance(layers, int) else sorted(set(layers))
    if not chosen or any(not 0 <= layer < n_layers for layer in chosen):
        raise MeasureError(f"layers must be indices from 0 to {n_layers - 1}, the model's last; they are {layers}")
    return chosen


def _factorize(activations: Array, n_factors: int) -> tuple[Array, Array]:
    """Weights (read, factors) and loadings (factors, neurons) of unit norm: the better of two deterministic starts."""
    # The starts come from a truncated SVD, which has no more components than the smaller side.
    starts = ("nndsvd", "nndsvda") if n_factors <= min(activations.shape) else ("random",)
    fits = [_fit(activations, n_factors, start) for start in starts]
    solver, weights = min(fits, key=lambda fit: fit[0].reconstruction_err_)
    residual = solver.reconstruction_err_ / max(float(np.linalg.norm(activations)), 1e-30)
    if solver.n_iter_ >= _MOST_ITERATIONS and residual > _EXACT:
        warnings.warn(
            f"the factorization did not settle in {_MOST_ITERATIONS} iterations; fewer factors describe this text as well",
            stacklevel=3,
        )
    norms = np.linalg.norm(solver.components_, axis=1)
    norms[norms == 0] = 1.0
    return weights * norms, solver.components_ / norms[:, None]


def _fit(activations: Array, n_factors: int, start: str) -> tuple[NMF, Array]:
    solver = NMF(n_factors, init=start, tol=_TOLERANCE, max_iter=_MOST_ITERATIONS, random_state=0)
    with threadpool_limits(1, "blas"), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return solver, solver.fit_transform(activations)


def _facts(members: NDArray[np.bool_], explained: Array) -> dict[str, int | float | str]:
    count, neurons = members.shape
    facts: dict[str, int | float | str] = {
        "factors": count,
        "neurons": neurons,
        "explained": float(explained.sum()),
    }
    for f in range(count):
        size = int(members[f].sum())
        facts |= {f"factor_{f + 1}_neurons": size, f"factor_{f + 1}_share": size / neurons}
    for i, j in combinations(range(count), 2):
        facts[f"overlap_{i + 1}_{j + 1}"] = int((members[i] & members[j]).sum())
    return facts
