"""Rows of ids that `lensdoc/tiny` is trained on: documents of the corpus packed one after the other, and repeated random ids."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from random import Random

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from lensdoc.models.tiny.corpus import MIXTURE, Generator
from lensdoc.models.tiny.corpus.repeats import repeated_ids

CONTEXT = 512
TOKENS_PER_STEP = 4096
LENGTHS = (128, 256, 256, CONTEXT)
"""Lengths of the rows, a step each, in turn: prompts stand at position 0, so short rows matter as much as full ones."""
REPEATED_SHARE = 1 / 8
"""Share of the rows that repeat random ids, so that the model does not forget how to copy."""

WARM_UP_STEPS = 400
WARM_UP_TOKENS_PER_STEP = 2048
_SHORT_SHARE = 0.75
_SHORT, _LONG = (64, 12), (128, 32)
"""Length of the rows in the warm-up and of the longest series in them: at first short, then long."""

UNKNOWN = -100
"""Stands for a target that cannot be known, as torch's cross-entropy has it."""

Batch = tuple[Tensor, Tensor]
"""Ids (rows, length) and the ids that follow each of them."""


def warm_up(seed: int, vocabulary: int) -> Iterator[Batch]:
    """Nothing but repeated random ids."""
    random = Random(f"warm-up {seed}")
    for step in range(WARM_UP_STEPS):
        length, longest = _SHORT if step < _SHORT_SHARE * WARM_UP_STEPS else _LONG
        yield _batch([_repeated(random, vocabulary, length, longest) for _ in range(WARM_UP_TOKENS_PER_STEP // length)])


def batches(seed: int, tokenizer: PreTrainedTokenizerFast) -> Iterator[Batch]:
    """Documents, and a share of repeated random ids, without end."""
    random = Random(seed)
    documents = _packed(random, tokenizer)
    for length in cycle(LENGTHS):
        n_rows = TOKENS_PER_STEP // length
        n_repeated = round(n_rows * REPEATED_SHARE)
        repeated = [_repeated(random, len(tokenizer), length, longest=32) for _ in range(n_repeated)]
        texts = [_row(documents, length) for _ in range(n_rows - n_repeated)]
        yield _batch([*repeated, *texts])


def _batch(rows: list[tuple[list[int], list[int]]]) -> Batch:
    ids, targets = zip(*rows, strict=True)
    return torch.tensor(ids), torch.tensor(targets)


def _repeated(random: Random, vocabulary: int, length: int, longest: int) -> tuple[list[int], list[int]]:
    ids, known = repeated_ids(random, vocabulary, length + 1, longest)
    return ids[:-1], [target if sure else UNKNOWN for target, sure in zip(ids[1:], known[1:], strict=True)]


def _row(documents: Iterator[list[int]], length: int) -> tuple[list[int], list[int]]:
    """A row starts where a document starts, and ends where it is full."""
    row: list[int] = []
    while len(row) <= length:
        row += next(documents)
    return row[:length], row[1 : length + 1]


def _packed(random: Random, tokenizer: PreTrainedTokenizerFast) -> Iterator[list[int]]:
    """Documents with their end-of-text token; next comes always the kind that is furthest below its share."""
    given = dict.fromkeys(MIXTURE, 0)
    while True:
        kind = most_wanting(given, MIXTURE)
        ids = [*tokenizer(kind(random))["input_ids"], tokenizer.eos_token_id]
        given[kind] += len(ids)
        yield ids


def most_wanting(given: dict[Generator, int], mixture: dict[Generator, float]) -> Generator:
    """The kind of document that is furthest below its share, by the tokens given so far."""
    total = sum(given.values()) or 1
    return max(mixture, key=lambda kind: mixture[kind] - given[kind] / total)
