"""What an author gives a model to read: a text, or the messages of a chat."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from transformers import PreTrainedTokenizerBase

from lensdoc.core.errors import ModelError
from lensdoc.models.chat import AS_TEXT, Message, Rendered, check_messages, render
from lensdoc.models.tokens import read_text

_SURROGATE = re.compile("[\ud800-\udfff]")
_BEFORE = 20
"""Characters before a place in a text that a message repeats."""

Prompt = str | Sequence[Mapping[str, str]]
"""A text as it stands, or messages: `[{"role": "user", "content": "..."}]`."""


@dataclass(frozen=True)
class Given:
    """The tokens of what was given."""

    ids: list[int]
    template: frozenset[int] = frozenset()
    """Positions of tokens that the chat template wrote: no character of them is of a message."""
    answer: int | None = None
    """Where the answer of a chat begins that is scored; None for other texts."""


def read_prompt(tokenizer: PreTrainedTokenizerBase, prompt: Prompt, name: str, *, answered: bool = False) -> Given:
    """The tokens of a text or of a chat.

    Args:
        tokenizer: No token is added: a chat template writes its own beginning of the sequence.
        prompt: A text, or the messages of a chat.
        name: What the model is called in messages to the author.
        answered: Whether the last message may be the assistant's: an answer that is to be scored.

    Raises:
        ModelError: It is neither, has no tokens or a lone surrogate, or the chat cannot be rendered; see `render`.
    """
    if not isinstance(prompt, str):
        messages = check_messages(prompt, answered=answered)
        for number, message in enumerate(messages):
            check_text(message.content, f"message {number}")
            tell_special(tokenizer, message.content, f"message {number}")
        return _read_chat(tokenizer, messages, name)
    check_text(prompt, "the prompt")
    tell_special(tokenizer, prompt, "the prompt")
    given = _ids(tokenizer, prompt)
    if not given:
        raise ModelError("the prompt has no tokens; give the model at least one")
    return Given(given)


def check_text(text: str, what: str) -> None:
    """Raise a `ModelError` for half of a surrogate pair, which is no character and has no bytes in UTF-8."""
    found = _SURROGATE.search(text)
    if found:
        place = found.start()
        before = text[max(0, place - _BEFORE) : place]
        raise ModelError(
            f"{what} has a lone surrogate, U+{ord(found[0]):04X}, as character {place}"
            f"{f' (after {before!r})' if before else ''}: half of a character, which is no text; write the whole character, "
            "or where a file was read with errors='surrogateescape', read it in its own encoding"
        )


def _ids(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    """Ids alone are used: with token_type_ids GPT-2 would silently add an embedding at every position."""
    return [int(token_id) for token_id in tokenizer(text, add_special_tokens=False)["input_ids"]]


def tell_special(tokenizer: PreTrainedTokenizerBase, text: str, what: str, meant: str | None = None) -> None:
    """A text may hold what the tokenizer reads as one special token, such as the end of a message; one may be meant."""
    added = {str(token) for token in tokenizer.added_tokens_decoder.values() if token.special}
    found = [special for special in sorted(added.union(tokenizer.all_special_tokens)) if special in text and special != meant]
    if any(tokenizer.convert_tokens_to_ids(special) in _ids(tokenizer, text) for special in found):
        warnings.warn(
            f"{what} holds the text {found[0]!r}, which the tokenizer reads as one special token, not as characters; in a chat "
            "it may end a message. Write it otherwise if it is meant as text",
            stacklevel=4,
        )


def _read_chat(tokenizer: PreTrainedTokenizerBase, messages: Sequence[Message], name: str) -> Given:
    rendered = render(tokenizer, messages, name)
    ids = _ids(tokenizer, rendered.text)
    spans = _spans(tokenizer, ids, rendered, name)
    template = frozenset(position for position, (first, last) in enumerate(spans) if not rendered.has_content(first, last))
    answer = None
    if rendered.answer is not None:
        answer = next((p for p, (_, last) in enumerate(spans) if last > rendered.answer), len(ids))
    return Given(ids, template, answer)


def _spans(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int], rendered: Rendered, name: str) -> list[tuple[int, int]]:
    """First and last byte (exclusive) of each token in the rendered text, which the tokens one after the other must be."""
    tokens = read_text(tokenizer, ids, n_input=len(ids)) if ids else ()
    pieces = [bytes.fromhex(token.bytes) if token.bytes else token.text.encode() for token in tokens]
    if b"".join(pieces) != rendered.text.encode():
        raise ModelError(
            f"the tokens of {name} are not, one after the other, the text that its chat template makes of the messages, so its "
            f"template's tokens cannot be told from those of the messages; {AS_TEXT}"
        )
    ends = [0]
    for piece in pieces:
        ends.append(ends[-1] + len(piece))
    return list(pairwise(ends))
