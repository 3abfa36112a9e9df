"""Records made by hand, so that what only publishes is tested without a model."""

from __future__ import annotations

from collections.abc import Sequence as Items

from lensdoc.records.factors import Factors
from lensdoc.records.record import ModelInfo, Provenance
from lensdoc.records.sequence import Sequence
from lensdoc.records.tokens import Token

MODEL = ModelInfo(id="made/up", revision="sha256:00", layers=2, width=8, neurons=32, vocabulary=100, parameters=1234)


def tokens(texts: Items[str], n_input: int = 1) -> tuple[Token, ...]:
    return tuple(Token(id=i, text=text, kind="input" if i < n_input else "output") for i, text in enumerate(texts))


def factors(activations: Items[Items[float]], texts: Items[str] | None = None, n_input: int = 1) -> Factors:
    width = len(activations[0]) if activations else len(texts or ["a", "b"])
    shares = {f"factor_{i + 1}_neurons": 10 + i for i in range(len(activations))}
    shares |= {f"factor_{i + 1}_share": 0.125 for i in range(len(activations))}
    return Factors(
        tokens=tokens(texts or [f" {i}" for i in range(width)], n_input),
        facts={"factors": len(activations), "neurons": 64, **shares},
        model=MODEL,
        provenance=Provenance(dtype="float32"),
        method="nmf",
        layers=(0, 1),
        activations=tuple(tuple(float(v) for v in row) for row in activations),
        explained=tuple(0.5 / (i + 1) for i in range(len(activations))),
        rule="loading > 1 / sqrt(neurons)",
        threshold=0.125,
    )


def sequence(texts: Items[str] = (" 1", ",", " 2"), n_input: int = 1) -> Sequence:
    targets = tuple(range(n_input, len(texts)))
    return Sequence(
        tokens=tokens(texts, n_input),
        facts={"tokens": len(texts)},
        model=MODEL,
        provenance=Provenance(dtype="float32"),
        targets=targets,
        probs=tuple(0.5 for _ in targets),
        ranks=tuple(1 for _ in targets),
    )
