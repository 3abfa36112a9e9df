"""Loadings that a record of factors does not hold, found again from its activations and those of the neurons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Recovered:
    """Loadings `H`, and each factor's activation as a function of a row `a` of features.

    `w = argmin |a - w H|` over `w >= 0` is linear in `a` where the same factors stay active: those factors' activations are
    `(H_S H_S^T)^-1 H_S a`, which in the basis `Q` of the loadings, `H^T = Q R`, is `pinv(R_S) Q^T a`.
    """

    weights: Array
    """Activations, (states, factors)."""
    basis: Array
    """`Q`, (features, factors)."""
    derivatives: Array
    """Of each activation by `Q^T a`, (states, factors, factors); 0 where a factor is not active."""


def recover(weights: Array, matrix: Array) -> Recovered:
    """From activations of factors (states, factors) and features (states, features), by non-negative least squares.

    Lawson & Hanson 1974, once for the loadings of each feature and once for the activations in each state.
    """
    loadings = _nonnegative(weights, matrix)  # (factors, features)
    found = _nonnegative(loadings.T, matrix.T).T  # (states, factors)
    basis, triangle = np.linalg.qr(loadings.T)
    derivatives = np.zeros((*found.shape, basis.shape[1]))
    for state, active in enumerate(found > 0):
        derivatives[state, active] = np.linalg.pinv(triangle[:, active])
    return Recovered(found, basis, derivatives)


def _nonnegative(columns: Array, targets: Array) -> Array:
    """For each of the targets (n, m) the coefficients of the columns (n, factors), (factors, m)."""
    basis, triangle = np.linalg.qr(columns)
    return np.stack([nnls(triangle, target)[0] for target in (basis.T @ targets).T], axis=1)
