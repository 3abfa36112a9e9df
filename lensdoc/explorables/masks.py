"""What figures say of texts that a masked model read."""

from __future__ import annotations

from lensdoc.records.record import Record


def masked_reading(record: Record) -> str:
    """How the text of a masked model was read: with all its masks at once, or with one token masked after the other."""
    if any(token.kind == "output" for token in record.tokens):
        return "The text was read once: each mask was filled with its most probable token, while the others were masks still."
    return "The text was read once for each token, with this one masked."
