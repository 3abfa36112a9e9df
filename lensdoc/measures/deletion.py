"""The measure `faithfulness`: whether deleting what a saliency calls important does more than deleting anything else."""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch

from lensdoc.core.errors import MeasureError
from lensdoc.core.progress import each
from lensdoc.measures.gradients import TOKENS_AT_ONCE
from lensdoc.measures.layers import causal_only, check_finite
from lensdoc.measures.outcome import log_probs
from lensdoc.models.lens import precise
from lensdoc.models.restart import batches, last_states
from lensdoc.models.trace import Trace
from lensdoc.records.faithfulness import Faithfulness
from lensdoc.records.saliency import Saliency

MOST_STEPS = 40
"""Steps of a curve; of a longer text several tokens are deleted in one."""


def faithfulness(
    trace: Trace, saliency_record: Saliency, *, target: int | None = None, orders: int = 20, seed: int = 0
) -> Faithfulness:
    """Deletion curve of a saliency: the log-probability of one produced token while the tokens before it are deleted.

    Tokens are taken out of the text, the ones with the largest scores first (signed scores: the largest positive ones), until one
    is left; those that remain close up (DeYoung et al. 2020, comprehensiveness; Samek et al. 2017). A faithful order loses the
    prediction sooner than random orders do, beside which it stands; the curve is shown and no score is made of it, since shorter
    texts are other texts, and what a deleted token said others may say in its place.

    Facts: `whole` (nothing deleted), `single` and `single_position` (the one token whose deletion costs most), and `below_all`,
    the share of steps at which the curve lies below every random order.

    Args:
        trace: The text.
        saliency_record: Saliency of this text, by any method.
        target: Position of the explained token; None for the record's first.
        orders: How many random orders.
        seed: Of the random orders.

    Raises:
        MeasureError: The record is of another text or of exchange, does not explain the token, fewer than two tokens stand before
            it, `orders` is below 1, or the model's output is not finite.
    """
    causal_only(trace, "faithfulness", "it takes tokens before a produced one out of the text")
    row = _scores(trace, saliency_record, target, orders)
    position = len(row)
    order = sorted(range(position), key=lambda i: (-row[i], i))
    chance = random.Random(seed)  # noqa: S311 - to be repeated, not secret
    shuffled = [chance.sample(range(position), position) for _ in range(orders)]
    removed = _steps(position)
    curves = [  # (steps, orders)
        _scored(trace, position, [some[:count] for some in (order, *shuffled)]) for count in each("faithfulness", removed)
    ]
    singles = _scored(trace, position, [[i] for i in range(position)])
    curve, *others = map(tuple, zip(*curves, strict=True))
    single = min(range(position), key=singles.__getitem__)
    below = sum(all(own < other[s] for other in others) for s, own in enumerate(curve) if removed[s])
    return Faithfulness(
        tokens=trace.tokens,
        facts={
            "whole": curve[0],
            "single": singles[single],
            "single_position": single,
            "below_all": below / (len(removed) - 1),
        },
        model=trace.lm.info,
        provenance=trace.provenance,
        method=saliency_record.method,
        target=position,
        order=tuple(order),
        removed=tuple(removed),
        curve=curve,
        random=tuple(others),
        seed=seed,
        single=singles[single],
        single_position=single,
    )


def _scores(trace: Trace, record: Saliency, target: int | None, orders: int) -> Sequence[float]:
    """The scores of the chosen target, one for each token before it."""
    if not isinstance(orders, int) or orders < 1:
        raise MeasureError(f"orders must be an integer from 1, it is {orders!r}")
    if record.tokens != trace.tokens:
        raise MeasureError("the saliency is of another text than the trace; compute both from one trace")
    if record.method == "exchange":
        raise MeasureError(
            "scores of exchange say what another token changes, at few positions, and are no order in which tokens matter; "
            "take a saliency of another method"
        )
    if target is not None and target not in record.targets:
        some = f"{record.targets[0]} to {record.targets[-1]}"
        raise MeasureError(f"target must be the position of a token that the saliency explains, {some}; it is {target!r}")
    row = record.scores[0 if target is None else record.targets.index(target)]
    if len(row) < 2:  # noqa: PLR2004 - one is left
        raise MeasureError("one token stands before the target, and one must be left; choose a later target")
    return row


def _steps(position: int) -> list[int]:
    """How many tokens are deleted at each step, from 0 to all but one."""
    last = position - 1
    count = min(last, MOST_STEPS)
    return sorted({round(last * step / count) for step in range(count + 1)})


@torch.no_grad()
def _scored(trace: Trace, position: int, deleted: Sequence[Sequence[int]]) -> list[float]:
    """Log-probability of the token at a position with these before it deleted, as many in each text."""
    kept = [[i for i in range(position) if i not in set(some)] for some in deleted]
    found = []
    for rows in batches(len(kept), len(kept[0]), TOKENS_AT_ONCE):
        texts = torch.stack([trace.ids[kept[row]] for row in rows])
        normed = precise(trace.lm.unembedding.normed(last_states(trace.lm.model, texts)[:, -1]))
        found.append(log_probs(trace.lm.unembedding, normed, trace.ids[position].expand(len(rows)).to(normed.device)))
    values = torch.cat(found)
    check_finite(values, trace, "logits")
    scored: list[float] = values.double().tolist()
    return scored
