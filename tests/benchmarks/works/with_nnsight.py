"""nnsight: every layer's state in one forward pass, and ranks: by sorting at each position, as its users write it, or counted."""

from __future__ import annotations

from pathlib import Path

import setting
import torch
from nnsight import LanguageModel, save


def lens(folder: Path):
    """Position by position, each vocabulary sorted."""
    return _lens(folder, _sorted)


def lens_vectorised(folder: Path):
    """All positions of a layer at once, ranks counted."""
    return _lens(folder, _counted)


def _lens(folder: Path, ranks):
    plain, ids = setting.model(folder), setting.ids(folder)
    model = LanguageModel(plain, tokenizer=setting.tokenizer(folder))
    norm = setting.final_norm(plain)

    @torch.no_grad()
    def work():
        with model.trace(ids[None]):
            saved = save([block.output for block in setting.blocks(model)])
        rows = []
        for output in saved:
            state = output[0] if isinstance(output, tuple) else output
            normed = norm(state.reshape(len(ids), -1))
            rows.append(ranks(plain.lm_head, normed[:-1], ids[1:]))
        return rows

    return work


def _sorted(head, normed, wanted):
    row = []
    for state, token in zip(normed, wanted, strict=True):
        logits = head(state)
        row.append(int((logits.argsort(descending=True) == token).nonzero()) + 1)
        logits.softmax(0)[token].item()
    return row


def _counted(head, normed, wanted):
    logits = head(normed)
    own = logits.gather(1, wanted[:, None])
    logits.softmax(1).gather(1, wanted[:, None]).tolist()
    return ((logits > own).sum(1) + 1).tolist()
