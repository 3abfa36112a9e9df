"""The exact text of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from tokenizers import decoders
from transformers import PreTrainedTokenizerBase

from lensdoc.records.tokens import Kind, Token


def read_tokens(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int], *, n_input: int) -> tuple[Token, ...]:
    """Tokens with their exact text; those that are not whole UTF-8 keep their raw bytes."""
    special = set(tokenizer.all_special_ids)
    byte_level = _is_byte_level(tokenizer)

    def read(token_id: int, kind: Kind) -> Token:
        if not byte_level or token_id in special:
            return Token(id=token_id, text=str(tokenizer.decode([token_id])), kind=kind)
        alphabet = _byte_alphabet()
        raw = bytes(alphabet[character] for character in str(tokenizer.convert_ids_to_tokens(token_id)))
        text = raw.decode(errors="replace")
        return Token(id=token_id, text=text, kind=kind, bytes=None if text.encode() == raw else raw.hex())

    return tuple(read(token_id, "input" if position < n_input else "output") for position, token_id in enumerate(ids))


def _is_byte_level(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether pieces of the vocabulary stand for bytes (GPT-2 and its heirs), and not for characters."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    return isinstance(getattr(backend, "decoder", None), decoders.ByteLevel)


@cache
def _byte_alphabet() -> dict[str, int]:
    """Byte-level BPE writes printable Latin-1 bytes as themselves and the other bytes as characters from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    table = {chr(byte): byte for byte in printable}
    return table | {chr(0x100 + i): byte for i, byte in enumerate(others)}
