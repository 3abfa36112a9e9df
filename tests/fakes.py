"""Traces whose activations are known, for which no model is run."""

from __future__ import annotations

from types import SimpleNamespace

import builders
import numpy as np
import torch

from lensdoc.records.record import Provenance

RAW = {"scale": "none", "skip": 0}
"""Options of factors that take activations as they are."""


def fake_trace(activations, n_input=2, *, produced=True, model="made/up"):
    """A trace whose activations are known: (positions, neurons) in one layer."""
    read = len(activations)
    count = read + 1 if produced else read
    info = builders.MODEL.model_copy(update={"id": model, "layers": 1, "neurons": activations.shape[1]})
    values = torch.tensor(np.vstack([activations, np.full((count - read, activations.shape[1]), 99.0)]))
    return SimpleNamespace(
        lm=SimpleNamespace(info=info, id=model, paired=False),
        tokens=builders.tokens([f" {i}" for i in range(count)], n_input if produced else count),
        info=info,
        seed=None,
        sees_all=False,
        split=0,
        readings=(),
        n_input=n_input if produced else count,
        targets=range(n_input, count) if produced else range(0),
        provenance=Provenance(dtype="float32"),
        ffn_activations=lambda layers: torch.stack([values for _ in layers]),
    )
