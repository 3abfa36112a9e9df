"""What factors explain where nothing fires together: the control of a factorization."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lensdoc.measures.texts import Array
from lensdoc.records.fields import Fact


def control_shares(matrix: Array, explains: Callable[[Array], float], count: int, seed: int) -> list[float]:
    """What as many factors explain of a matrix whose columns are shuffled, each for itself (Buja & Eyuboglu 1992).

    Args:
        matrix: Features, (states, features).
        explains: A matrix to the share of its squares that its factors account for.
        count: How many controls.
        seed: Of the shuffles.
    """
    return [explains(np.random.default_rng([seed, number]).permuted(matrix, axis=0)) for number in range(count)]


def control_facts(shares: list[float]) -> dict[str, Fact]:
    """Mean and largest share of the controls; nothing for none."""
    return {"control_explained": float(np.mean(shares)), "control_explained_most": max(shares)} if shares else {}
