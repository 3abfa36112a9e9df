"""Whether factors depend on where the search for them began."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from lensdoc.measures.nmf import Factorization


def match(fit: Factorization, others: Sequence[Factorization]) -> list[float]:
    """Mean cosine of each factor's loadings to its partner's in other factorizations, paired so that their sum is largest.

    Pairs are one to one (Kuhn 1955); the sign of a factor does not count.
    """
    found = []
    for other in others:
        cosines = np.abs(fit.loadings @ other.loadings.T)  # (factors, factors)
        found.append(cosines[linear_sum_assignment(cosines, maximize=True)])
    return [float(value) for value in np.mean(found, axis=0)]
