"""Records of an encoder with a decoder made by hand: a source of five tokens, and a target of which three were written."""

from __future__ import annotations

import base64
import struct

import builders
from builders import MODEL

from lensdoc.records.attention import Attention, HeadScores
from lensdoc.records.patching import Patching
from lensdoc.records.predictions import Predictions
from lensdoc.records.rankings import Rankings
from lensdoc.records.record import Provenance
from lensdoc.records.saliency import Saliency
from lensdoc.records.sequence import Sequence
from lensdoc.records.tokens import Token

PAIRED = MODEL.model_copy(update={"stack": "decoder"})
SOURCE, TARGET = ["The", " key", " is", " old", "</s>"], ["<pad>", " The", " keys", "</s>"]
SPLIT, COUNT = len(SOURCE), len(SOURCE) + len(TARGET)
TOKENS = tuple(
    Token(id=p, text=text, kind="output" if p > SPLIT else "input", stream="source" if p < SPLIT else "target")
    for p, text in enumerate([*SOURCE, *TARGET])
)
TARGETS = tuple(range(SPLIT + 1, COUNT))
_COMMON = {"tokens": TOKENS, "model": PAIRED, "provenance": Provenance(dtype="float32")}


def shares(target: int) -> tuple[float, ...]:
    """Most on the token of the source that stands in the same place."""
    sizes = [8.0 if p == target - SPLIT - 1 else 1.0 for p in range(target)]
    return tuple(size / sum(sizes) for size in sizes)


def saliency() -> Saliency:
    return Saliency(
        facts={"targets": len(TARGETS)},
        method="gradient_x_input",
        target="logit",
        signed=False,
        contrast=None,
        targets=TARGETS,
        scores=tuple(map(shares, TARGETS)),
        totals=(1.0,) * len(TARGETS),
        **_COMMON,
    )


def sequence() -> Sequence:
    return Sequence(facts={"tokens": COUNT}, targets=TARGETS, probs=(0.75, 0.5, 0.25), ranks=(1, 1, 2), **_COMMON)


def rankings() -> Rankings:
    return Rankings(
        facts={"layers": 2, "targets": 3},
        final_norm=True,
        layers=(0, 1),
        targets=TARGETS,
        ranks=((31, 7, 9), (1, 1, 2)),
        probs=((0.01, 0.1, 0.1), (0.75, 0.5, 0.25)),
        **_COMMON,
    )


def predictions() -> Predictions:
    return Predictions(
        facts={"layers": 2, "top": " keys", "top_prob": 0.5},
        final_norm=True,
        layers=(0, 1),
        positions=(SPLIT + 2,),
        texts=(((" key", " old"), (" keys", " key")),),
        ids=(((1, 3), (7, 1)),),
        probs=(((0.2, 0.1), (0.5, 0.125)),),
        **_COMMON,
    )


def cross() -> Attention:
    """Two layers of two heads: all on the token in the same place of the source, or the same on each."""

    def head(kind: int) -> str:
        rows = []
        for query in range(COUNT - SPLIT):
            rows += [1 / SPLIT] * SPLIT if kind else [float(key == query) for key in range(SPLIT)]
        return base64.b64encode(struct.pack(f"<{len(rows)}e", *rows)).decode()

    return Attention(
        facts={"layers": 2, "heads": 2, "first_share": 0.2, "even_share": 1 / SPLIT},
        layers=(0, 1),
        heads=(0, 1),
        weights=((head(0), head(1)), (head(1), head(0))),
        head_scores=HeadScores(first=((0.25, 0.2), (0.2, 0.25))),
        cross=True,
        **_COMMON,
    )


def patching() -> Patching:
    """States of the source that carry the noun into the target."""
    tokens = TOKENS[: SPLIT + 2]
    other = tuple(token.model_copy(update={"id": 50, "text": " dog"}) if p == 1 else token for p, token in enumerate(tokens))
    causal = builders.patching([[0, 1, 0], [0, 0.75, 0.25]])
    kept = {name: value for name, value in dict(causal).items() if name not in {"tokens", "model"}}
    own = {"corrupt_tokens": other, "positions": tuple(range(SPLIT)), "values": ((0, 1, 0, 0, 0), (0, 0.75, 0.25, 0.1, 0))}
    tops = tuple(tuple(row[p % 3] for p in range(SPLIT)) for row in causal.tops or ())
    return Patching(
        tokens=tokens, model=PAIRED.model_copy(update={"stack": "encoder", "sees": "all"}), **kept | own | {"tops": tops}
    )


KINDS = {
    "paired": (saliency(), "    style: detailed\n"),
    "paired-sequence": (sequence(), "    labels: probabilities\n"),
    "paired-rankings": (rankings(), ""),
    "paired-predictions": (predictions(), ""),
    "paired-patching": (patching(), ""),
    "paired-cross": (cross(), "    layer: 0\n    head: 0\n"),
}
"""A record and the options of its block, as `chromium.KINDS` has them."""
