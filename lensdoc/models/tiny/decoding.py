"""Greedy decoding of many prompts at once: prompts of one length make one batch, so that nothing is padded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import torch
from torch import Tensor
from transformers.cache_utils import DynamicCache

from lensdoc.core.errors import ModelError
from lensdoc.models.continuation import cache_name
from lensdoc.models.language_model import LanguageModel


def token_ids(lm: LanguageModel, text: str) -> list[int]:
    """The text in tokens, nothing added."""
    return list(lm.tokenizer(text, add_special_tokens=False)["input_ids"])


def single_id(lm: LanguageModel, word: str) -> int:
    """The id of a word that is one token.

    Raises:
        ModelError: It is several.
    """
    ids = token_ids(lm, word)
    if len(ids) != 1:
        raise ModelError(f"{word!r} must be one token of {lm.id}, it is {len(ids)}")
    return ids[0]


def ids_after(lm: LanguageModel, prompt: str, continuation: str) -> list[int]:
    """The continuation in tokens, as it stands after the prompt.

    Raises:
        ModelError: The two do not meet at the end of a token.
    """
    given, joint = token_ids(lm, prompt), token_ids(lm, prompt + continuation)
    if joint[: len(given)] != given or len(joint) == len(given):
        raise ModelError(f"{lm.id} has a token across the end of the prompt {prompt!r} and {continuation!r}")
    return joint[len(given) :]


def read_ids(lm: LanguageModel, ids: list[int]) -> str:
    """The text of the ids, without the end-of-text token."""
    return str(lm.tokenizer.decode(ids, skip_special_tokens=True))


def next_logits(lm: LanguageModel, prompts: Sequence[list[int]]) -> Tensor:
    """Logits (prompts, vocabulary) of the token that would follow each prompt."""
    found = torch.empty(len(prompts), lm.model.config.vocab_size)
    for members, ids in _batches(prompts):
        with torch.no_grad():
            found[members] = lm.model(ids).logits[:, -1]
    return found


def continuations(lm: LanguageModel, prompts: Sequence[list[int]], lengths: Sequence[int]) -> list[list[int]]:
    """What greedy decoding adds to each prompt: as many tokens as asked for, fewer where it reaches the end of the text."""
    found: list[list[int]] = [[] for _ in prompts]
    for members, ids in _batches(prompts):
        longest = max(lengths[member] for member in members)
        for member, row in zip(members, _greedy(lm, ids, longest), strict=True):
            found[member] = _until_end(row[: lengths[member]], lm.tokenizer.eos_token_id)
    return found


def _batches(prompts: Sequence[list[int]]) -> list[tuple[list[int], Tensor]]:
    by_length: dict[int, list[int]] = defaultdict(list)
    for member, prompt in enumerate(prompts):
        by_length[len(prompt)].append(member)
    return [(members, torch.tensor([prompts[member] for member in members])) for members in by_length.values()]


@torch.no_grad()
def _greedy(lm: LanguageModel, ids: Tensor, length: int) -> list[list[int]]:
    cache, new = {str(cache_name(lm.model)): DynamicCache()}, ids
    produced: list[Tensor] = []
    ended = torch.zeros(len(ids), dtype=torch.bool)
    while len(produced) < length and not ended.all():
        new = lm.model(new, **cache, use_cache=True).logits[:, -1:].argmax(-1)  # (prompts, 1)
        produced.append(new)
        ended |= new[:, 0] == lm.tokenizer.eos_token_id
    return torch.cat(produced, dim=1).tolist()


def _until_end(ids: list[int], end: int) -> list[int]:
    return ids[: ids.index(end) + 1] if end in ids else ids
