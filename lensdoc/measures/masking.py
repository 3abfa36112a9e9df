"""The measure `mask`: which tokens of a text can be left out with the prediction kept, by gates that are learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lensdoc.core.errors import MeasureError
from lensdoc.core.progress import doing
from lensdoc.measures.gates import open_probability, sampled
from lensdoc.measures.gradients import TOKENS_AT_ONCE
from lensdoc.measures.layers import causal_only, check_finite, place
from lensdoc.measures.masked import Masked
from lensdoc.models.activation import differentiated_once
from lensdoc.models.embeddings import check_embeddings
from lensdoc.models.trace import Trace
from lensdoc.records.mask import Mask

_OPEN = 2.0
"""Parameter that gates begin at: open with probability 0.97."""
_RATE, _PRICE_RATE, _MOST_PRICE = 0.3, 0.05, 100.0
"""Step sizes of the gates and of the price of a divergence, and the highest price."""
_SAMPLES = 2
"""Draws of all gates in each step."""
_RANDOM = 20
"""Random sets that the smallest mask is held against."""


def mask(  # noqa: PLR0913 - options of one measure, by name
    trace: Trace,
    *,
    position: int = -1,
    bound: float = 0.1,
    baseline: str = "mean",
    starts: int = 6,
    steps: int = 200,
    seed: int = 0,
) -> Mask:
    """Which tokens can be left out with the prediction kept: differentiable masking, learned for this one text.

    Each token before the position has a gate `z[i]` from 0 to 1, drawn from a Hard Concrete distribution whose parameters are
    learned, and the model reads `z[i] e[i] + (1 - z[i]) b` in place of the embedding `e[i]`, with `b` the baseline. Sought are

        as few open gates as possible, with    KL(p(. | text) || p(. | gated text)) <= bound

    by Adam on the gates and gradient ascent on the price of the divergence, a Lagrange multiplier (De Cao, Schlichtkrull, Aziz
    and Titov 2020, without the network that they train to predict gates for other texts, and at the embeddings alone).

    What is learned is then made a mask and checked: of the tokens in the order of their gates the fewest that keep the
    prediction are kept whole, and of these any that can still be left out alone is left out. So every mask of the record keeps
    the divergence within the bound and can spare none of its tokens; yet it is one of many. The problem has many optima, the
    draws decide between them, and a smaller mask may exist. `starts` learns several from different draws.

    Facts: `read`, `kept` (by the smallest mask), `divergence`, `masks` (different ones), `always` (tokens that all masks keep),
    `random_kept` (share of 20 random sets of the size of the smallest mask that keep the prediction).

    Args:
        trace: The text.
        position: Index of the predicted token, from 1; -1 is the one that would follow the last.
        bound: How far the prediction may move, in nats: 0.1 is about a tenth of the probability of what was expected.
        baseline: What stands for a token that is left out: `mean`, the mean embedding of the vocabulary, `zero`, or the text of a
            token.
        starts: How many masks are learned.
        steps: Of learning, for each of them.
        seed: Of the draws.

    Raises:
        MeasureError: An option is out of range, nothing is predicted at the position, or the model's output is not finite.
        ModelError: The baseline is not one token, or the model is no function of its embeddings.
    """
    causal_only(trace, "mask", "it learns which tokens before a position can be left out")
    where = place(trace, position)
    _check(bound, starts, steps, seed)
    check_embeddings(trace.lm.model)
    masked = Masked.of(trace, where, baseline)
    check_finite(masked.whole, trace, "logits")
    generator = torch.Generator().manual_seed(seed)
    gates = _learned(masked, bound, starts, steps, generator)
    found = [_made(masked, row, bound) for row in gates]
    smallest = min(range(starts), key=lambda r: (len(found[r].kept), found[r].divergence, r))
    random = masked.divergences(_drawn(where, len(found[smallest].kept), generator))
    return Mask(
        tokens=trace.tokens,
        facts={
            "read": where,
            "kept": len(found[smallest].kept),
            "divergence": found[smallest].divergence,
            "masks": len({one.kept for one in found}),
            "always": sum(all(i in one.kept for one in found) for i in range(where)),
            "random_kept": sum(one <= bound for one in random) / len(random),
        },
        model=trace.lm.info,
        provenance=trace.provenance,
        position=where,
        answer=masked.answer,
        prob=masked.prob,
        bound=bound,
        baseline=baseline,
        steps=steps,
        seed=seed,
        gates=tuple(map(tuple, gates.tolist())),
        kept=tuple(one.kept for one in found),
        divergences=tuple(one.divergence for one in found),
        probs=tuple(masked.answer_probs([one.kept for one in found])),
        smallest=smallest,
        random=tuple(random),
    )


def _check(bound: float, starts: int, steps: int, seed: int) -> None:
    if isinstance(bound, bool) or not isinstance(bound, int | float) or not 0 < bound < float("inf"):
        raise MeasureError(f"bound must be a number of nats above 0, it is {bound!r}")
    for name, value, least in (("starts", starts, 1), ("steps", steps, 1), ("seed", seed, 0)):
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise MeasureError(f"{name} must be an integer from {least}, it is {value!r}")


def _learned(masked: Masked, bound: float, starts: int, steps: int, generator: torch.Generator) -> Tensor:
    """Probability that each gate is open, (starts, read), on the CPU; each start has its own draws and its own price."""
    parameters = torch.full((starts, masked.read), _OPEN, dtype=torch.float32, requires_grad=True)
    price = torch.ones(starts)
    adam = torch.optim.Adam([parameters], lr=_RATE)
    for step in range(steps):
        doing("mask", step, steps)
        gates = sampled(parameters, _SAMPLES, generator).transpose(0, 1)  # (starts, samples, read)
        moved, slopes = _divergence(masked, gates.flatten(0, 1))
        moved = moved.reshape(starts, _SAMPLES).mean(1)
        (counted,) = torch.autograd.grad(open_probability(parameters).sum(), parameters)
        weight = (price / _SAMPLES)[:, None, None].expand(-1, _SAMPLES, -1).flatten(0, 1)
        (priced,) = torch.autograd.grad(gates.flatten(0, 1), parameters, weight * slopes)
        parameters.grad = counted + priced
        adam.step()
        price = (price + _PRICE_RATE * (moved - bound) / bound).clamp(0, _MOST_PRICE)
    return open_probability(parameters.detach()).double()


def _divergence(masked: Masked, gates: Tensor) -> tuple[Tensor, Tensor]:
    """Divergence (rows,) of gated texts and its derivatives by the gates (rows, read), on the CPU."""
    moved, slopes = [], []
    for some in gates.detach().split(max(1, TOKENS_AT_ONCE // masked.read)):
        leaf = some.clone().requires_grad_()
        with torch.enable_grad(), differentiated_once(masked.trace.lm.model):
            values = masked.divergence(leaf)
        slopes.append(torch.autograd.grad(values.sum(), leaf)[0])
        moved.append(values.detach())
    found, by = torch.cat(moved).float().cpu(), torch.cat(slopes).float().cpu()
    check_finite(by, masked.trace, "derivatives")
    return found, by


@dataclass(frozen=True)
class _Made:
    kept: tuple[int, ...]
    divergence: float


def _made(masked: Masked, gates: Tensor, bound: float) -> _Made:
    """The mask that gates amount to: one that keeps the prediction, and of which no token can be left out alone."""
    order = sorted(range(masked.read), key=lambda i: (-float(gates[i]), i))
    firsts = masked.divergences([order[:count] for count in range(masked.read + 1)])
    count = next(count for count, moved in enumerate(firsts) if moved <= bound)
    kept, moved = sorted(order[:count]), firsts[count]
    while kept:
        fewer = masked.divergences([[i for i in kept if i != left] for left in kept])
        best = min(range(len(kept)), key=fewer.__getitem__)
        if fewer[best] > bound:
            break
        moved = fewer[best]
        del kept[best]
    return _Made(tuple(kept), moved)


def _drawn(read: int, count: int, generator: torch.Generator) -> Sequence[Sequence[int]]:
    """Random sets of positions."""
    return [sorted(torch.randperm(read, generator=generator)[:count].tolist()) for _ in range(_RANDOM)]
