"""The exact text of tokens."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Sequence
from functools import cache

from tokenizers import decoders
from transformers import PreTrainedTokenizerBase

from lensdoc.records.tokens import Kind, Token


def read_text(
    tokenizer: PreTrainedTokenizerBase, ids: Sequence[int], *, n_input: int, template: Collection[int] = ()
) -> tuple[Token, ...]:
    """Tokens of a whole text: one after the other they are what the tokenizer decodes.

    Those of the first `n_input` whose positions are in `template` are of the kind of that name.

    Some vocabularies put a space of their own before a text, which is taken from the first token again.
    """
    tokens = read_tokens(tokenizer, ids, n_input=n_input)
    first, *others = (
        token.model_copy(update={"kind": "template"}) if position < n_input and position in template else token
        for position, token in enumerate(tokens)
    )
    if first.text.startswith(" ") and not str(tokenizer.decode(list(ids))).startswith(" "):
        first = first.model_copy(update={"text": first.text[1:]})
    return first, *others


def read_tokens(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int], *, n_input: int) -> tuple[Token, ...]:
    """Tokens with their exact text; those that are not whole UTF-8 keep their raw bytes.

    An id that the vocabulary does not have, as in models whose vocabulary is padded, is shown as `<unused 50300>`.
    """
    special = set(tokenizer.all_special_ids)
    read = _reader(tokenizer)
    found = []
    for position, token_id in enumerate(ids):
        piece: object = tokenizer.convert_ids_to_tokens(token_id)
        kind: Kind = "input" if position < n_input else "output"
        if piece is None:
            found.append(Token(id=token_id, text=f"<unused {token_id}>", kind=kind))
        elif token_id in special:
            found.append(Token(id=token_id, text=str(tokenizer.decode([token_id])), kind=kind))
        else:
            raw = read(str(piece), token_id)
            text = raw.decode(errors="replace")
            found.append(Token(id=token_id, text=text, kind=kind, bytes=None if text.encode() == raw else raw.hex()))
    return tuple(found)


Reader = Callable[[str, int], bytes]
"""A piece of the vocabulary and its id, to the bytes of its text."""


def _reader(tokenizer: PreTrainedTokenizerBase) -> Reader:
    """How this vocabulary writes its pieces: in characters that stand for bytes, with a mark for spaces, or as they are."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    decoder = getattr(backend, "decoder", None)
    if isinstance(decoder, decoders.ByteLevel):
        return _byte_level
    if backend is not None and _SPACE in json.dumps(json.loads(backend.to_str())["decoder"], ensure_ascii=False):
        return _marked
    return lambda _, token_id: str(tokenizer.decode([token_id])).encode()


def _byte_level(piece: str, _: int) -> bytes:
    """GPT-2 and its heirs. Tokens that were added to such a vocabulary stand in it as they are."""
    alphabet = _byte_alphabet()
    return bytes(alphabet[character] for character in piece) if set(piece) <= alphabet.keys() else piece.encode()


_SPACE = "▁"
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")


def _marked(piece: str, _: int) -> bytes:
    """SentencePiece, as in Llama 2, Mistral and Gemma: a mark stands for a space, and rare bytes have pieces of their own."""
    byte = _BYTE.fullmatch(piece)
    return bytes.fromhex(byte[1]) if byte else piece.replace(_SPACE, " ").encode()


@cache
def _byte_alphabet() -> dict[str, int]:
    """Byte-level BPE writes printable Latin-1 bytes as themselves and the other bytes as characters from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    table = {chr(byte): byte for byte in printable}
    return table | {chr(0x100 + i): byte for i, byte in enumerate(others)}
