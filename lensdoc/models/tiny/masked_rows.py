"""Rows of ids that `lensdoc/tiny-masked` is trained on: parts of documents with masks, and the ids that stood there."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from random import Random

import torch
from transformers import PreTrainedTokenizerFast

from lensdoc.models.tiny.corpus import Generator, counting, facts, professions, sentences
from lensdoc.models.tiny.rows import UNKNOWN, Batch, most_wanting

MIXTURE: dict[Generator, float] = {
    facts.write: 0.5,
    sentences.write: 0.25,
    counting.write: 0.15,
    professions.write: 0.1,
}
"""Share of the text that each kind of document gets, in tokens."""
TOKENS_PER_STEP = 2048
LENGTHS = (16, 16, 32, 64)
"""Lengths of the rows, a step each, in turn."""
_MASKED_SHARES = (0.1, 0.2, 0.35)
"""Share of the tokens of a row that are masked, drawn for each row: prompts mask one or two of some ten."""
_MOST_SENTENCES = 4


def masked_batches(seed: int, tokenizer: PreTrainedTokenizerFast) -> Iterator[Batch]:
    """Ids (rows, length) with masks, and the ids that were masked, `UNKNOWN` everywhere else; without end."""
    random, drawn = Random(seed), torch.Generator().manual_seed(seed)
    documents = _parts(random, tokenizer)
    for length in cycle(LENGTHS):
        ids = torch.tensor([_row(documents, length) for _ in range(TOKENS_PER_STEP // length)])
        shares = torch.tensor(_MASKED_SHARES)[torch.randint(len(_MASKED_SHARES), (len(ids), 1), generator=drawn)]
        masked = torch.rand(ids.shape, generator=drawn) < shares
        yield ids.masked_fill(masked, tokenizer.mask_token_id), ids.masked_fill(~masked, UNKNOWN)


def _row(documents: Iterator[list[int]], length: int) -> list[int]:
    row: list[int] = []
    while len(row) < length:
        row += next(documents)
    return row[:length]


def _parts(random: Random, tokenizer: PreTrainedTokenizerFast) -> Iterator[list[int]]:
    """One to four sentences of a document, or all of one without sentences, and the end-of-text token."""
    given = dict.fromkeys(MIXTURE, 0)
    while True:
        kind = most_wanting(given, MIXTURE)
        text = kind(random)
        said = [part if part.endswith((".", "?")) else f"{part}." for part in text.split(". ")] if kind in _PROSE else [text]
        first = random.randrange(len(said))
        part = " ".join(said[first : first + random.randint(1, _MOST_SENTENCES)])
        ids = [*tokenizer(part, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id]
        given[kind] += len(ids)
        yield ids


_PROSE = {facts.write, sentences.write, professions.write}
