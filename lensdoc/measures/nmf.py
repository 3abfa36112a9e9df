"""Non-negative matrix factorization: its starts, and the way down from them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.extmath import randomized_svd
from threadpoolctl import threadpool_limits

Array = NDArray[np.floating[Any]]

MOST_ROUNDS = 2000
SMALL = 1_000_000
"""Entries of a matrix that is factored in double precision, to the finer tolerance, from both starts."""
_FINE, _COARSE = 1e-8, 2e-5
"""Share of the error by which a round must lower it, or it was the last."""
_LOW = 0.1
"""Share of the matrix's norm that stands for an error below it, since one that falls to 0 would fall by large shares for ever."""
_EXACT = 1e-3
"""Share of the norm below which an error is not worth a warning: as many factors as states describe them exactly, but slowly."""
_SWEEPS = 3
"""Times that every row is improved in a round; more gain little, since the products of the matrix are what takes time."""
_LARGE_TRIAL, _SMALL_TRIAL = 4, 10
"""Rounds after which all but the best start are left, where they are not all taken to the end."""
_RANDOM_STARTS = 4
_ALIKE = 1.0001
"""Errors that differ by less are alike: the first start is kept, so that the last bits of a machine do not choose."""
_STRIDE = 2
"""Rounds between two looks at the error."""

_TINY = 1e-30


@dataclass(frozen=True, eq=False)
class Factorization:
    """A matrix as the product of two; loadings have norm 1 (or are all 0) and weights the scale."""

    weights: Array
    """(rows, factors)."""
    loadings: Array
    """(factors, columns)."""
    solver: str
    """Initialisation and tolerance."""


@dataclass(eq=False)
class _Descent:
    """A factorization on its way: `left` (factors, rows) and `right` (factors, columns), improved in place."""

    matrix: Array
    left: Array
    right: Array
    start: str
    error: float = np.inf
    rounds: int = 0
    settled: bool = False

    def run(self, tolerance: float, rounds: int) -> _Descent:
        """Hierarchical alternating least squares, several sweeps for each product with the matrix (Gillis & Glineur 2012)."""
        norm = float(np.linalg.norm(self.matrix))
        while self.rounds < rounds and not self.settled:
            last = self.error
            for _ in range(_STRIDE):
                _sweep(self.left, (self.matrix @ self.right.T).T, self.right @ self.right.T)
                products, gram = self.left @ self.matrix, self.left @ self.left.T
                _sweep(self.right, products, gram)
            self.rounds += _STRIDE
            square = norm**2 - 2 * _dot(products, self.right) + _dot(gram, self.right @ self.right.T)
            self.error = max(square, 0.0) ** 0.5
            self.settled = last - self.error <= _STRIDE * tolerance * max(self.error, _LOW * norm)
        return self


def nmf(matrix: Array, n_factors: int, *, seed: int | None = None) -> Factorization:
    """Factor a non-negative matrix (rows, columns): `matrix ~ weights @ loadings`, both non-negative, least squares.

    The start is the better of NNDSVD and NNDSVDa (Boutsidis & Gallopoulos 2008), judged at the end where the matrix is small
    and after a few rounds where it is large; with a seed, or for more factors than the smaller side has, it is the best of four
    random ones after a few rounds.
    """
    small = matrix.size <= SMALL
    values: Array = np.ascontiguousarray(matrix, np.float64 if small else np.float32)
    tolerance = _FINE if small else _COARSE
    with threadpool_limits(1, "blas"):  # two threads were seen to stall on such thin products
        starts = _starts(values, n_factors, seed)
        trial = _LARGE_TRIAL if not small else _SMALL_TRIAL if len(starts) == _RANDOM_STARTS else MOST_ROUNDS
        trials = [start.run(tolerance, trial) for start in starts]
        least = min(trial.error for trial in trials)
        best = next(trial for trial in trials if trial.error <= _ALIKE * least).run(tolerance, MOST_ROUNDS)
    if not best.settled and best.error > _EXACT * np.linalg.norm(values):
        warnings.warn(
            f"the factorization did not settle in {MOST_ROUNDS} rounds; fewer factors describe this text as well", stacklevel=5
        )
    norms = np.linalg.norm(best.right, axis=1)
    return Factorization(
        (best.left * norms[:, None]).T,
        best.right / np.where(norms == 0, 1, norms)[:, None],
        f"{best.start}, hierarchical alternating least squares, tolerance {tolerance:g} a round, {values.dtype}",
    )


def _starts(matrix: Array, n_factors: int, seed: int | None) -> list[_Descent]:
    if seed is not None or n_factors > min(matrix.shape):
        random = np.random.default_rng(seed or 0)
        return [_random_start(matrix, n_factors, random, f"random start {seed or 0}") for _ in range(_RANDOM_STARTS)]
    left, right = _nndsvd(matrix, n_factors)
    mean = matrix.mean()
    filled = [np.where(side > 0, side, mean) for side in (left, right)]
    return [_Descent(matrix, left, right, "nndsvd"), _Descent(matrix, filled[0], filled[1], "nndsvda")]


def _random_start(matrix: Array, n_factors: int, random: np.random.Generator, name: str) -> _Descent:
    scale = np.sqrt(matrix.mean() / n_factors)
    left, right = (np.abs(scale * random.standard_normal((n_factors, n))).astype(matrix.dtype) for n in matrix.shape)
    return _Descent(matrix, left, right, name)


def _nndsvd(matrix: Array, n_factors: int) -> tuple[Array, Array]:
    """From each pair of singular vectors the larger of its two non-negative parts; (factors, rows) and (factors, columns)."""
    u, values, v = randomized_svd(matrix, n_factors, n_iter=2, random_state=0)
    left, right = u.T.copy(), v.copy()
    for f, value in enumerate(values):
        parts = [(np.maximum(sign * left[f], 0), np.maximum(sign * right[f], 0)) for sign in (1, -1)]
        norms = [(np.linalg.norm(x), np.linalg.norm(y)) for x, y in parts]
        (x, y), (a, b) = max(zip(parts, norms, strict=True), key=lambda found: found[1][0] * found[1][1])
        scale = np.sqrt(value * a * b)
        left[f], right[f] = scale * x / max(a, _TINY), scale * y / max(b, _TINY)
    return left, right


def _sweep(rows: Array, products: Array, gram: Array) -> None:
    """Improve each row in turn, the others held: rows (factors, n) towards the least of |matrix - other.T @ rows|."""
    for _ in range(_SWEEPS):
        for f, scale in enumerate(gram.diagonal()):
            if scale > 0:
                rows[f] = np.maximum(rows[f] + (products[f] - gram[f] @ rows) / scale, 0)


def _dot(a: Array, b: Array) -> float:
    return float(np.vdot(a.astype(np.float64), b.astype(np.float64)))
