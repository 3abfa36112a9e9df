"""Fitting a lens: the Jacobian lens and the tuned lens, on passages of a sample of text."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import get_args

import torch
from torch import Tensor, nn

from lensdoc.core.errors import ModelError
from lensdoc.core.names import nearest
from lensdoc.core.progress import doing
from lensdoc.models.fitted_lens import FittedLens, content_hash, float32
from lensdoc.models.language_model import LanguageModel
from lensdoc.models.lens import precise
from lensdoc.models.lens_jacobian import mean_jacobians
from lensdoc.models.residual import residual_stream
from lensdoc.records.lens import LensInfo, LensMethod

_HELD_OUT = 5
"""Every fifth passage is held out."""
_RATE, _BATCH = 1e-3, 128
"""Of Adam, and states of a step."""


def fit_lens(  # noqa: PLR0913 - options of one fit, by name
    lm: LanguageModel,
    texts: Sequence[str],
    *,
    method: LensMethod = "jacobian",
    length: int = 128,
    skip: int = 16,
    steps: int = 400,
    seed: int = 0,
) -> FittedLens:
    """A lens for one model, fitted on a sample of text.

    A lens reads the state `h` after layer `l` as if it were the last: `z = W norm(M[l] h + b[l])`. By logit lens `M` is the
    identity and `b` is 0. Fitted are

        jacobian    M[l] = E dh_last/dh[l], the mean Jacobian of the states after the last layer: for each place, summed over the
                    places from it on, and the mean over places and passages; b = 0 (Gurnee et al. 2026)
        tuned       M and b so that KL(p || softmax z) is least, with p what the model says at the end (Belrose et al. 2023);
                    by Adam, from the identity on

    Every fifth passage is held out, and the divergence of the lens from what the model says at the end is measured there, beside
    that of the logit lens.

    Args:
        lm: The model.
        texts: The sample. Each text is cut into passages of `length` tokens; what is left of it, if it is long enough, is one.
        method: `jacobian` or `tuned`.
        length: Tokens of a passage.
        skip: How many first tokens of each passage are left out: their states are often of another kind.
        steps: Of Adam, for a tuned lens.
        seed: Of the order of states, for a tuned lens.

    Raises:
        ModelError: An option is out of range, the sample has fewer than five passages, or what was fitted is not finite.
    """
    _check(method, length, skip, steps)
    if lm.paired:
        raise ModelError(f"{lm.id} is an encoder with a decoder; a lens is fitted on models with one stack, so take one")
    passages = _passages(lm, texts, length, skip)
    held = passages[_HELD_OUT - 1 :: _HELD_OUT]
    kept = [passage for index, passage in enumerate(passages) if index % _HELD_OUT != _HELD_OUT - 1]
    if method == "jacobian":
        matrices, offsets = mean_jacobians(lm, kept, skip)
    else:
        matrices, offsets = _tuned(lm, kept, skip, steps, seed)
    if not (matrices.isfinite().all() and offsets.isfinite().all()):
        raise ModelError(f"the lens of {lm.id} is not finite on this sample; does the model overflow {lm.model.dtype}?")
    identity = torch.eye(lm.info.width).expand_as(matrices)
    own, plain = (_divergences(lm, held, skip, *parts) for parts in ((matrices, offsets), (identity, torch.zeros_like(offsets))))
    info = LensInfo(
        method=method,
        hash=content_hash(matrices, offsets),
        sample="sha256:" + hashlib.sha256("\0".join(texts).encode()).hexdigest(),
        tokens=sum(map(len, kept)),
        skip=skip,
        divergences=tuple(own),
        logit_divergences=tuple(plain),
    )
    return FittedLens(info, lm.info.id, lm.info.revision, matrices, offsets)


def _check(method: str, length: int, skip: int, steps: int) -> None:
    if method not in get_args(LensMethod):
        raise ModelError(f"method must be jacobian or tuned, it is {method!r}; {nearest(str(method), get_args(LensMethod))}")
    for name, value, least in (("skip", skip, 0), ("steps", steps, 1), ("length", length, 2)):
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise ModelError(f"{name} must be an integer from {least}, it is {value!r}")
    if length < skip + 2:
        raise ModelError(f"length must be at least skip + 2, which is {skip + 2}, so that something is left; it is {length}")


def _passages(lm: LanguageModel, texts: Sequence[str], length: int, skip: int) -> list[Tensor]:
    """Ids of passages, (tokens,) each."""
    found = []
    for text in texts:
        read = lm.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]  # which warns of texts that are cut below
        ids = torch.tensor(read, dtype=torch.long, device=lm.model.device)
        found += [part for part in ids.split(length) if len(part) >= skip + 2]
    if len(found) < _HELD_OUT:
        raise ModelError(
            f"the sample has {len(found)} passages of {skip + 2} to {length} tokens, and a fit needs {_HELD_OUT}, of which one "
            "is held out; give a longer text"
        )
    return found


def _states(lm: LanguageModel, passage: Tensor, skip: int) -> Tensor:
    """After every layer, without the first places, (layers, places, width)."""
    return residual_stream(lm.model, passage)[:, skip:]


def _log_probs(lm: LanguageModel, states: Tensor) -> Tensor:
    return lm.unembedding.logits(precise(lm.unembedding.normed(states))).log_softmax(-1)


@torch.no_grad()
def _divergences(lm: LanguageModel, passages: Sequence[Tensor], skip: int, matrices: Tensor, offsets: Tensor) -> list[float]:
    """Mean `KL(p || lens)` of each layer, in nats."""
    total, count = torch.zeros(lm.info.layers, dtype=torch.double), 0
    for passage in passages:
        states = _states(lm, passage, skip)
        final = _log_probs(lm, states[-1])
        for layer in range(lm.info.layers - 1):
            moved = states[layer] @ matrices[layer].to(states).T + offsets[layer].to(states)
            total[layer] += _divergence(final, _log_probs(lm, moved)).double().sum().cpu()
        count += states.shape[1]
    return [max(0.0, value) for value in (total / count).tolist()]


def _divergence(final: Tensor, log_probs: Tensor) -> Tensor:
    return (final.exp() * (final - log_probs)).sum(-1)


def _tuned(lm: LanguageModel, passages: Sequence[Tensor], skip: int, steps: int, seed: int) -> tuple[Tensor, Tensor]:
    """Matrices and offsets by Adam; each layer by itself, all from the same draws of states."""
    states = torch.cat([_states(lm, passage, skip) for passage in passages], 1)  # (layers, states, width)
    layers, count, width = states.shape
    changes = [nn.Parameter(torch.zeros(width, width, device=states.device)) for _ in range(layers - 1)]
    offsets = [nn.Parameter(torch.zeros(width, device=states.device)) for _ in range(layers - 1)]
    adam = torch.optim.Adam([*changes, *offsets], lr=_RATE)
    generator = torch.Generator().manual_seed(seed)
    for step in range(steps):
        doing("lens", step, steps)
        drawn = torch.randint(count, (min(_BATCH, count),), generator=generator).to(states.device)
        with torch.no_grad():
            final = _log_probs(lm, states[-1, drawn])
        for own, change, offset in zip(states[:-1, drawn].float(), changes, offsets, strict=True):
            with torch.enable_grad():
                moved = own + own @ change.T + offset
                loss = _divergence(final, _log_probs(lm, moved.to(states.dtype))).mean()
            change.grad, offset.grad = torch.autograd.grad(loss, [change, offset])
        adam.step()
    return float32(torch.stack(list(changes))) + torch.eye(width), float32(torch.stack(list(offsets)))
