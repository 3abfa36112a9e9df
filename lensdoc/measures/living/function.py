"""A model and its measures as one function of tensors, derivatives included: what is traced into the graph of a live model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from lensdoc.models.attention import weight_makers
from lensdoc.models.blocks import blocks, state_of
from lensdoc.models.cache_rows import rows_of
from lensdoc.models.ffn import down_projections
from lensdoc.models.forward import supported
from lensdoc.models.language_model import LanguageModel

INPUTS = ("ids", "places", "wanted", "at", "token", "kept")
"""Names of the inputs of `Answer.forward`, in order; the last is `PAST`, where the model can go on from it."""
PAST = "past"
TOP = 10
"""Candidates that are kept after each layer."""


@dataclass(frozen=True)
class Part:
    """Outputs of the graph that are computed together, when they are asked for."""

    name: str
    """Name of the input, a truth value, that asks for them."""
    outputs: tuple[str, ...]


ALWAYS = ("next",)
LENS = Part("lens", ("ranks", "probs", "top_ids", "top_probs"))
SALIENCY = Part("saliency", ("scores",))
ATTENTION = Part("attention", ("weights",))
NEURONS = Part("neurons", ("activations",))
CACHE = Part("cache", ("present",))
PARTS = {"saliency": SALIENCY, "attention": ATTENTION, "activations": NEURONS, "factors": NEURONS}
"""Measures to the parts that they need beside the lens, which is always there: it tells how probable each token is."""


def parts_for(measures: Sequence[str]) -> tuple[Part, ...]:
    """The parts that a figure with these measures needs, in the order of the outputs."""
    needed = {PARTS[name] for name in measures if name in PARTS}
    return (LENS, *(part for part in (SALIENCY, ATTENTION, NEURONS) if part in needed))


class Answer(nn.Module):
    """What a live figure shows of a text, as a function of the text.

    Inputs: `ids` (1, T), the text; `places` (P,), positions whose next token is looked at after every layer, and `wanted` (P,),
    the tokens whose rank is asked for there; `at` (1,) and `token` (1,), the position and the token whose logit is explained;
    `kept` (T,), by which each embedding is multiplied: 0 strikes a token out, which is occlusion by the zero vector; `past`
    (P, S), the keys and values of P tokens before the text, or of none.

    Outputs, L layers of H heads and N neurons, V tokens of the vocabulary:

        next         (V,)          logits of the token that follows the text
        ranks        (L, P)        1 + #{v: z[v] > z[wanted]}, z the logits by logit lens: unembedding of the normed state
        probs        (L, P)        softmax(z)[wanted]
        top_ids      (L, P, K)     the most probable tokens, and
        top_probs    (L, P, K)     their probabilities
        scores       (T,)          |d logit(token) / d e[i] * e[i]|_2, e[i] the embedding at position i; not divided by their sum
        weights      (L, H, T, T)  attention, the query before the key
        activations  (L, T, N)     inputs of the down-projections
        present      (T, S)        keys and values of the text, as `past` takes them
    """

    def __init__(self, lm: LanguageModel, parts: tuple[Part, ...]) -> None:
        """Hold the model; it is put to no other use while a context of `traceable` lasts.

        Raises:
            ModelError: A part is asked for that the model has no place for: attention weights, or FFN neurons.
        """
        super().__init__()
        self.model, self.head = lm.model, lm.unembedding
        self.rows = rows_of(lm.model)
        self.parts = (*parts, CACHE) if self.rows else parts
        self.inputs = (*INPUTS, PAST) if self.rows else INPUTS
        self.layers, self.top = lm.info.layers, min(TOP, len(lm.unembedding.weight))
        self._attending = weight_makers(lm.model) if ATTENTION in parts else []
        self._down = down_projections(lm.model) if NEURONS in parts else []

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        """The inputs in their order to the outputs; those of parts that were not asked for are left out."""
        ids, places, wanted, at, token, kept, *past = given
        embeddings = self.model.get_input_embeddings()(ids).detach() * kept[:, None]
        cache = {self.rows.name: self.rows.cache(*past)} if self.rows else {}
        seen = self._seen(embeddings, cache)
        logits = self._logits(seen.states, places)
        found = [logits[0]]
        if LENS in self.parts:
            found += [values[1:].unflatten(0, (len(seen.states), -1)) for values in self._lens(logits, wanted)]
        if SALIENCY in self.parts:
            found.append(self._scores(seen.states[-1], seen.embeddings, at, token))
        if ATTENTION in self.parts:
            found.append(torch.stack([weights.detach()[0] for weights in seen.weights]))
        if NEURONS in self.parts:
            found.append(torch.stack([neurons.detach().reshape(ids.shape[1], -1) for neurons in seen.neurons]))
        if self.rows:
            found.append(self.rows.new(cache[self.rows.name]))
        return tuple(found)

    def _seen(self, embeddings: Tensor, cache: dict[str, Any]) -> _Seen:
        """What a pass shows, with the embeddings (1, T, width) that it can be differentiated by."""
        states: list[Tensor] = []
        weights: list[Tensor] = []
        neurons: list[Tensor] = []
        with torch.enable_grad(), ExitStack() as hooks:
            leaf = embeddings.requires_grad_(SALIENCY in self.parts)
            for block in blocks(self.model):
                hooks.callback(block.register_forward_hook(lambda _, __, out: states.append(state_of(out))).remove)
            for module, place in self._attending:
                hooks.callback(module.register_forward_hook(lambda _, __, out, at=place: weights.append(out[at])).remove)
            for module in self._down:
                hooks.callback(module.register_forward_pre_hook(lambda _, given: neurons.append(given[0])).remove)
            self.model(inputs_embeds=leaf.clone(), **cache, **supported(self.model, use_cache=bool(cache), logits_to_keep=1))
        return _Seen([state.reshape(1, -1, state.shape[-1]) for state in states], leaf, weights, neurons)

    def _logits(self, states: list[Tensor], places: Tensor) -> Tensor:
        """Logits (1 + L * P, V), of the token that follows and of the lens at each layer and place, in one product.

        One reads the unembedding, the largest weight, once.
        """
        rows = states[-1].detach()[0, -1:]
        if LENS in self.parts:
            chosen = torch.cat([state.detach() for state in states]).index_select(1, places)  # (L, P, width)
            rows = torch.cat([rows, chosen.flatten(0, 1)])
        return self.head.logits(self.head.normed(rows))

    def _lens(self, logits: Tensor, wanted: Tensor) -> tuple[Tensor, ...]:
        """Of all logits, since to leave some out would copy the others, which are most of the memory that a pass takes."""
        asked = torch.cat([wanted.new_zeros(1), wanted.repeat(self.layers)])[:, None]
        above = (logits > logits.gather(-1, asked)).to(torch.float32).sum(-1)  # exact to 16 million, and faster than integers
        probs = logits.softmax(-1)
        ids = logits.topk(self.top, dim=-1)[1]
        return 1 + above.to(torch.int64), probs.gather(-1, asked)[:, 0], ids, probs.gather(-1, ids)

    def _scores(self, last: Tensor, embeddings: Tensor, at: Tensor, token: Tensor) -> Tensor:
        with torch.enable_grad():
            normed = self.head.normed(last[0].index_select(0, at))
            # By index_select: `weight[token]` would ask for the value of the token while it is traced.
            row = self.head.weight.index_select(0, token)
            bias = getattr(self.head.head, "bias", None)
            value = (normed * row).sum() + (0 if bias is None else bias.index_select(0, token).sum())
            value = value * self.head.scale
            if self.head.softcap is not None:
                value = self.head.softcap * torch.tanh(value / self.head.softcap)
            (gradient,) = torch.autograd.grad(value, embeddings)
        scores: Tensor = (gradient * embeddings)[0].detach().norm(dim=-1)
        return scores


@dataclass(frozen=True, eq=False)
class _Seen:
    """What one pass shows, layer by layer."""

    states: list[Tensor]
    """(1, T, width) after each block."""
    embeddings: Tensor
    weights: list[Tensor]
    """(1, H, T, T) of each block."""
    neurons: list[Tensor]
    """T rows of each block, in a shape of the model's own."""


@contextmanager
def traceable(model: Any) -> Iterator[None]:  # noqa: ANN401 - a model of transformers, which measures do not import
    """While it lasts, weights are not differentiated, and attention is computed in plain operations with plain derivatives."""
    differentiated = [parameter for parameter in model.parameters() if parameter.requires_grad]
    before = model.config._attn_implementation  # noqa: SLF001 - transformers has no other way to ask
    for parameter in differentiated:
        parameter.requires_grad_(False)  # noqa: FBT003 - torch takes it by place
    try:
        if before != "eager":
            model.set_attn_implementation("eager")
        yield
    finally:
        if before != "eager":
            model.set_attn_implementation(before)
        for parameter in differentiated:
            parameter.requires_grad_()
