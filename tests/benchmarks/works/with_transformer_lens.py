"""TransformerLens: its own logit lens, which counts ranks in pieces as lensdoc does."""

from __future__ import annotations

from pathlib import Path

import setting
import torch
from transformer_lens.model_bridge import TransformerBridge
from transformer_lens.tools.analysis.logit_lens import logit_lens


def lens(folder: Path):
    ids = setting.ids(folder)
    model = TransformerBridge.boot_transformers(
        str(folder), hf_model=setting.model(folder), tokenizer=setting.tokenizer(folder), device="cpu"
    )
    layers = range(1, model.cfg.n_layers + 1)  # entry 0 is the embedding

    @torch.no_grad()
    def work():
        found = logit_lens(
            model, ids[None], layers=layers, positions=slice(0, len(ids) - 1), targets=ids[None, 1:], return_type="log_probs"
        )
        return (found.rank_trajectory()[:, 0] + 1).tolist()

    return work
