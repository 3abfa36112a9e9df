"""The exact text of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from transformers import PreTrainedTokenizerBase

from lensdoc.records.tokens import Kind, Token


def read_tokens(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int], *, n_input: int) -> tuple[Token, ...]:
    """Tokens with their exact text; those that are not whole UTF-8 keep their raw bytes."""
    return tuple(_token(tokenizer, token_id, is_input=position < n_input) for position, token_id in enumerate(ids))


def _token(tokenizer: PreTrainedTokenizerBase, token_id: int, *, is_input: bool) -> Token:
    kind: Kind = "input" if is_input else "output"
    piece = str(tokenizer.convert_ids_to_tokens(token_id))
    raw = None if token_id in tokenizer.all_special_ids else _byte_level(piece)
    if raw is None:
        return Token(id=token_id, text=str(tokenizer.decode([token_id])), kind=kind)
    text = raw.decode(errors="replace")
    return Token(id=token_id, text=text, kind=kind, bytes=None if text.encode() == raw else raw.hex())


def _byte_level(piece: str) -> bytes | None:
    """The bytes behind a piece of a byte-level vocabulary; None for another kind of vocabulary."""
    table = _byte_alphabet()
    return bytes(table[c] for c in piece) if all(c in table for c in piece) else None


@cache
def _byte_alphabet() -> dict[str, int]:
    """Byte-level BPE writes printable Latin-1 bytes as themselves and the other bytes as characters from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    table = {chr(byte): byte for byte in printable}
    return table | {chr(0x100 + i): byte for i, byte in enumerate(others)}
