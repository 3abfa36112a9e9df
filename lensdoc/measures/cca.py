"""Similarity of two sets of states of the same positions: debiased linear CKA, SVCCA and PWCCA."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from lensdoc.core.errors import MeasureError

Array = NDArray[np.float64]
LEAST_FOR_CKA = 4
PER_DIMENSION = 5
"""Positions that CCA needs for each dimension."""
_VARIANCE = 0.99


def debiased_cka(a: Array, b: Array) -> float:
    """Linear CKA of states (n, p) and (n, q), by the unbiased estimator of HSIC (Song et al. 2012; Nguyen et al. 2021).

    With `K = a a^T` and `L = b b^T`, their diagonals set to zero:

        HSIC(K, L) = (tr(K L) + (1'K1)(1'L1) / ((n - 1)(n - 2)) - 2 (1'K L 1) / (n - 2)) / (n (n - 3))
        CKA = HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L))
    """
    k, l = kernel(a), kernel(b)  # noqa: E741 - as in the formula
    return cka_of(k, l, hsic(k, k), hsic(l, l))


def kernel(states: Array) -> Array:
    """Inner products of centred states, without the diagonal."""
    centred = states - states.mean(0)  # changes nothing but rounding
    products = centred @ centred.T
    np.fill_diagonal(products, 0)
    return cast("Array", products)


def hsic(k: Array, l: Array) -> float:  # noqa: E741 - as in the formula
    """The unbiased estimator of HSIC of two kernels without diagonals."""
    n = len(k)
    rows, columns = k.sum(0), l.sum(0)
    crossed = rows.sum() * columns.sum() / ((n - 1) * (n - 2)) - 2 * (rows @ columns) / (n - 2)
    return float(((k * l).sum() + crossed) / (n * (n - 3)))


def cka_of(k: Array, l: Array, own_k: float, own_l: float) -> float:  # noqa: E741 - as in the formula
    """CKA of two kernels, of which HSIC with themselves is known.

    Raises:
        MeasureError: The states of a layer hardly differ, so that there is nothing to compare.
    """
    if min(own_k, own_l) <= 0:
        raise MeasureError("the states of a layer hardly differ from position to position; take more or longer texts")
    return max(-1.0, min(1.0, float(hsic(k, l) / (own_k * own_l) ** 0.5)))


def leading(states: Array) -> Array:
    """The directions that hold 99 % of the variance of states, as (n, kept)."""
    left, sizes, _ = np.linalg.svd(states - states.mean(0), full_matrices=False)
    shares = np.cumsum(sizes**2) / (sizes**2).sum()
    kept = int(np.searchsorted(shares, _VARIANCE)) + 1
    return cast("Array", left[:, :kept] * sizes[:kept])


def check_enough(positions: int, dimensions: int, measure: str) -> None:
    """Raises MeasureError: CCA of so few positions finds high correlations in noise."""
    least = PER_DIMENSION * dimensions
    if positions < least:
        raise MeasureError(
            f"{measure} of {dimensions} dimensions needs {PER_DIMENSION} times as many positions, {least:,}, "
            f"and there are {positions:,}: with fewer it finds high similarity in noise; give several longer texts, or take "
            "measure='cka'"
        )


def svcca(a: Array, b: Array) -> float:
    """Mean of the canonical correlations of the leading directions of both (Raghu et al. 2017)."""
    first, second = leading(a), leading(b)
    check_enough(len(a), max(first.shape[1], second.shape[1]), "svcca")
    return float(correlations(first, second)[0].mean())


def pwcca(a: Array, b: Array) -> float:
    """Canonical correlations, weighted by how much of the first states their directions hold (Morcos et al. 2018).

        sum_i w[i] rho[i] / sum_i w[i]        w[i] = sum_j |h[i] . a[:, j]|, h[i] the i-th canonical variate of a

    It is no symmetric measure: the weights are those of the first.
    """
    check_enough(len(a), max(a.shape[1], b.shape[1]), "pwcca")
    found, variates = correlations(a - a.mean(0), b - b.mean(0))
    weights = np.abs(variates.T @ (a - a.mean(0))).sum(1)
    return float((weights * found).sum() / weights.sum())


def correlations(a: Array, b: Array) -> tuple[Array, Array]:
    """Canonical correlations of centred states, and the canonical variates (n, k) of the first, of length 1."""
    first, second = _basis(a), _basis(b)
    left, found, _ = np.linalg.svd(first.T @ second, full_matrices=False)
    return np.clip(found, 0, 1), cast("Array", first @ left)


def _basis(states: Array) -> Array:
    """An orthonormal basis of what the columns span."""
    left, sizes, _ = np.linalg.svd(states, full_matrices=False)
    return cast("Array", left[:, sizes > sizes.max(initial=0) * max(states.shape) * np.finfo(float).eps])
