"""lensdoc."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import setting
import torch

import lensdoc


def _trace(folder: Path, n_input: int, last: int | None = None):
    lm = lensdoc.load_model(str(folder))
    lm.unembedding  # noqa: B018 - found once for a model
    text = setting.text(folder, 0, last)
    return lambda: lm.score(text, n_input=n_input)


def gradient_x_input(folder: Path):
    trace = _trace(folder, setting.sizes(folder).given)
    return lambda: lensdoc.saliency(trace()).scores


def integrated_gradients(folder: Path):
    sizes = setting.sizes(folder)
    trace = _trace(folder, sizes.ig_first, sizes.ig_last)
    return lambda: lensdoc.saliency(trace(), method="integrated_gradients", steps=sizes.steps).scores


def lens(folder: Path):
    trace = _trace(folder, 1)
    return lambda: lensdoc.rankings(trace()).ranks


def many_targets(folder: Path):
    """Saliency of a long text, for its memory."""
    sizes = setting.sizes(folder)
    trace = _trace(folder, sizes.given, sizes.given + sizes.many)
    return lambda: len(lensdoc.saliency(trace()).scores)


def matrix_rate(folder: Path):
    """Gradient x input, and as many floating-point operations as it needs in products of large matrices, in turns."""
    work, trace = gradient_x_input(folder), _trace(folder, setting.sizes(folder).given)()
    config = trace.lm.model.config
    # A forward pass over all tokens but the last; for every target a backward pass, by the states alone, over those it sees.
    seen = [len(trace.tokens) - 1, *trace.targets]
    weights = 12 * config.n_embd**2
    attention = config.n_embd * (seen[0] ** 2 + 2 * sum(t**2 for t in trace.targets))  # causal: half of each square
    operations = 2 * config.n_layer * (weights * sum(seen) + attention)
    side = 2048
    a, b, out = torch.randn(side, side), torch.randn(side, side), torch.empty(side, side)

    def products() -> None:
        for _ in range(round(operations / (2 * side**3))):
            torch.mm(a, b, out=out)

    def seconds(call) -> float:
        before = time.process_time()
        call()
        return time.process_time() - before

    def measure() -> dict[str, float]:
        products()
        pairs = [(seconds(work), seconds(products)) for _ in range(5)]
        ours, floor = (statistics.median(column) for column in zip(*pairs, strict=True))
        return {"seconds": ours, "floor": floor, "operations": operations, "ratio": statistics.median(o / f for o, f in pairs)}

    return measure


def three_measures(folder: Path):
    """Saliency, rankings and predictions of one trace, against each alone on a trace of its own, less the passes they share."""
    fresh = _trace(folder, setting.sizes(folder).given)
    measures = (lensdoc.saliency, lensdoc.rankings, lambda trace: lensdoc.predictions(trace, positions=list(trace.targets)))

    def seconds(call) -> float:
        before = time.process_time()
        call()
        return time.process_time() - before

    def together() -> None:
        trace = fresh()
        for measure in measures:
            measure(trace)

    def measure() -> dict[str, float]:
        together()
        rounds = []
        for _ in range(5):
            parts = sum(seconds(lambda m=m: m(fresh())) for m in measures)
            rounds.append((seconds(together), parts, seconds(lambda: fresh().residual_stream)))
        whole, parts, forward = (statistics.median(column) for column in zip(*rounds, strict=True))
        ratio = statistics.median(w / (p - f) for w, p, f in rounds)
        return {"seconds": whole, "parts": parts, "shared": forward, "ratio": ratio}

    return measure
