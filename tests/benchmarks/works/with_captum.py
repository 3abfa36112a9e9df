"""Captum: one target at a time, through the whole model."""

from __future__ import annotations

from pathlib import Path

import setting
from captum.attr import IntegratedGradients, LayerGradientXActivation


def gradient_x_input(folder: Path):
    model, ids = setting.model(folder), setting.ids(folder)

    def work():
        rows = []
        for t in range(setting.GIVEN, len(ids)):
            explain = LayerGradientXActivation(lambda x, t=t: model(x).logits[:, -1, ids[t]], model.transformer.wte)
            rows.append(explain.attribute(ids[None, :t]).norm(dim=-1)[0])
        return [(row / row.sum()).tolist() for row in rows]

    return work


def integrated_gradients(folder: Path):
    model, ids = setting.model(folder), setting.ids(folder)
    embeddings = model.transformer.wte(ids[None]).detach()

    def work():
        rows = []
        for t in setting.IG_TARGETS:
            explain = IntegratedGradients(lambda x, t=t: model(inputs_embeds=x).logits[:, -1, ids[t]])
            rows.append(explain.attribute(embeddings[:, :t], n_steps=setting.STEPS).norm(dim=-1)[0])  # from zero embeddings
        return [(row / row.sum()).tolist() for row in rows]

    return work
