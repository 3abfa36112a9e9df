"""Texts as a masked language model reads them: with the tokens that its tokenizer adds, and with places that are masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from tokenizers import decoders
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from lensdoc.core.errors import ModelError
from lensdoc.models.forward import in_words, supported
from lensdoc.models.prompts import check_text, tell_special
from lensdoc.models.tokens import read_text, read_tokens
from lensdoc.records.tokens import Token


@dataclass(frozen=True)
class MaskedText:
    """The tokens of a text with masks, or without."""

    text: str
    ids: list[int]
    spans: list[tuple[int, int]]
    """First and last character (exclusive) of each token in the text."""
    added: frozenset[int]
    """Positions of the tokens that the tokenizer put around the text, such as `[CLS]`."""
    masks: list[int]
    """Positions of the masks."""


def read_masked(tokenizer: PreTrainedTokenizerBase, text: object, name: str) -> MaskedText:
    """The tokens of a text, those included that the tokenizer adds: a masked model was trained with them.

    Raises:
        ModelError: It is no text, a lone surrogate is in it, it has no tokens, or the tokenizer has no mask.
    """
    mask = tokenizer.mask_token_id
    if not isinstance(mask, int):
        raise ModelError(
            f"the tokenizer of {name} has no mask token, and its model predicts masked places; take its own tokenizer"
        )
    if not isinstance(text, str):
        raise ModelError(f"a masked model reads a text, not a {type(text).__name__}; give it a string")
    check_text(text, "the text")
    tell_special(tokenizer, text, "the text", meant=str(tokenizer.mask_token))
    found: Any = tokenizer(text, return_special_tokens_mask=True, return_offsets_mapping=True)
    ids = [int(token) for token in found["input_ids"]]
    spans = [(int(first), int(last)) for first, last in found["offset_mapping"]]
    added = {p for p, special in enumerate(found["special_tokens_mask"]) if special and spans[p][0] == spans[p][1]}
    if len(added) == len(ids):
        raise ModelError("the text has no tokens; give the model at least one")
    return MaskedText(text, ids, spans, frozenset(added), [p for p, token in enumerate(ids) if token == mask])


@torch.no_grad()
def most_probable_at(model: PreTrainedModel, ids: Tensor, masks: Sequence[int], name: str) -> Tensor:
    """The most probable token at each mask, all from one pass: ids (T,) to ids (masks,).

    Raises:
        ModelError: The model's output is not finite.
    """
    with in_words(model, "read this text"):
        logits: Tensor = model(ids[None], **supported(model, use_cache=False)).logits[0, list(masks)]
    if not logits.isfinite().all():
        raise ModelError(f"the output of {name} is not finite on this text; does it overflow its dtype?")
    return logits.argmax(-1)


def tokens_of(
    tokenizer: PreTrainedTokenizerBase, read: MaskedText, ids: Sequence[int], filled: Sequence[int]
) -> tuple[Token, ...]:
    """The tokens with their texts, where `ids` have taken the place of masks at `filled`; these are of the kind `output`.

    Without those that were added the tokens are the text again, letter for letter, with filled-in tokens in place of masks. What
    a vocabulary does not keep, such as capitals and the spaces between words, is taken from the text.
    """
    tokens = _byte_tokens(tokenizer, ids) if _is_byte_level(tokenizer) else _cut(tokenizer, read, ids, frozenset(filled))
    return tuple(token.model_copy(update={"kind": "output"}) if p in filled else token for p, token in enumerate(tokens))


def _is_byte_level(tokenizer: PreTrainedTokenizerBase) -> bool:
    return isinstance(getattr(getattr(tokenizer, "backend_tokenizer", None), "decoder", None), decoders.ByteLevel)


def _byte_tokens(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> tuple[Token, ...]:
    return read_text(tokenizer, ids, n_input=len(ids))


def _cut(tokenizer: PreTrainedTokenizerBase, read: MaskedText, ids: Sequence[int], filled: frozenset[int]) -> tuple[Token, ...]:
    tokens = read_tokens(tokenizer, ids, n_input=len(ids))
    own = [p for p in range(len(ids)) if p not in read.added]
    ends = [0, *(read.spans[p][1] for p in own)]
    if any(last <= first for first, last in pairwise(ends)):  # several tokens of one character: the vocabulary's own texts
        return tokens
    ends[-1] = len(read.text)
    texts = {}
    for p, (first, last) in zip(own, pairwise(ends), strict=True):
        begin, end = read.spans[p]
        piece = tokens[p].text
        space = read.text[first:begin]
        texts[p] = f"{space}{piece[1:] if space and piece.startswith(' ') else piece}{read.text[end:last]}"
        if p not in filled:
            texts[p] = read.text[first:last]
    return tuple(
        token.model_copy(update={"text": texts[p], "bytes": None}) if p in texts else token for p, token in enumerate(tokens)
    )
