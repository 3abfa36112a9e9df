"""interpreto: one forward pass, and one target at a time backward."""

from __future__ import annotations

from pathlib import Path

import setting
from interpreto import Granularity, Saliency


def gradient_x_input(folder: Path):
    explain = Saliency(setting.model(folder), setting.tokenizer(folder), batch_size=1, granularity=Granularity.ALL_TOKENS)
    n_given = setting.sizes(folder).given
    given, produced = setting.text(folder, 0, n_given), setting.text(folder, n_given)

    def work():
        # It takes the mean of absolute values where the others take a norm, so its scores are its own.
        return explain(given, produced)[0].attributions.nan_to_num().tolist()

    return work
