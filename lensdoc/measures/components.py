"""Principal and independent components, as alternatives to non-negative factors."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA, FastICA
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from lensdoc.measures.nmf import Factorization

Array = NDArray[np.float64]

_MOST_ITERATIONS = 1000
_TOLERANCE = 1e-4


def pca(matrix: Array, n_factors: int) -> Factorization:
    """Principal components (Pearson 1901) of a matrix (rows, columns) less the mean of each column."""
    # ARPACK finds the first components to machine precision, but not as many as the smaller side has.
    solver = "arpack" if n_factors < min(matrix.shape) else "full"
    with threadpool_limits(1):
        found = PCA(n_factors, svd_solver=solver, random_state=0).fit(matrix)
        return _oriented(found.transform(matrix), found.components_, f"PCA of scikit-learn, {solver} solver")


def ica(matrix: Array, n_factors: int, seed: int) -> Factorization:
    """Independent components (FastICA, Hyvärinen & Oja 2000) of the same; they span what the principal ones span."""
    principal = pca(matrix, n_factors)
    with threadpool_limits(1), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        solver = FastICA(whiten="unit-variance", random_state=seed, max_iter=_MOST_ITERATIONS, tol=_TOLERANCE)
        sources = solver.fit_transform(principal.weights)  # (rows, factors)
    if caught:
        warnings.warn(
            f"independent components did not settle in {_MOST_ITERATIONS} iterations; ask for fewer of them", stacklevel=5
        )
    return _oriented(
        sources, solver.mixing_.T @ principal.loadings, f"FastICA of scikit-learn, seed {seed}, tolerance {_TOLERANCE:g}"
    )


def _oriented(weights: Array, loadings: Array, solver: str) -> Factorization:
    """Loadings of norm 1, signed so that the largest absolute weight of each factor is positive."""
    largest = weights[np.abs(weights).argmax(0), np.arange(weights.shape[1])]
    scale = np.linalg.norm(loadings, axis=1) * np.where(largest < 0, -1.0, 1.0)
    scale[scale == 0] = 1.0
    return Factorization(weights * scale, loadings / scale[:, None], solver)
