"""Captum: one target at a time, through the whole model."""

from __future__ import annotations

from pathlib import Path

import setting
from captum.attr import IntegratedGradients, LayerGradientXActivation


def gradient_x_input(folder: Path):
    model, ids, given = setting.model(folder), setting.ids(folder), setting.sizes(folder).given

    def work():
        rows = []
        for t in range(given, len(ids)):
            explain = LayerGradientXActivation(lambda x, t=t: model(x).logits[:, -1, ids[t]], model.get_input_embeddings())
            rows.append(explain.attribute(ids[None, :t]).norm(dim=-1)[0])
        return [(row / row.sum()).tolist() for row in rows]

    return work


def integrated_gradients(folder: Path):
    """With the logits of all positions, as Captum's tutorials write it."""
    return _integrated_gradients(folder)


def integrated_gradients_last(folder: Path):
    """With the logits of the last position alone, as who knows the option writes it."""
    return _integrated_gradients(folder, logits_to_keep=1)


def _integrated_gradients(folder: Path, **options: int):
    model, ids, sizes = setting.model(folder), setting.ids(folder), setting.sizes(folder)
    embeddings = model.get_input_embeddings()(ids[None]).detach()

    def work():
        rows = []
        for t in range(sizes.ig_first, sizes.ig_last):
            explain = IntegratedGradients(lambda x, t=t: model(inputs_embeds=x, **options).logits[:, -1, ids[t]])
            rows.append(explain.attribute(embeddings[:, :t], n_steps=sizes.steps).norm(dim=-1)[0])  # from zero embeddings
        return [(row / row.sum()).tolist() for row in rows]

    return work
