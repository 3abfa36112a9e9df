"""inseq: one target at a time."""

from __future__ import annotations

from pathlib import Path

import inseq
import setting


def gradient_x_input(folder: Path):
    explained = inseq.load_model(setting.model(folder), "input_x_gradient", tokenizer=str(folder))
    sizes = setting.sizes(folder)
    given, whole = setting.text(folder, 0, sizes.given), setting.text(folder)

    def work():
        out = explained.attribute(given, whole, attributed_fn="logit", show_progress=False, device="cpu")
        found = out.sequence_attributions[0].target_attributions.norm(dim=-1)  # (seen, targets)
        rows = [found[:t, i] for i, t in enumerate(range(sizes.given, sizes.whole))]
        return [(row / row.sum()).tolist() for row in rows]

    return work
