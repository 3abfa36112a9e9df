"""The graph of a live model held against PyTorch, on texts of several lengths."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lensdoc.core.errors import MeasureError
from lensdoc.core.progress import doing
from lensdoc.measures.gradients import groups
from lensdoc.measures.living.compiled import Session
from lensdoc.measures.living.function import ATTENTION, CACHE, NEURONS, SALIENCY, Part
from lensdoc.models.attention import attention_weights
from lensdoc.models.embeddings import embeddings_of
from lensdoc.models.ffn import record_activations
from lensdoc.models.forward import some_tokens, supported
from lensdoc.models.language_model import LanguageModel
from lensdoc.models.lens import precise
from lensdoc.models.tokens import read_tokens
from lensdoc.models.trace import Trace
from lensdoc.records.live import Truth

Values = NDArray[Any]
LENGTHS = (2, 3, 4, 6, 8, 11, 16, 23, 32, 45)
"""Tokens of the texts; a model that reads fewer gets texts as long as it reads."""
_ROWS = 128
"""States whose logits are made at a time: 25 MB of a vocabulary of 49,152 tokens."""
ALLOWED = 1e-2
"""The largest difference, in parts of the largest value."""


def truth(lm: LanguageModel, run: Session, parts: tuple[Part, ...], prompt: Tensor, longest: int) -> Truth:
    """How far the graph lies from PyTorch, which computes the same with the measures of lensdoc.

    Args:
        lm: The model.
        run: The graph with the weights that are shipped.
        parts: Its parts.
        prompt: Ids of the first prompt with its continuation: half of the texts are cut from it and half are of other tokens.
        longest: Tokens that the model reads at most.

    Raises:
        MeasureError: An output differs by more than a hundredth of its largest value, or another token is the most probable.
    """
    differences: dict[str, float] = {}
    ranks = other = 0
    lengths = [min(length, longest) for length in LENGTHS]
    for number, length in enumerate(lengths):
        doing("comparing", number, len(lengths))
        ids = _text(lm, prompt, length, number)
        expected, found = _expected(lm, ids, parts), _found(run, ids, parts)
        if int(expected["next"].argmax()) != int(found["next"].argmax()):
            raise MeasureError(
                f"the graph of {lm.id} continues a text of {length} tokens with another token than PyTorch: "
                f"{int(found['next'].argmax())}, not {int(expected['next'].argmax())}; this model cannot be live in a page"
            )
        for name, values in expected.items():
            if name == "ranks":
                ranks, other = ranks + values.size, other + int((values != found[name]).sum())
                continue
            far = np.abs(found[name].astype(np.float64) - values).max() / max(float(np.abs(values).max()), 1e-30)
            differences[name] = max(differences.get(name, 0.0), float(far))
    worst = max(differences, key=differences.__getitem__)
    if not differences[worst] <= ALLOWED:  # also where it is NaN
        raise MeasureError(
            f"{worst!r} of the graph of {lm.id} differs from PyTorch by {differences[worst]:.2g} of its largest value, and "
            f"{ALLOWED:g} is allowed; this model cannot be live in a page"
        )
    return Truth(lengths=tuple(lengths), differences=differences, other_ranks=other, ranks=ranks)


def _text(lm: LanguageModel, prompt: Tensor, length: int, number: int) -> Tensor:
    drawn = some_tokens(lm.model, length + number)[0, -length:]
    cut = prompt[number : number + length]
    return torch.cat([cut, drawn[len(cut) :]]) if number % 2 == 0 else drawn


def _found(run: Session, ids: Tensor, parts: tuple[Part, ...]) -> dict[str, Values]:
    last = len(ids) - 2
    tokens, kept = ids.numpy(), np.ones(len(ids), np.float32)
    text = {"ids": tokens[None], "places": np.arange(last + 1), "wanted": tokens[1:], "at": np.array([last])}
    text["token"] = tokens[-1:]
    found = run(**text, kept=kept, **{part.name: True for part in parts})
    if CACHE in parts:
        found["continued"] = _continued(run, text, kept, parts)
    kept[_struck(ids)] = 0
    found["struck"] = run(**text, kept=kept, **{part.name: False for part in parts})["next"]
    found["top_probs"] = found["top_probs"][..., 0]
    if "scores" in found:
        found["scores"] = found["scores"][: last + 1]
    return found


def _continued(run: Session, text: dict[str, Values], kept: Values, parts: tuple[Part, ...]) -> Values:
    """Logits of the token that follows, where half of the text is read before the other half."""
    half = text["ids"].shape[1] // 2
    no_lens = {"places": text["places"][:0], "wanted": text["wanted"][:0]}
    cuts = slice(half), slice(half, None)
    halves = [text | no_lens | {"ids": text["ids"][:, cut], "kept": kept[cut]} for cut in cuts]
    first, second = [{part.name: part is asked for part in parts} for asked in (CACHE, None)]
    logits: Values = run(**halves[1], **second, past=run(**halves[0], **first)["present"])["next"]
    return logits


def _struck(ids: Tensor) -> int:
    """The position whose embedding is put to zero in a second pass: another one in each text."""
    return (7 * len(ids)) % (len(ids) - 1)


@torch.no_grad()
def _expected(lm: LanguageModel, ids: Tensor, parts: tuple[Part, ...]) -> dict[str, Values]:
    trace = Trace(lm, ids, read_tokens(lm.tokenizer, ids.tolist(), n_input=len(ids) - 1), n_input=len(ids) - 1)
    without = embeddings_of(lm.model, ids)
    without[_struck(ids)] = 0
    found = {"next": _logits(lm, input_ids=ids[None]), "struck": _logits(lm, inputs_embeds=without[None]), **_lens(trace)}
    layers = range(lm.info.layers)
    if CACHE in parts:
        found["continued"] = found["next"]
    if ATTENTION in parts:
        found["weights"] = attention_weights(lm.model, ids, layers).numpy()
    if NEURONS in parts:
        found["activations"] = record_activations(lm.model, ids, layers).numpy()
    if SALIENCY in parts:
        (group,) = groups(trace, lm.unembedding, "logit", None)
        with torch.enable_grad():
            found["scores"] = (group.gradients() * group.embeddings)[0].norm(dim=-1).numpy()
    return found


def _logits(lm: LanguageModel, **text: Tensor) -> Values:
    """Logits (vocabulary,) of the token that follows."""
    logits: Values = lm.model(**text, **supported(lm.model, use_cache=False)).logits[0, -1].float().numpy()
    return logits


def _lens(trace: Trace) -> dict[str, Values]:
    """Ranks, probabilities and the largest ones by `Unembedding.logits`, which are made once for all three."""
    head, states = trace.lm.unembedding, trace.residual_stream[:, :-1]
    normed = torch.stack([head.normed(layer) for layer in states])
    pieces = zip(normed.flatten(0, 1).split(_ROWS), trace.ids[1:].repeat(len(states)).split(_ROWS), strict=True)
    found = [_ranked(head.logits(precise(rows)), wanted) for rows, wanted in pieces]
    joined = [torch.cat(values).view(normed.shape[:2]).numpy() for values in zip(*found, strict=True)]
    return dict(zip(("ranks", "probs", "top_probs"), joined, strict=True))


def _ranked(logits: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    own, total = logits.gather(1, wanted[:, None]), logits.logsumexp(1)
    return 1 + (logits > own).sum(1), (own[:, 0] - total).exp(), (logits.amax(1) - total).exp()
