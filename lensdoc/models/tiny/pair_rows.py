"""Batches of pairs that `lensdoc/tiny-seq2seq` is trained on."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from lensdoc.models.tiny.corpus.pairs import TASKS
from lensdoc.models.tiny.rows import UNKNOWN

PAIRS_PER_STEP = 96

PairBatch = tuple[Tensor, Tensor]
"""Ids of sources (pairs, length), padded, and of targets, with `UNKNOWN` where they are padded."""


def pair_batches(seed: int, tokenizer: PreTrainedTokenizerFast) -> Iterator[PairBatch]:
    """Pairs of all tasks, without end."""
    random = Random(seed)
    tasks, shares = list(TASKS), list(TASKS.values())
    while True:
        pairs = [task(random) for task in random.choices(tasks, shares, k=PAIRS_PER_STEP)]
        sources, targets = ([tokenizer(text)["input_ids"] for text in side] for side in zip(*pairs, strict=True))
        yield _padded(sources, tokenizer.pad_token_id), _padded(targets, UNKNOWN)


def _padded(rows: list[list[int]], with_id: int) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[with_id] * (longest - len(row))] for row in rows])
