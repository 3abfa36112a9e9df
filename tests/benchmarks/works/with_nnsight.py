"""nnsight: every layer's state in one forward pass, and the logits of each position sorted, as its users write it."""

from __future__ import annotations

from pathlib import Path

import setting
import torch
from nnsight import LanguageModel, save


def lens(folder: Path):
    plain, ids = setting.model(folder), setting.ids(folder)
    model = LanguageModel(plain, tokenizer=setting.tokenizer(folder))

    @torch.no_grad()
    def work():
        with model.trace(ids[None]):
            saved = save([block.output for block in model.transformer.h])
        rows = []
        for output in saved:
            state = output[0] if isinstance(output, tuple) else output
            normed = plain.transformer.ln_f(state.reshape(len(ids), -1))
            row = []
            for t in range(1, len(ids)):
                logits = plain.lm_head(normed[t - 1])
                row.append(int((logits.argsort(descending=True) == ids[t]).nonzero()) + 1)
                logits.softmax(0)[ids[t]].item()
            rows.append(row)
        return rows

    return work
