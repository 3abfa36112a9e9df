"""Records of masked models made by hand: two masks filled in the middle of a text, and a text of which every token was scored."""

from __future__ import annotations

import base64
import struct

import builders
from builders import MODEL

from lensdoc.records.ablation import Ablation
from lensdoc.records.attention import Attention, HeadScores
from lensdoc.records.factor_saliency import FactorSaliency
from lensdoc.records.factors import Factors
from lensdoc.records.patching import Patching
from lensdoc.records.predictions import Predictions
from lensdoc.records.rankings import Rankings
from lensdoc.records.record import Provenance
from lensdoc.records.saliency import Saliency
from lensdoc.records.sequence import Sequence
from lensdoc.records.tokens import Token
from lensdoc.records.watch import Watch, Watched

MASKED = MODEL.model_copy(update={"sees": "all"})
TEXTS = ["[CLS]", "The", " capital", " of", " France", " is", " paris", ".", "[SEP]"]
FILLED = (2, 6)
TOKENS = tuple(Token(id=p, text=text, kind="output" if p in FILLED else "input") for p, text in enumerate(TEXTS))
GIVEN = tuple(token.model_copy(update={"kind": "input"}) for token in TOKENS)
COUNT = len(TOKENS)
_COMMON = {"model": MASKED, "provenance": Provenance(dtype="float32")}


def shares(target: int) -> tuple[float, ...]:
    """Nearer tokens have more, and the target's own place nothing."""
    sizes = [0.0 if p == target else 1 / (1 + abs(p - target)) ** 2 for p in range(COUNT)]
    return tuple(size / sum(sizes) for size in sizes)


def saliency(*, scored: bool = False, signed: bool = False) -> Saliency:
    targets = tuple(range(1, COUNT - 1)) if scored else FILLED
    rows = [shares(target) for target in targets]
    if signed:
        rows = [tuple(10 * value * (-1) ** p for p, value in enumerate(row)) for row in rows]
    return Saliency(
        tokens=GIVEN if scored else TOKENS,
        facts={"targets": len(targets)},
        method="gradient_x_input",
        target="logit",
        signed=signed,
        contrast=None,
        targets=targets,
        scores=tuple(rows),
        totals=tuple(sum(row) for row in rows),
        own=tuple(0.5 for _ in targets),
        **_COMMON,
    )


def long() -> Saliency:
    """A mask in the middle of 300 tokens."""
    tokens = tuple(Token(id=p, text=" word", kind="output" if p == 150 else "input") for p in range(300))
    row = tuple(0.0 if p == 150 else 0.5 if p == 149 else 0.5 / 298 for p in range(300))
    return saliency().model_copy(
        update={"tokens": tokens, "targets": (150,), "scores": (row,), "totals": (1.0,), "own": (0.5,), "facts": {"targets": 1}}
    )


def sequence() -> Sequence:
    return Sequence(tokens=TOKENS, facts={"tokens": COUNT}, targets=FILLED, probs=(0.75, 0.25), ranks=(1, 1), **_COMMON)


def rankings() -> Rankings:
    return Rankings(
        tokens=TOKENS,
        facts={"layers": 2, "targets": 2},
        final_norm=True,
        layers=(0, 1),
        targets=FILLED,
        ranks=((31, 7), (1, 1)),
        probs=((0.01, 0.1), (0.75, 0.25)),
        **_COMMON,
    )


def watch() -> Watch:
    return Watch(
        tokens=TOKENS,
        facts={"layers": 2, "first": "paris"},
        final_norm=True,
        layers=(0, 1),
        position=6,
        watched=(Watched(id=6, text="paris"), Watched(id=9, text="big")),
        ranks=((31, 7), (1, 4)),
        probs=((0.01, 0.1), (0.75, 0.05)),
        **_COMMON,
    )


def predictions() -> Predictions:
    return Predictions(
        tokens=TOKENS,
        facts={"layers": 2, "top": "capital", "top_prob": 0.75},
        final_norm=True,
        layers=(0, 1),
        positions=FILLED,
        texts=((("city", "capital"), ("capital", "town")), (("big", "paris"), ("paris", "old"))),
        ids=(((9, 2), (2, 10)), ((11, 6), (6, 12))),
        probs=(((0.2, 0.1), (0.75, 0.125)), ((0.2, 0.1), (0.25, 0.125))),
        **_COMMON,
    )


def factors() -> Factors:
    made = builders.factors([[0, 3, 1, 0, 2, 0, 4, 0, 1], [0, 0, 2, 5, 1, 3, 0, 1, 2]], TEXTS, COUNT)
    return made.model_copy(update={"tokens": TOKENS, "model": MASKED, "scale": "state", "skip": 1, "left_out": (0,)})


def factor_saliency() -> FactorSaliency:
    even = tuple(1 / COUNT for _ in range(COUNT))
    return FactorSaliency(
        tokens=TOKENS,
        facts={"factors": 2, "targets": COUNT},
        factor=(1, 2),
        targets=tuple(range(COUNT)),
        activations=tuple(tuple(float(v) for v in row) for row in factors().activations),
        signed=False,
        scores=tuple(tuple(even if v else (0.0,) * COUNT for v in row) for row in factors().activations),
        totals=factors().activations,
        **_COMMON,
    )


def attention() -> Attention:
    """Two layers of two heads: all on the token after, or a half there and the other half at both ends."""

    def head(kind: int) -> str:
        rows = []
        for query in range(COUNT):
            after = min(query + 1, COUNT - 1)
            even = [(0.5 if key == after else 0) + (0.5 if key in {0, COUNT - 1} else 0) / 2 for key in range(COUNT)]
            rows += even if kind else [float(key == after) for key in range(COUNT)]
        return base64.b64encode(struct.pack(f"<{len(rows)}e", *rows)).decode()

    return Attention(
        tokens=TOKENS,
        facts={"layers": 2, "heads": 2, "first_share": 0.1, "even_share": 1 / COUNT},
        layers=(0, 1),
        heads=(0, 1),
        weights=((head(0), head(1)), (head(1), head(0))),
        head_scores=HeadScores(first=((0.1, 0.2), (0.05, 0.1))),
        **_COMMON,
    )


def patching() -> Patching:
    """The country stands at its token at first, and at the mask that is asked for in the last layer."""
    other = tuple(token.model_copy(update={"id": 50, "text": " Italy"}) if p == 4 else token for p, token in enumerate(TOKENS))
    other = tuple(
        token.model_copy(update={"id": 51, "text": " rome"}) if p == FILLED[1] else token for p, token in enumerate(other)
    )
    causal = builders.patching([[0, 1, 0], [0, 0.9, 0.9]])
    return Patching(
        tokens=TOKENS,
        corrupt_tokens=other,
        positions=tuple(range(COUNT)),
        position=FILLED[1],
        values=((0, 0, -0.02, 0, 1, 0, 0, 0, 0), (0, 0, 0, 0, 0.1, 0, 0.9, 0, 0)),
        tops=tuple(tuple(row[p % 3] for p in range(COUNT)) for row in causal.tops or ()),
        **{
            name: value
            for name, value in dict(causal).items()
            if name not in {"tokens", "corrupt_tokens", "positions", "position", "values", "tops", "model"}
        }
        | {"model": MASKED},
    )


def ablation(*, answer: str | None = " paris") -> Ablation:
    causal = dict(builders.ablation())
    own = {
        "tokens": TOKENS,
        "starts": (0,),
        "answer": answer,
        "wrong": None,
        "model": MASKED,
        "provenance": _COMMON["provenance"],
    }
    own |= {"outcome": "log_prob", "masks": None} if answer is None else {"outcome": "logit", "masks": (FILLED[1],)}
    return Ablation(**causal | own)


KINDS = {
    "masked": (saliency(), ""),
    "masked-scored": (saliency(scored=True), "    style: detailed\n"),
    "masked-signed": (saliency(signed=True), "    style: detailed\n    token: 6\n"),
    "masked-sequence": (sequence(), "    labels: probabilities\n"),
    "masked-rankings": (rankings(), ""),
    "masked-watch": (watch(), ""),
    "masked-predictions": (predictions(), ""),
    "masked-factors": (factors(), ""),
    "masked-drives": (factor_saliency(), ""),
    "masked-patching": (patching(), ""),
    "masked-ablation": (ablation(), ""),
    "masked-attention": (attention(), "    layer: 0\n    head: 0\n    token: 4\n"),
}
"""A record and the options of its block, as `chromium.KINDS` has them."""
