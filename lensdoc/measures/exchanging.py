"""The measure `exchange`: the straight way from one word's embedding to another's, and what a derivative says of its end."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from lensdoc.core.errors import MeasureError
from lensdoc.core.progress import each
from lensdoc.measures.gradients import TOKENS_AT_ONCE
from lensdoc.measures.layers import causal_only, check_finite
from lensdoc.measures.outcome import Outcome
from lensdoc.models.embeddings import check_embeddings, embeddings_of, last_state
from lensdoc.models.restart import batches, last_states
from lensdoc.models.trace import Trace
from lensdoc.models.vocabulary import single_token
from lensdoc.records.exchange import Exchange
from lensdoc.records.fields import Fact


def exchange(  # noqa: PLR0913 - options of one measure, by name
    trace: Trace, position: int, other: str, *, answer: str, wrong: str | None = None, steps: int = 41
) -> Exchange:
    """What a text says while one of its words becomes another, step by step.

    With `e` the embedding of the token at `position` and `e'` that of `other`, before positions are added, the embedding goes

        e(a) = e + a (e' - e)        a from 0 to 1

    and `d(a)` is the logit of `answer` less that of `wrong` (or that of `answer` alone) after the last token. The ends are
    the two texts; what lies between is no text, and shows how far a derivative can be trusted. From the start it says

        estimate = dd/de . (e' - e)             the change d(1) - d(0), to first order
        gradient_x_input = dd/de . e            what gradient x input says of the token: it knows no other word

    Facts: `change`, `estimate`, `gradient_x_input`, `steepest` (where on the way `d` changes most, from 0 to 1) and
    `steepest_share` (the share of all changes, up and down, in that step: a straight line has `1 / (steps - 1)`).

    Args:
        trace: The text.
        position: Index of the token that is exchanged, from 0; negative ones count back from the last, -1.
        other: Text of the token that takes its place.
        answer: Text of a token.
        wrong: Text of the token that it is compared with; None for none.
        steps: Points on the way, both ends among them.

    Raises:
        MeasureError: The position is not in the text or holds `other` already, `steps` is less than 2, or logits are not finite.
        ModelError: A text is not one token, or the model is no function of its embeddings.
    """
    causal_only(trace, "exchange", "it explains the token that follows a text")
    where = _place(trace, position)
    if not isinstance(steps, int) or steps < 2:  # noqa: PLR2004 - both ends
        raise MeasureError(f"steps must be an integer from 2, the ends of the way; it is {steps!r}")
    token = single_token(trace.lm, other)
    if token.id == int(trace.ids[where]):
        raise MeasureError(f"token {where} is {other!r} already; name another")
    way = _Way(trace, where, token.id, Outcome.of(trace.lm, answer, wrong))
    check_embeddings(trace.lm.model)
    points = torch.linspace(0, 1, steps, dtype=torch.double)
    curve, slope = way.curve(points), way.slope()
    ends = way.ends()
    for values in (curve, slope, ends):
        check_finite(values, trace, "logits or their derivatives")
    estimate, claim = (float(slope.double() @ vector.double()) for vector in (way.difference, way.start))
    change = float(ends[1] - ends[0])
    return Exchange(
        tokens=trace.tokens,
        facts=_steepest(points, curve) | {"change": change, "estimate": estimate, "gradient_x_input": claim},
        model=trace.lm.info,
        provenance=trace.provenance,
        position=where,
        other=token.text,
        answer=answer,
        wrong=wrong,
        steps=tuple(points.tolist()),
        curve=tuple(curve.tolist()),
        estimate=estimate,
        change=change,
        gradient_x_input=claim,
    )


@dataclass(frozen=True)
class _Way:
    trace: Trace
    position: int
    other: int
    outcome: Outcome

    @property
    def embeddings(self) -> Tensor:
        """Of the text, (T, width)."""
        return embeddings_of(self.trace.lm.model, self.trace.ids)

    @property
    def start(self) -> Tensor:
        """The embedding that the way starts from, (width,)."""
        return self.embeddings[self.position]

    @property
    def difference(self) -> Tensor:
        """From there to its end, (width,)."""
        end = embeddings_of(self.trace.lm.model, torch.tensor([self.other], device=self.trace.ids.device))[0]
        return end - self.start

    @torch.no_grad()
    def curve(self, points: Tensor) -> Tensor:
        """The outcome at points of the way, (points,)."""
        found = []
        for rows in each("exchange", list(batches(len(points), len(self.trace.tokens), TOKENS_AT_ONCE))):
            texts = self.embeddings.repeat(len(rows), 1, 1)
            texts[:, self.position] += points[list(rows), None].to(texts) * self.difference
            found.append(self.outcome.values(self.outcome.normed(last_state(self.trace.lm.model, texts))))
        return torch.cat(found).double().cpu()

    def slope(self) -> Tensor:
        """Derivative of the outcome by the embedding at the start, (width,)."""
        texts = self.embeddings[None].requires_grad_()
        with torch.enable_grad():
            value = self.outcome.values(self.outcome.normed(last_state(self.trace.lm.model, texts)))[0]
        return torch.autograd.grad(value, texts)[0][0, self.position]

    @torch.no_grad()
    def ends(self) -> Tensor:
        """The outcome of both texts, read as texts, (2,)."""
        texts = self.trace.ids.repeat(2, 1)
        texts[1, self.position] = self.other
        return self.outcome.values(self.outcome.normed(last_states(self.trace.lm.model, texts))).double().cpu()


def _place(trace: Trace, position: int) -> int:
    count = len(trace.tokens)
    if not isinstance(position, int) or isinstance(position, bool) or not -count <= position < count:
        raise MeasureError(
            f"position must be the index of a token, from 0 to {count - 1} or from -1 back to {-count}; not {position!r}"
        )
    return position % count


def _steepest(points: Tensor, curve: Tensor) -> dict[str, Fact]:
    sizes = [abs(after - before) for before, after in pairwise(curve.tolist())]
    index = max(range(len(sizes)), key=sizes.__getitem__)
    whole = sum(sizes)
    return {
        "steepest": float(points[index] + points[index + 1]) / 2,
        "steepest_share": sizes[index] / whole if whole else 0.0,
    }
