"""The measure `saliency`: how much each earlier token mattered for each produced one."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import get_args

import torch
from torch import Tensor

from lensdoc.core.errors import MeasureError
from lensdoc.core.names import nearest
from lensdoc.measures.gradients import Group, Target, groups
from lensdoc.measures.layers import causal_only
from lensdoc.measures.swaps import Swaps, agreement
from lensdoc.models.embeddings import check_embeddings, embeddings_of
from lensdoc.models.trace import Trace
from lensdoc.models.vocabulary import single_token
from lensdoc.records.saliency import UNRELIABLE, Method, Saliency

ZERO = "zero"
_METHODS = [method for method in get_args(Method) if method != "unknown"]


def saliency(  # noqa: PLR0913 - options of one measure, by name
    trace: Trace,
    *,
    method: Method = "gradient_x_input",
    target: Target = "logit",
    signed: bool = False,
    contrast: str | None = None,
    steps: int = 50,
    baseline: str = ZERO,
    to: Mapping[int, str] | None = None,
) -> Saliency:
    """How much each earlier token mattered for each produced one.

    Let `e[i]` be the embedding of the token at position `i`, before positions are added, and `f` what the model says of the
    produced token after all tokens before it: its logit, probability or log-probability. The relevance vector `r[i]` is

        gradient              df/de[i]                                          (Simonyan et al. 2014)
        gradient_x_input      df/de[i] * e[i], elementwise                      (Denil et al. 2015; Shrikumar et al. 2017)
        integrated_gradients  (e[i] - b) * the mean of df/de[i] on the straight way from baseline b, at Gauss-Legendre points
                                                                                (Sundararajan et al. 2017)
        occlusion             f - f with e[i] put to the baseline, one number   (Zeiler & Fergus 2014)
        exchange              df/de[i] . (e' - e[i]), one number, for the positions that `to` names and the embedding e' of the
                              token that is put there: to first order what it changes (Ebrahimi et al. 2018)

    The score of position `i` is `|r[i]|_2` divided by its sum over positions, so that the scores of a target sum to 1; `totals`
    keeps that sum. With `signed=True` it is the sum of the elements of `r[i]`, not divided. Produced tokens are inputs of
    later targets.

    An exchange keeps its sign, and scores of positions that `to` does not name are 0. The record has beside each estimate what
    the exchange does change, `f` with that token in its place less `f` (`changes`), and as facts `sign_right`, the share of
    these pairs that have the same sign, and `median_ratio`, the median of estimate by change.

    In an encoder with a decoder the tokens before a produced one are all of the source and the target up to it, the token that
    begins the target among them.

    In a masked model `f` is what it says at the mask in the token's place, and positions are those of all other tokens, on both
    sides, other masks among them. The mask itself has no share; what it scored is kept in `own`.

    Integrated gradients add up to `f` less what it is at the baseline, but for what a sum over points misses. In models with an
    RMS norm, such as SmolLM2, that is often many times the difference itself, whatever the baseline and the number of points:
    the way crosses places where the model's answer turns over. The record keeps the gap of each target (`convergence`,
    `differences`); where it is more than a tenth, the scores mean nothing: the record says so (`unreliable`), and a warning.

    Args:
        trace: A text with at least one produced (or scored) token.
        method: One of the five.
        target: What is explained: `logit`, `prob` or `log_prob`.
        signed: Whether scores keep their sign; `gradient` has none to keep. In a model that normalises its embeddings first, such
            as BLOOM, signed scores of gradient_x_input are 0 but for rounding: only an embedding's direction counts there.
        contrast: Text of one token, such as `" are"`: explain the target's figure less this token's.
        steps: Points of integrated gradients.
        baseline: `zero`, or the text of a token whose embedding stands for absence; for integrated gradients and occlusion.
        to: Positions and the texts of the single tokens that are put there, such as `{5: " Germany"}`; for exchange.

    Raises:
        MeasureError: An option is none of these, nothing was produced, or the model's output is not finite.
        ModelError: A named text is not one token.
    """
    _check(trace, method, target, signed=signed, steps=steps)
    if to is not None and method != "exchange":
        raise MeasureError(f'`to` names what tokens are exchanged for and goes with method="exchange"; the method is {method!r}')
    if method == "exchange":
        causal_only(trace, "exchange saliency", "it explains the token that follows a text")
    swaps = Swaps.of(trace, to) if method == "exchange" else None
    signed = signed or swaps is not None
    token = None if contrast is None else single_token(trace.lm, contrast)
    check_embeddings(trace.lm.model, causal=not trace.readings)
    against = _baseline(trace, baseline)
    rows, totals, own, gaps, wholes, changes = [], [], [], [], [], []
    for group in groups(trace, trace.lm.unembedding, target, None if token is None else token.id):
        relevance, differences = _relevance(group, method, against, steps, swaps)  # (targets, seen, width or 1)
        if not relevance.isfinite().all():
            raise MeasureError(
                f"{method} of tokens {group.targets[0]} to {group.targets[-1]} is not finite; does {trace.lm.id} overflow?"
            )
        relevance = relevance.double()
        scores = relevance.sum(-1) if signed else relevance.norm(dim=-1)
        if differences is not None:
            gaps += (relevance.sum((1, 2)) - differences.double()).tolist()
            wholes += differences.tolist()
        if swaps:
            changes += swaps.changes(group)
        for row, position in zip(scores, group.targets, strict=True):
            seen = row[:position]
            if group.reading:
                own.append(float(row[position]))
                seen = row.index_fill(0, row.new_tensor([position]).long(), 0)
            totals.append(float(seen.sum()))
            rows.append((seen if signed else seen / seen.sum().clamp(min=torch.finfo(seen.dtype).tiny)).tolist())
    along = method == "integrated_gradients"
    unreliable = tuple(abs(gap) > UNRELIABLE * abs(whole) for gap, whole in zip(gaps, wholes, strict=True))
    if any(unreliable):
        _warn(unreliable)
    return Saliency(
        tokens=trace.tokens,
        facts={"targets": len(rows)}
        | ({"unreliable": sum(unreliable)} if along else {})
        | (agreement(swaps.positions, rows, changes) if swaps else {}),
        model=trace.lm.info,
        provenance=trace.provenance,
        method=method,
        target=target,
        signed=signed,
        contrast=None if token is None else token.text,
        targets=tuple(trace.targets),
        scores=tuple(map(tuple, rows)),
        totals=tuple(totals),
        steps=steps if along else None,
        baseline=baseline if along or method == "occlusion" else None,
        convergence=tuple(gaps) if along else None,
        differences=tuple(wholes) if along else None,
        unreliable=unreliable if along else None,
        to=swaps.recorded if swaps else None,
        changes=tuple(map(tuple, changes)) if swaps else None,
        own=tuple(own) if trace.readings else None,
    )


def _warn(unreliable: Sequence[bool]) -> None:
    warnings.warn(
        f"integrated gradients of {sum(unreliable)} of {len(unreliable)} tokens miss more than a tenth of the difference that "
        "they should add up to, so their scores mean nothing; take gradient_x_input or occlusion (more steps help only where the "
        "gap shrinks with them)",
        stacklevel=3,
    )


def _relevance(group: Group, method: Method, baseline: Tensor, steps: int, swaps: Swaps | None) -> tuple[Tensor, Tensor | None]:
    """Relevance (targets, seen, width or 1), and for integrated gradients what it should sum to."""
    if swaps:
        return swaps.relevance(group), None
    if method == "occlusion":
        return group.occlusions(baseline)[..., None], None
    if method == "integrated_gradients":
        mean, differences = group.path_gradients(baseline, steps)
        return mean * (group.embeddings - baseline), differences
    gradients = group.gradients()
    return (gradients if method == "gradient" else gradients * group.embeddings), None


def _baseline(trace: Trace, name: str) -> Tensor:
    embed = trace.lm.model.get_input_embeddings()
    weight = embed.get_parameter("weight").detach()
    if name == ZERO:
        return torch.zeros_like(weight[0])
    token = single_token(trace.lm, name)
    if trace.lm.paired:
        both = embeddings_of(trace.lm.model, torch.tensor([token.id, token.id], device=weight.device), 1)
        if not torch.equal(*both):
            raise MeasureError(f"source and target of {trace.lm.id} have different embeddings; take baseline={ZERO!r}")
        return both[0]
    chosen: Tensor = embed(torch.tensor([token.id], device=weight.device))[0]
    return chosen.detach()


def _check(trace: Trace, method: str, target: str, *, signed: bool, steps: int) -> None:
    for option, value, valid in (("method", method, _METHODS), ("target", target, get_args(Target))):
        if value not in valid:
            raise MeasureError(f"{option} must be one of {', '.join(valid)}, it is {value!r}; {nearest(str(value), valid)}")
    if signed and method == "gradient":
        raise MeasureError("a gradient alone has no signed score; signed=True goes with the other methods")
    if not isinstance(steps, int) or steps < 1:
        raise MeasureError(f"steps must be an integer from 1, it is {steps!r}")
    if not len(trace.targets):
        raise MeasureError("saliency explains produced tokens, and this trace has none; generate some, or score a text")
