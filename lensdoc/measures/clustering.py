"""Clusters of neurons by their activations."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from lensdoc.core.errors import MeasureError

_STARTS = 10


def cluster_neurons(rows: NDArray[np.float64], clusters: int, seed: int, layer: int) -> list[int]:
    """The cluster of each of the rows (neurons, states), counted from 1, the largest; of equal ones the lower neuron's is first.

    Raises:
        MeasureError: There are fewer different rows than clusters, or nothing but zeros.
    """
    if not isinstance(clusters, int) or not 1 <= clusters <= len(rows):
        raise MeasureError(f"clusters must be from 1 to {len(rows)}, the number of neurons; it is {clusters!r}")
    if not rows.any():
        raise MeasureError(f"all activations of layer {layer} are 0, so its neurons have no clusters; choose other positions")
    different = len(np.unique(rows, axis=0))
    if different < clusters:
        raise MeasureError(
            f"clusters must be at most {different}, the number of different neurons in layer {layer}, it is {clusters}; "
            "choose more positions or fewer clusters"
        )
    with threadpool_limits(1):
        found = KMeans(clusters, n_init=_STARTS, random_state=seed).fit_predict(rows)
    sizes, firsts = np.bincount(found), [int(np.argmax(found == label)) for label in range(clusters)]
    order = sorted(range(clusters), key=lambda label: (-sizes[label], firsts[label]))
    numbers = {label: number for number, label in enumerate(order, 1)}
    return [numbers[label] for label in found]
