"""The measure `logit_attribution`: what each part of a model adds to a logit, or to the difference of two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from lensdoc.core.errors import MeasureError, ModelError
from lensdoc.measures.layers import causal_only, check_finite, place
from lensdoc.models.additions import Addition, additions
from lensdoc.models.forward import supported
from lensdoc.models.frozen_norm import frozen_norm
from lensdoc.models.lens import most_probable
from lensdoc.models.residual import Unembedding, is_norm
from lensdoc.models.tokens import read_tokens
from lensdoc.models.trace import Trace
from lensdoc.models.vocabulary import single_token
from lensdoc.records.fields import Fact
from lensdoc.records.logit_attribution import LogitAttribution, LogitPart
from lensdoc.records.tokens import Token
from lensdoc.records.watch import Watched

Parts = Literal["layers", "heads"]
_CLOSE = 1e-4
"""Share of the largest size by which the parts may miss the model's own logit."""


def logit_attribution(
    trace: Trace, *, position: int = -1, answer: str | None = None, wrong: str | None = None, parts: Parts = "layers"
) -> LogitAttribution:
    """Direct logit attribution (Elhage et al. 2021): what each part of the model adds to a logit by itself.

    The state before the final norm is a sum: the embedding, and what attention and FFN of each block add. With the norm's scale
    `s` frozen at this state, `g` its weight and `W` the unembedding, a part adds

        value = s * (g * part) . (W[answer] - W[wrong])          without `wrong`: - mean_v W[v]

    to the difference of the two logits, or to the answer's logit from which the mean over the vocabulary is taken off: a part
    that raises all logits alike changes no probability. In a LayerNorm the mean of each part is taken off before. A factor on
    logits is one on parts; a soft cap is frozen too, as the factor that it is at this logit. Biases of output projections (by
    heads), of the norm and of the head are a part of their own. Where the parts miss the model's own logit by more than a
    ten-thousandth of it, or of the largest part, that is an error.

    `parts="heads"` takes attention apart by its heads: the output projection's columns for each head. A norm behind the
    projection (Gemma 2) is frozen like the final one.

    It is no experiment: a part that other parts answer to counts for what it writes into the last state and no more.

    Facts: `logit` (the model's own, of the answer, or of the difference), `total`, `embedding`, `attention`, `ffn` (sums),
    `largest` (name of the largest part by size), `largest_value`.

    Args:
        trace: The text.
        position: Where the answer would stand: from 1 on; -1 is the place after the last token.
        answer: The text of one token, such as `" Paris"`; None for the most probable one.
        wrong: The text of one token whose logit is taken off; None for the vocabulary's mean.
        parts: `layers` or `heads`.

    Raises:
        MeasureError: Nothing is predicted at the position, `parts` is none of the two, both tokens are the same, or the
            states are not finite.
        ModelError: A text is not one token, or the model's last state or its logits are no sum of such parts.
    """
    causal_only(trace, "logit_attribution", "most of their heads are no linear map, so logits do not fall apart")
    if parts not in ("layers", "heads"):
        raise MeasureError(f"parts must be 'layers' or 'heads', it is {parts!r}")
    where, lm = place(trace, position), trace.lm
    ids = trace.ids[:where]
    embedding, added = additions(lm.model, ids, where - 1, by_head=parts == "heads")
    check_finite(torch.stack([embedding, *(one.ffn for one in added)]), trace, "states")
    right = _answer(trace, where, answer)
    other = None if wrong is None else single_token(lm, wrong)
    if other is not None and other.id == right.id:
        raise MeasureError(f"answer and wrong must be two tokens, both are {right.text!r}")
    named = list(_named(embedding, added))
    sums = torch.stack([part for _, part in named])  # (parts, width)
    values, bias, mean = _values(lm.unembedding, sums, right.id, None if other is None else other.id)
    names = [name for name, _ in named]
    if bias:
        names, values = [*names, LogitPart(kind="bias")], [*values, bias]
    names, values = _one_bias(names, values)
    total = sum(values)
    own = _own(trace, ids, right.id, None if other is None else other.id)
    if abs(total + mean - own) > _CLOSE * max(*map(abs, values), abs(own)):
        raise ModelError(
            f"the parts of {lm.id} sum to {total + mean:.6g} and its own logit is {own:.6g}; its numbers are too coarse for such "
            "sums, so take dtype='float32', or another model"
        )
    return LogitAttribution(
        tokens=trace.tokens,
        facts={"logit": own, "total": total, **_facts(names, values)},
        model=lm.info,
        provenance=trace.provenance,
        position=where,
        answer=Watched(id=right.id, text=right.text),
        wrong=None if other is None else Watched(id=other.id, text=other.text),
        parts=tuple(names),
        values=tuple(values),
        total=total,
        mean=mean,
    )


def _answer(trace: Trace, position: int, text: str | None) -> Token:
    if text is not None:
        return single_token(trace.lm, text)
    state = trace.lm.unembedding.normed(trace.residual_stream[-1, [position - 1]])
    found, _ = most_probable(trace.lm.unembedding, state, 1)
    return read_tokens(trace.lm.tokenizer, found[0].tolist(), n_input=0)[0]


def _named(embedding: Tensor, added: Sequence[Addition]) -> Iterator[tuple[LogitPart, Tensor]]:
    """The parts in the order in which the model adds them; with heads also what is left of attention, its bias."""
    yield LogitPart(kind="embedding"), embedding
    for layer, one in enumerate(added):
        if one.heads is not None and one.attention is not None:
            for head, part in enumerate(one.heads):
                yield LogitPart(kind="head", layer=layer, head=head), part
            yield LogitPart(kind="bias"), one.attention - one.heads.sum(0)
        elif one.attention is not None:
            yield LogitPart(kind="attention", layer=layer), one.attention
        yield LogitPart(kind="ffn", layer=layer), one.ffn


def _one_bias(names: Sequence[LogitPart], values: Sequence[float]) -> tuple[list[LogitPart], list[float]]:
    """All biases as one part at the end; none where there is nothing but rounding."""
    bias = sum(value for name, value in zip(names, values, strict=True) if name.kind == "bias")
    kept = [(name, value) for name, value in zip(names, values, strict=True) if name.kind != "bias"]
    if abs(bias) > _CLOSE * max(abs(value) for _, value in kept):
        kept.append((LogitPart(kind="bias"), bias))
    else:  # rounding goes where it came from
        kept[0] = (kept[0][0], kept[0][1] + bias)
    return [name for name, _ in kept], [value for _, value in kept]


@torch.no_grad()
def _values(unembedding: Unembedding, parts: Tensor, right: int, wrong: int | None) -> tuple[list[float], float, float]:
    """What each part (parts, width) adds, what biases add, and the vocabulary's mean that was taken off."""
    state = parts.sum(0)
    constant = torch.zeros_like(state)
    for module in unembedding.final:
        parts, constant, state = _through(module, parts, constant, state)
    weight = unembedding.weight.double().to(state.device)
    bias = getattr(unembedding.head, "bias", None)
    offsets = weight.new_zeros(len(weight)) if bias is None else bias.double().to(state.device)
    scaled = unembedding.scale * (weight @ state + offsets)  # (vocabulary,)
    if wrong is None:
        cap = _cap(unembedding, float(scaled[right]))
        way, offset = cap * (weight[right] - weight.mean(0)), cap * float(offsets[right] - offsets.mean())
        mean = cap * float(scaled.mean())
    else:
        caps = [_cap(unembedding, float(scaled[token])) for token in (right, wrong)]
        way, mean = caps[0] * weight[right] - caps[1] * weight[wrong], 0.0
        offset = caps[0] * float(offsets[right]) - caps[1] * float(offsets[wrong])
    values = unembedding.scale * (parts @ way)
    return values.tolist(), unembedding.scale * (float(constant @ way) + offset), mean


def _through(module: nn.Module, parts: Tensor, constant: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Parts, the constant beside them, and the whole state, behind a module that stands before the head."""
    if is_norm(module):
        frozen = frozen_norm(module, state.to(next(iter(module.parameters()), state).dtype))
        return frozen.linear(parts), frozen.linear(constant) + frozen.bias, frozen.linear(state) + frozen.bias
    if isinstance(module, nn.Linear):
        weight, bias = module.weight.double(), 0 if module.bias is None else module.bias.double()
        return parts @ weight.T, constant @ weight.T + bias, state @ weight.T + bias
    if isinstance(module, nn.Dropout | nn.Identity):
        return parts, constant, state
    raise ModelError(
        f"{type(module).__name__} stands before the head and is no norm or linear map, so logits are no sum of parts"
    )


def _cap(unembedding: Unembedding, logit: float) -> float:
    """The factor that a soft cap is at a logit; 1 where there is none."""
    if unembedding.softcap is None or not logit:
        return 1.0
    return float(unembedding.softcap * torch.tanh(torch.tensor(logit / unembedding.softcap).double())) / logit


@torch.no_grad()
def _own(trace: Trace, ids: Tensor, right: int, wrong: int | None) -> float:
    """The model's own logit, or difference of two."""
    logits = trace.lm.model(ids[None], **supported(trace.lm.model, use_cache=False)).logits[0, -1].double()
    return float(logits[right]) - (0.0 if wrong is None else float(logits[wrong]))


def _facts(names: Sequence[LogitPart], values: Sequence[float]) -> dict[str, Fact]:
    sums = {"embedding": 0.0, "attention": 0.0, "ffn": 0.0}
    for name, value in zip(names, values, strict=True):
        if name.kind != "bias":
            sums["attention" if name.kind == "head" else name.kind] += value
    largest = max(range(len(values)), key=lambda k: abs(values[k]))
    return {**sums, "largest": names[largest].name, "largest_value": values[largest]}
