"""Tokens that an author names by their text."""

from __future__ import annotations

from lensdoc.core.errors import ModelError
from lensdoc.models.language_model import LanguageModel
from lensdoc.models.prompts import check_text
from lensdoc.models.tokens import read_tokens
from lensdoc.records.tokens import Token

_NEAREST = 3


def single_token(lm: LanguageModel, text: str) -> Token:
    """The token whose text is exactly this, as a produced one.

    Raises:
        ModelError: The text is none, or several tokens; the message says which, and names tokens nearby.
    """
    if not isinstance(text, str) or not text:
        raise ModelError(f"a token is named by its text, such as ' is'; this is {text!r}")
    check_text(text, f"the token {text!r}")
    ids = lm.tokenizer(text, add_special_tokens=False)["input_ids"]
    if len(ids) != 1:
        pieces = " + ".join(repr(token.spelled) for token in read_tokens(lm.tokenizer, ids, n_input=0))
        raise ModelError(
            f"{text!r} is {len(ids)} tokens of {lm.id}, {pieces}; name one token, such as {_alternatives(lm, text, ids)}"
        )
    found = read_tokens(lm.tokenizer, ids, n_input=0)[0]
    if found.text != text:
        raise ModelError(f"{text!r} is no token of {lm.id}, which reads it as {found.text!r}; name one that it has")
    return found


def _alternatives(lm: LanguageModel, text: str, ids: list[int]) -> str:
    """Its first piece, and the text with or without the space before it, where these are tokens."""
    other = text[1:] if text.startswith(" ") else f" {text}"
    found = [other] if len(lm.tokenizer(other, add_special_tokens=False)["input_ids"]) == 1 else []
    found += [token.text for token in read_tokens(lm.tokenizer, ids[:1], n_input=0) if token.bytes is None]
    return " or ".join(map(repr, found[:_NEAREST])) or "one that stands in the vocabulary"
