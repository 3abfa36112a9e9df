"""Non-negative matrix factorization by scikit-learn, from the better of two starts."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

Array = NDArray[np.floating[Any]]

MOST_ITERATIONS = 2000
SMALL = 2_000_000
"""Entries of a matrix that is factored in double precision, to the finer tolerance, from both starts to the end."""
_FINE, _COARSE = 1e-5, 5e-2
"""Tolerances of the solver: by the coarser one the error ends a part in a thousand to two in a hundred above the least."""
_RANDOM_STARTS, _RANDOM_TRIAL = 4, 10
"""Random starts, and iterations after which only the best of them goes on."""
_ALIKE = 1.0001
"""Errors that differ by less are alike: the first start is kept, so that the last bits of a machine do not choose."""
_EXACT = 1e-3
"""Share of the norm below which an error is not worth a warning: as many factors as states describe them exactly, but slowly."""


@dataclass(frozen=True, eq=False)
class Factorization:
    """A matrix as the product of two; loadings have norm 1 (or are all 0) and weights the scale."""

    weights: Array
    """(rows, factors)."""
    loadings: Array
    """(factors, columns)."""
    solver: str
    """Initialisation and tolerance."""


@dataclass(frozen=True, eq=False)
class _Fit:
    solver: NMF
    weights: Array
    start: str

    @property
    def error(self) -> float:
        return float(self.solver.reconstruction_err_)


def nmf(matrix: Array, n_factors: int, *, seed: int | None = None) -> Factorization:
    """Factor a non-negative matrix (rows, columns): `matrix ~ weights @ loadings`, both non-negative, least squares.

    A small matrix is factored from both NNDSVD and NNDSVDa (Boutsidis & Gallopoulos 2008) and the better is kept, a large one
    from NNDSVD; with a seed, or for more factors than the smaller side has, the start is the best of four random ones after a
    few iterations. The way down is coordinate descent (Cichocki & Phan 2009).
    """
    small = matrix.size <= SMALL
    values: Array = np.ascontiguousarray(matrix, np.float64 if small else np.float32)
    tolerance = _FINE if small else _COARSE
    random = seed is not None or n_factors > min(values.shape)
    seeds = [_RANDOM_STARTS * (seed or 0) + i for i in range(_RANDOM_STARTS)] if random else [0, 0]
    starts = ["random"] * _RANDOM_STARTS if random else ["nndsvd", "nndsvda"] if small else ["nndsvd"]
    trial = _RANDOM_TRIAL if random else MOST_ITERATIONS
    with threadpool_limits(1, "blas"), warnings.catch_warnings():  # two threads were seen to stall on such thin products
        warnings.simplefilter("ignore", ConvergenceWarning)
        fits = [
            _fit(values, NMF(n_factors, init=start, tol=tolerance, max_iter=trial, random_state=number), start)
            for start, number in zip(starts, seeds, strict=False)
        ]
        least = min(fit.error for fit in fits)
        best = next(fit for fit in fits if fit.error <= _ALIKE * least)
        if random and best.solver.n_iter_ >= trial:
            going_on = NMF(n_factors, init="custom", tol=tolerance, max_iter=MOST_ITERATIONS)
            best = _fit(values, going_on, best.start, W=best.weights, H=best.solver.components_)
    if best.solver.n_iter_ >= MOST_ITERATIONS and best.error > _EXACT * np.linalg.norm(values):
        warnings.warn(
            f"the factorization did not settle in {MOST_ITERATIONS} iterations; fewer factors describe this text as well",
            stacklevel=5,
        )
    loadings = best.solver.components_
    norms = np.linalg.norm(loadings, axis=1)
    return Factorization(
        best.weights * norms,
        loadings / np.where(norms == 0, 1, norms)[:, None],
        f"{f'random start {seed or 0}' if random else best.start}, coordinate descent, tolerance {tolerance:g}, {values.dtype}",
    )


def _fit(values: Array, solver: NMF, start: str, **given: Array) -> _Fit:
    return _Fit(solver, solver.fit_transform(values, **given), start)
